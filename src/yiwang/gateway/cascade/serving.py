"""A call to a resource of another node, from this node's caller or from a peer: judged, forwarded, put into evidence.

Every node on the way proves who sends, judges by the grant and lease that it holds itself, signs what it sends on,
proves the answer by the next node's evidence, and logs that evidence in its own leaf before the answer leaves.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Final, Protocol

import msgspec
from msgspec import Meta

from yiwang.blocks.cascade.domain.card import CardKey
from yiwang.blocks.identity.domain.compiled import CompiledClient, CompiledKey
from yiwang.blocks.journal.domain.prepared import Nonce, Prepared
from yiwang.gateway import policy
from yiwang.gateway import refusals as r
from yiwang.gateway.authentication import Authenticated, Authentication, Scope
from yiwang.gateway.bodies import Bodies, Incoming, decode
from yiwang.gateway.calls import JSON_TYPE, Calls, Committer, Reply
from yiwang.gateway.cascade import errors as c
from yiwang.gateway.cascade.proving import Prover
from yiwang.gateway.cascade.table import HeldPeer, HeldTerms, Table
from yiwang.gateway.cascade.wire import Wire, WireBroken
from yiwang.gateway.errors import KeyNotInForce
from yiwang.gateway.held import Caller
from yiwang.gateway.nonces import NonceMemory
from yiwang.gateway.verification.pool import Verifiers
from yiwang.vocabulary.crypto import SUITES, PublicKey, SigningKey
from yiwang.vocabulary.envelope import (
    NODE_WINDOW_SECONDS,
    SignatureStale,
    SignatureWrong,
    parse_request,
    sign_request,
)
from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.evidence import Leaf, Upstream
from yiwang.vocabulary.problems import PROBLEM_TYPE

FORWARDED: Final = "/v1/cascade/"
LONGEST_WAY: Final = 6
"""Nodes that a call passes at most, the owner among them."""
PER_PEER: Final = 256
"""Calls from one peer that may be under way at a time."""
Short = Annotated[str, Meta(min_length=1, max_length=200)]


class Forwarded(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a node sends on: the caller's body as it came, for whom, under which grant, and the way it took."""

    body: str
    client: Short
    code: Short
    consumer: Short
    owner: Short
    way: Annotated[tuple[Short, ...], Meta(min_length=1, max_length=64)]


_forwarded = msgspec.json.Decoder(Forwarded)
_encode = msgspec.json.Encoder().encode


class Tables(Protocol):
    """Where the table is."""

    @property
    def current(self) -> Table:
        """As it is now."""


class Cascade:
    """Serves calls that cross nodes."""

    def __init__(
        self,
        node: str,
        authentication: Authentication,
        calls: Calls,
        writer: Committer,
        *,
        routes: Tables,
        verifiers: Verifiers,
        key: Callable[[], SigningKey],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`key` gives the key by which this node signs what it sends on."""
        self._node = node
        self._authentication = authentication
        self._calls = calls
        self._writer = writer
        self._routes = routes
        self._verifiers = verifiers
        self._key = key
        self._clock = clock
        self._bodies = Bodies()
        self._wire = Wire()
        self._prover = Prover(verifiers)
        self._nonces = NonceMemory()
        self._under_way: dict[str, int] = {}

    def close(self) -> None:
        """Close connections to other nodes."""
        self._wire.close()

    def is_foreign(self, code: str) -> bool:
        """Whether a resource's code names another node."""
        owner = code.rpartition("@")[2] if "@" in code else ""
        return bool(owner) and owner != self._node and bool(self._routes.current.peers)

    async def serve(
        self, scope: Scope, incoming: Incoming, code: str, signed: str, mode: policy.Asked, request_id: str
    ) -> Reply:
        """Answer a call of one of this node's callers. Raises: what keeps the caller from being proven."""
        started = time.perf_counter_ns()
        proven = await self._authentication.authenticate(scope, incoming, signed)
        own, _, owner = code.rpartition("@")
        try:
            held = self._permitted(proven, own, owner, mode)
            forwarded = Forwarded(
                body=proven.body.decode("utf-8", "replace"), client=proven.caller.client.id, code=own,
                consumer=proven.caller.client.agency, owner=owner, way=(self._node,),
            )  # fmt: skip
            return await self._onward(proven, held, forwarded, mode, code, request_id, started)
        except YwError as refusal:
            return await self._calls.refuse(proven, None, code, refusal, request_id, started)

    async def take(self, scope: Scope, incoming: Incoming, request_id: str) -> Reply:
        """Answer a call that a peer forwarded. Raises: what keeps the peer from being proven."""
        started = time.perf_counter_ns()
        mode: policy.Asked = "verify" if scope.path == FORWARDED + "verify" else "query"
        peer, proven = await self._peer(scope, incoming)
        name = peer.peer.name
        under_way = self._under_way.get(name, 0) + 1
        self._under_way[name] = under_way
        code = ""
        try:
            if peer.state != "active":
                raise c.PeerSuspended(peer=name)
            if under_way > PER_PEER:
                raise r.ClientBusy(client=name, limit=PER_PEER)
            forwarded = decode(_forwarded, proven.body)
            code = forwarded.code if forwarded.owner == self._node else f"{forwarded.code}@{forwarded.owner}"
            proven = self._for(proven, forwarded)
            held = self._forwardable(peer, proven, forwarded)
            if forwarded.owner == self._node:
                inner = msgspec.structs.replace(proven, body=forwarded.body.encode("utf-8"))
                return await self._calls.judged(inner, mode, forwarded.code, request_id, started)
            self._lease(forwarded.owner)
            onward = msgspec.structs.replace(forwarded, way=(*forwarded.way, self._node))
            return await self._onward(proven, held, onward, mode, code, request_id, started)
        except YwError as refusal:
            return await self._calls.refuse(proven, None, code, refusal, request_id, started)
        finally:
            self._under_way[name] -= 1

    async def _peer(self, scope: Scope, incoming: Incoming) -> tuple[HeldPeer, Authenticated]:
        """Which peer calls. Its state is judged by the caller.

        Raises: EnvelopeError, NotAPeer, KeyNotInForce, BadCall, Busy.
        """
        request = parse_request(scope.method, scope.path, scope.query_string, scope.headers.get_all)
        request.check_node(self._node)
        now = self._clock()
        if abs(now - request.created) > NODE_WINDOW_SECONDS:
            raise SignatureStale(
                created=str(request.created), server_time=str(int(now)), window=NODE_WINDOW_SECONDS
            )
        peer = self._routes.current.by_kid.get(request.kid)
        if peer is None or peer.state == "left":
            raise c.NotAPeer(kid=request.kid)
        key, public = peer.calling[request.kid]
        if not key.usable_at(now):
            raise KeyNotInForce(kid=request.kid)
        request.check_suite(key.suite)
        body = await self._bodies.read(incoming, scope.headers.get("content-length"))
        request.check_body(body)
        if not await self._verifiers.verify(
            public, request.base, request.signature, f"peer {peer.peer.name}"
        ):
            raise SignatureWrong
        caller = _caller(peer.peer.name, "", key, public)
        return peer, Authenticated(request, caller, body, request.digest().hex(), key.suite, routed=True)

    def _for(self, proven: Authenticated, forwarded: Forwarded) -> Authenticated:
        """The call with the agency and application for which the peer sends it."""
        client = f"{forwarded.way[0]}:{forwarded.client}"[:200]
        agency = msgspec.structs.replace(proven.caller.client, id=client, agency=forwarded.consumer)
        return msgspec.structs.replace(proven, caller=replace(proven.caller, client=agency))

    def _forwardable(self, peer: HeldPeer, proven: Authenticated, forwarded: Forwarded) -> HeldTerms:
        """The grant by which a peer may forward. Raises: Refusal."""

        def wrong(reason: str) -> c.ForwardedWrong:
            return c.ForwardedWrong(peer=peer.peer.name, reason=reason)

        way, name = forwarded.way, peer.peer.name
        if way[-1] != name or self._node in way or len(set(way)) < len(way):
            raise c.RouteLoop(peer=name, way=" → ".join((*way, self._node)))
        if len(way) >= LONGEST_WAY:
            raise c.RouteTooLong(peer=name, nodes=len(way), most=LONGEST_WAY - 1)
        held = self._routes.current.grants.get((forwarded.owner, proven.request.grant or ""))
        if held is None or held.terms.toward != peer.peer.name:
            raise r.GrantNotYours(grant=proven.request.grant or "")
        if (held.grant.consumer, held.grant.resource) != (forwarded.consumer, forwarded.code):
            raise wrong("consumer or resource")
        policy.check_state(held.grant, held.state)
        return held

    def _permitted(self, proven: Authenticated, code: str, owner: str, mode: policy.Asked) -> HeldTerms:
        """The grant of one of our callers, as far as it is judged here; the owner judges all of it. Raises: Refusal."""
        if proven.caller.state != "active":
            raise r.ClientSuspended(client=proven.caller.client.id)
        request, now = proven.request, self._clock()
        mine = self._routes.current.by_consumer.get((proven.caller.client.agency, owner, code), [])
        chosen = policy.choose(
            [one.held for one in mine],
            request.grant,
            request.purpose,
            mode=mode,
            resource=f"{code}@{owner}",
            now=now,
        )
        policy.check_state(chosen.grant, chosen.state)
        grant = chosen.grant
        if now >= grant.not_after:
            raise r.GrantExpired(grant=grant.id, ended=str(grant.not_after))
        if mode not in grant.modes:
            raise r.ModeNotGranted(grant=grant.id, mode=mode, allowed=list(grant.modes))
        if request.purpose.ground not in grant.purposes:
            raise r.PurposeNotAllowed(purpose=request.purpose.ground, allowed=sorted(grant.purposes))
        self._lease(owner)
        return next(one for one in mine if one.grant.id == grant.id)

    def _lease(self, owner: str) -> None:
        lease = self._routes.current.leases.get(owner)
        if lease is None or not lease.holds(self._clock(), time.monotonic()):
            raise c.LeaseOver(owner=owner)

    async def _onward(
        self,
        proven: Authenticated,
        held: HeldTerms,
        forwarded: Forwarded,
        mode: policy.Asked,
        code: str,
        request_id: str,
        started: int,
    ) -> Reply:
        """Send it to the next node, prove its answer, store the leaf, answer. Raises: YwError."""
        peer = self._routes.current.peers.get(held.terms.via)
        if peer is None or peer.state != "active":
            raise c.PeerSilent(peer=held.terms.via)
        self._nonces.take(
            proven.request
        )  # a repeated call must not be charged at the owner before it is refused here
        key = self._key()
        request = sign_request(
            key, method="POST", path=FORWARDED + mode, body=_encode(forwarded), node=peer.peer.name,
            purpose=proven.request.purpose, created=int(self._clock()), grant=held.grant.id,
            idempotency_key=proven.request.idempotency_key,
        )  # fmt: skip
        try:
            answer = await self._wire.post(
                peer.peer.gateway, request.path, request.http_headers(), request.body
            )
        except WireBroken as problem:
            raise c.PeerSilent(peer=peer.peer.name) from problem
        digest = key.suite.digest(request.base).hex()
        leaf, upstream = await self._prover.prove(peer, answer, digest, owner=forwarded.owner)
        prepared = self._prepared(proven, held, leaf, upstream, mode, code, answer.body, request_id, started)
        receipt = await self._writer.commit(prepared)
        kind = JSON_TYPE if leaf.code is None else PROBLEM_TYPE
        return Reply(answer.status, answer.body, kind, request_id, receipt.header())

    def _prepared(
        self,
        proven: Authenticated,
        held: HeldTerms,
        leaf: Leaf,
        upstream: Upstream,
        mode: policy.Asked,
        code: str,
        body: bytes,
        request_id: str,
        started: int,
    ) -> Prepared:
        request = proven.request
        return Prepared(
            kind=mode if leaf.code is None else "refusal",
            request_id=request_id,
            status=leaf.status,
            consumer=proven.caller.client.agency,
            client=proven.caller.client.id,
            key=request.kid,
            provider=held.terms.provider,
            resource=code,
            version=leaf.version,
            grant=held.grant.id,
            grant_version=held.grant.version,
            purpose=request.purpose.text,
            request=proven.digest,
            request_alg=proven.alg,
            response=SUITES[self._writer.suite].digest(body).hex(),
            rows=leaf.rows,
            code=leaf.code,
            took_us=(time.perf_counter_ns() - started) // 1000,
            nonce=Nonce(request.kid, request.nonce, request.created),
            upstream=(upstream,),
        )


def _caller(client: str, agency: str, key: CardKey, public: PublicKey) -> Caller:
    """A caller that another node speaks for."""
    compiled = CompiledKey(key.kid, key.suite, key.spki, key.not_before, key.not_after)
    return Caller(CompiledClient(client, agency, (compiled,), "node"), 0, "active", compiled, public)
