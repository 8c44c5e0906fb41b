"""Finding an entry: words, pinyin, codes and facets over the search index. Only what is published is in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields

import msgspec
from django.db import connection

from yiwang.blocks.catalogue.domain.resource import GRADES, SHARE_TYPES, UPDATE_CYCLES
from yiwang.blocks.catalogue.domain.searching import parsing
from yiwang.blocks.catalogue.domain.searching.lexemes import facet as facet_lexeme
from yiwang.blocks.catalogue.domain.searching.parsing import Wanted, parse
from yiwang.blocks.catalogue.domain.searching.words import is_han, pinyin, reworded
from yiwang.blocks.catalogue.queries.views import Facet, ResourceSummary
from yiwang.blocks.catalogue.store.models import Resource
from yiwang.blocks.catalogue.store.search_models import SearchEntry, SearchTotal
from yiwang.blocks.identity.public import Actor

MOST = 1000
"""Entries ranked and counted for one search; of a wider one the count is a lower bound (`Found.at_least`)."""
FACETS = ("provider", "theme", "share_type", "mode", "update_cycle", "grade")
THEMES = {"1": "基础信息资源类", "2": "主题信息资源类", "3": "部门信息资源类"}
"""编制指南 5.2: the first digit of a code."""
MODES = {"query": "查询", "verify": "核验", "none": "未挂接"}
MOST_SUGGESTIONS = 8
_VALUE = re.compile(r"[\w-]{1,40}", re.ASCII)
_LABELS: dict[str, dict[str, str]] = {
    "theme": THEMES,
    "share_type": {key: label.zh for key, label in SHARE_TYPES.items()},
    "mode": MODES,
    "update_cycle": {key: label.zh for key, label in UPDATE_CYCLES.items()},
    "grade": {key: label.zh for key, label in GRADES.items()},
}
_ROW_FACETS = ("theme", "share_type", "mode", "update_cycle", "grade")
"""Facets with few values, read off the rows; a provider is rare and looked up with the words."""
_FIND = "SELECT catalogue_search_find(%s, %s::tsquery, %s::tsquery, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)::text"


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


@dataclass(frozen=True)
class _Lookup:
    """A search as the database reads it, without facets. Nothing in it: the newest entries."""

    titles: str = ""
    anywhere: str = ""
    code: str = ""
    beginning: str = ""


class _Answer(msgspec.Struct):
    """What candidates there are: their number, codes of a page, and the value of each facet a line."""

    total: int
    codes: list[str] | None
    provider: str | None
    names: str | None
    theme: str | None
    share_type: str | None
    mode: str | None
    update_cycle: str | None
    grade: str | None

    def counted(self, name: str) -> dict[str, list[int | str]]:
        """How many candidates have each value of a facet, with the name of a provider."""
        lines: str = getattr(self, name) or ""
        values = lines.split("\n") if lines else []
        if name == "provider":
            called = dict(zip(values, (self.names or "").split("\n"), strict=True)) if values else {}
            return {value: [n, called[value]] for value, n in Counter(values).items()}
        counts: Counter[str] = Counter()
        for value, n in Counter(values).items():
            for one in value.split("+"):
                counts[one] += n
        return {value: [n, ""] for value, n in counts.items()}


def find(
    actor: Actor,
    text: str = "",
    narrowed: Mapping[str, str] | None = None,
    *,
    page: int = 1,
    per_page: int = 20,
) -> Found:
    """Published entries for a text, narrowed by facets (see `FACETS`), the best first.

    Whoever is signed in may see the published catalogue. A page too far is the last one; at most the first thousand
    results can be paged through: a wider search says so and is narrowed by its facets.
    """
    del actor
    wanted = parse(text)
    chosen = {name: value for name, value in (narrowed or {}).items() if name in FACETS and value}
    if wanted.hopeless or any(_VALUE.fullmatch(value) is None for value in chosen.values()):
        return Found((), 0, False, 1, 1, dict.fromkeys(FACETS, ()), (), False, ())
    lookup, widened = _lookup(wanted), False
    answer = _read(lookup, chosen, wanted.text, page, per_page)
    if answer.total == 0 and lookup.titles and (wide := parsing.by_pairs(wanted)):
        wider = _read(_Lookup(wide, wide), chosen, wanted.text, page, per_page)
        if wider.total:
            lookup, widened, answer = _Lookup(wide, wide), True, wider
    at_least = answer.total > MOST
    pages = max(1, -(-min(answer.total, MOST) // per_page))
    codes = answer.codes or []
    if page > pages:
        page = pages
        codes = _read(lookup, chosen, wanted.text, page, per_page).codes or []
    known = _known_totals(wanted) if len(chosen) < 2 and (at_least or chosen) else None
    facets = {name: _told(name, answer.counted(name)) for name in FACETS if name not in chosen}
    for name in chosen:
        others = {other: value for other, value in chosen.items() if other != name}
        apart = None if known else _read(lookup, others, wanted.text, 1, 0)
        facets[name] = _told(
            name, apart.counted(name) if apart else known.facets.get(name, {}) if known else {}
        )
    total = min(answer.total, MOST)
    if at_least and not chosen and known is not None:
        total, at_least = known.total, False
        facets = {name: _told(name, known.facets.get(name, {})) for name in FACETS}
    meant = () if total or wanted.empty else _meant(wanted, chosen)
    return Found(_summaries(codes), total, at_least, page, pages, facets, wanted.marks, widened, meant)


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
        codes = _read(lookup, {}, wanted.text, 1, MOST_SUGGESTIONS, most=100).codes or []
        titles = dict(Resource.objects.filter(pk__in=codes).values_list("pk", "title"))
        found |= dict.fromkeys(titles[code] for code in codes if code in titles)
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


def _read(
    lookup: _Lookup, chosen: Mapping[str, str], text: str, page: int, size: int, most: int = MOST + 1
) -> _Answer:
    """How many there are (at least one more than `MOST` when there are more), their facets, and the codes of a page."""
    provider = [parsing.quoted(facet_lexeme("provider", chosen["provider"]))] if "provider" in chosen else []
    titles, anywhere = (
        " & ".join([*([f"({query})"] if query else []), *provider]) or None
        for query in (lookup.titles, lookup.anywhere)
    )
    if lookup.code:
        titles = None
    newest = titles is None and not lookup.code
    told = (
        lookup.beginning, titles, anywhere, lookup.code, newest, text,
        *(chosen.get(name, "") for name in _ROW_FACETS), most, (page - 1) * size, size,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_FIND, told)
        return msgspec.json.decode(cursor.fetchone()[0], type=_Answer)


def _told(name: str, counted: Mapping[str, list[int | str]]) -> tuple[Facet, ...]:
    """Facets in the order of the code list, or by count where there is none."""
    labels = _LABELS.get(name)
    if labels is None:
        ordered = sorted(counted, key=lambda value: (-int(counted[value][0]), value))
        return tuple(Facet(value, str(counted[value][1]), int(counted[value][0])) for value in ordered)
    listed = [*labels, *sorted(set(counted) - set(labels))]
    return tuple(Facet(v, labels.get(v, v), int(counted[v][0])) for v in listed if v in counted)


def _known_totals(wanted: Wanted) -> SearchTotal | None:
    if wanted.empty:
        return SearchTotal.objects.filter(word="").first()
    alone = len(wanted.pieces) == 1 and not wanted.phrases and not wanted.pieces[0].sound
    return SearchTotal.objects.filter(word=wanted.pieces[0].word).first() if alone else None


def _summaries(codes: list[str]) -> tuple[ResourceSummary, ...]:
    other = {"provider": "agency", "provider_name": "agency_name"}
    columns = [
        field.name for field in fields(ResourceSummary) if field.name not in {"has_draft", "item_count"}
    ]
    stored = [other.get(name, name) for name in columns]
    counts = dict(SearchEntry.objects.filter(pk__in=codes).values_list("pk", "item_count"))
    rows = {
        row["code"]: row for row in Resource.objects.filter(pk__in=counts, state="published").values(*stored)
    }
    return tuple(
        msgspec.convert(
            {
                "has_draft": False,
                "item_count": counts[code],
                **{name: rows[code][at] for name, at in zip(columns, stored, strict=True)},
            },
            ResourceSummary,
        )
        for code in codes
        if code in rows
    )


def _meant(wanted: Wanted, chosen: Mapping[str, str]) -> tuple[str, ...]:
    """What would find something: a synonym, or a title that sounds like it."""
    found = [
        text for text in reworded(wanted.text)[:6] if _read(_lookup(parse(text)), chosen, "", 1, 0, 1).total
    ]
    sound = pinyin(wanted.text.replace(" ", ""))[0] if is_han(wanted.text) else ""
    if sound and len(found) < 3:
        query = parsing.quoted("~" + sound)
        codes = _read(_Lookup(query, query), chosen, "", 1, 3, 100).codes or []
        found.extend(Resource.objects.filter(pk__in=codes).values_list("title", flat=True))
    return tuple(dict.fromkeys(found))[:3]
