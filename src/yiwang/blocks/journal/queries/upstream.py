"""Leaves of other nodes that our own leaves hold: what answers were based on."""

from __future__ import annotations

from yiwang.blocks.journal.store.models import Leaf
from yiwang.vocabulary.evidence import Upstream, parse_leaf

AT_ONCE = 2000


def upstream_since(log: str, start: int) -> tuple[int, list[Upstream]]:
    """Upstream evidence in leaves of a log from `start` on (some thousands at a time), and where to go on."""
    rows = list(
        Leaf.objects.filter(log=log, index__gte=start)
        .order_by("index")
        .values_list("index", "leaf")[:AT_ONCE]
    )
    found = [one for _, text in rows if '"upstream":[{' in text for one in parse_leaf(text).upstream]
    return (rows[-1][0] + 1 if rows else start), found
