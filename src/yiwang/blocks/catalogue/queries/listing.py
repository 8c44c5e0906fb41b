"""Every published entry that fits, in the order of codes: exact and to the last one, however many there are.

A search (`finding`) ranks, and of a wide one only the best are looked at. This does not rank: a page begins behind the
code where the one before ended, so that its cost does not grow with how far one has come, and what is published or
withdrawn meanwhile neither repeats nor hides another entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count

from yiwang.blocks.catalogue.domain.searching import parsing
from yiwang.blocks.catalogue.domain.searching.facts import narrowing
from yiwang.blocks.catalogue.domain.searching.lexemes import facet as facet_lexeme
from yiwang.blocks.catalogue.domain.searching.parsing import parse
from yiwang.blocks.catalogue.queries.finding import FACETS
from yiwang.blocks.catalogue.queries.resources import summary_of
from yiwang.blocks.catalogue.queries.views import ResourceSummary
from yiwang.blocks.catalogue.store.models import Resource
from yiwang.blocks.identity.public import Actor

MOST = 500
_NEXT = (
    "SELECT code FROM catalogue_search WHERE code > %s AND code ~>=~ %s AND code ~<~ %s"
    " AND (%s::tsquery IS NULL OR tsv @@ %s::tsquery) ORDER BY code LIMIT %s"
)


@dataclass(frozen=True)
class Listing:
    """A page of entries by code, and where the next begins: `after` of the next call, "" behind the last."""

    rows: tuple[ResourceSummary, ...]
    next: str


def listed(
    actor: Actor,
    text: str = "",
    narrowed: Mapping[str, str] | None = None,
    *,
    after: str = "",
    size: int = 100,
) -> Listing:
    """Published entries with all the words, narrowed by facets, behind a code; at most 500.

    Whoever is signed in may see the published catalogue.
    """
    wanted = parse(text)
    chosen = {name: value for name, value in (narrowed or {}).items() if value}
    others = {name: value for name, value in chosen.items() if name != "provider"}
    if wanted.hopeless or not set(chosen) <= set(FACETS) or narrowing(others) is None:
        return Listing((), "")
    words = "" if wanted.empty or wanted.code else parsing.by_words(wanted, titles=False)
    facets = [parsing.quoted(facet_lexeme(name, value)) for name, value in chosen.items()]
    query = " & ".join([*([f"({words})"] if words else []), *facets]) or None
    size = min(max(1, size), MOST)
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [after, wanted.code, f"{wanted.code}\U0010ffff", query, query, size + 1])
        codes = [str(row[0]) for row in cursor.fetchall()]
    more, codes = len(codes) > size, codes[:size]
    found = Resource.objects.filter(pk__in=codes).annotate(item_count=Count("items")).order_by("code")
    rows = tuple(summary_of(row, actor, row.item_count) for row in found)
    return Listing(rows, codes[-1] if more else "")
