"""Adding what changed since the counts of words were kept to the counts themselves, so that searches add up little.

A search reads counts and changes in one statement, hence sees both as they were before or as they are after.
"""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime

from django.db import OperationalError, connection, transaction
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from yiwang.blocks.catalogue.domain.searching.facts import CODES, PROVIDER_PLACE, summed
from yiwang.blocks.catalogue.store.search_models import SearchChange

LEFT = 500
"""The latest changes stay in the list: by it a search for a frequent word knows of the newest entries."""
LONG = 2_000
"""From here on changes are added at any hour; before, only at night."""
AT_ONCE = 5_000
"""Changes added in one transaction."""
NIGHT = (1, 5)
"""Hours of the node's zone, from and until."""
LOCK = 7303
"""Of the database: one worker adds at a time."""
_KEPT = (
    "SELECT word, codes, providers FROM catalogue_search_total WHERE word = ANY(%s) ORDER BY word FOR UPDATE"
)
_WRITE = "UPDATE catalogue_search_total SET total = total + %s, codes = %s, providers = %s, counted_at = %s WHERE word = %s"


def fold_search_changes(now: datetime) -> int:
    """Add old changes to the kept counts where there are enough of them; returns how many were added.

    Safe to run in two workers at once, and beside publishing and a rebuild: while another one adds or rebuilds, nothing
    is done. One transaction for each `AT_ONCE`, so that what was added stays when a worker ends.
    """
    done = 0
    try:
        while count := _fold(now):
            done += count
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
    return done


def _due(now: datetime) -> bool:
    hour = timezone.localtime(now).hour
    enough = LEFT if NIGHT[0] <= hour < NIGHT[1] else LONG
    return SearchChange.objects.order_by("id")[enough : enough + 1].exists()


@transaction.atomic
def _fold(now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0] or not _due(now):
            return 0
        cursor.execute("LOCK TABLE catalogue_search IN ROW EXCLUSIVE MODE NOWAIT")
        last = SearchChange.objects.order_by("-id").values_list("id", flat=True)[LEFT]
        old = SearchChange.objects.filter(id__lte=last).order_by("id")
        rows = list(old.values_list("id", "facts", "step", "words")[:AT_ONCE])
        by_word: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for _, facts, step, words in rows:
            for word in words:
                by_word[word].append((facts, step))
        cursor.execute(_KEPT, [list(by_word)])
        cursor.executemany(_WRITE, [_more(kept, by_word[kept[0]], now) for kept in cursor.fetchall()])
        SearchChange.objects.filter(id__in=[row[0] for row in rows]).delete()
        return len(rows)


def _more(
    kept: tuple[str, str, str], changes: list[tuple[int, int]], now: datetime
) -> tuple[int | str | datetime, ...]:
    """What is written of a word: how many more have it, and the pairs with the changes added."""
    word, codes, providers = kept
    lists = (
        (codes, [(facts & CODES, step) for facts, step in changes]),
        (providers, [(facts >> PROVIDER_PLACE, step) for facts, step in changes]),
    )
    added = [
        json.dumps([pair for pair in summed(json.loads(before), more).items() if pair[1]])
        for before, more in lists
    ]
    return sum(step for _, step in changes), *added, now, word
