"""Conditions compiled for PostgreSQL hold for the same rows as in the evaluator, nulls and failures included."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import Server
from tests.unit.systems.likeness import TABLES, Rows, condition, conditions, rows
from yiwang.systems.cel.evaluating import Evaluator

EVALUATOR = Evaluator()


@pytest.fixture(scope="module")
def connection(pg_server: Server) -> Iterator[psycopg.Connection]:
    """The tables without a row: what an example puts into them is rolled back."""
    with psycopg.connect(pg_server.admin) as made:
        for statement in TABLES:
            made.execute(statement.replace("CREATE TABLE", "CREATE TEMPORARY TABLE").encode())
        made.commit()
        yield made
        made.rollback()


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=conditions, data=rows(), org=st.none() | st.sampled_from(["a", "b"]))
def test_postgresql_finds_the_rows_that_the_evaluator_finds(
    connection: psycopg.Connection, text: str, data: Rows, org: str | None
) -> None:
    connection.rollback()
    with connection.cursor() as cursor:
        for statement, values in data.statements():
            cursor.executemany(statement.replace("?", "%s"), values)
        cursor.execute(
            f'SELECT id FROM thing AS "row" WHERE {condition(text, "postgresql", org)} ORDER BY id'.replace(
                "%", "%"
            )
        )
        found = [one[0] for one in cursor.fetchall()]
    connection.rollback()
    assert found == data.holding(text, EVALUATOR, org)
