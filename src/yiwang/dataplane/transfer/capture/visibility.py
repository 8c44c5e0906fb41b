"""Positions in the source's log, and which transactions a snapshot of it holds already.

The backfill reads one snapshot that is younger than the slot: transactions between the two come by the slot too and
are left out by number, so that no change is applied to a row that holds it already.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_HALF: Final = 1 << 31
_WHOLE: Final = 1 << 32


@dataclass(frozen=True, slots=True)
class Snapshot:
    """As `pg_current_snapshot()` writes it, in 64-bit numbers of transactions.

    Attributes:
        low: every transaction below had ended.
        high: every transaction from here on had not begun.
        running: those between that had not ended.
    """

    low: int
    high: int
    running: frozenset[int]

    @classmethod
    def parse(cls, text: str) -> Snapshot:
        """From `low:high:running,…`. Raises: ValueError."""
        low, high, running = text.split(":")
        return cls(int(low), int(high), frozenset(int(one) for one in running.split(",") if one))

    def holds(self, xid: int) -> bool:
        """Whether a committed transaction, numbered in 32 bits as its log does, is part of the snapshot."""
        # the nearest number to the snapshot's that ends in these 32 bits
        whole = self.high + ((xid - self.high + _HALF) % _WHOLE - _HALF)
        return whole < self.low or (whole < self.high and whole not in self.running)


def position(text: str) -> int:
    """`16/B374D848` as a number. Raises: ValueError."""
    high, low = text.split("/")
    return int(high, 16) << 32 | int(low, 16)


def spelled(lsn: int) -> str:
    """A number as `16/B374D848`."""
    return f"{lsn >> 32:X}/{lsn & 0xFFFFFFFF:X}"
