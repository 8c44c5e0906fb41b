"""Rows that the target refuses and a person mends stay in the target as mended, run after run, as rows do that break a rule."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.store.mariadb import MariaDB
from tests.store.transfer.capturing import DROP_SLOTS
from tests.store.transfer.conftest import Pair, run
from yiwang.dataplane.connectors.places import Reach, place_of
from yiwang.dataplane.quality import rules as r
from yiwang.dataplane.transfer.job import Progress
from yiwang.dataplane.transfer.keeping import Held, JobFolder, JobStore
from yiwang.dataplane.transfer.planning import Order
from yiwang.dataplane.transfer.report import Report
from yiwang.dataplane.transfer.running import replay
from yiwang.dataplane.transfer.shape import BadRow, Column

TABLE = "CREATE TABLE ry (bh varchar(9) PRIMARY KEY, xm text, age int, born date, gx int)"
REFUSING = TABLE.replace("age int", "age int CHECK (age < 150)")
ROWS = (
    "INSERT INTO ry VALUES ('A1', '王敏', 30, '1996-02-03', 1), ('B2', '周航', 999, '1949-12-31', 5),"
    " ('C3', '赵静', 20, '2006-01-01', 2), ('D4', '欧阳修远', 50, '1976-05-05', 3), ('E5', NULL, NULL, NULL, 4)"
)
BAD = "B2"


@dataclass
class Copied:
    """A table that is copied again and again."""

    pair: Pair
    source: str
    folder: Path
    words: dict[str, Any] = field(default_factory=dict)
    table: str = "ry"

    def run(self, **words: Any) -> Report:
        asked = {"chunk_rows": 2, **self.words, **words}
        return run(self.folder, self.source, self.pair.target, self.table, **asked)

    def at_source(self, statement: str) -> None:
        if self.source == self.pair.source:
            self.pair.at_source(statement)
            return
        with sqlite3.connect(self.source.removeprefix("sqlite:")) as held:
            held.execute(statement)
        held.close()

    def held(self, key: object = BAD) -> Held | None:
        with JobFolder(self.folder, "job").opened() as store:
            return next((row for row in store.rows() if row.key == (key,)), None)

    def mend(self, key: object = BAD, **values: str | None) -> tuple[str, ...]:
        """Mend the row and replay it; gives why it still may not pass."""
        with JobFolder(self.folder, "job").opened() as store:
            (found,) = (row for row in store.rows() if row.key == (key,))
            store.mend(found, dict(found.mended or found.found) | values)
        return self.replay()[found.number]

    def replay(self) -> Mapping[int, tuple[str, ...]]:
        reach = Reach()
        order = Order(job="job", table=self.table, target_table=self.table, **self.words)
        here, there = place_of(self.source, reach), place_of(self.pair.target, reach)
        return replay(here, there, order, JobFolder(self.folder, "job"))

    def ages(self) -> dict[object, object]:
        return dict(self.pair.at_target("SELECT bh, age FROM ry ORDER BY bh"))  # type: ignore[arg-type]


@pytest.fixture(params=["binary", "rows"])
def copied(request: pytest.FixtureRequest, pair: Pair, tmp_path: Path) -> Copied:
    """From PostgreSQL, whose rows go straight, and from SQLite, whose rows go through this process."""
    pair.at_target(REFUSING)
    source = pair.source if request.param == "binary" else f"sqlite:{tmp_path / 'ry.db'}"
    made = Copied(pair, source, tmp_path)
    made.at_source(TABLE)
    made.at_source(ROWS)
    return made


@pytest.fixture(params=["full", "diff", "incremental"])
def mended(request: pytest.FixtureRequest, copied: Copied) -> Copied:
    """Copied once in each mode; the row that the target refused stands there as it was mended."""
    copied.words = {"mode": request.param} | ({"cursor": "gx"} if request.param == "incremental" else {})
    first = copied.run()
    assert (first.proven, first.rows.passed, first.rows.quarantined) == (True, 4, 1)
    assert copied.mend(age="99") == ()
    assert copied.ages() == {"A1": 30, "B2": 99, "C3": 20, "D4": 50, "E5": None}
    return copied


def state(copied: Copied, key: object = BAD) -> str:
    held = copied.held(key)
    return held.state if held is not None else ""


def test_what_was_mended_stays_in_every_later_run(mended: Copied) -> None:
    for _ in range(2):
        report = mended.run()
        assert report.proven
        assert (report.rows.source, report.rows.quarantined) == (report.rows.passed, 0)
        if mended.words["mode"] != "incremental":
            assert (report.rows.passed, report.rows.target) == (5, 5)
            assert (report.rows.inserted, report.rows.updated, report.rows.deleted) == (0, 0, 0)
        assert mended.ages()["B2"] == 99
        assert (state(mended), report.quarantine) == ("replayed", {"replayed": 1})


def test_the_sources_own_value_wins_once_the_target_takes_it(mended: Copied) -> None:
    mended.at_source("UPDATE ry SET age = 98, gx = 6 WHERE bh = 'B2'")
    report = mended.run()
    assert (report.proven, report.rows.quarantined) == (True, 0)
    assert mended.ages()["B2"] == 98
    if mended.words["mode"] != "incremental":  # which does not look at all rows
        assert (report.quarantine, mended.held()) == ({}, None)


def test_another_bad_value_of_the_source_is_another_row_to_mend(mended: Copied) -> None:
    mended.at_source("UPDATE ry SET age = 998, gx = 6 WHERE bh = 'B2'")
    report = mended.run()
    assert (report.proven, report.rows.quarantined, report.quarantine) == (True, 1, {"held": 1})
    assert "B2" not in mended.ages()
    held = mended.held()
    assert held is not None
    assert (held.found["age"], held.mended) == (998, None)


def test_the_sources_own_value_goes_in_when_the_target_takes_it_after_all(mended: Copied) -> None:
    mended.pair.at_target("ALTER TABLE ry DROP CONSTRAINT ry_age_check")
    assert mended.run().proven
    assert mended.ages()["B2"] == 999


def test_a_mending_that_the_target_refuses_later_is_quarantined_again(mended: Copied) -> None:
    mended.pair.at_target("ALTER TABLE ry ADD CONSTRAINT younger CHECK (age < 90) NOT VALID")
    report = mended.run()
    assert (report.proven, report.rows.quarantined, report.quarantine) == (True, 1, {"mended": 1})
    assert "B2" not in mended.ages()
    held = mended.held()
    assert held is not None
    assert (held.reasons, held.found["age"]) == (("target:23514 younger",), 999)
    assert mended.run().rows.quarantined == 1
    assert mended.mend(age="101") == ("target:23514 younger",)
    assert mended.mend(age="89") == ()
    assert mended.run().proven
    assert (mended.ages()["B2"], state(mended)) == (89, "replayed")


def test_a_row_that_was_left_out_stays_out(copied: Copied) -> None:
    copied.run()
    with JobFolder(copied.folder, "job").opened() as store:
        store.mark(1, "discarded")
    report = copied.run()
    assert (report.proven, report.rows.quarantined, report.quarantine) == (True, 1, {"discarded": 1})


def test_a_run_that_writes_all_chunks_anew_takes_the_mended_row_along(mended: Copied) -> None:
    """As a job does whose target was restored from before its first run."""
    for (table,) in mended.pair.at_target("SELECT tablename FROM pg_tables WHERE tablename LIKE 'yw%'"):
        mended.pair.at_target(f'DROP TABLE "{table}"')
    report = mended.run(replace=True)
    assert (report.proven, report.rows.passed, report.rows.quarantined) == (True, 5, 0)
    assert (mended.ages()["B2"], state(mended)) == (99, "replayed")


@pytest.mark.parametrize("cut", [1, 2])
def test_a_run_that_is_killed_goes_on_with_what_was_mended(mended: Copied, cut: int) -> None:
    mended.at_source("UPDATE ry SET gx = 5 WHERE bh <> 'B2'")  # or an incremental run had one row alone

    def dies(progress: Progress) -> None:
        if progress.chunk == cut:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mended.run(progress=dies)
    report = mended.run()
    assert (report.resumed, report.proven, report.rows.quarantined) == (True, True, 0)
    assert (mended.ages()["B2"], len(mended.ages()), state(mended)) == (99, 5, "replayed")


def test_a_run_that_dies_before_its_rows_commit_changes_nothing(
    mended: Copied, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = JobStore.put

    def dies(self: JobStore, rows: list[BadRow], run: int) -> None:
        raise KeyboardInterrupt

    mended.at_source("UPDATE ry SET xm = '周小航', gx = 5 WHERE bh = 'D4'")
    monkeypatch.setattr(JobStore, "put", dies)
    with pytest.raises(KeyboardInterrupt):
        mended.run()
    assert (mended.ages()["B2"], state(mended)) == (99, "replayed")
    monkeypatch.setattr(JobStore, "put", honest)
    assert mended.run().proven
    assert mended.ages()["B2"] == 99


def test_masked_columns_are_mended_in_the_sources_form_and_masked_once(copied: Copied) -> None:
    """A year is no date: what is kept of a refused row must be the source's own."""
    copied.pair.at_target("ALTER TABLE ry ALTER born TYPE text")
    copied.words = {"masks": {"xm": "name", "born": "year_only"}}
    copied.run()
    assert copied.mend(age="99", born="1950-01-01") == ()
    for _ in range(2):
        assert copied.pair.at_target("SELECT xm, age, born FROM ry WHERE bh = 'B2'") == [("周*", 99, "1950")]
        report = copied.run()
        assert (report.proven, report.rows.updated) == (True, 0)
    assert state(copied) == "replayed"


def test_many_rows_keep_the_order_of_their_keys(copied: Copied) -> None:
    copied.at_source("UPDATE ry SET age = 200 WHERE bh IN ('A1', 'C3', 'E5')")
    copied.run()
    for key, age in (("C3", "21"), ("A1", "31")):
        assert copied.mend(key, age=age) == ()
    report = copied.run(chunk_rows=5)
    assert (report.proven, report.rows.quarantined) == (True, 2)
    assert copied.ages() == {"A1": 31, "C3": 21, "D4": 50}


def test_a_key_is_not_mended(copied: Copied) -> None:
    copied.run()
    assert copied.mend(bh="B9", age="9") == ("mend:key",)
    assert state(copied) == "mended"
    assert set(copied.ages()) == {"A1", "C3", "D4", "E5"}


def test_a_unique_value_is_given_to_the_row_of_the_source(copied: Copied) -> None:
    """A mending does not take what another row of the source has."""
    copied.pair.at_target("CREATE UNIQUE INDEX ages ON ry (age)")
    copied.run()
    assert copied.mend(age="77") == ()
    copied.at_source("UPDATE ry SET age = 77 WHERE bh = 'A1'")
    report = copied.run()
    assert (report.proven, report.rows.quarantined, report.quarantine) == (True, 1, {"mended": 1})
    assert copied.ages() == {"A1": 77, "C3": 20, "D4": 50, "E5": None}


def test_into_mariadb(maria: MariaDB, pair: Pair, tmp_path: Path) -> None:
    with maria.root() as held, held.cursor() as cursor:
        cursor.execute("CREATE OR REPLACE DATABASE mends CHARACTER SET utf8mb4")
        cursor.execute(f"CREATE TABLE mends.{REFUSING.removeprefix('CREATE TABLE ')}")
        cursor.execute("GRANT ALL ON mends.* TO mender@'127.0.0.1' IDENTIFIED BY 'mends'")
    target = f"mysql://mender:mends@127.0.0.1:{maria.port}/mends"
    copied = Copied(Pair(pair.source, target), pair.source, tmp_path)
    copied.at_source(TABLE)
    copied.at_source(ROWS)
    assert copied.run().rows.quarantined == 1
    assert copied.mend(age="99") == ()
    for _ in range(2):
        report = copied.run()
        assert (report.proven, report.rows.passed, report.rows.updated) == (True, 5, 0)


def small(columns: Sequence[Column]) -> Sequence[r.Rule]:
    del columns
    return [r.Range(id="small", dimension="准确性", field="n", high=1000)]


@pytest.mark.parametrize("refusing", ["target", "rule"])
def test_captured_changes_keep_what_was_mended(capturable: Pair, tmp_path: Path, refusing: str) -> None:
    """Whether the row comes by the log or the table is compared again."""
    words: dict[str, Any] = {"mode": "cdc", "chunk_rows": 200}
    copied = Copied(capturable, capturable.source, tmp_path, words, "t")
    if refusing == "rule":
        words["rules"] = small
    assert copied.run().proven
    if refusing == "target":
        capturable.at_target("ALTER TABLE t ADD CONSTRAINT small CHECK (n < 1000) NOT VALID")

    def n() -> list[tuple[object, ...]]:
        return capturable.at_target("SELECT n FROM t WHERE id = 7")

    copied.at_source("UPDATE t SET n = 5000 WHERE id = 7")
    report = copied.run()
    assert (report.proven, report.rows.quarantined, n()) == (True, 1, [])
    assert copied.mend(7, n="12") == ()
    for statement in ("SELECT 1", "UPDATE t SET n = 5000 WHERE id = 7", DROP_SLOTS):
        copied.at_source(statement)
        report = copied.run()
        assert (report.proven, report.rows.quarantined, n()) == (True, 0, [(12,)]), statement
        assert state(copied, 7) == "replayed"
    copied.at_source("UPDATE t SET n = 6000 WHERE id = 7")
    report = copied.run()
    assert (report.proven, report.rows.quarantined, n(), state(copied, 7)) == (True, 1, [], "held")
    copied.at_source("UPDATE t SET n = 5 WHERE id = 7")
    report = copied.run()
    assert (report.proven, report.quarantine, n()) == (True, {}, [(5,)])
