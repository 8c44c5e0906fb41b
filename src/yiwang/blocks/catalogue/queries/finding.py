"""Finding an entry: words, pinyin, codes and facets over the search index. Only what is published is in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import msgspec
from django.db import connection

from yiwang.blocks.catalogue.domain.resource import GRADES, SHARE_TYPES, UPDATE_CYCLES
from yiwang.blocks.catalogue.domain.searching import parsing
from yiwang.blocks.catalogue.domain.searching.facts import (
    CODED,
    CODES,
    PROVIDER_PLACE,
    Narrowing,
    counted,
    narrowing,
    summed,
)
from yiwang.blocks.catalogue.domain.searching.lexemes import facet as facet_lexeme
from yiwang.blocks.catalogue.domain.searching.parsing import Wanted, parse
from yiwang.blocks.catalogue.domain.searching.words import is_han, pinyin, reworded
from yiwang.blocks.catalogue.queries.views import Facet, ResourceSummary
from yiwang.blocks.catalogue.store.search_models import SearchProvider
from yiwang.blocks.identity.public import Actor

MOST = 500
"""Entries ranked and counted for one search; of a wider one the count is a lower bound (`Found.at_least`)."""
FACETS = ("provider", "theme", "share_type", "mode", "update_cycle", "grade", "quality")
THEMES = {"1": "基础信息资源类", "2": "主题信息资源类", "3": "部门信息资源类"}
"""编制指南 5.2: the first digit of a code."""
MODES = {"query": "查询", "verify": "核验", "none": "未挂接"}
QUALITY = {"5": "五级", "4": "四级", "3": "三级", "2": "二级", "1": "一级", "none": "未检查"}
MOST_SUGGESTIONS = 8
_VALUE = re.compile(r"[\w-]{1,40}", re.ASCII)
_LABELS: dict[str, dict[str, str]] = {
    "theme": THEMES,
    "share_type": {key: label.zh for key, label in SHARE_TYPES.items()},
    "mode": MODES,
    "update_cycle": {key: label.zh for key, label in UPDATE_CYCLES.items()},
    "grade": {key: label.zh for key, label in GRADES.items()},
    "quality": QUALITY,
}
_PROVIDERS: dict[int, tuple[str, str]] = {}
"""Agency and name by number, as far as they were needed. They never change."""
FEW = 120
"""Entries ranked for one of the first pages when it is known beforehand how many there are."""
_FIND = "SELECT catalogue_search_find(%s, %s::tsquery, %s::tsquery, %s, %s, %s::tsquery, %s, %s, %s, %s, %s, %s, %s, %s)"


@dataclass(frozen=True)
class Found:
    """One page of what a search found. Facets hold only values that lead to a result."""

    rows: tuple[ResourceSummary, ...]
    total: int
    at_least: bool
    """There are more than were counted."""
    page: int
    pages: int
    facets: Mapping[str, tuple[Facet, ...]]
    marks: tuple[str, ...]
    """Words to mark in the results."""
    widened: bool
    """The words as typed found nothing; this is what comes near."""
    did_you_mean: tuple[str, ...]
    """Other words that would find something, when these find nothing."""
    sampled: frozenset[str] = frozenset()
    """Facets counted over the best results alone: each count is a lower bound."""


@dataclass(frozen=True)
class _Lookup:
    """A search as the database reads it, without facets. Nothing in it: the newest entries."""

    titles: str = ""
    anywhere: str = ""
    code: str = ""
    beginning: str = ""


class _Answer(msgspec.Struct):
    """What the database says of a search. Pairs are a number and how many have it (`domain/searching/facts.py`)."""

    facts: list[int]
    """The number of each candidate."""
    rows: list[ResourceSummary]
    kept: bool
    """How many there are is known from `codes` and `changes`; candidates are but those to choose a page from."""
    wide: list[int] = msgspec.field(default_factory=list)
    """Candidates without the chosen facets, when there were too many for `facts` to be them too."""
    codes: list[tuple[int, int]] = msgspec.field(default_factory=list)
    providers: list[tuple[int, int]] = msgspec.field(default_factory=list)
    changes: list[tuple[int, int]] = msgspec.field(default_factory=list)


@dataclass(frozen=True)
class _Asked:
    """A search as it is put to the database."""

    lookup: _Lookup
    text: str
    word: str | None
    """The one word of it, whose counts may be kept; "" for the whole catalogue."""
    chosen: Mapping[str, str]

    def within(self, without: str = "") -> Narrowing:
        """What the chosen facets narrow to, one of them left out."""
        left = {name: value for name, value in self.chosen.items() if name != without}
        return narrowing(left) or Narrowing()


def find(
    actor: Actor,
    text: str = "",
    narrowed: Mapping[str, str] | None = None,
    *,
    page: int = 1,
    per_page: int = 20,
) -> Found:
    """Published entries for a text, narrowed by facets (see `FACETS`), the best first.

    Whoever is signed in may see the published catalogue. A page too far is the last one; at most the first five hundred
    results can be paged through: a wider search says so and is narrowed by its facets.
    """
    del actor
    wanted = parse(text)
    chosen = {name: value for name, value in (narrowed or {}).items() if name in FACETS and value}
    strange = any(_VALUE.fullmatch(value) is None for value in chosen.values()) or narrowing(chosen) is None
    if wanted.hopeless or strange:
        return Found((), 0, False, 1, 1, dict.fromkeys(FACETS, ()), (), False, ())
    asked, widened = _Asked(_lookup(wanted), wanted.text, _word(wanted), chosen), False
    answer = _read(asked, page, per_page)
    total = _total(asked, answer)
    if total == 0 and asked.lookup.titles and (wide := parsing.by_pairs(wanted)):
        wider = replace(asked, lookup=_Lookup(wide, wide), word=None)
        other = _read(wider, page, per_page)
        if n := _total(wider, other):
            asked, widened, answer, total = wider, True, other, n
    pages = max(1, -(-min(total, MOST) // per_page))
    rows = answer.rows
    if page > pages:
        page = pages
        rows = _read(asked, page, per_page).rows
    at_least = total > MOST and not answer.kept
    facets, sampled = _facets(asked, answer, total)
    if at_least:
        total, sampled = MOST, frozenset(FACETS)
    meant = () if total or wanted.empty else _meant(wanted, chosen)
    return Found(tuple(rows), total, at_least, page, pages, facets, wanted.marks, widened, meant, sampled)


def suggest(actor: Actor, text: str) -> tuple[str, ...]:
    """Titles for what was typed so far: beginnings first, then those with its words or pinyin."""
    del actor
    wanted = parse(text)
    if wanted.empty or wanted.hopeless:
        return ()
    found: dict[str, None] = {}
    pairs = parsing.by_pairs(wanted)
    for lookup in (_lookup(wanted), _Lookup(pairs, pairs)):
        if lookup == _Lookup():
            continue
        rows = _read(_Asked(lookup, wanted.text, None, {}), 1, MOST_SUGGESTIONS, most=100).rows
        found |= dict.fromkeys(row.title for row in rows)
        if len(found) >= MOST_SUGGESTIONS:
            break
    return tuple(found)[:MOST_SUGGESTIONS]


def _lookup(wanted: Wanted) -> _Lookup:
    if wanted.empty or wanted.code:
        return _Lookup(code=wanted.code)
    beginning = wanted.text if is_han(wanted.text) else ""
    return _Lookup(
        parsing.by_words(wanted, titles=True), parsing.by_words(wanted, titles=False), beginning=beginning
    )


def _word(wanted: Wanted) -> str | None:
    if wanted.empty:
        return ""
    alone = len(wanted.pieces) == 1 and not wanted.phrases and not wanted.pieces[0].sound
    return wanted.pieces[0].word if alone else None


def _read(asked: _Asked, page: int, size: int, most: int = MOST + 1) -> _Answer:
    """Candidates (at least one more than `MOST` when there are more), a page of them, and counts that are kept."""
    lookup, within = asked.lookup, asked.within()
    agency = asked.chosen.get("provider")
    provider = [parsing.quoted(facet_lexeme("provider", agency))] if agency else []
    titles, anywhere = (
        " & ".join([*([f"({query})"] if query else []), *provider]) or None
        for query in (lookup.titles, lookup.anywhere)
    )
    facets = " & ".join(
        parsing.quoted(facet_lexeme(name, value))
        for name, value in asked.chosen.items()
        if name != "provider"
    )
    few = max(1, FEW // (2 * size)) * 2 * size if size else FEW  # whole groups of two pages
    told = (
        lookup.beginning, None if lookup.code else titles, anywhere, lookup.code, asked.text, facets or None,
        asked.word, agency is None, within.mask, within.want, most, few, (page - 1) * size, size,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_FIND, told)
        return msgspec.json.decode(cursor.fetchone()[0], type=_Answer)


def _total(asked: _Asked, answer: _Answer) -> int:
    within = asked.within()
    if not answer.kept:
        return sum(1 for facts in answer.facts if facts & within.mask == within.want)
    counts = summed(answer.codes, answer.changes)
    return max(0, sum(n for facts, n in counts.items() if facts & within.mask == within.want))


def _facets(
    asked: _Asked, answer: _Answer, total: int
) -> tuple[dict[str, tuple[Facet, ...]], frozenset[str]]:
    """Each facet counted over what the others narrow to, and which of them are lower bounds."""
    chosen, all_of_it = asked.chosen, asked.within()
    sampled = set()
    narrow = summed((facts & CODES, n) for facts, n in Counter(answer.facts).items())
    wide = summed((facts & CODES, n) for facts, n in Counter(answer.wide).items()) if answer.wide else narrow
    if answer.kept:
        narrow = wide = summed(answer.codes, ((facts & CODES, n) for facts, n in answer.changes))
    told: dict[str, tuple[Facet, ...]] = {}
    for name in CODED:
        if name not in chosen:
            told[name] = _labelled(name, counted(name, narrow, all_of_it))
            continue
        counts = counted(name, wide, asked.within(name))
        if answer.wide:
            sampled.add(name)
            counts |= {chosen[name]: total} if total else {}
        told[name] = _labelled(name, counts)
    others = asked.within("provider")
    if not all_of_it.mask and (answer.kept or (chosen and answer.providers)):
        changed = ((facts >> PROVIDER_PLACE, n) for facts, n in answer.changes)
        numbers = summed(answer.providers, changed)
    else:
        facts_of = answer.facts
        if "provider" in chosen:
            facts_of = _read(
                replace(asked, word=None, chosen={n: v for n, v in chosen.items() if n != "provider"}), 1, 0
            ).facts
        fitting = Counter(facts for facts in facts_of if facts & others.mask == others.want)
        numbers = summed((facts >> PROVIDER_PLACE, n) for facts, n in fitting.items())
        if fitting.total() > MOST or (answer.kept and fitting.total() < total):
            sampled.add("provider")
    told["provider"] = _providers(numbers)
    return {name: told[name] for name in FACETS}, frozenset(sampled)


def _labelled(name: str, counts: Mapping[str, int]) -> tuple[Facet, ...]:
    """Facets in the order of the code list."""
    labels = _LABELS[name]
    listed = [*labels, *sorted(set(counts) - set(labels))]
    return tuple(Facet(value, labels.get(value, value), counts[value]) for value in listed if value in counts)


def _providers(numbers: Mapping[int, int]) -> tuple[Facet, ...]:
    """Providers, those with most first. One that was renamed has several numbers, and is called by the latest."""
    if missing := [number for number in numbers if number not in _PROVIDERS]:
        found = SearchProvider.objects.filter(pk__in=missing).values_list("number", "agency", "name")
        _PROVIDERS.update({number: (agency, name) for number, agency, name in found})
    counts: dict[str, int] = {}
    names: dict[str, str] = {}
    for number in sorted(numbers):
        if numbers[number] > 0 and number in _PROVIDERS:
            agency, names[agency] = _PROVIDERS[number]
            counts[agency] = counts.get(agency, 0) + numbers[number]
    ordered = sorted([(-n, agency) for agency, n in counts.items()])
    return tuple([Facet(agency, names[agency], -n) for n, agency in ordered])


def _meant(wanted: Wanted, chosen: Mapping[str, str]) -> tuple[str, ...]:
    """What would find something: a synonym, or a title that sounds like it."""
    found = []
    for text in reworded(wanted.text)[:6]:
        asked = _Asked(_lookup(parse(text)), "", None, chosen)
        if _total(asked, _read(asked, 1, 0, 1)):
            found.append(text)
    sound = pinyin(wanted.text.replace(" ", ""))[0] if is_han(wanted.text) else ""
    if sound and len(found) < 3:
        query = parsing.quoted("~" + sound)
        rows = _read(_Asked(_Lookup(query, query), "", None, chosen), 1, 3, 100).rows
        found.extend(row.title for row in rows)
    return tuple(dict.fromkeys(found))[:3]
