"""Peers, and grants that cross nodes, as a gateway holds them in memory."""

from __future__ import annotations

import msgspec

from yiwang.blocks.cascade.domain.card import CardKey


class CompiledPeer(msgspec.Struct, frozen=True):
    """A peer: `gateway` is where calls are forwarded to, `keys` what it signs calls and tree heads with."""

    name: str
    relation: str
    gateway: str
    keys: tuple[CardKey, ...]


class GrantHead(msgspec.Struct, frozen=True):
    """What of a compiled grant names it; the whole of it is for gateways."""

    id: str
    version: int
    resource: str
    consumer: str


class TermPart(msgspec.Struct, frozen=True):
    """A field or a look-up of a compiled grant, by its name."""

    name: str


class GrantTerms(msgspec.Struct, frozen=True):
    """What of a compiled grant its holder is shown. `not_after` is Unix seconds."""

    modes: tuple[str, ...]
    fields: tuple[TermPart, ...]
    predicates: tuple[TermPart, ...]
    required: tuple[str, ...]
    purposes: tuple[str, ...]
    not_after: int
    case_required: bool = False
    rows_per_call: int = 50
    calls_per_day: int = 1000


class ForeignTerms(msgspec.Struct, frozen=True):
    """A grant that crosses nodes. `doc` is the owner's compiled grant in JSON, with the owner's own resource code.

    `via` is the peer that leads to the owner ("" at the owner), `toward` the peer behind which the consumer is
    ("" at the consumer's node): only that peer may call under it.
    """

    owner: str
    via: str
    toward: str
    provider: str
    number: str
    doc: str
