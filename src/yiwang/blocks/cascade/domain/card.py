"""A node's card: its name, level, zone, addresses and key directory, signed by its own cascade key.

The card is what two operators exchange to join their nodes. A key is pinned by its id, which is a digest of the key;
a later card is believed when a key that is already pinned signs it (docs/specs/cascade.md §2).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from yiwang.blocks.cascade.domain import reasons as why
from yiwang.blocks.cascade.domain.errors import CardMalformed, FingerprintDiffers, LevelWrong, ZoneDiffers
from yiwang.vocabulary.canonical import NotCanonical, canonical
from yiwang.vocabulary.crypto import CryptoError, KeyRecord, PublicKey, SigningKey, load_public
from yiwang.vocabulary.evidence import TRUST_FORMAT, Trust, TrustKey
from yiwang.vocabulary.evidence.leaf import Kid, Name, SuiteName

PURPOSE = "cascade"
"""The key that signs cards, events and calls between nodes; heads are signed by the key `evidence`."""
MAX_CARD = 65_536
CLOCK_TOLERANCE = 3600
"""Seconds by which a key may be used before it begins by another node's clock."""
Level = Literal["nation", "province", "city", "county"]
LEVELS: dict[Level, tuple[str, str]] = {
    "nation": ("国家", "nation"),
    "province": ("省", "province"),
    "city": ("市", "city"),
    "county": ("县", "county"),
}
"""From the top down."""
Text = Annotated[str, Meta(min_length=1, max_length=200)]


class CardKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One public key of a node. Times are Unix seconds; `spki` is base64 of its DER."""

    purpose: Literal["cascade", "evidence"]
    kid: Kid
    suite: SuiteName
    spki: Annotated[str, Meta(max_length=400)]
    not_before: int
    not_after: int | None = None

    def valid_at(self, seconds: float) -> bool:
        """Whether a signature of that moment counts."""
        return self.not_before <= seconds and (self.not_after is None or seconds <= self.not_after)

    def usable_at(self, seconds: float) -> bool:
        """Whether it counts by the clock of another node, which may be behind that of the node whose key it is."""
        return self.valid_at(seconds) or self.valid_at(seconds + CLOCK_TOLERANCE)

    def public(self) -> PublicKey:
        """The key. Raises: CardMalformed, also when it is not the one its id names."""
        try:
            key = load_public(base64.b64decode(self.spki, validate=True))
        except (CryptoError, binascii.Error) as problem:
            raise CardMalformed(**why.bad_key(self.kid).facts) from problem
        if key.kid != self.kid or key.suite.name != self.suite:
            raise CardMalformed(**why.bad_key(self.kid).facts)
        return key


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a node says of itself. `sequence` grows with every card; `issued` is Unix seconds."""

    format: Literal["yiwang-node/1"] = "yiwang-node/1"
    node: Name
    title: Text
    level: Level
    zone: Annotated[str, Meta(min_length=1, max_length=40)]
    url: Annotated[str, Meta(max_length=300)]
    """Where its pages and its event journal are reached."""
    gateway: Annotated[str, Meta(max_length=300)]
    keys: Annotated[tuple[CardKey, ...], Meta(min_length=1, max_length=64)]
    sequence: int
    issued: int

    def key(self, kid: str, purpose: str = PURPOSE) -> CardKey | None:
        """The key with this id and purpose."""
        return next((one for one in self.keys if one.kid == kid and one.purpose == purpose), None)

    @property
    def trust(self) -> Trust:
        """The keys that sign the node's tree heads, as the verifier takes them."""
        return Trust(
            TRUST_FORMAT,
            self.node,
            tuple(
                TrustKey(
                    kid=one.kid, suite=one.suite, spki=one.spki, purpose="evidence",
                    not_before=datetime.fromtimestamp(one.not_before, UTC),
                    not_after=None if one.not_after is None else datetime.fromtimestamp(one.not_after, UTC),
                )
                for one in self.keys
                if one.purpose == "evidence"
            ),
        )  # fmt: skip


class SignedCard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A card's canonical text, the id of the key that signed it, and the signature in hexadecimal."""

    card: Annotated[str, Meta(max_length=MAX_CARD)]
    kid: Kid
    signature: Annotated[str, Meta(max_length=200)]


_card = msgspec.json.Decoder(Card)
_signed = msgspec.json.Decoder(SignedCard)


def keys_of(records: Sequence[KeyRecord]) -> tuple[CardKey, ...]:
    """The keys of a provider that stand in a card."""
    return tuple(
        CardKey(
            "cascade" if one.purpose == PURPOSE else "evidence", one.kid,
            "sm2-sm3" if one.suite == "sm2-sm3" else "ed25519", base64.b64encode(one.spki).decode("ascii"),
            int(one.not_before.timestamp()), None if one.not_after is None else int(one.not_after.timestamp()),
        )
        for one in records
        if one.purpose in (PURPOSE, "evidence")
    )  # fmt: skip


def sign_card(card: Card, key: SigningKey) -> SignedCard:
    """Sign a card."""
    text = canonical(msgspec.to_builtins(card))
    return SignedCard(text.decode("utf-8"), key.kid, key.sign(text).hex())


def read_signed(text: str | bytes) -> SignedCard:
    """A signed card from its JSON. Raises: CardMalformed."""
    try:
        return _signed.decode(text)
    except msgspec.DecodeError as problem:
        raise CardMalformed(**why.form(problem).facts) from problem


def first_card(signed: SignedCard, fingerprint: str) -> Card:
    """The card of a node that is met for the first time, by the fingerprint its operator told.

    Raises: CardMalformed, FingerprintDiffers.
    """
    if signed.kid != fingerprint.strip().lower():
        raise FingerprintDiffers(found=signed.kid, expected=fingerprint.strip()[:64])
    return _verified(signed, parse_card(signed))


def next_card(signed: SignedCard, known: Card) -> Card:
    """A later card of a node, signed by a key that its known card holds.

    Raises: CardMalformed, when it is not later, not the node's, or changes what is fixed at install.
    """
    card = parse_card(signed)
    if known.key(signed.kid) is None:
        raise CardMalformed(**why.not_pinned(signed.kid).facts)
    _verified(signed, known)
    if card.sequence <= known.sequence:
        raise CardMalformed(**why.not_later(card.sequence, known.sequence).facts)
    if (card.node, card.level, card.zone) != (known.node, known.level, known.zone):
        raise CardMalformed(**why.FIXED.facts)
    return card


def check_join(parent: Card, child: Card) -> None:
    """Whether the two may be joined. Raises: ZoneDiffers, LevelWrong."""
    if parent.zone != child.zone:
        raise ZoneDiffers(node=child.node, theirs=child.zone, ours=parent.zone)
    order = list(LEVELS)
    if order.index(parent.level) >= order.index(child.level):
        raise LevelWrong(
            parent=parent.node, parent_level=parent.level, child=child.node, child_level=child.level
        )


def parse_card(signed: SignedCard) -> Card:
    """The card in it; whether the signature holds is not looked at. Raises: CardMalformed."""
    try:
        card = _card.decode(signed.card)
        if canonical(msgspec.to_builtins(card)) != signed.card.encode("utf-8"):
            raise CardMalformed(**why.NOT_CANONICAL.facts)
    except (msgspec.DecodeError, NotCanonical) as problem:
        raise CardMalformed(**why.form(problem).facts) from problem
    for address in (card.url, card.gateway):
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise CardMalformed(**why.bad_address(address).facts)
    for key in card.keys:
        key.public()
    return card


def _verified(signed: SignedCard, by: Card) -> Card:
    """Raises: CardMalformed, unless the key named by `signed` in the card `by` signed it."""
    key = by.key(signed.kid)
    if key is None:
        raise CardMalformed(**why.not_in_card(signed.kid).facts)
    try:
        fits = key.public().verify(signed.card.encode("utf-8"), bytes.fromhex(signed.signature))
    except (CryptoError, ValueError):
        fits = False
    if not fits:
        raise CardMalformed(**why.SIGNATURE.facts)
    return by
