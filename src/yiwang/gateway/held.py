"""What a gateway holds in memory: callers, grants and resources with their states, immutable."""

from __future__ import annotations

from dataclasses import dataclass, field

from yiwang.blocks.exchange.domain.compiled import CompiledGrant, CompiledResource
from yiwang.blocks.identity.domain.compiled import CompiledClient, CompiledKey
from yiwang.gateway.terms import Terms
from yiwang.vocabulary.crypto import PublicKey


@dataclass(frozen=True, slots=True)
class Caller:
    """A client application, as one of its keys names it."""

    client: CompiledClient
    epoch: int
    state: str
    key: CompiledKey
    public: PublicKey


@dataclass(frozen=True, slots=True)
class HeldGrant:
    """A grant with its state; `terms` is None where it does not fit its resource."""

    grant: CompiledGrant
    epoch: int
    state: str
    terms: Terms | None


@dataclass(frozen=True, slots=True)
class HeldResource:
    """A mounted resource with its state."""

    resource: CompiledResource
    epoch: int
    state: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was in force at `epoch`."""

    epoch: int = -1
    callers: dict[str, Caller] = field(default_factory=dict)
    grants: dict[tuple[str, str], tuple[HeldGrant, ...]] = field(default_factory=dict)
    """By (consumer, resource code)."""
    resources: dict[str, HeldResource] = field(default_factory=dict)
    broken: tuple[str, ...] = ()
    """Documents that could not be read: they let nothing in and nothing out."""
