"""The log of reads: which records, by whom, why; with an event in the journal where they leave their department."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from yiwang.blocks.journal.public import record_event
from yiwang.blocks.registry.domain.compiled import Entity, System
from yiwang.blocks.registry.store.entering import Errand
from yiwang.blocks.registry.store.models import Read
from yiwang.vocabulary.canonical import canonical
from yiwang.vocabulary.crypto import SM2_SM3, suite

EVENT: Final = "record-read"
MOST: Final = 5_000
"""Records in one note; a long export has several."""


def leaves(errand: Errand, system: System) -> bool:
    """Whether what is read goes to another agency than the one that answers for the system."""
    return errand.actor.agency != system.owner


def note(errand: Errand, system: System, entity: Entity, records: Iterable[int], now: datetime) -> None:
    """Write down who reads the records, in the transaction that reads them; nothing where none are read.

    The leaf names table, purpose, case and how many; the digest in it is of the numbers that stand in the note.
    """
    found = sorted(set(records))
    for start in range(0, len(found), MOST):
        part = found[start : start + MOST]
        event = record_event(
            EVENT,
            now,
            consumer=errand.actor.agency,
            provider=system.owner,
            purpose=errand.purpose,
            detail={
                "system": system.id, "entity": entity.id, "records": len(part), "digest": digest(part),
                "case": errand.case, "by": errand.actor.user_id, "way": errand.way,
            },
        )  # fmt: skip
        log(errand, system, entity.id, part, now, event)


def log(
    errand: Errand, system: System, entity: str, records: Sequence[int], now: datetime, event: str, *, fields: int = 0,
    uncovered: Sequence[str] = (),
) -> None:  # fmt: skip
    """One row of the log, inside the errand. `fields`: how many a page showed; `uncovered`: masked ones asked for."""
    me = errand.actor
    Read.objects.create(
        system=system.id, entity=entity, records=list(records), account=me.user_id, name=me.name, agency=me.agency,
        agency_name=me.agency_name, owner=system.owner, purpose=errand.purpose, case=errand.case, way=errand.way,
        fields=fields, uncovered=list(uncovered), at=now, event=event,
    )  # fmt: skip


def digest(records: Sequence[int]) -> str:
    """SM3 over the canonical list of the numbers, in hexadecimal."""
    return suite(SM2_SM3).digest(canonical(list(records))).hex()
