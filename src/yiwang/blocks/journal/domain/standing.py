"""How a session stands, from what its gateway wrote last and the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from yiwang.blocks.journal.domain.views import Countersigned

OPEN: Final = "open"
SUSPENDED: Final = "suspended"
ENDED: Final = "ended"
UNHEARD: Final = timedelta(hours=1)
"""A session of which nothing was written is over after that: none lasts longer."""
IDLE: Final = timedelta(minutes=6)
"""Without a call a session ends after five minutes; one more for its gateway to say so."""

State = Literal["open", "suspended", "ended"]


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session in a list. `why` is a key: a limit where it is suspended, a reason where it ended; may be empty.

    `waiting` calls are not countersigned, the oldest since `oldest`; `covered` calls are, up to `countersigned`.
    `stopped_by` is who ended it by hand, or has asked for it, with `stop_reason`.
    """

    id: str
    client: str
    opened: datetime
    state: State
    why: str
    ended: datetime | None
    last_call: datetime | None
    calls: int
    waiting: int
    oldest: datetime | None
    covered: int
    countersigned: Countersigned | None
    stopped_by: str
    stop_reason: str


def over_at(
    opened: datetime, last_call: datetime | None, expires: datetime | None, ended: datetime | None
) -> datetime:
    """When a session was, or will be, over if nothing more is heard; `expires` None: nothing was written of it."""
    if ended is not None:
        return ended
    if expires is None:
        return opened + UNHEARD
    return min(expires, (last_call or opened) + IDLE)


def state_of(
    over: datetime,
    ended: datetime | None,
    reason: str,
    suspended: str,
    expires: datetime | None,
    now: datetime,
) -> tuple[State, str]:
    """The state and why it is so."""
    if ended is not None:
        return ENDED, reason
    if over <= now:
        return ENDED, "expired" if expires is None or over >= expires else "idle"
    return (SUSPENDED, suspended) if suspended else (OPEN, "")
