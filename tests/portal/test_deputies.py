"""A leave from end to end, by browser: the deputy decides during it and not after, and an outsider never."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from tests.portal.test_finding import words
from tests.store.exchange import cast as matters
from tests.store.identity import cast as people
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import SourceForm
from yiwang.blocks.identity import public as identity
from yiwang.portal import agencies, titles
from yiwang.portal.share import latest

pytestmark = pytest.mark.django_db

WANG_MIN = people.Person("wang.min", "王敏", people.MARKET, frozenset({"data_officer", "approver"}))
ZHAO_LIU = people.Person("zhao.liu", "赵六", people.MARKET, frozenset())
ZHOU_HANG = people.Person("zhou.hang", "周航", people.CIVIL, frozenset({"data_officer"}))
HE_QING = people.Person("he.qing", "何青", people.CIVIL, frozenset({"reviewer"}))
SECOND_REVIEWER = people.Person("lin.feng", "林峰", people.CIVIL, frozenset())
SECURITY, ZHAO_JING = people.SECURITY, people.ZHAO_JING


@pytest.fixture
def city(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real accounts, signed in for real, with a provider's resource."""
    settings.YW_MODE = "demo"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "whitenoise" not in name]
    for kept in (agencies, titles, latest):
        kept.forget()
    people.keys_in(tmp_path)
    people.city()
    people.people(WANG_MIN, ZHAO_LIU, ZHOU_HANG, HE_QING, SECOND_REVIEWER, SECURITY, ZHAO_JING)
    for who in (WANG_MIN, ZHOU_HANG, HE_QING):
        name = next(key for key, value in vars(matters).items() if getattr(value, "name", "") == who.name)
        monkeypatch.setattr(matters, name, who.actor)


def lend(by: people.Person, to: people.Person, *roles: str, days: int = 7) -> int:
    now = timezone.now()
    number = identity.name_deputy(
        by.actor, to.actor.user_id, frozenset(roles), since=now, until=now + timedelta(days=days), now=now
    )
    if set(roles) - {"data_officer"}:
        identity.approve_deputy(SECURITY.actor, number, now=now)
    return number


def asked(source: SourceForm, *, decide: bool = True) -> str:
    code = matters.mounted(source)
    make: Callable[..., str] = matters.deciding if decide else matters.submitted
    return make(code, timezone.now() - timedelta(hours=1))


def last_step(number: str) -> tuple[str, str]:
    step = exchange.request(ZHOU_HANG.actor, number, timezone.now()).steps[-1]
    return step.step, step.person


@pytest.mark.usefixtures("city")
def test_a_deputy_decides_during_the_leave_under_both_names(source: SourceForm) -> None:
    number = asked(source)
    browser = people.enter(ZHAO_LIU)
    page = f"/desk/decisions/{number}/"
    assert browser.get("/desk/decisions/").status_code == 403
    assert browser.post(f"{page}refuse/", {"text": "不给", "basis": "某法第一条"}).status_code == 403
    lend(WANG_MIN, ZHAO_LIU, "approver")
    queue = words(browser.get("/desk/decisions/").content)
    assert "代王敏办理，到" in queue
    assert "代王敏" in queue.split("企业登记信息")[1]
    assert browser.get(page).status_code == 200
    browser.post(f"{page}refuse/", {"text": "用途不符", "basis": "某法第一条"})
    assert exchange.request(ZHOU_HANG.actor, number, timezone.now()).state == "refused"
    assert last_step(number) == ("refused", "赵六（代王敏）")
    assert "代王敏办理" not in words(people.enter(WANG_MIN).get("/desk/decisions/").content)


@pytest.mark.usefixtures("city")
def test_after_the_end_the_next_click_is_refused(source: SourceForm) -> None:
    number = asked(source)
    browser = people.enter(ZHAO_LIU)
    lent = lend(WANG_MIN, ZHAO_LIU, "approver")
    page = f"/desk/decisions/{number}/"
    assert browser.get(page).status_code == 200
    identity.end_deputy(WANG_MIN.actor, lent, now=timezone.now())
    assert browser.get(page).status_code == 403
    assert browser.post(f"{page}refuse/", {"text": "不给", "basis": "某法第一条"}).status_code == 403
    assert exchange.request(WANG_MIN.actor, number, timezone.now()).state == "deciding"


def together(number: str) -> dict[str, object]:
    """What the page of several decisions sends."""
    seen = exchange.request(WANG_MIN.actor, number, timezone.now()).revision
    return {
        "ids": [number],
        "verdict": "refuse",
        "text": "用途不符",
        "basis": "某法第一条",
        f"seen_{number}": seen,
    }


@pytest.mark.usefixtures("city")
def test_a_deputy_decides_several_at_once_under_both_names_and_not_after_the_leave(
    source: SourceForm,
) -> None:
    first = asked(source)
    code = exchange.request(WANG_MIN.actor, first, timezone.now()).resource
    second = matters.deciding(code, timezone.now() - timedelta(hours=1))
    browser, page = people.enter(ZHAO_LIU), "/desk/decisions/together/"
    assert browser.post(page, together(first)).status_code == 403
    lent = lend(WANG_MIN, ZHAO_LIU, "approver")
    assert "已办理 1 项" in words(browser.post(page, together(first)).content)
    assert last_step(first) == ("refused", "赵六（代王敏）")
    identity.end_deputy(WANG_MIN.actor, lent, now=timezone.now())
    assert browser.get(page, {"ids": [second]}).status_code == 403
    assert browser.post(page, together(second)).status_code == 403
    assert exchange.request(WANG_MIN.actor, second, timezone.now()).state == "deciding"


@pytest.mark.usefixtures("city")
def test_a_leave_that_runs_out_ends_the_sitting_between_two_clicks(
    source: SourceForm,
) -> None:
    number = asked(source)
    browser = people.enter(ZHAO_LIU)
    lend(WANG_MIN, ZHAO_LIU, "approver", days=7)
    shown = browser.get("/desk/decisions/together/", {"ids": [number]})
    assert shown.status_code == 200
    from yiwang.blocks.identity.store.models import Deputy

    Deputy.objects.update(until=timezone.now())
    assert browser.post("/desk/decisions/together/", together(number)).status_code == 403
    assert exchange.request(WANG_MIN.actor, number, timezone.now()).state == "deciding"


@pytest.mark.usefixtures("city")
def test_the_list_says_role_by_role_what_acts_and_what_waits() -> None:
    now = timezone.now()
    identity.name_deputy(
        WANG_MIN.actor, ZHAO_LIU.actor.user_id, frozenset({"data_officer", "approver"}),
        since=now, until=now + timedelta(days=7), now=now,
    )  # fmt: skip
    for browser, page in (
        (people.enter(WANG_MIN), "/account/"),
        (people.enter(ZHAO_LIU), "/account/"),
        (people.enter(SECURITY), "/people/deputies/"),
    ):
        text = words(browser.get(page).content).replace(" ", "")
        assert "数据专员有效" in text
        assert "审批人待批准" in text


@pytest.mark.usefixtures("city")
def test_an_outsider_and_a_deputy_elsewhere_decide_nothing(source: SourceForm) -> None:
    number = asked(source)
    lend(ZHOU_HANG, SECOND_REVIEWER, "data_officer")
    for who in (ZHAO_JING, SECOND_REVIEWER):
        answer = people.enter(who).post(
            f"/desk/decisions/{number}/refuse/", {"text": "不给", "basis": "某法第一条"}
        )
        assert answer.status_code in {403, 404}
    assert exchange.request(WANG_MIN.actor, number, timezone.now()).state == "deciding"
    assert "代" not in words(people.enter(ZHAO_JING).get("/desk/decisions/").content).replace("代码", "")


@pytest.mark.usefixtures("city")
def test_a_deputy_does_not_review_what_the_person_asked_for(source: SourceForm) -> None:
    # 周航 asks, and goes on leave; the reviewer stands in for him as officer, another for the reviewer
    number = asked(source, decide=False)
    lend(ZHOU_HANG, HE_QING, "data_officer")
    answer = people.enter(HE_QING).post(f"/desk/reviews/{number}/")
    assert answer.status_code in {403, 409, 422}
    assert exchange.request(WANG_MIN.actor, number, timezone.now()).state == "submitted"
    with pytest.raises(exchange.ExchangeError) as refused:
        exchange.accept_request(HE_QING.actor, number, timezone.now())
    assert refused.value.code == "request-own"


@pytest.mark.usefixtures("city")
def test_nor_does_the_person_review_what_their_deputy_asked_for(source: SourceForm) -> None:
    reviewer = people.Person("qian.jin", "钱进", people.CIVIL, frozenset({"reviewer", "data_officer"}))
    people.people(reviewer)
    lend(reviewer, SECOND_REVIEWER, "data_officer")
    code = matters.mounted(source)
    deputy = SECOND_REVIEWER.actor
    number = exchange.create_request(deputy, code, matters.wish(), timezone.now())
    exchange.submit_request(deputy, number, timezone.now())
    view = exchange.request(deputy, number, timezone.now())
    assert view.applicant_name == "林峰（代钱进）"
    assert {step.person for step in view.steps} == {"林峰（代钱进）"}
    with pytest.raises(exchange.ExchangeError) as refused:
        exchange.accept_request(reviewer.actor, number, timezone.now())
    assert refused.value.code == "request-own"
    exchange.accept_request(HE_QING.actor, number, timezone.now())


@pytest.mark.usefixtures("city")
def test_a_grant_that_a_deputy_gives_and_stops_bears_both_names(source: SourceForm) -> None:
    number = asked(source)
    lend(WANG_MIN, ZHAO_LIU, "data_officer")
    grant = exchange.approve_request(ZHAO_LIU.actor, number, exchange.Approval(text="同意"), timezone.now())
    exchange.suspend_grant(ZHAO_LIU.actor, grant, "核对中", timezone.now())
    steps = exchange.grant(WANG_MIN.actor, grant, timezone.now()).steps
    assert [step.person for step in steps] == ["赵六（代王敏）", "赵六（代王敏）"]


@pytest.mark.usefixtures("city")
def test_a_notice_leads_to_the_page_where_it_is_dealt_with() -> None:
    browser = people.enter(WANG_MIN)
    today = timezone.localdate()
    browser.post(
        "/account/deputies/new/",
        {"deputy": ZHAO_LIU.actor.user_id, "roles": ["approver"], "since": today, "until": today},
    )
    assert "王敏请您代办" in words(people.enter(ZHAO_LIU).get("/share/notices/").content)
    page = people.enter(SECURITY).get("/share/notices/").content.decode()
    assert "王敏指定赵六代办" in page
    assert 'value="/people/deputies/"' in page


def test_a_visitor_names_nobody() -> None:
    assert Client().get("/account/deputies/new/").status_code in {301, 302}
