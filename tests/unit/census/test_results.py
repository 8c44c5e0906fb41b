"""The workbook, the JSON, what changed since, the command, and the pace."""

from __future__ import annotations

import datetime as dt
import itertools
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from yiwang.bootstrap.cli.catalogue import command
from yiwang.dataplane.census.document import known, read_earlier, read_json, write_json
from yiwang.dataplane.census.draft import Draft
from yiwang.dataplane.census.drift import changes
from yiwang.dataplane.census.errors import PreviousUnreadable
from yiwang.dataplane.census.opening import places
from yiwang.dataplane.census.pace import Pace
from yiwang.dataplane.census.scan import scan
from yiwang.dataplane.census.sheets import Sheet, safe, unsafe, write_book
from yiwang.dataplane.census.source import Limits
from yiwang.dataplane.census.workbook import TEMPLATE, write_workbook

NOW = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
ROWS = "证书编号,类型,=HYPERLINK(1),更新时间\n" + "".join(
    f"ZS{n:05d},{'+' if n % 2 else '@'}甲,{n},2026-11-{n % 20 + 1:02d} 08:00:00\n" for n in range(60)
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "证书.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


@pytest.fixture
def draft(source: Path) -> Draft:
    return scan(places([str(source)]), Limits(), NOW)


def test_the_first_sheet_is_the_template_of_the_guide(draft: Draft, tmp_path: Path) -> None:
    write_workbook(draft, tmp_path / "d.xlsx")
    book = openpyxl.load_workbook(tmp_path / "d.xlsx")
    assert book.sheetnames == ["目录", "信息资源", "信息项", "代码表", "敏感项", "一数一源", "说明"]
    sheet = book["目录"]
    rows = list(sheet.iter_rows(values_only=True))
    assert len(TEMPLATE) == 30
    assert [cell or "" for cell in rows[0]] == [group for group, _ in TEMPLATE]
    assert (rows[2][4], rows[2][18], rows[2][19], rows[2][20]) == ("证书", "证书编号", "字符型C", 7)
    assert rows[3][4] is None, "cells of the resource stand in its first row only"
    assert rows[3][18] == "类型"
    assert "M1:R1" in {str(merged) for merged in sheet.merged_cells.ranges}


def test_nothing_in_the_workbook_is_a_formula(draft: Draft, tmp_path: Path) -> None:
    write_workbook(draft, tmp_path / "d.xlsx")
    book = openpyxl.load_workbook(tmp_path / "d.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell for cell in cells if cell.data_type == "f" or str(cell.value)[0] in "=+@"]
    with zipfile.ZipFile(tmp_path / "d.xlsx") as archive:
        assert not any(b"<f>" in archive.read(name) for name in archive.namelist())


@given(st.text(max_size=50))
def test_escaped_text_comes_back(text: str) -> None:
    if "\ufffd" not in safe(text):
        assert unsafe(safe(text)) == text or text.startswith("'")
    assert safe(text)[:1] not in {"=", "@", "\t", "\r"}


@given(
    st.lists(
        st.lists(st.one_of(st.none(), st.integers(-(10**9), 10**9), st.text(max_size=20)), max_size=5),
        max_size=8,
    )
)
def test_any_cells_make_a_workbook_that_opens(rows: list[list[int | str | None]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.xlsx"
        write_book([Sheet("一", [["甲"]], rows)], path)
        read = list(openpyxl.load_workbook(path)["一"].iter_rows(values_only=True))
    assert read[0][0] == "甲"
    for row, back in zip(rows, itertools.chain(read[1:], itertools.repeat(())), strict=False):
        for cell, found in zip(row, itertools.chain(back, itertools.repeat(None)), strict=False):
            if isinstance(cell, int):
                assert found == cell


def test_a_failed_write_leaves_nothing_behind(
    draft: Draft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("yiwang.dataplane.census.workbook.write_book", broken)
    (tmp_path / "out").mkdir()
    with pytest.raises(OSError, match="No space"):
        write_workbook(draft, tmp_path / "out" / "d.xlsx")
    assert list((tmp_path / "out").iterdir()) == []


def test_json_and_workbook_remember_the_same_structure(draft: Draft, tmp_path: Path) -> None:
    write_json(draft, tmp_path / "d.json")
    write_workbook(draft, tmp_path / "d.xlsx")
    assert read_json(tmp_path / "d.json") == draft
    assert read_earlier(tmp_path / "d.json") == known(draft)
    assert changes(read_earlier(tmp_path / "d.xlsx"), draft) == ()


def test_drift_is_told_by_table_and_column(draft: Draft) -> None:
    resource = draft.resources[0]
    first, second, *rest = resource.items
    assert second.code_list is not None
    listed = replace(second.code_list, entries=second.code_list.entries[:1])
    later = replace(
        draft,
        resources=(
            replace(resource, items=(
                replace(first, letter="I", length=4, key=False),
                replace(second, code_list=listed, level=4, references="a.b"), *rest[1:],
            )),
            replace(resource, table="新表"),
        ),
    )  # fmt: skip
    found = {(change.kind, change.where, change.breaking) for change in changes(known(draft), later)}
    assert found == {
        ("type", "证书.证书编号", True), ("key", "证书.证书编号", True), ("codes", "证书.类型", False), ("level", "证书.类型", True),
        ("reference", "证书.类型", False), ("column-removed", "证书.=HYPERLINK(1)", True), ("table-added", "新表", False),
    }  # fmt: skip


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b'{"format": "other"}', b"PK\x03\x04", b"\xff"])
@pytest.mark.parametrize("name", ["d.json", "d.xlsx"])
def test_what_is_no_earlier_result_is_told_so(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(PreviousUnreadable):
        read_earlier(tmp_path / name)


def test_the_command_writes_compares_and_says_what_it_found(source: Path, tmp_path: Path) -> None:
    run = CliRunner()
    out, other = str(tmp_path / "d.xlsx"), str(tmp_path / "d.json")
    done = run.invoke(command, ["scan", f"发证中心={source}", "--out", out, "--json", other])
    assert done.exit_code == 0, done.output
    assert "信息资源 1，信息项 4" in done.output
    assert run.invoke(command, ["scan", str(source), "--out", out, "--against", other]).exit_code == 0
    source.write_text(ROWS.replace("类型", "种类"), encoding="utf-8")
    drifted = run.invoke(command, ["scan", str(source), "--out", out, "--against", other, "--lang", "en"])
    assert drifted.exit_code == 1
    assert "证书.类型: the column is gone" in drifted.output


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["scan", "nothing.csv", "--out", "x.xlsx"], "census-file-missing"), (["scan", "{source}"], "--out"),
        (["scan", "{source}", "--out", "/none/x.xlsx"], "/none"), (["scan", "ftp://u:geheim@h/x", "--out", "x.xlsx"], "census-address"),
        (["scan", "{source}", "--out", "x.xlsx", "--against", "none.json"], "census-previous"),
    ],
)  # fmt: skip
def test_mistakes_are_told_and_exit_with_two(source: Path, arguments: list[str], word: str) -> None:
    done = CliRunner().invoke(command, [a.replace("{source}", str(source)) for a in arguments])
    assert done.exit_code == 2
    assert word in done.output
    assert "geheim" not in done.output


def test_statements_are_spaced_and_a_pause_earns_no_burst() -> None:
    clock = [0.0]
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        clock[0] += seconds

    pace = Pace(10.0, clock=lambda: clock[0], wait=wait)
    for _ in range(50):
        pace.step()
    assert clock[0] == pytest.approx(4.9, abs=0.2)
    clock[0] += 100
    waits.clear()
    for _ in range(11):
        pace.step()
    assert sum(waits) >= 0.8


def test_the_same_datum_in_two_departments_is_a_candidate(tmp_path: Path) -> None:
    for name, rows in (("a", range(100)), ("b", range(40, 90))):
        lines = [f"91290102MA{n:08d},澜州{n}有限公司,澜州市解放路{n}号" for n in rows]
        (tmp_path / f"{name}.csv").write_text(
            "统一社会信用代码,企业名称,注册地址\n" + "\n".join(lines), encoding="utf-8"
        )
    draft = scan(places([f"税务局={tmp_path}/b.csv", f"市场监管局={tmp_path}/a.csv"]), Limits(), NOW)
    names = {c.datum: c for c in draft.candidates}
    assert {"统一社会信用代码", "企业名称", "注册地址"} <= names.keys()
    proposed = names["企业名称"]
    assert proposed.holders[proposed.proposed].department == "市场监管局"
    assert "100%" in proposed.reason.en
