"""The rows that proofs are made of, through Django's connection."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models.functions import Length

from yiwang.blocks.journal.domain.coding import CODE_BYTES
from yiwang.blocks.journal.store.models import Head, Leaf, Node, Watermark
from yiwang.vocabulary.evidence import SignedHead


class Rows:
    """A `domain.reading.Source`; nothing in it waits, so `domain.reading.at_once` runs it."""

    async def leaf(self, log: str, index: int) -> str | None:
        """The text of a leaf."""
        return Leaf.objects.filter(log=log, index=index).values_list("leaf", flat=True).first()

    async def head(self, log: str, size: int | None) -> SignedHead | None:
        """The signed head of exactly that size; without a size the latest one."""
        found = Head.objects.filter(log=log).alias(long=Length("signature")).exclude(long=CODE_BYTES)
        row = (found if size is None else found.filter(size=size)).order_by("-size").first()
        return SignedHead(row.head, bytes(row.signature).hex()) if row else None

    async def noded(self, log: str) -> int:
        """How many leaves the stored nodes reach."""
        return Watermark.objects.filter(log=log).values_list("noded", flat=True).first() or 0

    async def nodes(self, log: str, wanted: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
        """Stored nodes by (level, index)."""
        rows = Node.objects.filter(pk__in=[(log, level, index) for level, index in wanted])
        return {(row.level, row.index): bytes(row.hash) for row in rows}

    async def hashes(self, log: str, start: int, stop: int) -> list[bytes]:
        """Leaf hashes from `start` to `stop` (not included)."""
        rows = Leaf.objects.filter(log=log, index__gte=start, index__lt=stop).order_by("index")
        return [bytes(value) for value in rows.values_list("leaf_hash", flat=True)]
