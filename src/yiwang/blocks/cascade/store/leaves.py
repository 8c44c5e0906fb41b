"""Leaves of other nodes that this node holds: whoever edits one there is found out by its index."""

from __future__ import annotations

from collections.abc import Sequence

from yiwang.blocks.cascade.domain.pages import MOST_LEAVES, Damage
from yiwang.blocks.cascade.store.models import HeldLeaf, Looked
from yiwang.blocks.journal.public import heads, upstream_since
from yiwang.vocabulary.evidence import parse_head

MOST = 100_000


def gather_leaves() -> int:
    """Take note of the leaves that our own leaves have got since the last time."""
    count = 0
    for signed in heads():
        log = parse_head(signed.head).log
        mark, _ = Looked.objects.get_or_create(log=f"upstream {log}")
        following, found = upstream_since(log, mark.next)
        HeldLeaf.objects.bulk_create(
            [HeldLeaf(node=one.node, log=one.log, index=one.index, hash=one.leaf_hash) for one in found],
            ignore_conflicts=True,
        )
        Looked.objects.filter(pk=mark.pk).update(next=following)
        count += len(found)
    return count


def held_within(of: str, damaged: Sequence[tuple[str, Damage]]) -> tuple[tuple[str, int, str], ...]:
    """Log, index and hash of leaves held of a node, where its log is damaged and no leaf is named."""
    found: list[tuple[str, int, str]] = []
    for log, one in damaged:
        if one.index is None and one.start is not None and one.stop is not None:
            rows = HeldLeaf.objects.filter(node=of, log=log, index__gte=one.start, index__lt=one.stop)
            found += rows.order_by("index").values_list("log", "index", "hash")[:MOST_LEAVES]
    return tuple(dict.fromkeys(found))[:MOST_LEAVES]


def held_leaves(of: str) -> tuple[tuple[str, int, str], ...]:
    """Log, index and hash of the leaves held of a node, the newest last."""
    rows = HeldLeaf.objects.filter(node=of).order_by("-log", "-index")[:MOST]
    return tuple(reversed(list(rows.values_list("log", "index", "hash"))))
