"""Building the search index anew, beside the old one, which serves until the new one stands."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from django.db import connection, transaction

from yiwang.blocks.catalogue.store.models import Resource
from yiwang.blocks.catalogue.store.searching import COLUMNS, UNCONNECTED, Row, batched_entries

FREQUENT = 1000
"""Entries a word needs for its counts to be kept: past this a search counts no longer while one waits."""
Key = tuple[str | int | datetime | tuple[str, ...], ...]


@transaction.atomic
def rebuild_search(
    modes: Mapping[str, tuple[str, ...]], now: datetime, progress: Callable[[int, int], None]
) -> int:
    """Build the index from the published entries; returns how many. Needs the owner's connection.

    `modes`: ways each entry is served, by code. `progress(done, of)` is called now and then. Searches go on with the
    old index; publishing waits until the new one stands.
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE catalogue_search IN SHARE ROW EXCLUSIVE MODE")
        total = Resource.objects.filter(state="published").count()
        cursor.execute(
            "CREATE TABLE catalogue_search_new (LIKE catalogue_search INCLUDING DEFAULTS INCLUDING STORAGE)"
            " WITH (toast_tuple_target = 448)"
        )
        counts = _Counts()
        done = 0
        into = f"COPY catalogue_search_new ({', '.join(COLUMNS)}) FROM STDIN"
        for batch in batched_entries(modes):
            with cursor.copy(into) as copy:
                for row in counts.watched(batch):
                    copy.write_row(row)
            done += len(batch)
            if done < total:
                progress(done, total)
        for statement in _SWAP:
            cursor.execute(statement)
        cursor.execute("DELETE FROM catalogue_search_total")
        cursor.executemany(
            "INSERT INTO catalogue_search_total (word, total, facets, counted_at) VALUES (%s, %s, %s, %s)",
            [(word, n, json.dumps(facets), now) for word, n, facets in counts.frequent()],
        )
    progress(done, total)
    return done


_SWAP = (
    "CREATE INDEX catalogue_search_new_tsv ON catalogue_search_new USING gin (tsv) WITH (fastupdate = off)",
    "ALTER TABLE catalogue_search_new ADD PRIMARY KEY (code)",
    "CREATE INDEX catalogue_search_new_like ON catalogue_search_new (code varchar_pattern_ops)",
    "CREATE INDEX catalogue_search_new_title ON catalogue_search_new (title varchar_pattern_ops)",
    "CREATE INDEX catalogue_search_new_newest ON catalogue_search_new (updated_at DESC, code)",
    "ALTER TABLE catalogue_search_new ADD CONSTRAINT catalogue_search_new_entry FOREIGN KEY (code)"
    " REFERENCES catalogue_resource (code) DEFERRABLE INITIALLY DEFERRED",
    "ANALYZE catalogue_search_new",
    "DROP TABLE catalogue_search",
    "ALTER TABLE catalogue_search_new RENAME TO catalogue_search",
    "ALTER INDEX catalogue_search_new_tsv RENAME TO catalogue_search_tsv",
    "ALTER INDEX catalogue_search_new_pkey RENAME TO catalogue_search_pkey",
    "ALTER INDEX catalogue_search_new_like RENAME TO catalogue_search_code_like",
    "ALTER INDEX catalogue_search_new_title RENAME TO catalogue_search_title",
    "ALTER INDEX catalogue_search_new_newest RENAME TO catalogue_search_newest",
    "ALTER TABLE catalogue_search RENAME CONSTRAINT catalogue_search_new_entry TO catalogue_search_entry",
)


class _Counts:
    """Counts of words with each combination of facets, kept while the rows pass."""

    def __init__(self) -> None:
        self._combinations: dict[Key, int] = {}
        self._words: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self._names: dict[str, str] = {}

    def watched(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows as they are, counted."""
        at = {name: COLUMNS.index(name) for name in COLUMNS}
        for row in rows:
            served = row[at["modes"]]
            key: Key = (
                str(row[at["agency"]]), str(row[at["theme"]]), str(row[at["share_type"]]),
                tuple(served) if isinstance(served, list) else (), str(row[at["update_cycle"]]), str(row[at["grade"]]),
            )  # fmt: skip
            number = self._combinations.setdefault(key, len(self._combinations))
            self._names[str(key[0])] = str(row[at["agency_name"]])
            self._words[""][number] += 1
            for entry in str(row[-1]).split(" "):
                word, _, places = entry[1:].partition("'")
                if places:  # a word wherever it stands; the other lexemes have no position
                    self._words[word][number] += 1
            yield row

    def frequent(self) -> Iterator[tuple[str, int, dict[str, dict[str, list[int | str]]]]]:
        """Words that very many entries have, with the counts of each facet's values. "" is every entry."""
        names = ("provider", "theme", "share_type", "mode", "update_cycle", "grade")
        keys = list(self._combinations)
        for word, counted in self._words.items():
            total = counted.total()
            if word and total <= FREQUENT:
                continue
            facets: dict[str, Counter[str]] = {name: Counter() for name in names}
            for number, n in counted.items():
                for name, value in zip(names, keys[number], strict=True):
                    values = (value or (UNCONNECTED,)) if isinstance(value, tuple) else (value,)
                    for one in values:
                        facets[name][str(one)] += n
            yield word, total, {
                name: {value: [n, self._names.get(value, "") if name == "provider" else ""] for value, n in c.items()}
                for name, c in facets.items()
            }  # fmt: skip
