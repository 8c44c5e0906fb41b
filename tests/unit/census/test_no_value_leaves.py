"""Property: whatever a personal column is called and holds, no value of it is in any output."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from pathlib import Path

import msgspec
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks._columns import MAKERS
from yiwang.bootstrap.cli.catalogue import summary
from yiwang.dataplane.census.document import known
from yiwang.dataplane.census.draft import Draft
from yiwang.dataplane.census.drift import changes
from yiwang.dataplane.census.opening import Place
from yiwang.dataplane.census.scan import scan
from yiwang.dataplane.census.source import Limits
from yiwang.dataplane.census.workbook import write_workbook

NOW = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
PERSONAL = (
    "person",
    "resident_id",
    "mobile",
    "home",
    "email",
    "bank_card",
    "plate",
    "vin",
    "passport",
    "complaint",
    "login",
)
NAMES = (
    "姓名",
    "xm",
    "c1",
    "备注",
    "remark",
    "sfzh",
    "phone",
    "名称",
    "标题",
    "bh",
    "地址",
    "类型",
    "状态",
    "办理人",
    "col_9",
    "x",
)


def outputs(draft: Draft, folder: Path) -> set[str]:
    """Every text that any form of the result holds: cells, JSON strings, lines on the screen."""
    write_workbook(draft, folder / "d.xlsx")
    book = openpyxl.load_workbook(folder / "d.xlsx")
    texts = {
        str(cell)
        for sheet in book
        for row in sheet.iter_rows(values_only=True)
        for cell in row
        if cell is not None
    }
    texts.add(msgspec.json.encode(draft).decode())
    texts.update(summary(draft, "zh") + summary(draft, "en"))
    # beside an earlier census that knew nothing, all is drift
    texts.update(change.text.zh + change.text.en + change.where for change in changes({}, draft))
    return texts


@given(
    columns=st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(PERSONAL)), min_size=1, max_size=4, unique_by=lambda c: c[0]),
    few=st.booleans(), seed=st.integers(0, 10**6),
)  # fmt: skip
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_value_of_a_personal_column_is_in_any_output(
    tmp_path: Path, columns: list[tuple[str, str]], few: bool, seed: int
) -> None:
    draw = random.Random(seed)
    # few: every value stands many times, as in a code list
    pool = {name: [MAKERS[kind](draw, at) for at in range(12 if few else 90)] for name, kind in columns}
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([name for name, _ in columns])
    writer.writerows([[draw.choice(pool[name]) for name, _ in columns] for _ in range(90)])
    path = tmp_path / "t.csv"
    path.write_text(text.getvalue(), encoding="utf-8")
    held = outputs(scan([Place(str(path))], Limits(header=True), NOW), tmp_path)
    for values in pool.values():
        for value in values:
            assert not any(value in text for text in held), value


@pytest.mark.parametrize("secret", ["王敏", "11010519491231002X", "13912345678"])
def test_a_refused_file_does_not_quote_its_values(tmp_path: Path, secret: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(f"姓名,值\n{secret},1\n".encode() * 3 + b"\xff\xfe\xff\n" + b'"' * 3)
    with pytest.raises(Exception) as caught:
        scan([Place(str(path))], Limits(), NOW)
    assert secret not in str(caught.value)


def test_a_draft_knows_structure_only() -> None:
    assert known(Draft("2026-11-21", (), (), ())) == {}
