"""DuckDB: in memory, in UTC, without the network, with a bounded amount of memory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

MEMORY = "4GB"
EngineError = duckdb.Error
"""What a statement may raise."""


class DuckDB:
    """One database in memory."""

    def __init__(self, *, memory: str = MEMORY, spill: Path | None = None) -> None:
        """`spill` is the folder for what does not fit into `memory`; none: such a statement fails."""
        self._connection = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": memory,
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "temp_directory": str(spill) if spill else "",
            },
        )
        self._connection.execute("SET TimeZone = 'UTC'")

    def __enter__(self) -> DuckDB:
        """The open database."""
        return self

    def __exit__(self, *exc: object) -> None:
        """Forget everything."""
        self._connection.close()

    def register(self, name: str, table: object) -> None:
        """Make an Arrow table or reader readable under a name."""
        self._connection.register(name, table)

    def execute(self, statement: str, parameters: Sequence[object] = ()) -> None:
        """Run a statement that gives nothing. Raises: EngineError."""
        self._connection.execute(statement, list(parameters))

    def rows(self, statement: str, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """All rows of a statement. Raises: EngineError."""
        found: list[tuple[object, ...]] = self._connection.execute(statement, list(parameters)).fetchall()
        return found

    def columns(self, table: str) -> dict[str, str]:
        """Names and types of a table's columns, in order; `table` is SQL."""
        return {str(row[0]): str(row[1]) for row in self.rows(f"DESCRIBE SELECT * FROM {table}")}
