"""What the platform can tell the reviewer about the form of a request; the judgement stays theirs."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext, ngettext

from yiwang.blocks.exchange import public as exchange
from yiwang.portal.purposes import purpose_line
from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.laws import law_reference

SHORT_REASON = 10
MANY_CALLS = 10_000


@dataclass(frozen=True)
class Check:
    """One point of the review: whether it is in order, and what was found."""

    good: bool
    point: str
    found: str


def formal(view: exchange.RequestView) -> tuple[Check, ...]:
    """The points of the formal review, in the order of the form."""
    terms = view.terms
    sensitive = [
        option.item for option in view.options
        if option.item.grade == "sensitive" and option.item.wire in {field.name for field in terms.fields}
    ]  # fmt: skip
    masked = {field.name for field in terms.fields if field.mask}
    open_items = [item for item in sensitive if item.wire not in masked]
    gone = {field.name for field in terms.fields} - {o.item.wire for o in view.options if o.served}
    return (
        _purpose(view),
        Check(len(view.reason.strip()) >= SHORT_REASON, gettext("The need is explained"),
              ngettext("%(n)s character", "%(n)s characters", len(view.reason)) % {"n": len(view.reason)}),
        Check(not gone, gettext("Every item is served"),
              gettext("no longer served: %(items)s") % {"items": "、".join(sorted(gone))} if gone
              else ngettext("%(n)s item", "%(n)s items", len(terms.fields)) % {"n": len(terms.fields)}),
        Check(not open_items, gettext("Sensitive items stay masked"),
              gettext("unmasked: %(items)s") % {"items": "、".join(item.title for item in open_items)} if open_items
              else ngettext("%(n)s sensitive item, masked", "%(n)s sensitive items, masked", len(sensitive)) % {"n": len(sensitive)}
              if sensitive else gettext("no sensitive item")),
        Check(not sensitive or terms.case_required, gettext("Readings can be traced to a case"),
              gettext("each call names the case") if terms.case_required else gettext("calls name no case")),
        Check(terms.calls_per_day <= MANY_CALLS, gettext("The amount fits the purpose"),
              gettext("%(calls)s calls and %(subjects)s subjects a day")
              % {"calls": f"{terms.calls_per_day:,}", "subjects": f"{terms.subjects_per_day:,}"}),
    )  # fmt: skip


def _purpose(view: exchange.RequestView) -> Check:
    point = gettext("The purpose names a service item or a law")
    for purpose in view.terms.purposes:
        if purpose.code.startswith("law:"):
            try:
                law_reference(purpose.code)
            except YwError:
                return Check(
                    False, point, gettext("not in the list of laws: %(code)s") % {"code": purpose.code}
                )
    return Check(bool(view.terms.purposes), point, purpose_line(view.terms.purposes))
