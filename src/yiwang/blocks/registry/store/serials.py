"""Numbers by a declared pattern, such as `JZ{place:6}{yyyy}{n:6}`: counted for each value of the rest, never reused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from django.db import connection

from yiwang.blocks.registry.domain.compiled import Entity, Field, System

_SLOT = re.compile(r"\{(\w+)(?::(\d+))?\}")


def next_serial(
    system: System, entity: Entity, field: Field, values: Mapping[str, object], today: date
) -> str:
    """The next number of a field. `{yyyy}`, `{mm}`, `{dd}` are of today, `{n:w}` the counter with w digits, any other
    slot the beginning of the field of that name (`place`: of the first division)."""
    dates = {
        "yyyy": f"{today:%Y}", "mm": f"{today:%m}", "dd": f"{today:%d}", "yyyymm": f"{today:%Y%m}",
        "yyyymmdd": f"{today:%Y%m%d}",
    }  # fmt: skip
    place = next((f.id for f in entity.fields if f.kind == "division"), "")

    def filled(slot: re.Match[str]) -> str:
        name, width = slot[1], int(slot[2] or 0)
        if name == "n":
            return slot[0]
        text = dates.get(name) or str(values.get(place if name == "place" else name) or "")
        return text[:width].ljust(width, "0") if width else text

    prefix = _SLOT.sub(filled, field.argument)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO registry_serial (name, last) VALUES (%s, 1)"
            " ON CONFLICT (name) DO UPDATE SET last = registry_serial.last + 1 RETURNING last",
            [f"{system.id}.{entity.id}.{field.id}|{prefix}"],
        )
        number = cursor.fetchone()[0]
    return _SLOT.sub(lambda slot: str(number).zfill(int(slot[2] or 1)), prefix)
