"""Registering standards: draft, in force, superseded. The data bureau does it; everybody may read what is in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db.models import Max, QuerySet

from yiwang.blocks.exchange.public import as_actor
from yiwang.blocks.identity.public import REVIEWER, Actor
from yiwang.blocks.journal.public import record_event
from yiwang.blocks.standards.domain import errors
from yiwang.blocks.standards.domain.errors import Problem
from yiwang.blocks.standards.domain.registering import (
    ListForm,
    codes_from,
    element_problems,
    elements_from,
    list_problems,
)
from yiwang.blocks.standards.queries.reading import codes_in_force, in_force
from yiwang.blocks.standards.store import models
from yiwang.blocks.standards.store.rows import fill_element, fill_list
from yiwang.vocabulary.data_elements import DataElement

S = TypeVar("S", models.Element, models.CodeList)


@dataclass(frozen=True)
class Imported:
    """What a file of elements did: numbers that are new, drafts of new versions, and those that say nothing new."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    same: int


@as_actor
def draft_element(actor: Actor, element: DataElement, now: datetime, *, note: str = "") -> int:
    """Keep a draft of an element's next version; returns the version. A draft that stands is replaced.

    Raises: StandardNotAllowed, StandardInvalid.
    """
    _bureau(actor)
    wrong = element_problems(element, _list_known)
    if wrong:
        raise errors.StandardInvalid(wrong)
    return _draft(actor, element, note, now)


@as_actor
def import_elements(actor: Actor, content: bytes, now: datetime) -> Imported:
    """Take in a CSV of elements as drafts, all or none.

    Raises: StandardNotAllowed, StandardFileUnreadable, StandardInvalid (each problem with its line).
    """
    _bureau(actor)
    elements, problems = elements_from(content)
    found = list(problems)
    for number, element in enumerate(elements):
        found += [
            Problem(f"{element.number or f'#{number + 1}'}: {one.where}", one.zh, one.en)
            for one in element_problems(element, _list_known)
        ]
    if found:
        raise errors.StandardInvalid(tuple(found))
    new: list[str] = []
    changed: list[str] = []
    same = 0
    for element in elements:
        present = in_force(element.number)
        if present == element:
            same += 1
            continue
        (changed if present else new).append(element.number)
        _draft(actor, element, "", now)
    return Imported(tuple(new), tuple(changed), same)


@as_actor
def put_element_in_force(actor: Actor, number: str, now: datetime) -> None:
    """The draft takes the place of the version in force. Raises: StandardNotAllowed, StandardStateWrong."""
    _bureau(actor)
    row = _put_in_force(models.Element.objects.filter(number=number), number, actor, now)
    record_event("standard-in-force", now, detail={"element": number, "version": row.version})


@as_actor
def discard_element(actor: Actor, number: str) -> None:
    """Throw a draft away. Raises: StandardNotAllowed, StandardStateWrong."""
    _bureau(actor)
    _drafted(models.Element.objects.filter(number=number), number).delete()


@as_actor
def retire_element(actor: Actor, number: str, successor: str, now: datetime) -> None:
    """End an element of this node; `successor` is the number of what takes its place, or empty.

    Raises: StandardNotAllowed, StandardStateWrong, StandardInvalid.
    """
    _bureau(actor)
    if successor and (successor == number or in_force(successor) is None):
        raise errors.StandardInvalid(
            (Problem("successor", "没有这个编号的现行数据元。", "No element of this number is in force."),)
        )
    row = models.Element.objects.select_for_update().filter(number=number, state="in_force").first()
    if row is None:
        raise errors.StandardStateWrong(number=number, step_zh="停用", step_en="retiring")
    row.successor = successor
    _end(row, now)
    record_event("standard-superseded", now, detail={"element": number, "version": row.version})


@as_actor
def draft_list(actor: Actor, form: ListForm, now: datetime, *, note: str = "") -> int:
    """Keep a draft of a code list's next version; returns the version. Raises: StandardNotAllowed, StandardInvalid."""
    _bureau(actor)
    wrong = list_problems(form)
    if wrong:
        raise errors.StandardInvalid(wrong)
    row = models.CodeList.objects.select_for_update().filter(list_id=form.id, state="draft").first()
    if row is None:
        row = models.CodeList(list_id=form.id, version=_next(models.CodeList.objects.filter(list_id=form.id)))
    fill_list(row, form)
    row.note, row.changed_at, row.changed_by = note.strip(), now, actor.name
    row.save()
    return row.version


@as_actor
def draft_list_from(
    actor: Actor,
    list_id: str,
    title: str,
    content: bytes,
    now: datetime,
    *,
    standard: str = "",
    edition: str = "",
    source: str = "",
) -> int:
    """Keep a draft of a code list whose codes stand in a CSV.

    Raises: StandardNotAllowed, StandardFileUnreadable, StandardInvalid.
    """
    _bureau(actor)
    codes, problems = codes_from(content)
    if problems:
        raise errors.StandardInvalid(problems)
    form = ListForm(list_id, title, codes, standard, edition, source)
    wrong = list_problems(form)
    if wrong:
        raise errors.StandardInvalid(wrong)
    return draft_list(actor, form, now)


@as_actor
def put_list_in_force(actor: Actor, list_id: str, now: datetime) -> None:
    """The draft takes the place of the version in force. Raises: StandardNotAllowed, StandardStateWrong."""
    _bureau(actor)
    row = _put_in_force(models.CodeList.objects.filter(list_id=list_id), list_id, actor, now)
    record_event("standard-in-force", now, detail={"list": list_id, "version": row.version})


def _draft(actor: Actor, element: DataElement, note: str, now: datetime) -> int:
    rows = models.Element.objects.filter(number=element.number.strip())
    row = rows.select_for_update().filter(state="draft").first()
    if row is None:
        row = models.Element(version=_next(rows))
    fill_element(row, element)
    row.note, row.changed_at, row.changed_by = note.strip(), now, actor.name
    row.save()
    return row.version


def _put_in_force(rows: QuerySet[S], number: str, actor: Actor, now: datetime) -> S:
    draft = _drafted(rows, number)
    for before in rows.select_for_update().filter(state="in_force"):
        _end(before, now)
    draft.state, draft.in_force_at, draft.changed_by = "in_force", now, actor.name
    draft.save()
    return draft


def _drafted(rows: QuerySet[S], number: str) -> S:
    row = rows.select_for_update().filter(state="draft").first()
    if row is None:
        raise errors.StandardStateWrong(number=number, step_zh="生效", step_en="putting in force")
    return row


def _end(row: models.Element | models.CodeList, now: datetime) -> None:
    row.state, row.ended_at = "superseded", now
    row.save()


def _next(rows: QuerySet[S]) -> int:
    last = rows.aggregate(last=Max("version"))["last"]
    return int(last or 0) + 1


def _list_known(list_id: str) -> bool:
    return codes_in_force(list_id) is not None


def _bureau(actor: Actor) -> None:
    if not actor.has(REVIEWER):
        raise errors.StandardNotAllowed()
