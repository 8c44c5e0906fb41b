"""The cockpit: who sees which number, what is too small to be shown, and whose rows stand behind it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from django.utils import timezone

from tests.portal.conftest import Browser
from tests.portal.test_finding import words
from tests.store.exchange.cast import AUDITOR, HE_QING, OPERATOR, WANG_MIN, ZHAO_JING, ZHOU_HANG
from tests.store.registry.applied import OWNER, applied
from yiwang.blocks.identity.public import Actor, node_actor
from yiwang.blocks.organisation import public as organisation
from yiwang.blocks.registry import public as registry
from yiwang.blocks.registry.public import Errand, Wanted, count_figures, declare_figures, system_of
from yiwang.blocks.registry.store.models import FigureValue, RoleHolder
from yiwang.vocabulary.crypto import FileKeyProvider, use_key_provider

pytestmark = pytest.mark.django_db
CLERK = Actor(21, "clerk", "周言", "水务集团", "水务集团", "290102", frozenset())
TAKER = Actor(22, "taker", "许宁", OWNER, "市数据局", "290100", frozenset())
LEADER = Actor(23, "leader", "梁局", OWNER, "市数据局", "290100", frozenset({"approver"}))


def holds(actor: Actor, role: str) -> None:
    RoleHolder.objects.create(
        system="hotline", role=role, user=actor.user_id, agency=actor.agency,
        since=timezone.now().replace(year=2020), given_by="admin",
    )  # fmt: skip


@pytest.fixture(autouse=True)
def hotline(tmp_path: Path) -> None:
    """Nine orders of this month: eight of one unit, one of another; the first unit misses its target."""
    use_key_provider(FileKeyProvider(tmp_path / "keys", create=True))
    applied("hotline")
    declare_figures("hotline", system_of("hotline").figures)
    holds(TAKER, "call_taker")
    holds(CLERK, "unit_clerk")
    now = timezone.now()
    for at in range(9):
        registry.create_record(
            Errand(TAKER, purpose="handling"), "hotline", "order",
            {
                "number": f"RX{at:013}", "channel": "phone", "phone": "13900000001", "kind": "help",
                "category": "010208", "title": f"第 {at} 件", "content": "停水", "division": "290102001",
                "lead": "水务集团" if at else "供电公司", "contacted": at < 3, "solved": "yes", "satisfied": "5",
            },
            now,
        )  # fmt: skip
    count_figures(now)


def cell(figure: str, **dims: str) -> int:
    return FigureValue.objects.get(figure__name=figure, dims=dims).pk


@pytest.mark.parametrize("who", [HE_QING, AUDITOR, LEADER, TAKER])
def test_overseers_the_owner_and_holders_of_roles_see_the_figures(browser: Browser, who: Actor) -> None:
    page = browser(who).get("/cockpit/")
    text = words(page.content)
    assert "12345 政务服务便民热线" in text
    assert "33.3 %" in text  # three of nine were contacted
    assert "≥ 100" in text
    assert "差 66.7" in text
    assert "4 项还不能计算" in text
    assert "办件引擎启用后开始计算" in text


@pytest.mark.parametrize("who", [OPERATOR, WANG_MIN, ZHOU_HANG, ZHAO_JING])
def test_others_see_no_number_by_any_address(browser: Browser, who: Actor) -> None:
    outside = browser(who)
    assert "热线" not in words(outside.get("/cockpit/").content)
    assert outside.get("/cockpit/hotline/contact_rate/").status_code == 404
    assert outside.get(f"/cockpit/hotline/contact_rate/rows/{cell('contact_rate')}/").status_code == 404
    assert browser(None).get("/cockpit/").status_code in (302, 403)


def test_a_figure_is_split_and_numbers_of_few_rows_are_hidden_from_who_may_not_read_them(
    browser: Browser,
) -> None:
    whole = words(browser(TAKER).get("/cockpit/hotline/contact_rate/").content)
    assert "供电公司" in whole
    assert "水务集团" in whole
    guarded = words(browser(HE_QING).get("/cockpit/hotline/contact_rate/").content)
    assert "供电公司" not in guarded
    assert "水务集团" not in guarded  # with the total it would tell the other
    assert "2 项记录太少，不显示" in guarded
    hidden = cell("contact_rate", lead="供电公司")
    assert browser(HE_QING).get(f"/cockpit/hotline/contact_rate/rows/{hidden}/").status_code == 404


def test_rows_are_those_that_the_reader_may_read(browser: Browser) -> None:
    address = f"/cockpit/hotline/contact_rate/rows/{cell('contact_rate')}/"
    assert "您的岗位和用途可看 9 条" in words(browser(TAKER).get(address).content)
    assert "这些记录您看不到" in words(browser(HE_QING).get(address).content)
    # a unit's clerk reads orders only within a case
    assert "这些记录您看不到" in words(browser(CLERK).get(address).content)
    one = f"/cockpit/hotline/contact_rate/rows/{cell('contact_rate', lead='水务集团')}/"
    assert "您的岗位和用途可看 8 条" in words(browser(TAKER).get(one).content)


def test_a_purpose_that_the_rules_do_not_give_is_not_taken(browser: Browser) -> None:
    address = f"/cockpit/hotline/received/rows/{cell('received')}/?purpose=anything"
    assert "您的岗位和用途可看 9 条" in words(browser(TAKER).get(address).content)


def test_numbers_of_another_figure_and_formulas_have_no_rows_here(browser: Browser) -> None:
    assert browser(TAKER).get(f"/cockpit/hotline/solved_rate/rows/{cell('contact_rate')}/").status_code == 404
    assert browser(TAKER).get(f"/cockpit/hotline/score/rows/{cell('score')}/").status_code == 409


def test_a_figure_is_drawn_on_the_divisions_and_hides_there_what_its_table_hides(browser: Browser) -> None:
    square = (((104.0, 35.0), (105.0, 35.0), (105.0, 36.0), (104.0, 36.0), (104.0, 35.0)),)
    shape = organisation.Boundary("290102001", square)
    organisation.load_boundaries(node_actor("290000"), [shape], "测绘院")
    drawn = browser(TAKER).get("/cockpit/hotline/contact_rate/").content.decode()
    assert 'aria-label="290102001: 33.3 %"' in drawn
    assert "map-shade-3" in drawn
    for at in range(6):
        registry.withdraw_record(
            Errand(TAKER, purpose="handling"), "hotline", "order", record_of(f"RX{at:013}"), timezone.now()
        )
    count_figures(timezone.now())
    guarded = browser(HE_QING).get("/cockpit/hotline/contact_rate/").content.decode()
    assert '<svg class="map"' in guarded
    assert "map-area map-shade" not in guarded


def record_of(number: str) -> int:
    found = registry.records(
        Errand(TAKER, purpose="handling"), "hotline", "order", Wanted({"number": number}), timezone.now()
    )
    return found.records[0].id


def test_a_figure_that_waits_says_why_and_never_zero(browser: Browser) -> None:
    page = words(browser(TAKER).get("/cockpit/hotline/answered_in_time/").content)
    assert "还不能计算" in page
    assert "办件引擎启用后开始计算" in page


def test_the_page_is_complete_in_english(browser: Browser) -> None:
    page = words(browser(TAKER, "en").get("/cockpit/").content)
    assert "targets, " in page
    assert "4 figures are not measured yet" in page
    assert "66.7 short" in page


def test_a_chart_view_of_a_figure_shows_the_figure_and_not_how_many_records_there_are(
    browser: Browser,
) -> None:
    manager = replace(TAKER, user_id=24, username="manager")
    holds(manager, "center_manager")
    page = words(browser(manager).get("/systems/hotline/order/views/rank/").content)
    assert "按主办单位" in page
    assert "三率综合分" in page
    assert "水务集团 85 供电公司 100" in page  # eight orders and one are no score
