"""How a session begins and ends: the handshake, its evidence, and the leaf of its end."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from typing import Final, NamedTuple

import msgspec

from yiwang.blocks.journal.domain.prepared import Nonce, Prepared
from yiwang.gateway.authentication import Authenticated, Scope
from yiwang.gateway.bodies import decode
from yiwang.gateway.calls import JSON_TYPE, Committer, Keeper, Reply
from yiwang.gateway.refusals import ClientSuspended, GrantNotYours
from yiwang.gateway.request_ids import new_request_id
from yiwang.gateway.sessions.book import Book
from yiwang.gateway.sessions.errors import ShareWrong
from yiwang.gateway.sessions.held import EXPOSED_CALLS, EXPOSED_SECONDS, IDLE_SECONDS, Session
from yiwang.gateway.sessions.ledger import SessionLedger
from yiwang.gateway.sessions.window import WINDOW
from yiwang.vocabulary.crypto import SUITES, BadKey, Suite, ephemeral
from yiwang.vocabulary.envelope import COVERED_HEADERS, OutgoingRequest
from yiwang.vocabulary.evidence import bundle_of
from yiwang.vocabulary.evidence.leaf import SuiteName
from yiwang.vocabulary.sessions import (
    MAC_OF,
    Exposure,
    Opened,
    Opening,
    SessionTextMalformed,
    derive,
    read_share,
    share_text,
)

LONGEST: Final = 3600
"""Seconds that a session lasts at most: then a new handshake makes new keys."""
_OPENING = msgspec.json.Decoder(Opening)
_encode = msgspec.json.Encoder(order="sorted").encode


class Place(NamedTuple):
    """Where this process is: its node, its log, and the address at which it alone is reached (None: as it was)."""

    node: str
    log: str
    address: str | None


class Openings:
    """Opens sessions, and puts their begin and end into evidence."""

    def __init__(
        self,
        place: Place,
        book: Book,
        keeper: Keeper,
        writer: Committer,
        ledger: SessionLedger,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`clock` gives Unix seconds."""
        self._place = place
        self._book = book
        self._keeper = keeper
        self._writer = writer
        self._ledger = ledger
        self._clock = clock

    async def open(self, scope: Scope, proven: Authenticated, request_id: str, started: int) -> Reply:
        """Answer a handshake. Raises: Refusal, BadCall, JournalError, OSError, PostgresError."""
        client, key = proven.caller.client, proven.caller.key
        current = self._keeper.current.callers.get(key.kid)
        if current is None or current.state != "active":
            raise ClientSuspended(client=client.id)
        asked = decode(_OPENING, proven.body)
        self._check_grants(client.agency, asked.grants)
        self._book.check_room(client.id)
        suite = SUITES[key.suite]
        mine, secret = await asyncio.to_thread(_agree, suite, asked.share)
        seconds = min(asked.seconds, LONGEST)
        if key.not_after is not None:
            seconds = max(0, min(seconds, int(key.not_after - self._clock())))
        session = secrets.token_hex(16)
        evidence: SuiteName = "sm2-sm3" if self._writer.suite == "sm2-sm3" else "ed25519"
        opened = Opened(
            alg=MAC_OF[key.suite], client=client.id, evidence=evidence,
            exposure=Exposure(EXPOSED_CALLS, int(EXPOSED_SECONDS * 1000)), gateway=self._place.address,
            grants=asked.grants, idle=IDLE_SECONDS, log=self._place.log, node=self._place.node, seconds=seconds,
            session=session, share=mine, window=WINDOW,
        )  # fmt: skip
        body = _encode(opened)
        receipt = await self._writer.commit(
            self._leaf(proven, opened, request_id, body, started, current.epoch)
        )
        bundle = bundle_of(_as_sent(scope, proven), proven.caller.public, 201, body, receipt)
        await self._ledger.put_session(
            session, client.id, key.kid, self._place.log, receipt.index, bundle.to_json().decode("utf-8")
        )
        keys = derive(suite, secret, opening=proven.request.digest(), answer=body)
        self._book.add(Session(session, current, keys, alg=opened.alg, grants=asked.grants, seconds=seconds))
        return Reply(201, body, JSON_TYPE, request_id, receipt.header())

    async def farewell(self, session: Session, reason: str) -> None:
        """Put the end of a session into evidence. Raises: JournalError."""
        client = session.caller.client
        await self._writer.commit(
            Prepared(
                kind="event", event="session-ended", request_id=new_request_id(), status=0,
                consumer=client.agency, client=client.id, key=session.caller.key.kid,
                detail={"reason": reason, "session": session.id, "uncountersigned": len(session.open)},
            )
        )  # fmt: skip

    def _check_grants(self, agency: str, grants: tuple[str, ...] | None) -> None:
        known = {
            held.grant.id
            for (consumer, _), several in self._keeper.current.grants.items()
            if consumer == agency
            for held in several
            if held.state == "active"
        }
        for one in grants or ():
            if one not in known:
                raise GrantNotYours(grant=one)

    def _leaf(
        self, proven: Authenticated, opened: Opened, request_id: str, body: bytes, started: int, epoch: int
    ) -> Prepared:
        request, client = proven.request, proven.caller.client
        return Prepared(
            kind="event", event="session-opened", request_id=request_id, status=201, consumer=client.agency,
            detail={"alg": opened.alg, "seconds": opened.seconds, "session": opened.session},
            client=client.id, key=request.kid, purpose=request.purpose.text, request=proven.digest,
            request_alg=proven.alg, response=SUITES[self._writer.suite].digest(body).hex(),
            took_us=(time.perf_counter_ns() - started) // 1000,
            nonce=Nonce(request.kid, request.nonce, request.created), client_epoch=epoch,
        )  # fmt: skip


def _agree(suite: Suite, share: str) -> tuple[str, bytes]:
    """This side's share and the secret. Raises: ShareWrong."""
    side = ephemeral(suite)
    try:
        return share_text(side.share), side.agree(read_share(share))
    except (BadKey, SessionTextMalformed) as problem:
        raise ShareWrong(reason=str(problem.facts.get("reason", ""))) from problem


def _as_sent(scope: Scope, proven: Authenticated) -> OutgoingRequest:
    """The request as its caller made it, for the evidence file."""
    request, headers = proven.request, scope.headers
    covered = {name: value for name in COVERED_HEADERS if (value := headers.get(name)) is not None}
    return OutgoingRequest(
        method=request.method, path=request.path, query=request.query, headers=covered,
        signature_input=headers.get("signature-input") or "", signature=headers.get("signature") or "",
        body=proven.body, base=request.base,
    )  # fmt: skip
