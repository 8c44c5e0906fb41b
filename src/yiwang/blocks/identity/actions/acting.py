"""The transaction in which an actor works: row-level security reads who it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from yiwang.blocks.identity.domain.actor import Actor


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """A transaction whose policies see `yw.agency`, `yw.region`, `yw.user` and `yw.roles` (comma-separated).

    The settings end with the outermost transaction; within another `acting` the outer ones come back.
    """
    with transaction.atomic():
        before = _swap(actor.agency, actor.region, str(actor.user_id), ",".join(sorted(actor.roles)))
        yield
        # when the block fails, the rollback brings the outer settings back by itself
        if not connection.needs_rollback:
            _swap(*before)


def _swap(agency: str, region: str, user: str, roles: str) -> tuple[str, str, str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(current_setting('yw.agency', true), ''),"
            " coalesce(current_setting('yw.region', true), ''),"
            " coalesce(current_setting('yw.user', true), ''), coalesce(current_setting('yw.roles', true), '')"
        )
        before = cursor.fetchone()
        cursor.execute(
            "SELECT set_config('yw.agency', %s, true), set_config('yw.region', %s, true),"
            " set_config('yw.user', %s, true), set_config('yw.roles', %s, true)",
            [agency, region, user, roles],
        )
    return (before[0], before[1], before[2], before[3])
