"""From rows of the source to rows of a feed. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from yiwang.blocks.subscriptions.domain.events import RowChange
from yiwang.blocks.subscriptions.domain.shapes import Field, Resource
from yiwang.blocks.subscriptions.domain.wire import Row, key_text, wire
from yiwang.dataplane.changes.watched import Change, Texts, Watched
from yiwang.dataplane.transfer.capture.pgoutput import Absent, Garbled, Held


@dataclass(frozen=True)
class Watching:
    """What is read of a resource, and how it is written down."""

    watched: Watched
    fields: Mapping[str, Field]
    version: int

    def row(self, texts: Texts) -> tuple[str | None, Row]:
        """Key and values of a row; no key where a part of it is NULL."""
        values = {name: wire(self.fields[name], text) for name, text in texts.items()}
        key = [values[name] for name in self.watched.key]
        return (None if None in key else key_text(key)), values

    def change(self, change: Change) -> RowChange:
        """A change of one row. Raises: Garbled, when it does not name its row."""
        former = self._key(change.former) if change.former else None
        if change.kind == "delete":
            if former is None:
                raise Garbled("a deletion without its row")
            return RowChange(former, None, {})
        values = {
            name: wire(self.fields[name], held)
            for name, held in change.new.items()
            if not isinstance(held, Absent)
        }
        key = self._key(
            change.new if not isinstance(change.new.get(self.watched.key[0]), Absent) else change.former
        )
        if change.kind == "update" and former is None:
            former = key
        return RowChange(former, key, values)

    def _key(self, held: Mapping[str, Held]) -> str:
        found = []
        for name in self.watched.key:
            value = held.get(name)
            if value is None or isinstance(value, Absent):
                raise Garbled("a row without its key")
            found.append(wire(self.fields[name], value))
        return key_text(found)


def watching_of(resource: Resource, needed: Collection[str], held: Collection[str]) -> Watching:
    """What is needed, and what is read already and still there."""
    fields = {field.name: field for field in resource.fields if field.name in needed or field.name in held}
    columns = {name: field.column for name, field in fields.items()}
    table = f"{resource.schema}.{resource.relation}"
    return Watching(Watched(table, columns, resource.key), fields, resource.version)
