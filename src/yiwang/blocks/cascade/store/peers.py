"""Keeping peers: met, carded, parted; each change is compiled for gateways in the same transaction."""

from __future__ import annotations

from datetime import datetime

import msgspec

from yiwang.blocks.cascade.domain.card import Card, SignedCard
from yiwang.blocks.cascade.domain.compiled import ForeignTerms
from yiwang.blocks.cascade.domain.errors import ParentExists, PeerExists
from yiwang.blocks.cascade.domain.events import START
from yiwang.blocks.cascade.store.compiled import store_peer, store_terms
from yiwang.blocks.cascade.store.here import node
from yiwang.blocks.cascade.store.models import (
    Compiled,
    Entry,
    ForeignGrant,
    Held,
    Node,
    Outgoing,
    Peer,
    Received,
    Sealed,
)
from yiwang.blocks.cascade.store.news import Return
from yiwang.blocks.journal.public import record_event


def meet(card: Card, signed: SignedCard, relation: str, now: datetime, *, by: int | None = None) -> Peer:
    """A new peer, or one that had left and comes back: journals begin anew. `by`: the operator's account here.

    Raises: PeerExists, ParentExists.
    """
    known = Peer.objects.select_for_update().filter(pk=card.node).first()
    if card.node == node() or (known is not None and known.state not in ("left", "forked")):
        raise PeerExists(node=card.node)
    if relation == "parent":
        parent = Peer.objects.filter(relation="parent").exclude(state="left").exclude(pk=card.node).first()
        if parent is not None:
            raise ParentExists(node=parent.name)
    Sealed.objects.filter(peer=card.node).delete()
    Received.objects.filter(peer=card.node).delete()
    Outgoing.objects.filter(peer=card.node).delete()
    Node.objects.filter(pk=card.node).delete()
    peer, _ = Peer.objects.update_or_create(
        name=card.node,
        defaults={
            "title": card.title, "level": card.level, "relation": relation, "state": "active", "url": card.url,
            "gateway": card.gateway, "card": msgspec.json.encode(signed).decode("utf-8"), "joined_at": now,
            "sealed": 0, "sent_hash": START, "got": 0, "got_hash": START, "taken": 0, "problem": "",
            "problem_code": "", "problem_facts": {}, "problem_at": None, "seen_at": None,
        },
    )  # fmt: skip
    store_peer(peer)
    _note("joined", peer, now, by)
    return peer


def behind(peer: Peer) -> set[str]:
    """The nodes that a peer may speak for: itself and those reached through it."""
    return {peer.name, *Node.objects.filter(via=peer.name).values_list("name", flat=True)}


def put_card(peer: Peer, card: Card, signed: SignedCard) -> None:
    """Pin a later card."""
    peer.title, peer.url, peer.gateway = card.title, card.url, card.gateway
    peer.card = msgspec.json.encode(signed).decode("utf-8")
    peer.save(update_fields=["title", "url", "gateway", "card"])
    store_peer(peer)


def put_state(peer: Peer, state: str, now: datetime, *, by: int) -> None:
    """Suspend or resume."""
    peer.state = state
    peer.save(update_fields=["state"])
    if state != "active":
        Held.objects.filter(via=peer.name).delete()
    store_peer(peer)
    _note(state, peer, now, by)


def part(peer: Peer, reason: str, now: datetime, *, by: int | None = None) -> None:
    """The cascade with a peer ends: its keys, leases and grants count no more, its entries are gone.

    `by`: the operator's account; None where the peer left.
    """
    lost = behind(peer)
    peer.state, peer.problem = "left", reason[:300]
    peer.problem_code, peer.problem_facts = "", {}
    peer.save(update_fields=["state", "problem", "problem_code", "problem_facts"])
    Outgoing.objects.filter(peer=peer.name).delete()
    Held.objects.filter(via=peer.name).delete()
    Entry.objects.filter(node__in=lost).delete()
    for row in Compiled.objects.filter(kind="grant"):
        terms = msgspec.json.decode(row.doc, type=ForeignTerms)
        if peer.name in (terms.via, terms.toward):
            store_terms("revoked", terms)
    Return.objects.filter(owner__in=lost).update(state="ended", at=now)
    ForeignGrant.objects.filter(owner__in=lost).update(state="revoked", updated_at=now)
    Node.objects.filter(via=peer.name).delete()
    store_peer(peer)
    _note("left", peer, now, by)


def _note(step: str, peer: Peer, now: datetime, by: int | None) -> None:
    record_event(f"peer-{step}", now, detail={"peer": peer.name, "relation": peer.relation, "by": by})
