"""Leave a trace of who opened a record; what another agency reads is evidence in the journal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from yiwang.blocks.journal.public import record_event
from yiwang.blocks.registry.queries.reading import Record
from yiwang.blocks.registry.store import models
from yiwang.blocks.registry.store.entering import Errand, entering
from yiwang.blocks.registry.store.reads import leaves
from yiwang.blocks.registry.store.systems import entity_of


def note_reading(
    errand: Errand, system: str, entity: str, record: Record, now: datetime, *, uncovered: Sequence[str] = ()
) -> None:
    """Write down that the actor has read a record as it was shown to them.

    `uncovered` are masked fields whose value they asked to see. Raises: SystemUnknown, EntityUnknown.
    """
    found, _ = entity_of(system, entity)
    me = errand.actor
    seen = sum(value is not None for value in record.values.values())
    with entering(errand, now):
        event = ""
        if leaves(errand, found):
            event = _event(errand, system, entity, record.id)
            if uncovered:
                event = record_event(
                    "record-uncovered", now, consumer=me.agency, provider=found.owner, purpose=errand.purpose,
                    detail={
                        "system": system, "entity": entity, "record": record.id, "case": errand.case or None,
                        "uncovered": list(uncovered),
                    },
                )  # fmt: skip
        models.Reading.objects.create(
            system=system, entity=entity, record=record.id, user=me.user_id, name=me.name, agency=me.agency,
            agency_name=me.agency_name, purpose=errand.purpose, case=errand.case, fields=seen,
            uncovered=list(uncovered), at=now, event=event,
        )  # fmt: skip


def _event(errand: Errand, system: str, entity: str, record: int) -> str:
    """The event that the reading itself left, which is the one that was just made."""
    rows = models.Read.objects.filter(
        system=system, entity=entity, account=errand.actor.user_id, records__contains=[record]
    )
    return rows.order_by("-id").values_list("event", flat=True).first() or ""
