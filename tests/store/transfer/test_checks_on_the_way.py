"""Rules and masks on the way, and what becomes of rows that may not pass: looked at, mended, replayed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.store.transfer.conftest import Pair
from yiwang.bootstrap.cli.exchange import command
from yiwang.dataplane.transfer import errors

RULES = """
rules:
  - {rule: not_null, fields: [xm]}
  - {rule: in_list, fields: [xb], values: ["1", "2"]}
  - {rule: expr, id: adult, expr: "row.age >= 18 || row.xb == '1'"}
  - {rule: length, fields: [xm], max: 3, severity: minor}
"""
TABLE = "CREATE TABLE ry (id int PRIMARY KEY, xm text, xb text, age int, sjh text, bz text)"
ROWS = """
INSERT INTO ry VALUES (1, '王敏', '1', 30, '13812345678', 'x'), (2, NULL, '2', 40, '13912345678', 'x'),
  (3, '周航', '9', 17, NULL, 'x'), (4, '赵静', '2', 20, '0931-8888888', 'x'), (5, '欧阳修远', '2', 50, 'a', 'x')
"""


@pytest.fixture(params=["postgresql", "sqlite"])
def source(request: pytest.FixtureRequest, pair: Pair, tmp_path: Path) -> str:
    """The same rows in PostgreSQL, which judges and masks itself, and in SQLite, where it is done on the way."""
    if request.param == "postgresql":
        pair.at_source(TABLE)
        pair.at_source(ROWS)
        return pair.source
    import sqlite3

    held = sqlite3.connect(tmp_path / "ry.db")
    held.executescript(f"{TABLE};{ROWS}")
    held.close()
    return f"sqlite:{tmp_path / 'ry.db'}"


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    (tmp_path / "masks").write_text("xm: name\nsjh: phone  # 手机号\nbz: drop\n", encoding="utf-8")
    return [
        "--table", "ry", "--rules", str(tmp_path / "rules.yaml"), "--mask", str(tmp_path / "masks"),
        "--jobs", str(tmp_path / "jobs"), "--report", str(tmp_path / "report.json"), "--chunk", "2",
    ]  # fmt: skip


def yw(*words: str) -> Result:
    return CliRunner().invoke(command, list(words), catch_exceptions=False)


def test_bad_rows_are_held_looked_at_mended_and_replayed(
    source: str, pair: Pair, words: list[str], tmp_path: Path
) -> None:
    done = yw("copy", source, pair.target, *words)
    assert done.exit_code == 3
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["proven"]
    assert report["rules"] == {"not_null.xm": 1, "in_list.xb": 1, "adult": 1, "length.xm": 1}
    assert pair.at_target("SELECT * FROM ry ORDER BY id") == [
        (1, "王*", "1", 30, "138****5678"), (4, "赵*", "2", 20, "0931-888****"), (5, "欧***", "2", 50, "a"),
    ]  # fmt: skip

    jobs = ["--jobs", str(tmp_path / "jobs")]
    listed = yw("job", "quarantine", "list", "ry", *jobs).output.splitlines()
    assert [line.split("  ")[1:] for line in listed] == [
        ["held", "rule:not_null.xm"], ["held", "rule:in_list.xb; rule:adult"],
    ]  # fmt: skip
    second = listed[1].split()[0]
    shown = json.loads(yw("job", "quarantine", "show", "ry", second, *jobs).output)
    assert shown["row"]["id"] == "3"
    assert "周航" not in json.dumps(shown, ensure_ascii=False)
    clear = json.loads(yw("job", "quarantine", "show", "ry", second, "--clear", *jobs).output)
    assert clear["row"]["xm"] == "周航"

    yw("job", "quarantine", "mend", "ry", second, "--set", "xb=2", *jobs)
    still = yw("job", "quarantine", "replay", "ry", source, pair.target, *jobs)
    assert still.exit_code == 1
    assert "rule:adult" in still.output
    yw("job", "quarantine", "mend", "ry", second, "--set", "xb=2", "--set", "age=71", *jobs)
    assert yw("job", "quarantine", "replay", "ry", source, pair.target, *jobs).exit_code == 0
    assert pair.at_target("SELECT * FROM ry WHERE id = 3") == [(3, "周*", "2", 71, None)]

    # the next run meets the same bad row and keeps what a person made of it
    again = yw("copy", source, pair.target, *words)
    assert again.exit_code == 3
    assert pair.at_target("SELECT age FROM ry WHERE id = 3") == [(71,)]
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["quarantine"] == {"held": 1, "replayed": 1}
    assert (report["rows"]["inserted"], report["rows"]["updated"], report["rows"]["deleted"]) == (0, 0, 0)


def test_a_row_that_its_source_mends_leaves_the_quarantine(
    pair: Pair, words: list[str], tmp_path: Path
) -> None:
    pair.at_source(TABLE)
    pair.at_source(ROWS)
    yw("copy", pair.source, pair.target, *words)
    pair.at_source("UPDATE ry SET xm = '陈晨' WHERE id = 2")
    pair.at_source("DELETE FROM ry WHERE id = 3")
    assert yw("copy", pair.source, pair.target, *words).exit_code == 0
    assert yw("job", "quarantine", "list", "ry", "--jobs", str(tmp_path / "jobs")).output == ""
    assert pair.at_target("SELECT xm FROM ry WHERE id = 2") == [("陈*",)]


def test_the_key_cannot_be_masked_and_no_mask_is_made_up(
    pair: Pair, words: list[str], tmp_path: Path
) -> None:
    pair.at_source(TABLE)
    for text in ("id: hidden", "xm: nonsense"):
        (tmp_path / "masks").write_text(text, encoding="utf-8")
        with pytest.raises(errors.TransferMaskUnfit):
            yw("copy", pair.source, pair.target, *words)


def test_a_rule_about_the_whole_table_is_refused_before_anything_moves(
    pair: Pair, words: list[str], tmp_path: Path
) -> None:
    pair.at_source(TABLE)
    (tmp_path / "rules.yaml").write_text("rules:\n  - {rule: unique, fields: [xm]}\n", encoding="utf-8")
    with pytest.raises(errors.TransferRuleUnfit):
        yw("copy", pair.source, pair.target, *words)


def test_status_tells_the_last_report(pair: Pair, words: list[str], tmp_path: Path) -> None:
    pair.at_source(TABLE)
    yw("copy", pair.source, pair.target, *words)
    told = json.loads(yw("job", "status", "ry", "--jobs", str(tmp_path / "jobs")).output)
    assert told["report"]["proven"]
    with pytest.raises(errors.TransferJobUnknown):
        yw("job", "status", "other", "--jobs", str(tmp_path / "jobs"))


def test_chunks_are_mended_while_the_next_ones_bad_rows_are_read(
    pair: Pair, words: list[str], tmp_path: Path
) -> None:
    """Both are read in one session of the source, by different threads."""
    pair.at_source(TABLE)
    pair.at_source(
        "INSERT INTO ry SELECT i, CASE WHEN i % 5 > 0 THEN '王敏' END, '1', 30, '13812345678', 'x'"
        " FROM generate_series(1, 2000) i"
    )
    words[words.index("--chunk") + 1] = "100"
    words += ["--job", "diffed", "--mode", "diff", "--replace"]
    assert yw("copy", pair.source, pair.target, *words).exit_code == 3
    for _ in range(3):
        pair.at_target("UPDATE ry SET age = 1 WHERE id % 50 = 1; DELETE FROM ry WHERE id % 50 = 2")
        assert yw("copy", pair.source, pair.target, *words).exit_code == 3
        report = json.loads((tmp_path / "report.json").read_bytes())
        assert report["proven"]
        assert (report["rows"]["updated"], report["rows"]["inserted"]) == (40, 40)
        assert pair.at_target("SELECT count(*), min(age) FROM ry") == [(1600, 30)]
