"""The note of every read that leaves its department: which records, by whom, why; with an event in the journal."""

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
        Read.objects.create(
            system=system.id, entity=entity.id, records=part, account=errand.actor.user_id, name=errand.actor.name,
            agency=errand.actor.agency, purpose=errand.purpose, case=errand.case, way=errand.way, at=now, event=event,
        )  # fmt: skip


def digest(records: Sequence[int]) -> str:
    """SM3 over the canonical list of the numbers, in hexadecimal."""
    return suite(SM2_SM3).digest(canonical(list(records))).hex()
