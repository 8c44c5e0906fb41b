"""Words of the exchange: modes, operators, steps, to-dos, news. Codes come from the blocks, words from here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yiwang.blocks.exchange.public import NoticeView, RowCondition, StepView, TodoView
from yiwang.portal import formats
from yiwang.portal.agencies import agency_said
from yiwang.portal.titles import english_title

MODES: dict[str, str | Promise] = {
    "query": _("Look up records"),
    "verify": _("Check yes or no"),
    "table": _("Whole table"),
    "file": _("Fetch files"),
}
THEMES: dict[str, str | Promise] = {
    "1": _("Basic resources"),
    "2": _("Subject resources"),
    "3": _("Departmental resources"),
}
"""编制指南: the class that a resource code begins with."""
OPERATORS: dict[str, str | Promise] = {
    "eq": _("equals"),
    "in": _("is one of"),
    "prefix": _("begins with"),
    "gte": _("is at least"),
    "lte": _("is at most"),
}
WHY_NOT: dict[str, str | Promise] = {
    "not-mounted": _("The provider has not connected it yet"),
    "not-shared": _("It is not shared; the terms name the law"),
    "own-resource": _("Your own agency provides it"),
    "role": _("A data officer of your agency asks for it"),
}
WAITING: dict[str, str | Promise] = {
    "review": _("Review whether the request is complete"),
    "decide": _("Answer the request"),
    "correct": _("Correct and send again"),
    "draft": _("Draft, not sent yet"),
    "expiring": _("The grant runs out soon"),
    "drift": _("The source table has changed"),
}


@dataclass(frozen=True)
class StepWords:
    """How a step of a request or a grant is drawn."""

    label: str
    tone: str


STEPS: dict[str, tuple[str | Promise, str]] = {
    "created": (_("Draft begun"), "past"),
    "edited": (_("Changed"), "past"),
    "submitted": (_("Handed in"), "past"),
    "accepted": (_("Formal review passed"), "past"),
    "returned": (_("Returned for correction"), "wait"),
    "rejected": (_("Formal review not passed"), "bad"),
    "granted": (_("Granted"), "good"),
    "refused": (_("Refused"), "bad"),
    "withdrawn": (_("Withdrawn"), "past"),
    "extended": (_("Deadline extended"), "wait"),
    "escalated": (_("No answer in time, escalated"), "bad"),
    "issued": (_("Grant issued"), "good"),
    "suspended": (_("Suspended"), "wait"),
    "resumed": (_("Resumed"), "good"),
    "revoked": (_("Revoked"), "bad"),
    "expired": (_("Expired"), "past"),
}

NEWS: dict[str, str | Promise] = {
    "request-submitted": _("%(consumer)s asks for %(resource)s"),
    "request-accepted": _("Your request for %(resource)s passed the formal review"),
    "request-returned": _("Your request for %(resource)s was returned: %(text)s"),
    "request-rejected": _("Your request for %(resource)s did not pass the formal review"),
    "request-granted": _("%(resource)s was granted to you"),
    "request-refused": _("%(resource)s was refused: %(text)s"),
    "request-withdrawn": _("%(consumer)s withdrew the request for %(resource)s"),
    "request-extended": _("The answer on %(resource)s was put off"),
    "request-overdue": _("No answer in time on %(resource)s, asked by %(consumer)s; it was escalated"),
    "request-due-soon": _("The answer on %(resource)s, asked by %(consumer)s, is due soon"),
    "request-to-decide": _("%(consumer)s asks for %(resource)s; your answer is due"),
    "grant-issued": _("A grant of %(resource)s to %(consumer)s is in force"),
    "grant-revoked": _("The grant %(grant)s was revoked: %(text)s"),
    "grant-suspended": _("The grant %(grant)s was suspended: %(text)s"),
    "grant-resumed": _("The grant %(grant)s runs again"),
    "grant-expiring": _("The grant %(grant)s runs out soon"),
    "grant-expired": _("The grant %(grant)s has run out"),
    "mount-drifted": _("The table behind %(resource)s has changed"),
    "entry-drifted": _("The table behind the entry %(resource)s changed in %(count)s places: %(text)s"),
    "mount-fits-again": _("The table behind %(resource)s fits again"),
    "mount-ended": _("%(resource)s is no longer connected"),
    "deputy-named": _("%(person)s named you as deputy: %(since)s to %(until)s"),
    "deputy-to-approve": _("%(person)s named %(deputy)s as deputy; your approval is needed"),
    "deputy-approved": _("%(deputy)s may stand in for %(person)s: approved"),
    "deputy-refused": _("%(deputy)s does not stand in for %(person)s: %(text)s"),
    "deputy-ended": _("%(deputy)s no longer stands in for %(person)s"),
    "table-quarantine": _("%(count)s rows of the job %(name)s wait in quarantine"),
    "table-failed": _("The job %(name)s has stopped: %(text)s"),
    "table-schema-narrowed": _(
        "The table behind %(resource)s has narrowed (%(text)s); the job %(name)s is paused"
    ),
    "need-routed": _("%(consumer)s needs “%(title)s”: do you hold it?"),
    "need-joined": _("%(who)s needs “%(title)s” too"),
    "need-answered": _("%(who)s answered on “%(title)s”: %(text)s"),
    "need-promised": _("“%(title)s” will be catalogued for you"),
    "need-assigned": _("The data bureau asks you to catalogue “%(title)s”"),
    "need-met": _("“%(title)s” is in the catalogue: ask for it"),
    "need-closed": _("The need “%(title)s” is closed"),
    "need-declined": _("“%(title)s” cannot be had: %(text)s"),
    "need-withdrawn": _("%(consumer)s withdrew the need “%(title)s”"),
    "need-arbitration": _("The need “%(title)s” of %(consumer)s waits for your ruling"),
    "need-overdue": _("No answer in time on the need “%(title)s”; it went to the data bureau"),
    "quality-dispatched": _("Rows of %(resource)s break a rule (%(rule)s): please mend them"),
    "quality-to-dispatch": _("Rows of %(resource)s break a rule (%(rule)s): name who mends them"),
    "quality-relapsed": _("%(resource)s breaks a rule again that was mended (%(rule)s)"),
    "quality-still-failing": _("%(resource)s still breaks the rule %(rule)s: broken / tested %(text)s"),
    "quality-closed": _("No row of %(resource)s breaks the rule %(rule)s any more; the ticket is closed"),
    "quality-exemption-asked": _("%(who)s asks to leave %(resource)s as it is for a while: %(text)s"),
    "quality-exempted": _("%(resource)s may stay as it is for a while (%(rule)s)"),
    "quality-exemption-declined": _("%(resource)s is not exempted (%(rule)s): %(text)s"),
    "quality-overdue": _("%(resource)s was not mended in time by %(who)s (%(rule)s)"),
    "cascade-granted": _("%(resource)s of the node %(node)s was granted to you"),
    "cascade-refused": _("%(resource)s of the node %(node)s was refused: %(text)s"),
    "cascade-rejected": _("Your request for %(resource)s of the node %(node)s did not pass: %(text)s"),
    "cascade-returned": _("Your request for %(resource)s of the node %(node)s was returned: %(text)s"),
    "cascade-grant-changed": _("The grant of %(resource)s changed at the node %(node)s: %(text)s"),
    "cascade-alarm": _("Evidence of the node %(node)s, log %(log)s, does not hold together"),
    "dispute-raised": _("%(consumer)s says that a row of %(resource)s is wrong: %(text)s"),
    "dispute-accepted": _("A row of %(resource)s that you disputed was corrected: %(text)s"),
    "dispute-upheld": _("A row of %(resource)s that you disputed is right: %(text)s"),
    "dispute-rejected": _("Your dispute on %(resource)s was not taken up: %(text)s"),
    "dispute-escalated": _("No answer in time on a disputed row of %(resource)s"),
    "need-from-below": _("%(consumer)s of the node %(node)s needs “%(title)s”"),
    "need-met-above": _("The node %(node)s has what “%(title)s” needs: %(text)s"),
    "need-declined-above": _("The node %(node)s does not have “%(title)s”: %(text)s"),
    "data-given-back": _("The node %(node)s gives the rows of our division of %(resource)s back to us"),
    "row-corrected": _("A row of %(resource)s that you received was corrected (%(field)s)"),
    "resource-changing": _("%(resource)s will give less from %(day)s: %(text)s"),
    "resource-narrowed": _("%(resource)s gives less than before: %(text)s"),
    "resource-withdrawn": _("%(resource)s was withdrawn: %(text)s"),
    "file-ready": _("A file of %(resource)s is ready for you: %(file)s"),
    "subscription-made": _("%(consumer)s follows the changes of %(resource)s"),
    "subscription-paused": _(
        "The subscription to %(resource)s is paused: nothing was acknowledged for %(days)s days"
    ),
    "subscription-ended": _("The subscription to %(resource)s has ended with its grant"),
    "subscription-receiver-dead": _("Your receiver of changes of %(resource)s does not answer; events wait"),
    "subscription-unwanted": _(
        "Your receiver of changes of %(resource)s asks for no more; nothing is sent to it"
    ),
    "file-refused": _("The file %(file)s for %(resource)s did not pass its check (%(text)s)"),
}

ALERTS: dict[str, str | Promise] = {
    "source-down": _("The source %(source)s has not answered for %(n)s min"),
    "source-resting": _("Gateways leave the source %(source)s alone for %(n)s min now"),
    "mount-drifted": _("The table behind %(resource)s has changed"),
    "table-job-stopped": _("The table job %(name)s has stopped (%(resource)s)"),
    "refusals": _("%(n)s%% of today's calls of %(resource)s were refused (%(grant)s)"),
    "quota": _("%(n)s%% of today's quota of %(resource)s is used (%(grant)s)"),
    "quota-full": _("Today's quota of %(resource)s is used up (%(grant)s)"),
    "grant-expiring": _("The grant %(grant)s of %(resource)s runs out; days left: %(n)s"),
    "request-overdue": _("The answer on %(resource)s is late; days over: %(n)s"),
    "quality-low": _("The data of %(resource)s is of level %(n)s"),
    "ticket-overdue": _("%(resource)s was not mended in time (%(ticket)s); days over: %(n)s"),
    "data-stale": _("%(resource)s was not updated in time; days over: %(n)s"),
    "department-stale": _("%(agency)s has entries that were not updated in time: %(n)s"),
    "process-down": _("The process %(name)s has stopped"),
    "gateway-unwell": _("The gateway is not well: %(name)s"),
    "evidence-doubtful": _("The head of the log %(name)s does not fit the node's keys"),
    "disk-full": _("The disk is %(n)s%% full"),
}
"""What an alert says, by its kind; as a notice its kind begins with `alert-`."""


class _Gaps(dict[str, str]):
    """What a sentence names; agencies and resources in the language of the page, a gap as a dash."""

    def __init__(self, params: Mapping[str, str]) -> None:
        names = {key: agency_said(params[key]) for key in ("consumer", "provider", "who") if key in params}
        if "resource" in params:
            names["resource"] = formats.pick(params["resource"], english_title(params.get("code", "")))
        if (
            params.get("text") and "text_en" in params
        ):  # what a node said; a person's words are in one language
            names["text"] = formats.pick(params["text"], params["text_en"])
        super().__init__({**params, **names})

    def __missing__(self, key: str) -> str:
        return "—"


def news(notice: NoticeView) -> str:
    """The sentence of a notice; a kind without words of its own is shown by its name, never hidden."""
    if notice.kind.startswith("alert-"):
        return alert_words(notice.kind.removeprefix("alert-"), notice.params)
    words = NEWS.get(notice.kind)
    return str(words) % _Gaps(notice.params) if words is not None else notice.kind


def alert_words(kind: str, params: Mapping[str, str]) -> str:
    """The sentence of an alert."""
    words = ALERTS.get(kind)
    return str(words) % _Gaps(params) if words is not None else kind


def headline(notice: NoticeView) -> str:
    """The sentence of a notice without what a person wrote: what may stand in a mail."""
    bare = replace(notice, params={**notice.params, "text": ""})
    return news(bare).rstrip(" :：")


_PLACES = {
    "request": ("share:request",),
    "job": ("delivery:job",),
    "grant": ("share:grant",),
    "resource": ("share:resource",),
    "mount": ("desk:mount",),
    "account": ("account:home",),
    "deputies": ("account:deputies",),
    "source": ("console:source",),
    "drift": ("catalogue:drift",),
    "need": ("share:need",),
    "asking": ("share:asking",),
    "dispute": ("share:dispute",),
    "quality": ("quality:resource",),
    "ticket": ("quality:ticket",),
    "files": ("share:files",),
    "subscription": ("subscriptions:one",),
}


_OF_NODES = {"alarms": "console:cascade", "needs": "share:needs-below", "returns": "share:returns"}


def link_of(link: str) -> str:
    """The page that a notice's link (`request:R-2026-000001`) leads to; empty where this node has none."""
    kind, _colon, number = link.partition(":")
    if kind == "cascade":
        return reverse(_OF_NODES.get(number, "share:disputes"))
    if kind == "node":
        return reverse("console:node")
    if kind == "standing":
        return f"{reverse('catalogue:standing')}?{urlencode({'agency': number})}#late"
    return _first(_PLACES.get(kind, ()), number)


def _first(names: tuple[str, ...], number: str) -> str:
    for name in names:
        try:
            return reverse(name, args=[number] if number else [])
        except NoReverseMatch:
            continue
    return ""


def step_words(step: StepView) -> StepWords:
    """The word and the tone of a step."""
    label, tone = STEPS.get(step.step, (step.step, "past"))
    return StepWords(str(label), tone)


def todo_words(todo: TodoView) -> str:
    """What has to be done."""
    return str(WAITING.get(todo.kind, todo.kind))


def todo_url(todo: TodoView) -> str:
    """Where it is done."""
    names = {
        "review": ("desk:review", "share:request"),
        "decide": ("desk:decision", "share:request"),
        "expiring": ("share:grant",),
        "drift": ("desk:mount",),
    }.get(todo.kind, ("share:request",))
    return _first(names, todo.id) or reverse("share:home")


def condition_words(condition: RowCondition, titles: dict[str, str]) -> str:
    """A fixed row condition as people read it."""
    value = condition.value
    shown = "、".join(value) if isinstance(value, tuple) else str(value)
    return gettext("%(field)s %(operator)s %(value)s") % {
        "field": titles.get(condition.name, condition.name),
        "operator": OPERATORS[condition.operator],
        "value": shown,
    }
