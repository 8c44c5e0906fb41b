"""Asking the next node: signed by this one, answered by it, proven by its evidence, told by a leaf of this node."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, Literal

import msgspec

from yiwang.blocks.journal.domain.prepared import Nonce, Prepared
from yiwang.gateway.authentication import Authenticated
from yiwang.gateway.cascade import errors as c
from yiwang.gateway.cascade.judging import Forwarded, Tables
from yiwang.gateway.cascade.proving import Prover
from yiwang.gateway.cascade.table import HeldTerms
from yiwang.gateway.cascade.wire import ANSWER_SECONDS, Answer, Wire, WireBroken
from yiwang.gateway.problems import status_of
from yiwang.gateway.verification.pool import Verifiers
from yiwang.vocabulary.crypto import SigningKey
from yiwang.vocabulary.envelope import sign_request
from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.evidence import Leaf, Upstream

FORWARDED: Final = "/v1/cascade/"
Way = Literal["query", "verify", "file", "table"]
"""What is sent on: the last part of its address."""
_FACTS: Final = frozenset(
    ("count", "digest", "file", "first", "hash", "last", "length", "report", "rows", "run", "way")
)
"""What of the next node's detail is told in this node's leaf."""
_encode = msgspec.json.Encoder().encode


class Came(msgspec.Struct, frozen=True):
    """A proven answer of the next node."""

    answer: Answer
    leaf: Leaf
    upstream: Upstream

    @property
    def refused(self) -> bool:
        """Whether a node on the way, or the owner, refused."""
        return self.leaf.code is not None


class Onward:
    """Sends calls on."""

    def __init__(
        self,
        routes: Tables,
        verifiers: Verifiers,
        key: Callable[[], SigningKey],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`key` gives the key by which this node signs what it sends on."""
        self._routes = routes
        self._key = key
        self._clock = clock
        self._wire = Wire()
        self._prover = Prover(verifiers)

    def close(self) -> None:
        """Close connections to other nodes."""
        self._wire.close()

    async def ask(
        self, proven: Authenticated, held: HeldTerms, forwarded: Forwarded, way: Way, *,
        seconds: float = ANSWER_SECONDS,
    ) -> Came:  # fmt: skip
        """Send it to the next node and prove its answer. Raises: PeerSilent, PeerUnproven, PeerTurnedAway."""
        peer = self._routes.current.peers.get(held.terms.via)
        if peer is None or peer.state != "active":
            raise c.PeerSilent(peer=held.terms.via)
        key = self._key()
        request = sign_request(
            key, method="POST", path=FORWARDED + way, body=_encode(forwarded), node=peer.peer.name,
            purpose=proven.request.purpose, created=int(self._clock()), grant=held.grant.id,
            idempotency_key=proven.request.idempotency_key,
        )  # fmt: skip
        try:
            answer = await self._wire.post(
                peer.peer.gateway, request.path, request.http_headers(), request.body, seconds=seconds
            )
        except WireBroken as problem:
            raise c.PeerSilent(peer=peer.peer.name) from problem
        digest = key.suite.digest(request.base).hex()
        leaf, upstream = await self._prover.prove(peer, answer, digest, owner=forwarded.owner)
        if leaf.code is None and leaf.kind != ("event" if way in ("file", "table") else way):
            raise c.PeerUnproven(peer=peer.peer.name, reason="kind")
        return Came(answer, leaf, upstream)


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What this node's leaf says beside the call itself. `response`: digest of the answer's body by the log's suite."""

    code: str
    request_id: str
    started: int
    response: str | None
    upstream: tuple[Upstream, ...]
    once: bool = True
    """Whether the call's nonce is used up by this leaf; of several leaves of one call the first does."""


def prepared(proven: Authenticated, held: HeldTerms, leaf: Leaf, told: Told) -> Prepared:
    """The leaf of what came of another node, as `leaf` proves it."""
    request = proven.request
    event = leaf.event if leaf.kind == "event" and leaf.code is None else None
    return Prepared(
        kind=leaf.kind if leaf.code is None else "refusal",
        event=event,
        detail=_facts(leaf.detail) if event is not None else None,
        request_id=told.request_id,
        status=leaf.status,
        consumer=proven.caller.client.agency,
        client=proven.caller.client.id,
        key=request.kid,
        provider=held.terms.provider,
        resource=told.code,
        version=leaf.version,
        grant=held.grant.id,
        grant_version=held.grant.version,
        purpose=request.purpose.text,
        request=proven.digest,
        request_alg=proven.alg,
        response=told.response,
        rows=leaf.rows,
        code=leaf.code,
        took_us=(time.perf_counter_ns() - told.started) // 1000,
        nonce=Nonce(request.kid, request.nonce, request.created) if told.once else None,
        upstream=told.upstream,
    )


def stopped(proven: Authenticated, held: HeldTerms, problem: YwError, request_id: str, code: str) -> Prepared:
    """The leaf of an answer that breaks off in the middle; its nonce is used up already."""
    request = proven.request
    return Prepared(
        kind="refusal", request_id=request_id, status=status_of(problem), consumer=proven.caller.client.agency,
        client=proven.caller.client.id, key=request.kid, provider=held.terms.provider, resource=code,
        grant=held.grant.id, grant_version=held.grant.version, purpose=request.purpose.text, request=proven.digest,
        request_alg=proven.alg, code=problem.code,
    )  # fmt: skip


def _facts(detail: dict[str, object] | None) -> dict[str, object]:
    """Another node's facts, as far as they are known words of plain form."""
    return {
        name: value
        for name, value in (detail or {}).items()
        if name in _FACTS
        and ((type(value) is int and 0 <= value < 2**53) or (isinstance(value, str) and len(value) <= 100))
    }
