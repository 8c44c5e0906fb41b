"""Files as sources and targets: through a SQLite database and back, and what is wrong with a file stops it whole."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from pathlib import Path

import pytest

from yiwang.dataplane.connectors.places import Reach, place_of
from yiwang.dataplane.transfer import errors
from yiwang.dataplane.transfer.files.writing import manifest_of
from yiwang.dataplane.transfer.keeping import JobFolder
from yiwang.dataplane.transfer.planning import Order
from yiwang.dataplane.transfer.report import Report
from yiwang.dataplane.transfer.running import copy

TABLE = """
CREATE TABLE t (code VARCHAR(10) PRIMARY KEY, xm VARCHAR(20), n INTEGER, amount "DECIMAL TEXT(12,2)", born "DATE TEXT",
  ok BOOLEAN, geometry "JSON TEXT");
"""
POINT = '{"coordinates":[103.8,36.06],"type":"Point"}'
ROWS = [
    ("02", "周航", -5, "99999999.25", "1899-12-31", 1, POINT), ("01", "王敏,\"引号\"", 10**12, "0.1", "2026-11-28", 0, None),
    ("王", "=1+1", None, None, None, None, POINT),
]  # fmt: skip


def run(folder: Path, source: str | Path, target: str | Path, **words: object) -> Report:
    reach = Reach()
    order = Order("job", "t", "t", **words)  # type: ignore[arg-type]
    return copy(
        place_of(str(source), reach),
        place_of(str(target), reach),
        order,
        JobFolder(folder / "jobs", "job"),
        lambda _: None,
    )


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "t.db"
    held = sqlite3.connect(path)
    held.executescript(TABLE)
    held.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?)", ROWS)
    held.commit()
    held.close()
    return path


def rows(path: Path) -> list[tuple[object, ...]]:
    held = sqlite3.connect(path)
    try:
        return held.execute("SELECT * FROM t ORDER BY code").fetchall()
    finally:
        held.close()


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "parquet", "geojson", "dbf"])
def test_a_table_goes_into_a_file_and_back(database: Path, tmp_path: Path, suffix: str) -> None:
    if suffix == "dbf":
        held = sqlite3.connect(database)
        held.execute("ALTER TABLE t DROP COLUMN geometry")
        held.commit()
        held.close()
    file = tmp_path / f"out.{suffix}"
    there = run(tmp_path, database, file, chunk_rows=2)
    assert there.proven
    manifest = json.loads(manifest_of(file).read_text())
    assert (manifest["rows"], manifest["file"]) == (3, file.name)
    again = tmp_path / "again.db"
    held = sqlite3.connect(again)
    held.executescript(TABLE if suffix != "dbf" else TABLE.replace(', geometry "JSON TEXT"', ""))
    held.close()
    back = run(tmp_path / "back", file, f"sqlite:{again}", key=("code",))
    assert back.proven
    assert back.rows.quarantined == 0
    assert rows(again) == rows(database)


def test_the_old_file_stands_until_the_new_one_is_whole(database: Path, tmp_path: Path) -> None:
    file = tmp_path / "out.geojson"
    file.write_text("old")
    held = sqlite3.connect(database)
    held.execute("ALTER TABLE t DROP COLUMN geometry")
    held.commit()
    held.close()
    with pytest.raises(errors.TransferFileUnfit):
        run(tmp_path, database, file)
    assert file.read_text() == "old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["jobs", "out.geojson", "t.db"]


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "parquet", "geojson", "dbf"])
def test_a_file_that_is_cut_off_moves_nothing(database: Path, tmp_path: Path, suffix: str) -> None:
    held = sqlite3.connect(database)
    if suffix == "dbf":
        held.execute("ALTER TABLE t DROP COLUMN geometry")
    held.commit()
    held.close()
    file, target = tmp_path / f"out.{suffix}", tmp_path / "target.db"
    run(tmp_path, database, file)
    manifest_of(file).unlink()  # a provider who writes none
    file.write_bytes(file.read_bytes()[: -max(20, file.stat().st_size // 3)])
    with pytest.raises(errors.TransferFileBroken):
        run(tmp_path / "second", file, f"sqlite:{target}", key=("code",))
    held = sqlite3.connect(target)
    assert held.execute("SELECT count(*) FROM sqlite_master WHERE name = 't'").fetchone() == (0,)
    held.close()


def test_a_file_that_is_not_what_its_manifest_says_is_refused(database: Path, tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    run(tmp_path, database, file)
    file.write_text(file.read_text().replace("周航", "周行"))
    with pytest.raises(errors.TransferSourceMoved):
        run(tmp_path / "second", file, f"sqlite:{tmp_path / 'x.db'}", key=("code",))


def test_a_gbk_file_reads_as_well_and_a_key_that_repeats_is_told(tmp_path: Path) -> None:
    file = tmp_path / "gbk.csv"
    file.write_bytes("code,姓名\n1,王敏\n2,周航\n".encode("gbk"))
    assert run(tmp_path, file, tmp_path / "out.parquet", key=("code",)).proven
    file.write_bytes("code,姓名\n1,王敏\n1,周航\n".encode("gbk"))
    with pytest.raises(errors.TransferKeyUnfit):
        run(tmp_path / "b", file, tmp_path / "other.parquet", key=("code",))


def test_a_second_copy_into_a_file_brings_it_up_to_date(database: Path, tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    run(tmp_path, database, file)
    held = sqlite3.connect(database)
    held.execute("DELETE FROM t WHERE code = '02'")
    held.commit()
    held.close()
    report = run(tmp_path, database, file)
    assert (report.rows.deleted, report.proven) == (1, True)
    assert "周航" not in file.read_text()
    assert dt.datetime.now(dt.UTC) >= report.finished
