"""Words of quality: dimensions, severities, rules in a sentence, why a rule was not run, steps of a ticket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yiwang.blocks.quality import public as quality
from yiwang.portal import formats
from yiwang.portal.share.wording import StepWords
from yiwang.portal.statuses import Tone

SEVERITIES: dict[str, str | Promise] = {
    "blocking": _("Blocking"),
    "major": _("Major"),
    "minor": _("Minor"),
}
SEVERITY_TONES: dict[str, Tone] = {"blocking": "cinnabar", "major": "gamboge", "minor": "grey"}
KINDS: dict[str, str | Promise] = {
    "not_null": _("is filled in"),
    "unique": _("does not repeat"),
    "in_list": _("is on the code list"),
    "check_digit": _("passes its check character"),
    "pattern": _("has the right form"),
    "length": _("has the right length"),
    "range": _("lies in its range"),
    "recent": _("the newest row is young enough"),
    "fresh": _("every row is young enough"),
    "refers": _("leads to a row of another table"),
    "expr": _("fulfils a condition"),
    "reachable": _("the source answered"),
}
BROKEN: dict[str, str | Promise] = {
    "not_null": _("is empty"),
    "unique": _("repeats"),
    "in_list": _("is not on the code list"),
    "check_digit": _("fails its check character"),
    "pattern": _("has the wrong form"),
    "length": _("has the wrong length"),
    "range": _("lies outside its range"),
    "recent": _("the newest row is too old"),
    "fresh": _("rows are too old"),
    "refers": _("leads nowhere"),
    "expr": _("breaks a condition"),
    "reachable": _("the source did not answer"),
}
"""What is said of rows that break a rule."""
REASONS: dict[str, str | Promise] = {
    "unmapped": _("the table no longer has the column"),
    "type": _("the column's type does not fit the rule"),
    "encrypted": _("the field is encrypted and this rule cannot be run on opened values"),
    "wrong": _("the rule cannot be read"),
    "engine": _("the source could not evaluate it"),
}
ORIGINS: dict[str, str | Promise] = {
    "proposed": _("proposed from the entry"),
    "edited": _("edited by the provider"),
    "contract": _("from an Open Data Contract"),
    "declared": _("declared by the system"),
}
CADENCES: dict[str, str | Promise] = {
    "daily": _("Every night"),
    "weekly": _("Once a week"),
    "off": _("Only when asked"),
}
CAUSES: dict[str, str | Promise] = {
    "clock": _("by the clock"),
    "person": _("asked for"),
    "ticket": _("for a ticket"),
    "declared": _("with the system"),
}
CHECKS: dict[str, str | Promise] = {
    "mod11_2": _("Resident id number, GB 11643"),
    "uscc": _("Unified social credit code, GB 32100"),
    "mod11_10": _("MOD 11,10, ISO 7064"),
}
TABS: dict[str, str | Promise] = {
    "open": _("Open tickets"),
    "mine": _("For us to mend"),
    "new": _("To dispatch"),
    "asked": _("Exemptions asked for"),
    "late": _("Late"),
    "exempt": _("Exempt"),
    "closed": _("Closed tickets"),
}
STEPS: dict[str, tuple[str | Promise, str]] = {
    "opened": (_("Opened by a run"), "past"),
    "dispatched": (_("Sent to who mends it"), "past"),
    "taken": (_("Mending begun"), "past"),
    "mended": (_("Reported as mended"), "past"),
    "still-failing": (_("The next run still found rows"), "bad"),
    "passed": (_("Closed by itself: a run found none"), "good"),
    "dropped": (_("Closed: the rule is no longer asked for"), "past"),
    "relapsed": (_("Came back"), "bad"),
    "exemption-asked": (_("Exemption asked for"), "wait"),
    "exempted": (_("Exempted by the data bureau"), "good"),
    "exemption-declined": (_("Exemption declined"), "bad"),
    "exemption-over": (_("The exemption is over"), "wait"),
    "overdue": (_("The day has passed; the data bureau was told"), "bad"),
}
NOT_FUTURE = "not_future."
"""How the ids of rules begin that are proposed for dates."""
LEVEL_TONES: dict[int, Tone] = {5: "malachite", 4: "malachite", 3: "gamboge", 2: "cinnabar", 1: "cinnabar"}


def level_words(level: int | None) -> str:
    """A level in words."""
    if level is None:
        return gettext("not measured")
    return gettext("level %(n)s of 5") % {"n": level}


def dimension_words(name: str) -> str:
    """A dimension of GB/T 36344."""
    known = next((one for one in quality.DIMENSIONS if one == name), None)
    return formats.pick(name, quality.DIMENSIONS_EN[known]) if known else name


def rule_words(rule: quality.Spelled) -> str:
    """A rule as a sentence."""
    about = _joined([*(rule.fields or ()), *([rule.field] if rule.field else ())])
    match rule.rule:
        case "in_list":
            listed = rule.code_list or _joined([str(one) for one in (rule.values or ())[:8]])
            return gettext("%(item)s is on the list %(list)s") % {"item": about, "list": listed}
        case "length":
            return _bounds(about, rule.min, rule.max, gettext("characters"))
        case "range":
            return _bounds(about, rule.min, rule.max, "")
        case "pattern":
            return gettext("%(item)s has the form %(form)s") % {"item": about, "form": rule.pattern or ""}
        case "check_digit":
            return gettext("%(item)s passes the check of %(kind)s") % {
                "item": about,
                "kind": str(CHECKS.get(rule.kind or "", "")),
            }
        case "recent":
            return gettext("the newest %(item)s is at most %(within)s old") % {
                "item": about,
                "within": duration_words(rule.within or ""),
            }
        case "fresh":
            return gettext("every %(item)s is at most %(within)s old") % {
                "item": about,
                "within": duration_words(rule.within or ""),
            }
        case "refers":
            return gettext("%(item)s leads to a row of %(table)s") % {
                "item": about,
                "table": rule.target or "",
            }
        case "expr" if (rule.id or "").startswith(NOT_FUTURE) and not rule.message:
            return gettext("%(item)s does not lie in the future") % {
                "item": (rule.id or "").removeprefix(NOT_FUTURE)
            }
        case "expr":
            return formats.pick(rule.message, rule.message_en) or rule.expr or ""
        case kind:
            return f"{about} {KINDS.get(kind, kind)}"


def result_words(result: quality.RuleResult) -> str:
    """A rule of a run as a phrase: what must hold."""
    if result.message:
        return formats.pick(result.message, result.message_en)
    if result.kind == "expr" and result.id.startswith(NOT_FUTURE):
        return gettext("%(item)s does not lie in the future") % {"item": _joined(result.fields)}
    return _about(result, KINDS)


def finding_words(result: quality.RuleResult) -> str:
    """What is wrong with rows that break a rule."""
    if result.message:
        return formats.pick(result.message, result.message_en)
    if result.kind == "expr" and result.id.startswith(NOT_FUTURE):
        return gettext("%(item)s lies in the future") % {"item": _joined(result.fields)}
    return _about(result, BROKEN)


def _about(result: quality.RuleResult, said: Mapping[str, str | Promise]) -> str:
    about, phrase = _joined(result.fields), str(said.get(result.kind, result.id))
    if not about:
        return phrase
    return f"{about}: {phrase}" if result.kind in {"recent", "fresh"} else f"{about} {phrase}"


def duration_words(written: str) -> str:
    """`3d` as words."""
    units = {
        "min": gettext("minutes"), "mo": gettext("months"), "h": gettext("hours"), "d": gettext("days"), "y": gettext("years"),
    }  # fmt: skip
    for unit, word in units.items():
        if written.endswith(unit) and written.removesuffix(unit).isdecimal():
            return f"{written.removesuffix(unit)} {word}"
    return written


def step_words(step: quality.TicketStep) -> StepWords:
    """The word and the tone of a step of a ticket."""
    label, tone = STEPS.get(step.step, (step.step, "past"))
    return StepWords(str(label), tone)


def _bounds(about: str, low: float | None, high: float | None, unit: str) -> str:
    values = {"item": about, "low": low, "high": high, "unit": unit}
    if low is None:
        said = gettext("%(item)s: at most %(high)s %(unit)s")
    elif high is None:
        said = gettext("%(item)s: at least %(low)s %(unit)s")
    else:
        said = gettext("%(item)s: %(low)s to %(high)s %(unit)s")
    return (said % values).rstrip()


def _joined(names: Sequence[str]) -> str:
    return formats.pick("、", ", ").join(names)
