"""Pages of a declared system: for the right person, for the wrong one, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from tests.portal.conftest import Browser
from tests.portal.test_finding import words
from tests.store.exchange.cast import HE_QING
from tests.store.registry import works
from tests.store.registry.works import CLERK, LI_QIANG, QIAN_JIN, WANG_MIN, ZHAO_JING, ZHOU_HANG
from yiwang.blocks.identity.public import node_actor
from yiwang.blocks.organisation import public as organisation
from yiwang.blocks.registry import public as registry
from yiwang.portal.systems import naming
from yiwang.vocabulary.crypto import FileKeyProvider, use_key_provider

pytestmark = pytest.mark.django_db
HOME = "/systems/works/"
ORDERS = "/systems/works/order/"
VIEWS = ("board", "calendar", "trend", "states", "line", "recent", "map", "open")


@pytest.fixture(autouse=True)
def _system(tmp_path: Path) -> None:
    use_key_provider(FileKeyProvider(tmp_path / "keys", create=True))
    works.applied()
    naming.forget()


def choose(client: Client, purpose: str, case: str = "") -> Client:
    answer = client.post(HOME, {"purpose": purpose, "case": case})
    assert answer.status_code == 302, words(answer.content)
    return client


@pytest.fixture
def clerk(browser: Browser) -> Client:
    return choose(browser(WANG_MIN), "handling")


def page(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, words(answer.content)[:2000]
    return answer.content.decode()


def test_the_desk_leads_who_holds_a_role_to_their_systems(browser: Browser) -> None:
    assert "业务系统" in page(browser(WANG_MIN), HOME)
    assert "/systems/" not in page(browser(HE_QING), "/desk/")
    single = browser(WANG_MIN).get("/systems/")
    assert (single.status_code, single.headers["Location"]) == (302, HOME)


def test_who_holds_no_role_finds_nothing(browser: Browser) -> None:
    number = works.order()
    zhao = browser(ZHAO_JING)
    for url in (
        HOME,
        ORDERS,
        f"{ORDERS}{number}/",
        f"{ORDERS}{number}/edit/",
        f"{ORDERS}new/",
        f"{ORDERS}views/board/",
    ):
        page(zhao, url, 404)
    assert "没有业务系统的岗位" in page(zhao, "/systems/")


def test_a_table_that_no_rule_opens_is_not_there(clerk: Client) -> None:
    assert "内部记录" not in page(clerk, HOME)
    for url in ("locked/", "locked/new/", "nothing/"):
        page(clerk, HOME + url, 404)


def test_a_purpose_is_asked_for_and_remembered(browser: Browser) -> None:
    wang = browser(WANG_MIN)
    number = works.order()
    assert "来做什么" in page(wang, ORDERS)
    page(wang, f"{ORDERS}{number}/", 404)
    wrong = wang.post(HOME, {"purpose": "survey"})
    assert wrong.status_code == 422
    back = wang.post(HOME, {"purpose": "handling", "case": "DB-1", "next": ORDERS})
    assert back.headers["Location"] == ORDERS
    shown = words(page(wang, ORDERS).encode())
    assert "工单办理" in shown
    assert "DB-1" in shown
    assert wang.post(HOME, {"purpose": "handling", "next": "//evil.example/"}).headers["Location"] == HOME


def test_every_kind_of_field_is_shown_with_its_source(clerk: Client) -> None:
    works.site()
    shown = words(page(clerk, f"{ORDERS}{works.order(site='A1')}/").encode())
    for words_of_field in (
        "路灯不亮", "A1 号泵站", "待受理", "电话、网站", "123.45", "元", "2026-11-18 09:30", "2026-11-24", "2026Q4",
        "91350100M000100Y43", "119.3, 26.08", "照片.jpg", "陈*", "138****5678", "110105********002X", "6222000011112222", "否",
    ):  # fmt: skip
        assert words_of_field in shown, words_of_field
    assert "13812345678" not in shown
    assert "user1" in shown  # who told it


def test_what_a_mask_covers_is_shown_on_demand_and_noted(clerk: Client) -> None:
    url = f"{ORDERS}{works.order()}/"
    answer = clerk.post(url, {"uncover": "phone"})
    assert "13812345678" in answer.content.decode()
    assert "11010519491231002X" not in answer.content.decode()
    assert "看了明文: 联系电话" in words(page(clerk, url).encode())


def test_a_masked_rule_uncovers_nothing_and_hides_other_fields(browser: Browser) -> None:
    number = works.order()
    zhou = choose(browser(ZHOU_HANG), "inspection")
    for answer in (
        zhou.get(f"{ORDERS}{number}/"),
        zhou.post(f"{ORDERS}{number}/", {"uncover": ["phone", "account"]}),
    ):
        shown = answer.content.decode()
        assert "138****5678" in shown
        for secret in ("13812345678", "6222000011112222", "夜里全黑", "002X"):
            assert secret not in shown
        assert "当前岗位或用途不含这一项" in shown
        assert "/edit/" not in shown
    assert "13812345678" not in page(zhou, ORDERS)
    page(zhou, f"{ORDERS}{number}/edit/", 403)
    page(zhou, f"{ORDERS}new/", 403)


def test_a_reader_of_another_agency_leaves_evidence(browser: Browser) -> None:
    number = works.order()
    page(choose(browser(ZHOU_HANG), "inspection"), f"{ORDERS}{number}/")
    found, count = registry.readings(CLERK, "works", "order", number, works.NOW)
    assert (count, found[0].name, found[0].purpose) == (1, "周航", "inspection")
    assert found[0].event.startswith("evt-")


def test_english_pages_are_english(browser: Browser) -> None:
    number = works.order()
    client = choose(browser(WANG_MIN, "en"), "handling")
    urls = [
        HOME,
        ORDERS,
        f"{ORDERS}new/",
        f"{ORDERS}{number}/",
        f"{ORDERS}{number}/edit/",
        f"{ORDERS}{number}/history/",
    ]
    for url in [*urls, f"{ORDERS}{number}/withdraw/", *(f"{ORDERS}views/{name}/" for name in VIEWS)]:
        shown = words(page(client, url).encode())
        assert "Yiwang" in shown
        for chinese in ("工单", "用途", "待受理", "保存", "联系电话"):
            assert chinese not in shown, (url, chinese)


def test_a_list_is_filtered_and_sorted_and_nothing_personal_stands_in_the_address(clerk: Client) -> None:
    for at in range(3):
        works.order(title=f"井盖 {at}", phone=f"1381234567{at}", state="closed" if at else "new")
    assert page(clerk, f"{ORDERS}?state=closed").count('<th scope="row">') == 2
    answer = clerk.post(ORDERS, {"q": "井盖 2", "phone": "13812345672", "state": "closed"})
    target = answer.headers["Location"]
    assert "state=closed" in target
    assert "13812345672" not in target
    assert "%E4%BA%95" not in target
    shown = page(clerk, target)
    assert "井盖 2" in shown
    assert "井盖 1" not in shown
    down = words(page(clerk, f"{ORDERS}?sort=-title").encode())
    assert down.index("井盖 2") < down.index("井盖 0")
    assert "没有符合的记录" in words(
        page(clerk, clerk.post(ORDERS, {"q": "无此"}).headers["Location"]).encode()
    )


def test_a_list_of_another_person_cannot_be_opened_by_its_address(clerk: Client, browser: Browser) -> None:
    works.order(title="井盖 1")
    works.order(title="路灯 2")
    target = clerk.post(ORDERS, {"q": "井盖"}).headers["Location"]
    other = choose(browser(LI_QIANG), "handling")
    assert "路灯 2" in page(other, target)  # the sealed part counts as nothing


def test_a_long_list_is_turned_page_by_page(clerk: Client) -> None:
    for at in range(53):
        works.site(f"S{at:03}")
    first = page(clerk, "/systems/works/site/")
    following = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    second = page(clerk, f"/systems/works/site/{following}")
    assert "S050" in second
    assert "S049" not in second
    page(clerk, "/systems/works/site/?mark=broken")


@pytest.mark.parametrize("view", VIEWS)
def test_each_declared_view_shows_the_records(clerk: Client, view: str) -> None:
    works.order(title="路灯不亮", due="2026-11-24")
    shown = words(page(clerk, f"{ORDERS}views/{view}/?month=2026-11").encode())
    expected = {"trend": "2026-11", "states": "待受理"}
    assert expected.get(view, "路灯不亮") in shown


def test_a_view_by_division_counts_and_leads_to_the_list(clerk: Client) -> None:
    works.site("A1")
    works.site("A2")
    shown = page(clerk, "/systems/works/site/views/towns/")
    assert f"?town={works.TOWN}" in shown
    assert "2 条" in words(shown.encode())


def test_divisions_are_shaded_where_boundaries_are_loaded_and_the_table_says_the_same(clerk: Client) -> None:
    works.site("A1")
    works.site("A2")
    square = (((104.0, 35.0), (105.0, 35.0), (105.0, 36.0), (104.0, 36.0), (104.0, 35.0)),)
    other = works.TOWN[:-1] + "9"
    shapes = [organisation.Boundary(works.TOWN, square), organisation.Boundary(other, square)]
    hand = node_actor(works.TOWN[:2] + "0000")
    organisation.load_boundaries(hand, shapes, "测绘院", "甲S(2026)001号")
    shown = page(clerk, "/systems/works/site/views/towns/")
    drawn = shown[shown.index('<svg class="map"') : shown.index("</svg>", shown.index('<svg class="map"'))]
    assert drawn.count("<path") == 2
    assert drawn.count(f'href="/systems/works/site/?town={works.TOWN}"') == 1
    assert other not in drawn.partition("href")[2].partition(">")[0]  # nothing there: no way to it
    assert "map-shade-5" in drawn
    assert f"?town={works.TOWN}" in shown[shown.index("</svg>") :]
    text = words(shown.encode())
    assert "测绘院 · 甲S(2026)001号" in text
    outlined = page(clerk, f"{ORDERS}views/map/")
    assert "没有带位置的记录" in words(outlined.encode())


def test_a_map_without_a_single_point_counts_by_division_where_there_is_one(clerk: Client) -> None:
    works.order(place=None)
    shown = words(page(clerk, f"{ORDERS}views/map/").encode())
    assert "没有带位置的记录" in shown  # orders have no division either


def test_views_are_for_their_roles(browser: Browser) -> None:
    works.order()
    zhou = choose(browser(ZHOU_HANG), "inspection")
    page(zhou, f"{ORDERS}views/board/", 404)
    page(zhou, f"{ORDERS}views/line/")  # its field is hidden: the last change stands instead
    page(zhou, f"{ORDERS}views/map/", 404)


def test_rows_out_of_reach_are_not_found(clerk: Client, browser: Browser) -> None:
    number = works.site()
    page(clerk, f"/systems/works/site/{number}/")
    guest = browser(QIAN_JIN)
    page(guest, f"/systems/works/site/{number}/")  # the only purpose is taken by itself
    page(guest, ORDERS, 404)
    page(clerk, "/systems/works/site/999999/", 404)


def test_a_list_is_taken_as_a_file_by_who_may_and_with_its_filters(browser: Browser, clerk: Client) -> None:
    works.site("A1", state="worn")
    works.site("A2")
    sites = "/systems/works/site/"
    assert f"{sites}export.csv?state=worn" in page(clerk, f"{sites}?state=worn")
    answer = clerk.get(f"{sites}export.csv?state=worn")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="site-')
    told = b"".join(answer).decode("utf-8-sig")
    assert "A1" in told
    assert "A2" not in told
    assert clerk.get(f"{sites}export.exe").status_code == 404
    assert "export.csv" not in page(clerk, ORDERS)  # no rule lets orders be taken out
    assert clerk.get(f"{ORDERS}export.csv").status_code == 403
    zhou = choose(browser(ZHOU_HANG), "inspection")
    assert "export.csv" not in page(zhou, sites)
    assert zhou.get(f"{sites}export.csv").status_code == 403
    assert browser(ZHAO_JING).get(f"{sites}export.csv").status_code == 404
