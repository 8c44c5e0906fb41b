"""A PostgreSQL database under census."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import psycopg
import pytest

from tests.conftest import Server
from tests.store.census.conftest import NOW, READER, SECRET
from tests.unit.census.answers import faults
from yiwang.dataplane.census.draft import Draft, Item, Resource
from yiwang.dataplane.census.errors import AddressUnknown, NothingThere
from yiwang.dataplane.census.opening import Place, opened, places
from yiwang.dataplane.census.scan import scan
from yiwang.dataplane.census.source import Limits
from yiwang.dataplane.census.workbook import write_workbook
from yiwang.dataplane.connectors import errors as connector


def resource(draft: Draft, table: str) -> Resource:
    return next(r for r in draft.resources if r.table == table)


def item(draft: Draft, table: str, column: str) -> Item:
    return next(i for i in resource(draft, table).items if i.column == column)


@pytest.fixture(scope="module")
def draft(pg_server: Server, demo_database: str) -> Draft:
    return scan(places([pg_server.url(demo_database, READER, SECRET)]), Limits(statements=1e4), NOW)


def test_the_demo_sources_are_described_as_an_officer_would(draft: Draft) -> None:
    count, wrong = faults(draft, "demo_sources.csv")
    assert len(wrong) <= count // 10, wrong


def test_the_credit_code_is_the_key_and_the_legal_representative_is_personal(draft: Draft) -> None:
    assert item(draft, "scjg.qy_jbxx", "tyshxydm").key
    mark = item(draft, "scjg.qy_jbxx", "fddbr").mark
    assert mark is not None
    assert mark.kind == "person_name"
    assert len(mark.reasons) == 2, "both the name and the values speak for it"


def test_codes_get_their_names_from_the_column_beside_them(draft: Draft) -> None:
    listed = item(draft, "scjg.qy_jbxx", "jyzt").code_list
    assert listed is not None
    assert listed.names_from == "jyztmc"
    assert {(entry.code, entry.name) for entry in listed.entries} >= {("1", "存续"), ("4", "注销")}
    assert all(entry.rows for entry in listed.entries)


def test_of_a_personal_column_only_the_standards_own_entries_are_shown(draft: Draft) -> None:
    listed = item(draft, "hj.rk_jbxx", "mz").code_list
    assert listed is not None
    assert listed.standard == "GB/T 3304-1991"
    assert all(entry.rows == 0 for entry in listed.entries), "counts would tell how many people have it"


def test_a_comment_that_lists_codes_names_them(pg_server: Server, demo_database: str) -> None:
    with psycopg.connect(pg_server.url(demo_database), autocommit=True) as held:
        held.execute("CREATE TABLE scjg.zs (id int PRIMARY KEY, zslx char(1) NOT NULL)")
        held.execute("COMMENT ON COLUMN scjg.zs.zslx IS '证书类型：1 正本，2 副本'")
        held.execute("INSERT INTO scjg.zs SELECT n, 1 + n % 2 FROM generate_series(1, 60) n")
        found = scan([Place(pg_server.url(demo_database))], Limits(statements=1e4, include=("scjg.zs",)), NOW)
        held.execute("DROP TABLE scjg.zs")
    listed = item(found, "scjg.zs", "zslx")
    assert listed.title == "证书类型"
    assert listed.code_list is not None
    assert [(e.code, e.name) for e in listed.code_list.entries] == [("1", "正本"), ("2", "副本")]


def test_big_tables_are_sampled_and_never_scanned(pg_server: Server, demo_database: str) -> None:
    with psycopg.connect(pg_server.url(demo_database), autocommit=True) as held:
        held.execute("CREATE TABLE scjg.big AS SELECT n AS lsh, 'x' || n % 7 AS zt, now()::date - n % 300 AS gxrq"
                     " FROM generate_series(1, 60000) n")  # fmt: skip
        held.execute("ANALYZE scjg.big")
        limits = Limits(rows=200, exact_rows=10_000, statements=1e4, include=("scjg.big",))
        found = resource(scan([Place(pg_server.url(demo_database))], limits, NOW), "scjg.big")
        read = held.execute("SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'big'").fetchone()
        held.execute("DROP TABLE scjg.big")
    assert not found.rows_exact
    assert found.rows == pytest.approx(60_000, rel=0.05)
    assert found.key == ("lsh",)
    assert found.items[0].key_reason is not None
    assert "样本" in found.items[0].key_reason.zh
    assert found.items[1].code_list is not None
    assert read is not None
    assert read[0] < 20_000


def test_foreign_keys_are_found_declared_and_by_name_and_inclusion(
    pg_server: Server, demo_database: str
) -> None:
    with psycopg.connect(pg_server.url(demo_database), autocommit=True) as held:
        held.execute(
            "CREATE TABLE scjg.xzcf (cfjdswh text PRIMARY KEY, tyshxydm char(18), fkje numeric(12,2));"
            "INSERT INTO scjg.xzcf SELECT '罚' || row_number() OVER (), tyshxydm, 100 FROM scjg.qy_jbxx LIMIT 300;"
            "CREATE TABLE scjg.cfmx (id int PRIMARY KEY, cfjdswh text REFERENCES scjg.xzcf);"
            "INSERT INTO scjg.cfmx SELECT row_number() OVER (), cfjdswh FROM scjg.xzcf; ANALYZE"
        )
        found = scan([Place(pg_server.url(demo_database))], Limits(statements=1e4, include=("scjg.*",)), NOW)
        held.execute("DROP TABLE scjg.cfmx, scjg.xzcf")
    assert item(found, "scjg.cfmx", "cfjdswh").references == "scjg.xzcf.cfjdswh"
    guessed = item(found, "scjg.xzcf", "tyshxydm")
    assert guessed.references == "scjg.qy_jbxx.tyshxydm"
    assert guessed.references_reason is not None
    assert "100%" in guessed.references_reason.en


def test_no_personal_value_is_in_any_output(
    pg_server: Server, demo_database: str, draft: Draft, tmp_path: Path
) -> None:
    write_workbook(draft, tmp_path / "d.xlsx")
    import openpyxl

    book = openpyxl.load_workbook(tmp_path / "d.xlsx")
    cells = {
        str(cell)
        for sheet in book
        for row in sheet.iter_rows(values_only=True)
        for cell in row
        if cell is not None
    }
    text = msgspec.json.encode(draft).decode() + "\n".join(cells)
    with psycopg.connect(pg_server.url(demo_database)) as held:
        rows = held.execute("SELECT gmsfhm, xm, hjdz, lxdh, hh, csrq::text FROM hj.rk_jbxx").fetchall()
        rows += held.execute("SELECT fddbr, lxdh, fddbr, lxdh, fddbr, lxdh FROM scjg.qy_jbxx").fetchall()
    leaked = [value for row in rows for value in row if value in text]
    assert leaked == []


def test_the_session_cannot_write(pg_server: Server, demo_database: str) -> None:
    with opened(Place(pg_server.url(demo_database)), Limits()) as source:
        database = source._database  # type: ignore[attr-defined]
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            database.read("CREATE TABLE scjg.mine (a int)")


def test_a_table_without_rights_is_described_and_the_rest_goes_on(
    pg_server: Server, demo_database: str
) -> None:
    with psycopg.connect(pg_server.url(demo_database), autocommit=True) as held:
        held.execute(
            "CREATE VIEW hj.slow AS SELECT pg_sleep(5)::text AS xm; GRANT SELECT ON hj.slow TO census_reader"
        )
        limits = Limits(statements=1e4, timeout_ms=300, include=("hj.*",))
        found = scan([Place(pg_server.url(demo_database, READER, SECRET))], limits, NOW)
        held.execute("DROP VIEW hj.slow")
    assert {r.table for r in found.resources} == {"hj.rk_jbxx", "hj.slow"}
    slow = resource(found, "hj.slow")
    assert [remark.code for remark in slow.remarks] == ["census-table-unreadable"]
    assert slow.items[0].title == "姓名", "the structure is described all the same"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ((r"reads-only", "wrong"), connector.LoginRefused),
        ((r"/census_\d+$", "/no_such_database"), connector.DatabaseMissing),
        ((r"(?<=@)127\.0\.0\.1:\d+", "127.0.0.1:99999"), AddressUnknown),
        ((r"(?<=@)127\.0\.0\.1:\d+", "127.0.0.1:1"), connector.DatabaseUnreachable),
    ],
)
def test_an_address_that_does_not_work_is_told_by_name(
    reader_url: str, change: tuple[str, str], error: type[Exception]
) -> None:
    with pytest.raises(error) as caught:
        scan(places([re.sub(*change, reader_url)]), Limits(), NOW)
    assert SECRET not in str(caught.value)


def test_a_role_that_may_read_nothing_is_told_so(pg_server: Server, reader_url: str) -> None:
    with pytest.raises(NothingThere):
        scan(places([reader_url]), Limits(include=("nothing.*",)), NOW)


def test_text_of_an_undeclared_encoding_is_read_or_left_out(pg_server: Server) -> None:
    with psycopg.connect(pg_server.admin, autocommit=True) as admin:
        admin.execute(
            "CREATE DATABASE census_ascii ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
        )
        try:
            with psycopg.connect(
                pg_server.url("census_ascii"), autocommit=True, client_encoding="SQL_ASCII"
            ) as held:
                held.execute(b"CREATE TABLE t (mc text, xm bytea)")
                for encoding in ("utf-8", "gb18030"):
                    held.execute(b"INSERT INTO t (mc) VALUES ('" + "兰州新区".encode(encoding) + b"')")
                held.execute(b"INSERT INTO t (mc) VALUES (E'\\xff\\xfe')")
            found = scan([Place(pg_server.url("census_ascii"))], Limits(statements=1e4), NOW)
        finally:
            admin.execute("DROP DATABASE census_ascii WITH (FORCE)")
    assert found.resources[0].items[0].samples == ("〇〇〇〇",)
    assert [remark.code for remark in found.remarks] == ["mixed-encodings"]


def test_the_draft_survives_json(draft: Draft) -> None:
    assert msgspec.json.decode(msgspec.json.encode(draft), type=Draft) == draft
    assert json.loads(msgspec.json.encode(draft))["format"] == "yiwang-census/1"
