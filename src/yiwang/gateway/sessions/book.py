"""All sessions of one gateway process: who may open one, which request belongs to which, and when they end."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final

from yiwang.gateway.held import Snapshot
from yiwang.gateway.sessions.errors import SessionsTooMany, SessionUnknown
from yiwang.gateway.sessions.held import Session
from yiwang.vocabulary.envelope import SignedRequest

log = logging.getLogger(__name__)

PER_CLIENT: Final = 16
MOST: Final = 4096
KEPT_SECONDS: Final = 60.0
"""How long an ended session still takes countersignatures."""
WATCH_SECONDS: Final = 0.25

Farewell = Callable[[Session, str], Awaitable[None]]
"""Puts the end of a session into evidence."""


class Book:
    """The sessions of one gateway process."""

    def __init__(self, snapshot: Callable[[], Snapshot], clock: Callable[[], float] = time.time) -> None:
        """`clock` gives Unix seconds."""
        self._snapshot = snapshot
        self._clock = clock
        self._sessions: dict[str, Session] = {}
        self._judged: Snapshot | None = None
        self._farewell: Farewell | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self, farewell: Farewell) -> None:
        """Watch the sessions, within a running loop."""
        self._farewell = farewell
        self._task = asyncio.create_task(self._watch(), name="sessions")

    async def stop(self) -> None:
        """End all; their keys go with this process."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        self._sessions.clear()

    def check_room(self, client: str) -> None:
        """Raises: SessionsTooMany."""
        open_now = [one for one in self._sessions.values() if one.ended is None]
        own = sum(one.caller.client.id == client for one in open_now)
        if own >= PER_CLIENT or len(self._sessions) >= MOST:
            raise SessionsTooMany(client=client, limit=own)

    def add(self, session: Session) -> None:
        """Take a session up."""
        self._sessions[session.id] = session

    def of(self, request: SignedRequest) -> Session:
        """The session of a request, which is proven by its code. Raises: SessionUnknown, SignatureWrong, NumberUsed."""
        session = self._sessions.get(request.kid)
        if session is None:
            raise SessionUnknown(session=request.kid)
        session.prove(request)
        self._judge()
        return session

    def all(self) -> list[Session]:
        """Every session that is remembered, those that ended a moment ago too."""
        return list(self._sessions.values())

    def end(self, session: Session, reason: str) -> None:
        """End a session; its end is put into evidence."""
        if session.end(reason) and self._farewell is not None:
            task = asyncio.create_task(self._say(session, reason))
            task.add_done_callback(_heard)

    async def _say(self, session: Session, reason: str) -> None:
        if self._farewell is not None:
            await self._farewell(session, reason)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            self._judge()
            for session in list(self._sessions.values()):
                reason = session.due() or (self._outdated(session) if session.ended is None else None)
                if reason is not None:
                    self.end(session, reason)
                if session.forgotten(KEPT_SECONDS):
                    del self._sessions[session.id]

    def _judge(self) -> None:
        """When the snapshot is a new one: end the sessions whose caller, key or grants it has no more."""
        snapshot = self._snapshot()
        if snapshot is self._judged:
            return
        self._judged = snapshot
        for session in self._sessions.values():
            if session.ended is None:
                reason = self._outdated(session) or _ungranted(session, snapshot)
                if reason is not None:
                    self.end(session, reason)

    def _outdated(self, session: Session) -> str | None:
        """Why the caller is not what it was when the session began, if it is not."""
        caller = self._snapshot().callers.get(session.caller.key.kid)
        if caller is None or caller.client.id != session.caller.client.id:
            return "key"
        not_after = caller.key.not_after
        if not_after is not None and self._clock() >= not_after:
            return "key"
        return "client" if caller.state != "active" else None


def _ungranted(session: Session, snapshot: Snapshot) -> str | None:
    """Why nothing could be asked any more, where the session is for named grants that are all over."""
    if session.grants is None:
        return None
    agency = session.caller.client.agency
    states = {
        held.grant.id: held.state
        for (consumer, _), several in snapshot.grants.items()
        if consumer == agency
        for held in several
    }
    return None if any(states.get(one) == "active" for one in session.grants) else "grants"


def _heard(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        log.warning("the end of a session is not in evidence: %r", task.exception())
