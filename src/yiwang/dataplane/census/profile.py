"""What the values of one column look like. A profile holds values while proposals are made; it is never written."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from yiwang.dataplane.census.source import MOST_ENTRIES, Column, Letter, Measure, Value

LOOKED_AT: Final = 120
"""Distinct values that the finders look at."""
_SHOWN: Final = 3
_LONGEST_SHOWN: Final = 20
_DATE: Final = re.compile(
    r"(?:1[89]|20|21)\d{2}(?:-\d{1,2}-\d{1,2}|/\d{1,2}/\d{1,2}|\.\d{1,2}\.\d{1,2}|年\d{1,2}月\d{1,2}日?|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))"
)
_DATETIME: Final = re.compile(
    r"(?:1[89]|20|21)\d{2}[-/.年]?\d{1,2}[-/.月]?\d{1,2}日?[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{0,2})?"
    r"|\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}(?::\d{2})?(?: [AP]M)?"
)
_INTEGER: Final = re.compile(r"-?(?:0|[1-9]\d{0,17})")
_DECIMAL: Final = re.compile(
    r"-?\d{1,18}(?:,\d{3})*\.\d+(?:[eE][-+]?\d+)?|-?\d(?:\.\d+)?[eE][-+]?\d+|-?\d{1,3}(?:,\d{3})+"
)
_BOOLEANS: Final = frozenset({"true", "false", "t", "f", "True", "False", "TRUE", "FALSE"})


@dataclass(frozen=True, repr=False)
class Profile:
    """Facts of a column over its sample and, where `measure` is there, over the whole table.

    Attributes:
        sampled: rows of the sample.
        filled: rows of the sample with a value.
        values: distinct values in the order met; values that stand for nothing are left out.
        counts: rows a value, over whatever was read, when there are few distinct ones.
        unique: every filled row differs; None when only the sample says so.
        letter: the data type that the values fit.
    """

    column: Column
    sampled: int
    whole: bool
    filled: int
    values: tuple[str, ...]
    distinct: int
    counts: dict[str, int] | None
    longest: int
    longest_bytes: int
    letter: Letter
    scale: int
    unique_in_sample: bool
    measure: Measure | None = None
    looked: tuple[str, ...] = field(default=())

    def __repr__(self) -> str:
        return f"Profile({self.column.name}, {self.sampled} rows)"

    @property
    def rows(self) -> int:
        """Rows that are known of."""
        return self.measure.rows if self.measure else self.sampled

    @property
    def complete(self) -> float:
        """Share of rows with a value, 0–1."""
        if self.measure and self.measure.rows:
            return self.measure.filled / self.measure.rows
        return self.filled / self.sampled if self.sampled else 0.0

    @property
    def known_distinct(self) -> int | None:
        """Distinct values of the whole table, where they were counted."""
        if self.measure is not None:
            return self.measure.distinct
        return self.distinct if self.whole else None

    @property
    def unique(self) -> bool | None:
        """Whether no value stands twice in the table; None where only a sample was seen."""
        if not self.unique_in_sample or not self.filled:
            return False
        if self.measure is not None and self.measure.distinct is not None:
            return self.measure.distinct == self.measure.filled
        return True if self.whole else None

    def samples(self) -> tuple[str, ...]:
        """Forms of some values: digits as #, letters as a, Chinese characters as 〇; nothing that was there remains."""
        forms = dict.fromkeys(masked(value) for value in self.values[: 4 * _SHOWN])
        return tuple(forms)[:_SHOWN]


def masked(value: str) -> str:
    """The form of a value and none of its characters but punctuation; a value of punctuation alone becomes ****."""
    shown = value[:_LONGEST_SHOWN]
    form = "".join(_sign(character) for character in shown)
    if not any(c.isalnum() or c >= "\u2e80" for c in shown) or form == shown:
        return "****"
    return form + (f"…({len(value)})" if len(value) > _LONGEST_SHOWN else "")


def _sign(character: str) -> str:
    if character >= "\u2e80":
        return "〇"
    if character.isalpha():
        return "a"
    if character.isalnum() or character.isnumeric():
        return "#"
    return character if character.isprintable() else " "


def profile(column: Column, values: list[Value], whole: bool, measure: Measure | None = None) -> Profile:
    """The profile of a column from its part of the sample."""
    held = [value for value in values if value is not None and value != ""]
    if column.letter == "G":
        filled = sum(value is not None for value in values)
        return Profile(column, len(values), whole, filled, (), 0, None, 0, 0, "G", 0, False, measure)
    counts = Counter(held)
    distinct = tuple(counts)
    looked = distinct[:LOOKED_AT]
    letter, scale = (column.letter, column.scale) if column.letter else _letter(looked)
    longest = max(map(len, distinct), default=0)
    size = (
        max((len(value.encode()) for value in distinct), default=0)
        if distinct and not _ascii(distinct)
        else longest
    )
    if measure is not None:
        longest = max(longest, measure.longest)
    few = dict(counts) if len(counts) <= MOST_ENTRIES else None
    return Profile(
        column, len(values), whole, len(held), distinct, len(distinct), few, longest, size, letter, scale,
        len(held) > 0 and len(distinct) == len(held), measure, looked,
    )  # fmt: skip


def _ascii(values: tuple[str, ...]) -> bool:
    return "".join(values[:LOOKED_AT]).isascii() and all(value.isascii() for value in values)


def share(pattern: re.Pattern[str], values: tuple[str, ...]) -> float:
    """Share of values that the pattern matches from end to end."""
    return sum(bool(pattern.fullmatch(value)) for value in values) / len(values) if values else 0.0


def _letter(values: tuple[str, ...]) -> tuple[Letter, int]:
    """The type that (nearly) all values of an untyped column fit."""
    if not values:
        return "C", 0
    if all(value in _BOOLEANS for value in values):
        return "L", 0
    first = values[0].strip()
    if first[:1].isdigit() or first[:1] in "-+":
        if share(_DATETIME, values) >= 0.98:
            return "T", 0
        if share(_DATE, values) >= 0.98 and not all(
            len(v) == 8 and v.isdigit() and not _calendar(v) for v in values
        ):
            return "D", 0
        whole = share(_INTEGER, values)
        if whole == 1.0:
            return "I", 0
        if whole + share(_DECIMAL, values) >= 0.999:
            return "N", max(len(value.rpartition(".")[2]) for value in values if "." in value) if any(
                "." in value for value in values
            ) else 0
    return "C", 0


def _calendar(text: str) -> bool:
    return 1 <= int(text[4:6]) <= 12 and 1 <= int(text[6:8]) <= 31
