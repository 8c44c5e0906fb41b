"""Calls one by one: for other blocks that count them, and for readers, those behind a number.

Leaves of a log have indexes without gaps and growing times, and those below its latest head are all committed: whoever
remembers how far they read a log misses none and reads none twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import merge
from typing import Final

from django.db import connection

from yiwang.blocks.journal.domain.access import Reader, may_read
from yiwang.blocks.journal.domain.calls import Call, call_of, told
from yiwang.blocks.journal.domain.views import CallView
from yiwang.blocks.journal.queries.reading import call_views
from yiwang.blocks.journal.store.models import Leaf
from yiwang.vocabulary.evidence import parse_leaf

LISTED: Final = 50
LOOKED_AT: Final = 20_000
"""So many leaves are read for a page at most; the next page goes on below them."""
_CHUNK: Final = 500
_SIZES: Final = (
    "SELECT l.name, h.size FROM journal_log AS l CROSS JOIN LATERAL"
    " (SELECT size FROM journal_head WHERE log = l.name ORDER BY size DESC LIMIT 1) AS h"
)


@dataclass(frozen=True, slots=True)
class Sought:
    """Which calls: of resources, from `since` until `until` (not included), that `fits`."""

    resources: frozenset[str]
    since: datetime
    until: datetime
    fits: Callable[[Call], bool]


@dataclass(frozen=True, slots=True)
class CallPage:
    """Calls that a reader may read, the latest first.

    Attributes:
        following: by log, the leaf below which the earlier calls lie; None where all were looked at.
    """

    calls: tuple[CallView, ...]
    following: Mapping[str, int] | None


def log_sizes() -> dict[str, int]:
    """For other blocks: how many leaves each log of the node has."""
    with connection.cursor() as cursor:
        cursor.execute(_SIZES)
        return {str(name): int(size) for name, size in cursor.fetchall()}


def calls_of(log: str, start: int, stop: int, resources: frozenset[str]) -> Iterator[Call]:
    """For other blocks that count: the calls among the leaves from `start` to `stop` (not included), whoever asks.

    Raises: msgspec.DecodeError, for a leaf that somebody spoilt.
    """
    rows = Leaf.objects.filter(log=log, index__gte=start, index__lt=stop).order_by("index")
    for index, text, took_us in rows.values_list("index", "leaf", "took_us").iterator(2000):
        call = call_of(log, index, text, took_us, resources)
        if call is not None:
            yield call


def calls_behind(
    reader: Reader, sought: Sought, *, below: Mapping[str, int] | None = None, size: int = LISTED
) -> CallPage:
    """The calls behind a number, as far as the reader may read them; `below`: `following` of the page before."""
    reached: dict[str, int] = {}
    streams = []
    for log, leaves in log_sizes().items():
        first, last = _at(log, sought.since, leaves), _at(log, sought.until, leaves)
        reached[log] = min(last, (below or {}).get(log, last))
        streams.append(_descending(log, first, reached[log]))
    found: list[tuple[str, int]] = []
    for looked, (_, log, index, text, took_us) in enumerate(merge(*streams, reverse=True), 1):
        reached[log] = index
        call = call_of(log, index, text, took_us, sought.resources)
        if call is not None and sought.fits(call) and may_read(reader, parse_leaf(text)):
            found.append((log, index))
        if len(found) == size or looked == LOOKED_AT:
            return CallPage(_views(found), reached)
    return CallPage(_views(found), None)


def _descending(log: str, first: int, last: int) -> Iterator[tuple[str, str, int, str, int]]:
    """Leaves below `last` down to `first`, with their times."""
    while last > first:
        start = max(first, last - _CHUNK)
        rows = Leaf.objects.filter(log=log, index__gte=start, index__lt=last).order_by("-index")
        for index, text, took_us in list(rows.values_list("index", "leaf", "took_us")):
            yield told(text).time, log, index, text, took_us
        last = start


def _at(log: str, moment: datetime, leaves: int) -> int:
    """The first leaf that was not written before a moment."""
    wanted = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    low, high = 0, leaves
    while low < high:
        middle = (low + high) // 2
        text = Leaf.objects.values_list("leaf", flat=True).get(log=log, index=middle)
        if told(text).time < wanted:
            low = middle + 1
        else:
            high = middle
    return low


def _views(places: list[tuple[str, int]]) -> tuple[CallView, ...]:
    views = {(one.log, one.index): one for one in call_views(places)}
    return tuple(views[place] for place in places)
