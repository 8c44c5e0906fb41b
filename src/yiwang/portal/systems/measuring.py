"""The chart view of a figure: its course, and its parts in the latest period, as the cockpit shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext

from yiwang.blocks.identity.public import Actor
from yiwang.blocks.registry import public as registry
from yiwang.portal import formats
from yiwang.portal.cockpit.words import naming, period_words, shown, unit_words
from yiwang.portal.usage.charts import Chart, Line


@dataclass(frozen=True)
class Measured:
    """A figure drawn; `why` it has no number yet."""

    charts: tuple[Chart, ...]
    title: str
    url: str
    why: str


def measured(me: Actor, system: str, name: str, now: datetime) -> Measured | None:
    """The charts of a figure; None where there is no such figure or the person may not see it."""
    try:
        reading = registry.reading(me, system, name, now)
    except registry.FigureUnknown:
        return None
    figure, latest = reading.figure, reading.latest
    title = figure.title.text(formats.language())
    unit = unit_words(figure)
    charts = []
    if latest is not None and figure.dimensions:
        dimension = figure.dimensions[0]
        cells = registry.split(me, system, name, dimension.path, latest.start, now)
        head = dimension.title.text(formats.language())
        note = " · ".join(filter(None, (period_words(figure, latest), unit)))
        names = naming(me, figure)
        lines = tuple(
            Line(names.of(dimension, one.dims[dimension.path]), (shown(figure, one.value),))
            for one in cells
            if not one.few
        )
        charts.append(Chart("bar", gettext("By %(t)s") % {"t": head}, note, (head, title), lines))
    if len(reading.trend) > 1:
        points = tuple(Line(period_words(figure, one), (shown(figure, one.value),)) for one in reading.trend)
        charts.append(Chart("line", gettext("Trend"), unit, (gettext("Which period"), title), points))
    why = reading.why.text(formats.language()) if reading.why is not None else ""
    return Measured(tuple(charts), title, reverse("cockpit:figure", args=[system, name]), why)
