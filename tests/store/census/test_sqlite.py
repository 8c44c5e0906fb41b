"""SQLite files under census."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.store.census.conftest import NOW
from yiwang.dataplane.census import scan as scanning
from yiwang.dataplane.census.draft import Resource
from yiwang.dataplane.census.errors import FileBroken, FileMissing
from yiwang.dataplane.census.look import Seen
from yiwang.dataplane.census.opening import Place, opened, places
from yiwang.dataplane.census.references import references_of
from yiwang.dataplane.census.scan import scan
from yiwang.dataplane.census.source import Limits, Text


def made(folder: Path, script: str) -> Path:
    path = folder / "档案 一.db"
    with sqlite3.connect(path) as held:
        held.executescript(script)
    held.close()
    return path


def looked(path: Path, limits: Limits | None = None) -> dict[str, Resource]:
    draft = scan(places([str(path)]), limits or Limits(statements=1e4), NOW)
    return {resource.table: resource for resource in draft.resources}


NUMBERS = "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {}) "


def test_types_keys_and_foreign_keys_are_read(tmp_path: Path) -> None:
    path = made(
        tmp_path,
        "CREATE TABLE unit (code VARCHAR(6) PRIMARY KEY, name TEXT);"
        "CREATE TABLE staff (id INTEGER PRIMARY KEY, unit_code VARCHAR(6) REFERENCES unit(code), mobile CHAR(11) UNIQUE,"
        " birthday DATE, wage DECIMAL(10,2), photo BLOB);"
        + NUMBERS.format(40) + "INSERT INTO unit SELECT printf('%06d', n), '第' || n || '科' FROM s;"
        + NUMBERS.format(300) + "INSERT INTO staff SELECT n, printf('%06d', 1 + n % 40), 13900000000 + n * 977, '1990-01-01',"
        " n * 1.5, x'ff' FROM s;",
    )  # fmt: skip
    tables = looked(path)
    staff = {item.column: item for item in tables["staff"].items}
    assert staff["id"].key
    assert staff["mobile"].unique
    assert staff["unit_code"].references == "unit.code"
    assert [staff[c].letter for c in ("id", "unit_code", "birthday", "wage", "photo")] == [
        "I",
        "C",
        "D",
        "N",
        "G",
    ]
    assert staff["mobile"].mark is not None
    assert staff["birthday"].mark is not None


def test_a_view_that_never_ends_is_stopped_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = made(
        tmp_path,
        "CREATE TABLE t (mc TEXT); INSERT INTO t VALUES ('一');"
        "CREATE VIEW endless AS WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s) SELECT max(n) AS sl FROM s;",
    )
    tables = looked(path, Limits(statements=1e4, timeout_ms=200))
    assert tables["endless"].remarks[0].code == "census-table-unreadable"
    assert tables["t"].rows == 1


def test_the_file_is_never_written(tmp_path: Path) -> None:
    path = made(tmp_path, "CREATE TABLE t (mc TEXT); INSERT INTO t VALUES ('一');")
    before = path.read_bytes()
    path.chmod(0o444)
    looked(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == [path.name], "no journal beside it"
    with opened(Place(str(path)), Limits()) as source, pytest.raises(Exception, match="broken"):
        source._fetch("DELETE FROM t", ())  # type: ignore[attr-defined]


def test_what_is_no_database_is_told_so(tmp_path: Path) -> None:
    fake = tmp_path / "x.db"
    fake.write_bytes(b"not a database at all")
    with pytest.raises(FileBroken):
        looked(fake)
    with pytest.raises(FileMissing):
        looked(tmp_path / "none.db")
    with pytest.raises(FileMissing):
        scan(places([f"sqlite:{tmp_path}/none.sqlite"]), Limits(), NOW)


def test_a_damaged_file_is_told_so_and_not_half_described(tmp_path: Path) -> None:
    path = made(
        tmp_path,
        "CREATE TABLE t (mc TEXT);" + NUMBERS.format(5000) + "INSERT INTO t SELECT '值' || n FROM s;",
    )
    data = bytearray(path.read_bytes())
    data[4096:20000] = b"\xff" * (20000 - 4096)
    path.write_bytes(bytes(data))
    tables = looked(path)
    assert tables["t"].remarks or tables["t"].rows >= 0


def test_rows_of_a_big_table_come_from_all_over_it(tmp_path: Path) -> None:
    path = made(
        tmp_path, "CREATE TABLE t (lsh INTEGER PRIMARY KEY, zt TEXT);" + NUMBERS.format(30000)
        + "INSERT INTO t SELECT n, CASE WHEN n > 15000 THEN '后' ELSE '前' END FROM s;",
    )  # fmt: skip
    for exact in (100_000, 1_000):
        table = looked(path, Limits(rows=100, exact_rows=exact, statements=1e4))["t"]
        listed = table.items[1].code_list
        assert listed is not None
        assert {entry.code for entry in listed.entries} == {"前", "后"}


def test_a_database_of_very_many_tables_is_told_table_by_table_and_holds_few_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = 80
    path = made(
        tmp_path,
        "".join(
            f"CREATE TABLE t_{n} (t_{n}_id INTEGER PRIMARY KEY, t_{max(0, n - 1)}_id INTEGER, c1 TEXT, mobile TEXT);"
            + NUMBERS.format(20) + f"INSERT INTO t_{n} SELECT n, n, 'x' || n, 13900000000 + n * 977 FROM s;"
            for n in range(1, tables + 1)
        ),
    )  # fmt: skip
    whole = looked(path)
    held: list[int] = []
    told: list[tuple[str, int, int]] = []

    def kept(seen: Sequence[Seen]) -> dict[str, dict[str, tuple[str, Text]]]:
        held.append(sum(one.values for one in seen))
        assert all(not one.sample.rows for one in seen)
        return references_of(seen)

    monkeypatch.setattr(scanning, "MOST_VALUES", 1000)
    monkeypatch.setattr(scanning, "references_of", kept)
    draft = scan(places([str(path)]), Limits(statements=1e4), NOW, progress=lambda *at: told.append(at))
    assert [done for _, done, _ in told] == list(range(tables + 1))
    assert held[0] < 1000 + tables * 4 * scanning.FEW_VALUES + 100
    assert {resource.table: resource for resource in draft.resources}.keys() == whole.keys()
    for resource in draft.resources:
        assert [(i.title, i.letter, i.level, i.samples) for i in resource.items] == [
            (i.title, i.letter, i.level, i.samples) for i in whole[resource.table].items
        ]
    last = {item.column: item for item in draft.resources[-1].items}
    assert any(item.references for item in last.values()) == any(
        item.references for item in whole[draft.resources[-1].table].items
    )
