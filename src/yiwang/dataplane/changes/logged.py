"""Changes from a slot of the source's log, whole transactions in the order of their commits, in bounded pieces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from yiwang.dataplane.changes.errors import WalUnbounded
from yiwang.dataplane.changes.watched import Change, Piece, Watched
from yiwang.dataplane.transfer.capture.errors import CaptureGarbled
from yiwang.dataplane.transfer.capture.pgoutput import (
    Begin,
    Commit,
    Delete,
    Garbled,
    Held,
    Insert,
    Relation,
    Truncate,
    Tuple,
    Update,
    decode,
)
from yiwang.dataplane.transfer.capture.preparing import require
from yiwang.dataplane.transfer.capture.slot import Slot
from yiwang.dataplane.transfer.checks import DROP
from yiwang.dataplane.transfer.planning import Order

LOOK: Final = 20_000
"""Messages of one look at the slot; a longer transaction is one look."""
PIECE: Final = 2_000
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)


def check(slot: Slot, watched: Watched) -> None:
    """Refuse a source that cannot be captured, or whose log a node that is down would let grow without bound.

    Raises: TransferError, ConnectorError.
    """
    if slot.require() == "-1":
        raise WalUnbounded(place=str(slot.at))
    table = slot.table(watched.table)
    unread = (table.generated if table is not None else frozenset()) - set(watched.columns.values())
    order = Order("", watched.table, "", key=watched.key_columns, masks=dict.fromkeys(unread, DROP))
    require(slot, order, listed=True)


class Log:
    """One look at a slot. `whole` tells, afterwards, that it showed everything up to its end."""

    def __init__(self, slot: Slot, name: str, watched: Watched) -> None:
        self._slot, self._name, self._watched = slot, name, watched
        self._looked = 0

    @property
    def whole(self) -> bool:
        """Whether nothing of ours lies between the last transaction and the end of the look."""
        return self._looked < LOOK

    def pieces(self, after: int, upto: int) -> Iterator[Piece]:
        """What was committed in `after` … `upto`; transactions that were read before are left out.

        Raises: CaptureGarbled, CaptureSlotBusy, ConnectorError.
        """
        try:
            yield from self._pieces(after, upto)
        except Garbled:
            raise CaptureGarbled(place=str(self._slot.at)) from None

    def _pieces(self, after: int, upto: int) -> Iterator[Piece]:
        places: dict[int, tuple[Mapping[str, int | None], frozenset[str]]] = {}
        begun: Begin | None = None
        gathered: list[Change] = []
        for data in self._slot.peek(self._name, upto, LOOK):
            self._looked += 1
            message = decode(data)
            match message:
                case Relation():
                    places[message.oid] = _places(message, self._watched)
                case Begin():
                    begun = None if message.final < after else message
                    gathered = []
                case Commit(end=end) if begun is not None:
                    yield Piece(begun.xid, _moment(begun.at), tuple(gathered), end)
                    gathered = []
                case Insert() | Update() | Delete() | Truncate() if begun is not None:
                    gathered.append(_change(message, places))
                    if len(gathered) >= PIECE:
                        yield Piece(begun.xid, _moment(begun.at), tuple(gathered), None)
                        gathered = []
                case _:
                    continue


def _places(relation: Relation, watched: Watched) -> tuple[Mapping[str, int | None], frozenset[str]]:
    at = {column.name: number for number, column in enumerate(relation.columns)}
    keyed = {column.name for column in relation.columns if column.keyed}
    return (
        {field: at.get(column) for field, column in watched.columns.items()},
        frozenset(field for field, column in watched.columns.items() if column in keyed),
    )


def _change(
    message: Insert | Update | Delete | Truncate,
    places: Mapping[int, tuple[Mapping[str, int | None], frozenset[str]]],
) -> Change:
    if isinstance(message, Truncate):
        return Change("truncate", {}, {})
    if message.relation not in places:
        raise Garbled("a change of a table that was not described")
    at, keyed = places[message.relation]
    match message:
        case Insert(new=new):
            return Change("insert", _values(at, new, None), {})
        case Delete(old=old, whole=whole):
            return Change("delete", {}, _values(at, old, None if whole else keyed))
        case Update(new=new, key=key, old=old):
            former = old if old is not None else key
            told = {} if former is None else _values(at, former, None if old is not None else keyed)
            return Change("update", _values(at, new, None), told)


def _values(at: Mapping[str, int | None], row: Tuple, only: frozenset[str] | None) -> dict[str, Held]:
    try:
        return {
            field: None if place is None else row[place]
            for field, place in at.items()
            if only is None or field in only
        }
    except IndexError:
        raise Garbled("a row with fewer values than its table has columns") from None


def columns_of(watched: Watched) -> Sequence[str]:
    """What is published: the watched columns and no other."""
    return tuple(dict.fromkeys(watched.columns.values()))


def _moment(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)
