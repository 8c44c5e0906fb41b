"""Numbers and values of figures in words: units, periods, what a dimension's value is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from yiwang.blocks.identity.public import Actor
from yiwang.blocks.organisation.public import regions
from yiwang.blocks.registry.public import Dimension, Figure, Number, Reading, period_written, system_of
from yiwang.portal import formats
from yiwang.portal.evidence.words import agency, purpose_words, resource_name
from yiwang.portal.purposes import granted_purposes
from yiwang.portal.refusals import refusal_words
from yiwang.vocabulary.errors import YwError

FEN = "分"
CALL_KINDS: dict[str, str | Promise] = {
    "query": _("Look-up"),
    "verify": _("Check: yes or no"),
    "table": _("Delivered table"),
    "file": _("Delivered file"),
    "refusal": _("Refusal"),
}
OUTCOMES: dict[str, str | Promise] = {
    "answered": _("Call answered"),
    "refused": _("Call refused by a rule"),
    "failed": _("Call failed: no answer"),
}


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


def counted_words(figure: Figure, counted: int) -> str:
    """How many rows or calls a number was counted from."""
    if figure.kind == "journal":
        return ngettext("%(n)s call", "%(n)s calls", counted) % {"n": formats.number(counted)}
    return ngettext("%(n)s row", "%(n)s rows", counted) % {"n": formats.number(counted)}


def few_words(figure: Figure) -> str:
    """Why a number is not shown."""
    return gettext("fewer than 5 calls") if figure.kind == "journal" else gettext("fewer than 5 rows")


@dataclass(frozen=True)
class Naming:
    """What values of dimensions are called: codes by their lists, places, agencies, purposes of grants."""

    regions: Mapping[str, str]
    purposes: Mapping[str, str]

    def place(self, code: str) -> str:
        """The name of a division, its code where the node does not know it."""
        return self.regions.get(code, code)

    def purpose(self, code: str) -> str:
        """The title of a purpose in the grants that the person may see, else a law's name or the code."""
        return self.purposes.get(code) or purpose_words(code)

    def of(self, dimension: Dimension, value: str | None) -> str:
        """The words of a value."""
        if value is None or value == "":
            return gettext("Not refused") if dimension.kind == "refusal" else gettext("Not given")
        match dimension.kind:
            case "code":
                return _code(dimension, value)
            case "boolean":
                return gettext("Yes") if value == "true" else gettext("No")
            case "division":
                name = self.place(value)
                return f"{name} {value}" if name != value else value
            case "org":
                return agency(value)
            case "entity":
                return _entity(dimension, value)
            case "resource":
                return resource_name(value)
            case "purpose":
                return self.purpose(value)
            case "refusal":
                return refusal_words(value)
            case "call_kind":
                return str(CALL_KINDS.get(value, value))
            case "outcome":
                return str(OUTCOMES.get(value, value))
            case _:
                return value


def naming(me: Actor, *figures: Figure) -> Naming:
    """Names as they are now, for the dimensions of figures."""
    purposes = any(one.kind == "purpose" for figure in figures for one in figure.dimensions)
    places = {one.code: formats.pick(one.name_zh, one.name_en) for one in regions()}
    return Naming(places, granted_purposes(me) if purposes else {})


def _code(dimension: Dimension, value: str) -> str:
    try:
        codes = system_of(dimension.owner).codes.get(dimension.argument, ())
    except YwError:
        return value
    for one in codes:
        if one.code == value:
            return one.label.text(formats.language())
    return value


def _entity(dimension: Dimension, value: str) -> str:
    try:
        return system_of(dimension.owner).entity(value).title.text(formats.language())
    except (YwError, KeyError):  # a table of an earlier release
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
