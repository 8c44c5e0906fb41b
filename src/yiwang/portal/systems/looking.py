"""Declared views other than lists: board, calendar, chart, timeline, map. Each is a page of links to the records."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import groupby
from typing import Final

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods

from yiwang.blocks.registry import public as registry
from yiwang.blocks.registry.public import Entity, Field, Group, Plain, Record, Standing, View, Wanted
from yiwang.portal import formats, maps
from yiwang.portal.problems import explained
from yiwang.portal.systems import asking, columns, mapping, measuring
from yiwang.portal.systems.cells import Cell, cell, code_label, key_words, record_title, said
from yiwang.portal.systems.inputs import moment_of
from yiwang.portal.systems.listing import around, listing, view_of
from yiwang.portal.systems.room import Room, draw, enter
from yiwang.portal.usage.charts import Chart, Line

CARDS: Final = 8
LISTED: Final = 12
"""Records beside a map."""
CARD_FACTS: Final = 3
DAY_SHOWN: Final = 4
MONTH_MOST: Final = 500
LONG_AGO: Final = date(1, 1, 1)
Facts = dict[str, object]


@dataclass(frozen=True)
class Card:
    """A record on a board, in a calendar or along a line of time."""

    title: str
    key: str
    url: str
    facts: tuple[Cell, ...]
    at: str = ""


@dataclass(frozen=True)
class Lane:
    """A state on a board."""

    title: str
    count: int
    cards: tuple[Card, ...]
    list_url: str


@dataclass(frozen=True)
class Day:
    """A day of the calendar; `inside` the month that is shown."""

    day: date
    inside: bool
    today: bool
    cards: tuple[Card, ...]
    more: int
    list_url: str


@dataclass(frozen=True)
class Month:
    """The records of a month along the line of time, the latest first."""

    title: str
    cards: tuple[Card, ...]


@require_http_methods(["GET", "POST"])
@explained
def look(request: HttpRequest, system: str, entity: str, view: str) -> HttpResponseBase:
    """A declared view of an entity."""
    room = enter(request, system)
    found, standing = room.entity(entity)
    chosen = view_of(room, entity, view)
    if chosen is None or chosen.kind == "list":
        return listing(request, system, entity, view)
    frame = {"entity": found, "standing": standing, **around(room, found, chosen)}
    if not standing.reads:
        return draw(request, room, "systems/closed.html", frame)
    facts = _KINDS[chosen.kind](_Asked(request, room, found, standing, chosen))
    return draw(request, room, f"systems/{chosen.kind}.html", {**frame, **facts})


@dataclass(frozen=True)
class _Asked:
    """A view that somebody looks at."""

    request: HttpRequest
    room: Room
    entity: Entity
    standing: Standing
    view: View

    @property
    def where(self) -> tuple[registry.Errand, str, str]:
        return self.room.errand, self.room.system.id, self.entity.id

    @property
    def list_url(self) -> str:
        return reverse("systems:list", args=[self.room.system.id, self.entity.id])

    def by(self, *kinds: str) -> Field:
        """The field that the view is by, or the first of its kinds that the person may see. Raises: Http404."""
        wished = {self.view.by, *self._figure()}
        named = [f for f in self.entity.fields if f.id in wished]
        fit = [f for f in (named or self.entity.fields) if f.kind in kinds and not f.encrypted]
        shown = [f for f in fit if f.id in self.standing.shown]
        if not shown:
            raise Http404
        states = [f for f in shown if f.id == "state"]
        return shown[0] if named else (states or shown)[0]

    def shown(self, kind: str) -> list[Field]:
        """The fields of a kind that the person may see."""
        return [
            f
            for f in self.entity.fields
            if f.kind == kind and f.id in self.standing.shown and not f.encrypted
        ]

    def _figure(self) -> tuple[str, ...]:
        """What the figure of a chart is counted by: its dimensions, else its date."""
        found = [one for one in self.room.system.figures if one.id == self.view.measure]
        return found[0].by if found and not self.view.by else ()

    def page(self, wanted: Wanted) -> registry.Page:
        return registry.records(*self.where, wanted, self.room.now, view=self.view)

    def filtered(self, field: Field, value: str) -> str:
        """The list of the records with a value, empty where the value must not stand in an address."""
        return "" if columns.personal(field) else f"{self.list_url}?{field.id}={value}"

    def card(self, record: Record, field: Field | None = None) -> Card:
        shown = columns.columns(self.entity, self.standing, self.view)
        title = record_title(self.room.system, self.entity, record)
        facts = [
            cell(self.room.system, one, record)
            for one in shown
            if one.id not in self.entity.key
            and one is not field
            and record.values.get(one.id) not in (None, title)
        ]
        key = key_words(self.room.system, self.entity, record)
        url = reverse("systems:record", args=[self.room.system.id, self.entity.id, record.id])
        at = said(self.room.system, field, record.values[field.id])[0] if field else ""
        return Card(title, key if key != title else "", url, tuple(facts[:CARD_FACTS]), at)


def _board(asked: _Asked) -> Facts:
    field = asked.by("code")
    found = registry.grouped(*asked.where, Wanted({}), field.id, asked.room.now, view=asked.view)
    counts = {group.value: group.count for group in found.groups}
    today = registry.local_day(asked.room.now)
    codes = asked.room.system.codes.get(field.argument, ())
    lanes = []
    for code in codes:
        count = counts.get(code.code, 0)
        if not count and not registry.in_force(code, today):
            continue
        page = asked.page(Wanted({field.id: code.code}, size=CARDS, counted=False)) if count else None
        cards = tuple(asked.card(one, field) for one in page.records) if page else ()
        title = code.label.text(formats.language())
        lanes.append(
            Lane(title, count, tuple(_without_time(card) for card in cards), asked.filtered(field, code.code))
        )
    return {"lanes": lanes, "by_title": field.title.text(formats.language()), "none": counts.get(None, 0)}


def _without_time(card: Card) -> Card:
    return Card(card.title, card.key, card.url, card.facts)


def _calendar(asked: _Asked) -> Facts:
    field = asked.by("date", "datetime")
    today = registry.local_day(asked.room.now)
    first = _month(asked.request.GET.get("month", ""), today)
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    begin, end = weeks[0][0], weeks[-1][-1]
    filters = {
        f"{field.id}.from": _edge(field, begin, time.min),
        f"{field.id}.to": _edge(field, end, time.max),
    }
    page = asked.page(Wanted(filters, sort=field.id, size=MONTH_MOST))
    by_day: dict[str, list[Card]] = {}
    for one in page.records:
        card = asked.card(one, field)
        by_day.setdefault(card.at[:10], []).append(card)
    days = [
        [
            Day(
                day, day.month == first.month, day == today, tuple(cards[:DAY_SHOWN]), max(0, len(cards) - DAY_SHOWN),
                "" if columns.personal(field) else f"{asked.list_url}?{field.id}.from={day}&{field.id}.to={day}",
            )
            for day in week
            for cards in (by_day.get(day.isoformat(), []),)
        ]
        for week in weeks
    ]  # fmt: skip
    after = (first + timedelta(days=32)).replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    return {
        "weeks": days, "month": first, "before": f"{before:%Y-%m}", "after": f"{after:%Y-%m}", "this": f"{today:%Y-%m}",
        "by_title": field.title.text(formats.language()), "total": page.total, "more": page.following is not None,
        "weekdays": _weekdays(),
    }  # fmt: skip


def _chart(asked: _Asked) -> Facts:
    if asked.view.measure:
        told = measuring.measured(asked.room.me, asked.room.system.id, asked.view.measure, asked.room.now)
        if told is not None:
            return {"measured": told}
    field = asked.by("code", "division", "boolean", "date", "datetime", "period", "org", "integer")
    dated = field.kind in ("date", "datetime")
    step: registry.CountBy = "month" if dated else "county" if field.kind == "division" else "value"
    found = registry.grouped(
        *asked.where, Wanted({}), field.id, asked.room.now, step=step, view=asked.view, most=60
    )
    groups = sorted(found.groups, key=lambda one: str(one.value or "")) if dated else list(found.groups)
    lines = [
        Line(
            _label(asked, field, one.value),
            (one.count,),
            "" if dated else _group_url(asked, field, one.value),
        )
        for one in groups
        if not (dated and one.value is None)
    ]
    title = gettext("Records") if asked.view.measure else asked.view.title.text(formats.language())
    head = field.title.text(formats.language())
    drawn = Chart("line" if dated else "bar", title, "", (head, gettext("Records")), tuple(lines))
    return {"chart": drawn, "total": found.count, "more": found.more, "by_title": head}


def _timeline(asked: _Asked) -> Facts:
    dated = [f for f in asked.entity.fields if f.id == asked.view.by and f.kind in ("date", "datetime")]
    field = dated[0] if dated and dated[0].id in asked.standing.shown else None
    mark = asking.asked(asked.room, asked.entity, asked.standing, asked.view, asked.request.GET).mark
    if field is None:
        page = asked.page(Wanted({}, sort="-_known", size=asking.PAGE, mark=mark))
    else:
        filters = {f"{field.id}.from": _edge(field, LONG_AGO, time.min)}
        page = asked.page(Wanted(filters, sort=f"-{field.id}", size=asking.PAGE, mark=mark))
    cards = [asked.card(one, field) for one in page.records]
    if field is None:
        cards = [
            Card(card.title, card.key, card.url, card.facts, formats.minute(one.known))
            for card, one in zip(cards, page.records, strict=True)
        ]
    months = [Month(name, tuple(group)) for name, group in groupby(cards, key=lambda card: card.at[:7])]
    following = asking.mark(asked.room, page.following) if page.following else ""
    by = field.title.text(formats.language()) if field else gettext("Last change")
    return {"months": months, "page": page, "next": f"?mark={following}" if following else "", "by_title": by}


def _map(asked: _Asked) -> Facts:
    field = asked.by("point", "division")
    points, more = _points(asked, field)
    if field.kind == "point" and not points:  # none has a point yet: by division, where it has one
        field = next(iter(asked.shown("division")), field)
    title = field.title.text(formats.language())
    if field.kind == "division":
        found = registry.grouped(
            *asked.where, Wanted({}), field.id, asked.room.now, view=asked.view, step="town", most=100
        )
        most = max((group.count for group in found.groups), default=0)
        places = [
            {"name": _label(asked, field, g.value), "code": g.value or "", "count": g.count, "most": most,
             "url": _group_url(asked, field, g.value)}
            for g in sorted(found.groups, key=lambda one: str(one.value or ""))
        ]  # fmt: skip
        return {
            "places": places, "by_title": title, "total": found.count, "drawing": None,
            "ground": _ground(asked, field, found.groups),
        }  # fmt: skip
    listed = asked.page(Wanted({}, size=LISTED))
    urls = reverse("systems:record", args=[asked.room.system.id, asked.entity.id, 0])
    return {
        "drawing": mapping.drawn(points, urls, maps.boundaries_around([asked.room.me.region])),
        "by_title": title, "total": len(points), "more": more, "list_url": asked.list_url,
        "cards": [asked.card(one, field) for one in listed.records if one.values.get(field.id)],
    }  # fmt: skip


def _ground(asked: _Asked, field: Field, groups: Sequence[Group]) -> maps.Ground | None:
    """The divisions in shades of how many records they have; counts of towns are added up where only counties are drawn."""
    counts = {str(group.value): group.count for group in groups if group.value is not None}
    found = maps.boundaries_around(list(counts))
    if found is None:
        return None
    figures = {}
    for one in found.boundaries:
        within = one.code.rstrip("0") if len(one.code) == 6 and one.code.endswith("00") else one.code
        count = sum(number for code, number in counts.items() if code.startswith(within))
        name = said(asked.room.system, field, one.code)[0]
        words = ngettext("%(n)s record", "%(n)s records", count) % {"n": formats.number(count)}
        url = _group_url(asked, field, one.code) if count else ""
        figures[one.code] = maps.Figure(name, count, words, url)
    return maps.shaded(found, figures)


def _points(asked: _Asked, field: Field) -> tuple[list[registry.Place], bool]:
    if field.kind != "point":
        return [], False
    points, more = registry.places(*asked.where, Wanted({}), field.id, asked.room.now, view=asked.view)
    return list(points), more


_KINDS: Final[dict[str, Callable[[_Asked], Facts]]] = {
    "board": _board, "calendar": _calendar, "chart": _chart, "timeline": _timeline, "map": _map,
}  # fmt: skip


def _label(asked: _Asked, field: Field, value: Plain) -> str:
    if value is None:
        return gettext("Not filled in")
    if field.kind == "code":
        return code_label(asked.room.system, field, str(value))
    return str(value) if field.kind in ("date", "datetime") else said(asked.room.system, field, value)[0]


def _group_url(asked: _Asked, field: Field, value: Plain) -> str:
    if value is None or field not in columns.filters(asked.entity, asked.standing, None):
        return ""
    text = ("true" if value else "false") if isinstance(value, bool) else str(value)
    return asked.filtered(field, text)


def _edge(field: Field, day: date, at: time) -> str:
    if field.kind == "date" or day == LONG_AGO:
        return day.isoformat() if field.kind == "date" else "0001-01-02T00:00:00+00:00"
    return moment_of(day, at)


def _month(text: str, today: date) -> date:
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)
    return found if 1900 <= found.year <= 2200 else today.replace(day=1)


def _weekdays() -> list[str]:
    if formats.language() == "en":
        return ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    return [f"周{day}" for day in "一二三四五六日"]
