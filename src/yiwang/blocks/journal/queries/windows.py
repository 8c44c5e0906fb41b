"""A look at one stretch of a log, cheap enough for every exchange of heads; the whole walk is `audit_database`."""

from __future__ import annotations

from collections.abc import Mapping

from yiwang.blocks.journal.domain.audit.report import Finding
from yiwang.blocks.journal.domain.proofs import NODE_LEVEL
from yiwang.blocks.journal.domain.reading import at_once
from yiwang.blocks.journal.store.models import Head, Leaf, Log
from yiwang.blocks.journal.store.reading import Rows
from yiwang.vocabulary.crypto import SUITES
from yiwang.vocabulary.evidence import parse_head
from yiwang.vocabulary.evidence.errors import EvidenceError
from yiwang.vocabulary.merkle import Frontier, leaf_hash, perfect_parts

BLOCK = 1 << NODE_LEVEL
MOST = 8 * BLOCK
"""Leaves that one look covers."""


def check_window(log: str, start: int) -> tuple[int, list[Finding]]:
    """Compare leaves from `start` on (at most `MOST`) with their stored hashes and with the heads over them.

    `start` is rounded down to a stored block. Returns where the next look begins (0: the end was reached) and what
    is damaged: leaf by leaf, or between which two heads.
    """
    rows = Rows()
    row = Log.objects.filter(pk=log).first()
    latest = Head.objects.filter(log=log).order_by("-size").values_list("size", flat=True).first()
    if row is None or latest is None:
        return 0, []
    suite = SUITES[row.suite]
    noded = at_once(rows.noded(log))
    first = min(max(0, start), noded) // BLOCK * BLOCK
    stop = min(latest, first + MOST)
    peaks = perfect_parts(0, first)
    nodes = at_once(rows.nodes(log, peaks)) if peaks else {}
    if len(nodes) < len(peaks):
        return 0, [Finding(log, "interval-changed", {"start": 0, "stop": first})]
    tree = Frontier(suite, first, [nodes[one] for one in peaks])
    found: list[Finding] = []
    hashes: list[bytes] = []
    leaves = Leaf.objects.filter(log=log, index__gte=first, index__lt=stop).order_by("index")
    expected = first
    for index, text, stored in leaves.values_list("index", "leaf", "leaf_hash").iterator(chunk_size=512):
        found += [
            Finding(log, "leaf-deleted", {"index": gap}) for gap in range(expected, min(index, expected + 20))
        ]
        computed = leaf_hash(suite, text.encode("utf-8"))
        if computed != bytes(stored):
            found.append(Finding(log, "leaf-changed", {"index": index}))
        hashes.append(computed)
        expected = index + 1
    found += [
        Finding(log, "leaf-deleted", {"index": gap}) for gap in range(expected, min(stop, expected + 20))
    ]
    if not found:
        found += _against_heads(log, tree, hashes, stop)
    return (stop if stop < latest else 0), found


def compare_held(log: str, held: Mapping[int, str], holder: str) -> list[Finding]:
    """Compare leaves with the hashes (hexadecimal, by index) that `holder` got of them with its answers."""
    row = Log.objects.filter(pk=log).first()
    if row is None:
        return []
    suite = SUITES[row.suite]
    texts = dict(Leaf.objects.filter(log=log, index__in=held).values_list("index", "leaf"))
    return [
        Finding(log, "held-leaf-differs", {"index": index, "source": holder})
        for index, expected in sorted(held.items())
        if index not in texts or leaf_hash(suite, texts[index].encode("utf-8")).hex() != expected
    ]


def _against_heads(log: str, tree: Frontier, hashes: list[bytes], stop: int) -> list[Finding]:
    """The first head over the stretch that its leaves do not give."""
    first = done = tree.size
    heads = Head.objects.filter(log=log, size__gt=first, size__lte=stop).order_by("size")
    for size, text in heads.values_list("size", "head").iterator(chunk_size=256):
        try:
            root = parse_head(text).root
        except EvidenceError:
            return [Finding(log, "head-malformed", {"size": size})]
        tree = tree.grow(hashes[done - first : size - first]).frontier
        if tree.root().hex() != root:
            return [Finding(log, "interval-changed", {"start": done, "stop": size})]
        done = size
    return []
