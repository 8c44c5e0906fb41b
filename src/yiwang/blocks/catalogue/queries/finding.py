"""Finding an entry: words, pinyin, codes and facets over the search index. Only what is published is in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
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
_COLUMNS = "code, title, agency, agency_name, theme, share_type, update_cycle, grade, modes, updated_at, 0::real AS tier"
_SOURCES = {
    "words": "SELECT * FROM catalogue_search_candidates(%(beginning)s, %(titles)s::tsquery, %(anywhere)s::tsquery,"
    " %(most)s)",
    "code": f"SELECT {_COLUMNS} FROM catalogue_search WHERE code LIKE %(code)s"  # noqa: S608 - our own words
    " AND (%(anywhere)s = '' OR tsv @@ %(anywhere)s::tsquery) LIMIT %(most)s",
    "newest": f"SELECT {_COLUMNS} FROM catalogue_search ORDER BY updated_at DESC, code LIMIT %(most)s",  # noqa: S608
}
_COUNTED = """
SELECT (SELECT count(*) FROM c), (SELECT json_agg(g) FROM (
    SELECT agency AS provider, CASE WHEN grouping(agency) = 0 THEN min(agency_name) END AS name, theme, share_type,
           modes AS mode, update_cycle, grade, count(*) AS n FROM c
    GROUP BY GROUPING SETS ((agency), (theme), (share_type), (modes), (update_cycle), (grade))) g)
"""
# Two looks: all candidates by their titles, the first hundred of those by their whole documents.
_PAGE = """
(SELECT json_agg(code) FROM (
    SELECT code FROM (SELECT *, CASE WHEN place <= 100 AND %(anywhere)s <> ''
        THEN (SELECT ts_rank_cd(s.tsv, %(anywhere)s::tsquery) FROM catalogue_search s WHERE s.code = cheap.code)
        ELSE -1 END AS rank
    FROM (SELECT *, row_number() OVER (ORDER BY score DESC, updated_at DESC, code) AS place
        FROM (SELECT *, tier + CASE WHEN lower(title) = %(text)s THEN 20 WHEN starts_with(lower(title), %(text)s) THEN 3
            WHEN strpos(lower(title), %(text)s) > 0 THEN 2 ELSE 0 END AS score FROM c) scored) cheap
    WHERE place <= greatest(100, %(start)s + %(size)s)) ranked
    ORDER BY rank = -1, score + rank + CASE WHEN modes <> '{}' THEN 0.2 ELSE 0 END DESC, place
    LIMIT %(size)s OFFSET %(start)s) p)
"""


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
    """A search as the database reads it: which source of candidates, and its words without facets."""

    source: str
    titles: str = ""
    anywhere: str = ""
    code: str = ""
    beginning: str = ""


class _Group(msgspec.Struct):
    """How many candidates have a value of one facet; the other facets are None."""

    n: int
    provider: str | None
    name: str | None
    theme: str | None
    share_type: str | None
    mode: list[str] | None
    update_cycle: str | None
    grade: str | None

    def values(self, name: str) -> Iterable[str]:
        """The values it has of a facet."""
        if name == "mode":
            return () if self.mode is None else self.mode or ("none",)
        value = getattr(self, name)
        return () if value is None else (str(value),)


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
    total, groups, codes = _read(lookup, chosen, wanted.text, page, per_page)
    if total == 0 and lookup.source == "words" and (wide := parsing.by_pairs(wanted)):
        wider = _Lookup("words", wide, wide)
        total, groups, codes = _read(wider, chosen, wanted.text, page, per_page)
        lookup, widened = (wider, True) if total else (lookup, False)
    at_least = total > MOST
    pages = max(1, -(-min(total, MOST) // per_page))
    if page > pages:
        page = pages
        codes = _read(lookup, chosen, wanted.text, page, per_page)[2]
    facets = {name: _facets(name, groups) for name in FACETS if name not in chosen}
    for name in chosen:
        others = {other: value for other, value in chosen.items() if other != name}
        facets[name] = _facets(name, _read(lookup, others, wanted.text, 1, 0)[1])
    total = min(total, MOST)
    if at_least and not chosen and (known := _known_totals(wanted)) is not None:
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
    for lookup in (_lookup(wanted), _Lookup("words", parsing.by_pairs(wanted), parsing.by_pairs(wanted))):
        if lookup.source == "words" and not lookup.anywhere:
            continue
        codes = _read(lookup, {}, wanted.text, 1, MOST_SUGGESTIONS, most=100)[2]
        titles = dict(Resource.objects.filter(pk__in=codes).values_list("pk", "title"))
        found |= dict.fromkeys(titles[code] for code in codes if code in titles)
        if len(found) >= MOST_SUGGESTIONS:
            break
    return tuple(found)[:MOST_SUGGESTIONS]


def _lookup(wanted: Wanted) -> _Lookup:
    if wanted.empty:
        return _Lookup("newest")
    if wanted.code:
        return _Lookup("code", code=wanted.code)
    beginning = wanted.text if is_han(wanted.text) else ""
    return _Lookup(
        "words",
        parsing.by_words(wanted, titles=True),
        parsing.by_words(wanted, titles=False),
        beginning=beginning,
    )


def _read(
    lookup: _Lookup, chosen: Mapping[str, str], text: str, page: int, size: int, most: int = MOST + 1
) -> tuple[int, list[_Group], list[str]]:
    """How many (one more than `MOST` when there are more), their facets, and the codes of a page."""
    facets = [parsing.quoted(facet_lexeme(name, value)) for name, value in chosen.items()]
    source = lookup.source if not (lookup.source == "newest" and facets) else "words"
    titles, anywhere = (
        " & ".join([*([f"({query})"] if query else []), *facets])
        for query in (lookup.titles, lookup.anywhere)
    )
    told: dict[str, str | int] = {
        "beginning": lookup.beginning, "titles": titles, "anywhere": anywhere, "most": most, "text": text,
        "code": lookup.code + "%", "size": size, "start": (page - 1) * size,
    }  # fmt: skip
    candidates = f"SELECT DISTINCT ON (code) * FROM ({_SOURCES[source]}) f ORDER BY code, tier DESC"  # noqa: S608 - our own words
    statement = f"WITH c AS MATERIALIZED ({candidates})"
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} {_COUNTED}, {_PAGE if size else 'NULL'}", told)
        total, groups, codes = cursor.fetchone()
    return int(total), msgspec.convert(groups or [], list[_Group]), msgspec.convert(codes or [], list[str])


def _facets(name: str, groups: list[_Group]) -> tuple[Facet, ...]:
    counted: dict[str, int] = {}
    names: dict[str, str] = {}
    for group in groups:
        for value in group.values(name):
            counted[value] = counted.get(value, 0) + group.n
        if group.provider is not None:
            names[group.provider] = group.name or ""
    if name == "provider":
        ordered = sorted(counted, key=lambda value: (-counted[value], value))
        return tuple(Facet(value, names[value], counted[value]) for value in ordered)
    return _told(name, {value: [counted[value], ""] for value in counted})


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
    rows = Resource.objects.filter(pk__in=codes, state="published").defer("draft").in_bulk()
    counts = dict(SearchEntry.objects.filter(pk__in=codes).values_list("pk", "item_count"))
    other = {"provider": "agency", "provider_name": "agency_name"}
    columns = [
        field.name for field in fields(ResourceSummary) if field.name not in {"has_draft", "item_count"}
    ]
    return tuple(
        msgspec.convert(
            {
                "has_draft": False,
                "item_count": counts[code],
                **{name: getattr(rows[code], other.get(name, name)) for name in columns},
            },
            ResourceSummary,
        )
        for code in codes
        if code in rows and code in counts
    )


def _meant(wanted: Wanted, chosen: Mapping[str, str]) -> tuple[str, ...]:
    """What would find something: a synonym, or a title that sounds like it."""
    found = [
        text for text in reworded(wanted.text)[:6] if _read(_lookup(parse(text)), chosen, "", 1, 0, 1)[0]
    ]
    sound = pinyin(wanted.text.replace(" ", ""))[0] if is_han(wanted.text) else ""
    if sound and len(found) < 3:
        query = parsing.quoted("~" + sound)
        codes = _read(_Lookup("words", query, query), chosen, "", 1, 3, 100)[2]
        found.extend(Resource.objects.filter(pk__in=codes).values_list("title", flat=True))
    return tuple(dict.fromkeys(found))[:3]
