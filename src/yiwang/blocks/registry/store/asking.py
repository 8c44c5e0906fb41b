"""Statements about records, run under an errand: in one journey to the database, and noted where they leave the agency.

Who asks in their own agency is answered in a single journey: who acts and the questions travel together, as prepared
statements of one pipeline, which is one transaction. A read by another agency is written down in the transaction
that reads it, so that nothing is shown of which there is no note.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import psycopg
from django.db import DatabaseError, connection

from yiwang.blocks.registry.domain.compiled import Entity, System
from yiwang.blocks.registry.domain.errors import RegistryError
from yiwang.blocks.registry.store.entering import (
    ACTOR,
    ERRAND,
    Errand,
    actor_values,
    entering,
    errand_values,
)
from yiwang.blocks.registry.store.reads import leaves, note
from yiwang.blocks.registry.store.systems import InForce, in_force, remembered

Sent = int | float | str | bytes | date | datetime | list[str] | list[bytes] | None
"""A parameter of a statement."""
Row = tuple[object, ...]
_ENTER: Final = (
    f"SELECT {ACTOR}, {ERRAND}, 1 / (SELECT count(*) FROM registry_system WHERE id = %s AND state = 'active'"
    " AND applied_at::text = %s)"
)
"""Says who acts; fails where the system was applied anew since this process looked, so that nothing is done then."""


@dataclass(frozen=True, slots=True)
class Question:
    """A statement with its values.

    `shown` is how many of its rows are shown at most, each with the number of its record first; 0 of a count.
    """

    text: str
    values: Sequence[Sent]
    shown: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of each question, of a system and an entity as they are in force."""

    system: System
    entity: Entity
    rows: list[list[Row]]


Asked = Callable[[System, Entity], Sequence[Question]]


def ask(errand: Errand, system: str, entity: str, now: datetime, asked: Asked) -> Answer:
    """The answers to what `asked` makes of the declaration.

    Raises: SystemUnknown, EntityUnknown, and what `asked` raises.
    """
    if connection.in_atomic_block:
        return _within(errand, in_force(system), entity, now, asked)
    known = remembered(system)
    try:
        return _answered(errand, known, entity, now, asked)
    except (RegistryError, DatabaseError):  # perhaps another release is in force by now
        present = in_force(system)
        if present is known:
            raise
    return _answered(errand, present, entity, now, asked)


def _answered(errand: Errand, known: InForce, entity: str, now: datetime, asked: Asked) -> Answer:
    declared = known.entity(entity)
    questions = asked(known.system, declared)
    if any(one.shown for one in questions) and leaves(errand, known.system):
        return _within(errand, known, entity, now, asked)
    connection.ensure_connection()
    raw: psycopg.Connection[Row] = connection.connection
    cursors = [psycopg.Cursor(raw) for _ in range(len(questions) + 1)]
    # the pipeline is one transaction, done whole or not at all
    with connection.wrap_database_errors, raw.pipeline():
        cursors[0].execute(
            _ENTER.encode(),
            [*actor_values(errand), *errand_values(errand, now), known.system.id, known.stamp],
            prepare=True,
        )
        for cursor, question in zip(cursors[1:], questions, strict=True):
            # a statement prepared for the views of another application is not this one
            cursor.execute(f"{question.text} /* {known.stamp} */".encode(), question.values, prepare=True)
    return Answer(known.system, declared, [cursor.fetchall() for cursor in cursors[1:]])


def _within(errand: Errand, known: InForce, entity: str, now: datetime, asked: Asked) -> Answer:
    """The same in a transaction of several steps: inside another, or with a note of the read."""
    declared = known.entity(entity)
    questions = asked(known.system, declared)
    with entering(errand, now), connection.cursor() as cursor:
        found: list[list[Row]] = []
        for question in questions:
            cursor.execute(question.text, list(question.values))
            found.append(cursor.fetchall())
        if leaves(errand, known.system):
            shown = [
                int(str(row[0]))
                for question, rows in zip(questions, found, strict=True)
                for row in rows[: question.shown]
            ]
            note(errand, known.system, declared, shown, now)
    return Answer(known.system, declared, found)
