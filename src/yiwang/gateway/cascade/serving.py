"""A call to a resource of another node, from this node's caller or from a peer: judged, forwarded, put into evidence.

Every node on the way proves who sends, judges by the grant and lease that it holds itself, signs what it sends on,
proves the answer by the next node's evidence, and logs that evidence in its own leaf before the answer leaves.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import nullcontext
from typing import Final, Literal, Protocol

import msgspec

from yiwang.gateway.authentication import Authenticated, Authentication, Scope
from yiwang.gateway.bodies import Incoming, decode
from yiwang.gateway.calls import JSON_TYPE, Calls, Committer, Reply
from yiwang.gateway.cascade.judging import LONGEST_WAY, Forwarded, Judge
from yiwang.gateway.cascade.onward import FORWARDED, Onward, Told, Way, prepared
from yiwang.gateway.cascade.table import HeldTerms
from yiwang.gateway.cascade.wire import ANSWER_SECONDS
from yiwang.gateway.digests import digest_of
from yiwang.gateway.nonces import NonceMemory
from yiwang.vocabulary.crypto import SUITES
from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.problems import PROBLEM_TYPE

BYTES_TYPE: Final = "application/octet-stream"
ROOM: Final = 16
"""Chunks of files and pages of tables that are passed on at a time; others wait, so that memory stays bounded."""
_HOP_SECONDS: Final = 10.0
_WAYS: Final[dict[str, Way]] = {
    FORWARDED + "query": "query",
    FORWARDED + "verify": "verify",
    FORWARDED + "file": "file",
    FORWARDED + "table": "table",
}
_LONG: Final = ("file", "table")
"""Ways whose answers are long, and take long."""
Mode = Literal["query", "verify", "table"]
"""What this node's callers ask for here; files have a door of their own."""
_forwarded = msgspec.json.Decoder(Forwarded)


class Owned(Protocol):
    """Files or tables of this node, for receivers at others."""

    async def routed(self, proven: Authenticated, code: str, request_id: str, started: int) -> Reply:
        """Answer what a peer asks for one of its receivers. Raises: YwError."""


class Cascade:
    """Serves calls that cross nodes."""

    def __init__(
        self,
        authentication: Authentication,
        calls: Calls,
        writer: Committer,
        shelf: Owned,
        tables: Owned,
        *,
        judge: Judge,
        onward: Onward,
    ) -> None:
        """`shelf` and `tables` give out what this node owns."""
        self._authentication = authentication
        self._calls = calls
        self._writer = writer
        self._shelf = shelf
        self._tables = tables
        self._judge = judge
        self._onward = onward
        self._nonces = NonceMemory()
        self._room = asyncio.Semaphore(ROOM)

    async def serve(
        self, scope: Scope, incoming: Incoming, code: str, signed: str, mode: Mode, request_id: str
    ) -> Reply:
        """Answer a call of one of this node's callers. Raises: what keeps the caller from being proven."""
        started = time.perf_counter_ns()
        proven = await self._authentication.authenticate(scope, incoming, signed)
        own, _, owner = code.rpartition("@")
        try:
            held = self._judge.permitted(proven, own, owner, mode)
            forwarded = Forwarded(
                body=proven.body.decode("utf-8", "replace"), client=proven.caller.client.id, code=own,
                consumer=proven.caller.client.agency, owner=owner, way=(self._judge.node,),
            )  # fmt: skip
            return await self._sent_on(proven, held, forwarded, mode, code, request_id, started)
        except YwError as refusal:
            return await self._calls.refuse(proven, None, code, refusal, request_id, started)

    async def take(self, scope: Scope, incoming: Incoming, request_id: str) -> Reply:
        """Answer a call that a peer forwarded. Raises: what keeps the peer from being proven."""
        started = time.perf_counter_ns()
        way = _WAYS[scope.path]
        peer, proven = await self._judge.peer(scope, incoming)
        code = ""
        try:
            with self._judge.turn(peer):
                forwarded = decode(_forwarded, proven.body)
                code = forwarded.code
                if forwarded.owner != self._judge.node:
                    code = f"{forwarded.code}@{forwarded.owner}"
                proven = self._judge.acting_for(proven, forwarded)
                held = self._judge.forwardable(peer, proven, forwarded)
                async with self._room if way in _LONG else nullcontext():
                    return await self._taken(proven, held, forwarded, way, code, request_id, started)
        except YwError as refusal:
            return await self._calls.refuse(proven, None, code, refusal, request_id, started)

    async def _taken(
        self, proven: Authenticated, held: HeldTerms, forwarded: Forwarded, way: Way, code: str,
        request_id: str, started: int,
    ) -> Reply:  # fmt: skip
        if forwarded.owner == self._judge.node:
            inner = msgspec.structs.replace(proven, body=forwarded.body.encode("utf-8"))
            if way == "file":
                return await self._shelf.routed(inner, forwarded.code, request_id, started)
            if way == "table":
                return await self._tables.routed(inner, forwarded.code, request_id, started)
            return await self._calls.judged(inner, way, forwarded.code, request_id, started)
        self._judge.lease(forwarded.owner)
        onward = msgspec.structs.replace(forwarded, way=(*forwarded.way, self._judge.node))
        return await self._sent_on(proven, held, onward, way, code, request_id, started)

    async def _sent_on(
        self, proven: Authenticated, held: HeldTerms, forwarded: Forwarded, way: Way, code: str,
        request_id: str, started: int,
    ) -> Reply:  # fmt: skip
        """Send it to the next node, store the leaf, answer. Raises: YwError."""
        # a repeated call must not be charged at the owner before it is refused here
        self._nonces.take(proven.request)
        seconds = patience(forwarded) if way in _LONG else ANSWER_SECONDS
        came = await self._onward.ask(proven, held, forwarded, way, seconds=seconds)
        response = await digest_of(SUITES[self._writer.suite], came.answer.body)
        told = Told(
            code=code, request_id=request_id, started=started, response=response, upstream=(came.upstream,)
        )
        receipt = await self._writer.commit(prepared(proven, held, came.leaf, told))
        kind = PROBLEM_TYPE if came.refused else BYTES_TYPE if way == "file" else JSON_TYPE
        return Reply(came.answer.status, came.answer.body, kind, request_id, receipt.header())


def patience(forwarded: Forwarded) -> float:
    """Seconds to wait for a chunk or a page: less at every node, so that the one before the silent one is the one that says so."""
    return _HOP_SECONDS * (LONGEST_WAY + 1 - len(forwarded.way))
