"""What cannot be captured is refused with what to do, and a job that is dropped leaves nothing at its source."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from tests.store.transfer.capturing import DROP_SLOTS, captured
from tests.store.transfer.conftest import Pair
from yiwang.dataplane.transfer.capture import errors
from yiwang.dataplane.transfer.errors import TransferError


@pytest.fixture
def pair(capturable: Pair) -> Pair:
    """A filled source, an empty target, no slot."""
    return capturable


@pytest.mark.parametrize(
    ("made", "told"),
    [
        ("CREATE TABLE bad (id int)", errors.CaptureIdentityMissing),
        ("CREATE TABLE bad (id int PRIMARY KEY DEFERRABLE)", errors.CaptureIdentityMissing),
        ("CREATE TABLE bad (id int PRIMARY KEY); ALTER TABLE bad REPLICA IDENTITY NOTHING", errors.CaptureIdentityMissing),
        ("CREATE UNLOGGED TABLE bad (id int PRIMARY KEY)", errors.CaptureUnfit),
        ("CREATE VIEW bad AS SELECT * FROM t", errors.CaptureUnfit),
        ("CREATE TABLE bad (id int PRIMARY KEY, g int GENERATED ALWAYS AS (id * 2) STORED)", errors.CaptureUnfit),
    ],
)  # fmt: skip
def test_a_table_whose_changes_cannot_be_told_apart_is_refused_and_leaves_nothing_behind(
    pair: Pair, tmp_path: Path, made: str, told: type[TransferError]
) -> None:
    pair.at_source(made)
    with pytest.raises(told):
        captured(tmp_path, pair, "bad")
    assert pair.at_source("SELECT 1 FROM pg_replication_slots WHERE database = current_database()") == []
    assert pair.at_source("SELECT 1 FROM pg_publication") == []


def test_columns_are_not_left_out_where_the_source_could_not_write_any_more(
    pair: Pair, tmp_path: Path
) -> None:
    pair.at_source("ALTER TABLE t REPLICA IDENTITY FULL")
    with pytest.raises(errors.CaptureUnfit, match="FULL"):
        captured(tmp_path, pair, masks={"v": "drop"})
    assert pair.at_source("SELECT 1 FROM pg_publication") == []
    assert captured(tmp_path, pair).proven, "all columns may be published"
    pair.at_source("CREATE PUBLICATION part FOR TABLE t (id, n)")
    with pytest.raises(psycopg.errors.InvalidColumnReference):  # what is spared the source
        pair.at_source("UPDATE t SET n = 1 WHERE id = 1")
    pair.at_source("DROP PUBLICATION part")


def test_a_user_without_rights_is_told_what_to_ask_for(pair: Pair, tmp_path: Path) -> None:
    pair.at_source("DROP ROLE IF EXISTS plain")
    pair.at_source(
        "CREATE ROLE plain LOGIN PASSWORD 'plain'; GRANT USAGE ON SCHEMA public TO plain; GRANT SELECT ON t TO plain"
    )
    plain = replace(pair, source=re.sub("//[^@]*@", "//plain:plain@", pair.source))
    with pytest.raises(errors.CaptureRightMissing) as missing:
        captured(tmp_path, plain)
    assert "REPLICATION" in missing.value.mend("zh")
    pair.at_source("ALTER ROLE plain REPLICATION")
    with pytest.raises(errors.CapturePublicationMissing) as told:
        captured(tmp_path, plain)
    pair.at_source(str(told.value.facts["statement"]))
    assert captured(tmp_path, plain).proven
    pair.at_source("UPDATE t SET n = 4 WHERE id = 1")
    assert captured(tmp_path, plain).proven
    pair.at_source("ALTER TABLE t ENABLE ROW LEVEL SECURITY")
    with pytest.raises(errors.CaptureUnfit):
        captured(tmp_path, plain)
    pair.at_source(DROP_SLOTS)
    pair.at_source("DROP OWNED BY plain; DROP ROLE plain")


def test_a_dropped_job_leaves_nothing_at_the_source(pair: Pair, tmp_path: Path) -> None:
    captured(tmp_path, pair)
    words = [
        sys.executable,
        "-m",
        "yiwang.bootstrap.cli",
        "exchange",
        "job",
        "drop",
        "job",
        pair.source,
        pair.target,
        "--jobs",
        str(tmp_path),
    ]
    assert subprocess.run(words, check=True, capture_output=True, text=True).stdout.startswith("yw_job_")
    assert pair.at_source("SELECT 1 FROM pg_replication_slots WHERE database = current_database()") == []
    assert pair.at_source("SELECT 1 FROM pg_publication") == []
    assert (
        subprocess.run(
            [*words[:-4], pair.source, "--jobs", str(tmp_path)], capture_output=True, check=False
        ).returncode
        != 0
    )
    pair.at_source("DELETE FROM t WHERE id = 2")
    assert captured(tmp_path, pair).proven
    assert pair.same("t")
