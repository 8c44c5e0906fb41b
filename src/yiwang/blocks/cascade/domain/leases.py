"""How long grants of other nodes hold here: seconds, never clock times, so that clocks need not agree.

With each page a node tells for how many seconds from the moment of the question everything may be relied on that it
passed on, by owning node: 60 for its own grants, and what is left of its own lease for those from above. The asker
counts from before it asked. A node that is cut off is refused within a minute (docs/adr/0227).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from yiwang.blocks.cascade.domain import reasons as why
from yiwang.blocks.cascade.domain.card import Card
from yiwang.blocks.cascade.domain.errors import PageRefused
from yiwang.blocks.cascade.domain.reasons import Reason
from yiwang.vocabulary.canonical import canonical
from yiwang.vocabulary.crypto import CryptoError, SigningKey
from yiwang.vocabulary.evidence.leaf import Hex64, Kid, Name

LEASE_SECONDS = 60
Seconds = Annotated[int, Meta(ge=0, le=LEASE_SECONDS)]


class Lease(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is signed: `owners` have a lease of so many seconds, once everything up to event `through` is applied.

    `request` is the digest of the request that this answers: an old lease cannot be given out again.
    """

    kid: Kid
    owners: dict[Name, Seconds]
    request: Hex64
    source: Name
    target: Name
    through: int
    v: Literal[1] = 1


class SignedLease(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A lease's canonical text with its signature in hexadecimal."""

    lease: Annotated[str, Meta(max_length=65_536)]
    signature: Annotated[str, Meta(max_length=200)]


def sign_lease(
    key: SigningKey, *, source: str, target: str, through: int, owners: Mapping[str, int], request: str
) -> SignedLease:
    """Sign a lease."""
    lease = Lease(
        kid=key.kid, owners=dict(owners), request=request, source=source, target=target, through=through
    )
    text = canonical(msgspec.to_builtins(lease))
    return SignedLease(text.decode("utf-8"), key.sign(text).hex())


def owned(node: str, above: Mapping[str, float], now: float) -> dict[str, int]:
    """The seconds that this node may promise: its own grants in full, those of others while its own lease lasts."""
    left = {owner: min(LEASE_SECONDS, int(until - now)) for owner, until in above.items() if owner != node}
    return {node: LEASE_SECONDS} | {owner: seconds for owner, seconds in left.items() if seconds > 0}


def prove_lease(signed: SignedLease, *, card: Card, here: str, request: str, now: float) -> Lease:
    """The lease that a peer gives. Raises: PageRefused."""

    def refused(reason: Reason) -> PageRefused:
        return PageRefused(node=card.node, first=0, **reason.facts)

    try:
        lease = msgspec.json.decode(signed.lease, type=Lease)
    except msgspec.DecodeError as problem:
        raise refused(why.form(problem)) from problem
    key = card.key(lease.kid)
    if key is None or not key.usable_at(now):
        raise refused(why.not_in_force(lease.kid))
    if (lease.source, lease.target, lease.request) != (card.node, here, request):
        raise refused(why.OTHER_REQUEST)
    try:
        fits = key.public().verify(signed.lease.encode("utf-8"), bytes.fromhex(signed.signature))
    except (CryptoError, ValueError):
        fits = False
    if not fits:
        raise refused(why.SIGNATURE)
    return lease
