"""What one grant lets a subscriber see of an event: its rows, its fields, its masks. Pure.

A row that comes into the granted rows is an insert and one that leaves them a delete, whatever it was at the source;
a change of nothing that the subscriber sees is no event.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

import msgspec

from yiwang.blocks.subscriptions.domain.errors import GrantUnfit
from yiwang.blocks.subscriptions.domain.events import Event, Op
from yiwang.blocks.subscriptions.domain.shapes import Field, Grant, Resource, RowCondition
from yiwang.blocks.subscriptions.domain.wire import Row, Wire
from yiwang.dataplane.masking import MASKS, Mask

Comparable = str | Decimal | bool | date | datetime


@dataclass(frozen=True, slots=True, repr=False)
class Shown:
    """An event as it leaves. `values` are None for `delete` and `resync`, `key` is None for `resync`.

    Attributes:
        persons: by field, the natural persons that it tells of, unmasked: for the evidence alone.
    """

    op: Op
    key: Mapping[str, object] | None
    values: Mapping[str, object] | None
    persons: tuple[tuple[str, str], ...]


class View:
    """One grant on one resource, laid out for many events."""

    def __init__(self, grant: Grant, resource: Resource) -> None:
        """Raises: GrantUnfit, when the grant does not let its holder tell rows apart or does not fit the resource."""
        fields = {field.name: field for field in resource.fields}
        granted = {one.name: one.mask for one in grant.fields}
        if "changes" not in grant.modes:
            raise GrantUnfit(
                grant=grant.id, reason_zh="没有允许变更订阅", reason_en="it does not allow changes"
            )
        if not resource.key or any(granted.get(name, "-") for name in resource.key):
            raise GrantUnfit(
                grant=grant.id,
                reason_zh="键没有授权，或被脱敏",
                reason_en="the key is not granted, or is masked",
            )
        used = {*granted, *(row.name for row in grant.rows)}
        if used - set(fields) or {mask for mask in granted.values() if mask} - set(MASKS):
            raise GrantUnfit(
                grant=grant.id,
                reason_zh="资源已没有授权里的字段",
                reason_en="the resource has lost a granted field",
            )
        self._fields: dict[str, tuple[Field, Mask | None]] = {
            name: (fields[name], MASKS[mask] if mask else None) for name, mask in granted.items()
        }
        self._rows = tuple(_Rule(fields[row.name], row) for row in grant.rows)
        self._key = resource.key
        self._persons = tuple(field for field in resource.fields if field.subject == "person")
        self.needed = frozenset(used | set(resource.key) | {field.name for field in self._persons})
        """Fields that events must hold for it."""
        self.personal = bool(self._persons)

    def shown(self, event: Event) -> Shown | None:
        """What is seen of an event; None where nothing is."""
        if event.op == "resync":
            return Shown("resync", None, None, ())
        before = event.before if event.before is not None and self._matches(event.before) else None
        after = event.after if event.after is not None and self._matches(event.after) else None
        if before is None and after is None:
            return None
        if after is None:
            assert before is not None
            return Shown("delete", self._named(before), None, self._about(before))
        values = self._masked(after)
        if before is not None and self._masked(before) == values:
            return None
        op: Op = "insert" if before is None else "update"
        leaving = {name: _unfolded(self._fields[name][0], value) for name, value in values.items()}
        return Shown(op, self._named(after), leaving, self._about(after))

    def _matches(self, row: Row) -> bool:
        return all(rule.holds(row.get(rule.field.name)) for rule in self._rows)

    def _named(self, row: Row) -> dict[str, object]:
        return {name: row.get(name) for name in self._key}

    def _masked(self, row: Row) -> dict[str, Wire]:
        values: dict[str, Wire] = {}
        for name, (_, mask) in self._fields.items():
            value = row.get(name)
            values[name] = value if mask is None or value is None else mask(_spoken(value))
        return values

    def _about(self, row: Row) -> tuple[tuple[str, str], ...]:
        found = ((field, row.get(field.name)) for field in self._persons)
        return tuple(
            (field.name, _spoken(value).strip().upper()) for field, value in found if value is not None
        )


class _Rule:
    """A fixed condition of a grant; what cannot be compared does not hold."""

    def __init__(self, field: Field, row: RowCondition) -> None:
        self.field, self._operator = field, row.operator
        wanted = row.value if isinstance(row.value, tuple) else (row.value,)
        self._texts = tuple(map(_spoken, wanted))
        self._values = tuple(_comparable(field.type, value) for value in wanted)
        if any(value is None for value in self._values):
            raise GrantUnfit(
                grant=field.name,
                reason_zh="行条件与字段类型不符",
                reason_en="a row condition does not fit its field",
            )

    def holds(self, value: Wire) -> bool:
        if value is None:
            return False
        if self._operator == "prefix":
            return _spoken(value).startswith(self._texts[0])
        mine = _comparable(self.field.type, value)
        if mine is None:
            return False
        if self._operator in ("eq", "in"):
            return mine in self._values
        return _ordered(mine, self._values[0], self._operator == "gte")


def _ordered(mine: Comparable, other: Comparable | None, least: bool) -> bool:
    """Whether `mine` is at least, or at most, the other; text by its code points."""
    if isinstance(mine, str) and isinstance(other, str):
        return mine >= other if least else mine <= other
    if isinstance(mine, Decimal) and isinstance(other, Decimal):
        return mine >= other if least else mine <= other
    if isinstance(mine, datetime) and isinstance(other, datetime):
        return mine >= other if least else mine <= other
    if type(mine) is date and type(other) is date:
        return mine >= other if least else mine <= other
    return False


def _comparable(kind: str, value: Wire) -> Comparable | None:
    try:
        reader = _READERS.get(kind)
        return _spoken(value) if reader is None else reader(value)
    except (ValueError, InvalidOperation):
        return None


def _number(value: Wire) -> Decimal:
    number = Decimal(_spoken(value))
    if not number.is_finite():
        raise ValueError
    return number


def _truth(value: Wire) -> bool:
    found = {"true": True, "false": False}.get(_spoken(value).lower())
    if found is None:
        raise ValueError
    return found


def _day(value: Wire) -> date:
    return date.fromisoformat(_spoken(value))


def _moment(value: Wire) -> datetime:
    moment = datetime.fromisoformat(_spoken(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_READERS: Final[Mapping[str, Callable[[Wire], Comparable]]] = {
    "integer": _number, "decimal": _number, "boolean": _truth, "date": _day, "datetime": _moment,
}  # fmt: skip


def _spoken(value: Wire) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _unfolded(field: Field, value: Wire) -> object:
    return msgspec.Raw(value.encode("utf-8")) if field.type == "json" and isinstance(value, str) else value
