"""Change capture: what the source commits arrives in order, once, whatever happens between two runs."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.store.transfer.capturing import DROP_SLOTS, captured
from tests.store.transfer.conftest import Pair
from yiwang.bootstrap.embedded import free_port
from yiwang.dataplane.connectors.errors import DatabaseUnreachable
from yiwang.dataplane.connectors.places import DatabasePlace, Reach, place_of
from yiwang.dataplane.quality import rules as r
from yiwang.dataplane.transfer.capture.slot import Slot
from yiwang.dataplane.transfer.capture.spool import Spool
from yiwang.dataplane.transfer.capture.taking import take
from yiwang.dataplane.transfer.errors import TransferSchemaNarrowed
from yiwang.dataplane.transfer.keeping import JobFolder
from yiwang.dataplane.transfer.shape import Column


@pytest.fixture
def pair(capturable: Pair) -> Pair:
    """A filled source, an empty target, no slot."""
    return capturable


def place(pair: Pair) -> AbstractContextManager[Slot]:
    found = place_of(pair.source, Reach())
    assert isinstance(found, DatabasePlace)
    return Slot.opened(found)


def positive(columns: Sequence[Column]) -> Sequence[r.Rule]:
    return [r.Range(id="n-positive", dimension="准确性", field="n", low=0)]


def test_inserts_updates_deletes_and_moved_keys_arrive(pair: Pair, tmp_path: Path) -> None:
    first = captured(tmp_path, pair, chunk_rows=200)
    assert first.proven
    assert (first.rows.source, first.rows.target) == (500, 500)
    pair.at_source("INSERT INTO t (id, v) VALUES (1000, '新')")
    pair.at_source("UPDATE t SET n = n + 1, tags = ARRAY['乙'] WHERE id <= 20")
    pair.at_source("DELETE FROM t WHERE id BETWEEN 30 AND 39")
    pair.at_source("UPDATE t SET id = id + 5000 WHERE id BETWEEN 50 AND 54")
    pair.at_source("BEGIN; INSERT INTO t (id) VALUES (77777); ROLLBACK")
    second = captured(tmp_path, pair)
    assert second.proven, second.statement_en
    assert second.capture is not None
    assert (second.capture.transactions, second.capture.changes, second.capture.compared) == (4, 36, [])
    assert pair.same("t")
    third = captured(tmp_path, pair)
    assert third.capture is not None
    assert (third.proven, third.capture.changes) == (True, 0)


def test_a_truncated_table_is_empty_and_what_follows_stands(pair: Pair, tmp_path: Path) -> None:
    captured(tmp_path, pair)
    pair.at_source(
        "BEGIN; INSERT INTO t (id) VALUES (900); TRUNCATE t; INSERT INTO t (id, v) VALUES (1, 'x'); COMMIT"
    )
    report = captured(tmp_path, pair)
    assert report.proven, report.statement_en
    assert pair.at_target("SELECT id, v FROM t") == [(1, "x")]


def test_large_values_that_did_not_travel_stay_as_they_were(pair: Pair, tmp_path: Path) -> None:
    """An update of another column leaves a value in TOAST out of the log: plain, under a mask, and of a moved key."""
    large = "SELECT string_agg(md5(i::text || '{}'), '') FROM generate_series(1, 3000) i"
    pair.at_source(
        "ALTER TABLE t ADD COLUMN secret text; ALTER TABLE t ALTER v SET STORAGE EXTERNAL, ALTER secret SET STORAGE EXTERNAL"
    )
    pair.at_source(f"UPDATE t SET v = ({large.format('v')}), secret = ({large.format('s')}) WHERE id <= 4")
    words: dict[str, Any] = {"masks": {"secret": "hidden"}}
    captured(tmp_path, pair, **words)
    pair.at_source("UPDATE t SET n = 7 WHERE id = 1; UPDATE t SET id = 6001 WHERE id = 2")
    pair.at_source("UPDATE t SET n = 8 WHERE id = 3; DELETE FROM t WHERE id = 3")
    pair.at_source("BEGIN; UPDATE t SET v = 'short' WHERE id = 4; UPDATE t SET n = 9 WHERE id = 4; COMMIT")
    pair.at_target("UPDATE t SET v = v || 'x' WHERE id = 1")  # shows where the value came from
    report = captured(tmp_path, pair, **words)
    assert report.proven, report.statement_en
    held = "SELECT id, n, length(v), left(v, 9) FROM t ORDER BY id"
    assert pair.at_target(held)[1:] == pair.at_source(held)[1:]
    assert pair.at_target("SELECT length(v) FROM t WHERE id = 1") == [(96001,)]
    assert {row[0] for row in pair.at_target("SELECT DISTINCT secret FROM t WHERE secret IS NOT NULL")} == {
        "****"
    }


def test_a_copy_that_is_paused_before_its_end_goes_on_and_takes_what_changed_meanwhile(
    pair: Pair, tmp_path: Path
) -> None:
    def pause(progress: object) -> None:
        with JobFolder(tmp_path, "job").opened() as store:
            store.keep("wish", "pause")

    first = captured(tmp_path, pair, chunk_rows=100, progress=pause)
    assert (first.status, first.proven, len(first.chunks)) == ("paused", False, 1)
    pair.at_source("UPDATE t SET n = n + 1; DELETE FROM t WHERE id = 50")
    second = captured(tmp_path, pair, chunk_rows=100)
    assert (second.proven, second.resumed) == (True, True)
    assert pair.same("t")


def test_what_commits_while_the_table_is_copied_arrives_once(pair: Pair, tmp_path: Path) -> None:
    """A counter that would show a change that is applied twice, and rows that come and go meanwhile."""
    count = 0

    def meddle(progress: object) -> None:
        nonlocal count
        count += 1
        pair.at_source(f"UPDATE t SET n = n + 1 WHERE id % 7 = {count % 7}; DELETE FROM t WHERE id = {count}")
        pair.at_source(f"INSERT INTO t (id, v) VALUES ({10_000 + count}, 'during')")

    report = captured(tmp_path, pair, chunk_rows=50, progress=meddle)
    assert report.proven, report.statement_en
    assert count > 10
    captured(tmp_path, pair)
    assert pair.same("t")


def test_rules_and_masks_hold_for_changes_and_a_row_that_is_mended_at_its_source_leaves_quarantine(
    pair: Pair, tmp_path: Path
) -> None:
    words: dict[str, Any] = {"rules": positive, "masks": {"v": "name"}}
    assert captured(tmp_path, pair, **words).rows.quarantined == 0
    pair.at_source("UPDATE t SET n = -1 WHERE id IN (5, 6, 7)")
    report = captured(tmp_path, pair, **words)
    assert report.proven, report.statement_en
    assert (report.rows.quarantined, report.rows.target) == (3, 497)
    pair.at_source(
        "UPDATE t SET n = 5 WHERE id = 5; DELETE FROM t WHERE id = 6; UPDATE t SET ok = NULL WHERE id = 7"
    )
    report = captured(tmp_path, pair, **words)
    assert report.proven, report.statement_en
    assert report.rows.quarantined == 1
    assert pair.at_target("SELECT id, n, v FROM t WHERE id IN (5, 6, 7)") == [(5, 5, "王**")]


def test_an_added_column_flows_and_a_rewritten_table_is_compared(pair: Pair, tmp_path: Path) -> None:
    captured(tmp_path, pair)
    pair.at_source("UPDATE t SET v = 'before' WHERE id = 1")
    pair.at_source("ALTER TABLE t ADD COLUMN note varchar(20)")
    pair.at_source("UPDATE t SET note = '后' WHERE id = 2")
    report = captured(tmp_path, pair)
    assert report.capture is not None
    assert (report.proven, report.schema_version, report.capture.compared) == (True, 2, [])
    assert pair.same("t")
    pair.at_source("ALTER TABLE t ADD COLUMN level int NOT NULL DEFAULT 3")  # in every row, and in no change
    report = captured(tmp_path, pair)
    assert report.capture is not None
    assert (report.proven, report.capture.compared) == (True, ["schema"])
    assert pair.same("t")
    pair.at_source("ALTER TABLE t ALTER level TYPE int USING level * 2")
    report = captured(tmp_path, pair)
    assert report.capture is not None
    assert (report.proven, report.capture.compared) == (True, ["rewritten"])
    assert pair.same("t")


def test_a_dropped_column_pauses_the_job_and_nothing_is_lost(pair: Pair, tmp_path: Path) -> None:
    captured(tmp_path, pair)
    pair.at_source("UPDATE t SET v = 'kept' WHERE id = 3")
    pair.at_source("ALTER TABLE t DROP COLUMN raw; DELETE FROM t WHERE id = 4")
    with pytest.raises(TransferSchemaNarrowed):
        captured(tmp_path, pair)
    report = captured(tmp_path, pair, accept_schema=True)
    assert report.proven, report.statement_en
    same = "SELECT id, v, n, at, j, ok, tags FROM t ORDER BY id"
    assert pair.at_source(same) == pair.at_target(same)


@pytest.mark.parametrize("harm", ["slot", "spool", "table", "target"])
def test_where_changes_are_missing_the_whole_table_is_compared(pair: Pair, tmp_path: Path, harm: str) -> None:
    captured(tmp_path, pair)
    pair.at_source("UPDATE t SET n = 0 WHERE id = 8; DELETE FROM t WHERE id = 9")
    if harm == "slot":
        pair.at_source(DROP_SLOTS)
    if harm == "spool":
        with Spool.opened(tmp_path / "job") as spool, place(pair) as slot:
            take(slot, spool, spool.fact("slot"), "job")
        (tmp_path / "job" / "spool.sqlite").unlink()
    if harm == "table":
        pair.at_source(
            "CREATE TABLE other AS TABLE t; DROP TABLE t; ALTER TABLE other RENAME TO t; ALTER TABLE t ADD PRIMARY KEY (id)"
        )
    if harm == "target":  # brought back from a backup
        old = pair.at_target("SELECT job, state FROM yw_transfer_job")[0]
        captured(tmp_path, pair)
        pair.at_source("UPDATE t SET n = 1 WHERE id = 8")
        pair.at_target("UPDATE t SET n = 2 WHERE id = 8")
        with psycopg.connect(pair.target) as held:
            held.execute("UPDATE yw_transfer_job SET state = %s", (old[1],))
    report = captured(tmp_path, pair)
    assert report.capture is not None
    expected = {
        "slot": "slot-missing",
        "spool": "spool-gap",
        "table": "table-replaced",
        "target": "spool-gap",
    }
    assert report.capture.compared == [expected[harm]]
    assert report.proven, report.statement_en
    assert "compared" in report.statement_en
    assert pair.same("t")


def test_a_slot_whose_log_was_dropped_is_made_anew(pair: Pair, tmp_path: Path) -> None:
    captured(tmp_path, pair)
    pair.at_source("ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'")
    pair.at_source("SELECT pg_reload_conf()")
    pair.at_source("UPDATE t SET n = 0 WHERE id = 8")
    for _ in range(12):  # the server looks at the limit when it writes a checkpoint
        pair.at_source(
            "CREATE TABLE filler AS SELECT md5(i::text) FROM generate_series(1, 60000) i; DROP TABLE filler"
        )
        pair.at_source("SELECT pg_switch_wal()")
        pair.at_source("CHECKPOINT")
        if pair.at_source(
            "SELECT wal_status FROM pg_replication_slots WHERE database = current_database()"
        ) == [("lost",)]:
            break
    report = captured(tmp_path, pair)
    pair.at_source("ALTER SYSTEM RESET max_slot_wal_keep_size")
    pair.at_source("SELECT pg_reload_conf()")
    assert report.capture is not None
    assert (report.capture.compared, report.capture.wal_limit) == (["slot-lost"], "1MB")
    assert report.proven, report.statement_en
    assert pair.same("t")


def test_while_the_target_is_away_changes_lie_here_and_not_at_the_source(pair: Pair, tmp_path: Path) -> None:
    captured(tmp_path, pair)
    pair.at_source("UPDATE t SET n = n + 1")
    gone = f"postgresql://nobody:x@127.0.0.1:{free_port()}/none"
    with pytest.raises(DatabaseUnreachable):
        captured(tmp_path, pair, target=gone)
    behind = "SELECT pg_current_wal_flush_lsn() - confirmed_flush_lsn < 10000 FROM pg_replication_slots WHERE database = current_database()"
    assert pair.at_source(behind) == [(True,)]
    with Spool.opened(tmp_path / "job") as spool:
        assert [one.changes for one in spool.waiting(0)] == [500]
    pair.at_source(DROP_SLOTS)
    pair.at_source("DELETE FROM t WHERE id = 1")
    assert captured(tmp_path, pair).proven
    assert pair.same("t")


def test_a_transaction_larger_than_memory_is_one_of_the_target_too(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yiwang.dataplane.transfer.capture.job.PIECE", 40)
    captured(tmp_path, pair)
    pair.at_source(
        "BEGIN; UPDATE t SET n = 1; UPDATE t SET n = 2 WHERE id % 2 = 0; DELETE FROM t WHERE id > 400; COMMIT"
    )
    report = captured(tmp_path, pair)
    assert report.capture is not None
    assert (report.proven, report.capture.batches, report.capture.changes) == (True, 1, 850)
    assert pair.same("t")


def test_a_partitioned_table_and_keys_of_several_columns(pair: Pair, tmp_path: Path) -> None:
    pair.at_source(
        "CREATE TABLE p (a text, b int, v text, PRIMARY KEY (b, a)) PARTITION BY RANGE (b);"
        "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10); CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20);"
        "INSERT INTO p SELECT w || i, i % 20, 'x' FROM generate_series(1, 100) i, unnest(ARRAY['a', 'Z', '王']) w"
    )
    captured(tmp_path, pair, "p", chunk_rows=70)
    pair.at_source(
        "UPDATE p SET v = a || b; UPDATE p SET b = 19 - b WHERE a LIKE '王%'; DELETE FROM p WHERE a LIKE 'Z1%'"
    )
    report = captured(tmp_path, pair, "p")
    assert report.proven, report.statement_en
    assert pair.same("p", 'a COLLATE "C", b')


@pytest.mark.parametrize("target", ["there.db", "there.csv"])
def test_changes_reach_a_file(pair: Pair, tmp_path: Path, target: str) -> None:
    words: dict[str, Any] = {
        "target": str(tmp_path / target),
        "masks": {"tags": "drop", "raw": "drop", "j": "drop"},
    }
    captured(tmp_path, pair, **words)
    pair.at_source(
        "UPDATE t SET v = '改', raw = NULL WHERE id = 4; DELETE FROM t WHERE id > 5; UPDATE t SET id = 0 WHERE id = 1"
    )
    report = captured(tmp_path, pair, **words)
    assert report.proven, report.statement_en
    if target.endswith("csv"):
        lines = (tmp_path / target).read_text("utf-8-sig").splitlines()
        assert [line.split(",")[:2] for line in lines[1:]] == [
            ["0", "王敏1"],
            ["2", "王敏2"],
            ["3", "王敏3"],
            ["4", "改"],
            ["5", "王敏5"],
        ]


def test_columns_that_do_not_travel_are_not_published(pair: Pair, tmp_path: Path) -> None:
    captured(tmp_path, pair, masks={"v": "drop"})
    assert "v" not in str(pair.at_source("SELECT attnames FROM pg_publication_tables")[0][0]).strip(
        "{}"
    ).split(",")
    pair.at_source("UPDATE t SET v = 'geheim', n = 3 WHERE id = 1")
    with Spool.opened(tmp_path / "job") as spool, place(pair) as slot:
        take(slot, spool, spool.fact("slot"), "job")
    assert b"geheim" not in (tmp_path / "job" / "spool.sqlite").read_bytes()
    assert captured(tmp_path, pair, masks={"v": "drop"}).proven
