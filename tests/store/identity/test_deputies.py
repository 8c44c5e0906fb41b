"""Deputies on the database and in the browser: named, approved, ended; roles follow within the request."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from tests.store.identity import cast
from tests.store.identity.cast import (
    AUDIT,
    FAR_SECURITY,
    LI_WEI,
    MARKET,
    SECURITY,
    SYSTEM,
    WANG_MIN,
    ZHAO_JING,
    ZHOU_HANG,
)  # fmt: skip
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.store.models import Notice
from yiwang.blocks.identity import public as identity
from yiwang.blocks.identity.store.models import AccountEvent, Deputy

pytestmark = [pytest.mark.usefixtures("node"), pytest.mark.urls("tests.store.identity.pages")]
OFFICER = frozenset({"data_officer"})
BOTH = frozenset({"data_officer", "approver"})


def number(who: cast.Person) -> int:
    return who.actor.user_id


def name(
    roles: frozenset[str] = OFFICER,
    *,
    by: cast.Person = WANG_MIN,
    deputy: cast.Person = LI_WEI,
    days: int = 7,
    now: datetime | None = None,
) -> int:
    moment = now or timezone.now()
    return identity.name_deputy(
        by.actor, number(deputy), roles, since=moment, until=moment + timedelta(days=days), reason="年假", now=moment
    )  # fmt: skip


def make_approver() -> None:
    identity.grant_role(
        SECURITY.actor, number(WANG_MIN), "approver", now=timezone.now() - timedelta(minutes=1)
    )


def roles_at(who: cast.Person, moment: datetime) -> frozenset[str]:
    return identity.actor_for(who.username, moment).roles


def sent(**changes: object) -> dict[str, object]:
    today = timezone.localdate()
    made = {
        "deputy": number(LI_WEI), "roles": ["data_officer"], "since": today.isoformat(),
        "until": (today + timedelta(days=4)).isoformat(), "reason": "年假",
    }  # fmt: skip
    return {**made, **changes}


def test_a_deputy_has_the_role_until_the_end_and_only_through_the_person() -> None:
    now = timezone.now()
    name(now=now)
    deputy = LI_WEI.actor
    assert deputy.roles == OFFICER
    assert [(one.name, one.roles) for one in deputy.on_behalf] == [("王敏", OFFICER)]
    assert deputy.apart == {number(WANG_MIN)}
    assert WANG_MIN.actor.apart == {number(LI_WEI)}
    assert WANG_MIN.actor.roles == OFFICER
    assert WANG_MIN.actor.on_behalf == ()
    assert roles_at(LI_WEI, now + timedelta(days=7)) == frozenset()


def test_an_approvers_deputy_waits_for_the_security_administrator() -> None:
    make_approver()
    matter = name(BOTH)
    assert LI_WEI.actor.roles == OFFICER
    assert [one.id for one in identity.waiting_deputies(SECURITY.actor, timezone.now())] == [matter]
    identity.approve_deputy(SECURITY.actor, matter, now=timezone.now())
    assert LI_WEI.actor.roles == BOTH
    assert identity.waiting_deputies(SECURITY.actor, timezone.now()) == ()


def test_a_refusal_ends_what_counted_at_once_too() -> None:
    make_approver()
    matter = name(BOTH)
    identity.refuse_deputy(SECURITY.actor, matter, reason="人手够", now=timezone.now())
    assert LI_WEI.actor.roles == frozenset()
    with pytest.raises(identity.DeputySettled):
        identity.approve_deputy(SECURITY.actor, matter, now=timezone.now())


def test_nobody_but_a_security_administrator_of_reach_answers() -> None:
    make_approver()
    matter = name(frozenset({"approver"}))
    for who in (SYSTEM, AUDIT, WANG_MIN, LI_WEI, ZHAO_JING):
        with pytest.raises(identity.NotAllowed):
            identity.approve_deputy(who.actor, matter, now=timezone.now())
        with pytest.raises(identity.NotAllowed):
            identity.waiting_deputies(who.actor, timezone.now())
    with pytest.raises(identity.AgencyOutOfReach):
        identity.approve_deputy(FAR_SECURITY.actor, matter, now=timezone.now())
    assert identity.waiting_deputies(FAR_SECURITY.actor, timezone.now()) == ()
    assert LI_WEI.actor.roles == frozenset()


@pytest.mark.parametrize("who", [WANG_MIN, LI_WEI])
def test_either_ends_it_and_an_outsider_does_not_even_learn_of_it(who: cast.Person) -> None:
    matter = name()
    with pytest.raises(identity.UnknownDeputy):
        identity.end_deputy(ZHAO_JING.actor, matter, now=timezone.now())
    with pytest.raises(identity.UnknownDeputy):
        identity.deputy_facts(ZHAO_JING.actor, matter, timezone.now())
    assert identity.deputies(ZHAO_JING.actor, timezone.now()) == ()
    identity.end_deputy(who.actor, matter, now=timezone.now())
    assert LI_WEI.actor.roles == frozenset()


def test_a_person_of_another_agency_an_administrator_and_oneself_are_no_deputies() -> None:
    for deputy in (ZHAO_JING, ZHOU_HANG, WANG_MIN):
        with pytest.raises(identity.DeputyUnfit):
            name(deputy=deputy)
    for deputy in (SYSTEM, SECURITY, AUDIT):
        with pytest.raises(identity.DeputySeparated):
            name(deputy=deputy)
    identity.close_account(SYSTEM.actor, number(LI_WEI), now=timezone.now())
    with pytest.raises(identity.DeputyUnfit):
        identity.name_deputy(
            WANG_MIN.actor, Deputy.objects.count() + 10**6, OFFICER, since=timezone.now(),
            until=timezone.now() + timedelta(days=1), now=timezone.now(),
        )  # fmt: skip


def test_a_deputy_passes_nothing_on() -> None:
    name()
    assert identity.roles_to_hand_over(LI_WEI.actor, timezone.now()) == ()
    with pytest.raises(identity.DeputyRoleBad):
        name(by=LI_WEI, deputy=cast.OPERATOR)


def test_a_closed_account_lends_no_roles() -> None:
    name()
    identity.close_account(SYSTEM.actor, number(WANG_MIN), now=timezone.now())
    assert LI_WEI.actor.roles == frozenset()


def test_one_who_becomes_an_administrator_no_longer_stands_in() -> None:
    name()
    identity.grant_role(SECURITY.actor, number(LI_WEI), "audit_admin", now=timezone.now())
    assert LI_WEI.actor.roles == {"audit_admin"}


def test_the_database_itself_refuses_oneself_and_long_periods() -> None:
    now = timezone.now()
    facts = {
        "person_id": number(WANG_MIN),
        "agency_id": MARKET,
        "roles": ["data_officer"],
        "named_at": now,
        "since": now,
    }
    for wrong in (
        {"deputy_id": number(WANG_MIN), "until": now + timedelta(days=1)},
        {"deputy_id": number(LI_WEI), "until": now + timedelta(days=91)},
        {"deputy_id": number(LI_WEI), "until": now + timedelta(days=1), "answered_by_id": number(LI_WEI)},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Deputy.objects.create(**{**facts, **wrong})


def test_every_step_stands_in_the_audit_administrators_log() -> None:
    make_approver()
    identity.approve_deputy(SECURITY.actor, name(BOTH), now=timezone.now())
    identity.end_deputy(WANG_MIN.actor, Deputy.objects.get().pk, now=timezone.now())
    kept = AccountEvent.objects.filter(event__startswith="deputy-").order_by("id")
    assert [row.event for row in kept] == ["deputy-named", "deputy-approved", "deputy-ended"]
    page = cast.enter(AUDIT).get("/people/log/").content.decode()
    for words in ("指定代办", "批准代办", "提前结束代办", "审批人"):
        assert words in page


def test_by_browser_a_person_names_a_deputy_who_acts_without_signing_in_again() -> None:
    deputy = cast.enter(LI_WEI)
    assert "还没有" in deputy.get("/account/").content.decode()
    browser = cast.enter(WANG_MIN)
    form = browser.get("/account/deputies/new/").content.decode()
    assert "李维" in form
    assert "周航" not in form
    assert browser.post("/account/deputies/new/", sent()).status_code == 302
    assert "代王敏，到" in deputy.get("/account/").content.decode()
    assert LI_WEI.actor.roles == OFFICER
    assert [one.kind for one in exchange.notices(LI_WEI.actor).rows] == ["deputy-named"]
    matter = Deputy.objects.get()
    assert timezone.localtime(matter.until).hour == 0
    deputy.post(f"/account/deputies/{matter.pk}/end/")
    assert "代王敏，到" not in deputy.get("/account/").content.decode()
    assert LI_WEI.actor.roles == frozenset()
    assert [one.kind for one in exchange.notices(WANG_MIN.actor).rows] == ["deputy-ended"]


def test_the_security_administrator_is_told_and_approves_by_browser() -> None:
    make_approver()
    cast.enter(WANG_MIN).post("/account/deputies/new/", sent(roles=["data_officer", "approver"]))
    assert [one.kind for one in exchange.notices(SECURITY.actor).rows] == ["deputy-to-approve"]
    assert exchange.notices(FAR_SECURITY.actor).rows == ()
    matter = Deputy.objects.get().pk
    browser = cast.enter(SECURITY)
    assert "/people/deputies/" in browser.get("/people/").content.decode()
    page = browser.get("/people/deputies/").content.decode()
    assert "李维" in page
    assert f"/people/deputies/{matter}/approve/" in page
    assert browser.post(f"/people/deputies/{matter}/approve/").status_code == 302
    assert LI_WEI.actor.roles == BOTH
    assert [one.kind for one in exchange.notices(WANG_MIN.actor).rows] == ["deputy-approved"]
    assert {one.kind for one in exchange.notices(LI_WEI.actor).rows} == {"deputy-named", "deputy-approved"}
    again = browser.post(f"/people/deputies/{matter}/refuse/", {"reason": "晚了"}, follow=True)
    assert "已处理" in again.content.decode()
    assert LI_WEI.actor.roles == BOTH


def test_wrong_people_open_none_of_it() -> None:
    make_approver()
    matter = name(frozenset({"approver"}))
    for who in (SYSTEM, AUDIT, WANG_MIN, LI_WEI, ZHAO_JING):
        browser = cast.enter(who)
        assert browser.get("/people/deputies/").status_code == 403
        for answer in ("approve", "refuse"):
            assert browser.post(f"/people/deputies/{matter}/{answer}/").status_code == 403
    far = cast.enter(FAR_SECURITY)
    assert "李维" not in far.get("/people/deputies/").content.decode()
    assert far.post(f"/people/deputies/{matter}/approve/").status_code == 404
    assert cast.enter(ZHAO_JING).post(f"/account/deputies/{matter}/end/").status_code == 404
    assert Client().post(f"/account/deputies/{matter}/end/").status_code == 302
    assert Deputy.objects.get().state == "named"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"roles": ["approver"]}, "roles"),
        ({"roles": []}, "roles"),
        ({"deputy": 10**6}, "deputy"),
        ({"since": "2020-01-01"}, "until"),
        ({"until": "2099-01-01"}, "until"),
        ({"until": "nonsense"}, "until"),
    ],
)
def test_wrong_forms_are_refused_beside_their_field(wrong: dict[str, object], field: str) -> None:
    answer = cast.enter(WANG_MIN).post("/account/deputies/new/", sent(**wrong))
    assert answer.status_code == 422
    assert f'href="#id_{field}' in answer.content.decode()
    assert not Deputy.objects.exists()


def test_a_second_deputy_and_an_administrator_are_refused_in_words() -> None:
    name()
    answer = cast.enter(WANG_MIN).post("/account/deputies/new/", sent()).content.decode()
    assert "“数据专员”已有代办人" in answer
    answer = cast.enter(WANG_MIN).post("/account/deputies/new/", sent(deputy=number(SYSTEM))).content.decode()
    assert "系统管理员" in answer


def test_nothing_half_is_kept_when_the_notice_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_args: object, **_facts: object) -> None:
        raise RuntimeError("no notice")

    monkeypatch.setattr(exchange, "tell", fails)
    with pytest.raises(RuntimeError, match="no notice"):
        cast.enter(WANG_MIN).post("/account/deputies/new/", sent())
    assert not Deputy.objects.exists()
    assert not Notice.objects.exists()
    assert not AccountEvent.objects.filter(event="deputy-named").exists()


def test_pages_are_complete_in_english() -> None:
    make_approver()
    name(BOTH)
    for who, pages in (
        (WANG_MIN, ("/account/", "/account/deputies/new/")),
        (LI_WEI, ("/account/", "/account/deputies/new/")),
        (SECURITY, ("/people/deputies/", "/people/")),
        (AUDIT, ("/people/log/",)),
    ):
        browser = cast.enter(who)
        for page in pages:
            text = browser.get(page, headers={"accept-language": "en"}).content.decode()
            shown = re.sub(r'<span class="person-face"[^<]*<|<[^>]*>', "", text)
            for allowed in ("年假", "中文", *(person.name for person in cast.EVERYBODY)):
                shown = shown.replace(allowed, "")
            assert re.findall(r"[\u4e00-\u9fff]+", shown) == [], page
