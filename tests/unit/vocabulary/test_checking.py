"""Checking a column: what a data officer gets for the files that really arrive."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import gzip
import json
import stat
import tracemalloc
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from yiwang.bootstrap.cli.check import command
from yiwang.vocabulary.checking import column as source
from yiwang.vocabulary.checking.run import Summary, check_column
from yiwang.vocabulary.checking.verdicts import Kind
from yiwang.vocabulary.divisions.tree import standard_divisions
from yiwang.vocabulary.resident_id import check_character

TODAY = dt.date(2026, 11, 21)
ROWS = """姓名,身份号码,区划,信用代码
王敏,11010519491231002X,110103,91350100M000100Y43
周航,110105194912310021,371202,91440300708461136S
赵静,110105199002300012,370102,914403007084611360
陈晨,11010549123100,999999,9135
钱一,110105491231002,542134,91110000600037341L
孙二,１１０１０５１９４９１２３１００２ｘ,11010100,
李三,,110101001,12100000400000624D
周四,a,b
"""


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "人员.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


def check(path: Path, name: str, kind: Kind, report: Path | None = None) -> Summary:
    return check_column(path, name, kind, as_of=TODAY, divisions=standard_divisions(), report=report)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def counts(summary: Summary) -> dict[str, int]:
    return {code: group.count for code, group in summary.reasons.items()}


def test_resident_ids_are_counted_by_reason(people: Path) -> None:
    summary = check(people, "身份号码", Kind.RESIDENT_ID)
    assert (summary.rows, summary.valid) == (8, 3)
    assert counts(summary) == {
        "resident-id-check": 1,
        "resident-id-date": 1,
        "resident-id-length": 1,
        "identifier-empty": 1,
        "row-uneven": 1,
    }
    assert [example.row for example in summary.reasons["resident-id-check"].examples] == [3]


@pytest.mark.parametrize(
    "content",
    [
        ROWS.encode("utf-8"),
        codecs.BOM_UTF8 + ROWS.encode("utf-8"),
        ROWS.encode("gb18030"),
        ROWS.encode("utf-16"),
        ROWS.replace("\n", "\r\n").encode("gb18030"),
        ROWS.replace(",", "\t").encode("utf-8"),
        gzip.compress(ROWS.encode("gb18030")),
        gzip.compress(codecs.BOM_UTF8 + ROWS.encode("utf-8")),
    ],
)
def test_every_way_a_file_is_saved_gives_the_same_answer(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    summary = check(path, "区划", Kind.DIVISION)
    assert (summary.rows, summary.valid) == (8, 5)
    assert counts(summary) == {"division-unknown": 1, "division-length": 1, "row-uneven": 1}


def test_a_file_that_turns_out_to_be_gb18030_late_is_read_as_such(tmp_path: Path) -> None:
    path = tmp_path / "late.csv"
    lines = "code,name\n" + "110105,x\n" * 300_000 + "110105,朝阳\n"
    path.write_bytes(lines.encode("gb18030"))
    summary = check(path, "code", Kind.DIVISION)
    assert (summary.encoding, summary.rows, summary.valid) == ("gb18030", 300_001, 300_001)


def test_the_report_says_it_row_by_row(people: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    check(people, "区划", Kind.DIVISION, out)
    report = json.loads(out.read_text(encoding="utf-8"))
    assert (report["rows"], report["valid"], report["invalid"]) == (8, 5, 3)
    rows = {row["row"]: row for row in report["results"]}
    assert rows[2]["normalised"] == "110103"
    assert rows[2]["now"] == [{"code": "110101", "name": "东城区", "full_name": "北京市东城区"}]
    assert rows[3]["now"][0]["full_name"] == "山东省济南市莱芜区"
    assert rows[4]["status"] == "current"
    assert rows[5]["reason"] == "division-unknown"
    assert rows[6]["now"] == []
    assert "division-successor-unknown" in rows[6]["warnings"]
    assert rows[9]["reason"] == "row-uneven"
    assert report["as_of"] == "2026-11-21"


def test_the_report_gives_normalised_values_and_is_for_its_owner_alone(people: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    check(people, "身份号码", Kind.RESIDENT_ID, out)
    rows = {row["row"]: row for row in json.loads(out.read_text(encoding="utf-8"))["results"]}
    assert rows[6]["normalised"] == rows[7]["normalised"] == "11010519491231002X"
    assert rows[6]["value"] == "110105491231002"
    assert rows[3]["expected"] == "X"
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_the_report_of_an_empty_table_is_whole(tmp_path: Path) -> None:
    path, out = tmp_path / "a.csv", tmp_path / "out.json"
    path.write_text("code\n", encoding="utf-8")
    check(path, "code", Kind.DIVISION, out)
    assert json.loads(out.read_text(encoding="utf-8"))["results"] == []


def test_credit_codes_are_hinted_at(people: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    summary = check(people, "信用代码", Kind.USCC, out)
    assert counts(summary) == {
        "uscc-character": 1,
        "uscc-check": 1,
        "uscc-length": 1,
        "identifier-empty": 1,
        "row-uneven": 1,
    }
    row = json.loads(out.read_text(encoding="utf-8"))["results"][1]
    assert (row["position"], row["found"]) == (18, "S")


def test_nothing_half_made_remains_when_the_file_breaks(tmp_path: Path) -> None:
    path, out = tmp_path / "cut.csv.gz", tmp_path / "out.json"
    body = gzip.compress(("code\n" + "".join(f"{number}\n" for number in range(200_000))).encode())
    path.write_bytes(body[: len(body) // 2])
    with pytest.raises(source.ColumnError):
        check(path, "code", Kind.DIVISION, out)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["cut.csv.gz"]


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path, out = tmp_path / "big.csv", tmp_path / "out.json"
    body = "11010519490101"
    numbers = [f"{body}{sequence:03d}" for sequence in range(1000)]
    with path.open("w", encoding="utf-8") as file:
        file.write("id\n")
        for _ in range(20):
            file.writelines(f"{number}{check_character(number)}\n" for number in numbers)
    standard_divisions()
    tracemalloc.start()
    summary = check(path, "id", Kind.RESIDENT_ID, out)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert summary.valid == 20_000
    assert peak < 4_000_000
    assert out.stat().st_size > 1_000_000


def test_quoted_cells_with_line_breaks_keep_the_row_numbers_of_a_spreadsheet(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["地址", "code"], ["第一行\n第二行", "110105"], ["x", "999999"]])
    summary = check(path, "code", Kind.DIVISION)
    assert [example.row for example in summary.reasons["division-unknown"].examples] == [3]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", source.ColumnFileEmpty),
        (b"\n\n", source.ColumnFileEmpty),
        (b"PK\x03\x04rest", source.ColumnNotCsv),
        (b"\xd0\xcf\x11\xe0rest", source.ColumnNotCsv),
        (b"a,b\n\0\0\0", source.ColumnNotCsv),
        (b"a,b\n\xff\xff\xff,1\n", source.ColumnEncoding),
        (b"a,b\n1,2\n", source.ColumnMissing),
        (b"code,code\n1,2\n", source.ColumnTwice),
        (b"\x1f\x8bnot gzip", source.ColumnBroken),
        (b'code\n"' + b"x" * 2_000_000, source.ColumnBroken),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(
    tmp_path: Path, content: bytes, error: type[source.ColumnError]
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(error) as raised:
        check(path, "code", Kind.DIVISION)
    assert raised.value.text("zh")
    assert raised.value.mend("en")


def test_a_missing_file_and_a_directory_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(source.ColumnFileMissing):
        check(tmp_path / "none.csv", "code", Kind.DIVISION)
    with pytest.raises(source.ColumnError):
        check(tmp_path, "code", Kind.DIVISION)


def test_a_misspelt_column_brings_the_nearest_name(people: Path) -> None:
    with pytest.raises(source.ColumnMissing) as raised:
        check(people, "身份号", Kind.RESIDENT_ID)
    assert "是不是“身份号码”" in raised.value.text("zh")
    assert "区划" in raised.value.mend("zh")


def test_the_command_speaks_chinese_masks_and_exits_with_one(people: Path) -> None:
    result = run(people, "--column", "身份号码", "--as", "resident_id", "--as-of", "2026-11-21")
    assert result.exit_code == 1
    assert "共 8 行：合规 3 行，不合规 5 行" in result.output
    assert "第 3 行  110105********0021" in result.output
    for number in ("110105194912310021", "11010519491231002X", "19900230", "11010549123100"):
        assert number not in result.output


def test_the_command_tells_what_old_codes_are_called(people: Path) -> None:
    result = run(people, "--column", "区划", "--as", "division", "--as-of", "2026-11-21")
    assert "110103 崇文区 → 110101 东城区（1 行）" in result.output
    assert "542134 盐井县 → 去向未收录（1 行）" in result.output
    assert "区划变更收录到 2025-12-31" in result.output
    then = run(people, "--column", "区划", "--as", "division", "--as-of", "2009-01-01")
    assert "东城区" not in then.output


def test_the_command_speaks_english(people: Path) -> None:
    result = run(people, "--column", "信用代码", "--as", "uscc", "--lang", "en")
    assert result.exit_code == 1
    assert "8 rows: 3 valid, 5 not valid" in result.output
    assert "Should it be 5?" in result.output


def test_a_clean_column_exits_with_zero(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id\n11010519491231002X\n", encoding="utf-8")
    assert run(path, "--column", "id", "--as", "resident_id").exit_code == 0


def test_mistakes_of_use_exit_with_two(people: Path, tmp_path: Path) -> None:
    assert run(tmp_path / "none.csv", "--column", "a", "--as", "uscc").exit_code == 2
    assert run(people, "--column", "none", "--as", "uscc").exit_code == 2
    assert run(people, "--column", "区划", "--as", "shoe").exit_code == 2
    assert run(people, "--column", "区划", "--as", "division", "--as-of", "someday").exit_code == 2
    same = run(people, "--column", "区划", "--as", "division", "--report", people)
    assert same.exit_code == 2
    assert people.read_text(encoding="utf-8") == ROWS, "the checked file is never overwritten"
    nowhere = run(people, "--column", "区划", "--as", "division", "--report", tmp_path / "no" / "out.json")
    assert nowhere.exit_code == 2
    local = run(people, "--column", "区划", "--as", "division", "--local-divisions", tmp_path / "none")
    assert local.exit_code == 2


def test_local_divisions_are_known_when_given(tmp_path: Path) -> None:
    path, local = tmp_path / "a.csv", tmp_path / "local.csv"
    path.write_text("code\n290102\n", encoding="utf-8")
    head = "# title: 云泽省\n# source: fiction\n# edition: 2026\n# verified: true\n"
    local.write_text(head + "code,name\n290000,云泽省\n290102,云中区\n", encoding="utf-8")
    assert run(path, "--column", "code", "--as", "division").exit_code == 1
    assert run(path, "--column", "code", "--as", "division", "--local-divisions", local).exit_code == 0


@pytest.mark.needs_shared_data
def test_a_real_register_of_enterprises_passes_almost_whole(shared_data: Path) -> None:
    path = shared_data / "legal" / "shandong_jinan_enterprises_sample.csv.gz"
    summary = check(path, "统一社会信用代码", Kind.USCC)
    assert summary.rows > 5000
    assert summary.invalid / summary.rows < 0.02
