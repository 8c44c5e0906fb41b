"""Words of table jobs: how, when, how they stand. Codes come from the block, words from here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

from django.template.defaultfilters import filesizeformat
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from yiwang.blocks.delivery.public import JobRow, RunRow
from yiwang.portal import formats
from yiwang.portal.quality.words import BROKEN
from yiwang.portal.share.delivering import WAYS as GRANTED_WAYS
from yiwang.vocabulary.delivering import WAYS as TABLE_WAYS
from yiwang.vocabulary.delivering import JobWay

WEEKDAYS: tuple[tuple[str, str | Promise], ...] = (
    ("1", _("Monday")), ("2", _("Tuesday")), ("3", _("Wednesday")), ("4", _("Thursday")), ("5", _("Friday")),
    ("6", _("Saturday")), ("0", _("Sunday")),
)  # fmt: skip
WAYS: dict[JobWay, str | Promise] = {
    **{way: GRANTED_WAYS[way] for way in TABLE_WAYS},
    "cdc": _("Whole table once, then every change from the source's log"),
}
CAUSES: dict[str, str | Promise] = {
    "clock": _("by the clock"),
    "person": _("by a person"),
    "retry": _("went on"),
}
CHECKS: dict[str, str | Promise] = {
    "none": _("Every row may pass"),
    "resource": _("By the quality rules of the resource"),
    "own": _("By rules of your own"),
}
_DAILY = re.compile(r"(\d{1,2}) (\d{1,2}) (\S+) \* (\S+)")


def schedule_words(cron: str, workdays: bool, *, follows: bool = False) -> str:
    """When a job runs: `every working day 22:30`; another expression stands as it is."""
    if follows:
        return gettext("Continuously")
    if not cron:
        return gettext("When you start it")
    found = _DAILY.fullmatch(cron)
    shown = cron
    if found:
        minute, hour, day, weekday = found.groups()
        at = f"{int(hour):02d}:{int(minute):02d}"
        named = dict(WEEKDAYS).get("0" if weekday == "7" else weekday)
        if day == "*" and weekday == "*":
            return (gettext("Every working day %(at)s") if workdays else gettext("Every day %(at)s")) % {
                "at": at
            }
        if day == "*" and named is not None:
            shown = gettext("Every %(weekday)s %(at)s") % {"weekday": named, "at": at}
        elif weekday == "*" and day.isdecimal():
            shown = gettext("On day %(day)s of each month %(at)s") % {"day": day, "at": at}
    return gettext("%(when)s, working days only") % {"when": shown} if workdays else shown


def standing(row: JobRow) -> str:
    """How a job stands, as a state of the closed list."""
    run = row.run
    if row.state == "ended":
        return "ended"
    if run is not None and run.state in {"running", "queued"}:
        return run.state
    if row.state in {"failed", "paused"}:
        return row.state
    if row.next_at is not None:
        return "scheduled"
    return "done" if run is not None and run.state == "done" else "idle"


def left_words(seconds: float) -> str:
    """How long it takes yet, rounded up."""
    if seconds < 60:
        return gettext("less than a minute left")
    whole = timedelta(seconds=seconds)
    minutes = int(whole.total_seconds() // 60) + 1
    if minutes < 120:
        return ngettext("about %(n)s minute left", "about %(n)s minutes left", minutes) % {"n": minutes}
    return gettext("about %(n)s hours left") % {"n": minutes // 60 + 1}


def pace_words(run: RunRow) -> str:
    """Rows a second and time left, of a run that goes on."""
    if not run.rate:
        return gettext("begins")
    pace = gettext("%(n)s rows a second") % {"n": formats.number(round(run.rate))}
    return f"{pace} · {left_words(run.left)}" if run.left is not None else pace


def lag_words(run: RunRow) -> str:
    """How far a run that captures changes is behind its source."""
    written = ngettext("%(n)s change written", "%(n)s changes written", run.rows) % {
        "n": formats.number(run.rows)
    }
    if not run.lag:
        return gettext("%(written)s · up to date") % {"written": written}
    behind = filesizeformat(run.lag).replace("\xa0", " ")
    return gettext("%(written)s · %(size)s of the source's log to go") % {"written": written, "size": behind}


def job_words(row: JobRow) -> str:
    """What somebody has to do about a job."""
    if row.state == "failed":
        return gettext("Table job stopped, look at it")
    if row.state == "paused":
        return gettext("The source has narrowed: accept it, or end the job")
    return ngettext("%(n)s row waits in quarantine", "%(n)s rows wait in quarantine", row.held) % {
        "n": formats.number(row.held)
    }


def reason_words(reason: str, titles: Mapping[str, str] | None = None) -> str:
    """Why a row may not pass: `rule:ID`, `target:CODE`, `mend:key`, or `FIELD:what`; `titles` of items by wire name."""
    called = titles or {}
    head, colon, rest = reason.partition(":")
    if head == "rule" and colon:
        kind, _dot, field = rest.partition(".")
        if field and kind in BROKEN:  # a rule of the resource is named by its kind and item
            return gettext("%(field)s %(what)s") % {"field": called.get(field, field), "what": BROKEN[kind]}
        return gettext("breaks the rule %(rule)s") % {"rule": rest}
    if head == "target" and colon:
        return gettext("the target refuses it (%(code)s)") % {"code": rest}
    if reason == "mend:key":
        return gettext("the key cannot be mended here")
    return (
        gettext("%(field)s: the value does not fit") % {"field": called.get(head, head)} if colon else reason
    )
