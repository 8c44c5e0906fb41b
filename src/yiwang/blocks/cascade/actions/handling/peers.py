"""What a peer tells of the cascade itself: a later card, an alarm, that it leaves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from yiwang.blocks.cascade.actions.handling.handler import Refusals
from yiwang.blocks.cascade.domain.bodies import AlarmBody, CardBody, LeaveBody
from yiwang.blocks.cascade.domain.card import SignedCard, next_card
from yiwang.blocks.cascade.domain.errors import CardMalformed
from yiwang.blocks.cascade.domain.events import Event
from yiwang.blocks.cascade.domain.reasons import told_by
from yiwang.blocks.cascade.store.alarms import raise_alarm
from yiwang.blocks.cascade.store.here import card_of
from yiwang.blocks.cascade.store.models import Peer
from yiwang.blocks.cascade.store.peers import part, put_card


def alarms(peer: Peer, events: Sequence[Event], now: datetime, refusals: Refusals) -> None:
    """Damage of evidence that another node found: shown here too."""
    del peer
    for one, body in refusals.bodies(events, AlarmBody):
        raise_alarm(
            body.node, body.log, body.kind, now, start=body.start, stop=body.stop, index=body.index, zh=body.zh,
            en=body.en, found_by=one.origin,
        )  # fmt: skip


def cards(peer: Peer, events: Sequence[Event], now: datetime, refusals: Refusals) -> None:
    """A later card of the peer, signed by a key that is pinned already."""
    del now
    for one, body in refusals.bodies(events, CardBody):
        signed = SignedCard(body.card, body.kid, body.signature)
        try:
            card = next_card(signed, card_of(peer))
        except CardMalformed as problem:
            refusals.note(one, told_by(problem))
            continue
        put_card(peer, card, signed)


def leaves(peer: Peer, events: Sequence[Event], now: datetime, refusals: Refusals) -> None:
    """The peer ends the cascade: what came through it is withdrawn here."""
    for _, body in refusals.bodies(events, LeaveBody):
        part(peer, body.reason, now)
