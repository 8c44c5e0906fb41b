"""Writing the search index: an entry in the transaction that publishes it, or all of them anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice

from django.db import connection

from yiwang.blocks.catalogue.domain.searching.lexemes import Text, document
from yiwang.blocks.catalogue.store.models import Resource
from yiwang.blocks.catalogue.store.search_models import SearchEntry

COLUMNS = (
    "code", "title", "agency", "agency_name", "theme", "share_type", "update_cycle", "grade", "modes",
    "item_count", "updated_at", "tsv",
)  # fmt: skip
_UPSERT = (
    f"INSERT INTO catalogue_search ({', '.join(COLUMNS)}) VALUES ({', '.join(['%s'] * 11)}, %s::tsvector)"  # noqa: S608
    f" ON CONFLICT (code) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in COLUMNS[1:])}"
)
UNCONNECTED = "none"
Row = tuple[str | int | datetime | list[str], ...]


def index_entry(row: Resource, modes: Iterable[str] | None = None) -> None:
    """Make the index say what a published entry says. `modes`: ways it is served; None keeps those known."""
    if modes is None:
        known = SearchEntry.objects.filter(pk=row.pk).values_list("modes", flat=True).first()
        modes = known or ()
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, values_of(row, tuple(modes)))


def forget_entry(code: str) -> None:
    """Take an entry out of the index."""
    SearchEntry.objects.filter(pk=code).delete()


def note_modes(code: str, modes: Iterable[str]) -> None:
    """Keep how an entry is served ("query", "verify"; none: not connected). Entries not published are left alone."""
    served = sorted(set(modes))
    known = SearchEntry.objects.filter(pk=code).values_list("modes", flat=True).first()
    if known is not None and known != served:
        index_entry(Resource.objects.prefetch_related("items").get(pk=code), served)


def values_of(row: Resource, modes: tuple[str, ...]) -> Row:
    """The row of the index, in the order of `COLUMNS`."""
    items = list(row.items.all())
    served = sorted(set(modes))
    theme = row.classification[:1]
    facets = {
        "provider": (row.agency,), "theme": (theme,), "share_type": (row.share_type,),
        "update_cycle": (row.update_cycle,), "grade": (row.grade,), "mode": tuple(served) or (UNCONNECTED,),
    }  # fmt: skip
    text = Text(
        row.title, row.title_en, row.summary, row.summary_en, row.agency_name,
        tuple((item.title, item.title_en, item.wire) for item in items),
    )  # fmt: skip
    return (
        row.code, row.title, row.agency, row.agency_name, theme, row.share_type, row.update_cycle, row.grade,
        served, len(items), row.updated_at, document(text, facets),
    )  # fmt: skip


def batched_entries(modes: Mapping[str, tuple[str, ...]], size: int = 2000) -> Iterator[list[Row]]:
    """Every row the index should have, the newest first, as a wide search meets them; `modes` by code."""
    found = Resource.objects.filter(state="published").order_by("-updated_at", "code")
    rows = found.prefetch_related("items").iterator(chunk_size=size)
    while batch := list(islice(rows, size)):
        yield [values_of(row, modes.get(row.code, ())) for row in batch]
