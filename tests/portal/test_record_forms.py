"""Entering, changing, correcting and withdrawing records through the pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from tests.portal.conftest import Browser
from tests.portal.test_finding import words
from tests.store.registry import works
from tests.store.registry.works import CLERK, LI_QIANG, WANG_MIN
from yiwang.blocks.identity.public import Actor
from yiwang.blocks.registry import public as registry
from yiwang.blocks.registry.public import Wanted
from yiwang.vocabulary.crypto import FileKeyProvider, use_key_provider

pytestmark = pytest.mark.django_db
ORDERS, SITES = "/systems/works/order/", "/systems/works/site/"
FILLED = {
    "f-title": "井盖松动", "f-content": "车过有响声", "f-state": "new", "f-urgent": "false", "f-occurred": "2026-11-18T09:30",
    "f-due": "2026-11-24", "f-cost": "1,234.50", "f-channels": ["phone"], "f-phone": "13812345678", "f-rounds": "1",
    "f-place": "119.30, 26.08", "f-files": "照片.jpg\n录音.mp3", "once": "a1",
}  # fmt: skip
SITE = {
    "f-code": "B7",
    "f-name": "北岸泵站",
    "f-town": works.TOWN,
    "f-state": "good",
    "f-value": "10",
    "once": "s1",
}


@pytest.fixture(autouse=True)
def _system(tmp_path: Path) -> None:
    use_key_provider(FileKeyProvider(tmp_path / "keys", create=True))
    works.applied()


@pytest.fixture
def clerk(browser: Browser) -> Client:
    return opened(browser, "zh-hans")


def opened(browser: Browser, language: str, who: Actor = WANG_MIN) -> Client:
    client = browser(who, language)
    client.post("/systems/works/", {"purpose": "handling"})
    return client


def entered(client: Client, url: str, given: Mapping[str, object]) -> int:
    answer = client.post(f"{url}new/", given)
    assert answer.status_code == 302, words(answer.content)
    return int(answer.headers["Location"].strip("/").rsplit("/", 1)[1])


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None
    return found[1]


def record(entity: str, number: int) -> registry.Record:
    return registry.record(CLERK, "works", entity, number, timezone.now())


def test_what_is_typed_is_kept_in_the_registrys_spelling(clerk: Client) -> None:
    found = record("order", entered(clerk, ORDERS, FILLED)).values
    assert found["cost"] == 123450
    assert str(found["occurred"]).startswith("2026-11-18T")
    assert (found["channels"], found["files"]) == (["phone"], ["照片.jpg", "录音.mp3"])
    assert str(found["number"]).startswith("RX")


def test_each_wrong_value_is_told_at_its_field_and_nothing_typed_is_lost(clerk: Client) -> None:
    wrong = {
        **FILLED,
        "f-title": "",
        "f-due": "2026-13-01",
        "f-cost": "1.234",
        "f-phone": "电话",
        "f-firm": "123",
    }
    answer = clerk.post(f"{ORDERS}new/", wrong)
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="errors"' in shown
    assert 'href="#id_f-title"' in shown
    assert "车过有响声" in shown
    fine = clerk.post(f"{ORDERS}new/", {**wrong, "f-title": "井盖"})
    shown = fine.content.decode()
    for name in ("due", "cost", "phone", "firm"):
        assert f'id="id_f-{name}-error"' in shown, name
    for typed in ("2026-13-01", "1.234", "电话", "123", "照片.jpg"):
        assert typed in shown, typed
    assert registry.records(CLERK, "works", "order", Wanted({}), works.NOW).total == 0


def test_errors_are_told_in_english_too(browser: Browser) -> None:
    answer = opened(browser, "en").post(f"{ORDERS}new/", {**FILLED, "f-phone": "call me"})
    assert "A phone number has digits" in answer.content.decode()


def test_a_form_sent_twice_makes_one_record(clerk: Client) -> None:
    first, second = entered(clerk, ORDERS, FILLED), entered(clerk, ORDERS, FILLED)
    assert first == second
    assert entered(clerk, ORDERS, {**FILLED, "once": "a2"}) != first
    assert registry.records(CLERK, "works", "order", Wanted({}), timezone.now()).total == 2


def test_a_taken_key_is_told_at_the_key(clerk: Client) -> None:
    entered(clerk, SITES, SITE)
    answer = clerk.post(f"{SITES}new/", {**SITE, "once": "s2"})
    assert answer.status_code == 422
    assert "已有同一主键" in answer.content.decode()
    assert 'id="id_f-code-error"' in answer.content.decode()


def test_a_reference_to_nothing_is_told(clerk: Client) -> None:
    answer = clerk.post(f"{ORDERS}new/", {**FILLED, "f-site": "Z9"})
    assert answer.status_code == 422
    assert "查不到这条记录" in answer.content.decode()
    entered(clerk, SITES, {**SITE, "f-code": "Z9"})
    entered(clerk, ORDERS, {**FILLED, "f-site": "Z9"})


def test_a_place_out_of_reach_is_refused_in_words(clerk: Client) -> None:
    answer = clerk.post(f"{SITES}new/", {**SITE, "f-town": works.OTHER_TOWN})
    assert answer.status_code == 422
    assert "不能这样修改" in answer.content.decode()


def test_a_change_counts_from_its_day_and_the_past_stays(clerk: Client) -> None:
    number = entered(clerk, SITES, {**SITE, "mode": "from", "since": "2026-01-01"})
    url = f"{SITES}{number}/edit/"
    page = clerk.get(url).content.decode()
    seen, today = hidden(page, "seen"), timezone.localdate()
    given = {
        **SITE,
        "f-state": "worn",
        "mode": "from",
        "since": (today + timedelta(days=1)).isoformat(),
        "seen": seen,
    }
    assert clerk.post(url, given).status_code == 302
    assert record("site", number).values["state"] == "good"
    later = clerk.get(f"{SITES}{number}/?on={today + timedelta(days=2)}").content
    assert "破损" in words(later)
    story = words(clerk.get(f"{SITES}{number}/history/").content)
    assert "完好 → 破损" in story


def test_a_correction_needs_its_reason_and_keeps_what_was_believed(clerk: Client) -> None:
    number = entered(clerk, SITES, {**SITE, "mode": "from", "since": "2026-01-01"})
    url = f"{SITES}{number}/edit/"
    seen = hidden(clerk.get(url).content.decode(), "seen")
    given = {**SITE, "f-name": "南岸泵站", "mode": "past", "seen": seen}
    refused = clerk.post(url, given)
    assert refused.status_code == 422
    assert "写明理由" in refused.content.decode()
    assert clerk.post(url, {**given, "reason": "录入时看错图纸"}).status_code == 302
    early = words(clerk.get(f"{SITES}{number}/?on=2026-02-01").content)
    assert "南岸泵站" in early
    story = words(clerk.get(f"{SITES}{number}/history/").content)
    assert "更正" in story
    assert "录入时看错图纸" in story
    yesterday = timezone.localdate() - timedelta(days=1)
    assert "一无所知" in words(clerk.get(f"{SITES}{number}/history/?known={yesterday}&on=2026-02-01").content)


def test_two_people_change_one_record_and_the_second_is_told(clerk: Client, browser: Browser) -> None:
    number = entered(clerk, ORDERS, FILLED)
    url, other = f"{ORDERS}{number}/edit/", opened(browser, "zh-hans", LI_QIANG)
    mine, theirs = (hidden(one.get(url).content.decode(), "seen") for one in (clerk, other))
    assert other.post(url, {**FILLED, "f-phone": "", "f-state": "working", "seen": theirs}).status_code == 302
    late = {**FILLED, "f-phone": "", "f-title": "井盖不见了", "seen": mine}
    told = clerk.post(url, late)
    shown = told.content.decode()
    assert told.status_code == 409
    assert "刚被别人改过" in shown
    assert "办理中" in shown
    assert "井盖不见了" in shown
    assert record("order", number).values["title"] == "井盖松动"
    assert clerk.post(url, {**late, "seen": hidden(shown, "seen"), "f-state": "working"}).status_code == 302
    found = record("order", number).values
    assert (found["title"], found["state"]) == ("井盖不见了", "working")


def test_an_empty_input_of_a_masked_field_keeps_its_value(clerk: Client) -> None:
    number = entered(clerk, ORDERS, FILLED)
    page = clerk.get(f"{ORDERS}{number}/edit/").content.decode()
    assert "13812345678" not in page
    clerk.post(
        f"{ORDERS}{number}/edit/",
        {**FILLED, "f-phone": "", "f-title": "新标题", "seen": hidden(page, "seen")},
    )
    assert record("order", number).values["phone"] == "13812345678"


def test_a_withdrawal_needs_its_reason_and_leaves_the_history(clerk: Client) -> None:
    number = entered(clerk, ORDERS, FILLED)
    url = f"{ORDERS}{number}/withdraw/"
    seen = hidden(clerk.get(url).content.decode(), "seen")
    assert clerk.post(url, {"seen": seen}).status_code == 422
    assert clerk.post(url, {"seen": seen, "reason": "重复登记"}).status_code == 302
    assert clerk.get(f"{ORDERS}{number}/").status_code == 404
    assert "重复登记" in words(clerk.get(f"{ORDERS}{number}/history/").content)


def test_a_child_is_entered_from_its_parent(clerk: Client) -> None:
    number = entered(clerk, ORDERS, FILLED)
    page = clerk.get(f"{ORDERS}{number}/").content.decode()
    found = re.search(r'href="(/systems/works/visit/new/[^"]*)"', page)
    assert found is not None
    form = clerk.get(found[1].replace("&amp;", "&")).content.decode()
    key = str(record("order", number).values["number"])
    assert f'value="{key}"' in form
    entered(
        clerk, "/systems/works/visit/", {"f-order": key, "f-round": "1", "f-content": "yes", "once": "v1"}
    )
    assert "满意" in words(clerk.get(f"{ORDERS}{number}/").content)
