"""A scan of a source or file: ordered, run by the worker, stopped, broken off; its proposals become drafts; drift."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import msgspec
import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from tests.conftest import Server
from tests.store.catalogue.test_reviewing import HE_QING, NOW, WANG_MIN, ZHAO_JING
from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.domain import errors
from yiwang.blocks.exchange.store.rows import SYSTEM
from yiwang.blocks.exchange.store.scan_models import Scan, ScanTable, Survey
from yiwang.blocks.identity.public import NotAllowed, acting
from yiwang.dataplane.census.scan import scan

pytestmark = pytest.mark.django_db
ORDER = exchange.ScanOrder(rate=100)
TERMS = catalogue.EntryTerms("306001003", share_condition="作为行政依据")
NAMES = ("陈晨", "欧阳小明", "诸葛小红", "司徒建国")
IDS = ("11010519491231002X", "440524188001010014", "110101199003070011", "110101199003070054")


def residents(path: Path, extra: str = "") -> bytes:
    """A SQLite file with a table of residents and one of streets."""
    with closing(sqlite3.connect(path)) as made:
        made.executescript(
            "CREATE TABLE rk_jbxx (gmsfhm CHAR(18) PRIMARY KEY, xm VARCHAR(50) NOT NULL, xb CHAR(1), bz VARCHAR(100)"
            f"{extra});"
            "CREATE TABLE jd (jddm CHAR(9) PRIMARY KEY, jdmc VARCHAR(60));"
        )
        for number, (name, code) in enumerate(zip(NAMES, IDS, strict=True)):
            made.execute(
                "INSERT INTO rk_jbxx (gmsfhm, xm, xb, bz) VALUES (?, ?, ?, ?)",
                (code, name, str(number % 2 + 1), f"独特备注值{number}"),
            )
        made.execute("INSERT INTO jd VALUES ('290102001', '东街街道')")
        made.commit()
    return path.read_bytes()


def scanned(content: bytes, name: str = "户籍.db") -> str:
    number = exchange.scan_file(WANG_MIN, name, content, ORDER, timezone.now())
    assert exchange.run_scan(number) == "done"
    return number


def written(number: str) -> str:
    """Everything that is kept of a scan."""
    with acting(SYSTEM):
        scan = Scan.objects.get(pk=number)
        assert scan.content is None
        tables = list(scan.looked_at.values("proposal", "holdings", "choice"))
        return json.dumps([tables, scan.candidates, scan.remarks], ensure_ascii=False)


def test_a_file_is_scanned_and_no_value_of_it_is_kept(tmp_path: Path) -> None:
    number = scanned(residents(tmp_path / "a.db"))
    view = exchange.scan_view(WANG_MIN, number)
    assert (view.state, view.done, view.total) == ("done", 2, 2)
    people = next(one for one in view.tables if one.table.table.endswith("rk_jbxx"))
    assert {item.column for item in people.table.items if item.mark} >= {"gmsfhm", "xm"}
    kept = written(number)
    for value in (*NAMES, *IDS, "独特备注值"):
        assert value not in kept
    assert str(tmp_path) not in kept
    assert "yw-scan-" not in kept


def test_a_registered_source_is_scanned_with_its_sealed_password(source: exchange.SourceForm) -> None:
    sid = exchange.add_source(WANG_MIN, source, timezone.now())
    number = exchange.scan_source(WANG_MIN, sid, ORDER, timezone.now())
    with pytest.raises(errors.ScanRunning):
        exchange.scan_source(WANG_MIN, sid, ORDER, timezone.now())
    assert exchange.run_scan(number) == "done"
    assert exchange.run_scan(number) == ""
    assert "13812345678" not in written(number)
    assert source.password not in written(number)


def test_only_some_tables_are_looked_at_where_the_officer_says_so(source: exchange.SourceForm) -> None:
    sid = exchange.add_source(WANG_MIN, source, timezone.now())
    order = exchange.ScanOrder(tables=("residents",), rate=100)
    number = exchange.scan_source(WANG_MIN, sid, order, timezone.now())
    exchange.run_scan(number)
    assert [one.table.table for one in exchange.scan_view(WANG_MIN, number).tables] == ["public.residents"]


def test_an_outsider_neither_scans_nor_sees(source: exchange.SourceForm, tmp_path: Path) -> None:
    sid = exchange.add_source(WANG_MIN, source, timezone.now())
    number = scanned(residents(tmp_path / "a.db"))
    with pytest.raises(errors.SourceUnknown):
        exchange.scan_source(ZHAO_JING, sid, ORDER, timezone.now())
    for see in (exchange.scan_view, exchange.scan_row, exchange.scan_draft):
        with pytest.raises(errors.ScanUnknown):
            see(ZHAO_JING, number)
    with pytest.raises(errors.ScanUnknown):
        exchange.scan_table(ZHAO_JING, number, 0)
    with pytest.raises(errors.ScanUnknown):
        exchange.cancel_scan(ZHAO_JING, number, timezone.now())
    with pytest.raises(errors.ScanUnknown):
        exchange.draft_entries(ZHAO_JING, number, [0], TERMS, timezone.now())
    assert exchange.scans(ZHAO_JING) == ()
    with pytest.raises(NotAllowed):
        exchange.held_by_several(ZHAO_JING)


@pytest.mark.parametrize(
    ("name", "content"), [("a.exe", b"x"), ("a.csv", b""), ("../../etc/passwd", b"x"), ("a.xlsm", b"x")]
)
def test_a_file_of_another_kind_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(errors.ScanFileWrong):
        exchange.scan_file(WANG_MIN, name, content, ORDER, NOW)


def test_a_broken_file_ends_as_failed_with_words_and_its_bytes_are_gone() -> None:
    number = exchange.scan_file(WANG_MIN, "a.parquet", b"no parquet", ORDER, timezone.now())
    assert exchange.run_scan(number) == "failed"
    row = exchange.scan_row(WANG_MIN, number)
    assert row.problem_zh
    assert row.mend_zh
    with acting(SYSTEM):
        assert Scan.objects.get(pk=number).content is None


def test_a_scan_that_waits_is_stopped_at_once_and_one_that_runs_before_its_next_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = residents(tmp_path / "a.db")
    first = exchange.scan_file(WANG_MIN, "a.db", content, ORDER, timezone.now())
    exchange.cancel_scan(WANG_MIN, first, timezone.now())
    assert exchange.scan_row(WANG_MIN, first).state == "cancelled"
    assert exchange.run_scan(first) == ""
    second = exchange.scan_file(WANG_MIN, "a.db", content, ORDER, timezone.now())
    real = scan

    def stopped_meanwhile(*args: object, **kwargs: object) -> object:
        exchange.cancel_scan(WANG_MIN, second, timezone.now())
        return real(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr("yiwang.blocks.exchange.actions.scanning.scan", stopped_meanwhile)
    assert exchange.run_scan(second) == "cancelled"
    with acting(SYSTEM):
        assert not ScanTable.objects.filter(scan=second).exists()


def test_a_scan_that_lost_its_worker_begins_again_and_fails_after_the_third_time(tmp_path: Path) -> None:
    number = exchange.scan_file(WANG_MIN, "a.db", residents(tmp_path / "a.db"), ORDER, timezone.now())
    silent = timezone.now() - timedelta(minutes=10)
    with acting(SYSTEM):
        Scan.objects.filter(pk=number).update(state="running", beat_at=silent, attempts=1)
    assert exchange.waiting_scans(timezone.now()) == (number,)
    assert exchange.run_scan(number) == "done"
    again = exchange.scan_file(WANG_MIN, "a.db", residents(tmp_path / "b.db"), ORDER, timezone.now())
    with acting(SYSTEM):
        Scan.objects.filter(pk=again).update(state="running", beat_at=silent, attempts=3)
    assert exchange.waiting_scans(timezone.now()) == ()
    assert exchange.scan_row(WANG_MIN, again).problem == "scan-interrupted"


def test_a_running_scan_is_not_taken_by_a_second_worker(tmp_path: Path) -> None:
    number = exchange.scan_file(WANG_MIN, "a.db", residents(tmp_path / "a.db"), ORDER, timezone.now())
    with acting(SYSTEM):
        Scan.objects.filter(pk=number).update(state="running", beat_at=timezone.now(), attempts=1)
    assert exchange.run_scan(number) == ""


def position(number: str, table: str) -> int:
    tables = exchange.scan_view(WANG_MIN, number).tables
    return next(one.position for one in tables if one.table.table.endswith(table))


def test_proposals_become_drafts_as_the_officer_corrected_them(tmp_path: Path) -> None:
    number = scanned(residents(tmp_path / "a.db"))
    at = position(number, "rk_jbxx")
    choice = catalogue.TableChoice(
        title="户籍人口信息",
        columns={
            "bz": catalogue.ColumnChoice(skip=True),
            "xm": catalogue.ColumnChoice(title="姓名全称", grade="sensitive", level="3"),
        },
    )
    exchange.choose(WANG_MIN, number, {at: choice})
    (code,) = exchange.draft_entries(WANG_MIN, number, [at], TERMS, timezone.now())
    draft = catalogue.draft(WANG_MIN, code)
    assert draft.title == "户籍人口信息"
    assert [item.wire for item in draft.items] == ["gmsfhm", "xm", "xb"]
    key, name = draft.items[:2]
    assert (key.subject, key.check, key.mask, key.grade) == (
        "person",
        "resident_id",
        "id_number",
        "sensitive",
    )
    assert (name.title, name.grade, name.level, name.mask) == ("姓名全称", "sensitive", "3", "hidden")
    with pytest.raises(errors.NothingChosen):
        exchange.draft_entries(WANG_MIN, number, [at], TERMS, timezone.now())


def test_drafts_are_made_of_all_chosen_tables_or_of_none(tmp_path: Path) -> None:
    number = scanned(residents(tmp_path / "a.db"))
    first, second = position(number, "rk_jbxx"), position(number, "jd")
    same = catalogue.TableChoice(title="同一个名称")
    exchange.choose(WANG_MIN, number, {first: same, second: same})
    with pytest.raises(errors.EntriesInvalid):
        exchange.draft_entries(WANG_MIN, number, [first, second], TERMS, timezone.now())
    assert catalogue.search_resources(WANG_MIN, mine=True, state="").total == 0
    no_condition = replace(TERMS, share_condition="")
    with pytest.raises(errors.EntriesInvalid, match="conditions and scope"):
        exchange.draft_entries(WANG_MIN, number, [second], no_condition, timezone.now())


def published(number: str) -> str:
    (code,) = exchange.draft_entries(WANG_MIN, number, [position(number, "rk_jbxx")], TERMS, timezone.now())
    exchange.publish_resource(WANG_MIN, code, timezone.now())
    return code


def told_of_drift() -> int:
    return [one.kind for one in exchange.notices(WANG_MIN).rows].count("entry-drifted")


def test_a_second_scan_finds_drift_tells_the_officer_and_one_step_drafts_the_revision(tmp_path: Path) -> None:
    code = published(scanned(residents(tmp_path / "a.db")))
    scanned(residents(tmp_path / "b.db"))
    assert exchange.surveys(WANG_MIN, drifted=True) == ()
    residents(tmp_path / "c.db", ", lxdh VARCHAR(20)")
    with closing(sqlite3.connect(tmp_path / "c.db")) as made:
        made.execute("ALTER TABLE rk_jbxx DROP COLUMN bz")
        made.commit()
    changed = (tmp_path / "c.db").read_bytes()
    scanned(changed)
    (found,) = exchange.surveys(WANG_MIN, drifted=True)
    assert {(one.kind, one.column) for one in found.drift} == {("column-gone", "bz"), ("column-new", "lxdh")}
    assert told_of_drift() == 1
    scanned(changed)
    assert told_of_drift() == 1
    with pytest.raises(errors.DriftUnknown):
        exchange.follow_drift(ZHAO_JING, code, timezone.now())
    exchange.follow_drift(WANG_MIN, code, timezone.now())
    assert [item.wire for item in catalogue.draft(WANG_MIN, code).items] == ["gmsfhm", "xm", "xb", "lxdh"]
    assert len(catalogue.resource(WANG_MIN, code).items) == 4
    assert exchange.surveys(WANG_MIN, drifted=True) == ()
    exchange.publish_resource(WANG_MIN, code, timezone.now())
    scanned(changed)
    assert exchange.surveys(WANG_MIN, drifted=True) == ()


def test_drift_that_the_officer_accepts_does_not_come_back(tmp_path: Path) -> None:
    code = published(scanned(residents(tmp_path / "a.db")))
    changed = residents(tmp_path / "c.db", ", lxdh VARCHAR(20)")
    scanned(changed)
    exchange.accept_drift(WANG_MIN, code)
    with pytest.raises(errors.DriftUnknown):
        exchange.accept_drift(WANG_MIN, code)
    scanned(changed)
    assert exchange.surveys(WANG_MIN, drifted=True) == ()
    assert len(catalogue.draft(WANG_MIN, code).items) == 4


def test_a_connected_table_is_known_by_its_mount(source: exchange.SourceForm, external: Server) -> None:
    sid = exchange.add_source(WANG_MIN, source, timezone.now())
    draft = replace(
        exchange.propose_resource(WANG_MIN, sid, "public", "changing", timezone.now()),
        title="变化中的表", summary="测试", classification="306001003", share_condition="作为行政依据",
    )  # fmt: skip
    code = catalogue.create_resource(WANG_MIN, draft, timezone.now())
    columns = (
        exchange.ColumnMap("dm", "dm", "text", "text"), exchange.ColumnMap("a", "a", "integer", "integer"),
        exchange.ColumnMap("b", "b", "text", "text"),
    )  # fmt: skip
    exchange.mount_resource(
        WANG_MIN, exchange.MountForm(code, sid, "public", "changing", columns, ("dm",)), timezone.now()
    )
    exchange.publish_resource(WANG_MIN, code, timezone.now())
    exchange.run_scan(exchange.scan_source(WANG_MIN, sid, ORDER, timezone.now()))
    with acting(SYSTEM):
        assert Survey.objects.get(resource=code).table == "public.changing"
    assert exchange.surveys(WANG_MIN, drifted=True) == ()
    owner = external.url("ext_market")
    with psycopg.connect(owner, autocommit=True) as made:
        made.execute("ALTER TABLE changing ADD COLUMN c date")
    try:
        exchange.run_scan(exchange.scan_source(WANG_MIN, sid, ORDER, timezone.now()))
    finally:
        with psycopg.connect(owner, autocommit=True) as made:
            made.execute("ALTER TABLE changing DROP COLUMN c")
    (found,) = exchange.surveys(WANG_MIN, drifted=True)
    assert [one.column for one in found.drift] == ["c"]


def test_the_bureau_sees_which_data_several_departments_hold(tmp_path: Path) -> None:
    scanned(residents(tmp_path / "a.db"))
    assert exchange.held_by_several(HE_QING) == ()
    other = exchange.scan_file(ZHAO_JING, "低保.db", residents(tmp_path / "b.db"), ORDER, timezone.now())
    with acting(SYSTEM):
        Scan.objects.filter(pk=other).update(agency_name="市民政局")
    exchange.run_scan(other)
    found = exchange.held_by_several(HE_QING)
    assert "公民身份号码" in {one.datum for one in found}
    kept = msgspec.json.encode(found).decode()
    assert not any(value in kept for value in (*NAMES, *IDS))


def test_a_page_of_many_tables_reads_its_own_proposals_alone(tmp_path: Path) -> None:
    path = tmp_path / "many.db"
    with closing(sqlite3.connect(path)) as made:
        for at in range(12):
            made.execute(f"CREATE TABLE t{at:02d} (xm VARCHAR(50), bz TEXT)")
            made.executemany(
                f"INSERT INTO t{at:02d} VALUES (?, ?)", [(name, "中文".encode("gb18030")) for name in NAMES]
            )
        made.commit()
    number = scanned(path.read_bytes(), "many.db")
    view = exchange.scan_page(WANG_MIN, number, page=2, per_page=5)
    assert [one.table.table for one in view.shown] == [f"t{at:02d}" for at in range(5, 10)]
    assert (view.tables, view.columns, view.marked, view.found, view.pages, view.open) == (
        12,
        24,
        12,
        12,
        3,
        12,
    )
    exchange.skip_tables(WANG_MIN, number, [0], skip=True)
    found = exchange.scan_page(WANG_MIN, number, text="T00")
    assert ([one.position for one in found.shown], found.found, found.open, found.tables) == ([0], 1, 11, 12)
    assert exchange.scan_page(WANG_MIN, number, page=99, per_page=5).page == 3
    with pytest.raises(errors.ScanUnknown):
        exchange.scan_page(ZHAO_JING, number)


def test_proposals_kept_before_get_the_numbers_that_a_scan_gives(tmp_path: Path) -> None:
    fill = import_module("yiwang.blocks.exchange.store.migrations.0008_scan_facts").FILL
    number = scanned(residents(tmp_path / "a.db"))
    with acting(SYSTEM), connection.cursor() as cursor:
        before = list(ScanTable.objects.values_list("title", "columns", "marked", "lists"))
        ScanTable.objects.update(title="", columns=0, marked=0, lists=0)
        cursor.execute(fill)
        assert list(ScanTable.objects.values_list("title", "columns", "marked", "lists")) == before
    assert exchange.scan_page(WANG_MIN, number).columns == sum(columns for _, columns, _, _ in before)
