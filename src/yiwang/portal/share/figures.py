"""Live numbers and recent calls, out of the journal's own counts; nothing is shown that was not counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext

from yiwang.blocks.exchange.public import GrantView
from yiwang.blocks.identity.public import WEAK_PREFIX, Actor
from yiwang.blocks.journal import public as journal
from yiwang.portal import formats
from yiwang.portal.refusals import refusal_words
from yiwang.vocabulary.evidence import parse_instant

SERIES_DAYS = 14
MONTH_DAYS = 30
CALLS_SHOWN = 15
LOOKED_AT = 100
"""Of a grant's latest leaves: a file that was fetched in pieces leaves many that are no calls."""


@dataclass(frozen=True)
class Traffic:
    """Calls of today and of the days before, oldest first; `note` says how they went."""

    today: int
    series: tuple[int, ...]
    note: str


@dataclass(frozen=True)
class CallRow:
    """One call as its leaf records it."""

    time: datetime
    kind: str
    status: int
    rows: int | None
    took_ms: float | None
    """None of a whole table or file, which is no answer to anybody who waits."""
    case: str
    words: str
    log: str
    index: int
    size: int | None = None
    """Octets of a file."""
    weak: bool = False
    """Whether an old client at the edge sent it."""


@dataclass(frozen=True)
class GrantCalls:
    """Recent calls of a grant and what it has used today."""

    rows: tuple[CallRow, ...]
    today: int
    refused: int
    subjects: int


def traffic(me: Actor, now: datetime) -> Traffic:
    """Calls that concern the person's agency (all, for those who watch the node)."""
    today = formats.local(now).date()
    days = {one.day: one for one in journal.daily(me, today - timedelta(days=SERIES_DAYS - 1), today)}
    counts = _series({day: one.calls for day, one in days.items()}, today)
    last = days.get(today)
    if last is None or last.p95_ms is None:
        return Traffic(counts[-1], counts, gettext("None yet today"))
    note = gettext("%(refused)s refused, P95 %(ms)s ms") % {
        "refused": formats.number(last.refused),
        "ms": formats.number(round(last.p95_ms)),
    }
    return Traffic(last.calls, counts, note)


def _series(counts: dict[date, int], today: date) -> tuple[int, ...]:
    return tuple(counts.get(today - timedelta(days=SERIES_DAYS - 1 - i), 0) for i in range(SERIES_DAYS))


def of_resource(me: Actor, code: str, now: datetime) -> Traffic | None:
    """Calls of one resource in the last month, as far as they concern the person's agency; None without any."""
    today = formats.local(now).date()
    days = {
        one.day: one
        for one in journal.daily(me, today - timedelta(days=MONTH_DAYS - 1), today, resource=code)
    }
    total = sum(one.calls for one in days.values())
    if not total:
        return None
    counts = _series({day: one.calls for day, one in days.items()}, today)
    note = gettext("%(n)s calls of your concern in %(days)s days") % {
        "n": formats.number(total),
        "days": MONTH_DAYS,
    }
    return Traffic(counts[-1], counts, note)


def of_grant(me: Actor, view: GrantView, now: datetime) -> GrantCalls | None:
    """Calls under one grant, for its parties and for those who watch the node."""
    today = formats.local(now).date()
    used = journal.usage(me, view.id, today, parties=(view.consumer, view.provider))
    if used is None:
        return None
    calls = [
        one
        for one in journal.recent(me, grant=view.id, limit=LOOKED_AT)
        if one.leaf.kind != "event" or one.leaf.event in journal.WHOLE
    ][:CALLS_SHOWN]
    days = journal.daily(me, today, today, grant=view.id)
    refused = sum(one.refused for one in days)
    return GrantCalls(tuple(_row(one) for one in calls), used.calls, refused, used.subjects)


def _row(call: journal.CallView) -> CallRow:
    leaf = call.leaf
    kinds = {"query": gettext("Query"), "verify": gettext("Verify"), "refusal": gettext("Refusal")}
    whole = journal.WHOLE.get(leaf.event or "") if leaf.kind == "event" else None
    wholes = {"table": gettext("Whole table"), "file": gettext("Whole file")}
    return CallRow(
        time=parse_instant(leaf.time),
        kind=wholes[whole] if whole else kinds.get(leaf.kind, leaf.kind),
        status=200 if whole else leaf.status,
        rows=_counted(leaf.detail, "rows") if whole else leaf.rows,
        size=_counted(leaf.detail, "length") if whole == "file" else None,
        took_ms=None if whole else call.took_ms,
        case=(leaf.purpose or "").partition(";case=")[2],
        words=refusal_words(leaf.code),
        weak=(leaf.client or "").startswith(WEAK_PREFIX),
        log=call.log,
        index=call.index,
    )


def _counted(detail: dict[str, object] | None, name: str) -> int | None:
    found = (detail or {}).get(name)
    return found if isinstance(found, int) else None
