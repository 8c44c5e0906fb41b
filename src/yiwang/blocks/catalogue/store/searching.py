"""Writing the search index: an entry in the transaction that publishes it, or all of them anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice

from django.db import connection, transaction

from yiwang.blocks.catalogue.domain.searching.facts import INDEXED, UNCONNECTED, UNMEASURED, modes_in, packed
from yiwang.blocks.catalogue.domain.searching.lexemes import Text, document
from yiwang.blocks.catalogue.store.models import Resource
from yiwang.blocks.catalogue.store.search_models import SearchEntry, SearchProvider

COLUMNS = ("code", "title", "facts", "item_count", "updated_at", "tsv")
_UPSERT = (
    f"INSERT INTO catalogue_search ({', '.join(COLUMNS)}) VALUES ({', '.join(['%s'] * 5)}, %s::tsvector)"  # noqa: S608
    f" ON CONFLICT (code) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in COLUMNS[1:])}"
)
_LOCK = "LOCK TABLE catalogue_search IN ROW EXCLUSIVE MODE"
"""Taken first: who publishes while the index is rebuilt must read counts only when the new ones stand."""
_NOTE = """
INSERT INTO catalogue_search_change (code, facts, step, words)
SELECT s.code, s.facts, %s, ARRAY(
    SELECT t.word FROM catalogue_search_total t WHERE t.word = '' OR t.word = ANY (tsvector_to_array(s.tsv))
) FROM catalogue_search s WHERE s.code = %s AND EXISTS (SELECT FROM catalogue_search_total)
"""
Row = tuple[str | int | datetime, ...]
NumberOf = Callable[[str, str], int]
"""The number of a provider, by its agency and name."""


@transaction.atomic
def index_entry(row: Resource, modes: Iterable[str] | None = None) -> None:
    """Make the index say what a published entry says. `modes`: ways it is served; None keeps those known."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
        served = (_known_modes(row.pk) or ()) if modes is None else modes
        cursor.execute(_NOTE, (-1, row.pk))
        cursor.execute(_UPSERT, values_of(row, tuple(served), number_of))
        cursor.execute(_NOTE, (1, row.pk))


@transaction.atomic
def forget_entry(code: str) -> None:
    """Take an entry out of the index."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
        cursor.execute(_NOTE, (-1, code))
        cursor.execute("DELETE FROM catalogue_search WHERE code = %s", (code,))


def note_modes(code: str, modes: Iterable[str]) -> None:
    """Keep how an entry is served ("query", "verify"; none: not connected). Entries not published are left alone."""
    served = sorted(set(modes) & set(INDEXED))
    known = _known_modes(code)
    if known is not None and sorted(known) != served:
        index_entry(Resource.objects.prefetch_related("items").get(pk=code), served)


@transaction.atomic
def note_quality(code: str, level: int) -> None:
    """Keep the level of an entry's quality (1 to 5; 0: not measured); searches narrow by it from now on."""
    row = Resource.objects.select_for_update().prefetch_related("items").filter(pk=code).first()
    if row is None or row.quality == level:
        return
    row.quality = level
    row.save(update_fields=["quality"])
    if SearchEntry.objects.filter(pk=code).exists():
        index_entry(row)


def number_of(agency: str, name: str) -> int:
    """The number of a provider, given out now if it has none."""
    return SearchProvider.objects.get_or_create(agency=agency, name=name)[0].number


def values_of(row: Resource, modes: tuple[str, ...], number: NumberOf) -> Row:
    """The row of the index, in the order of `COLUMNS`."""
    items = list(row.items.all())
    served = sorted(set(modes))
    coded = {
        "theme": row.classification[:1], "share_type": row.share_type, "update_cycle": row.update_cycle,
        "grade": row.grade, "quality": str(row.quality) if row.quality else UNMEASURED,
    }  # fmt: skip
    facets = {
        "provider": (row.agency,), "mode": tuple(served) or (UNCONNECTED,),
        **{name: (value,) for name, value in coded.items()},
    }  # fmt: skip
    text = Text(
        row.title, row.title_en, row.summary, row.summary_en, row.agency_name,
        tuple((item.title, item.title_en, item.wire) for item in items),
    )  # fmt: skip
    return (
        row.code, row.title, packed(number(row.agency, row.agency_name), served, coded), len(items),
        row.updated_at, document(text, facets),
    )  # fmt: skip


def batched_entries(
    modes: Mapping[str, tuple[str, ...]], number: NumberOf, size: int = 2000
) -> Iterator[list[Row]]:
    """Every row the index should have, the newest first, as a wide search meets them; `modes` by code."""
    found = Resource.objects.filter(state="published").order_by("-updated_at", "code")
    rows = found.prefetch_related("items").iterator(chunk_size=size)
    while batch := list(islice(rows, size)):
        yield [values_of(row, modes.get(row.code, ()), number) for row in batch]


def _known_modes(code: str) -> tuple[str, ...] | None:
    facts = SearchEntry.objects.filter(pk=code).values_list("facts", flat=True).first()
    return None if facts is None else modes_in(facts)
