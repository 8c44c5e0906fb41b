"""The bounded queue before the verifying processes.

Verifying is the dear part of a call whose caller is not proven yet, so it is what a flood would aim at. An origin
is an address together with the key that it names: many callers may stand behind one address, and whoever abuses
the name of one key must not harm the others. Each origin has a bounded share of the queue, one that keeps sending
wrong signatures a small one, and origins take turns.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Final

from yiwang.gateway.errors import Busy
from yiwang.gateway.verification.packets import SIGNATURE

TOTAL: Final = 512
PER_ORIGIN: Final = 256
PER_SUSPECT: Final = 4
SUSPICION: Final = 20
"""Wrong signatures within `FORGETTING` seconds after which an origin is a suspect."""
FORGETTING: Final = 30.0
_ORIGINS: Final = 65536


@dataclass(slots=True)
class Item:
    """One signature to be verified, or one record to be compared: then `key` names its suite and `signature` is its root."""

    origin: str
    key: bytes
    signature: bytes
    base: bytes
    verdict: asyncio.Future[bool]
    kind: int = SIGNATURE


@dataclass(slots=True)
class _Record:
    wrong: int = 0
    since: float = 0.0
    under_way: int = 0
    waiting: deque[Item] = field(default_factory=deque)


class FairQueue:
    """Items waiting for a verifying process, by the origin they came from."""

    def __init__(self) -> None:
        self._records: OrderedDict[str, _Record] = OrderedDict()
        self._turns: deque[str] = deque()
        self.size = 0
        self.under_way = 0

    def put(self, item: Item) -> None:
        """Take an item in. Raises: Busy where the origin, or all together, have too many."""
        record = self._records.get(item.origin)
        if record is None:
            record = self._records[item.origin] = _Record()
            self._trim()
        share = PER_SUSPECT if record.wrong and self._suspect(record) else PER_ORIGIN
        if record.under_way >= share or self.under_way >= TOTAL:
            raise Busy(retry_after=1)
        if not record.waiting:
            self._turns.append(item.origin)
        record.waiting.append(item)
        record.under_way += 1
        self.under_way += 1
        self.size += 1

    def take(self) -> Item:
        """The next item, origines taking turns. Raises: IndexError when nothing waits."""
        origin = self._turns.popleft()
        record = self._records[origin]
        item = record.waiting.popleft()
        if record.waiting:
            self._turns.append(origin)
        self.size -= 1
        return item

    def put_back(self, item: Item) -> None:
        """An item whose process died: it is next."""
        record = self._records[item.origin]
        if not record.waiting:
            self._turns.appendleft(item.origin)
        record.waiting.appendleft(item)
        self.size += 1

    def done(self, item: Item, *, right: bool) -> None:
        """Note the verdict about an item."""
        record = self._records[item.origin]
        record.under_way -= 1
        self.under_way -= 1
        if right:
            return
        now = time.monotonic()
        if now - record.since > FORGETTING:
            record.wrong, record.since = 0, now
        record.wrong += 1

    def _suspect(self, record: _Record) -> bool:
        return record.wrong >= SUSPICION and time.monotonic() - record.since <= FORGETTING

    def _trim(self) -> None:
        """Forget the oldest idle origines when there are very many."""
        while len(self._records) > _ORIGINS:
            origin, record = next(iter(self._records.items()))
            if record.under_way:
                self._records.move_to_end(origin)
                return
            del self._records[origin]
