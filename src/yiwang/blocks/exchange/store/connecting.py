"""From a source's row to an open look into its database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from yiwang.blocks.exchange.domain.sealing import open_password
from yiwang.blocks.exchange.store.hosts import allowed_hosts
from yiwang.blocks.exchange.store.models import Source
from yiwang.dataplane.connectors.facts import SourceAddress
from yiwang.dataplane.connectors.postgresql import Database, opened
from yiwang.vocabulary.crypto import key_provider


def address_of(row: Source) -> SourceAddress:
    """How the source is reached, with its password. Raises: KeysNotWired, SealBroken."""
    return SourceAddress(
        row.host, row.port, row.database, row.user, open_password(key_provider(), row.id, row.sealed_password),
        row.connect_timeout_ms, row.timeout_ms,
    )  # fmt: skip


@contextmanager
def opened_source(row: Source) -> Iterator[Database]:
    """A read-only look into the source's database. Raises: ConnectorError."""
    with opened(address_of(row), allowed_hosts()) as database:
        yield database
