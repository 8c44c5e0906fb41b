"""Rules about encrypted fields are judged in the worker's memory; nothing of the values is left anywhere."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from django.db import connection

from tests.store.registry import shops
from tests.store.registry.applied import OWNER, applied, as_application, holder
from yiwang.blocks.exchange.public import MountedTable
from yiwang.blocks.quality.actions.declared import declared_of
from yiwang.blocks.quality.actions.sealed import with_sealed
from yiwang.blocks.quality.domain import outcomes
from yiwang.blocks.quality.domain.planning import Column, Compiled, compiled, plain
from yiwang.blocks.registry.public import create_record
from yiwang.dataplane.quality.judging import Judgement
from yiwang.dataplane.quality.rules import Outcome

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
SECRETS = ("账号甲零零一", "账号甲零零一", "短", None)
RULES = """quality:
    - {id: given, rule: not_null, fields: [secret], severity: major}
    - {id: once, rule: unique, fields: [secret], severity: major}
    - {id: long, rule: expr, expr: "row.secret == null || size(row.secret) > 2", severity: blocking, dimension: 准确性}
    - {id: named, rule: not_null, fields: [kind], severity: minor}
"""


@pytest.fixture(autouse=True)
def application(db: None, keys: None, tmp_path: Path) -> None:
    """A package with rules about its encrypted field, and four rows."""
    folder = shops.first(tmp_path)
    entities = folder / "entities.yaml"
    before = "quality: [{rule: not_null, fields: [kind], severity: major}]\n"
    text = entities.read_text(encoding="utf-8")
    assert before in text
    entities.write_text(text.replace(before, RULES), encoding="utf-8")
    applied(folder)
    clerk = holder(1, "shops.clerk", purpose="upkeep")
    for at, secret in enumerate(SECRETS):
        values = {"number": f"S{at}", "name": "店", "kind": "shop", "secret": secret}
        create_record(clerk, "shops", "shop", values, NOW)


def table(agency: str = OWNER) -> MountedTable:
    return MountedTable("M1", "R1", agency, "S1", "", "sys_shops_share", "shop", ("number",), (), True)


def judged(agency: str = OWNER) -> tuple[Compiled, Judgement]:
    said = declared_of("sys_shops_share", "shop")
    assert said is not None
    entries = plain(said.entries)
    columns = {"number": Column("", "text"), "kind": Column("", "text")}
    columns |= {one: Column("", "bytea", encrypted=True) for one in said.encrypted}
    made = compiled(entries, columns, NOW, lambda _: None, said.conditions)
    assert {one.rule.id for one in made.left_out} == {"given", "once", "long"}
    return with_sealed(entries, table(agency), made, Judgement(4, {"named": Outcome("named", 4, 0)}, {}), NOW)


def test_they_are_run_and_counted() -> None:
    as_application()
    made, found = judged()
    assert made.left_out == ()
    assert {rule.id for rule in made.rules} == {"given", "once", "long", "named"}
    counts = {name: (one.tested, one.failed) for name, one in found.outcomes.items()}
    assert counts == {"named": (4, 0), "given": (4, 1), "once": (3, 2), "long": (4, 1)}
    assert found.examples["long"] == [("S2",)]


def test_no_value_is_left_in_the_database_the_results_or_the_log(caplog: pytest.LogCaptureFixture) -> None:
    made, found = judged()
    kept = msgspec.json.encode(outcomes.results(made, found, {})).decode()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables"
            " WHERE schemaname LIKE 'sys_%' OR schemaname = 'public'"
        )
        stored = ""
        for (name,) in cursor.fetchall():
            cursor.execute(f"SELECT string_agg(t::text, '') FROM {name} t")
            stored += cursor.fetchone()[0] or ""
    for text in (kept, stored, caplog.text):
        assert "账号甲" not in text
        assert "账号甲".encode().hex() not in text


def test_sql_of_the_application_finds_nothing_of_it_and_a_judge_only_what_is_sealed() -> None:
    as_application()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sys_shops_read.shop__judged")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT set_config('yw.system_roles', 'registry.judge', true)")
        cursor.execute("SELECT * FROM sys_shops_read.shop__judged")
        assert [one.name for one in cursor.description] == ["number", "secret"]
        assert all(secret is None or isinstance(secret, bytes) for _, secret in cursor.fetchall())
        cursor.execute("SELECT count(*) FROM sys_shops_read.shop")
        assert cursor.fetchone() == (0,), "a judge reads no records"


def test_what_cannot_be_opened_leaves_the_rules_out_without_a_word_of_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE sys_shops.shop SET secret = secret || '\\x00'::bytea WHERE number = 'S0'")
    made, found = judged()
    assert {(one.rule.id, one.reason) for one in made.left_out} == {
        ("given", "engine"), ("once", "engine"), ("long", "engine"),
    }  # fmt: skip
    assert set(found.outcomes) == {"named"}
    assert "SealBroken" in caplog.text


def test_a_table_of_another_agencys_source_that_is_called_the_same_opens_nothing() -> None:
    made, _ = judged("11290100MB00000099")
    assert {one.reason for one in made.left_out} == {"encrypted"}
