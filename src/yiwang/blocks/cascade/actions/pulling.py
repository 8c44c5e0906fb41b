"""Asking a peer for what is new, and taking it in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeVar

import msgspec

from yiwang.blocks.cascade.actions.applying import apply_runs
from yiwang.blocks.cascade.domain.errors import CascadeError, PageRefused
from yiwang.blocks.cascade.domain.leases import prove_lease
from yiwang.blocks.cascade.domain.pages import (
    KEPT_PATH,
    PULL_PATH,
    PURPOSE,
    Damage,
    KeptHeads,
    Page,
    Question,
)
from yiwang.blocks.cascade.domain.reasons import form
from yiwang.blocks.cascade.domain.transport import UNREADABLE, Transport
from yiwang.blocks.cascade.store.heads import compare, kept_sizes
from yiwang.blocks.cascade.store.here import card_of, node, signing_key
from yiwang.blocks.cascade.store.leaves import held_within
from yiwang.blocks.cascade.store.models import Held, Peer
from yiwang.blocks.cascade.store.peers import behind
from yiwang.blocks.exchange.public import SYSTEM
from yiwang.blocks.identity.public import acting
from yiwang.vocabulary.envelope import OutgoingRequest, Purpose, sign_request

_page = msgspec.json.Decoder(Page)
_kept = msgspec.json.Decoder(KeptHeads)
T = TypeVar("T")


def pull(
    name: str,
    transport: Transport,
    now: datetime,
    *,
    heads: bool = False,
    most: int = 1000,
    leaves: tuple[tuple[str, int, str], ...] = (),
) -> bool:
    """Take in one page of a peer's journal, and its lease; with `heads` also its tree heads. Whether there is more.

    Where a log of the peer is damaged, it is asked at once about the `leaves` that this node holds of the place.
    `now` is read before anything is asked: leases are counted from it.

    Raises: PeerUnreachable, PeerRefused, PageRefused, JournalForked.
    """
    peer = Peer.objects.get(pk=name)
    asked = Question(peer.got, most, kept_sizes(name) if heads else None, leaves)
    request = _request(peer, PULL_PATH, msgspec.json.encode(asked), now)
    try:
        answer = transport.post(name, peer.url + PULL_PATH, request.http_headers(), request.body)
        page = _decoded(_page, peer, answer)
        apply_runs(name, page.runs, now)
        peer.refresh_from_db()  # a new card may have come
        lease = prove_lease(
            page.lease,
            card=card_of(peer),
            here=node(),
            request=request_digest(request, now),
            now=now.timestamp(),
        )
        damaged = _settle(peer, page, lease.through, dict(lease.owners), now)
    except CascadeError as problem:
        Peer.objects.filter(pk=name).update(
            problem_code=problem.code, problem_facts=problem.facts, problem="", problem_at=now
        )
        raise
    if not leaves and (held := held_within(name, damaged)):
        return pull(name, transport, now, heads=True, most=most, leaves=held)
    return page.more


def kept_by(name: str, transport: Transport, now: datetime) -> KeptHeads:
    """The heads of our own logs that a peer keeps. Raises: PeerUnreachable, PeerRefused, PageRefused."""
    peer = Peer.objects.get(pk=name)
    request = _request(peer, KEPT_PATH, b"{}", now)
    answer = transport.post(name, peer.url + KEPT_PATH, request.http_headers(), request.body)
    return _decoded(_kept, peer, answer)


def request_digest(request: OutgoingRequest, now: datetime) -> str:
    """The digest by which an answer names the request it answers."""
    return signing_key(now).suite.digest(request.base).hex()


def _settle(
    peer: Peer, page: Page, through: int, owners: dict[str, int], now: datetime
) -> list[tuple[str, Damage]]:
    damaged: list[tuple[str, Damage]] = []
    with acting(SYSTEM):
        fresh = Peer.objects.select_for_update().get(pk=peer.name)
        if fresh.state == "active" and fresh.got >= through and not page.more:
            may_speak = behind(fresh)
            for owner, seconds in owners.items():
                if owner in may_speak:
                    Held.objects.update_or_create(
                        owner=owner,
                        defaults={"via": peer.name, "until": now + timedelta(seconds=seconds)},
                    )
        if page.logs is not None:
            damaged = compare(card_of(fresh), page.logs, page.gone, now)
        fresh.seen_at, fresh.problem_at = now, None
        fresh.problem_code, fresh.problem_facts = "", {}
        fresh.problem = "" if fresh.state != "left" else fresh.problem  # why it left stays
        fresh.save(update_fields=["seen_at", "problem", "problem_code", "problem_facts", "problem_at"])
    return damaged


def _decoded(decoder: msgspec.json.Decoder[T], peer: Peer, answer: bytes) -> T:
    try:
        return decoder.decode(answer)
    except UNREADABLE as problem:
        raise PageRefused(node=peer.name, first=peer.got + 1, **form(problem).facts) from problem


def _request(peer: Peer, path: str, body: bytes, now: datetime) -> OutgoingRequest:
    return sign_request(
        signing_key(now), method="POST", path=path, body=body, node=peer.name, purpose=Purpose.parse(PURPOSE),
        created=int(now.timestamp()),
    )  # fmt: skip
