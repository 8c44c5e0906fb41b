"""A record's history told: what each change did, and who first said what a field holds now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from yiwang.blocks.registry.domain.values import Plain
from yiwang.blocks.registry.queries.reading import Record
from yiwang.blocks.registry.queries.remarks import Said
from yiwang.blocks.registry.store.days import local_day

_NEAR = timedelta(seconds=2)
"""The database moves a change by microseconds where two would share a moment."""
Kind = Literal["created", "changed", "corrected", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that a change gave another value."""

    field: str
    before: Plain
    after: Plain


@dataclass(frozen=True, slots=True)
class Change:
    """Something that was said of a record at one moment.

    Attributes:
        by: who said it; empty where only the platform's own log tells.
        since, until: the days it is about (bitemporal tables).
    """

    kind: Kind
    at: datetime
    by: str
    differences: tuple[Difference, ...]
    since: date | None
    until: date | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Who first said what a field holds, and when."""

    by: str
    known: datetime
    since: date | None


def changes(beliefs: Sequence[Record], said: Sequence[Said]) -> tuple[Change, ...]:
    """What happened to a record, the newest first, from all that is and was believed of it."""
    moments = {one.known for one in beliefs} | {one.replaced for one in beliefs if one.replaced is not None}
    told = [_change(moment, beliefs) for moment in sorted(moments, reverse=True)]
    for one in said:
        at = min(range(len(told)), key=lambda n: abs(told[n].at - one.at), default=None)
        if at is not None and abs(told[at].at - one.at) <= _NEAR:
            told[at] = _with_remark(told[at], one)
    return tuple(told)


def origins(beliefs: Sequence[Record], now: Record) -> Mapping[str, Origin]:
    """Of each field of a record as it stands: since when this value was said, without another in between."""
    about = [one for one in beliefs if _about(one, now.since) and one.known <= now.known]
    about.sort(key=lambda one: one.known, reverse=True)
    found: dict[str, Origin] = {}
    for field, value in now.values.items():
        first = now
        for one in about:
            if one.values.get(field) != value:
                break
            first = one
        found[field] = Origin(first.by, first.known, first.since)
    return found


def _about(belief: Record, day: date | None) -> bool:
    if day is None or belief.since is None:
        return True
    return belief.since <= day and (belief.until is None or day < belief.until)


def _change(moment: datetime, beliefs: Sequence[Record]) -> Change:
    begun = [one for one in beliefs if one.known == moment]
    ended = [one for one in beliefs if one.replaced == moment]
    concerned = begun or ended
    since = min((one.since for one in concerned if one.since is not None), default=None)
    until = None
    if all(one.until is not None for one in concerned):
        until = max((one.until for one in concerned if one.until is not None), default=None)
    if not begun:
        return Change("withdrawn", moment, "", (), since, until)
    if not ended:
        return Change("created", moment, begun[0].by, (), since, until)
    differences: dict[str, Difference] = {}
    for new in begun:
        for old in ended:
            if _overlap(new, old):
                for field, value in new.values.items():
                    if old.values.get(field) != value:
                        differences.setdefault(field, Difference(field, old.values.get(field), value))
    kind: Kind = "corrected" if since is not None and since < local_day(moment) else "changed"
    return Change(kind, moment, begun[0].by, tuple(differences.values()), since, until)


def _overlap(one: Record, other: Record) -> bool:
    if one.since is None or other.since is None:
        return True
    begins_before = other.until is None or one.since < other.until
    ends_after = one.until is None or other.since < one.until
    return begins_before and ends_after


def _with_remark(change: Change, said: Said) -> Change:
    kind = change.kind if change.kind in ("created", "withdrawn") else said.kind
    return Change(
        kind, change.at, change.by or said.by, change.differences, change.since, change.until, said.reason
    )
