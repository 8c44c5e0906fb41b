"""What of an entry of another node can be found, and how it is looked for."""

from __future__ import annotations

from collections.abc import Iterable

from yiwang.blocks.cascade.domain.bodies import EntryBody
from yiwang.blocks.catalogue.public import pairs, quoted, words

MOST_ITEMS = 200


def lexemes(body: EntryBody) -> str:
    """The tsvector of an entry as PostgreSQL reads it: words, and pairs of Chinese characters marked by `2`."""
    found: dict[str, str] = {}
    for text, weight in _texts(body):
        for word in (*words(text), *("2" + pair for pair in pairs(text))):
            found.setdefault(word, weight)
    return " ".join(
        f"{quoted(word)}:{place}{weight}" for place, (word, weight) in enumerate(found.items(), 1)
    )


def wanted(text: str) -> str:
    """The tsquery for what somebody typed: every pair of characters and every word; "" for nothing to look for."""
    parts: dict[str, None] = {}
    for pair in pairs(text):
        parts[quoted("2" + pair)] = None
    for word in words(text):
        if not _is_han(word) or len(word) == 1:
            parts[f"{quoted(word)}:*"] = None
    return " & ".join(list(parts)[:40])


def _texts(body: EntryBody) -> Iterable[tuple[str, str]]:
    yield body.title, "A"
    yield body.title_en, "A"
    yield body.provider_name, "B"
    for item in body.items[:MOST_ITEMS]:
        yield item.title, "B"
        yield item.title_en, "B"
    yield body.summary, "C"
    yield body.summary_en, "C"


def _is_han(word: str) -> bool:
    return all("\u3400" <= character <= "\u9fff" for character in word)
