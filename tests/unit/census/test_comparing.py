"""`yw catalogue scan --against` an exported catalogue: a second scan tells drift against what was published."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from tests.unit.census.test_results import ROWS
from yiwang.blocks.catalogue.domain.census.writing import census_tables
from yiwang.blocks.catalogue.domain.feed import FORMAT
from yiwang.blocks.catalogue.domain.resource import ResourceDraft
from yiwang.blocks.catalogue.domain.survey.proposal import EntryTerms, TableChoice, entry_of
from yiwang.bootstrap.cli.catalogue import command
from yiwang.dataplane.census.document import read_json
from yiwang.dataplane.spreadsheets.writing import write_workbook

TERMS = EntryTerms("306001003", share_condition="作为行政依据")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    path = tmp_path / "证书.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


@pytest.fixture
def entry(place: Path, tmp_path: Path) -> ResourceDraft:
    assert run(place, "--json", str(tmp_path / "s.json")).exit_code == 0
    return entry_of(read_json(tmp_path / "s.json").resources[0], TableChoice(), TERMS)


@pytest.fixture(params=["catalogue.xlsx", "catalogue.json"])
def exported(request: pytest.FixtureRequest, entry: ResourceDraft, tmp_path: Path) -> Path:
    """The entry as a catalogue gives it out."""
    path = tmp_path / str(request.param)
    if path.suffix == ".xlsx":
        path.write_bytes(
            write_workbook(census_tables([("306001003/7", entry)], "11620100MB00000001", "发证中心"))
        )
    else:
        path.write_bytes(
            msgspec.json.encode({"format": FORMAT, "resources": [{"id": "306001003/7", "entry": entry}]})
        )
    return path


def run(place: Path, *words: str) -> Result:
    return CliRunner().invoke(command, ["scan", str(place), *words], catch_exceptions=False)


def test_a_table_that_fits_its_entry_has_no_drift(place: Path, exported: Path) -> None:
    done = run(place, "--against", str(exported))
    assert done.exit_code == 0, done.output
    assert "与目录比较了 1 条，0 条有变化" in done.output


def test_drift_is_told_by_entry_and_exits_with_one(place: Path, exported: Path) -> None:
    place.write_text(ROWS.replace("类型", "种类"), encoding="utf-8")
    done = run(place, "--against", str(exported), "--lang", "en")
    assert done.exit_code == 1, done.output
    assert "306001003/7" in done.output
    assert "The column 类型 of" in done.output
    assert "(种类)" in done.output


def test_an_entry_that_fits_no_table_is_not_taken_for_one_without_drift(place: Path, exported: Path) -> None:
    place.write_text("甲,乙\n1,2\n", encoding="utf-8")
    done = run(place, "--against", str(exported))
    assert done.exit_code == 2
    assert "census-nothing-to-compare" in done.output


def test_the_officer_may_say_which_table_an_entry_describes(place: Path, exported: Path) -> None:
    place.write_text("证书编号,乙,丙,丁\n1,2,3,4\n", encoding="utf-8")
    done = run(place, "--against", str(exported), "--entry", "306001003/7=证书")
    assert done.exit_code == 1, done.output


@pytest.mark.parametrize(
    ("name", "content"),
    [("c.json", b'{"format": "yiwang-catalogue/1", "resources": [{}]}'), ("c.json", b'{"format": "other"}'), ("c.xlsx", b"PK\x03\x04")],
)  # fmt: skip
def test_a_file_that_is_no_catalogue_is_refused_before_the_scan(
    place: Path, tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    done = run(place, "--against", str(tmp_path / name), "--json", str(tmp_path / "never.json"))
    assert done.exit_code == 2
    assert not (tmp_path / "never.json").exists()


def test_a_defect_of_an_exported_sheet_is_told_by_its_cell(
    place: Path, entry: ResourceDraft, tmp_path: Path
) -> None:
    path = tmp_path / "bad.xlsx"
    bad = replace(entry, title="")
    path.write_bytes(write_workbook(census_tables([("306001003/7", bad)], "11620100MB00000001", "发证中心")))
    done = run(place, "--against", str(path))
    assert done.exit_code == 2
    assert "信息资源目录!" in done.output


@pytest.mark.parametrize(
    "words", [["--data", "."], ["--as", "wangmin"], ["--against", "x.json", "--data", ".", "--as", "wangmin"]]
)
def test_a_node_and_an_account_go_together(place: Path, words: list[str]) -> None:
    assert run(place, "--json", "x.json", *words).exit_code == 2


def test_an_entry_without_an_equals_sign_is_refused(place: Path, exported: Path) -> None:
    assert run(place, "--against", str(exported), "--entry", "306001003/7").exit_code == 2
