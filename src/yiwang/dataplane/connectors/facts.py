"""What a connector tells about an external database: plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ColumnType = Literal["text", "integer", "decimal", "boolean", "date", "datetime", "json", "binary"]


@dataclass(frozen=True)
class SourceAddress:
    """How a database is reached. Times are milliseconds."""

    host: str
    port: int
    database: str
    user: str
    password: str
    connect_timeout_ms: int = 3000
    timeout_ms: int = 3000

    def __repr__(self) -> str:
        return f"SourceAddress({self.user}@{self.host}:{self.port}/{self.database})"


@dataclass(frozen=True)
class ServerFacts:
    """What a first connection tells. `writable` lists tables that the role could change, at most ten."""

    version: str
    encoding: str
    superuser: bool
    writable: tuple[str, ...]
    milliseconds: int


@dataclass(frozen=True)
class RelationName:
    """A table or view, with the estimate of its rows (-1 when the server has none)."""

    schema: str
    name: str
    kind: Literal["table", "view", "materialized_view", "foreign_table", "partitioned_table"]
    comment: str
    rows: int
    has_key: bool


@dataclass(frozen=True)
class ColumnFacts:
    """A column. `type` is None when values of `database_type` cannot be exchanged."""

    name: str
    database_type: str
    type: ColumnType | None
    length: int
    nullable: bool
    comment: str


@dataclass(frozen=True)
class RelationFacts:
    """A table or view with its columns and unique keys, primary key first."""

    name: RelationName
    columns: tuple[ColumnFacts, ...]
    keys: tuple[tuple[str, ...], ...]

    def column(self, name: str) -> ColumnFacts | None:
        """The column of this name, or None."""
        return next((column for column in self.columns if column.name == name), None)
