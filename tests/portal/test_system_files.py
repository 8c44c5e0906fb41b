"""Files handed in on a page, and the interface shown on a page: for who may, and for nobody else."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from tests.portal.conftest import Browser
from tests.portal.sending import as_sent
from tests.portal.test_finding import words
from tests.portal.test_system_pages import choose, page
from tests.store.registry import works
from tests.store.registry.works import QIAN_JIN, WANG_MIN, ZHAO_JING
from yiwang.blocks.registry import public as registry
from yiwang.portal.streaming import Done
from yiwang.portal.systems import importing, naming
from yiwang.vocabulary.crypto import FileKeyProvider, use_key_provider

pytestmark = pytest.mark.django_db
SITES = "/systems/works/site/"
IMPORT = f"{SITES}import/"
HEADS = "编号,名称,所在街道"
GOOD = f"{HEADS}\nB1,一号泵站,{works.TOWN}\nB2,二号泵站,{works.TOWN}\n"


@pytest.fixture(autouse=True)
def _system(tmp_path: Path) -> None:
    use_key_provider(FileKeyProvider(tmp_path / "keys", create=True))
    works.applied()
    naming.forget()


@pytest.fixture(autouse=True)
def _in_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread of long work would not see the transaction of a test."""

    def told(work: Callable[[Callable[[int], None]], object]) -> Iterator[int | Done[object]]:
        counts: list[int] = []
        outcome = Done(work(counts.append))
        yield from counts
        yield outcome

    monkeypatch.setattr(importing, "told", told)


@pytest.fixture
def clerk(browser: Browser) -> Client:
    return choose(browser(WANG_MIN), "handling")


def hand_in(client: Client, text: str | bytes, name: str = "站点.csv", status: int = 200, **more: str) -> str:
    data = text.encode() if isinstance(text, str) else text
    answer = client.post(IMPORT, {"file": SimpleUploadedFile(name, data), **more})
    told = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    assert answer.status_code == status, words(told)[:2000]
    return words(told)


def count() -> int:
    return (
        registry.records(works.CLERK, "works", "site", registry.Wanted({}, size=1), timezone.now()).total or 0
    )


def test_a_file_is_taken_in_whole(clerk: Client) -> None:
    before = count()
    assert "已导入 2 条" in hand_in(clerk, GOOD)
    assert count() == before + 2
    assert "一号泵站" in page(clerk, SITES)


def test_a_check_takes_nothing_in(clerk: Client) -> None:
    before = count()
    assert "2 行都可导入" in hand_in(clerk, GOOD, check="yes")
    assert count() == before
    assert "已导入 2 条" in hand_in(clerk, GOOD)  # nothing of the check stands in the way


@pytest.mark.parametrize("checked", [{}, {"check": "yes"}], ids=["import", "check"])
def test_every_wrong_cell_is_named_and_no_row_taken_in(clerk: Client, checked: dict[str, str]) -> None:
    before = count()
    bad = f"{HEADS},启用日期\nB1,一号泵站,{works.TOWN},昨天\nB2,,{works.TOWN},2020-01-01\n"
    shown = hand_in(clerk, bad, status=422, **checked)
    assert "2 处要改" in shown
    assert re.search(r"2\s+启用日期\s+日期写成 2026-11-20", shown)
    assert re.search(r"3\s+名称\s+必填", shown)
    assert count() == before


def test_a_row_out_of_reach_and_a_key_that_is_taken_are_named_by_line(clerk: Client) -> None:
    works.site("B1")
    assert re.search(
        r"3\s+整行", hand_in(clerk, f"{HEADS}\nB2,甲,{works.TOWN}\nB3,乙,{works.OTHER_TOWN}\n", status=422)
    )
    assert re.search(r"2\s+编号\s+已有同一主键", hand_in(clerk, GOOD, status=422))


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("编号,没有这列\nB1,x\n", "a.csv", "没有这列"),
        (b"PK\x03\x04 no workbook", "a.xlsx", "不"),
        ("x", "a.exe", ".csv、.xlsx"),
        ("<script>alert(1)</script>\n1\n", "a.csv", "<script>"),
    ],
)
def test_hostile_and_foreign_files_are_refused_in_words(
    clerk: Client, text: str | bytes, name: str, said: str
) -> None:
    before = count()
    answer = clerk.post(
        IMPORT, {"file": SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)}
    )
    assert answer.status_code == 422
    assert said in unescape(words(answer.content))
    assert b"<script>alert" not in answer.content
    assert count() == before


def workbook(*rows: list[str]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(out)
    return out.getvalue()


def bomb() -> bytes:
    """A workbook of some kilobytes whose sheet unpacks to 24 MB."""
    plain, out = zipfile.ZipFile(io.BytesIO(workbook(HEADS.split(",")))), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in plain.namelist():
            content = plain.read(name)
            if name.endswith("sheet1.xml"):
                content = content.replace(b"</sheetData>", b"<row/>" * 4_000_000 + b"</sheetData>")
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("made", "name", "said"),
    [
        (lambda: workbook(HEADS.split(","), ["=1+1", "一号泵站", works.TOWN]), "a.xlsx", ("单元格 A2 是公式", "粘贴为数值")),
        (bomb, "a.xlsx", ("过大",)),
        (lambda: GOOD.encode("utf-16"), "a.csv", ("既不是 UTF-8 也不是 GBK", "CSV UTF-8")),
        (lambda: f"{HEADS}\nB1,泵,".encode() + b"\xff\xff\n", "a.csv", ("既不是 UTF-8 也不是 GBK", "CSV UTF-8")),
(lambda: workbook(HEADS.split(",")), "a.csv", ("既不是 UTF-8 也不是 GBK", "CSV UTF-8")),
    ],
    ids=["formula", "bomb", "utf-16", "bytes", "renamed"],
)  # fmt: skip
def test_a_file_that_cannot_be_trusted_or_read_is_refused_with_its_mend(
    clerk: Client, made: Callable[[], bytes], name: str, said: tuple[str, ...]
) -> None:
    before = count()
    shown = hand_in(clerk, made(), name, status=422)
    assert all(one in shown for one in said), shown
    assert count() == before


def test_a_file_in_gbk_is_read(clerk: Client) -> None:
    assert "已导入 2 条" in hand_in(clerk, GOOD.encode("gbk"))
    assert "一号泵站" in page(clerk, SITES)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_wrong_cells_of_a_long_file_are_taken_away_mended_and_handed_in_again(
    clerk: Client, browser: Browser, kind: str
) -> None:
    before, rows = count(), [[f"C{at}", f"第 {at} 站", works.TOWN] for at in range(20_001)]
    rows[7][1] = ""
    rows[19_999][2] = "=街道"

    def content() -> bytes:
        if kind == "xlsx":
            return workbook(HEADS.split(","), *rows)
        return "\n".join([HEADS, *(",".join(row) for row in rows)]).encode()

    if kind == "xlsx":
        rows[19_999][2] = "没有这个街道"
    answer = clerk.post(IMPORT, {"file": SimpleUploadedFile(f"长.{kind}", content()), "check": "yes"})
    shown = answer.content.decode() if not answer.streaming else b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    sent = as_sent(shown.encode(), "wrong")
    taken = clerk.post(f"{IMPORT}wrong.csv", {"wrong": sent["wrong"]}).content.decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(taken)))
    assert [line[:2] for line in lines] == [["行", "列"], ["9", "名称"], ["20001", "所在街道"]]
    sheet = load_workbook(
        io.BytesIO(clerk.post(f"{IMPORT}wrong.xlsx", {"wrong": sent["wrong"]}).content)
    ).worksheets[0]
    assert sheet["A3"].value == 20_001
    # the places are the person's own, and nobody else's
    assert choose(browser(works.ZHOU_HANG), "inspection").post(f"{IMPORT}wrong.csv", sent).status_code == 404
    assert clerk.post(f"{IMPORT}wrong.csv", {"wrong": sent["wrong"][0][:-4]}).status_code == 404
    assert clerk.get(f"{IMPORT}wrong.csv").status_code == 405
    assert count() == before
    rows[7][1], rows[19_999][2] = "第 7 站", works.TOWN
    shown = hand_in(clerk, content(), f"长.{kind}")
    assert "已导入 20,001 条" in shown, shown[60:200]
    for at in (0, 19_999, 20_000):  # the last are of a later step
        wanted = registry.Wanted({"code": f"C{at}"})
        assert registry.records(works.CLERK, "works", "site", wanted, timezone.now()).total == 1


def test_every_wrong_cell_of_a_file_is_on_some_page_and_in_the_file_to_take_away(
    clerk: Client, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "\n".join([HEADS, *(f"C{at},,{works.TOWN}" for at in range(450))])
    answer = clerk.post(IMPORT, {"file": SimpleUploadedFile("空.csv", text.encode()), "check": "yes"})
    first = answer.content
    sent = {"wrong": as_sent(first, "wrong")["wrong"]}
    assert "450 处要改" in words(first)
    pages = [first, *(clerk.post(f"{IMPORT}wrong/", {**sent, "page": str(one)}).content for one in (2, 3))]
    assert [f"第 {one} 页，共 3 页" in words(page) for one, page in enumerate(pages, 1)] == [True] * 3
    lines = [[int(one) for one in re.findall(r">(\d+)</th><td data-label", page.decode())] for page in pages]
    assert lines == [list(range(2, 202)), list(range(202, 402)), list(range(402, 452))]
    assert "空.csv" in words(pages[2])
    assert as_sent(pages[2], "wrong")["wrong"] == sent["wrong"], "the last page gives the whole file, too"
    taken = list(csv.reader(io.StringIO(clerk.post(f"{IMPORT}wrong.csv", sent).content.decode("utf-8-sig"))))
    assert [row[0] for row in taken[1:]] == [str(line) for line in range(2, 452)]
    # the pages are the person's own, for some hours, and have an end
    other = choose(browser(works.ZHOU_HANG), "inspection")
    assert other.post(f"{IMPORT}wrong/", {**sent, "page": "2"}).status_code == 404
    assert clerk.get(f"{IMPORT}wrong/").status_code == 405
    for number in ("0", "4", "-1", "x", "٢", "99999", ""):
        assert clerk.post(f"{IMPORT}wrong/", {**sent, "page": number}).status_code == 404, number
    assert clerk.post(f"{IMPORT}wrong/", {"wrong": sent["wrong"][:-4], "page": "2"}).status_code == 404
    monkeypatch.setattr(importing, "KEPT", timedelta(seconds=-1))
    for address in ("wrong/", "wrong.csv", "wrong.xlsx"):
        assert clerk.post(f"{IMPORT}{address}", {**sent, "page": "2"}).status_code == 404


def test_reading_ends_where_more_is_wrong_than_anybody_is_told(
    clerk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "MOST_PROBLEMS", 300)
    text = "\n".join([HEADS, *(f"C{at},,{works.TOWN}" for at in range(2000))])
    shown = hand_in(clerk, text, status=422, check="yes")
    assert "300 处要改" in shown
    assert "后面可能还有" in shown


def test_a_larger_file_tells_how_far_it_is(clerk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "AT_ONCE", 0)

    shown = hand_in(clerk, GOOD)
    assert shown.index("已读 2 行") < shown.index("已导入 2 条")
    assert "列名" in shown  # the rest of the page follows


def test_the_empty_file_has_the_heads_that_an_import_takes(clerk: Client) -> None:
    answer = clerk.get(f"{IMPORT}empty.xlsx")
    heads = [cell.value for cell in next(load_workbook(io.BytesIO(answer.content)).worksheets[0].rows)]
    assert heads[:3] == ["编号", "名称", "所在街道"]
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(heads)
    sheet.append(["B7", "七号泵站", works.TOWN])
    out = io.BytesIO()
    book.save(out)
    assert "已导入 1 条" in hand_in(clerk, out.getvalue(), "a.xlsx")
    assert clerk.get(f"{IMPORT}empty.exe").status_code == 404


def test_who_may_not_write_finds_no_import(browser: Browser) -> None:
    for someone, status in ((QIAN_JIN, 404), (ZHAO_JING, 404)):
        client = browser(someone)
        assert client.get(IMPORT).status_code == status
        assert client.post(IMPORT, {"file": SimpleUploadedFile("a.csv", GOOD.encode())}).status_code == status
        assert client.get(f"{IMPORT}empty.csv").status_code == status


def test_the_interface_is_shown_as_far_as_a_person_may_call_it(clerk: Client, browser: Browser) -> None:
    shown = page(clerk, "/systems/works/about/interface/")
    assert "POST</strong> /api/v1/systems/works/site" in shown
    assert "/api/v1/systems/works/order?_size=5" in unescape(shown)
    assert "YW-Purpose: handling" in unescape(shown)
    guest = page(browser(QIAN_JIN), "/systems/works/about/interface/")
    assert "GET</strong> /api/v1/systems/works/site" in guest
    assert "POST</strong> /api/v1/systems/works/site/import" not in guest
    assert "/api/v1/systems/works/order" not in guest
    assert browser(ZHAO_JING).get("/systems/works/about/interface/").status_code == 404
    assert browser(ZHAO_JING).get("/systems/works/about/openapi.json").status_code == 404


def test_the_document_to_take_away_is_that_of_the_interface(clerk: Client) -> None:
    answer = clerk.get("/systems/works/about/openapi.json")
    assert "/api/v1/systems/works/site" in json.loads(answer.content)["paths"]
    assert "attachment" in answer.headers["Content-Disposition"]
