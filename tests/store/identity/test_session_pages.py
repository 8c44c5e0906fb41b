"""Sessions of client applications by browser: who sees them, and who ends one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.store.identity import cast
from tests.store.identity.cast import (
    AUDIT,
    CIVIL,
    LI_WEI,
    OPERATOR,
    SECURITY,
    WANG_MIN,
    ZHAO_JING,
    ZHOU_HANG,
    Person,
)
from tests.store.identity.test_client_pages import registered
from yiwang.blocks.identity.store.models import AccountEvent
from yiwang.blocks.journal.store import models
from yiwang.blocks.journal.store.session_models import SessionState, SessionStop

pytestmark = [pytest.mark.usefixtures("node"), pytest.mark.urls("tests.store.identity.pages")]
SESSION = "ab" * 16
REASON = {"reason": "应用异常，先停会话"}


@pytest.fixture
def client_id() -> str:
    """An application of 周航's agency with one open session in which three calls wait."""
    made, now = registered(cast.enter(ZHOU_HANG)), timezone.now()
    models.Session.objects.create(
        id=SESSION, client=made, kid="k", log="gw1", index=7, opening="{}", opened=now - timedelta(seconds=90)
    )
    SessionState.objects.create(
        session=SESSION, calls=1234, last_call=now, open=3, oldest=now - timedelta(seconds=4), suspended="time",
        expires=now + timedelta(minutes=50), reason="",
    )  # fmt: skip
    return made


@pytest.mark.parametrize("who", [ZHOU_HANG, OPERATOR])
def test_the_officer_of_the_application_and_the_operator_see_how_a_session_stands(
    client_id: str, who: Person
) -> None:
    page = cast.enter(who).get("/clients/sessions/").content.decode()
    for words in (
        SESSION[:8],
        "低保审核系统",
        "1,234",
        "3 次调用",
        "已暂停",
        "有调用超时未会签",
        "1 个会话开启中",
    ):
        assert words in page
    assert f"/clients/{client_id}/sessions/{SESSION}/end/" in page


@pytest.mark.parametrize("who", [WANG_MIN, ZHAO_JING])
def test_an_officer_of_another_agency_sees_and_ends_nothing(client_id: str, who: Person) -> None:
    browser = cast.enter(who)
    page = browser.get("/clients/sessions/")
    assert SESSION[:8] not in page.content.decode()
    assert browser.get(f"/clients/{client_id}/sessions/{SESSION}/end/").status_code == 404
    assert browser.post(f"/clients/{client_id}/sessions/{SESSION}/end/", REASON).status_code == 404
    assert not SessionStop.objects.exists()


@pytest.mark.parametrize("who", [LI_WEI, SECURITY, AUDIT])
def test_other_people_have_no_such_page(client_id: str, who: Person) -> None:
    browser = cast.enter(who)
    assert browser.get("/clients/sessions/").status_code == 403
    assert browser.post(f"/clients/{client_id}/sessions/{SESSION}/end/", REASON).status_code == 403


@pytest.mark.parametrize("who", [ZHOU_HANG, OPERATOR])
def test_ending_one_asks_for_a_reason_and_is_written_down(client_id: str, who: Person) -> None:
    browser, address = cast.enter(who), f"/clients/{client_id}/sessions/{SESSION}/end/"
    assert "一分钟内会签" in browser.get(address).content.decode()
    assert browser.post(address, {"reason": ""}).status_code == 422
    assert not SessionStop.objects.exists()
    assert browser.post(address, REASON).headers["Location"] == "/clients/sessions/"
    stop = SessionStop.objects.get()
    assert (stop.session, stop.by, stop.reason) == (SESSION, who.name, REASON["reason"])
    event = AccountEvent.objects.get(event="session-stopped")
    assert (event.client, event.agency_id, event.facts["session"]) == (client_id, CIVIL, SESSION)
    assert f"{who.name} 正在结束它" in browser.get("/clients/sessions/").content.decode()


def test_a_session_that_is_over_is_shown_with_who_ended_it_and_cannot_be_ended_again(client_id: str) -> None:
    browser, address = cast.enter(ZHOU_HANG), f"/clients/{client_id}/sessions/{SESSION}/end/"
    browser.post(address, REASON)
    SessionState.objects.update(ended=timezone.now(), reason="stopped", suspended="")
    page = browser.get("/clients/sessions/").content.decode()
    assert f"{ZHOU_HANG.name}：{REASON['reason']}" in page
    assert address not in page
    assert browser.post(address, REASON).status_code == 422


@pytest.mark.parametrize("page", ["0", "x", "99", "-1", "²", "9" * 40])
def test_any_page_number_shows_the_list(client_id: str, page: str) -> None:
    assert cast.enter(ZHOU_HANG).get("/clients/sessions/", {"page": page}).status_code == 200
