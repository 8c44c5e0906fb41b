"""Rules on rows that must not be written anywhere: judged in this process's memory, of which nothing is spilled to disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa

from yiwang.dataplane.engines.duckdb import DuckDB
from yiwang.dataplane.quality import rules as r
from yiwang.dataplane.quality.dialects import DUCKDB
from yiwang.dataplane.quality.judging import Judgement, judge

MEMORY = "1GB"
"""More rows than this holds are an error of the engine, not a file."""
_TYPES = {"bigint": "BIGINT", "boolean": "BOOLEAN", "date": "DATE", "timestamptz": "TIMESTAMPTZ"}
Values = Sequence[Sequence[object]]


def engine_types(columns: Mapping[str, str]) -> dict[str, str]:
    """The engine's types of columns given with those of PostgreSQL; what it has no like of is text."""
    return {
        column: f"DECIMAL{kind[len('numeric') :]}"
        if kind.startswith("numeric(")
        else _TYPES.get(kind, "VARCHAR")
        for column, kind in columns.items()
    }


def judge_in_memory(
    types: Mapping[str, str], batches: Iterable[Values], rules: Sequence[r.Rule], keys: Sequence[str] = ()
) -> Judgement:
    """What the rules find in rows of these columns, given by type of the engine; values as JSON would hold them.

    Raises: EngineError.
    """
    names = list(types)
    with DuckDB(memory=MEMORY) as database:
        table = DUCKDB.identifier("judged")
        declared = ", ".join(f"{DUCKDB.identifier(one)} {kind}" for one, kind in types.items())
        database.execute(f"CREATE TABLE {table} ({declared})")
        cast = ", ".join(f"CAST({DUCKDB.identifier(one)} AS {kind})" for one, kind in types.items())
        for rows in batches:
            texts = {
                one: pa.array([_text(row[at]) for row in rows], pa.string()) for at, one in enumerate(names)
            }
            database.register("batch", pa.table(texts))
            database.execute(f"INSERT INTO {table} SELECT {cast} FROM batch")  # noqa: S608 (names are quoted)
        return judge(database.rows, "duckdb", table, rules, keys)


def _text(value: object) -> str | None:
    match value:
        case None | str():
            return value
        case list():
            return ";".join(str(one) for one in value)
        case _:
            return str(value)
