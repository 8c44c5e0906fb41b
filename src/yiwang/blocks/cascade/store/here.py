"""This node, as others know it."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from yiwang.blocks.cascade.domain.card import (
    LEVELS,
    PURPOSE,
    Card,
    Level,
    SignedCard,
    keys_of,
    read_signed,
    sign_card,
)
from yiwang.blocks.cascade.domain.card import parse_card as parse
from yiwang.blocks.cascade.store.models import Peer
from yiwang.vocabulary.crypto import SigningKey, key_provider


def node() -> str:
    """The name of this node."""
    return str(settings.YW_NODE)


def level() -> Level:
    """The level of this node."""
    return next((one for one in LEVELS if one == settings.YW_LEVEL), "city")


def signing_key(now: datetime) -> SigningKey:
    """The key by which this node speaks to others."""
    return key_provider().signing_key(PURPOSE, now)


def own_card(now: datetime) -> Card:
    """The card of this node. Its sequence is the time in microseconds: later cards are later."""
    signing_key(now)
    key_provider().signing_key("evidence", now)
    return Card(
        node=node(), title=str(settings.YW_NODE_TITLE) or node(), level=level(), zone=str(settings.YW_ZONE),
        url=str(settings.YW_PUBLIC_URL).rstrip("/"), gateway=str(settings.YW_GATEWAY_URL).rstrip("/"),
        keys=keys_of(key_provider().describe()), sequence=int(now.timestamp() * 1_000_000),
        issued=int(now.timestamp()),
    )  # fmt: skip


def signed_card(now: datetime) -> SignedCard:
    """The card of this node, signed."""
    return sign_card(own_card(now), signing_key(now))


def card_of(peer: Peer) -> Card:
    """The pinned card of a peer."""
    return parse(read_signed(peer.card))
