"""Sessions of client applications, in a list: the open ones first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection

from yiwang.blocks.journal.domain.standing import IDLE, UNHEARD, SessionRow, over_at, state_of
from yiwang.blocks.journal.domain.views import Countersigned

PAGE: Final = 30
KEPT: Final = timedelta(days=30)
"""Sessions opened before that are not listed; their evidence stays."""
_PLACE: Final = 8
"""Octets that a countersignature keeps for each answered call."""
_ROWS = """
WITH known AS (
  SELECT s.id, s.client, s.opened, t.calls, t.last_call, COALESCE(t.open, 0) AS waiting, t.oldest,
    COALESCE(t.suspended, '') AS suspended, t.expires, t.ended, COALESCE(t.reason, '') AS reason,
    COALESCE(t.ended, CASE WHEN t.session IS NULL THEN s.opened + %(unheard)s
                           ELSE LEAST(t.expires, COALESCE(t.last_call, s.opened) + %(idle)s) END) > %(now)s AS live
  FROM journal_session s LEFT JOIN journal_session_state t ON t.session = s.id
  WHERE s.client = ANY(%(clients)s) AND s.opened > %(since)s AND (%(one)s::text IS NULL OR s.id = %(one)s::text)
), chosen AS (
  SELECT * FROM known ORDER BY live DESC, opened DESC, id LIMIT %(limit)s OFFSET %(offset)s
)
SELECT c.id, c.client, c.opened, c.calls, c.last_call, c.waiting, c.oldest, c.suspended, c.expires, c.ended, c.reason,
  COALESCE(g.octets, 0), l.number, l.size, l.time, COALESCE(p.by, ''), COALESCE(p.reason, ''),
  (SELECT count(*) FROM known), (SELECT count(*) FROM known WHERE live)
FROM chosen c
LEFT JOIN LATERAL (
  SELECT sum(octet_length(indexes)) AS octets FROM journal_countersignature WHERE session = c.id) g ON true
LEFT JOIN LATERAL (
  SELECT number, size, time FROM journal_countersignature WHERE session = c.id ORDER BY number DESC LIMIT 1) l ON true
LEFT JOIN journal_session_stop p ON p.session = c.id
ORDER BY c.live DESC, c.opened DESC, c.id
"""


@dataclass(frozen=True, slots=True)
class SessionPage:
    """A page of the list, with how many sessions there are and how many of them are not over."""

    rows: tuple[SessionRow, ...]
    page: int
    total: int
    live: int

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return -(-self.total // PAGE)


def sessions_of(clients: Collection[str], now: datetime, page: int = 1) -> SessionPage:
    """The sessions of these client applications of the last `KEPT`, which the caller may show.

    The open ones first, then the newest; the first page where there is no such one.
    """
    found = _asked(clients, now, None, PAGE, (page - 1) * PAGE)
    if not found and page > 1:
        return sessions_of(clients, now)
    total, live = found[0][-2:] if found else (0, 0)
    return SessionPage(tuple(_row(one, now) for one in found), page, total, live)


def session_standing(client: str, session: str, now: datetime) -> SessionRow | None:
    """One session of a client application; None where it has no such one, or it was over long ago."""
    found = _asked((client,), now, session, 1, 0)
    return _row(found[0], now) if found else None


def _asked(
    clients: Collection[str], now: datetime, one: str | None, limit: int, offset: int
) -> list[tuple[Any, ...]]:
    facts: dict[str, Any] = {
        "clients": sorted(clients),
        "now": now,
        "unheard": UNHEARD,
        "idle": IDLE,
        "since": now - KEPT,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, {**facts, "one": one, "limit": limit, "offset": offset})
        return list(cursor.fetchall())


def _row(row: tuple[Any, ...], now: datetime) -> SessionRow:
    (name, client, opened, calls, last_call, waiting, oldest, suspended, expires, ended, reason,
     octets, number, size, time, by, why_stopped, _total, _live) = row  # fmt: skip
    over = over_at(opened, last_call, expires, ended)
    state, why = state_of(over, ended, reason, suspended, expires, now)
    covered = int(octets) // _PLACE
    return SessionRow(
        name, client, opened, state, why, over if state == "ended" else None, last_call,
        covered if calls is None else calls, waiting, oldest, covered,
        None if number is None else Countersigned(number, size, time), by, why_stopped,
    )  # fmt: skip
