"""One session as its gateway process holds it: keys, numbers, and the calls that wait for a countersignature.

It lies in memory alone: its keys are stored nowhere, so whatever ends the process ends the session, and nothing that
was recorded on the way can be repeated afterwards.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from yiwang.gateway.held import Caller
from yiwang.gateway.sessions.errors import (
    NumberUsed,
    SessionEnded,
    SessionExposed,
    SessionGrantOutside,
)
from yiwang.gateway.sessions.window import WINDOW, Window
from yiwang.vocabulary.crypto import same_bytes
from yiwang.vocabulary.envelope import SignatureWrong, SignedRequest
from yiwang.vocabulary.evidence import Receipt
from yiwang.vocabulary.sessions import (
    ANSWER_HEADER,
    HEAD_HEADER,
    Entry,
    SessionKeys,
    answer_header,
    answer_text,
    head_header,
    number_of,
)

EXPOSED_CALLS: Final = 1000
EXPOSED_SECONDS: Final = 1.0
"""Without a countersignature no more calls than that, and none for longer."""
IDLE_SECONDS: Final = 300
HEAD_CALLS: Final = 200
HEAD_SECONDS: Final = 0.2
"""An answer brings the newest head along after so many calls, or so long after the last one that did."""
_SETTLED: Final = 4096
_NAMES: Final = (ANSWER_HEADER.lower(), HEAD_HEADER.lower())


class Open(msgspec.Struct, frozen=True, gc=False):
    """A call that was answered and is not countersigned; `at` is monotonic."""

    entry: Entry
    at: float


class Standing(msgspec.Struct, frozen=True):
    """How a session stands; times are monotonic. `suspended` names the limit that is reached, `calls` or `time`."""

    calls: int
    called_at: float | None
    open: int
    oldest_at: float | None
    suspended: str
    expires: float
    ended: str | None
    ended_at: float


class Session:
    """One session. `caller` is the client application as the key that opened it names it."""

    def __init__(
        self,
        id: str,
        caller: Caller,
        keys: SessionKeys,
        *,
        alg: str,
        grants: tuple[str, ...] | None,
        seconds: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`seconds`: how long it lasts at most."""
        self.id = id
        self.caller = caller
        self.alg = alg
        self.grants = grants
        self.ended: str | None = None
        self.ended_at = 0.0
        self.open: dict[int, Open] = {}
        """By the index of the leaf; the oldest first."""
        self.number = 0
        """Of the last countersignature."""
        self.last = ""
        """Text of the last countersignature, so that one that is sent again is not taken for another."""
        self.turn = asyncio.Lock()
        self._calls = 0
        self._called_at: float | None = None
        self._keys = keys
        self._clock = clock
        self._expires = clock() + seconds
        self._used_at = clock()
        self._window = Window()
        self._under_way = 0
        self._settled: set[str] = set()
        self._head_at = float("-inf")
        self._head_open = 0

    def prove(self, request: SignedRequest) -> None:
        """Compare the code, then use the number up. Raises: SignatureWrong, NumberUsed, SessionTextMalformed."""
        if request.alg != self.alg or not same_bytes(self._keys.caller.code(request.base), request.signature):
            raise SignatureWrong
        number = number_of(request.nonce)
        if not self._window.take(number):
            raise NumberUsed(number=str(number), window=WINDOW)

    def admit(self) -> None:
        """Let a call in; `leave` follows. Raises: SessionEnded, SessionExposed."""
        now = self._clock()
        if self.ended is not None or now >= self._expires:
            raise SessionEnded(session=self.id, reason=self.ended or "expired")
        if self._limit(now):
            age = now - self._oldest() if self.open else 0.0
            raise SessionExposed(
                open=len(self.open),
                ms=int(age * 1000),
                calls=EXPOSED_CALLS,
                limit=int(EXPOSED_SECONDS * 1000),
            )
        self._used_at = now
        self._under_way += 1

    def standing(self) -> Standing:
        """How it stands now, for those who look at it from outside."""
        return Standing(
            self._calls, self._called_at, len(self.open), self._oldest() if self.open else None,
            "" if self.ended else self._limit(self._clock()), self._expires, self.ended, self.ended_at,
        )  # fmt: skip

    def _oldest(self) -> float:
        return next(iter(self.open.values())).at

    def _limit(self, now: float) -> str:
        """The limit of what is not countersigned that is reached; empty: none."""
        if len(self.open) + self._under_way >= EXPOSED_CALLS:
            return "calls"
        return "time" if self.open and now - self._oldest() > EXPOSED_SECONDS else ""

    def leave(self) -> None:
        """A call that was let in is over."""
        self._under_way -= 1

    def check_grant(self, grant: str) -> None:
        """Raises: SessionGrantOutside."""
        if self.grants is not None and grant not in self.grants:
            raise SessionGrantOutside(grant=grant)

    def answered(
        self, request: str, receipt: Receipt, *, status: int, request_id: str, response: str
    ) -> tuple[tuple[str, str], ...]:
        """The headers of an answer whose leaf is committed; from now on it waits for its countersignature.

        `request` and `response` are the digests that the leaf holds.
        """
        now, index = self._clock(), receipt.index
        self._calls += 1
        self._called_at = now
        if request in self._settled:
            self._settled.discard(request)
        else:
            self.open[index] = Open(Entry(request, index, response), now)
        text = answer_text(
            self.id, request, status=status, request_id=request_id, index=index, response=response
        )
        mine = (_NAMES[0], answer_header(index, self._keys.node.code(text)))
        self._head_open += 1
        if self._head_open < HEAD_CALLS and now - self._head_at < HEAD_SECONDS:
            return (mine,)
        self._head_open, self._head_at = 0, now
        return (mine, (_NAMES[1], head_header(receipt.head, receipt.signature)))

    def settle(self, indexes: Iterable[int], lost: Iterable[str]) -> None:
        """These calls are countersigned; `lost` are request digests, of calls that may still be under way."""
        done, gone = set(indexes), set(lost)
        left: dict[int, Open] = {}
        for index, one in self.open.items():
            if one.entry.request in gone:
                gone.discard(one.entry.request)
            elif index not in done:
                left[index] = one
        self.open = left
        self._settled |= gone
        while len(self._settled) > _SETTLED:
            self._settled.pop()

    def end(self, reason: str) -> bool:
        """End it; whether it had not ended before."""
        if self.ended is not None:
            return False
        self.ended, self.ended_at = reason, self._clock()
        return True

    def due(self) -> str | None:
        """Why it must end by its own clock, if it must."""
        now = self._clock()
        if now >= self._expires:
            return "expired"
        if now - self._used_at >= IDLE_SECONDS and not self._under_way:
            return "idle"
        return None

    def forgotten(self, seconds: float) -> bool:
        """Whether it ended so long ago."""
        return self.ended is not None and self._clock() - self.ended_at >= seconds
