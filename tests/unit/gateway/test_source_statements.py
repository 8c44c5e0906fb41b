"""Statements on a source have names, so that its server parses each once; behind a pooler they do without."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import asyncpg
import pytest

from tests.unit.gateway.cases import resource
from yiwang.blocks.exchange.domain.compiled import CompiledResource
from yiwang.dataplane.connectors.hosts import AllowedHosts
from yiwang.gateway import sources
from yiwang.gateway.source_errors import SourceFailed
from yiwang.gateway.sources import Link, Source
from yiwang.gateway.sql import Statement

READ = Statement("SELECT 1", (), ())


class Connection:
    """A server, perhaps behind a pooler that loses the names of statements."""

    def __init__(self, *, pooled: bool, sqlstate: str = "26000") -> None:
        self.pooled = pooled
        self.sqlstate = sqlstate
        self.prepared: list[str | None] = []

    async def prepare(self, _text: str, *, name: str | None, timeout: float) -> Connection:
        self.prepared.append(name)
        return self

    async def fetch(self, *_args: object, timeout: float) -> list[tuple[int]]:
        if self.pooled and self.prepared[-1] is not None:
            raise asyncpg.PostgresError.new({"C": self.sqlstate, "M": "prepared statement is not there"})
        return [(1,)]

    def is_closed(self) -> bool:
        return False

    def terminate(self) -> None:
        self.prepared.append("terminated")


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Source:
    async def unchanged(_connection: object, _resource: CompiledResource, _seconds: float) -> bool:
        return False

    monkeypatch.setattr(sources, "differs", unchanged)
    return Source(resource().source, AllowedHosts(()), lambda _facts: "")


def read(source: Source, connection: Connection, times: int = 2) -> list[Sequence[object]]:
    async def connect() -> Link:
        return Link(connection, named=source._named_statements)

    async def run() -> list[Sequence[object]]:
        source._connect = connect  # type: ignore[method-assign]
        return [row for _ in range(times) for row in await source.fetch(resource(), READ, [])]

    return asyncio.run(run())


def test_a_statement_is_prepared_once_under_a_name(source: Source) -> None:
    connection = Connection(pooled=False)
    assert read(source, connection) == [(1,), (1,)]
    assert connection.prepared == ["yw_1"]


def test_a_pooler_that_loses_names_is_met_without_them_and_no_call_fails(source: Source) -> None:
    connection = Connection(pooled=True)
    assert read(source, connection) == [(1,), (1,)]
    assert connection.prepared == ["yw_1", "terminated", None]


def test_another_failure_is_told_as_before(source: Source) -> None:
    with pytest.raises(SourceFailed):
        read(source, Connection(pooled=True, sqlstate="22012"), times=1)
