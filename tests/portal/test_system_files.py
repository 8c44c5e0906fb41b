"""Files handed in on a page, and the interface shown on a page: for who may, and for nobody else."""

from __future__ import annotations

import io
import json
import re
from html import unescape
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from tests.portal.conftest import Browser
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


def test_a_larger_file_tells_how_far_it_is(clerk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "AT_ONCE", 0)

    def told(work: object) -> object:
        assert callable(work)
        yield 5000
        yield Done(work(lambda _count: None))

    monkeypatch.setattr(importing, "told", told)  # the thread would not see the transaction of this test
    shown = hand_in(clerk, GOOD)
    assert shown.index("已读 5,000 行") < shown.index("已导入 2 条")
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
