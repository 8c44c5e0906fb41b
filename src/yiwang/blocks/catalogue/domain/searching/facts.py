"""What an entry is narrowed by, as one number: searches count and compare numbers, not texts.

From the right: 2 bits for the ways it is served, 4 for the theme, 3 for the share type, 4 for the update cycle, 3 for the
grade, 3 for the level of quality; above those the provider's number. Numbers of values are kept in the index: a list may
only grow at its end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_

CODED = ("theme", "share_type", "mode", "update_cycle", "grade", "quality")
"""Facets with few values, each with its place in the number."""
_VALUES: Mapping[str, tuple[str, ...]] = {
    "theme": ("1", "2", "3", "4", "5", "6", "7", "8", "9", "0"),
    "share_type": ("unconditional", "conditional", "none"),
    "update_cycle": (
        "realtime", "daily", "weekly", "monthly", "quarterly", "half_yearly", "yearly", "irregular",
    ),
    "grade": ("general", "personal", "sensitive"),
    "quality": ("1", "2", "3", "4", "5"),
}  # fmt: skip
_PLACE = {
    "mode": (0, 3), "theme": (2, 15), "share_type": (6, 7), "update_cycle": (9, 15), "grade": (13, 7), "quality": (16, 7),
}  # fmt: skip
_MODES = {"query": 1, "verify": 2}
INDEXED = tuple(_MODES)
"""Ways of use that searches narrow by."""
UNCONNECTED = "none"
UNMEASURED = "none"
"""Of the quality: nobody has judged the entry's rows."""
PROVIDER_PLACE = 19
CODES = (1 << PROVIDER_PLACE) - 1
"""All but the provider."""


@dataclass(frozen=True)
class Narrowing:
    """Entries whose number has the bits `want` where `mask` has ones."""

    mask: int = 0
    want: int = 0


def packed(provider: int, modes: Iterable[str], values: Mapping[str, str]) -> int:
    """The number of an entry. A value that is in no list is 0, and no facet."""
    said = provider << PROVIDER_PLACE | reduce(or_, (_MODES.get(mode, 0) for mode in modes), 0)
    for name, listed in _VALUES.items():
        value = values.get(name, "")
        if value in listed:
            said |= (listed.index(value) + 1) << _PLACE[name][0]
    return said


def modes_in(facts: int) -> tuple[str, ...]:
    """The ways an entry is served."""
    return tuple(mode for mode, bit in _MODES.items() if facts & bit)


def narrowing(chosen: Mapping[str, str]) -> Narrowing | None:
    """What the number of an entry with these values has; the provider is left out. None: no entry can have them."""
    mask = want = 0
    for name, value in chosen.items():
        if name not in CODED:
            continue
        place, bits = _PLACE[name]
        if name == "mode":
            bits = _MODES.get(value, 3)
            number = 0 if value == UNCONNECTED else _MODES.get(value)
        elif name == "quality" and value == UNMEASURED:
            number = 0
        else:
            number = _VALUES[name].index(value) + 1 if value in _VALUES[name] else None
        if number is None:
            return None
        mask |= bits << place
        want |= number << place
    return Narrowing(mask, want)


def counted(name: str, numbers: Mapping[int, int], within: Narrowing) -> dict[str, int]:
    """How many of the numbers have each value of a facet; `within`: what the other facets narrow to."""
    place, bits = _PLACE[name]
    found: Counter[int] = Counter()
    for number, n in numbers.items():
        if number & within.mask == within.want:
            found[number >> place & bits] += n
    if name == "mode":
        modes = {mode: found[bit] + found[3] for mode, bit in _MODES.items()} | {UNCONNECTED: found[0]}
        return {mode: n for mode, n in modes.items() if n > 0}
    values = {_VALUES[name][number - 1]: n for number, n in found.items() if number and n > 0}
    if name == "quality" and found[0] > 0:
        values[UNMEASURED] = found[0]
    return values


def summed(*counts: Iterable[tuple[int, int]]) -> Counter[int]:
    """Pairs of a number and how many have it, added up."""
    found: Counter[int] = Counter()
    for pairs in counts:
        for number, n in pairs:
            found[number] += n
    return found
