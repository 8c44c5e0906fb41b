"""Who calls: the envelope read, its time, node, key and body compared, its signature verified."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

import msgspec

from yiwang.gateway.bodies import Bodies, Incoming
from yiwang.gateway.errors import KeyNotInForce, KeyUnknown
from yiwang.gateway.held import Caller, Snapshot
from yiwang.gateway.sessions.book import Book
from yiwang.gateway.sessions.errors import SessionNotHere
from yiwang.gateway.sessions.held import Session
from yiwang.gateway.verification.pool import Verifiers
from yiwang.vocabulary.envelope import (
    WINDOW_SECONDS,
    SignatureStale,
    SignatureWrong,
    SignedRequest,
    parse_request,
)
from yiwang.vocabulary.evidence.leaf import RequestAlg

LOOK_SECONDS: Final = 0.05
"""An unknown key has the database looked at anew, but no oftener than this, whoever sends such keys."""


class Headers(Protocol):
    """The part of the server's headers object that is used."""

    def get(self, name: str, default: str | None = None) -> str | None:
        """The first value of a header."""

    def get_all(self, name: str) -> list[str]:
        """All values of a header."""


class Scope(Protocol):
    """The part of the server's scope object that is used."""

    method: str
    path: str
    query_string: str
    client: str

    @property
    def headers(self) -> Headers:
        """The headers of the request."""


class Authenticated(msgspec.Struct, frozen=True, gc=False):
    """A call whose caller is proven. The caller's state is not judged here."""

    request: SignedRequest
    caller: Caller
    body: bytes
    digest: str
    """Hex digest of the signature base by the request's suite."""
    alg: RequestAlg
    routed: bool = False
    """Whether a node that is joined with this one speaks for the caller."""
    session: Session | None = None
    """The session whose code proves it; None where a signature does."""


class Authentication:
    """Proves callers against the current snapshot."""

    def __init__(
        self,
        node: str,
        snapshot: Callable[[], Snapshot],
        verifiers: Verifiers,
        clock: Callable[[], float] = time.time,
        refresh: Callable[[], Awaitable[None]] | None = None,
        sessions: Book | None = None,
    ) -> None:
        """`clock` gives Unix seconds; `refresh` brings the snapshot up to date, for a key registered a moment ago.

        Without `sessions` there are none.
        """
        self._node = node
        self._snapshot = snapshot
        self._verifiers = verifiers
        self._clock = clock
        self._refresh = refresh
        self._sessions = sessions
        self._looked = 0.0
        self._bodies = Bodies()

    async def authenticate(self, scope: Scope, incoming: Incoming, path: str) -> Authenticated:
        """Prove by a signature who calls; `path` as it was sent. What costs little is compared first.

        Raises:
            EnvelopeError, Unauthenticated: who calls is not proven.
            BadCall: the body is too large or too slow.
            Busy: too much is waiting to be verified.
        """
        request = self._read(scope, path)
        caller = await self._named(request)
        body = await self._body(scope, incoming, request)
        return await self._verified(scope, request, caller, body)

    async def authenticate_any(self, scope: Scope, incoming: Incoming, path: str) -> Authenticated:
        """Prove who calls, by a signature or by the code of a session, in which the call is not admitted yet.

        Raises: as `authenticate`; SessionTextMalformed.
        """
        request = self._read(scope, path)
        if not request.in_session:
            caller = await self._named(request)
            body = await self._body(scope, incoming, request)
            return await self._verified(scope, request, caller, body)
        if self._sessions is None:
            raise SessionNotHere
        body = await self._body(scope, incoming, request)
        session = self._sessions.of(request)
        alg: RequestAlg = "hmac-sm3" if request.alg == "hmac-sm3" else "hmac-sha256"
        return Authenticated(request, session.caller, body, request.digest().hex(), alg, session=session)

    async def authenticate_head(self, scope: Scope, path: str) -> Authenticated:
        """Prove who calls before anything of a large body is read; the body stays the caller's to compare.

        Raises: as `authenticate`, without what is wrong with the body.
        """
        request = self._read(scope, path)
        return await self._verified(scope, request, await self._named(request), b"")

    async def _body(self, scope: Scope, incoming: Incoming, request: SignedRequest) -> bytes:
        length = scope.headers.get("content-length")
        body = b"" if scope.method == "GET" else await self._bodies.read(incoming, length)
        request.check_body(body)
        return body

    def _read(self, scope: Scope, path: str) -> SignedRequest:
        request = parse_request(scope.method, path, scope.query_string, scope.headers.get_all)
        request.check_node(self._node)
        now = self._clock()
        if abs(now - request.created) > WINDOW_SECONDS:
            raise SignatureStale(
                created=_instant(request.created), server_time=_instant(int(now)), window=WINDOW_SECONDS
            )
        return request

    async def _named(self, request: SignedRequest) -> Caller:
        if request.in_session:
            raise SessionNotHere
        caller = self._snapshot().callers.get(request.kid)
        if caller is None:
            caller = await self._looked_for(request.kid)
        if caller is None:
            raise KeyUnknown(kid=request.kid)
        key, now = caller.key, self._clock()
        if now < key.not_before or (key.not_after is not None and now >= key.not_after):
            raise KeyNotInForce(kid=request.kid)
        request.check_suite(key.suite)
        return caller

    async def _looked_for(self, kid: str) -> Caller | None:
        moment = time.monotonic()
        if self._refresh is None or moment - self._looked < LOOK_SECONDS:
            return None
        self._looked = moment
        await self._refresh()
        return self._snapshot().callers.get(kid)

    async def _verified(
        self, scope: Scope, request: SignedRequest, caller: Caller, body: bytes
    ) -> Authenticated:
        origin = f"{scope.client.rpartition(':')[0]} {request.kid}"
        if not await self._verifiers.verify(caller.public, request.base, request.signature, origin):
            raise SignatureWrong
        alg: RequestAlg = "sm2-sm3" if request.alg == "sm2-sm3" else "ed25519"
        return Authenticated(request, caller, body, request.digest().hex(), alg)


def _instant(seconds: int) -> str:
    try:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
    except (OverflowError, ValueError, OSError):
        return str(seconds)
