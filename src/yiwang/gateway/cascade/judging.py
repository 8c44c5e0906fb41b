"""Whether a call may cross: who sends is proven, the grant and the lease that this node holds itself are looked at."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated, Final, Protocol

import msgspec
from msgspec import Meta

from yiwang.blocks.cascade.domain.card import CardKey
from yiwang.blocks.identity.domain.compiled import CompiledClient, CompiledKey
from yiwang.gateway import policy
from yiwang.gateway import refusals as r
from yiwang.gateway.authentication import Authenticated, Scope
from yiwang.gateway.bodies import Bodies, Incoming
from yiwang.gateway.cascade import errors as c
from yiwang.gateway.cascade.table import HeldPeer, HeldTerms, Table
from yiwang.gateway.errors import KeyNotInForce
from yiwang.gateway.held import Caller
from yiwang.gateway.verification.pool import Verifiers
from yiwang.vocabulary.crypto import PublicKey
from yiwang.vocabulary.envelope import NODE_WINDOW_SECONDS, SignatureStale, SignatureWrong, parse_request

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


class Tables(Protocol):
    """Where the table is."""

    @property
    def current(self) -> Table:
        """As it is now."""


class Judge:
    """Looks at calls that cross nodes."""

    def __init__(
        self, node: str, routes: Tables, verifiers: Verifiers, clock: Callable[[], float] = time.time
    ) -> None:
        """`clock` gives Unix seconds."""
        self.node = node
        self._routes = routes
        self._verifiers = verifiers
        self._clock = clock
        self._bodies = Bodies()
        self._under_way: dict[str, int] = {}

    def is_foreign(self, code: str) -> bool:
        """Whether a resource's code names another node."""
        owner = code.rpartition("@")[2] if "@" in code else ""
        return bool(owner) and owner != self.node and bool(self._routes.current.peers)

    @contextmanager
    def turn(self, peer: HeldPeer) -> Iterator[None]:
        """A call of a peer is under way. Raises: PeerSuspended, ClientBusy."""
        name = peer.peer.name
        under_way = self._under_way.get(name, 0) + 1
        self._under_way[name] = under_way
        try:
            if peer.state != "active":
                raise c.PeerSuspended(peer=name)
            if under_way > PER_PEER:
                raise r.ClientBusy(client=name, limit=PER_PEER)
            yield
        finally:
            self._under_way[name] -= 1

    async def peer(self, scope: Scope, incoming: Incoming) -> tuple[HeldPeer, Authenticated]:
        """The peer whose key signed, and what it sent.

        Raises: EnvelopeError, NotAPeer, KeyNotInForce, BadCall, Busy.
        """
        request = parse_request(scope.method, scope.path, scope.query_string, scope.headers.get_all)
        request.check_node(self.node)
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

    def acting_for(self, proven: Authenticated, forwarded: Forwarded) -> Authenticated:
        """The call with the agency and application for which the peer sends it."""
        client = f"{forwarded.way[0]}:{forwarded.client}"[:200]
        agency = msgspec.structs.replace(proven.caller.client, id=client, agency=forwarded.consumer)
        return msgspec.structs.replace(proven, caller=replace(proven.caller, client=agency))

    def forwardable(self, peer: HeldPeer, proven: Authenticated, forwarded: Forwarded) -> HeldTerms:
        """The grant by which a peer may forward. Raises: Refusal."""

        def wrong(reason: str) -> c.ForwardedWrong:
            return c.ForwardedWrong(peer=peer.peer.name, reason=reason)

        way, name = forwarded.way, peer.peer.name
        if way[-1] != name or self.node in way or len(set(way)) < len(way):
            raise c.RouteLoop(peer=name, way=" → ".join((*way, self.node)))
        if len(way) >= LONGEST_WAY:
            raise c.RouteTooLong(peer=name, nodes=len(way), most=LONGEST_WAY - 1)
        held = self._routes.current.grants.get((forwarded.owner, proven.request.grant or ""))
        if held is None or held.terms.toward != peer.peer.name:
            raise r.GrantNotYours(grant=proven.request.grant or "")
        if (held.grant.consumer, held.grant.resource) != (forwarded.consumer, forwarded.code):
            raise wrong("consumer or resource")
        policy.check_state(held.grant, held.state)
        return held

    def permitted(self, proven: Authenticated, code: str, owner: str, mode: policy.Mode) -> HeldTerms:
        """The grant of one of our callers, as far as it is judged here; the owner judges all of it. Raises: Refusal."""
        mine = self._routes.current.by_consumer.get((proven.caller.client.agency, owner, code), [])
        return self._chosen(proven, mine, owner, mode, f"{code}@{owner}")

    def holds(self, proven: Authenticated, code: str, owner: str) -> None:
        """Whether the caller knows the resource by any grant. Raises: ResourceNotFound."""
        if (proven.caller.client.agency, owner, code) not in self._routes.current.by_consumer:
            raise r.ResourceNotFound(resource=f"{code}@{owner}")

    def granted(self, proven: Authenticated, owner: str, mode: policy.Mode) -> HeldTerms:
        """The same for what names no resource: of all grants that the caller holds of an owner. Raises: Refusal."""
        agency, named = proven.caller.client.agency, proven.request.grant
        known = self._routes.current.grants
        one = known.get((owner, named)) if named is not None else None
        mine = [
            held
            for held in (known.values() if one is None else (one,))
            if not held.terms.toward and held.terms.owner == owner and held.grant.consumer == agency
        ]
        return self._chosen(proven, mine, owner, mode, f"@{owner}")

    def still(self, held: HeldTerms, owner: str) -> None:
        """A grant that ended meanwhile, or cannot be relied on any more, gives nothing more out. Raises: Refusal."""
        now = self._routes.current.grants.get((owner, held.grant.id))
        if now is None:
            raise r.GrantRevoked(grant=held.grant.id)
        policy.check_state(now.grant, now.state)
        if self._clock() >= now.grant.not_after:
            raise r.GrantExpired(grant=now.grant.id, ended=str(now.grant.not_after))
        self.lease(owner)

    def _chosen(
        self, proven: Authenticated, mine: Sequence[HeldTerms], owner: str, mode: policy.Mode, name: str
    ) -> HeldTerms:
        if proven.caller.state != "active":
            raise r.ClientSuspended(client=proven.caller.client.id)
        request, now = proven.request, self._clock()
        chosen = policy.choose(
            [one.held for one in mine],
            request.grant,
            request.purpose,
            mode=mode,
            resource=name,
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
        self.lease(owner)
        return next(one for one in mine if one.grant.id == grant.id)

    def lease(self, owner: str) -> None:
        """Whether grants of an owner can be relied on. Raises: LeaseOver."""
        lease = self._routes.current.leases.get(owner)
        if lease is None or not lease.holds(self._clock(), time.monotonic()):
            raise c.LeaseOver(owner=owner)


def _caller(client: str, agency: str, key: CardKey, public: PublicKey) -> Caller:
    """A caller that another node speaks for."""
    compiled = CompiledKey(key.kid, key.suite, key.spki, key.not_before, key.not_after)
    return Caller(CompiledClient(client, agency, (compiled,), "node"), 0, "active", compiled, public)
