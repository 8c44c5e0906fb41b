"""Databases with very many small tables, without comments, and texts of several encodings in one column."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.scan import MANY_COLUMNS, NOW, many_rows
from yiwang.dataplane.census.opening import Place
from yiwang.dataplane.census.scan import scan
from yiwang.dataplane.census.source import Limits
from yiwang.dataplane.census.workbook import write_workbook


@pytest.mark.parametrize("tables", [60, pytest.param(10_000, marks=pytest.mark.long)])
def test_every_table_is_described_and_told_as_it_is_done(tmp_path: Path, tables: int) -> None:
    path = tmp_path / "many.db"
    with closing(sqlite3.connect(path)) as made:
        made.execute("PRAGMA synchronous = off")
        for number in range(tables):
            made.execute(f"CREATE TABLE t{number} ({MANY_COLUMNS})")
            made.executemany(f"INSERT INTO t{number} VALUES (?,?,?,?,?,?,?,?)", many_rows(number))
        made.execute("UPDATE t7 SET bz = x'ff80' WHERE id = 3")
        made.commit()
    told: list[tuple[str, int, int]] = []
    draft = scan(
        [Place(str(path))],
        Limits(statements=1e4),
        NOW,
        progress=lambda *facts: told.append(facts),
    )
    assert [one.table for one in draft.resources] == sorted(f"t{number}" for number in range(tables))
    assert {len(one.items) for one in draft.resources} == {8}
    assert told[0][1:] == (0, tables)
    assert told[-1] == ("", tables, tables)
    remarks = [(one.code, one.where) for one in draft.remarks]
    assert remarks == [("mixed-encodings", "t7")]
    out = tmp_path / "draft.xlsx"
    write_workbook(draft, out)
    assert out.stat().st_size > 0
