"""The addresses of sessions: open, look, countersign, close, and the evidence of one call."""

from __future__ import annotations

import time
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from yiwang.gateway.authentication import Authenticated, Authentication, Scope
from yiwang.gateway.bodies import Incoming
from yiwang.gateway.calls import STALE_SECONDS, Calls, Keeper, Reply
from yiwang.gateway.errors import (
    BadCall,
    EvidenceUnknown,
    MethodNotAllowed,
    NotReady,
    RouteUnknown,
)
from yiwang.gateway.evidence.reading import EvidenceReader
from yiwang.gateway.pool import database
from yiwang.gateway.refusals import Refusal
from yiwang.gateway.retrieval import Retrieval
from yiwang.gateway.routes import signed_path
from yiwang.gateway.sessions.countersigning import Countersignatures
from yiwang.gateway.sessions.errors import SessionNotHere
from yiwang.gateway.sessions.held import Session
from yiwang.gateway.sessions.ledger import SessionLedger
from yiwang.gateway.sessions.opening import Openings
from yiwang.vocabulary.envelope import ALGORITHMS
from yiwang.vocabulary.evidence import Receipt, parse_leaf
from yiwang.vocabulary.evidence.bundle import Bundle
from yiwang.vocabulary.sessions import Countersignature, Entry, record_proof
from yiwang.vocabulary.sessions.wire import MOST_CALLS

SESSIONS: Final = "/v1/sessions"
_encode = msgspec.json.Encoder().encode


class Standing(msgspec.Struct, frozen=True):
    """A session as this side has it."""

    session: str
    number: int
    open: Annotated[list[Entry], Meta(max_length=MOST_CALLS)]


class CallProof(msgspec.Struct, frozen=True):
    """What makes an evidence file of a call's request and answer."""

    receipt: Receipt
    countersignature: Countersignature
    opening: Bundle


class Sessions:
    """Serves the addresses below `/v1/sessions`."""

    def __init__(
        self,
        authentication: Authentication,
        calls: Calls,
        keeper: Keeper,
        retrieval: Retrieval,
        reader: EvidenceReader,
        *,
        ledger: SessionLedger,
        openings: Openings,
        countersignatures: Countersignatures,
    ) -> None:
        """Every part is started and stopped by whoever made it."""
        self._authentication = authentication
        self._calls = calls
        self._keeper = keeper
        self._retrieval = retrieval
        self._reader = reader
        self._ledger = ledger
        self._openings = openings
        self._countersignatures = countersignatures

    async def answer(self, scope: Scope, incoming: Incoming, request_id: str) -> Reply:
        """Answer a call. Raises: what keeps the caller from being proven; BadCall, JournalError, DatabaseUnavailable."""
        parts = scope.path.removeprefix(SESSIONS).split("/")[1:]
        match (scope.method, *parts):
            case ("POST",):
                return await self._open(scope, incoming, request_id)
            case ("GET", session):
                held, _ = await self._within(scope, incoming, session)
                entries = [one.entry for one in list(held.open.values())[:MOST_CALLS]]
                return Reply(200, _encode(Standing(held.id, held.number, entries)))
            case ("DELETE", session):
                held, _ = await self._within(scope, incoming, session)
                if held.end("closed"):
                    await self._openings.farewell(held, "closed")
                return Reply(200, _encode({"ended": held.ended, "open": len(held.open)}))
            case ("POST", session, "countersignatures"):
                held, proven = await self._within(scope, incoming, session)
                with database():
                    return Reply(200, _encode(await self._countersignatures.take(held, proven)))
            case ("GET", session, "calls", index):
                proven = await self._retrieval.prove(scope, incoming)
                with database():
                    return await self._proof(proven, session, index)
        if len(parts) in (0, 1) or (len(parts) == 2 and parts[1] == "countersignatures"):
            raise MethodNotAllowed(allowed="GET, DELETE" if len(parts) == 1 else "POST")
        raise RouteUnknown

    async def _open(self, scope: Scope, incoming: Incoming, request_id: str) -> Reply:
        started = time.perf_counter_ns()
        if self._keeper.age > STALE_SECONDS:
            raise NotReady(reason="database")
        proven = await self._authentication.authenticate(scope, incoming, signed_path(scope.path))
        try:
            with database():
                return await self._openings.open(scope, proven, request_id, started)
        except (Refusal, BadCall) as refusal:
            return await self._calls.refuse(proven, None, "", refusal, request_id, started)

    async def _within(self, scope: Scope, incoming: Incoming, named: str) -> tuple[Session, Authenticated]:
        """The session of an address, proven by its own code. Raises: as `Authentication.authenticate_any`."""
        proven = await self._authentication.authenticate_any(scope, incoming, signed_path(scope.path))
        session = proven.session
        if session is None or session.id != named:
            raise SessionNotHere
        return session, proven

    async def _proof(self, proven: Authenticated, session: str, index: str) -> Reply:
        """A call with its countersignature, for its parties."""
        unknown = EvidenceUnknown(log=session[:40], index=index[:20])
        if not (index.isascii() and index.isdigit() and len(index) < 16):
            raise unknown
        opening = await self._ledger.opening(session)
        if opening is None:
            raise unknown
        begun = msgspec.json.decode(opening, type=Bundle)
        log, place = parse_leaf(begun.leaf).log, int(index)
        text = await self._reader.leaf(log, place)
        if text is None:
            raise unknown
        leaf = parse_leaf(text)
        if leaf.key != session or proven.caller.client.agency not in (leaf.consumer, leaf.provider):
            raise unknown
        kept = await self._ledger.covering(session, log, place, leaf.request or "")
        receipt = None if kept is None else await self._reader.receipt(log, place, kept.size)
        if kept is None or receipt is None:
            raise unknown
        entry = Entry(leaf.request or "", place, leaf.response)
        received = entry in kept.entries
        at = kept.entries.index(entry if received else Entry(entry.request))
        suite = ALGORITHMS[leaf.request_alg or ""]
        proof = tuple(part.hex() for part in record_proof(suite, kept.entries, at))
        mark = Countersignature(
            place=at, proof=proof, received=received, signature=kept.signature, statement=kept.statement
        )
        return Reply(200, _encode(CallProof(receipt, mark, begun)))
