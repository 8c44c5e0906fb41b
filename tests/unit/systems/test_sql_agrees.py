"""Conditions compiled for DuckDB hold for the same rows as in the evaluator, nulls and failures included."""

from __future__ import annotations

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.systems.likeness import TABLES, Rows, condition, conditions, rows
from yiwang.systems.cel.evaluating import Evaluator

EVALUATOR = Evaluator()


@settings(max_examples=250, deadline=None)
@given(text=conditions, data=rows(), org=st.none() | st.sampled_from(["a", "b"]))
def test_duckdb_finds_the_rows_that_the_evaluator_finds(text: str, data: Rows, org: str | None) -> None:
    with duckdb.connect() as database:
        for statement in TABLES:
            database.execute(statement)
        for statement, values in data.statements():
            database.executemany(statement, values)
        found = database.execute(
            f'SELECT id FROM thing AS "row" WHERE {condition(text, "duckdb", org)} ORDER BY id'
        ).fetchall()
    assert [one[0] for one in found] == data.holding(text, EVALUATOR, org)
