"""Who opened a record (谁看过), for whoever may see the record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from yiwang.blocks.registry.queries.remarks import latest
from yiwang.blocks.registry.store import models
from yiwang.blocks.registry.store.entering import Errand, entering
from yiwang.blocks.registry.store.systems import entity_of


@dataclass(frozen=True, slots=True)
class ReadingView:
    """Somebody opened a record. `event` names its evidence where another agency did; `uncovered`: masked fields asked for."""

    name: str
    agency: str
    agency_name: str
    purpose: str
    case: str
    fields: int
    uncovered: tuple[str, ...]
    at: datetime
    event: str


def readings(
    errand: Errand, system: str, entity: str, number: int, now: datetime, *, most: int = 20
) -> tuple[tuple[ReadingView, ...], int]:
    """The last readings of a record, and how many there were in all; nothing to who does not see the record.

    Raises: SystemUnknown, EntityUnknown.
    """
    found, declared = entity_of(system, entity)
    with entering(errand, now):
        if latest(found, declared, number) is None:
            return (), 0
        rows = models.Reading.objects.filter(system=system, entity=entity, record=number).order_by(
            "-at", "-id"
        )
        shown = tuple(
            ReadingView(
                row.name, row.agency, row.agency_name, row.purpose, row.case, row.fields, tuple(row.uncovered), row.at,
                row.event,
            )
            for row in rows[:most]
        )  # fmt: skip
        return shown, rows.count()
