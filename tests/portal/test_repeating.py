"""My requests and my grants in numbers: renewed together, copied, withdrawn together, taken along as a file."""

from __future__ import annotations

import csv
import io

import pytest
from django.test import Client

from tests.portal.conftest import Browser
from tests.portal.test_finding import words
from tests.store.exchange.cast import NOW, WANG_MIN, ZHAO_JING, ZHOU_HANG, granted, mounted, submitted, wish
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import SourceForm

pytestmark = pytest.mark.django_db


@pytest.fixture
def code(source: SourceForm) -> str:
    return mounted(source)


def lines(client: Client, path: str) -> list[list[str]]:
    """The cells of a file that a page offers."""
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_ticked_grants_are_seen_side_by_side_before_anything_is_asked(browser: Browser, code: str) -> None:
    first, second = granted(code), granted(code)
    zhou = browser(ZHOU_HANG)
    page = zhou.get("/share/grants/").content.decode()
    assert f'name="ids" value="{first}"' in page
    shown = words(zhou.get("/share/grants/renewals/", {"ids": [first, second]}).content)
    assert "2 项授权" in shown
    assert "再用 365 天" in shown
    assert exchange.renewals_under_way(ZHOU_HANG) == {}
    done = words(zhou.post("/share/grants/renewals/", {"ids": [first, second], "do": "submit"}).content)
    assert "已提交 2 份续期" in done
    page = zhou.get("/share/grants/").content.decode()
    assert f'name="ids" value="{first}"' not in page, "what is under way is not offered again"
    assert "续期办理中" in page
    again = words(zhou.post("/share/grants/renewals/", {"ids": [first], "do": "drafts"}).content)
    assert "还没有结束" in again


def test_others_renew_nothing_of_mine(browser: Browser, code: str) -> None:
    grant = granted(code)
    for other in (ZHAO_JING, WANG_MIN):
        answer = browser(other).post("/share/grants/renewals/", {"ids": [grant], "do": "submit"})
        assert answer.status_code in {302, 403}
        assert (
            f'name="ids" value="{grant}"'
            not in browser(other).get("/share/grants/?side=provider").content.decode()
        )
    assert browser(None).post("/share/grants/renewals/", {"ids": [grant]}).status_code in {302, 403}
    assert exchange.renewals_under_way(ZHOU_HANG) == {}


def test_a_request_is_copied_into_a_form_that_can_be_changed(browser: Browser, code: str) -> None:
    number = submitted(code)
    zhou = browser(ZHOU_HANG)
    assert "复制为新草稿" in words(zhou.get(f"/share/requests/{number}/").content)
    assert "复制为新草稿" not in words(browser(WANG_MIN).get(f"/share/requests/{number}/").content)
    target = zhou.post(f"/share/requests/{number}/copy/").headers["Location"]
    assert zhou.get(target).status_code == 200
    assert browser(WANG_MIN).post(f"/share/requests/{number}/copy/").status_code == 404
    assert exchange.my_requests(ZHOU_HANG, NOW, state="draft").total == 1


def test_ticked_drafts_are_withdrawn_and_what_is_none_is_named(browser: Browser, code: str) -> None:
    draft, lying = exchange.create_request(ZHOU_HANG, code, wish(), NOW), submitted(code)
    zhou = browser(ZHOU_HANG)
    page = zhou.get("/share/requests/").content.decode()
    assert f'name="ids" value="{draft}"' in page
    assert f'name="ids" value="{lying}"' not in page
    shown = words(zhou.post("/share/requests/drafts/withdraw/", {"ids": [draft, lying]}, follow=True).content)
    assert "已撤回 1 份草稿" in shown
    assert f"{lying}" in shown
    assert exchange.request(ZHOU_HANG, draft, NOW).state == "withdrawn"
    assert exchange.request(ZHOU_HANG, lying, NOW).state == "submitted"
    assert "先在列表里勾选" in words(zhou.post("/share/requests/drafts/withdraw/", follow=True).content)


def test_my_requests_come_as_a_file_with_every_page_of_the_list(browser: Browser, code: str) -> None:
    numbers = {exchange.create_request(ZHOU_HANG, code, wish(), NOW) for _ in range(22)}
    sent = submitted(code)
    head, *rows = lines(browser(ZHOU_HANG), "/share/requests/export.csv")
    assert head[:4] == ["申请", "资源", "代码", "提供方"]
    assert {row[0] for row in rows} == {*numbers, sent}
    assert {row[8] for row in rows} == {"草稿", "审查中"}
    only = lines(browser(ZHOU_HANG), "/share/requests/export.csv?state=submitted")[1:]
    assert [row[0] for row in only] == [sent]
    english = lines(browser(ZHOU_HANG, "en"), "/share/requests/export.csv?state=submitted")
    assert english[0][:4] == ["Request", "Resource", "Code", "Provider"]
    assert english[1][1] == "Registration of enterprises"


def test_my_grants_come_as_a_file_of_either_side(browser: Browser, code: str) -> None:
    grant = granted(code)
    mine = lines(browser(ZHOU_HANG), "/share/grants/export.csv")
    assert [row[0] for row in mine[1:]] == [grant]
    given = lines(browser(WANG_MIN), "/share/grants/export.csv?side=provider")
    assert [row[0] for row in given[1:]] == [grant]
    assert len(mine[0]) == len(mine[1])


def test_files_hold_own_rows_only(browser: Browser, code: str) -> None:
    granted(code)
    exchange.create_request(ZHOU_HANG, code, wish(), NOW)
    for path in (
        "/share/requests/export.csv",
        "/share/grants/export.csv",
        "/share/grants/export.csv?side=provider",
    ):
        assert len(lines(browser(ZHAO_JING), path)) == 1, path
        assert browser(None).get(path).status_code in {302, 403}
    assert len(lines(browser(WANG_MIN), "/share/requests/export.csv")) == 1


@pytest.mark.parametrize("evil", ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)"])
def test_no_cell_of_a_file_is_a_formula(browser: Browser, code: str, evil: str) -> None:
    exchange.create_request(ZHOU_HANG, code, wish(purposes=(exchange.Purpose("item:1", evil),)), NOW)
    rows = lines(browser(ZHOU_HANG), "/share/requests/export.csv")
    assert f"'{evil}" in rows[1]
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
