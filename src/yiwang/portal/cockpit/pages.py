"""Pages of the cockpit: all figures, one figure, the rows behind a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from yiwang.blocks.identity.public import Actor
from yiwang.blocks.registry import public as registry
from yiwang.blocks.registry.public import (
    Board,
    Dimension,
    Entity,
    Errand,
    Field,
    Figure,
    Label,
    Number,
    Reading,
    Record,
    System,
)
from yiwang.portal import formats, maps
from yiwang.portal.account.access import actor
from yiwang.portal.cockpit.entries import calls_page
from yiwang.portal.cockpit.words import (
    Naming,
    counted_words,
    few_words,
    headline,
    naming,
    period_words,
    shown,
    unit_words,
    value_words,
)
from yiwang.portal.maps import Ground
from yiwang.portal.problems import explained
from yiwang.portal.usage.charts import Chart, Line

BARS = 12
COLUMNS = 7
CLOSE = 3
"""From this grade on a field is left to the record's own page."""
TONES = {"reached": "malachite", "near": "gamboge", "missed": "cinnabar"}


@dataclass(frozen=True)
class Shown:
    """A reading as a line of a table."""

    reading: Reading
    title: str
    url: str
    value: str
    unit: str
    target: str
    period: str
    tone: str
    verdict: str
    most: float
    trend: tuple[float, ...]
    why: str

    @property
    def figure(self) -> Figure:
        """The figure."""
        return self.reading.figure


@dataclass(frozen=True)
class Part:
    """The numbers of a period by one dimension."""

    title: str
    chart: Chart
    few: int
    more: int
    ground: Ground | None = None
    """The divisions in shades of the numbers, where boundaries of theirs are kept."""


@require_GET
@explained
def home(request: HttpRequest) -> HttpResponse:
    """All figures that the person may see, by system."""
    me, now = actor(request), timezone.now()
    boards = registry.boards(me, now)
    readings = [one for board in boards for one in board.readings]
    counted = [one.counted_at for one in readings if one.counted_at is not None]
    facts = {
        "tab": "home", "now": now, "counted_at": min(counted, default=None), "headline": headline(readings),
        "boards": [_board(board) for board in boards],
        "behind": [_line(board.system, one) for board in boards for one in board.readings if one.verdict == "missed"],
    }  # fmt: skip
    return render(request, "cockpit/home.html", facts)


@require_GET
@explained
def figure(request: HttpRequest, system: str, figure: str) -> HttpResponse:
    """One figure: trend, its parts in a period. Raises: FigureUnknown."""
    me, now = actor(request), timezone.now()
    reading = registry.reading(me, system, figure, now)
    chosen = _chosen(reading, request.GET.get("period", ""))
    names = naming(me, reading.figure)
    facts = {
        "tab": "home", "now": now, "system": registry.system_of(system), "line": _line(system, reading),
        "chosen": chosen, "value": value_words(reading.figure, chosen.value) if chosen else formats.MISSING,
        "period": period_words(reading.figure, chosen) if chosen else "",
        "rows_url": _rows_url(system, reading.figure, chosen) if chosen else "",
        "counted": counted_words(reading.figure, chosen.counted) if chosen and chosen.counted is not None else "",
        "few": few_words(reading.figure),
        "periods": [period_words(reading.figure, one) for one in reversed(reading.trend)],
        "trend": _trend(reading),
        "parts": [
            _part(me, system, reading.figure, one, chosen, names, now) for one in reading.figure.dimensions
        ] if chosen is not None else [],
        "operands": [registry.reading(me, system, name, now).figure for name in reading.figure.operands],
    }  # fmt: skip
    return render(request, "cockpit/figure.html", facts)


@require_GET
@explained
def rows(request: HttpRequest, system: str, figure: str, cell: int) -> HttpResponse:
    """The rows or calls behind a number, as far as the person may read them. Raises: FigureUnknown, RowsUnlisted."""
    me, now = actor(request), timezone.now()
    found, number = registry.number(me, system, figure, cell, now)
    if found.kind == "journal":
        return calls_page(request, me, system, found, number, now)
    purposes = registry.purposes_for(me, system, figure, now)
    wanted = request.GET.get("purpose", "")
    purpose = wanted if wanted in purposes else next(iter(purposes), "")
    errand = Errand(me, purpose=purpose)
    page = registry.rows_behind(errand, system, figure, cell, now, mark=request.GET.get("mark") or None)
    declared = registry.system_of(system)
    entity = declared.entity(found.entity)
    fields = _columns(declared, entity)
    heads = [one.title.text(formats.language()) for one in fields]
    names = naming(me, found)
    facts = {
        "tab": "home", "now": now, "system": declared, "figure": found, "number": number, "entity": entity,
        "title": found.title.text(formats.language()), "period": period_words(found, number), "purposes": purposes,
        "purpose": purpose, "value": value_words(found, number.value), "unit": unit_words(found),
        "dims": [(_title(found.dimension(path)), names.of(found.dimension(path), value)) for path, value in number.dims.items()],
        "heads": heads,
        "lines": [
            list(zip(heads, _cells(system, fields, one, names), strict=True)) for one in page.records
        ], "page": page,
        "back": reverse("cockpit:figure", args=[system, figure]),
    }  # fmt: skip
    return render(request, "cockpit/rows.html", facts)


def _columns(system: System, entity: Entity) -> list[Field]:
    """The columns of the table's first list, else the first fields; none that is masked or about a person closely."""
    lists = [
        view for name, views in system.views if name == entity.id for view in views if view.kind == "list"
    ]
    wanted = lists[0].columns if lists else ()
    shown = [one for one in entity.fields if not one.encrypted and one.mask is None and one.grade < CLOSE]
    ordered = sorted(shown, key=lambda one: wanted.index(one.id) if one.id in wanted else len(wanted))
    return ordered[:COLUMNS]


def _board(board: Board) -> dict[str, object]:
    lines = [_line(board.system, one) for one in board.readings]
    return {
        "title": board.title.text(formats.language()), "system": board.system, "owner": board.owner,
        "lines": [one for one in lines if not one.why], "waiting": [one for one in lines if one.why],
    }  # fmt: skip


def _line(system: str, reading: Reading) -> Shown:
    one, latest = reading.figure, reading.latest
    value = latest.value if latest is not None else None
    why = reading.why.text(formats.language()) if reading.why is not None else ""
    trend = tuple(n.value for n in reading.trend if n.value is not None)
    most = 1.2 * max(abs(value or 0), abs(one.target or 0)) or 1.0
    if one.unit == "%":
        most = min(most, 100.0)
    return Shown(
        reading, one.title.text(formats.language()), reverse("cockpit:figure", args=[system, one.id]),
        few_words(one) if latest is not None and latest.few else value_words(one, value),
        unit_words(one) if value is not None else "", value_words(one, one.target) if one.target is not None else "",
        period_words(one, latest) if latest is not None else "", TONES.get(reading.verdict, ""), _verdict(reading),
        most, trend, why,
    )  # fmt: skip


def _verdict(reading: Reading) -> str:
    if reading.verdict == "none":
        return ""
    if reading.verdict == "reached":
        return gettext("Reached")
    missing = {"n": value_words(reading.figure, reading.short)}
    if reading.figure.direction == "down":
        return gettext("%(n)s over") % missing
    return gettext("%(n)s short") % missing


def _chosen(reading: Reading, period: str) -> Number | None:
    for one in reading.trend:
        if period_words(reading.figure, one) == period:
            return one
    return reading.latest


def _trend(reading: Reading) -> Chart | None:
    one = reading.figure
    if len(reading.trend) < 2:
        return None
    return Chart(
        "line", gettext("Trend"), unit_words(one), (gettext("Which period"), one.title.text(formats.language())),
        tuple(Line(period_words(one, n), (shown(one, n.value),)) for n in reading.trend),
    )  # fmt: skip


def _part(
    me: Actor, system: str, one: Figure, dimension: Dimension, chosen: Number, names: Naming, now: datetime
) -> Part:
    cells = registry.split(me, system, one.id, dimension.path, chosen.start, now)
    title = _title(dimension)
    lines = tuple(
        Line(names.of(dimension, n.dims[dimension.path]), (shown(one, n.value),), _rows_url(system, one, n))
        for n in cells
        if not n.few
    )
    heads = (title, one.title.text(formats.language()))
    few = sum(n.few for n in cells)
    ground = _ground(system, one, dimension, cells, names) if dimension.kind == "division" else None
    return Part(
        title,
        Chart("bar", title, unit_words(one), heads, lines[:BARS]),
        few,
        max(0, len(lines) - BARS),
        ground,
    )


def _ground(
    system: str, one: Figure, dimension: Dimension, cells: Sequence[Number], names: Naming
) -> Ground | None:
    """A map of the numbers that stand beside it; a number of too few rows is on neither."""
    codes = {str(n.dims[dimension.path]): n for n in cells if n.dims[dimension.path]}
    found = maps.boundaries_around(list(codes))
    if found is None or codes.keys().isdisjoint(shape.code for shape in found.boundaries):
        return None
    figures = {}
    for shape in found.boundaries:
        number = codes.get(shape.code)
        told = number is not None and not number.few
        words = f"{value_words(one, number.value)} {unit_words(one)}".strip() if number and told else ""
        figures[shape.code] = maps.Figure(
            names.place(shape.code), shown(one, number.value) if number and told else None, words,
            _rows_url(system, one, number) if number and told else "",
        )  # fmt: skip
    return maps.shaded(found, figures)


def _title(dimension: Dimension) -> str:
    label: Label = dimension.title
    return label.text(formats.language())


def _rows_url(system: str, one: Figure, number: Number) -> str:
    if not number.id or one.kind == "formula":
        return ""
    return reverse("cockpit:rows", args=[system, one.id, number.id])


def _cells(system: str, fields: list[Field], record: Record, names: Naming) -> list[str]:
    made = []
    for one in fields:
        value = record.values[one.id]
        if value is None or value == []:
            made.append(formats.MISSING)
        elif isinstance(value, list):
            made.append("、".join(value))
        elif one.kind in ("code", "division", "org", "boolean"):
            text = str(value).lower() if isinstance(value, bool) else str(value)
            made.append(
                names.of(
                    Dimension(
                        path=one.id, title=one.title, kind=one.kind, argument=one.argument, owner=system
                    ),
                    text,
                )
            )
        elif one.kind == "money" and isinstance(value, int):
            made.append(formats.number(value / 100))
        elif one.kind == "datetime":
            made.append(formats.minute(datetime.fromisoformat(str(value))))
        else:
            made.append(str(value))
    return made
