"""The high-water file of a log: its latest head, signed or with the code that stands for a signature to follow, kept outside the database.

A database restored from an older backup forgets heads that were given out; this file does not. Two slots are
written in turn, each with its own digest, so that a write cut short leaves the slot before it.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import msgspec

from yiwang.blocks.journal.domain.coding import is_code
from yiwang.vocabulary.evidence import SignedHead, parse_head

SLOT = 2048


class HighWaterFile:
    """Writes and reads `<folder>/<log>.head`."""

    def __init__(self, folder: Path, log: str) -> None:
        """Name the file; it is created at the first write."""
        self.path = folder / f"{log}.head"
        self._descriptor = -1
        self._turn = 0

    def write(self, head: SignedHead) -> None:
        """Keep this head, over the older of the two slots. The page cache keeps it through a killed process."""
        if self._descriptor < 0:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._turn = 1 - _newest(self.path)[1]
        body = msgspec.json.encode(head)
        slot = (hashlib.sha256(body).hexdigest().encode("ascii") + b" " + body).ljust(SLOT - 1) + b"\n"
        os.pwrite(self._descriptor, slot, self._turn * SLOT)
        self._turn = 1 - self._turn

    def close(self) -> None:
        """Make what was written durable and let the file go."""
        if self._descriptor >= 0:
            os.fsync(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = -1


def read_high_water(path: Path) -> SignedHead | None:
    """The latest head of a file; None when there is no file or neither slot is whole."""
    return _newest(path)[0]


def read_all(folder: Path) -> dict[str, SignedHead]:
    """The latest heads of every log that has a file in the folder, by log name."""
    found = {path.stem: read_high_water(path) for path in sorted(folder.glob("*.head"))}
    return {log: water for log, water in found.items() if water is not None}


def _newest(path: Path) -> tuple[SignedHead | None, int]:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None, 1
    best: SignedHead | None = None
    turn = 1
    order = (-1, -1, False)
    for number in (0, 1):
        digest, _, body = content[number * SLOT : (number + 1) * SLOT].strip().partition(b" ")
        if hashlib.sha256(body).hexdigest().encode("ascii") != digest:
            continue
        water = msgspec.json.decode(body, type=SignedHead)
        head = parse_head(water.head)
        rank = (head.epoch, head.size, not is_code(water.signature))
        if rank > order:
            best, turn, order = water, number, rank
    return best, turn
