"""Standards in force: those that this node registered, else the national ones that come with the product."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db.models import Q, QuerySet

from yiwang.blocks.catalogue.public import ItemUse, element_uses
from yiwang.blocks.exchange.public import as_actor
from yiwang.blocks.identity.public import REVIEWER, Actor
from yiwang.blocks.standards.domain import errors
from yiwang.blocks.standards.domain.registering import Code, State
from yiwang.blocks.standards.store import models
from yiwang.blocks.standards.store.rows import codes_of, element_of
from yiwang.vocabulary.code_lists import CodeList, code_list, code_list_ids
from yiwang.vocabulary.data_elements import DataElement, national_elements

S = TypeVar("S", models.Element, models.CodeList)
NATIONAL = 0
"""The version of what comes with the product."""


@dataclass(frozen=True)
class ElementRow:
    """An element in a list: the version in force, or the draft of one that never was."""

    element: DataElement
    version: int
    state: State
    uses: int
    drafted: bool


@dataclass(frozen=True)
class VersionView:
    """A version of an element or a list."""

    version: int
    state: State
    note: str
    edition: str
    source: str
    changed_at: datetime | None
    changed_by: str
    in_force_at: datetime | None
    ended_at: datetime | None
    successor: str


@dataclass(frozen=True)
class ElementView:
    """An element with its versions and who follows it. `draft` is for the data bureau alone."""

    row: ElementRow
    versions: tuple[VersionView, ...]
    uses: tuple[ItemUse, ...]
    draft: DataElement | None
    codes: tuple[Code, ...]


@dataclass(frozen=True)
class ListRow:
    """A code list: the version in force, or the draft of one that never was."""

    id: str
    title: str
    standard: str
    edition: str
    source: str
    verified: bool
    note: str
    version: int
    state: State
    size: int
    drafted: bool


@dataclass(frozen=True)
class ListView:
    """A code list with its codes and versions, and the elements that name it."""

    row: ListRow
    codes: tuple[Code, ...]
    versions: tuple[VersionView, ...]
    elements: tuple[DataElement, ...]
    draft: tuple[Code, ...]


def in_force(number: str) -> DataElement | None:
    """The element of a number that holds now; None when there is none, or it was retired."""
    rows = list(models.Element.objects.filter(number=number).exclude(state="draft").order_by("-version")[:1])
    if rows:
        return element_of(rows[0]) if rows[0].state == "in_force" else None
    return national_elements().get(number)


def codes_in_force(list_id: str) -> tuple[str, ...] | None:
    """The codes of a list that holds now; None when there is none."""
    row = models.CodeList.objects.filter(list_id=list_id, state="in_force").first()
    if row is not None:
        return tuple(one.code for one in codes_of(row))
    return tuple(code_list(list_id).codes) if list_id in code_list_ids() else None


@as_actor
def elements(actor: Actor, *, text: str = "", state: State | None = None) -> tuple[ElementRow, ...]:
    """Elements that are in force (or in the given state), by number."""
    uses = element_uses()
    found: dict[str, ElementRow] = {}
    mine = _seen(actor, models.Element.objects.all())
    drafts = set(mine.filter(state="draft").values_list("number", flat=True))
    for national in national_elements().values():
        found[national.number] = _row(national, NATIONAL, "in_force", uses, drafts)
    for row in mine.order_by("number", "version"):
        present = found.get(row.number)
        if row.state == "draft" and present is not None and state != "draft":
            continue
        now: State = (
            "draft" if row.state == "draft" else "in_force" if row.state == "in_force" else "superseded"
        )
        found[row.number] = _row(element_of(row), row.version, now, uses, drafts)
    needle = text.strip().lower()
    return tuple(
        one
        for one in found.values()
        if (state is None or one.state == state)
        and (
            not needle
            or any(
                needle in said.lower()
                for said in (one.element.number, one.element.name, one.element.name_en, one.element.standard)
            )
        )
    )


@as_actor
def element(actor: Actor, number: str) -> ElementView:
    """One element. Raises: StandardUnknown."""
    rows = list(_seen(actor, models.Element.objects.filter(number=number)).order_by("-version"))
    national = national_elements().get(number)
    draft = next((row for row in rows if row.state == "draft"), None)
    settled = next((row for row in rows if row.state != "draft"), None)
    uses = element_uses()
    drafts = {number} if draft else set()
    if settled is not None:
        state: State = "in_force" if settled.state == "in_force" else "superseded"
        shown = _row(element_of(settled), settled.version, state, uses, drafts)
    elif national is not None:
        shown = _row(national, NATIONAL, "in_force", uses, drafts)
    elif draft is not None:
        shown = _row(element_of(draft), draft.version, "draft", uses, drafts)
    else:
        raise errors.StandardUnknown(number=number)
    versions = [_version(row) for row in rows]
    if national is not None:
        over = settled is not None
        versions.append(
            VersionView(
                NATIONAL, "superseded" if over else "in_force", "", national.edition, national.source, None, "", None,
                settled.in_force_at if settled else None, "",
            )
        )  # fmt: skip
    listed = code_list_codes(shown.element.code_list) if shown.element.code_list else ()
    return ElementView(
        shown, tuple(versions), uses.get(number, ()), element_of(draft) if draft else None, listed
    )


@as_actor
def lists(actor: Actor, *, text: str = "") -> tuple[ListRow, ...]:
    """Code lists, the national ones first."""
    found: dict[str, ListRow] = {}
    mine = _seen(actor, models.CodeList.objects.all())
    drafts = set(mine.filter(state="draft").values_list("list_id", flat=True))
    for list_id in code_list_ids():
        found[list_id] = _national_list(code_list(list_id), drafts)
    for row in mine.order_by("list_id", "version"):
        if row.state != "draft" or row.list_id not in found:
            found[row.list_id] = _list_row(row, drafts)
    needle = text.strip().lower()
    return tuple(
        one
        for one in found.values()
        if not needle or needle in one.id or needle in one.title.lower() or needle in one.standard.lower()
    )


@as_actor
def list_view(actor: Actor, list_id: str) -> ListView:
    """One code list. Raises: StandardUnknown."""
    rows = list(_seen(actor, models.CodeList.objects.filter(list_id=list_id)).order_by("-version"))
    national = code_list(list_id) if list_id in code_list_ids() else None
    draft = next((row for row in rows if row.state == "draft"), None)
    settled = next((row for row in rows if row.state != "draft"), None)
    drafts = {list_id} if draft else set()
    if settled is not None:
        shown = _list_row(settled, drafts)
    elif national is not None:
        shown = _national_list(national, drafts)
    elif draft is not None:
        shown = _list_row(draft, drafts)
    else:
        raise errors.StandardUnknown(number=list_id)
    versions = [_version(row) for row in rows]
    if national is not None:
        versions.append(
            VersionView(
                NATIONAL, "superseded" if settled else "in_force", "", national.table.edition, national.table.source,
                None, "", None, settled.in_force_at if settled else None, "",
            )
        )  # fmt: skip
    named = Q(code_list=list_id, state="in_force")
    own = {row.number: element_of(row) for row in models.Element.objects.filter(named)}
    followers = {one.number: one for one in national_elements().values() if one.code_list == list_id} | own
    return ListView(
        shown, code_list_codes(list_id) or (codes_of(draft) if draft else ()), tuple(versions), tuple(followers.values()),
        codes_of(draft) if draft else (),
    )  # fmt: skip


def code_list_codes(list_id: str) -> tuple[Code, ...]:
    """The codes of a list that holds now, with their names."""
    row = models.CodeList.objects.filter(list_id=list_id, state="in_force").first()
    if row is not None:
        return codes_of(row)
    if list_id not in code_list_ids():
        return ()
    return tuple(
        Code(one.code, one.name, one.parent or "", one.valid_from, one.valid_to, one.successor or "")
        for one in code_list(list_id)
    )


def _seen(actor: Actor, rows: QuerySet[S]) -> QuerySet[S]:
    """Drafts are the data bureau's; row-level security says it again."""
    return rows if actor.has(REVIEWER) else rows.exclude(state="draft")


def _row(
    element: DataElement, version: int, state: State, uses: dict[str, tuple[ItemUse, ...]], drafts: set[str]
) -> ElementRow:
    return ElementRow(element, version, state, len(uses.get(element.number, ())), element.number in drafts)


def _version(row: models.Element | models.CodeList) -> VersionView:
    state: State = (
        "draft" if row.state == "draft" else "in_force" if row.state == "in_force" else "superseded"
    )
    return VersionView(
        row.version, state, row.note, row.edition, row.source, row.changed_at, row.changed_by, row.in_force_at,
        row.ended_at, row.successor,
    )  # fmt: skip


def _list_row(row: models.CodeList, drafts: set[str]) -> ListRow:
    state: State = (
        "draft" if row.state == "draft" else "in_force" if row.state == "in_force" else "superseded"
    )
    return ListRow(
        row.list_id, row.title, row.standard, row.edition, row.source, row.verified, row.note, row.version, state,
        len(row.codes), row.list_id in drafts,
    )  # fmt: skip


def _national_list(one: CodeList, drafts: set[str]) -> ListRow:
    return ListRow(
        one.id, one.title, one.standard, one.table.edition, one.table.source, one.table.verified,
        one.table.facts.get("note", ""), NATIONAL, "in_force", len(one.codes), one.id in drafts,
    )  # fmt: skip
