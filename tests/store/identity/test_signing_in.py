"""Signing in by browser: passwords, locks, second factors, first passwords, sign-ins."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from tests.store.identity import cast
from tests.store.identity.cast import LI_WEI, OPERATOR, PASSWORD, SYSTEM, WANG_MIN
from yiwang.blocks.identity import public as identity
from yiwang.blocks.identity.store.models import Authenticator, SignIn, User
from yiwang.portal.proxies import read_networks

pytestmark = [pytest.mark.usefixtures("node"), pytest.mark.urls("tests.store.identity.pages")]
LOGIN = "/login/"


def give(browser: Client, username: str, password: str = PASSWORD, **extra: str) -> tuple[int, str, str]:
    """Send the login form: status, where it leads, text."""
    answer = browser.post(LOGIN, {"username": username, "password": password}, headers=extra or None)
    return answer.status_code, answer.headers.get("Location", ""), answer.content.decode()


def words(page: str) -> str:
    """A page without what differs each time."""
    return re.sub(r'value="[^"]*"', "", page)


def test_the_right_password_opens_the_pages() -> None:
    browser = Client()
    assert browser.get("/plain/").headers["Location"] == "/login/?next=/plain/"
    assert give(browser, "wang.min")[:2] == (302, "/")
    assert browser.get("/plain/").content == b"wang.min"


def test_the_page_that_was_asked_for_comes_afterwards_and_no_other_site() -> None:
    for wish, target in (
        ("/clients/", "/clients/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
    ):
        answer = Client().post(LOGIN, {"username": "wang.min", "password": PASSWORD, "next": wish})
        assert answer.headers["Location"] == target


def test_the_username_is_read_in_any_letters() -> None:
    assert give(Client(), " Wang.MIN ")[0] == 302


def test_a_wrong_password_and_an_unknown_name_give_the_same_page() -> None:
    known, unknown = give(Client(), "wang.min", "wrong"), give(Client(), "nobody.here", "wrong")
    assert known[0] == unknown[0] == 422
    assert words(known[2]) == words(unknown[2])


def test_a_closed_account_is_refused_like_a_wrong_password() -> None:
    identity.close_account(SYSTEM.actor, WANG_MIN.actor.user_id, now=timezone.now())
    closed, unknown = give(Client(), "wang.min"), give(Client(), "nobody.here")
    assert (closed[0], words(closed[2])) == (unknown[0], words(unknown[2]))


@pytest.mark.parametrize("username", ["wang.min", "nobody.here"])
def test_five_failures_lock_for_a_while_whether_the_account_exists(username: str) -> None:
    browser = Client()
    for _ in range(4):
        assert give(browser, username, "wrong")[0] == 422
    assert give(browser, username, "wrong")[0] == 429
    status, _, page = give(browser, username, PASSWORD)
    assert status == 429
    assert "15 分钟后再试" in page
    assert not SignIn.objects.exists()


def test_a_lock_holds_for_one_name_from_one_address() -> None:
    browser = Client()
    for _ in range(5):
        give(browser, "wang.min", "wrong")
    assert give(browser, "li.wei")[0] == 302
    elsewhere = Client(REMOTE_ADDR="127.0.0.2")
    assert give(elsewhere, "wang.min")[0] == 302


def test_behind_a_trusted_proxy_the_lock_is_the_callers(settings: Settings) -> None:
    settings.YW_TRUSTED_PROXIES = read_networks("127.0.0.1")
    for _ in range(5):
        give(Client(), "nobody.here", "wrong", **{"x-forwarded-for": "1.2.3.4, 10.0.0.7"})
    assert give(Client(), "nobody.here", "wrong", **{"x-forwarded-for": "10.0.0.7"})[0] == 429
    assert give(Client(), "nobody.here", "wrong", **{"x-forwarded-for": "10.0.0.8"})[0] == 422


def test_who_is_no_trusted_proxy_is_the_caller_whatever_it_says(settings: Settings) -> None:
    settings.YW_TRUSTED_PROXIES = read_networks("10.1.0.0/16")
    for number in range(5):
        give(Client(), "nobody.here", "wrong", **{"x-forwarded-for": f"10.0.0.{number}"})
    assert give(Client(), "nobody.here", "wrong")[0] == 429


def test_demo_accounts_do_not_enter_through_a_trusted_proxy(settings: Settings) -> None:
    settings.YW_TRUSTED_PROXIES = read_networks("127.0.0.1,10.0.0.0/8")
    for told in ("10.0.0.7", "127.0.0.1", "192.0.2.7"):
        assert give(Client(), "wang.min", **{"x-forwarded-for": told})[0] == 422


def test_success_forgets_earlier_failures() -> None:
    for _ in range(3):
        for _ in range(3):
            give(Client(), "wang.min", "wrong")
        assert give(Client(), "wang.min")[0] == 302


def test_signing_in_changes_the_cookie() -> None:
    browser = Client()
    session = browser.session
    session["planted"] = "by somebody"
    session.save()
    before = browser.cookies["sessionid"].value
    give(browser, "wang.min")
    assert browser.cookies["sessionid"].value != before
    assert "planted" not in browser.session


def test_demo_accounts_enter_from_this_machine_only() -> None:
    assert give(Client(REMOTE_ADDR="10.0.0.7"), "wang.min")[0] == 422
    proxied = Client(headers={"x-forwarded-for": "127.0.0.1"})
    assert give(proxied, "wang.min")[0] == 422


def test_a_demo_sign_in_is_worth_nothing_elsewhere_or_in_production(settings: Settings) -> None:
    browser = cast.enter(WANG_MIN)
    assert browser.get("/plain/").status_code == 200
    settings.YW_MODE = "production"
    assert browser.get("/plain/").status_code == 302
    assert give(Client(), "wang.min")[0] == 422


def test_a_strong_role_asks_for_a_code_before_anything_else() -> None:
    browser = Client()
    give(browser, "operator")
    for page in ("/plain/", "/operators/", "/account/", "/people/"):
        assert browser.get(page).headers["Location"].startswith("/login/code/")
    answer = browser.post("/login/code/", {"code": cast.code(), "next": "/operators/"})
    assert answer.headers["Location"] == "/operators/"
    assert browser.get("/operators/").content == b"operators"


def test_a_code_is_not_accepted_twice() -> None:
    first, second = Client(), Client()
    give(first, "operator")
    give(second, "operator")
    code = cast.code()
    assert first.post("/login/code/", {"code": code}).status_code == 302
    answer = second.post("/login/code/", {"code": code})
    assert answer.status_code == 422
    assert "已用过" in answer.content.decode()
    assert second.get("/operators/").status_code == 302


def test_guessing_codes_is_slowed_down() -> None:
    browser = Client()
    give(browser, "operator")
    for _ in range(3):
        browser.post("/login/code/", {"code": "000000"})
    answer = browser.post("/login/code/", {"code": cast.code()})
    assert "秒后再试" in answer.content.decode()
    assert Authenticator.objects.get(user__username="operator").failures == 3


def test_confirming_changes_the_cookie() -> None:
    browser = Client()
    give(browser, "operator")
    before = browser.cookies["sessionid"].value
    browser.post("/login/code/", {"code": cast.code()})
    assert browser.cookies["sessionid"].value != before


def enrolled(browser: Client) -> list[str]:
    """Enrol 李维, who just became an operator; returns the recovery codes."""
    page = browser.get("/login/enrol/").content.decode()
    found = re.search(r'class="secret"[^>]*>([A-Z2-7 ]+)<', page)
    assert found
    import base64

    text = found[1].replace(" ", "")
    secret = base64.b32decode(text + "=" * (-len(text) % 8))
    from yiwang.blocks.identity.domain.second_factor import code_at, step_of

    answer = browser.post("/login/enrol/", {"code": code_at(secret, step_of(timezone.now()))})
    assert answer.status_code == 200
    return re.findall(r"[a-z2-7]{4}(?:-[a-z2-7]{4}){3}", answer.content.decode())


def as_new_operator() -> Client:
    identity.grant_role(cast.SECURITY.actor, LI_WEI.actor.user_id, "operator", now=timezone.now())
    browser = Client()
    give(browser, "li.wei")
    return browser


def test_the_first_login_of_a_strong_role_sets_up_the_second_factor() -> None:
    browser = as_new_operator()
    assert browser.get("/operators/").headers["Location"].startswith("/login/enrol/")
    assert "<svg" in browser.get("/login/enrol/").content.decode()
    assert browser.post("/login/enrol/", {"code": "000000"}).status_code == 422
    assert len(enrolled(browser)) == 10
    assert browser.get("/operators/").status_code == 200


def test_the_authenticators_secret_is_sealed_at_rest() -> None:
    row = Authenticator.objects.get(user__username="operator")
    assert cast.SECRET not in bytes(row.secret)


def test_a_recovery_code_stands_in_for_the_phone_once() -> None:
    codes = enrolled(as_new_operator())
    for attempt, status in (("first", 302), ("again", 422)):
        browser = Client()
        give(browser, "li.wei")
        assert browser.post("/login/code/", {"code": codes[0].upper()}).status_code == status, attempt


def test_a_first_password_must_be_changed_before_anything_else() -> None:
    password = identity.give_new_password(SYSTEM.actor, WANG_MIN.actor.user_id, now=timezone.now())
    browser = Client()
    give(browser, "wang.min", password)
    assert browser.get("/clients/").headers["Location"].startswith("/account/password/")
    wrong = browser.post("/account/password/", {"present": password, "new": "short", "again": "short"})
    assert wrong.status_code == 422
    new = "the rain stopped at noon"
    differing = browser.post("/account/password/", {"present": password, "new": new, "again": new + "s"})
    assert differing.status_code == 422
    done = browser.post(
        "/account/password/", {"present": password, "new": new, "again": new, "next": "/clients/"}
    )
    assert done.headers["Location"] == "/clients/"
    assert browser.get("/clients/").status_code == 200


def test_changing_the_password_signs_the_other_browsers_out() -> None:
    here, there = cast.enter(WANG_MIN), cast.enter(WANG_MIN)
    new = "the rain stopped at noon"
    here.post("/account/password/", {"present": PASSWORD, "new": new, "again": new})
    assert here.get("/plain/").status_code == 200
    assert there.get("/plain/").status_code == 302


def test_guessing_the_present_password_from_an_open_browser_ends_the_sign_in() -> None:
    browser = cast.enter(WANG_MIN)
    new = "the rain stopped at noon"
    for _ in range(5):
        browser.post("/account/password/", {"present": "guess", "new": new, "again": new})
    assert browser.get("/plain/").status_code == 302
    assert User.objects.get(username="wang.min").check_password(PASSWORD)


def test_an_unused_browser_is_signed_out_after_half_an_hour() -> None:
    browser = cast.enter(WANG_MIN)
    SignIn.objects.update(seen_at=timezone.now() - timedelta(minutes=30))
    assert browser.get("/plain/").status_code == 302


def test_a_busy_browser_is_signed_out_after_eight_hours() -> None:
    browser = cast.enter(WANG_MIN)
    SignIn.objects.update(started_at=timezone.now() - timedelta(hours=8))
    assert browser.get("/plain/").status_code == 302


def test_a_person_sees_and_ends_the_own_sign_ins_only() -> None:
    here, there, other = cast.enter(WANG_MIN), cast.enter(WANG_MIN), cast.enter(LI_WEI)
    assert here.get("/account/").content.decode().count("Firefox · Linux") == 2
    here.post(f"/account/sign-ins/{other.session['yw_sign_in']}/end/")
    assert other.get("/plain/").status_code == 200
    here.post(f"/account/sign-ins/{there.session['yw_sign_in']}/end/")
    assert there.get("/plain/").status_code == 302
    assert here.get("/plain/").status_code == 200


def test_signing_out_ends_the_sign_in_on_the_server() -> None:
    browser = cast.enter(WANG_MIN)
    cookie = browser.cookies["sessionid"].value
    assert browser.get("/logout/").status_code == 405
    browser.post("/logout/")
    browser.cookies["sessionid"] = cookie
    assert browser.get("/plain/").status_code == 302


def test_pages_of_a_person_are_not_kept_by_the_browser() -> None:
    assert cast.enter(WANG_MIN).get("/plain/").headers["Cache-Control"] == "private, no-store"


def test_a_sign_in_of_a_deleted_row_is_nobody() -> None:
    browser = cast.enter(WANG_MIN)
    SignIn.objects.all().delete()
    assert browser.get("/plain/").status_code == 302


def test_the_operators_page_is_refused_to_others_with_the_roles_name() -> None:
    answer = cast.enter(WANG_MIN).get("/operators/")
    assert answer.status_code == 403
    assert "运维人员" in answer.content.decode()


def test_a_form_from_elsewhere_is_refused() -> None:
    browser = Client(enforce_csrf_checks=True)
    assert browser.post(LOGIN, {"username": "wang.min", "password": PASSWORD}).status_code == 403


def test_new_recovery_codes_need_the_second_factor() -> None:
    browser = cast.enter(WANG_MIN)
    browser.post("/account/recovery-codes/")
    with pytest.raises(identity.CodeRefused):
        identity.renew_recovery_codes(
            identity.Actor(WANG_MIN.actor.user_id, "", "", "", "", ""), now=timezone.now()
        )
    page = cast.enter(OPERATOR).post("/account/recovery-codes/").content.decode()
    assert len(re.findall(r"[a-z2-7]{4}(?:-[a-z2-7]{4}){3}", page)) == 10


def test_a_secret_on_an_abandoned_page_is_worth_nothing_later() -> None:
    actor, now = LI_WEI.actor, timezone.now()
    seen = identity.begin_enrolment(actor, now=now)
    assert identity.begin_enrolment(actor, now=now + timedelta(minutes=14)) == seen
    assert identity.begin_enrolment(actor, now=now + timedelta(minutes=15)) != seen
