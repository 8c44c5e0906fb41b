"""Operators join nodes, suspend, resume, re-key and leave."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

import msgspec

from yiwang.blocks.cascade.actions.introducing import introduce
from yiwang.blocks.cascade.domain.bodies import CardBody, LeaveBody
from yiwang.blocks.cascade.domain.card import PURPOSE, Card, SignedCard, check_join, first_card, sign_card
from yiwang.blocks.cascade.domain.errors import (
    CascadeNotAllowed,
    InvitationUnusable,
    PeerStateWrong,
    PeerUnknown,
)
from yiwang.blocks.cascade.domain.invitation import Invited, read_invitation, write_invitation
from yiwang.blocks.cascade.domain.reasons import STATES
from yiwang.blocks.cascade.domain.transport import UNREADABLE, Transport
from yiwang.blocks.cascade.store.here import node, own_card, signed_card, signing_key
from yiwang.blocks.cascade.store.models import Invitation, Peer
from yiwang.blocks.cascade.store.outgoing import event, everybody, put, tell
from yiwang.blocks.cascade.store.peers import meet, part, put_state
from yiwang.blocks.cascade.store.sealing import seal_waiting
from yiwang.blocks.exchange.public import SYSTEM
from yiwang.blocks.identity.public import OPERATOR, Actor, acting
from yiwang.blocks.journal.public import record_event
from yiwang.vocabulary.crypto import KeyRecord, key_provider

INVITED_FOR = timedelta(hours=24)
NEW_KEY_AFTER = timedelta(seconds=30)
"""A new key signs from then on, so that peers have heard of it."""
JOIN_PATH = "/cascade/v1/join"


@runtime_checkable
class Rotating(Protocol):
    """A key store that makes keys itself."""

    def rotate(self, purpose: str, now: datetime | None = None) -> KeyRecord:
        """A new key that signs from now on."""


class JoinBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a child sends to its parent."""

    secret: str
    card: SignedCard


def invite(actor: Actor, now: datetime) -> str:
    """A one-time invitation for a child, for 24 hours; only its digest is kept. Raises: CascadeNotAllowed."""
    _operator(actor)
    secret = secrets.token_urlsafe(24)
    with acting(SYSTEM):
        Invitation.objects.create(digest=_digest(secret), created_at=now, expires_at=now + INVITED_FOR)
        card = own_card(now)
        record_event("peer-invited", now, detail={"by": actor.user_id})
    return write_invitation(Invited(card.url, node(), signing_key(now).kid, secret))


def join_by_invitation(actor: Actor, invitation: str, transport: Transport, now: datetime) -> str:
    """At the child: join the parent that gave the invitation; returns the parent's name.

    Raises: CascadeNotAllowed, InvitationUnusable, PeerUnreachable, PeerRefused, CardMalformed, FingerprintDiffers,
        ZoneDiffers, LevelWrong, PeerExists, ParentExists.
    """
    _operator(actor)
    given = read_invitation(invitation)
    body = msgspec.json.encode(JoinBody(given.secret, signed_card(now)))
    answer = transport.post(given.node, given.url.rstrip("/") + JOIN_PATH, {}, body)
    try:
        signed = msgspec.json.decode(answer, type=SignedCard)
    except UNREADABLE as problem:
        raise InvitationUnusable from problem
    join_by_card(actor, signed, given.kid, "parent", now)
    return given.node


def join_by_card(actor: Actor, signed: SignedCard, fingerprint: str, relation: str, now: datetime) -> str:
    """Pin the card that the other operator gave, by the fingerprint told another way; returns its name.

    Both sides do this, or the child uses an invitation. `relation`: what the other is to this node.

    Raises: as `join_by_invitation`.
    """
    card = look_at_card(actor, signed, fingerprint, relation, now)
    with acting(SYSTEM):
        introduce(meet(card, signed, relation, now, by=actor.user_id), now)
    return card.node


def look_at_card(actor: Actor, signed: SignedCard, fingerprint: str, relation: str, now: datetime) -> Card:
    """The other operator's card, whether it could be joined, with nothing done yet.

    Raises: CascadeNotAllowed, CardMalformed, FingerprintDiffers, ZoneDiffers, LevelWrong.
    """
    _operator(actor)
    card = first_card(signed, fingerprint)
    here = own_card(now)
    check_join(*((card, here) if relation == "parent" else (here, card)))
    return card


def admit(body: bytes, now: datetime) -> SignedCard:
    """At the parent: a child shows an invitation; returns this node's card.

    Raises: InvitationUnusable, CardMalformed, ZoneDiffers, LevelWrong, PeerExists.
    """
    try:
        given = msgspec.json.decode(body, type=JoinBody)
    except UNREADABLE as problem:
        raise InvitationUnusable from problem
    with acting(SYSTEM):
        row = (
            Invitation.objects.select_for_update()
            .filter(pk=_digest(given.secret), used_by="", expires_at__gt=now)
            .first()
        )
        if row is None:
            raise InvitationUnusable
        card = first_card(given.card, given.card.kid)
        check_join(own_card(now), card)
        peer = meet(card, given.card, "child", now)
        row.used_by = card.node
        row.save(update_fields=["used_by"])
        introduce(peer, now)
        return signed_card(now)


def suspend_peer(actor: Actor, name: str, now: datetime) -> None:
    """Nothing is taken from the peer or given to it until it is resumed; what happens meanwhile waits.

    Raises: CascadeNotAllowed, PeerUnknown, PeerStateWrong.
    """
    _step(actor, name, {"active"}, "suspended", ("暂停", "suspended"), now)


def resume_peer(actor: Actor, name: str, now: datetime) -> None:
    """Go on with a suspended peer. Raises: as `suspend_peer`."""
    _step(actor, name, {"suspended"}, "active", ("恢复", "resumed"), now)


def leave_peer(actor: Actor, name: str, reason: str, now: datetime) -> None:
    """End the cascade with a peer: its keys count no more, what came through it is withdrawn; it is told.

    Raises: CascadeNotAllowed, PeerUnknown, PeerStateWrong.
    """
    _operator(actor)
    with acting(SYSTEM):
        peer = _peer(name)
        if peer.state == "left":
            raise _wrong(peer, ("退出", "left"))
        part(peer, reason, now, by=actor.user_id)
        put(event("leave", name, LeaveBody(reason[:2000]), now, target=name), [name])


def rekey(actor: Actor, now: datetime) -> str:
    """A new key for this node; peers get the new card, signed by the old key. Returns the new fingerprint.

    Raises: CascadeNotAllowed; CascadeError where keys lie in a device that makes them itself.
    """
    _operator(actor)
    keys = key_provider()
    old = signing_key(now)
    if not isinstance(keys, Rotating):
        raise CascadeNotAllowed(needs_zh="能换钥的密钥库", needs_en="a key store that can make keys")
    with acting(SYSTEM):
        made = keys.rotate(PURPOSE, now + NEW_KEY_AFTER)
        signed = sign_card(own_card(now), old)
        tell("card", node(), CardBody(signed.card, signed.kid, signed.signature), now)
        for name in everybody():  # what waits, the card included, must still be sealed by the key they know
            while seal_waiting(name, now):
                pass
        record_event("peer-rekeyed", now, detail={"by": actor.user_id, "kid": made.kid})
    return made.kid


def _step(actor: Actor, name: str, fits: set[str], state: str, step: tuple[str, str], now: datetime) -> None:
    _operator(actor)
    with acting(SYSTEM):
        peer = _peer(name)
        if peer.state not in fits:
            raise _wrong(peer, step)
        put_state(peer, state, now, by=actor.user_id)


def _wrong(peer: Peer, step: tuple[str, str]) -> PeerStateWrong:
    zh, en = STATES[peer.state]
    return PeerStateWrong(node=peer.name, state_zh=zh, state_en=en, step_zh=step[0], step_en=step[1])


def _peer(name: str) -> Peer:
    peer = Peer.objects.select_for_update().filter(pk=name).first()
    if peer is None:
        raise PeerUnknown(node=name[:63])
    return peer


def _operator(actor: Actor) -> None:
    if not actor.has(OPERATOR):
        raise CascadeNotAllowed(needs_zh="节点运维人员", needs_en="an operator of the node")


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()
