"""Figures over the journal: which calls count, what each is split by, and sums that grow call by call.

Sums are whole numbers, so that the order in which calls are added changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from yiwang.blocks.registry.domain.figures.declared import Figure
from yiwang.blocks.registry.domain.figures.periods import start_of
from yiwang.systems.cel.evaluating import Evaluator
from yiwang.systems.cel.parsing import parse
from yiwang.systems.cel.tree import Ast, Select, children, path_of
from yiwang.systems.model.journal import CALL

Plain = str | int | float | None
Dims = tuple[tuple[str, str | None], ...]
SPREAD: Final = ("median", "p95", "distinct")
"""Measures for which different values are kept, each with how often it came."""
_MILLI: Final = 1000
_REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Counts:
    """What a call is for a figure: its period, its values by dimension, what is measured of it (None: nothing)."""

    start: datetime
    dims: Mapping[str, str | None]
    value: Plain | bool


class Judge:
    """Says of calls whether and how a figure counts them."""

    def __init__(self, figure: Figure, evaluator: Evaluator) -> None:
        self._figure = figure
        self._where = _Condition(figure.where, evaluator) if figure.where else None
        self._share = _Condition(figure.value, evaluator) if figure.counting == "share" else None

    def of(self, call: Mapping[str, Plain], at: datetime) -> Counts | None:
        """How a call counts, by its fields and when it was; None where it does not."""
        if self._where is not None and not self._where.holds(call):
            return None
        one = self._figure
        value = self._share.holds(call) if self._share is not None else call[one.value] if one.value else None
        dims = {d.path: None if call[d.path] is None else str(call[d.path]) for d in one.dimensions}
        return Counts(start_of(at, one.per), dims, value)


class _Condition:
    """A condition over a call, remembered by the fields that it reads."""

    def __init__(self, text: str, evaluator: Evaluator) -> None:
        self._text, self._evaluator = text, evaluator
        self._reads = tuple(sorted(set(_fields(parse(text)))))
        self._known: dict[tuple[Plain, ...], bool] = {}

    def holds(self, call: Mapping[str, Plain]) -> bool:
        key = tuple(call[name] for name in self._reads)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            given = dict(zip(self._reads, key, strict=True))
            found = self._known[key] = self._evaluator.holds(self._text, {CALL: given})
        return found


def _fields(tree: Ast) -> Iterator[str]:
    if isinstance(tree, Select) and path_of(tree.of) == CALL:
        yield tree.field
    for child in children(tree):
        yield from _fields(child)


@dataclass(slots=True)
class Sum:
    """What was added up for a cell: how many calls, and what the measure needs.

    Attributes:
        calls: calls that count.
        seen: of a share those for which it holds, else those that had a value.
        total: their values added up, in thousandths.
        least, most: the smallest and largest value, in thousandths.
        spread: how often each value came; numbers rounded to two digits, in thousandths.
    """

    calls: int = 0
    seen: int = 0
    total: int = 0
    least: int | None = None
    most: int | None = None
    spread: dict[str, int] = field(default_factory=dict)

    def add(self, counting: str, value: Plain | bool) -> None:
        """Count a call more."""
        self.calls += 1
        if counting == "share":
            self.seen += value is True
            return
        if value is None:
            return
        self.seen += 1
        if counting == "distinct":
            self.spread[str(value)] = self.spread.get(str(value), 0) + 1
            return
        if isinstance(value, str):
            return
        number = round(value * _MILLI)
        self.total += number
        self.least = number if self.least is None else min(self.least, number)
        self.most = number if self.most is None else max(self.most, number)
        if counting in SPREAD:
            key = str(two_digits(number))
            self.spread[key] = self.spread.get(key, 0) + 1

    def grow(self, other: Sum) -> None:
        """Add what another sum holds."""
        self.calls += other.calls
        self.seen += other.seen
        self.total += other.total
        self.least = min((one for one in (self.least, other.least) if one is not None), default=None)
        self.most = max((one for one in (self.most, other.most) if one is not None), default=None)
        for key, count in other.spread.items():
            self.spread[key] = self.spread.get(key, 0) + count

    def value(self, counting: str) -> float | None:
        """The number; None where there is none."""
        match counting:
            case "count":
                return float(self.calls)
            case "share":
                return 100.0 * self.seen / self.calls if self.calls else None
            case "sum":
                return self.total / _MILLI
            case "distinct":
                return float(len(self.spread))
            case "avg":
                return self.total / self.seen / _MILLI if self.seen else None
            case "min" | "max":
                found = self.least if counting == "min" else self.most
                return None if found is None else found / _MILLI
            case _:
                return self._quantile(0.5 if counting == "median" else 0.95)

    def _quantile(self, share: float) -> float | None:
        """The smallest value that at least this share of the values does not pass."""
        passed = 0
        for key, count in sorted((int(key), count) for key, count in self.spread.items()):
            passed += count
            if passed >= share * self.seen:
                return key / _MILLI
        return None


def two_digits(number: int) -> int:
    """A whole number from 0 rounded to its first two digits, so at most 5 per cent off."""
    unit: int = 10 ** max(0, len(str(number)) - 2)
    return (number + unit // 2) // unit * unit


def cells(figure: Figure, one: Counts) -> Iterator[tuple[datetime, Dims]]:
    """The cells that a call counts in: the total, and each group of dimensions that is stored."""
    for group in figure.sets:
        yield one.start, tuple((path, one.dims[path]) for path in sorted(group))
