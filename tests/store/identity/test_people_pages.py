"""People and roles by browser: each administrator does one part, outsiders see nothing."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone

from tests.store.identity import cast
from tests.store.identity.cast import (
    AUDIT,
    CIVIL,
    ELSEWHERE,
    FAR_SYSTEM,
    LI_WEI,
    MARKET,
    SECURITY,
    SYSTEM,
    WANG_MIN,
    ZHAO_JING,
)  # fmt: skip
from yiwang.blocks.identity import public as identity
from yiwang.blocks.identity.store.models import RoleGrant, User

pytestmark = [pytest.mark.usefixtures("node"), pytest.mark.urls("tests.store.identity.pages")]


def number(who: cast.Person) -> int:
    return who.actor.user_id


def test_an_account_is_created_and_its_first_password_shown_once() -> None:
    browser = cast.enter(SYSTEM)
    assert "澜州市民政局" in browser.get("/people/new/").content.decode()
    page = browser.post(
        "/people/new/", {"agency": CIVIL, "name": "何洁", "username": "he.jie"}
    ).content.decode()
    shown = re.search(r'class="secret"[^>]*>([a-z2-7-]+)<', page)
    assert shown
    made = User.objects.get(username="he.jie")
    assert made.check_password(shown[1])
    assert shown[1] not in browser.get(f"/people/{made.pk}/").content.decode()


def test_mistakes_stand_beside_their_field_and_in_the_summary() -> None:
    browser = cast.enter(SYSTEM)
    answer = browser.post("/people/new/", {"agency": CIVIL, "name": "何洁", "username": "wang.min"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'href="#id_username"' in page
    assert page.count("已被使用") == 2
    assert 'value="何洁"' in page


def test_an_account_is_not_created_in_another_region() -> None:
    answer = cast.enter(SYSTEM).post(
        "/people/new/", {"agency": ELSEWHERE, "name": "何洁", "username": "he.jie"}
    )
    assert answer.status_code == 422
    assert not User.objects.filter(username="he.jie").exists()


def test_the_security_administrator_gives_and_takes_a_role() -> None:
    browser = cast.enter(SECURITY)
    answer = browser.post(f"/people/{number(LI_WEI)}/", {"role": "reviewer"})
    assert answer.status_code == 302
    assert "数据局审查员" in browser.get(f"/people/{number(LI_WEI)}/").content.decode()
    grant = RoleGrant.objects.get(user_id=number(LI_WEI))
    browser.post(f"/people/{number(LI_WEI)}/roles/{grant.pk}/end/")
    assert LI_WEI.actor.roles == frozenset()


def test_two_hats_are_refused_in_words() -> None:
    answer = cast.enter(SECURITY).post(f"/people/{number(SYSTEM)}/", {"role": "audit_admin"})
    assert answer.status_code == 422
    assert "三员分立" in answer.content.decode()
    assert "系统管理员" in answer.content.decode()


def test_nobody_gives_a_role_to_oneself_by_hand_made_request() -> None:
    answer = cast.enter(SECURITY).post(f"/people/{number(SECURITY)}/", {"role": "operator"})
    assert answer.status_code == 422
    assert SECURITY.actor.roles == {"security_admin"}


@pytest.mark.parametrize("who", [SYSTEM, AUDIT])
def test_other_administrators_give_no_roles(who: cast.Person) -> None:
    assert cast.enter(who).post(f"/people/{number(LI_WEI)}/", {"role": "reviewer"}).status_code == 403
    assert LI_WEI.actor.roles == frozenset()


def test_a_role_of_another_person_is_not_ended_through_this_one() -> None:
    grant = RoleGrant.objects.get(user_id=number(WANG_MIN))
    answer = cast.enter(SECURITY).post(f"/people/{number(LI_WEI)}/roles/{grant.pk}/end/")
    assert answer.status_code == 404
    assert WANG_MIN.actor.roles == {"data_officer"}


@pytest.mark.parametrize("who", [WANG_MIN, ZHAO_JING, LI_WEI])
def test_people_without_the_hat_see_no_people(who: cast.Person) -> None:
    browser = cast.enter(who)
    for page in ("/people/", "/people/new/", "/people/log/", f"/people/{number(WANG_MIN)}/"):
        assert browser.get(page).status_code == 403
    for deed in ("password", "second-factor", "close"):
        assert browser.post(f"/people/{number(WANG_MIN)}/{deed}/").status_code == 403


def test_an_administrator_of_another_city_finds_nobody_here() -> None:
    browser = cast.enter(FAR_SYSTEM)
    assert "王敏" not in browser.get("/people/").content.decode()
    assert browser.get(f"/people/{number(WANG_MIN)}/").status_code == 404
    for deed in ("password", "close"):
        assert browser.post(f"/people/{number(WANG_MIN)}/{deed}/").status_code == 404
    assert User.objects.get(username="wang.min").check_password(cast.PASSWORD)


def test_passwords_and_second_factors_are_reset_by_different_hats() -> None:
    operator = number(cast.OPERATOR)
    assert cast.enter(SECURITY).post(f"/people/{operator}/password/").status_code == 403
    assert cast.enter(SYSTEM).post(f"/people/{operator}/second-factor/").status_code == 403
    assert cast.enter(SYSTEM).post(f"/people/{operator}/password/").status_code == 200
    assert cast.enter(SECURITY).post(f"/people/{operator}/second-factor/").status_code == 302
    assert not identity.account(SYSTEM.actor, operator, timezone.now()).second_factor


def test_the_list_is_narrowed_by_words_and_agency() -> None:
    browser = cast.enter(SYSTEM)
    assert "周航" not in browser.get(f"/people/?agency={MARKET}").content.decode()
    found = browser.get("/people/?q=周").content.decode()
    assert "周航" in found
    assert "王敏" not in found
    assert browser.get("/people/?q=nobody").status_code == 200


def test_the_audit_administrator_reads_the_log_and_does_nothing() -> None:
    identity.grant_role(SECURITY.actor, number(LI_WEI), "reviewer", now=timezone.now())
    browser = cast.enter(AUDIT)
    page = browser.get("/people/log/").content.decode()
    assert "李维" in page
    assert "数据局审查员" in page
    assert browser.get("/people/log/?page=99999").status_code == 200
    assert browser.post(f"/people/{number(LI_WEI)}/close/").status_code == 403


def test_closing_an_account_by_browser() -> None:
    browser = cast.enter(SYSTEM)
    assert browser.post(f"/people/{number(WANG_MIN)}/close/").status_code == 302
    assert browser.get("/people/").status_code == 200
    assert not User.objects.get(username="wang.min").is_active


def test_pages_are_complete_in_english() -> None:
    for who, pages in (
        (SYSTEM, ("/people/", "/people/new/", f"/people/{number(WANG_MIN)}/", "/account/")),
        (AUDIT, ("/people/log/",)),
    ):
        browser = cast.enter(who)
        for page in pages:
            text = browser.get(page, headers={"accept-language": "en"}).content.decode()
            shown = re.sub(r'<span class="person-face"[^<]*<|<[^>]*>', "", text)
            allowed = ("王敏", "孙系", "中文", *(person.name for person in cast.EVERYBODY))
            for name in allowed:
                shown = shown.replace(name, "")
            assert re.findall(r"[\u4e00-\u9fff]+", shown) == [], page
