"""Sources and mounts; the relation queries ask the external database itself."""

from __future__ import annotations

from yiwang.blocks.catalogue.public import ResourceDraft
from yiwang.blocks.exchange.domain.errors import ExchangeError
from yiwang.blocks.exchange.queries.views import MountRow, MountView, SourceRow, SourceView
from yiwang.blocks.identity.public import Actor
from yiwang.dataplane.connectors.facts import RelationFacts, RelationName


def sources(actor: Actor) -> tuple[SourceRow, ...]:
    """Sources of the actor's agency (operators: all)."""
    raise ExchangeError


def source(actor: Actor, source_id: str) -> SourceView:
    """One source. Raises: SourceUnknown."""
    raise ExchangeError


def source_relations(actor: Actor, source_id: str) -> tuple[RelationName, ...]:
    """Tables and views the source's role may read. Raises: SourceUnknown, ConnectorError."""
    raise ExchangeError


def source_relation(actor: Actor, source_id: str, schema: str, relation: str) -> RelationFacts:
    """A table with its columns and keys. Raises: SourceUnknown, ConnectorError."""
    raise ExchangeError


def propose_resource(actor: Actor, source_id: str, schema: str, relation: str) -> ResourceDraft:
    """A first draft of a catalogue entry from a table: items, grades, subjects, masks."""
    raise ExchangeError


def mounts(actor: Actor) -> tuple[MountRow, ...]:
    """Mounts of the actor's agency (operators and reviewers: all)."""
    raise ExchangeError


def mount(actor: Actor, mount_id: str) -> MountView:
    """One mount. Raises: MountUnknown."""
    raise ExchangeError
