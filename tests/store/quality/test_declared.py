"""The rules that a package declares run on its whole tables, under the registry's own SQL."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import ProgrammingError, connection

from tests.store.exchange.cast import mounted
from tests.store.registry.applied import OWNER, ROLES, applied
from yiwang.blocks.exchange.public import SourceForm
from yiwang.blocks.quality import public as quality
from yiwang.blocks.quality.actions.declared import declared, declared_of
from yiwang.blocks.quality.actions.tables import is_own, judged_table
from yiwang.blocks.quality.domain.planning import Column, compiled, plain, table_sql
from yiwang.blocks.registry.domain.compiled import stored_columns
from yiwang.blocks.registry.public import Listed, entity_of, list_entity, quality_schema, system_of
from yiwang.dataplane.connectors.facts import SourceAddress
from yiwang.dataplane.quality.judging import judge
from yiwang.vocabulary.crypto import FileKeyProvider, use_key_provider

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)


@pytest.fixture(autouse=True)
def application() -> None:
    """These tests own the database: a package is applied in their transaction."""


@pytest.mark.parametrize("system", ["divisions", "hotline", "population", "social_assistance"])
def test_every_declared_rule_is_run_unless_it_looks_at_a_sealed_field(db: None, system: str) -> None:
    applied(*dict.fromkeys(("divisions", "population", system)))
    schema = quality_schema(system)
    with connection.cursor() as cursor:
        for entity in system_of(system).entities:
            said = declared_of(schema, entity.id)
            assert said is not None
            assert {one.id for one in entity.checks} <= {
                (one.id or "").split(".")[0] if one.rule == "in_list" else one.id for one in said.entries
            } | {c.id for c in entity.checks if c.rule == "in_list"}
            cursor.execute(
                "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
                " WHERE attrelid = %s::regclass AND attnum > 0",
                [f'"{schema}"."{entity.id}"'],
            )
            present = dict(cursor.fetchall())
            assert present == dict(said.whole) | dict.fromkeys(said.verdicts, "boolean")
            columns = {name: Column(f'"source"."{name}"', kind) for name, kind in present.items()}
            columns |= {one: Column("", "bytea", encrypted=True) for one in said.encrypted}
            made = compiled(plain(said.entries), columns, NOW, lambda _: None, said.conditions)
            assert {one.reason for one in made.left_out} <= {"encrypted"}, (entity.id, made.left_out)

            def fetch(statement: str) -> list[tuple[object, ...]]:
                cursor.execute(f"SET LOCAL ROLE {ROLES.quality}")
                cursor.execute(statement.replace("%", "%%"), [])
                rows = list(cursor.fetchall())
                cursor.execute("RESET ROLE")
                return rows

            found = judge(fetch, "postgres", table_sql(schema, entity.id, columns), made.rules)
            assert set(found.outcomes) == {rule.id for rule in made.rules}


@pytest.mark.parametrize("role", [ROLES.app, ROLES.share])
def test_what_rules_read_is_closed_to_the_application_and_the_exchange(db: None, role: str) -> None:
    applied("divisions", "population")
    view = f'"{quality_schema("population")}"."person"'
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_schema_privilege(%s, %s, 'USAGE')", [role, quality_schema("population")])
        assert cursor.fetchone() == (False,)
        cursor.execute("SELECT has_any_column_privilege(%s, %s::regclass, 'SELECT')", [role, view])
        assert cursor.fetchone() == (False,)
        cursor.execute(f"SET LOCAL ROLE {role}")
        with pytest.raises(ProgrammingError, match="permission denied"):
            cursor.execute(f"SELECT 1 FROM {view}")


def test_the_role_that_counts_reads_no_table_no_record_view_and_nothing_that_is_sealed(db: None) -> None:
    applied("divisions", "population")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind IN ('r', 'p', 'v') AND n.nspname LIKE 'sys\\_%%'"
            " AND has_schema_privilege(%s, n.oid, 'USAGE')"
            " AND has_table_privilege(%s, c.oid, 'SELECT, INSERT, UPDATE, DELETE')",
            [ROLES.quality, ROLES.quality],
        )
        assert {schema for schema, _ in cursor.fetchall()} == {
            quality_schema(one) for one in ("divisions", "population")
        }
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = %s AND table_name = 'person'",
            [quality_schema("population")],
        )
        shown = {name for (name,) in cursor.fetchall()}
    _, person = entity_of("population", "person")
    assert shown
    assert not shown & {column for one in person.fields if one.encrypted for column in stored_columns(one)}


def test_another_table_that_is_mounted_under_the_entry_is_judged_at_its_source(
    db: None, node: None, source: SourceForm, tmp_path: Path
) -> None:
    use_key_provider(FileKeyProvider(tmp_path / "keys", create=True))
    applied("divisions")
    code = mounted(source)
    list_entity("divisions", "division", Listed(code, "another", ""))
    quality.use_own_database(lambda: SourceAddress("127.0.0.1", 1, "", "", ""))
    try:
        found = judged_table(code)
        assert found is not None
        assert not is_own(found)
        list_entity("divisions", "division", Listed(code, found.mount, ""))
        found = judged_table(code)
        assert found is not None
        assert is_own(found)
        assert found.agency == OWNER
    finally:
        quality.use_own_database(lambda: None)


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


@pytest.mark.parametrize("schema", ["sys_no_such_system_share", "sys_no_such_system_quality"])
def test_a_schema_that_only_looks_like_one_declares_nothing(db: None, schema: str) -> None:
    assert declared_of(schema, "person") is None
