"""Many changes of rows folded into what each row is in the end, by key. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Final

from yiwang.dataplane.transfer.capture.pgoutput import (
    UNCHANGED,
    Absent,
    Change,
    Delete,
    Garbled,
    Held,
    Insert,
    Relation,
    Truncate,
    Tuple,
    Update,
)
from yiwang.dataplane.transfer.shape import Column, Key, Kind, Row, Value

KeyOf = Callable[[Row], Key]


@dataclass(slots=True, repr=False)
class Draft:
    """A row as far as the log tells it; values that did not travel stand in the row that had the key `origin` before."""

    values: list[Value | Absent]
    origin: Key

    @property
    def whole(self) -> bool:
        """Whether no value is missing."""
        return UNCHANGED not in self.values


@dataclass(slots=True)
class Folded:
    """What a run of changes amounts to.

    Attributes:
        emptied: the table was truncated before any of `rows`.
        rows: by key, the row as it is in the end, or None where it is gone.
    """

    emptied: bool = False
    rows: dict[Key, Draft | None] = field(default_factory=dict)
    inserted: int = 0
    updated: int = 0
    deleted: int = 0


class Folder:
    """Folds the changes of one table."""

    def __init__(
        self,
        columns: tuple[Column, ...],
        key: tuple[str, ...],
        key_of: KeyOf,
        names: Mapping[str, str] | None = None,
    ) -> None:
        """`names`: as the log calls columns that have another name here."""
        self._columns, self._key_of, self._names = columns, key_of, names or {}
        self._key_at = [[c.name for c in columns].index(name) for name in key]
        self._places: dict[int, list[int | None]] = {}
        self.folded = Folded()

    def __len__(self) -> int:
        return len(self.folded.rows)

    def taken(self) -> Folded:
        """What was folded so far; the next fold begins empty."""
        held, self.folded = self.folded, Folded()
        return held

    def describe(self, relation: Relation) -> None:
        """The table had these columns from here on; those that it had not yet were NULL, others have gone since."""
        at = {attribute.name: number for number, attribute in enumerate(relation.columns)}
        self._places[relation.oid] = [
            at.get(self._names.get(column.name, column.name)) for column in self._columns
        ]

    def add(self, change: Change) -> None:
        """One more change. Raises: Garbled, when its table was not described."""
        match change:
            case Truncate():
                self.folded = Folded(True, {}, self.folded.inserted, self.folded.updated, self.folded.deleted)
            case Insert(relation=relation, new=new):
                values = self._values(relation, new)
                key = self._key(values)
                self.folded.rows[key] = Draft(values, key)
                self.folded.inserted += 1
            case Delete(relation=relation, old=old):
                self.folded.rows[self._key(self._values(relation, old))] = None
                self.folded.deleted += 1
            case Update():
                self._update(change)
                self.folded.updated += 1

    def _update(self, change: Update) -> None:
        values = self._values(change.relation, change.new)
        before = change.key or change.old
        former = values if before is None else self._values(change.relation, before)
        was = self._key(former)
        if change.old is not None:
            values = [b if a is UNCHANGED else a for a, b in zip(values, former, strict=True)]
        if change.key is not None:
            for at in self._key_at:
                if values[at] is UNCHANGED:
                    values[at] = former[at]
        origin, held = was, self.folded.rows.get(was)
        if held is not None:
            values = [b if a is UNCHANGED else a for a, b in zip(values, held.values, strict=True)]
            origin = held.origin
        key = self._key(values)
        if key != was:
            self.folded.rows[was] = None
        self.folded.rows[key] = Draft(values, origin)

    def _values(self, relation: int, row: Tuple) -> list[Value | Absent]:
        places = self._places.get(relation)
        if places is None:
            raise Garbled("a change of a table that was not described")
        try:
            return [
                None if at is None else native(column.kind, row[at])
                for column, at in zip(self._columns, places, strict=True)
            ]
        except IndexError:
            raise Garbled("a row with fewer values than its table has columns") from None

    def _key(self, values: list[Value | Absent]) -> Key:
        return self._key_of(tuple(values[at] for at in self._key_at))


def _boolean(text: str) -> Value:
    return text == "t"


def _binary(text: str) -> Value:
    return bytes.fromhex(text[2:])


_NATIVE: Final[Mapping[Kind, Callable[[str], Value]]] = {
    "integer": int, "decimal": Decimal, "float": float, "boolean": _boolean, "binary": _binary,
}  # fmt: skip


def native(kind: Kind, held: Held) -> Value | Absent:
    """A value of the log as the driver gives it when the row is read, so that both are the same row."""
    if held is None or isinstance(held, Absent) or kind not in _NATIVE:
        return held
    try:
        return _NATIVE[kind](held)
    except (ValueError, InvalidOperation):
        return held  # a type that changed meanwhile: told of the row
