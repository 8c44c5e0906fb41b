"""Words of supply and demand: ways of use, freshness, steps, why a need is before the bureau."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from yiwang.blocks.demand.public import NeedStep
from yiwang.portal.share.wording import StepWords

MODES: dict[str, str | Promise] = {
    "query": _("Look up records"),
    "verify": _("Check yes or no"),
    "table": _("Whole tables"),
    "file": _("Files"),
}
FRESHNESS: dict[str, str | Promise] = {
    "realtime": _("At once"),
    "daily": _("Within a day"),
    "weekly": _("Within a week"),
    "monthly": _("Within a month"),
    "yearly": _("Within a year"),
    "once": _("Once only"),
}
URGENCY: dict[str, str | Promise] = {"normal": _("Usual"), "urgent": _("Urgent")}
TABS: dict[str, str | Promise] = {
    "open": _("All open"),
    "mine": _("Ours"),
    "routed": _("For us to answer"),
    "bureau": _("To rule on"),
    "done": _("Ended"),
}
WHY: dict[str, str | Promise] = {
    "nobody": _("None of those asked holds it"),
    "refused": _("A holder may not share it"),
    "silent": _("No answer in time"),
    "several": _("Several agencies claim it"),
    "unmatched": _("The search found no holder"),
    "broken": _("The promised entry did not come in time"),
    "disputed": _("The asker says it is not met"),
}
STEPS: dict[str, tuple[str | Promise, str]] = {
    "created": (_("Draft begun"), "past"),
    "edited": (_("Changed"), "past"),
    "submitted": (_("Handed in"), "past"),
    "routed": (_("Sent to the likely holders"), "past"),
    "unmatched": (_("No holder found, sent to the data bureau"), "wait"),
    "joined": (_("Another agency needs it too"), "past"),
    "rerouted": (_("Sent on by the data bureau"), "past"),
    "answered-have": (_("Answered: in the catalogue"), "good"),
    "answered-will": (_("Answered: will be catalogued"), "good"),
    "answered-none": (_("Answered: not held"), "wait"),
    "answered-cannot": (_("Answered: may not be shared"), "bad"),
    "assigned": (_("The data bureau named the source"), "good"),
    "met": (_("The data bureau found it met"), "good"),
    "published": (_("The entry was published"), "good"),
    "declined": (_("Cannot be met"), "bad"),
    "disputed": (_("The asker disputes the outcome"), "wait"),
    "withdrawn": (_("Withdrawn"), "past"),
    "escalated-silent": (_("No answer in time, sent to the data bureau"), "bad"),
    "escalated-broken": (_("Promise not kept, sent to the data bureau"), "bad"),
    "overdue": (_("The ruling is overdue"), "bad"),
}


def step_words(step: NeedStep) -> StepWords:
    """The word and the tone of a step."""
    label, tone = STEPS.get(step.step, (step.step, "past"))
    return StepWords(str(label), tone)
