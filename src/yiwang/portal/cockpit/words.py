"""Numbers and values of figures in words: units, periods, what a dimension's value is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext

from yiwang.blocks.organisation.public import regions
from yiwang.blocks.registry.public import Dimension, Figure, Number, Reading, period_written, system_of
from yiwang.portal import formats
from yiwang.portal.agencies import agency_facts
from yiwang.vocabulary.errors import YwError

FEN = "分"


def unit_words(figure: Figure) -> str:
    """The unit that stands after a number; money is stored in 分 and shown in 元."""
    if figure.unit == FEN:
        return gettext("yuan")
    return formats.pick(figure.unit, figure.unit_en)


def shown(figure: Figure, value: float | None) -> float | None:
    """A value in the unit that it is shown in."""
    if value is None:
        return None
    return round(value / 100, 2) if figure.unit == FEN else round(value, 1 if figure.unit == "%" else 2)


def value_words(figure: Figure, value: float | None) -> str:
    """A number as text, without its unit."""
    return formats.number(shown(figure, value))


def period_words(figure: Figure, number: Number) -> str:
    """A period as text."""
    return period_written(number.start, figure.per)


@dataclass(frozen=True)
class Naming:
    """What values of dimensions are called: codes by their lists, places, agencies."""

    regions: Mapping[str, str]

    def place(self, code: str) -> str:
        """The name of a division, its code where the node does not know it."""
        return self.regions.get(code, code)

    def of(self, dimension: Dimension, value: str | None) -> str:
        """The words of a value."""
        if value is None or value == "":
            return gettext("Not given")
        match dimension.kind:
            case "code":
                return _code(dimension, value)
            case "boolean":
                return gettext("Yes") if value == "true" else gettext("No")
            case "division":
                name = self.place(value)
                return f"{name} {value}" if name != value else value
            case "org":
                facts = agency_facts(value)
                return facts.short(formats.language()) if facts else value
            case _:
                return value


def naming() -> Naming:
    """Names as they are now."""
    return Naming({one.code: formats.pick(one.name_zh, one.name_en) for one in regions()})


def _code(dimension: Dimension, value: str) -> str:
    try:
        codes = system_of(dimension.owner).codes.get(dimension.argument, ())
    except YwError:
        return value
    for one in codes:
        if one.code == value:
            return one.label.text(formats.language())
    return value


def headline(readings: list[Reading]) -> str:
    """The finding of the page in one sentence."""
    aimed = [one for one in readings if one.verdict != "none"]
    reached = sum(one.verdict == "reached" for one in aimed)
    missed = sum(one.verdict == "missed" for one in aimed)
    if not aimed:
        return gettext("No target can be judged yet")
    if missed:
        return gettext("%(n)s targets, %(a)s reached, %(b)s far behind") % {
            "n": len(aimed),
            "a": reached,
            "b": missed,
        }
    return gettext("%(n)s targets, %(a)s reached") % {"n": len(aimed), "a": reached}
