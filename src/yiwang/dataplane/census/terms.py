"""The census' dictionaries: names of columns in government databases, and what each concept means for privacy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from yiwang.vocabulary.tables import Table, parse_table

Protection = Literal["general", "internal", "personal", "sensitive", "secret"]
When = Literal["any", "person", "not_org", "not_owned"]
Sort = Literal["text", "number", "amount", "date", "datetime", "flag", "code", "category", "key"]


@dataclass(frozen=True, slots=True)
class Term:
    """A Chinese title with what columns are called that hold it. `weight` 1–9: how usual it is."""

    title: str
    concept: str
    initials: tuple[str, ...]
    pinyin: str
    english: tuple[str, ...]
    weight: int


@dataclass(frozen=True, slots=True)
class Concept:
    """What a column is about; `when`: whether its protection depends on whom the row is about."""

    name: str
    zh: str
    en: str
    protection: Protection
    level: int
    when: When
    sort: Sort
    code_list: str


def census_table(name: str, *columns: str) -> Table:
    """One of the data files beside this module."""
    place = files("yiwang.dataplane.census") / "data" / name
    return parse_table(name, place.read_bytes(), columns)


@cache
def terms() -> tuple[Term, ...]:
    """All terms, in the order of the file."""
    table = census_table("terms.csv", "title", "concept", "initials", "pinyin", "english", "weight")
    return tuple(
        Term(
            row["title"], row["concept"], _parts(row["initials"]), row["pinyin"], _parts(row["english"]),
            int(row["weight"]),
        )
        for row in table.rows
    )  # fmt: skip


@cache
def concepts() -> dict[str, Concept]:
    """All concepts by name."""
    table = census_table("concepts.csv", "concept", "zh", "en", "protection", "level", "when", "sort", "list")
    protections: dict[str, Protection] = {
        "general": "general", "internal": "internal", "personal": "personal", "sensitive": "sensitive",
        "secret": "secret",
    }  # fmt: skip
    whens: dict[str, When] = {
        "any": "any",
        "person": "person",
        "not_org": "not_org",
        "not_owned": "not_owned",
    }
    sorts: dict[str, Sort] = {
        "text": "text", "number": "number", "amount": "amount", "date": "date", "datetime": "datetime",
        "flag": "flag", "code": "code", "category": "category", "key": "key",
    }  # fmt: skip
    return {
        row["concept"]: Concept(
            row["concept"], row["zh"], row["en"], protections[row["protection"]], int(row["level"]),
            whens[row["when"]], sorts[row["sort"]], row["list"],
        )
        for row in table.rows
    }  # fmt: skip


@cache
def word_list(name: str) -> frozenset[str]:
    """Words of `words.csv` under one heading."""
    table = census_table("words.csv", "list", "words")
    return frozenset(word for row in table.rows if row["list"] == name for word in row["words"].split())


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split("|") if part)
