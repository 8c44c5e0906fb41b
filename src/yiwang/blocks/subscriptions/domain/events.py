"""Events of a resource, and how changes of rows become them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Final, Literal

from yiwang.blocks.subscriptions.domain.wire import Row

Op = Literal["insert", "update", "delete", "resync"]
OPS: Final[tuple[Op, ...]] = ("insert", "update", "delete", "resync")
Reason = Literal["", "slot-lost", "table-replaced", "schema", "fields", "retention"]
"""Why rows were compared anew: changes between two looks may be one event, and came later than they happened."""


@dataclass(frozen=True, slots=True, repr=False)
class RowChange:
    """What became of one row; both keys are texts of `wire.key_text`.

    Attributes:
        former: its key before, where it had one.
        key: its key now; None where it is gone.
        values: what is known of it now; a value that did not travel is missing.
    """

    former: str | None
    key: str | None
    values: Row


@dataclass(frozen=True, slots=True, repr=False)
class Event:
    """One event of a resource, before it is narrowed to what a subscriber may see."""

    op: Op
    key: str
    before: Row | None
    after: Row | None
    reason: Reason = ""


def events_of(held: MutableMapping[str, Row], changes: Iterable[RowChange]) -> list[Event]:
    """The events of changes in their order; `held`, the rows as they were, becomes the rows as they are.

    A change that changes nothing is no event: a repeated one, or one of columns that are not watched.
    """
    found: list[Event] = []
    for change in changes:
        former = held.get(change.former) if change.former is not None else None
        if change.former is not None and change.former != change.key and former is not None:
            del held[change.former]
            found.append(Event("delete", change.former, former, None))
        if change.key is None:
            continue
        before = held.get(change.key)
        known: Mapping[str, object] = before if before is not None else former or {}
        after = {**known, **change.values}
        row: Row = {
            name: value for name, value in after.items() if isinstance(value, str | int | bool | None)
        }
        if before == row:
            continue
        held[change.key] = row
        found.append(Event("insert" if before is None else "update", change.key, before, row))
    return found


def event_id(feed: str, position: int) -> str:
    """The name of an event for ever, by which a receiver knows one that it has handled."""
    return f"{feed}-{position}"
