"""Mounting resources on tables, and what happens when a table changes under its mount."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from tests.conftest import Server
from tests.store.exchange.cast import (
    COLUMNS,
    HE_QING,
    NOW,
    OPERATOR,
    WANG_MIN,
    ZHAO_JING,
    mount_form,
    published,
)
from yiwang.blocks.catalogue.public import create_resource
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.domain import errors
from yiwang.blocks.exchange.public import ColumnMap, SourceForm
from yiwang.blocks.exchange.store.connecting import opened_source
from yiwang.blocks.exchange.store.models import CompiledResourceRow, Notice, Source
from yiwang.blocks.identity.public import acting
from yiwang.dataplane.connectors import errors as connector

pytestmark = pytest.mark.django_db


@pytest.fixture
def source_id(source: SourceForm) -> str:
    return exchange.add_source(WANG_MIN, source, NOW)


def test_a_mounted_resource_is_compiled_for_the_gateway(source_id: str) -> None:
    code = published()
    mount_id = exchange.mount_resource(WANG_MIN, mount_form(code, source_id), NOW)
    row = CompiledResourceRow.objects.get(pk=code)
    import msgspec

    from yiwang.blocks.exchange.domain.compiled import CompiledResource
    from yiwang.blocks.exchange.domain.sealing import open_password
    from yiwang.vocabulary.crypto import key_provider

    compiled = msgspec.json.decode(row.doc, type=CompiledResource)
    assert (row.state, compiled.key, compiled.schema, compiled.relation) == (
        "active",
        ("信用代码",),
        "数据",
        "企业 基本信息",
    )
    assert [(f.name, f.column, f.type, f.database_type) for f in compiled.fields][:2] == [
        ("信用代码", "统一社会信用代码", "text", "character(18)"), ("名称", "企业名称", "text", "character varying(200)"),
    ]  # fmt: skip
    assert (
        open_password(key_provider(), compiled.source.id, compiled.source.sealed_password) == "reads%20only"
    )
    assert exchange.mount(WANG_MIN, mount_id).paging
    with pytest.raises(errors.MountedAlready):
        exchange.mount_resource(WANG_MIN, mount_form(code, source_id), NOW)


def test_a_draft_is_mounted_and_compiled_once_it_is_published(source_id: str) -> None:
    from tests.store.exchange.cast import draft

    code = create_resource(WANG_MIN, draft(), NOW)
    exchange.mount_resource(WANG_MIN, mount_form(code, source_id), NOW)
    assert not CompiledResourceRow.objects.exists()
    exchange.publish_resource(WANG_MIN, code, NOW)
    assert CompiledResourceRow.objects.get(pk=code).state == "active"


def test_a_table_without_a_key_is_mounted_without_paging(source_id: str) -> None:
    code = published()
    form = replace(
        mount_form(code, source_id),
        schema="public",
        relation="select",
        columns=(ColumnMap("名称", "from", "text", ""),),
    )
    with pytest.raises(errors.FormInvalid) as caught:
        exchange.mount_resource(WANG_MIN, replace(form, key=("名称",)), NOW)
    assert "翻页" in caught.value.problems[0].zh
    mount_id = exchange.mount_resource(WANG_MIN, replace(form, key=()), NOW)
    assert not exchange.mount(WANG_MIN, mount_id).paging


def test_the_key_of_a_view_is_the_officers_word_and_is_checked(source_id: str) -> None:
    code = published()
    columns = (ColumnMap("信用代码", "dm", "text", ""),)
    form = replace(mount_form(code, source_id), schema="public", columns=columns)
    with pytest.raises(errors.FormInvalid):
        exchange.mount_resource(WANG_MIN, replace(form, relation="v_double"), NOW)
    mount_id = exchange.mount_resource(WANG_MIN, replace(form, relation="v企业"), NOW)
    assert exchange.mount(WANG_MIN, mount_id).key_declared
    assert exchange.check_mount(WANG_MIN, mount_id, NOW) == ()


def test_a_locked_table_is_slow_and_nothing_is_half_mounted(source: SourceForm, external: Server) -> None:
    code = published()
    number = exchange.add_source(WANG_MIN, replace(source, timeout_ms=300), NOW)
    with psycopg.connect(external.url("ext_market")) as owner:
        owner.execute('LOCK TABLE "数据"."企业 基本信息"')
        with pytest.raises(connector.DatabaseSlow):
            exchange.mount_resource(WANG_MIN, mount_form(code, number), NOW)
    assert exchange.mounts(WANG_MIN) == ()
    assert not CompiledResourceRow.objects.exists()


def test_others_resources_and_sources_cannot_be_mounted(source: SourceForm, source_id: str) -> None:
    code = published()
    theirs = exchange.add_source(ZHAO_JING, source, NOW)
    with pytest.raises(errors.NotAllowed):
        exchange.mount_resource(ZHAO_JING, mount_form(code, theirs), NOW)
    with pytest.raises(errors.SourceUnknown):
        exchange.mount_resource(WANG_MIN, mount_form(code, theirs), NOW)


@pytest.fixture
def changing(
    source_id: str, external: Server
) -> Iterator[tuple[str, str, psycopg.Connection[tuple[object, ...]]]]:
    """A mount on a table that a test may change; put back afterwards."""
    code = published()
    form = replace(
        mount_form(code, source_id), schema="public", relation="changing",
        columns=(ColumnMap("信用代码", "dm", "text", ""), ColumnMap("名称", "b", "text", ""), ColumnMap("资本", "a", "decimal", "")),
    )  # fmt: skip
    mount_id = exchange.mount_resource(WANG_MIN, form, NOW)
    with psycopg.connect(external.url("ext_market"), autocommit=True) as owner:
        yield code, mount_id, owner
        owner.execute(
            "DROP TABLE IF EXISTS changing; CREATE TABLE changing (dm text PRIMARY KEY, a integer, b text);"
            " GRANT SELECT ON changing TO ext_reader"
        )


def test_a_dropped_column_flags_the_mount_pauses_it_and_is_told(
    changing: tuple[str, str, psycopg.Connection[tuple[object, ...]]],
) -> None:
    code, mount_id, owner = changing
    assert exchange.check_mount(WANG_MIN, mount_id, NOW) == ()
    owner.execute("ALTER TABLE changing RENAME b TO b2; ALTER TABLE changing ALTER a TYPE text")
    found = exchange.check_mount(WANG_MIN, mount_id, NOW)
    assert [(d.kind, d.item, d.column, d.now) for d in found] == [
        ("dropped", "名称", "b", ""), ("retyped", "资本", "a", "text"),
    ]  # fmt: skip
    assert exchange.mount(WANG_MIN, mount_id).state == "drifted"
    assert CompiledResourceRow.objects.get(pk=code).state == "suspended"
    assert [n.kind for n in exchange.notices(WANG_MIN).rows] == ["mount-drifted"]
    exchange.check_mount(WANG_MIN, mount_id, NOW)
    assert Notice.objects.filter(kind="mount-drifted").count() == 1
    owner.execute("ALTER TABLE changing RENAME b2 TO b; ALTER TABLE changing ALTER a TYPE integer USING 1")
    assert exchange.check_mount(WANG_MIN, mount_id, NOW) == ()
    assert CompiledResourceRow.objects.get(pk=code).state == "active"


def test_the_last_change_of_a_table_is_seen_by_the_counters_of_its_server(
    changing: tuple[str, str, psycopg.Connection[tuple[object, ...]]],
) -> None:
    code, mount_id, owner = changing
    assert exchange.last_changes(WANG_MIN) == ({}, {})
    exchange.check_mount(WANG_MIN, mount_id, NOW)
    later = [NOW + timedelta(hours=hour) for hour in range(1, 5)]
    exchange.check_mount(WANG_MIN, mount_id, later[0])
    assert exchange.last_changes(WANG_MIN) == ({}, {code: NOW})
    owner.execute("INSERT INTO changing VALUES ('x', 1, 'y')")
    owner.execute("SELECT pg_stat_force_next_flush()")
    exchange.check_mount(WANG_MIN, mount_id, later[1])
    assert exchange.last_changes(WANG_MIN) == ({code: later[1]}, {})
    owner.execute("SELECT pg_stat_reset_single_table_counters('changing'::regclass)")
    exchange.check_mount(WANG_MIN, mount_id, later[2])
    exchange.check_mount(WANG_MIN, mount_id, later[3])
    assert exchange.last_changes(HE_QING) == ({code: later[1]}, {})
    assert exchange.last_changes(ZHAO_JING) == ({}, {})


def test_changes_of_a_view_are_those_of_its_tables_and_some_relations_do_not_tell(
    source_id: str, external: Server
) -> None:
    with psycopg.connect(external.url("ext_market"), autocommit=True) as owner:
        owner.execute(
            "CREATE TABLE told (a integer) PARTITION BY LIST (a);"
            " CREATE TABLE told_1 PARTITION OF told FOR VALUES IN (1);"
            " CREATE VIEW told_v AS SELECT a FROM (SELECT a FROM told) AS t;"
            " CREATE MATERIALIZED VIEW told_m AS SELECT a FROM told;"
            " INSERT INTO told VALUES (1), (1)"
        )
        try:
            owner.execute("SELECT pg_stat_force_next_flush()")
            with acting(WANG_MIN):
                row = Source.objects.get(pk=source_id)
            with opened_source(row) as database:
                found = [
                    database.writes("public", name) for name in ("told", "told_v", "told_m", "told_none")
                ]
            assert found == [2, 2, None, None]
        finally:
            owner.execute("DROP TABLE told CASCADE")


def test_a_lost_key_stops_paging_alone(
    changing: tuple[str, str, psycopg.Connection[tuple[object, ...]]],
) -> None:
    code, mount_id, owner = changing
    owner.execute("ALTER TABLE changing DROP CONSTRAINT changing_pkey")
    assert [d.kind for d in exchange.check_mount(WANG_MIN, mount_id, NOW)] == ["key-gone"]
    row = CompiledResourceRow.objects.get(pk=code)
    assert row.state == "active"
    assert '"key":[]' in row.doc


def test_a_dropped_table_is_seen_and_mapped_anew(
    changing: tuple[str, str, psycopg.Connection[tuple[object, ...]]], source_id: str
) -> None:
    code, mount_id, owner = changing
    owner.execute("DROP TABLE changing")
    assert [d.kind for d in exchange.check_mount(WANG_MIN, mount_id, NOW)] == ["relation-gone"]
    exchange.change_mount(WANG_MIN, mount_id, mount_form(code, source_id), NOW)
    assert CompiledResourceRow.objects.get(pk=code).state == "active"


def test_suspending_a_source_stops_its_services_and_resuming_starts_them(source_id: str) -> None:
    code = published()
    exchange.mount_resource(WANG_MIN, mount_form(code, source_id), NOW)
    exchange.suspend_source(OPERATOR, source_id, "检修", NOW)
    assert CompiledResourceRow.objects.get(pk=code).state == "suspended"
    assert exchange.resource_entry(ZHAO_JING, code, NOW).services[0].state == "suspended"
    exchange.resume_source(WANG_MIN, source_id, NOW)
    assert CompiledResourceRow.objects.get(pk=code).state == "active"


@pytest.mark.parametrize("encoding", ["EUC_CN", "SQL_ASCII"])
def test_databases_of_other_encodings(external: Server, source: SourceForm, encoding: str) -> None:
    name = f"ext_{encoding.lower()}"
    with psycopg.connect(external.admin, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name}")
        admin.execute(f"CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0")
    raw = "甲公司".encode("gb18030")
    with psycopg.connect(external.url(name), autocommit=True, client_encoding=encoding) as owner:
        owner.execute("CREATE TABLE qy (dm text PRIMARY KEY, mc text); GRANT SELECT ON qy TO ext_reader")
        owner.execute(b"INSERT INTO qy VALUES ('1', '" + raw + b"')")
    form = replace(source, name=name, database=name)
    number = exchange.add_source(WANG_MIN, form, NOW)
    code = published(f"企业 {encoding}")
    columns = (ColumnMap("信用代码", "dm", "text", ""), ColumnMap("名称", "mc", "text", ""))
    mount = replace(mount_form(code, number), schema="public", relation="qy", columns=columns)
    if encoding == "EUC_CN":
        exchange.mount_resource(WANG_MIN, mount, NOW)
        return
    assert exchange.source(WANG_MIN, number).warnings == ("encoding-undeclared",)
    with pytest.raises(connector.TextGarbled) as caught:
        exchange.mount_resource(WANG_MIN, mount, NOW)
    assert caught.value.facts["columns"] == ["mc"]
    exchange.mount_resource(WANG_MIN, replace(mount, columns=columns[:1]), NOW)


def test_every_mapped_column_is_told_apart() -> None:
    assert len({column.column for column in COLUMNS}) == len(COLUMNS)
