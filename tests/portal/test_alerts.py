"""Pages of alerts, sources, mails and of how people are told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from tests.portal.conftest import Browser
from tests.portal.test_finding import words
from tests.store.exchange.cast import (
    CHEN_CHEN,
    CLERK,
    HE_QING,
    OPERATOR,
    PROVIDER,
    WANG_MIN,
    ZHAO_JING,
    ZHOU_HANG,
)
from tests.store.watch.test_stale import stale_entry
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import NoticeView, SourceForm
from yiwang.blocks.exchange.store.models import Source
from yiwang.blocks.identity.public import acting
from yiwang.blocks.watch import public as watch
from yiwang.blocks.watch.actions.preferences import unsubscribe_token
from yiwang.blocks.watch.store.seeing import SYSTEM
from yiwang.portal.alerts.mails import compose

pytestmark = pytest.mark.django_db


@pytest.fixture
def failing(source: SourceForm) -> str:
    """王敏's source has not answered for six minutes."""
    now = timezone.now()
    number = exchange.add_source(WANG_MIN, source, now)
    with acting(SYSTEM):
        Source.objects.filter(pk=number).update(check_code="source-unreachable")
    watch.look(watch.NodeSeen(resting=(number,)), now - timedelta(minutes=6))
    watch.look(watch.NodeSeen(resting=(number,)), now)
    return number


def test_an_alert_is_read_and_taken_care_of(browser: Browser, failing: str) -> None:
    page = browser(WANG_MIN)
    text = words(page.get("/alerts/").content)
    assert "数据源 业务库 已 6 分钟没有应答" in text
    assert "网关已暂停访问数据源 业务库" in text
    number = next(one.id for one in watch.alerts(WANG_MIN) if one.kind == "source-down")
    assert page.post(f"/alerts/{number}/acknowledge/").status_code == 302
    assert "王敏" in words(page.get("/alerts/", {"state": "acknowledged"}).content)

    assert "有 1 条告警还没有人处理" in words(page.get("/console/").content)


def test_others_neither_see_an_alert_nor_take_it(browser: Browser, failing: str) -> None:
    number = watch.alerts(WANG_MIN)[0].id
    assert "业务库" not in words(browser(ZHAO_JING).get("/alerts/").content)
    assert browser(ZHAO_JING).post(f"/alerts/{number}/acknowledge/").status_code == 404
    for who in (CLERK, CHEN_CHEN):
        assert browser(who).get("/alerts/").status_code == 403
        assert browser(who).get("/console/sources/").status_code == 403
    assert browser(None).get("/alerts/").status_code == 302


def test_the_state_of_a_source_names_who_saw_what_since_when(browser: Browser, failing: str) -> None:
    for who in (WANG_MIN, OPERATOR):
        text = words(browser(who).get(f"/console/sources/{failing}/").content)
        assert "连续失败，暂停访问" in text
        assert "source-unreachable" in text
    assert browser(ZHAO_JING).get(f"/console/sources/{failing}/").status_code == 404
    assert "业务库" not in words(browser(ZHAO_JING).get("/console/sources/").content)


def test_rules_are_changed_by_operators_alone(browser: Browser) -> None:
    assert browser(WANG_MIN).get("/alerts/rules/").status_code == 403
    assert browser(WANG_MIN).post("/alerts/rules/", {"kind": "quota", "limit": "5"}).status_code == 403
    page = browser(OPERATOR)
    assert page.post("/alerts/rules/", {"kind": "quota", "limit": "70", "enabled": "1"}).status_code == 302
    assert {one.kind.name: one.limit for one in watch.rules()}["quota"] == 70
    for limit in ("0", "100", "-3", "x", "9" * 30):
        assert page.post("/alerts/rules/", {"kind": "quota", "limit": limit}).status_code >= 400
    assert {one.kind.name: one.limit for one in watch.rules()}["quota"] == 70


def test_a_person_chooses_and_a_bad_address_is_told(browser: Browser) -> None:
    page = browser(WANG_MIN, "en")
    given = {"address": "wang@example.cn", "language": "en", "alerts": "now", "grants": "never"}
    assert page.post("/alerts/telling/", given).status_code == 302
    kept = watch.my_preference(WANG_MIN)
    assert (kept.address, kept.how("alerts"), kept.how("grants")) == ("wang@example.cn", "now", "never")
    answer = page.post("/alerts/telling/", {**given, "address": "wang"})
    assert answer.status_code == 422
    assert b"This is not an e-mail address." in answer.content
    assert watch.my_preference(ZHAO_JING).address == ""


def test_the_link_in_a_mail_asks_before_it_stops(browser: Browser) -> None:
    watch.set_preference(WANG_MIN, "wang@example.cn", "en", {"alerts": "now"})
    path = f"/alerts/unsubscribe/{unsubscribe_token(WANG_MIN.user_id)}/"
    visitor = browser(None)
    assert visitor.get(path).status_code == 200
    assert watch.my_preference(WANG_MIN).how("alerts") == "now"
    assert visitor.post(path).status_code == 200
    assert {watch.my_preference(WANG_MIN).how(group) for group in watch.GROUPS} == {"never"}
    assert visitor.post("/alerts/unsubscribe/1:a:b/").status_code == 422


def notice(kind: str, **params: str) -> NoticeView:
    return NoticeView(1, kind, params, "", timezone.now(), False)


def test_a_mail_holds_titles_and_links_and_nothing_that_a_person_wrote(settings: Settings) -> None:
    settings.YW_PUBLIC_URL = "https://yw.example.cn"
    refused = notice("request-refused", resource="企业登记信息", text="陈晨 11010519491231002X")
    subject, body, stop = compose(
        [refused, notice("alert-quota", resource="企业登记信息", n="80")], "zh-hans", "t"
    )
    assert subject == "[一网] 2 条通知"
    assert "企业登记信息 今日额度已用 80%" in body
    assert "陈晨" not in body + subject
    assert stop == "https://yw.example.cn/alerts/unsubscribe/t/"
    assert stop in body
    alone, text, _stop = compose([refused], "en", "t")
    assert alone.startswith("[Yiwang] 企业登记信息 was refused")
    assert "11010519491231002X" not in text + alone


def test_a_mails_subject_is_one_line(settings: Settings) -> None:
    subject, _body, _stop = compose([notice("grant-expired", grant="G-1\r\nBcc: x@example.cn")], "en", "t")
    assert "\n" not in subject
    assert "\r" not in subject


def test_notices_are_narrowed_to_a_group_and_marked_one_by_one(browser: Browser, failing: str) -> None:
    exchange.announce(
        "grant-expired",
        timezone.now(),
        agency=PROVIDER,
        roles=["data_officer"],
        link="",
        params={"grant": "G-7"},
    )
    page = browser(WANG_MIN)
    alerts = words(page.get("/share/notices/", {"about": "alerts"}).content)
    assert "业务库" in alerts
    assert "G-7" not in alerts
    rows = exchange.notices(WANG_MIN).rows
    before = exchange.unread_count(WANG_MIN)
    answer = page.post(f"/share/notices/{rows[0].id}/", {"next": "/share/notices/?about=grants"})
    assert answer.headers["Location"] == "/share/notices/?about=grants"
    assert exchange.unread_count(WANG_MIN) == before - 1


def test_the_monitor_refreshes_itself_until_it_is_paused(browser: Browser) -> None:
    assert 'hx-trigger="every 30s"' in browser(WANG_MIN).get("/console/").content.decode()
    assert "every 30s" not in browser(WANG_MIN).get("/console/", {"live": "off"}).content.decode()


def test_mails_are_shown_to_operators(browser: Browser) -> None:
    assert browser(OPERATOR).get("/alerts/mails/").status_code == 200
    assert browser(WANG_MIN).get("/alerts/mails/").status_code == 403


def test_data_that_are_late_stand_on_the_page_of_their_department_alone(browser: Browser) -> None:
    code = stale_entry()
    own = words(browser(WANG_MIN).get("/catalogue/standing/").content)
    assert "没有按周期更新" in own
    assert "没有按周期更新" in words(
        browser(HE_QING).get("/catalogue/standing/", {"agency": PROVIDER}).content
    )
    for who in (ZHAO_JING, ZHOU_HANG):
        other = words(browser(who).get("/catalogue/standing/", {"agency": PROVIDER}).content)
        assert "没有按周期更新" not in other
    watch.look(watch.NodeSeen(), timezone.now())
    alerts = browser(HE_QING).get("/alerts/").content.decode()
    assert f"/catalogue/standing/?agency={PROVIDER}#late" in alerts
    assert "有 1 条数据没有按周期更新" in words(alerts.encode())
    assert f"/share/resources/{code}/" in browser(WANG_MIN).get("/alerts/").content.decode()
