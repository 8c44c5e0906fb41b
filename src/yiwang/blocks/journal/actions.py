"""What other blocks leave in the journal, inside their own transaction."""

from __future__ import annotations

import os
from datetime import datetime

from django.db import connection

from yiwang.blocks.journal.domain.errors import SessionOver
from yiwang.blocks.journal.domain.outbox import Entry, entry_of, request_id_of
from yiwang.blocks.journal.domain.standing import ENDED
from yiwang.blocks.journal.queries.standing import session_standing


def record_event(
    event: str,
    now: datetime,
    *,
    consumer: str | None = None,
    provider: str | None = None,
    client: str | None = None,
    resource: str | None = None,
    version: int | None = None,
    grant: str | None = None,
    grant_version: int | None = None,
    purpose: str | None = None,
    detail: dict[str, object] | None = None,
) -> str:
    """Leave an event in the caller's transaction; the notary turns it into a leaf of the office log.

    `detail` takes plain JSON values (no floats) and never a personal value; empty texts count as absent. Returns
    the event's id, under which its leaf is found.

    Raises: NotCanonical, for a detail that has no canonical text.
    """
    entry = Entry(
        event=event,
        request_id=request_id_of(now, os.urandom(10)),
        consumer=consumer or None,
        provider=provider or None,
        client=client or None,
        resource=resource or None,
        version=version,
        grant=grant or None,
        grant_version=grant_version,
        purpose=purpose or None,
        detail=detail,
    )
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO journal_outbox (entry) VALUES (%s)", [entry_of(entry)])
        cursor.execute("SELECT pg_notify('yw_outbox', '')")
    return entry.request_id


def stop_session(client: str, session: str, *, by: str, reason: str, now: datetime) -> None:
    """Say that a session of a client application shall end; its gateway does it within about a second.

    `by` is the name that is shown with it. Said twice, the first word stays. Raises: SessionOver.
    """
    standing = session_standing(client, session, now)
    if standing is None or standing.state == ENDED:
        raise SessionOver(session=session[:8])
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO journal_session_stop (session, by, reason, time) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [session, by, reason, now],
        )


def next_epoch() -> int:
    """The next epoch of compiled documents, inside the caller's transaction.

    A lock held until the transaction ends makes the order of epochs the order of commits, so gateways that read
    `epoch > last` miss nothing. Gateways are told at commit by `yw_compiled`.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(7301)")
        cursor.execute("SELECT nextval('journal_epoch_seq')")
        row: tuple[int] = cursor.fetchone()
        cursor.execute("SELECT pg_notify('yw_compiled', %s)", [str(row[0])])
    return row[0]
