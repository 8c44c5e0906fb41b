"""Peers, and grants that cross nodes, as a gateway holds them in memory."""

from __future__ import annotations

import msgspec

from yiwang.blocks.cascade.domain.card import CardKey
from yiwang.vocabulary.delivering import Frequency, GrantedWay


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
    """A look-up of a compiled grant, by its name."""

    name: str


class FieldPart(msgspec.Struct, frozen=True):
    """A field of a compiled grant."""

    name: str
    mask: str | None = None


class GrantTerms(msgspec.Struct, frozen=True):
    """What of a compiled grant its holder is shown. Times are Unix seconds, `hours` minutes of the owner's day."""

    modes: tuple[str, ...]
    fields: tuple[FieldPart, ...]
    predicates: tuple[TermPart, ...]
    required: tuple[str, ...]
    purposes: tuple[str, ...]
    not_before: int
    not_after: int
    case_required: bool = False
    rows_per_call: int = 50
    calls_per_day: int = 1000
    hours: tuple[int, int] | None = None
    workdays_only: bool = False
    ways: tuple[GrantedWay, ...] = ()
    frequency: Frequency | None = None


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
