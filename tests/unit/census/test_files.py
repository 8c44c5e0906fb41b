"""CSV, XLSX and Parquet files under census, honest ones and hostile ones."""

from __future__ import annotations

import datetime as dt
import gzip
import os
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import openpyxl
import pyarrow as arrow
import pytest
from pyarrow import parquet

from yiwang.dataplane.census.draft import Draft
from yiwang.dataplane.census.errors import (
    AddressUnknown,
    EncodingUnknown,
    FileBroken,
    FileEmpty,
    FileForbidden,
    FileHostile,
    FileMissing,
    NothingThere,
)
from yiwang.dataplane.census.opening import places, shown
from yiwang.dataplane.census.scan import scan
from yiwang.dataplane.census.source import Limits
from yiwang.dataplane.connectors.errors import DriverMissing

NOW = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
ROWS = "姓名,手机号码,类型\n" + "".join(f"王敏,139{n:08d},{'甲乙'[n % 2]}\n" for n in range(60))
NOBODY = 65534


def looked(path: Path, limits: Limits | None = None) -> Draft:
    return scan(places([str(path)]), limits or Limits(), NOW)


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("packed", [False, True])
def test_encodings_and_packing_are_found_out(tmp_path: Path, encoding: str, packed: bool) -> None:
    content = ROWS.encode(encoding)
    path = written(
        tmp_path / ("名单.csv.gz" if packed else "名单.csv"), gzip.compress(content) if packed else content
    )
    resource = looked(path).resources[0]
    assert (resource.table, resource.rows, [i.column for i in resource.items]) == (
        "名单",
        60,
        ["姓名", "手机号码", "类型"],
    )


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_out(tmp_path: Path, sign: str) -> None:
    path = written(tmp_path / "a.csv", ROWS.replace(",", sign).encode())
    assert len(looked(path).resources[0].items) == 3


def test_a_file_without_a_header_never_gives_its_first_row_away_as_names(tmp_path: Path) -> None:
    rows = "".join(f"王敏,11010519491231002X,139{n:08d}\n" for n in range(50))
    draft = looked(written(tmp_path / "a.csv", rows.encode()))
    assert [i.column for i in draft.resources[0].items] == ["列1", "列2", "列3"]
    assert [r.code for r in draft.remarks] == ["no-header"]
    assert draft.resources[0].rows == 50


def test_a_title_above_the_table_is_passed_over(tmp_path: Path) -> None:
    draft = looked(written(tmp_path / "a.csv", ("澜州市低保名单,,\n2026年11月,,\n" + ROWS).encode()))
    assert [i.column for i in draft.resources[0].items] == ["姓名", "手机号码", "类型"]


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("a.csv", b"", FileEmpty), ("a.csv", b"  \n \n", FileEmpty), ("a.csv", b"PK\x03\x04xxxx", FileBroken),
        ("a.csv", b"\x00\x01\x02" * 50, FileBroken), ("a.csv", "姓名\n".encode() + b"\xff\xff\xff\n", EncodingUnknown),
        ("a.csv.gz", b"\x1f\x8b\x08\x00broken", FileBroken), ("a.csv", b"a,b\n" + b"x" * (2 << 20) + b",y\n", FileHostile),
        ("a.csv", (",".join("c" * 1 for _ in range(6000)) + "\n").encode(), FileHostile),
        ("a.xlsx", b"", FileEmpty), ("a.xlsx", b"not a zip", FileBroken), ("a.xlsx", b"\xd0\xcf\x11\xe0" + b"\0" * 600, FileBroken),
        ("a.parquet", b"PAR1 not really", FileBroken), ("a.doc", b"x", AddressUnknown),
    ],
)  # fmt: skip
def test_bad_files_are_told_by_name(
    tmp_path: Path, name: str, content: bytes, error: type[Exception]
) -> None:
    with pytest.raises(error) as caught:
        looked(written(tmp_path / name, content))
    assert name in str(caught.value)


def test_a_gzip_bomb_is_refused(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "a.csv.gz", "wb", compresslevel=9) as file:
        for _ in range(40):
            file.write(b"a,b\n" * (1 << 18))
    with pytest.raises(FileHostile):
        looked(tmp_path / "a.csv.gz")


def workbook(path: Path, rows: Sequence[Sequence[object]], state: str = "visible") -> Path:
    book = openpyxl.Workbook()
    book.remove(book["Sheet"])
    sheet = book.create_sheet("人员")
    for row in rows:
        sheet.append(row)
    if state != "visible":
        book.create_sheet("第二张").append(["a", "b"])
        sheet.sheet_state = state
    book.save(path)
    return path


PEOPLE: Sequence[Sequence[object]] = (
    ("姓名", "出生日期", "编号"),
    *(("王敏", dt.date(1990, 1, n % 28 + 1), n) for n in range(40)),
)


def test_sheets_are_tables_and_titles_above_them_are_passed_over(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["人员名单"], list[object](), *PEOPLE])
    resource = looked(path).resources[0]
    assert (resource.table, resource.rows) == ("人员", 40)
    assert [(i.column, i.letter) for i in resource.items] == [("姓名", "C"), ("出生日期", "D"), ("编号", "I")]


def test_hidden_sheets_and_macros_are_pointed_out(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", PEOPLE, state="hidden")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
        archive.writestr("xl/externalLinks/externalLink1.xml", b"<x/>")
    assert {r.code for r in looked(path).remarks} >= {"hidden-sheet", "macros", "external-links"}


def test_a_zip_bomb_an_entity_and_a_giant_cell_are_refused(tmp_path: Path) -> None:
    for number, (part, content) in enumerate((
        ("xl/sharedStrings.xml", b"<a>" + b"<b/>" * (40 << 20)),
        ("xl/workbook2.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a/>'),
        ("xl/worksheets/sheet9.xml", b"<t>" + b"x" * (10 << 20) + b"</t>"),
    )):  # fmt: skip
        path = workbook(tmp_path / f"{number}.xlsx", PEOPLE)
        with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(part, content)
        with pytest.raises(FileHostile):
            looked(path)


def test_formulas_are_read_by_their_last_result_only(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx", [["名称", "链接"], *[["甲", '=HYPERLINK("http://x")'] for _ in range(20)]]
    )
    item = looked(path).resources[0].items[1]
    assert item.filled == 0.0


def test_parquet_types_and_counts_are_read(tmp_path: Path) -> None:
    table = arrow.table({
        "xm": ["王敏", "周航"] * 20, "gz": arrow.array([1.5, 2.5] * 20), "rq": [dt.date(2026, 1, 1)] * 40,
        "zp": arrow.array([b"\xff\xd8"] * 40, arrow.binary()), "yx": [True, False] * 20,
    })  # fmt: skip
    parquet.write_table(table, tmp_path / "ry.parquet")
    resource = looked(tmp_path / "ry.parquet").resources[0]
    assert [i.letter for i in resource.items] == ["C", "B", "D", "G", "L"]
    assert resource.rows == 40
    data = (tmp_path / "ry.parquet").read_bytes()
    with pytest.raises(FileBroken):
        looked(written(tmp_path / "half.parquet", data[: len(data) // 2]))


def test_a_folder_stands_for_its_files_and_departments_are_labelled(tmp_path: Path) -> None:
    written(tmp_path / "a.csv", ROWS.encode())
    written(tmp_path / "b.txt", ROWS.encode())
    written(tmp_path / "c.pdf", b"%PDF")
    draft = scan(places([f"民政局={tmp_path}"]), Limits(), NOW)
    assert [(r.table, r.department) for r in draft.resources] == [("a", "民政局"), ("b", "民政局")]
    (tmp_path / "empty").mkdir()
    with pytest.raises(NothingThere):
        places([str(tmp_path / "empty")])
    with pytest.raises(FileMissing):
        places([str(tmp_path / "none.csv")])


@pytest.mark.parametrize(
    "address", ["ftp://x/y", "postgresql://host", "mysql://u:p@h:port/db", "postgresql://:@/x"]
)
def test_unusable_addresses_are_told_without_their_password(address: str) -> None:
    with pytest.raises(AddressUnknown) as caught:
        scan(places([address]), Limits(), NOW)
    assert "p@h" not in str(caught.value)
    assert shown("mysql://u:geheim@h/db?x=1") == "mysql://u@h/db"


@pytest.mark.parametrize(("scheme", "package"), [("oracle", "oracledb"), ("dm", "dmPython")])
def test_a_missing_driver_is_named(scheme: str, package: str) -> None:
    with pytest.raises(DriverMissing, match=package):
        scan(places([f"{scheme}://u:p@h/db"]), Limits(), NOW)


def test_a_file_without_rights_is_told_so(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", ROWS.encode())
    looked(path)
    path.chmod(0)
    with not_as_root(tmp_path), pytest.raises(FileForbidden, match="may not be read"):
        looked(path)


@contextmanager
def not_as_root(folder: Path) -> Iterator[None]:
    """Root may read everything: as root, go on with another user's rights, who may enter the folder."""
    before = os.geteuid()
    if before == 0:
        for one in (folder, *folder.parents[:3]):
            one.chmod(0o755)
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(before)
