"""How well an entry of the catalogue, or a department's duty, fits a need; pure, over words already segmented.

The score is a percentage: titles count half, items a third, duties the rest. Parts that a need or an entry does not
have are left out of the sum. Every match says why.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

TITLE, ITEMS, DUTY = 50, 35, 15
LEAST = 25
"""Percent below which a match is not worth a person's time."""
MOST_HOLDERS = 3
"""Agencies that a need is routed to by itself."""


@dataclass(frozen=True)
class Words:
    """The words of a need: of its title, of each item, and of everything it says."""

    title: frozenset[str]
    items: tuple[tuple[str, frozenset[str]], ...]
    all: frozenset[str]


@dataclass(frozen=True)
class Known:
    """An entry as the ranking reads it."""

    code: str
    title: str
    agency: str
    agency_name: str
    title_words: frozenset[str]
    items: tuple[tuple[str, frozenset[str]], ...] = ()
    duty: str = ""
    duty_words: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Match:
    """An entry with its score (0 to 100) and the reasons: shared words of the title, items, words of the duty."""

    code: str
    title: str
    agency: str
    agency_name: str
    score: int
    words: tuple[str, ...]
    items: tuple[str, ...]
    duty: tuple[str, ...]


def ranked(wanted: Words, known: Iterable[Known]) -> tuple[Match, ...]:
    """The matches worth showing, the best first; equal ones by code."""
    found = [match(wanted, one) for one in known]
    worth = [one for one in found if one.score >= LEAST]
    return tuple(sorted(worth, key=lambda one: (-one.score, one.code)))


def holders(matches: Iterable[Match]) -> tuple[Match, ...]:
    """The best match of each agency, for the most likely agencies."""
    best: dict[str, Match] = {}
    for one in matches:
        best.setdefault(one.agency, one)
    return tuple(best.values())[:MOST_HOLDERS]


def match(wanted: Words, known: Known) -> Match:
    """One entry against the need."""
    shared = wanted.title & known.title_words
    said = wanted.all & known.duty_words
    same = tuple(name for name, words in wanted.items if _held(name, words, known))
    parts = [(TITLE, _part(len(shared), len(wanted.title))), (ITEMS, _part(len(same), len(wanted.items)))]
    if said:
        parts.append((DUTY, _part(len(said), len(known.duty_words))))
    weighed = [(weight, part) for weight, part in parts if part is not None]
    whole = sum(weight for weight, _ in weighed)
    score = round(100 * sum(weight * part for weight, part in weighed) / whole) if whole else 0
    return Match(
        known.code, known.title, known.agency, known.agency_name, score, tuple(sorted(shared)), same,
        tuple(sorted(said)),
    )  # fmt: skip


def _held(name: str, words: frozenset[str], known: Known) -> bool:
    return any(name == other or (words and words <= has) for other, has in known.items)


def _part(some: int, whole: int) -> float | None:
    return some / whole if whole else None
