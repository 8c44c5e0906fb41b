"""The search document of an entry: a tsvector of the configuration 'simple', written by us.

A lexeme's first character says what it is: none for a word wherever it stands, `=` for a word of the title, `~` for
pinyin, `2` followed by a Chinese character for a pair of characters, `@` for a facet. Weights: A title, B items and
provider, C summary, D synonyms.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from yiwang.blocks.catalogue.domain.searching.words import all_words, pairs, sounds, synonyms, words

MOST_LEXEMES = 2000
"""A longer entry is cut: a tsvector holds one megabyte, and no one looks for the thousandth item."""
MOST_POSITION = 16000
_NOT_CODE = re.compile(r"[^\w-]")


@dataclass(frozen=True)
class Text:
    """What of an entry can be found."""

    title: str
    title_en: str
    summary: str
    summary_en: str
    provider_name: str
    items: tuple[tuple[str, str, str], ...]
    """Title, English title and wire name of each item."""


def document(text: Text, facets: dict[str, tuple[str, ...]]) -> str:
    """The tsvector as PostgreSQL reads it."""
    found: dict[str, list[str]] = {}
    place = 0

    def add(lexeme: str, weight: str) -> None:
        nonlocal place
        if len(found) >= MOST_LEXEMES and lexeme not in found:
            return
        at = found.setdefault(lexeme, [])
        if len(at) < 4:
            place = min(place + 1, MOST_POSITION)
            at.append(f"{place}{weight}")

    for name, values in facets.items():
        for value in values:
            found[facet(name, value)] = []
    title = [word for part in (text.title, text.title_en) for word in all_words(part)]
    for word in title:
        add(word, "A")
        found.setdefault("=" + word, [])
    for sound in sounds(text.title):
        found.setdefault("~" + sound, [])
    for pair in pairs(text.title):
        found.setdefault("2" + pair, [])
    provider = _piece(text.provider_name)
    for word in provider.words:
        add(word, "B")
    for pair in provider.pairs:
        found.setdefault("2" + pair, [])
    for zh, en, wire in text.items:
        item = _piece(zh)
        for word in (*item.words, *_piece(en).words, *_piece(wire).words):
            add(word, "B")
        for sound in item.sounds:
            _keep(found, "~" + sound)
        for pair in item.pairs:
            _keep(found, "2" + pair)
    for word in (*all_words(text.summary), *all_words(text.summary_en)):
        add(word, "C")
    for other in synonyms(text.title):
        for word in words(other):
            add(word, "D")
            found.setdefault("=" + word, [])
    for other in synonyms(" ".join(zh for zh, _, _ in text.items)):
        for word in words(other):
            add(word, "D")
    return " ".join([f"'{lexeme}':{','.join(at)}" if at else f"'{lexeme}'" for lexeme, at in found.items()])


@dataclass(frozen=True)
class _Piece:
    words: tuple[str, ...]
    pairs: tuple[str, ...]
    sounds: tuple[str, ...]


@lru_cache(maxsize=50_000)
def _piece(text: str) -> _Piece:
    """A name of an item or an agency, which many entries repeat."""
    return _Piece(tuple(all_words(text)), tuple(pairs(text)), tuple(sounds(text, longest=1)))


def facet(name: str, value: str) -> str:
    """The lexeme of a facet's value. Quotes and blanks have no place in a code."""
    return f"@{name}={_NOT_CODE.sub('', value)}"


def _keep(found: dict[str, list[str]], lexeme: str) -> None:
    if len(found) < MOST_LEXEMES:
        found.setdefault(lexeme, [])
