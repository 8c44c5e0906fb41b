"""The rules that a package declares run on what the registry shares of it, under the registry's own SQL."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection

from tests.store.registry.applied import applied
from yiwang.blocks.quality.actions.declared import declared, declared_of
from yiwang.blocks.quality.domain.planning import Column, compiled, plain, table_sql
from yiwang.blocks.registry.public import entity_of
from yiwang.dataplane.quality.judging import judge

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)


@pytest.fixture(autouse=True)
def application() -> None:
    """These tests own the database: a package is applied in their transaction."""


@pytest.mark.parametrize("system", ["divisions", "hotline", "population"])
def test_every_declared_rule_is_run_or_says_why_not(db: None, system: str) -> None:
    applied(*(("divisions", system) if system != "divisions" else (system,)))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.views WHERE table_schema = %s", [f"sys_{system}_share"]
        )
        views = [row[0] for row in cursor.fetchall()]
        assert views
        for view in views:
            said = declared_of(f"sys_{system}_share", view)
            assert said is not None
            _, entity = entity_of(system, view)
            assert {one.id for one in entity.checks} <= {
                (one.id or "").split(".")[0] if one.rule == "in_list" else one.id for one in said.entries
            } | {c.id for c in entity.checks if c.rule == "in_list"}
            cursor.execute(
                "SELECT column_name, data_type FROM information_schema.columns"
                " WHERE table_schema = %s AND table_name = %s",
                [f"sys_{system}_share", view],
            )
            columns = {name: Column(f'"source"."{name}"', kind) for name, kind in cursor.fetchall()}
            columns |= {one: Column("", "bytea", encrypted=True) for one in said.encrypted}
            made = compiled(plain(said.entries), columns, NOW, lambda _: None, said.conditions)
            # the view has the fields that a served service names, so a rule about another one is left out and says so
            assert {one.reason for one in made.left_out} <= {"encrypted", "unmapped"}, (view, made.left_out)

            def fetch(statement: str) -> list[tuple[object, ...]]:
                cursor.execute(statement.replace("%", "%%"), [])
                return list(cursor.fetchall())

            found = judge(fetch, "postgres", table_sql(f"sys_{system}_share", view, columns), made.rules)
            assert set(found.outcomes) == {rule.id for rule in made.rules}


def test_a_rule_about_an_encrypted_field_is_named_and_not_run(db: None) -> None:
    applied("divisions", "population")
    system, entity = entity_of("population", "person")
    said = declared(system, entity)
    assert "phone" in said.encrypted
    entries = [{"rule": "not_null", "fields": ["phone"]}]
    columns = {one: Column("", "bytea", encrypted=True) for one in said.encrypted}
    assert [one.reason for one in compiled(entries, columns, NOW, lambda _: None).left_out] == ["encrypted"]


def test_a_table_of_another_source_declares_nothing() -> None:
    assert declared_of("scjg", "qy_jbxx") is None


def test_a_schema_that_only_looks_like_one_declares_nothing(db: None) -> None:
    assert declared_of("sys_no_such_system_share", "person") is None
