"""A file of records tried out: everything that an import does, and then nothing of it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from yiwang.blocks.registry.actions.file_rows import PROBLEMS, Rows
from yiwang.blocks.registry.actions.loading import Loaded, Watch, load_records
from yiwang.blocks.registry.store.entering import Errand


class _TakenBack(Exception):
    """Carries what would have been made out of the transaction that is rolled back."""

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded


def check_records(
    errand: Errand, system: str, entity: str, heads: Sequence[str], rows: Rows, now: datetime, *,
    since: date | None = None, until: date | None = None, watch: Watch | None = None, named: int = PROBLEMS,
) -> Loaded:  # fmt: skip
    """What `load_records` would make of the rows, keys, rules and rights included; nothing is written.

    Raises: what `load_records` raises.
    """
    try:
        with transaction.atomic():
            raise _TakenBack(
                load_records(
                    errand,
                    system,
                    entity,
                    heads,
                    rows,
                    now,
                    since=since,
                    until=until,
                    watch=watch,
                    named=named,
                )
            )
    except _TakenBack as done:
        return done.loaded
