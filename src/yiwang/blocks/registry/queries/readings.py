"""Who read a record (谁看过), for whoever may see the record: all of it in the agency that answers for it, else one's own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection

from yiwang.blocks.registry.queries.remarks import latest
from yiwang.blocks.registry.store.entering import Errand, entering
from yiwang.blocks.registry.store.systems import entity_of

MOST: Final = 200
"""As many are told at most."""
_READ: Final = """
SELECT max(name), agency, max(agency_name), purpose, "case", way, max(fields),
  (array_agg(uncovered ORDER BY jsonb_array_length(uncovered) DESC))[1], at,
  (array_agg(event ORDER BY jsonb_array_length(uncovered) DESC, event DESC))[1], count(*) OVER ()
FROM registry_read WHERE system = %s AND entity = %s AND records @> ARRAY[%s]::bigint[]
GROUP BY account, agency, purpose, "case", way, at ORDER BY at DESC, max(id) DESC LIMIT %s
"""
"""What somebody read at one moment is one reading, in however many steps the page was made."""


@dataclass(frozen=True, slots=True)
class ReadingView:
    """Somebody read a record.

    Attributes:
        agency: 统一社会信用代码.
        fields: how many fields with a value a page showed; 0 of lists, interfaces and exports.
        uncovered: masked fields whose value was asked for.
        event: names its evidence where another agency read.
    """

    name: str
    agency: str
    agency_name: str
    purpose: str
    case: str
    way: str
    fields: int
    uncovered: tuple[str, ...]
    at: datetime
    event: str


def readings(
    errand: Errand, system: str, entity: str, number: int, now: datetime, *, most: int = MOST
) -> tuple[tuple[ReadingView, ...], int]:
    """The last readings of a record, and how many there were in all; nothing to who does not see the record.

    Raises: SystemUnknown, EntityUnknown.
    """
    found, declared = entity_of(system, entity)
    with entering(errand, now), connection.cursor() as cursor:
        if latest(found, declared, number) is None:
            return (), 0
        cursor.execute(_READ, [system, entity, number, most])
        rows = cursor.fetchall()
    shown = tuple(
        ReadingView(
            name, agency, agency_name, purpose, case, way, fields, tuple(json.loads(uncovered)), at, event
        )
        for name, agency, agency_name, purpose, case, way, fields, uncovered, at, event, _ in rows
    )
    return shown, int(rows[0][-1]) if rows else 0
