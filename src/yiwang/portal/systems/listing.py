"""The list of an entity: searched, filtered, sorted, turned page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from yiwang.blocks.registry import public as registry
from yiwang.blocks.registry.public import Entity, Field, Record, Standing, View
from yiwang.portal import formats
from yiwang.portal.problems import explained
from yiwang.portal.systems import asking, columns
from yiwang.portal.systems.asking import Asked
from yiwang.portal.systems.cells import NUMBERS, Cell, cell, said
from yiwang.portal.systems.inputs import typed_text
from yiwang.portal.systems.room import Room, draw, enter

MOST_CHOICES = 200


@dataclass(frozen=True)
class Choice:
    """An entry of a filter's list."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class Filter:
    """A filter of the list: a choice, two ends of a span, or a text."""

    id: str
    title: str
    kind: str
    choices: tuple[Choice, ...]
    value: str
    until: str
    hint: str = ""


@dataclass(frozen=True)
class Chip:
    """A filter that is on, with the query of the address without it."""

    words: str
    query: str


@dataclass(frozen=True)
class Head:
    """The head of a column; `query` sorts by it where that is possible."""

    title: str
    number: bool
    query: str
    sorted: str


@dataclass(frozen=True)
class Row:
    """A record in the list."""

    url: str
    cells: tuple[Cell, ...]


@require_http_methods(["GET", "POST"])
@explained
def listing(request: HttpRequest, system: str, entity: str, view: str = "") -> HttpResponse:
    """The records; POST turns what was typed into an address."""
    room = enter(request, system)
    found, standing = room.entity(entity)
    chosen = view_of(room, entity, view)
    if request.method == "POST":
        query = asking.address(room, found, standing, chosen, request.POST, request.GET.get("sort", ""))
        return HttpResponseRedirect(f"{request.path}?{query}" if query else request.path)
    if not standing.reads:
        return draw(
            request,
            room,
            "systems/closed.html",
            {"entity": found, "standing": standing, **around(room, found, chosen)},
        )
    asked = asking.asked(room, found, standing, chosen, request.GET)
    page = registry.records(room.errand, system, entity, asked.wanted(), room.now, view=chosen)
    fields = columns.columns(found, standing, chosen)
    facts = {
        "entity": found, "standing": standing, "asked": asked, "page": page, "on": asked.on,
        "heads": [_head(request, field, asked) for field in fields],
        "rows": [_row(room, found, fields, one) for one in page.records],
        "filters": _filters(room, found, standing, chosen, asked), "line": columns.LINE,
        "chips": _chips(request, room, found, asked), "searched": columns.searched(found, standing),
        "next": f"?{_with_mark(request, room, page.following)}" if page.following else "",
        "first": f"?{asking.without(request.GET)}" if asked.mark else "",
        "taken": f"?{query}" if (query := asking.without(request.GET)) else "",
        **around(room, found, chosen),
    }  # fmt: skip
    return draw(request, room, "systems/list.html", facts)


def view_of(room: Room, entity: str, name: str) -> View | None:
    """The declared view of this name, for nothing the first declared list. Raises: Http404."""
    views = room.views(entity)
    if not name:
        return next((one for one in views if one.kind == "list"), None)
    found = next((one for one in views if one.id == name), None)
    if found is None:
        raise Http404
    return found


@dataclass(frozen=True)
class Tab:
    """A way to look at the records."""

    title: str
    url: str
    icon: str
    current: bool


ICONS = {
    "list": "list", "map": "map-2", "calendar": "calendar", "board": "layout-kanban", "chart": "chart-bar",
    "timeline": "timeline",
}  # fmt: skip


def around(room: Room, entity: Entity, view: View | None) -> dict[str, object]:
    """What stands over every way to look at an entity: its tabs."""
    views = room.views(entity.id)
    first = next((one for one in views if one.kind == "list"), None)
    tabs = []
    if first is None:
        plain = reverse("systems:list", args=[room.system.id, entity.id])
        tabs.append(Tab(gettext("List"), plain, "list", view is None))
    for one in views:
        named = reverse("systems:view", args=[room.system.id, entity.id, one.id])
        url = reverse("systems:list", args=[room.system.id, entity.id]) if one is first else named
        tabs.append(Tab(one.title.text(formats.language()), url, ICONS[one.kind], one is view))
    return {"tabs": tabs, "view": view, "entity_title": entity.title.text(formats.language())}


def choices_of(room: Room, field: Field, value: str) -> tuple[Choice, ...]:
    """The choices of a filter by code or by yes and no."""
    if field.kind == "boolean":
        return (
            Choice("true", gettext("Yes"), value == "true"), Choice("false", gettext("No"), value == "false"),
        )  # fmt: skip
    codes = room.system.codes.get(field.argument, ())
    return tuple(Choice(one.code, one.label.text(formats.language()), one.code == value) for one in codes)


def _row(room: Room, entity: Entity, fields: Sequence[Field], record: Record) -> Row:
    url = reverse("systems:record", args=[room.system.id, entity.id, record.id])
    return Row(url, tuple(cell(room.system, field, record) for field in fields))


def _head(request: HttpRequest, field: Field, asked: Asked) -> Head:
    title = field.title.text(formats.language())
    number = field.kind in NUMBERS
    if not columns.sortable(field):
        return Head(title, number, "", "")
    up, down = asked.sort == field.id, asked.sort == f"-{field.id}"
    left = asking.without(request.GET, "sort")
    turned = f"-{field.id}" if up else field.id
    query = f"?{left}&sort={turned}" if left else f"?sort={turned}"
    return Head(title, number, query, "ascending" if up else "descending" if down else "")


def _filters(
    room: Room, entity: Entity, standing: Standing, view: View | None, asked: Asked
) -> tuple[Filter, ...]:
    drawn = []
    for field in columns.filters(entity, standing, view):
        name = asking.names(field)
        given = [_typed(field, asked.filters.get(one, "")) for one in name]
        value, until = given[0], given[1] if len(given) > 1 else ""
        title = field.title.text(formats.language())
        if len(name) > 1:
            drawn.append(
                Filter(
                    field.id,
                    title,
                    "dates" if field.kind in ("date", "datetime") else "span",
                    (),
                    value,
                    until,
                )
            )
        elif field.kind in ("boolean", "code", "codes"):
            choices = choices_of(room, field, value)
            kind = "select" if len(choices) <= MOST_CHOICES else "text"
            drawn.append(Filter(field.id, title, kind, choices if kind == "select" else (), value, ""))
        elif field.kind == "division":
            drawn.append(_place_filter(room, entity, field, title, value))
        else:
            hint = gettext("the whole value") if field.lookup else ""
            drawn.append(Filter(field.id, title, "text", (), value, "", hint))
    return tuple(drawn)


def _place_filter(room: Room, entity: Entity, field: Field, title: str, value: str) -> Filter:
    """Places that have records, with how many; a text where there are too many records to count."""
    counted = registry.records(room.errand, room.system.id, entity.id, registry.Wanted({}, size=1), room.now)
    if not counted.at_least:
        found = registry.grouped(
            room.errand, room.system.id, entity.id, registry.Wanted({}), field.id, room.now, most=MOST_CHOICES
        )
        places = sorted(str(group.value) for group in found.groups if group.value is not None)
        if places and not found.more:
            choices = tuple(Choice(code, said(room.system, field, code)[0], code == value) for code in places)
            return Filter(field.id, title, "select", choices, value, "")
    return Filter(field.id, title, "text", (), value, "", gettext("the first digits of the code"))


def _typed(field: Field, kept: str) -> str:
    """A filter as it was typed: days for moments, 元 for 分."""
    if field.kind == "datetime":
        return kept[:10]
    return typed_text(field, int(kept)) if field.kind == "money" and kept.lstrip("-").isdigit() else kept


def _chips(request: HttpRequest, room: Room, entity: Entity, asked: Asked) -> tuple[Chip, ...]:
    drawn = []
    if asked.text:
        query = asking.unsealed_without(room, request.GET, "q")
        drawn.append(Chip(gettext("“%(text)s”") % {"text": asked.text}, query))
    for name, value in asked.filters.items():
        field = entity.field(name.partition(".")[0])
        words = _chip_words(room, field, name, value)
        sealed = columns.personal(field)
        query = (
            asking.unsealed_without(room, request.GET, name) if sealed else asking.without(request.GET, name)
        )
        drawn.append(Chip(words, query))
    if asked.on:
        words = gettext("as of %(day)s") % {"day": asked.on.isoformat()}
        drawn.append(Chip(words, asking.without(request.GET, "on")))
    return tuple(drawn)


def _chip_words(room: Room, field: Field, name: str, value: str) -> str:
    title = field.title.text(formats.language())
    if name.endswith(".from"):
        return gettext("%(field)s from %(value)s") % {"field": title, "value": _typed(field, value)}
    if name.endswith(".to"):
        return gettext("%(field)s until %(value)s") % {"field": title, "value": _typed(field, value)}
    plain = value == "true" if field.kind == "boolean" else value
    shown = said(room.system, field, plain)[0] if field.kind in ("code", "boolean", "division") else value
    return gettext("%(field)s: %(value)s") % {"field": title, "value": shown}


def _with_mark(request: HttpRequest, room: Room, following: str) -> str:
    left = asking.without(request.GET)
    return f"{left}&mark={asking.mark(room, following)}" if left else f"mark={asking.mark(room, following)}"
