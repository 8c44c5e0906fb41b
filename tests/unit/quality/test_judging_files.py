"""A data officer judges a file on her own machine: CSV, sheet or Parquet, rules of her own or a contract of others."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result

from yiwang.bootstrap.cli.quality import command
from yiwang.dataplane.engines.duckdb import DuckDB
from yiwang.dataplane.quality.errors import (
    QualityExpressionWrong,
    QualityFieldType,
    QualityFieldUnknown,
    QualityFileUnreadable,
    QualityRulesUnreadable,
    QualityRuleWrong,
)

ROWS = [
    ("证件号码", "姓名", "年龄", "登记日期", "状态"),
    ("11010519491231002X", "王敏", "41", "2026-01-02", "01"),
    ("110105194912310021", "周航", "x", "2026-02-03", "01"),
    ("11010519491231002X", "", "200", "2027-01-01", "09"),
]
RULES = """
title: 人员
key: [姓名]
columns: {年龄: integer, 登记日期: date}
rules:
  - {rule: check_digit, field: 证件号码, kind: mod11_2, severity: blocking}
  - {rule: unique, fields: [证件号码]}
  - {rule: not_null, fields: [姓名]}
  - {rule: range, field: 年龄, min: 0, max: 130}
  - {rule: in_list, field: 状态, values: ["01", "02"]}
  - {rule: expr, id: not_future, dimension: 准确性, expr: "row.登记日期 <= today && row.状态 != '今天 row.姓名'"}
"""
FAILED = {
    "check_digit.证件号码": (3, 1), "unique.证件号码": (3, 2), "not_null.姓名": (3, 1), "range.年龄": (2, 1),
    "in_list.状态": (3, 1), "not_future": (3, 1), "type.年龄": (3, 1), "type.登记日期": (3, 0),
}  # fmt: skip


def write(folder: Path, kind: str) -> Path:
    text = "\n".join(",".join(row) for row in ROWS) + "\n"
    path = folder / f"people.{kind}"
    match kind:
        case "csv":
            path.write_text(text, encoding="utf-8-sig")
        case "gbk.csv":
            path.write_bytes(text.encode("gb18030"))
        case "csv.gz":
            path.write_bytes(gzip.compress(text.encode()))
        case "xlsx":
            book = openpyxl.Workbook()
            sheet = book.worksheets[0]
            for row in ROWS:
                sheet.append([value or None for value in row])
            book.save(path)
        case _:
            csv = write(folder, "csv")
            with DuckDB() as database:
                database.execute(
                    f"COPY (SELECT * FROM read_csv('{csv}', all_varchar = true)) TO '{path}' (FORMAT parquet)"
                )
    return path


def run(folder: Path, file: Path, rules: str = RULES, *more: str) -> Result:
    written = folder / "rules.yaml"
    written.write_text(rules, encoding="utf-8")
    return CliRunner().invoke(
        command, ["check", str(file), "--rules", str(written), "--as-of", "2026-06-01", *more]
    )


@pytest.mark.parametrize("kind", ["csv", "gbk.csv", "csv.gz", "xlsx", "parquet"])
def test_every_kind_of_file_gives_the_same_counts(tmp_path: Path, kind: str) -> None:
    report = tmp_path / "report.json"
    done = run(tmp_path, write(tmp_path, kind), RULES, "--report", str(report))
    assert done.exit_code == 1, done.output  # a blocking rule is broken
    told = json.loads(report.read_text(encoding="utf-8"))
    assert {rule["id"]: (rule["tested"], rule["failed"]) for rule in told["rules"]} == FAILED
    assert told["blocked"] == ["check_digit.证件号码"]
    assert told["level"] == 2
    assert "等级" not in done.output
    assert "3 行" in done.output


def test_the_page_needs_nothing_else_and_holds_no_judged_value(tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    rules = RULES.replace("key: [姓名]\n", "").replace("title: 人员", "title: <script>人员")
    done = run(tmp_path, write(tmp_path, "csv"), rules, "--report", str(report), "--lang", "en")
    page = report.read_text(encoding="utf-8")
    assert done.exit_code == 1
    assert "&lt;script&gt;人员" in page
    assert "<script" not in page
    assert "http" not in page
    assert not any(value in page for value in ("110105194912310021", "王敏", "2027-01-01"))
    assert "rows: 2" in page


def test_a_score_below_the_wanted_one_is_an_exit_code(tmp_path: Path) -> None:
    rules = "rules:\n  - {rule: not_null, fields: [姓名]}\n"
    file = write(tmp_path, "csv")
    assert run(tmp_path, file, rules).exit_code == 0
    assert run(tmp_path, file, rules, "--below", "90").exit_code == 1


@pytest.mark.parametrize(
    ("rules", "error", "told"),
    [
        ("rules: [", QualityRulesUnreadable, "1"),
        ("rule: []", QualityRulesUnreadable, "no key `rule`"),
        ("rules: []\ncolumns: {年龄: number}", QualityRulesUnreadable, "number"),
        ("rules:\n  - {rule: not_nul, field: a}", QualityRuleWrong, "not_nul"),
        ("rules:\n  - {rule: not_null, field: 性别}", QualityFieldUnknown, "性别"),
        ("rules:\n  - {rule: range, field: 年龄, min: 1}", QualityFieldType, "年龄"),
        ("rules: []\ncolumns: {性别: text}", QualityFieldUnknown, "性别"),
        (
            "rules:\n  - {rule: expr, id: a, dimension: 准确性, expr: 'row.年龄 >'}",
            QualityExpressionWrong,
            "expected",
        ),
        (
            "rules:\n  - {rule: expr, id: a, dimension: 准确性, expr: 'row.姓名 > 3'}",
            QualityExpressionWrong,
            "expected",
        ),
        (
            "rules:\n  - {rule: expr, id: a, dimension: 准确性, expr: 'row.姓名'}",
            QualityExpressionWrong,
            "true or false",
        ),
        ("kind: DataContract\nschema: []", QualityRulesUnreadable, "no Open Data Contract"),
    ],
)
def test_wrong_rules_are_told_with_what_is_wrong(
    tmp_path: Path, rules: str, error: type[Exception], told: str
) -> None:
    done = run(tmp_path, write(tmp_path, "csv"), rules)
    assert isinstance(done.exception, error), done.output
    assert told in str(done.exception)


@pytest.mark.parametrize(
    ("name", "content"),
    [("gone.csv", None), ("people.doc", b"x"), ("people.xlsx", b"PK no"), ("people.csv", b"\xff\xfe\x00\x81"), ("people.parquet", b"PAR1")],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, name: str, content: bytes | None) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    done = run(tmp_path, path, "rules: []")
    assert isinstance(done.exception, QualityFileUnreadable), done.output


def test_rules_go_out_as_a_contract_and_come_back(tmp_path: Path) -> None:
    file, out = write(tmp_path, "csv"), tmp_path / "contract.json"
    (tmp_path / "rules.yaml").write_text("rules:\n  - {rule: not_null, fields: [姓名]}\n", encoding="utf-8")
    made = CliRunner().invoke(
        command, ["contract", str(file), "--rules", str(tmp_path / "rules.yaml"), "--out", str(out)]
    )
    assert made.exit_code == 0, made.output
    report = tmp_path / "back.json"
    done = CliRunner().invoke(command, ["check", str(file), "--rules", str(out), "--report", str(report)])
    assert done.exit_code == 0, done.output
    assert json.loads(report.read_text(encoding="utf-8"))["rules"][0]["failed"] == 1
