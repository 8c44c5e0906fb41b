"""From the slot into the spool: whole transactions, on disk before the source may forget them."""

from __future__ import annotations

from typing import Final

from yiwang.dataplane.transfer.capture.errors import CaptureGarbled, CaptureSpoolFull
from yiwang.dataplane.transfer.capture.pgoutput import (
    Aside,
    Begin,
    Commit,
    Delete,
    Garbled,
    Insert,
    Relation,
    Truncate,
    Update,
    decode,
)
from yiwang.dataplane.transfer.capture.slot import Slot
from yiwang.dataplane.transfer.capture.spool import Spool, Taking, Transaction

_LOOK: Final = 20_000
"""Messages of one look at the slot; a longer transaction is one look."""
LIMIT: Final = 8 << 30
"""Bytes that a spool may have."""


def take(slot: Slot, spool: Spool, name: str, job: str, limit: int = LIMIT) -> int:
    """Everything that the source has committed until now; gives how many transactions came.

    Raises: CaptureSpoolFull, CaptureSlotBusy, CaptureGarbled, ConnectorError.
    """
    upto, came = slot.top(), 0
    while spool.reached < upto:
        if spool.size > limit:
            raise CaptureSpoolFull(job=job, size=limit >> 20)
        with spool.taking() as taking:
            try:
                looked, took = _look(slot, spool, taking, name, upto)
            except Garbled:
                raise CaptureGarbled(place=str(slot.at)) from None
            whole = looked < _LOOK
            if whole:  # nothing of ours lies between the last commit and here
                taking.reached = max(taking.reached, upto)
        slot.advance(name, spool.reached)
        came += took
        if whole:
            break
    return came


def _look(slot: Slot, spool: Spool, taking: Taking, name: str, upto: int) -> tuple[int, int]:
    """Messages that were looked at, transactions that were new."""
    known: dict[int, bytes] = {}
    described: set[int] = set()
    begun: Begin | None = None
    looked = took = changes = 0
    reached = spool.reached
    for data in slot.peek(name, upto, _LOOK):
        looked += 1
        message = decode(data)
        match message:
            case Aside():
                continue
            case Relation(oid=oid):
                known[oid] = data
                described.discard(oid)
            case Begin():
                begun = None if message.final < reached else message
                described.clear()
                changes = 0
            case Commit(end=end):
                if begun is not None:
                    taking.commit(Transaction(begun.final, end, begun.xid, changes))
                    took += 1
            case Insert() | Update() | Delete() | Truncate():
                if begun is None:
                    continue
                oids = message.relations if isinstance(message, Truncate) else (message.relation,)
                for oid in oids:
                    if oid not in described and oid in known:
                        taking.message(begun.final, known[oid])
                        described.add(oid)
                taking.message(begun.final, data)
                changes += 1
    return looked, took
