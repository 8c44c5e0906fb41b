"""Building the search index anew, beside the old one, which serves until the new one stands."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache

from django.db import connection, transaction

from yiwang.blocks.catalogue.domain.searching.facts import CODES, PROVIDER_PLACE
from yiwang.blocks.catalogue.store.models import Resource
from yiwang.blocks.catalogue.store.searching import COLUMNS, Row, batched_entries, number_of

FREQUENT = 1000
"""Entries a word needs for its counts to be kept: past this a search counts no longer while one waits."""
_FACTS = COLUMNS.index("facts")
_KEPT = "INSERT INTO catalogue_search_total (word, total, codes, providers, counted_at) VALUES (%s, %s, %s, %s, %s)"


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
        for batch in batched_entries(modes, cache(number_of)):
            with cursor.copy(into) as copy:
                for row in counts.watched(batch):
                    copy.write_row(row)
            done += len(batch)
            if done < total:
                progress(done, total)
        for statement in _SWAP:
            cursor.execute(statement)
        cursor.execute("DELETE FROM catalogue_search_total")
        cursor.execute("DELETE FROM catalogue_search_change")
        cursor.executemany(
            _KEPT,
            [
                (word, n, json.dumps(codes), json.dumps(providers), now)
                for word, n, codes, providers in counts.frequent()
            ],
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
    """How many entries have a word and the same facets, counted while the rows pass."""

    def __init__(self) -> None:
        self._words: defaultdict[str, Counter[int]] = defaultdict(Counter)

    def watched(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows as they are, counted."""
        for row in rows:
            facts = int(str(row[_FACTS]))
            self._words[""][facts] += 1
            for entry in str(row[-1]).split(" "):
                word, _, places = entry[1:].partition("'")
                if places:  # a word wherever it stands; the other lexemes have no position
                    self._words[word][facts] += 1
            yield row

    def frequent(self) -> Iterator[tuple[str, int, list[tuple[int, int]], list[tuple[int, int]]]]:
        """Words that very many entries have: their number, by all facets but the provider, and by provider."""
        for word, counted in self._words.items():
            total = counted.total()
            if word and total <= FREQUENT:
                continue
            codes: Counter[int] = Counter()
            providers: Counter[int] = Counter()
            for facts, n in counted.items():
                codes[facts & CODES] += n
                providers[facts >> PROVIDER_PLACE] += n
            yield word, total, list(codes.items()), list(providers.items())
