"""The transaction in which an actor works: row-level security reads who it is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from yiwang.blocks.identity.domain.actor import Actor

Settings = tuple[str, str, str, str]
NOBODY: Settings = ("", "", "", "")


class _Known(threading.local):
    """What this thread's transaction was last told, so that it need not be asked for."""

    settings: Settings = NOBODY


_known = _Known()


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """A transaction whose policies see `yw.agency`, `yw.region`, `yw.user` and `yw.roles` (comma-separated).

    The settings end with the outermost transaction; within another `acting` the outer ones come back.
    """
    wanted = (actor.agency, actor.region, str(actor.user_id), ",".join(sorted(actor.roles)))
    nested = connection.in_atomic_block
    before = _known.settings if nested else NOBODY
    with transaction.atomic():
        if wanted != before or not nested:
            _tell(wanted)
        _known.settings = wanted
        try:
            yield
        finally:
            _known.settings = before
        # an outermost transaction forgets by itself, a rolled-back savepoint brings the outer settings back
        if nested and wanted != before and not connection.needs_rollback:
            _tell(before)


def _tell(settings: Settings) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('yw.agency', %s, true), set_config('yw.region', %s, true),"
            " set_config('yw.user', %s, true), set_config('yw.roles', %s, true)",
            settings,
        )
