"""Conditions compiled for DuckDB hold for the same rows as in the evaluator, nulls and failures included."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.systems.likeness import TABLES, Rows, condition, conditions, rows
from yiwang.systems.cel.evaluating import Evaluator

EVALUATOR = Evaluator()


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables without a row: opening a database for each example takes longer than everything that is asked of it."""
    with duckdb.connect(config={"threads": 1}) as made:
        for statement in TABLES:
            made.execute(statement)
        yield made


@settings(max_examples=250, deadline=None)
@given(text=conditions, data=rows(), org=st.none() | st.sampled_from(["a", "b"]))
def test_duckdb_finds_the_rows_that_the_evaluator_finds(
    database: duckdb.DuckDBPyConnection, text: str, data: Rows, org: str | None
) -> None:
    database.begin()
    try:
        for statement, values in data.statements():
            database.executemany(statement, values)
        found = database.execute(
            f'SELECT id FROM thing AS "row" WHERE {condition(text, "duckdb", org)} ORDER BY id'
        ).fetchall()
    finally:
        database.rollback()
    assert [one[0] for one in found] == data.holding(text, EVALUATOR, org)
