"""Finding and reading records: one, a page of many, its history, and what was known on a day about a day."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Final, TypeVar

import msgspec
from django.db import DataError, ProgrammingError

from yiwang.blocks.registry.domain.compiled import Entity, System, View
from yiwang.blocks.registry.domain.errors import ListBroken, RecordUnknown
from yiwang.blocks.registry.domain.layout import FROM, KNOWN, PAST, RECORD, TO, UNTIL
from yiwang.blocks.registry.domain.quoting import name
from yiwang.blocks.registry.domain.written import ROW
from yiwang.blocks.registry.queries.listing import COUNTED, Page, Selection, Told, Wanted, Written
from yiwang.blocks.registry.queries.reading import Record, shape_of
from yiwang.blocks.registry.store.asking import Answer, Question, Sent, ask
from yiwang.blocks.registry.store.days import local_day
from yiwang.blocks.registry.store.entering import Errand

_TOLD: Final = msgspec.json.Decoder(Told)
T = TypeVar("T")


def record(
    errand: Errand, system: str, entity: str, number: int, now: datetime, *, on: date | None = None,
    known: datetime | None = None,
) -> Record:  # fmt: skip
    """A record as it is believed (`known`: was believed then) about a day (`on`, today).

    Raises: SystemUnknown, EntityUnknown, RecordUnknown.
    """

    def asked(found: System, declared: Entity) -> list[Question]:
        return _as_of(found, declared, number, on or local_day(now), known)

    return _one(_records(ask(errand, system, entity, now, asked)))


def by_key(errand: Errand, system: str, entity: str, key: Mapping[str, str], now: datetime) -> Record:
    """The record with a key, about today. Raises: SystemUnknown, EntityUnknown, FieldUnknown, RecordUnknown."""
    return _one(records(errand, system, entity, Wanted(key, size=1, counted=False, exact=True), now).records)


def records(
    errand: Errand, system: str, entity: str, wanted: Wanted, now: datetime, *, view: View | None = None
) -> Page:
    """A page of the records that the actor may see. Raises: SystemUnknown, EntityUnknown, FieldUnknown, ListBroken."""
    listing, answer = _listed(errand, system, entity, wanted, now, view)
    rows = answer.rows[0]
    shown = shape_of(answer.system, answer.entity).records(rows[: listing.size])
    following = listing.mark_of(shown[-1]) if len(rows) > listing.size else None
    return Page(tuple(shown), *_counted(answer, wanted), following)


def written(
    errand: Errand, system: str, entity: str, wanted: Wanted, now: datetime, encode: Callable[[Record], bytes]
) -> Written:
    """The same page with its records as JSON: as the database writes them, or by `encode` where it cannot.

    Raises: SystemUnknown, EntityUnknown, FieldUnknown, ListBroken.
    """
    listing, answer = _listed(errand, system, entity, wanted, now, None, written=True)
    rows = answer.rows[0]
    more = len(rows) > listing.size
    shape = shape_of(answer.system, answer.entity)
    last: Record | Told | None
    if shape.text is None:
        shown = shape.records(rows[: listing.size])
        texts, last = [encode(one) for one in shown], shown[-1] if more else None
    else:
        texts = [str(row[1]).encode() for row in rows[: listing.size]]
        last = _TOLD.decode(texts[-1]) if more else None
    return Written(tuple(texts), *_counted(answer, wanted), None if last is None else listing.mark_of(last))


def written_by_key(
    errand: Errand, system: str, entity: str, key: Mapping[str, str], now: datetime, encode: Callable[[Record], bytes]
) -> bytes:  # fmt: skip
    """The record with a key as JSON, about today. Raises: as `by_key`."""
    return _one(
        written(errand, system, entity, Wanted(key, size=1, counted=False, exact=True), now, encode).records
    )


def _listed(
    errand: Errand, system: str, entity: str, wanted: Wanted, now: datetime, view: View | None, *, written: bool = False
) -> tuple[Selection, Answer]:  # fmt: skip
    """The rows of a list, and what was asked; `written`: as JSON, where the database can write them."""
    made: list[Selection] = []

    def asked(found: System, declared: Entity) -> list[Question]:
        made[:] = [Selection(found, declared, wanted, now, view)]
        return made[0].questions(columns=shape_of(found, declared).text if written else None)

    try:
        answer = ask(errand, system, entity, now, asked)
    except (DataError, ProgrammingError):
        if wanted.mark is None:
            raise
        raise ListBroken(problem="mark") from None
    return made[0], answer


def _counted(answer: Answer, wanted: Wanted) -> tuple[int, bool]:
    """How many records a list has, and whether there are more."""
    total = int(str(answer.rows[1][0][0])) if wanted.counted else len(answer.rows[0])
    return min(total, COUNTED), total > COUNTED


def history(errand: Errand, system: str, entity: str, number: int, now: datetime) -> tuple[Record, ...]:
    """All that is and was believed of a record, the newest belief first. Raises: SystemUnknown, EntityUnknown, RecordUnknown."""

    def asked(found: System, declared: Entity) -> list[Question]:
        shape = shape_of(found, declared)
        return [
            Question(
                f"SELECT {shape.columns(past=bool(past))} FROM {shape.view(ending=past)} WHERE {name(ROW, RECORD)} = %s",
                [number], 1,
            )
            for past in ("", *([PAST] if shape.table.kept else []))
        ]  # fmt: skip

    shown = _records(ask(errand, system, entity, now, asked))
    if not shown:
        raise RecordUnknown()
    return tuple(sorted(shown, key=lambda one: (one.known, one.since or date.min), reverse=True))


def _as_of(system: System, entity: Entity, number: int, on: date, known: datetime | None) -> list[Question]:
    shape = shape_of(system, entity)
    asked: list[Question] = []
    for past in ("", *([PAST] if known is not None and shape.table.kept else [])):
        conditions: list[str] = [f"{name(ROW, RECORD)} = %s"]
        values: list[Sent] = [number]
        if shape.table.dated:
            conditions.append(f"{name(ROW, FROM)} <= %s AND {name(ROW, TO)} > %s")
            values += [on, on]
        if known is not None:
            conditions.append(f"{name(ROW, KNOWN)} <= %s")
            values.append(known)
        if past:
            conditions.append(f"{name(ROW, UNTIL)} > %s")
            values.append(known)
        asked.append(
            Question(
                f"SELECT {shape.columns(past=bool(past))} FROM {shape.view(ending=past)} WHERE {' AND '.join(conditions)}",
                values, 1,
            )
        )  # fmt: skip
    return asked


def _records(answer: Answer) -> list[Record]:
    shape = shape_of(answer.system, answer.entity)
    return shape.records([row for rows in answer.rows for row in rows])


def _one(found: Sequence[T]) -> T:
    if not found:
        raise RecordUnknown()
    return found[0]
