"""A leaf in words: what happened, who asked whom, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from yiwang.blocks.cascade.public import entry_title
from yiwang.blocks.catalogue.public import resources_by_code
from yiwang.portal import formats
from yiwang.portal.agencies import agency_facts, name_beyond
from yiwang.portal.refusals import refusal_words
from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.evidence import Leaf
from yiwang.vocabulary.laws import law_reference

KINDS: dict[str, str | Promise] = {
    "query": _("Records were looked up"),
    "verify": _("Values were checked"),
    "refusal": _("A call was refused"),
    "event": _("Something was decided or changed"),
    "recovery": _("The log went on from a backup"),
}
EVENTS: dict[str, str | Promise] = {
    "request-submitted": _("A request was handed in"),
    "request-accepted": _("A request passed the formal review"),
    "request-returned": _("A request was returned for correction"),
    "request-rejected": _("A request did not pass the formal review"),
    "request-granted": _("A request was granted"),
    "request-refused": _("A request was refused"),
    "request-withdrawn": _("A request was withdrawn"),
    "request-extended": _("The answer to a request was extended"),
    "request-escalated": _("A request was escalated"),
    "grant-issued": _("A grant was issued"),
    "grant-revoked": _("A grant was revoked"),
    "grant-suspended": _("A grant was suspended"),
    "grant-resumed": _("A grant was resumed"),
    "grant-expired": _("A grant ran out"),
    "resource-published": _("An entry was published"),
    "resource-withdrawn": _("An entry was withdrawn"),
    "mount-made": _("An entry was connected to a table"),
    "mount-changed": _("An entry was mapped anew"),
    "mount-ended": _("An entry was disconnected"),
    "mount-drifted": _("The table of an entry changed"),
    "mount-fits-again": _("The table of an entry fits again"),
    "source-added": _("A source was added"),
    "source-changed": _("A source was changed"),
    "source-suspended": _("A source was suspended"),
    "source-resumed": _("A source was resumed"),
    "source-removed": _("A source was removed"),
    "files-opened": _("A resource was offered by file"),
    "files-closed": _("A resource is no longer offered by file"),
    "file-announced": _("A file was announced"),
    "file-arrived": _("A file arrived whole"),
    "file-ready": _("A file passed its check"),
    "file-refused": _("A file did not pass its check"),
    "file-opened": _("A receiver began to fetch a file"),
    "files-listed": _("A receiver at another node asked which files there are"),
    "file-sent": _("A file, or a part of it, was sent"),
    "file-received": _("A receiver confirmed a file"),
    "file-withdrawn": _("A file was taken back"),
    "file-ended": _("A file's days were over"),
    "session-opened": _("A session was opened"),
    "session-ended": _("A session was ended"),
    "session-stopped": _("A person ended a session"),
    "edge-opened": _("An old client was let in"),
    "edge-changed": _("An old client was changed"),
    "edge-ended": _("An old client was shut out"),
    "subscription-made": _("Changes of a resource are followed"),
    "subscription-paused": _("A subscription was paused"),
    "subscription-resumed": _("A subscription was resumed"),
    "subscription-replayed": _("Events are given out again"),
    "subscription-hooked": _("Events are sent to an address"),
    "subscription-unhooked": _("Events are sent no more"),
    "subscription-ended": _("A subscription ended"),
    "events-given": _("Changes were given out"),
    "events-acknowledged": _("Changes were acknowledged"),
    "events-sent": _("Changes were sent to a receiver"),
    "events-taken": _("A receiver took changes"),
    "table-delivered": _("A table was delivered"),
    "table-opened": _("A receiver at another node began to read a table"),
    "table-measured": _("A receiver at another node asked where parts of a table end"),
    "table-read": _("A page of a table was sent to another node"),
    "table-not-delivered": _("A table was not delivered"),
    "table-arrived": _("A table of another node arrived"),
    "table-job-made": _("A table job was made"),
    "table-job-changed": _("A table job was changed"),
    "table-job-paused": _("A table job was paused"),
    "table-job-resumed": _("A table job was resumed"),
    "table-job-schema-accepted": _("A narrowed structure was accepted"),
    "table-job-ended": _("A table job was ended"),
    "table-job-released": _("The slot of a table job was dropped at its source"),
    "table-target-added": _("A target database was added"),
    "table-target-removed": _("A target database was removed"),
    "rule-changed": _("A rule of alerts was changed"),
    "sealing-key-begun": _("A key that encrypts was replaced"),
    "sealing-key-retired": _("An old key was destroyed"),
}


@dataclass(frozen=True)
class LeafWords:
    """What the page of a leaf says."""

    title: str
    sentence: str
    resource: str
    purpose: str
    case: str
    why: str


def leaf_words(leaf: Leaf, *, titles: bool = True) -> LeafWords:
    """The words of a leaf, in the language of the page; without `titles` resources are named by their codes."""
    ground, _semicolon, case = (leaf.purpose or "").partition(";case=")
    title = str(EVENTS.get(leaf.event or "", KINDS[leaf.kind]))
    resource = resource_name(leaf.resource) if titles else (leaf.resource or "")
    sentence = _sentence(leaf, resource)
    return LeafWords(title, sentence, resource, purpose_words(ground), case, refusal_words(leaf.code))


def resource_name(code: str | None) -> str:
    """The title of a resource by its code, the code itself where the catalogue has forgotten it."""
    if code is None:
        return ""
    own, _at, owner = code.partition("@")
    if owner:
        titles = entry_title(owner, own)
        return formats.pick(*titles) if titles else code
    entry = resources_by_code({code}).get(code)
    return formats.pick(entry.title, entry.title_en) if entry else code


def agency(uscc: str | None) -> str:
    """An agency's short name."""
    facts = agency_facts(uscc or "")
    return facts.short(formats.language()) if facts else name_beyond(uscc or "") or (uscc or "")


def _sentence(leaf: Leaf, resource: str) -> str:
    facts = {"consumer": agency(leaf.consumer), "provider": agency(leaf.provider), "resource": resource}
    match leaf.kind:
        case "query":
            words = ngettext(
                "%(consumer)s read %(rows)s row of %(resource)s, which %(provider)s provides.",
                "%(consumer)s read %(rows)s rows of %(resource)s, which %(provider)s provides.",
                leaf.rows or 0,
            )
            return words % {**facts, "rows": formats.number(leaf.rows or 0)}
        case "verify":
            return (
                gettext("%(consumer)s checked values of %(resource)s of %(provider)s: yes or no only.")
                % facts
            )
        case "refusal":
            words = gettext("%(consumer)s called %(resource)s and was refused: %(why)s.")
            return words % {**facts, "why": refusal_words(leaf.code)}
        case "event":
            about = (resource, leaf.grant or "", facts["consumer"], facts["provider"])
            return " · ".join(text for text in about if text)
        case _:
            return gettext("A signed statement says what was restored and what was lost.")


def purpose_words(ground: str) -> str:
    """A purpose as a grant names it: a law by its name, a service item by its code."""
    if ground.startswith("law:"):
        try:
            return law_reference(ground).text(formats.language())
        except YwError:
            return ground
    return ground
