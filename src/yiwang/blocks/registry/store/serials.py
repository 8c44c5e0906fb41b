"""Numbers by a declared pattern, such as `JZ{place:6}{yyyy}{n:6}`: counted for each value of the rest, never reused."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from django.db import connection

from yiwang.blocks.registry.domain.compiled import Entity, Field, System

_SLOT = re.compile(r"\{(\w+)(?::(\d+))?\}")


def slots(entity: Entity, field: Field) -> frozenset[str]:
    """The fields whose values are part of a number."""
    names = {slot[1] for slot in _SLOT.finditer(field.argument)}
    place = {_place(entity)} if "place" in names else set()
    return frozenset(one.id for one in entity.fields if one.id in names | place)


def next_serial(
    system: System, entity: Entity, field: Field, values: Mapping[str, object], today: date
) -> str:
    """The next number of a field. `{yyyy}`, `{mm}`, `{dd}` are of today, `{n:w}` the counter with w digits, any other
    slot the beginning of the field of that name (`place`: of the first division)."""
    return next_serials(system, entity, field, [values], today)[0]


def next_serials(
    system: System, entity: Entity, field: Field, rows: Sequence[Mapping[str, object]], today: date
) -> list[str]:
    """The next number for each of many records, in their order."""
    prefixes = [_prefix(entity, field, values, today) for values in rows]
    following: dict[str, int] = {}
    with connection.cursor() as cursor:
        for prefix, count in sorted(Counter(prefixes).items()):
            cursor.execute(
                "INSERT INTO registry_serial (name, last) VALUES (%s, %s)"
                " ON CONFLICT (name) DO UPDATE SET last = registry_serial.last + %s RETURNING last",
                [f"{system.id}.{entity.id}.{field.id}|{prefix}", count, count],
            )
            following[prefix] = int(cursor.fetchone()[0]) - count
    found: list[str] = []
    for prefix in prefixes:
        following[prefix] += 1
        number = str(following[prefix])
        found.append(_SLOT.sub(lambda slot, number=number: number.zfill(int(slot[2] or 1)), prefix))
    return found


def _prefix(entity: Entity, field: Field, values: Mapping[str, object], today: date) -> str:
    """The pattern with everything but the counter filled in."""
    dates = {
        "yyyy": f"{today:%Y}", "mm": f"{today:%m}", "dd": f"{today:%d}", "yyyymm": f"{today:%Y%m}",
        "yyyymmdd": f"{today:%Y%m%d}",
    }  # fmt: skip

    def filled(slot: re.Match[str]) -> str:
        name, width = slot[1], int(slot[2] or 0)
        if name == "n":
            return slot[0]
        text = dates.get(name) or str(values.get(_place(entity) if name == "place" else name) or "")
        return text[:width].ljust(width, "0") if width else text

    return _SLOT.sub(filled, field.argument)


def _place(entity: Entity) -> str:
    return next((f.id for f in entity.fields if f.kind == "division"), "")
