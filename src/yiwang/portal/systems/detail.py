"""One record: every field with its source and date, its parts, who read it, what happened to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from yiwang.blocks.journal import public as journal
from yiwang.blocks.registry import public as registry
from yiwang.blocks.registry.public import Entity, Field, Part, ReadingView, Record
from yiwang.portal import formats
from yiwang.portal.problems import explained
from yiwang.portal.systems import columns
from yiwang.portal.systems.asking import day
from yiwang.portal.systems.cells import Cell, cell, key_words, record_title
from yiwang.portal.systems.listing import Row
from yiwang.portal.systems.naming import Names, names
from yiwang.portal.systems.room import Room, draw, enter
from yiwang.portal.systems.story import told_changes

PARTS_SHOWN = 20
READERS_SHOWN = 8
CHANGES_SHOWN = 4


@dataclass(frozen=True)
class Line:
    """A field of the record: its value, who said so (an agency, a person, or a fused source), and since when."""

    cell: Cell
    agency: str
    who: str
    on: date | None
    fused: str = ""


@dataclass(frozen=True)
class Children:
    """Records that belong to this one."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    total: int
    more: bool
    list_url: str
    new_url: str


@dataclass(frozen=True)
class Reader:
    """Somebody who opened the record, with the leaf of the evidence where another agency did."""

    view: ReadingView
    purpose: str
    uncovered: str
    way: str
    log: str = ""
    index: int | None = None


@require_http_methods(["GET", "POST"])
@explained
def record(request: HttpRequest, system: str, entity: str, number: int) -> HttpResponse:
    """The record; POST shows what a mask covers, and notes that somebody asked."""
    room = enter(request, system)
    found, standing = room.entity(entity)
    on, known = day(request.GET.get("on", "")), day(request.GET.get("known", ""))
    shown = registry.record(room.errand, system, entity, number, room.now, on=on, known=_end_of(known))
    asked = set(request.POST.getlist("uncover")) if request.method == "POST" else set()
    uncovered = [f for f in found.fields if f.id in asked and cell(room.system, f, shown).state == "covered"]
    registry.note_reading(room.errand, system, entity, shown, room.now, uncovered=[f.id for f in uncovered])
    beliefs = registry.history(room.errand, system, entity, number, room.now)
    readers, read_count = registry.readings(room.errand, system, entity, number, room.now, most=READERS_SHOWN)
    facts = {
        "entity": found, "standing": standing, "record": shown, "on": on, "known": known,
        "heading": record_title(room.system, found, shown), "key": key_words(room.system, found, shown),
        "lines": _lines(room, found, shown, beliefs, {f.id for f in uncovered}),
        "parts": [one for part in found.parts if (one := _children(room, found, part, shown)) is not None],
        "readers": [_reader(room, found, one) for one in readers], "read_count": read_count,
        "changes": told_changes(room, found, number)[:CHANGES_SHOWN],
        "dated": found.history == "bitemporal", "kept": found.history != "none",
        "writes": standing.writes and not found.fused and known is None,
    }  # fmt: skip
    return draw(request, room, "systems/record.html", facts)


@require_GET
@explained
def history(request: HttpRequest, system: str, entity: str, number: int) -> HttpResponse:
    """All that was ever known of a record, and what was known on a day about a day."""
    room = enter(request, system)
    found, standing = room.entity(entity)
    beliefs = registry.history(room.errand, system, entity, number, room.now)
    latest = beliefs[0]
    registry.note_reading(room.errand, system, entity, latest, room.now)
    on, known = day(request.GET.get("on", "")), day(request.GET.get("known", ""))
    answer: list[Cell] | None = None
    asked = on is not None or known is not None
    if asked:
        answer = _answer(room, found, number, on, known)
    facts = {
        "entity": found, "standing": standing, "number": number, "on": on, "known": known, "asked": asked,
        "heading": record_title(room.system, found, latest), "key": key_words(room.system, found, latest),
        "changes": told_changes(room, found, number), "answer": answer, "dated": found.history == "bitemporal",
        "today": registry.local_day(room.now),
    }  # fmt: skip
    return draw(request, room, "systems/history.html", facts)


def _answer(room: Room, entity: Entity, number: int, on: date | None, known: date | None) -> list[Cell]:
    """What was known on a day about a day; nothing where nothing was."""
    try:
        found = registry.record(
            room.errand, room.system.id, entity.id, number, room.now, on=on, known=_end_of(known)
        )
    except registry.RecordUnknown:
        return []
    return [cell(room.system, field, found) for field in entity.fields]


def _end_of(known: date | None) -> datetime | None:
    """The last moment of a day: what was known when it was over."""
    return None if known is None else timezone.make_aware(datetime.combine(known, time.max))


def _lines(
    room: Room, entity: Entity, shown: Record, beliefs: Sequence[Record], plain: set[str]
) -> list[Line]:
    origins = registry.origins(beliefs, shown)
    who = names(one.by for one in origins.values())
    return [_line(room, field, shown, origins[field.id], who, field.id in plain) for field in entity.fields]


def _line(room: Room, field: Field, shown: Record, origin: registry.Origin, who: Names, plain: bool) -> Line:
    drawn = cell(room.system, field, shown, plain=plain)
    if field.target is not None and drawn.state in ("value", "covered"):
        drawn = _linked(room, field, shown, drawn)
    if drawn.state in ("hidden", "empty"):
        return Line(drawn, "", "", None)
    if source := shown.sources.get(field.id):
        return Line(drawn, "", "", day(source.on[:10]), source.source)
    if field.derived is not None:
        return Line(drawn, "", gettext("worked out"), None)
    return Line(drawn, who.agency(origin.by), who.person(origin.by), registry.local_day(origin.known))


def _linked(room: Room, field: Field, shown: Record, drawn: Cell) -> Cell:
    """A reference as the title of the other record, with the way to it, where the reader may see that."""
    value = shown.values.get(field.id)
    assert field.target is not None
    try:
        system, target = registry.entity_of(*field.target)
        parts = str(value).split(registry.KEY_SEPARATOR)
        key = dict(zip(target.key, parts, strict=True))
        other = registry.by_key(room.errand, *field.target, key, room.now)
    except (registry.RegistryError, ValueError):
        return drawn
    url = reverse("systems:record", args=[*field.target, other.id])
    title = record_title(system, target, other)
    sub = drawn.text if title != drawn.text else ""
    return Cell(drawn.id, drawn.title, title, "value", "", sub, url, sensitive=drawn.sensitive)


def _children(room: Room, entity: Entity, part: Part, shown: Record) -> Children | None:
    """The records of a part; None where the reader may not see any such."""
    system, child = registry.entity_of(room.system.id, part.entity)
    standing = room.standing(child)
    if not standing.reads:
        return None
    key = registry.KEY_SEPARATOR.join(str(shown.values[name]) for name in entity.key)
    wanted = registry.Wanted({part.by: key}, size=PARTS_SHOWN)
    page = registry.records(room.errand, system.id, child.id, wanted, room.now)
    fields = [f for f in columns.columns(child, standing, None) if f.id != part.by]
    rows = tuple(
        Row(
            reverse("systems:record", args=[system.id, child.id, one.id]),
            tuple(cell(room.system, field, one) for field in fields),
        )
        for one in page.records
    )  # fmt: skip
    language = formats.language()
    new_url = ""
    if standing.writes and not child.fused:
        new_url = f"{reverse('systems:new', args=[system.id, child.id])}?of={entity.id}&part={part.id}&record={shown.id}"
    return Children(
        child.title.text(language), tuple(f.title.text(language) for f in fields), rows, page.total,
        page.following is not None, reverse("systems:list", args=[system.id, child.id]), new_url,
    )  # fmt: skip


def _reader(room: Room, entity: Entity, view: ReadingView) -> Reader:
    titles = {field.id: field.title.text(formats.language()) for field in entity.fields}
    purpose = next((one.title for one in room.purposes if one.id == view.purpose), view.purpose)
    joiner = ", " if formats.language() == "en" else "、"
    uncovered = joiner.join(titles.get(name, name) for name in view.uncovered)
    way = {"api": gettext("by interface"), "export": gettext("exported")}.get(view.way, gettext("in a list"))
    leaves = journal.evidence_by_request(room.me, view.event) if view.event else []
    if not leaves:
        return Reader(view, purpose, uncovered, way)
    return Reader(view, purpose, uncovered, way, leaves[0].log, leaves[0].index)
