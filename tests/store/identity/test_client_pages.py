"""Client applications by browser: register, hand a key over, rotate, revoke, suspend."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.store.identity import cast
from tests.store.identity.cast import LI_WEI, OPERATOR, WANG_MIN, ZHAO_JING, ZHOU_HANG
from yiwang.blocks.identity import public as identity
from yiwang.blocks.identity.store.models import ClientKey, CompiledClient, KeyHandover
from yiwang.vocabulary.crypto import generate, load_private

pytestmark = [pytest.mark.usefixtures("node"), pytest.mark.urls("tests.store.identity.pages")]
GENERATE = {"way": "generate", "suite": "ed25519", "validity": "365", "overlap": "7"}


def registered(browser: Client) -> str:
    answer = browser.post("/clients/new/", {"name": "低保审核系统"})
    found = re.fullmatch(r"/clients/([^/]+)/key/", answer.headers["Location"])
    assert found
    return found[1]


def link_of(page: str) -> str:
    found = re.search(r"http://testserver(/keys/[^/<]+/)", page)
    assert found
    return found[1]


def test_an_application_is_registered_and_its_key_fetched_once_without_signing_in() -> None:
    officer = cast.enter(ZHOU_HANG)
    client = registered(officer)
    link = link_of(officer.post(f"/clients/{client}/key/", GENERATE).content.decode())
    anyone = Client()
    for _ in range(2):
        page = anyone.get(link)
        assert page.status_code == 200
        assert page.headers["Referrer-Policy"] == "no-referrer"
    taken = anyone.post(link)
    key = load_private(taken.content)
    assert key.kid == ClientKey.objects.get(client_id=client).kid
    assert taken.headers["Content-Disposition"] == f'attachment; filename="{client}-{key.kid[:8]}.pem"'
    assert "no-store" in taken.headers["Cache-Control"]
    for again in (anyone.post(link), anyone.get(link), Client().get("/keys/nonsense/")):
        assert again.status_code == 410
        assert b"PRIVATE KEY" not in again.content


def test_an_expired_link_gives_nothing() -> None:
    officer = cast.enter(ZHOU_HANG)
    link = link_of(officer.post(f"/clients/{registered(officer)}/key/", GENERATE).content.decode())
    KeyHandover.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert Client().post(link).status_code == 410


def test_an_uploaded_key_is_shown_with_its_facts() -> None:
    officer = cast.enter(ZHOU_HANG)
    client = registered(officer)
    public = generate("sm2-sm3").public
    form = {**GENERATE, "way": "upload", "public_key": public.to_pem().decode(), "validity": "90"}
    assert officer.post(f"/clients/{client}/key/", form).status_code == 302
    page = officer.get(f"/clients/{client}/").content.decode()
    assert public.kid in page
    assert "sm2-sm3" in page


def test_mistakes_with_a_key_stand_beside_the_field() -> None:
    officer = cast.enter(ZHOU_HANG)
    client = registered(officer)
    for wrong in ("", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"):
        answer = officer.post(f"/clients/{client}/key/", {**GENERATE, "way": "upload", "public_key": wrong})
        assert answer.status_code == 422
        assert 'href="#id_public_key"' in answer.content.decode()


def test_rotating_revoking_suspending_and_resuming_by_browser() -> None:
    officer = cast.enter(ZHOU_HANG)
    client = registered(officer)
    officer.post(f"/clients/{client}/key/", GENERATE)
    officer.post(f"/clients/{client}/key/", GENERATE)
    new, old = ClientKey.objects.filter(client_id=client).order_by("-not_before")
    assert old.not_after is not None
    assert old.not_after < timezone.now() + timedelta(days=8)
    revoke = f"/clients/{client}/keys/{new.kid}/revoke/"
    assert officer.get(revoke).status_code == 200
    assert officer.post(revoke, {"reason": ""}).status_code == 422
    assert officer.post(revoke, {"reason": "lost"}).status_code == 302
    assert officer.post(f"/clients/{client}/suspend/", {"reason": "maintenance"}).status_code == 302
    assert CompiledClient.objects.get(pk=client).state == "suspended"
    assert "maintenance" in officer.get(f"/clients/{client}/").content.decode()
    assert officer.post(f"/clients/{client}/resume/", {"reason": "done"}).status_code == 302
    assert CompiledClient.objects.get(pk=client).state == "active"


def test_an_outsider_gets_not_found_for_everything() -> None:
    client = registered(cast.enter(ZHOU_HANG))
    key = identity.add_key(ZHOU_HANG.actor, client, generate("ed25519").public.to_pem(), now=timezone.now())
    for who in (ZHAO_JING, WANG_MIN):
        browser = cast.enter(who)
        assert client not in browser.get("/clients/").content.decode()
        for page in ("", "key/", "suspend/", "resume/", f"keys/{key}/revoke/"):
            assert browser.get(f"/clients/{client}/{page}").status_code == 404, page
        for deed in ("key/", "suspend/", "resume/", f"keys/{key}/revoke/"):
            assert (
                browser.post(f"/clients/{client}/{deed}", {**GENERATE, "reason": "because"}).status_code
                == 404
            )
    assert CompiledClient.objects.get(pk=client).state == "active"


def test_people_without_a_role_do_not_open_the_pages() -> None:
    browser = cast.enter(LI_WEI)
    for page in ("/clients/", "/clients/new/"):
        assert browser.get(page).status_code == 403


def test_an_operator_suspends_and_handles_no_keys() -> None:
    client = registered(cast.enter(ZHOU_HANG))
    browser = cast.enter(OPERATOR)
    assert browser.get(f"/clients/{client}/").status_code == 200
    assert browser.get(f"/clients/{client}/key/").status_code == 403
    assert browser.post(f"/clients/{client}/suspend/", {"reason": "too many calls"}).status_code == 302
    officer = cast.enter(ZHOU_HANG)
    assert officer.post(f"/clients/{client}/resume/", {"reason": "please"}).status_code == 403


def test_pages_are_complete_in_english() -> None:
    officer = cast.enter(ZHOU_HANG)
    client = registered(officer)
    officer.post(f"/clients/{client}/key/", GENERATE)
    identity.console_key(cast.CIVIL, now=timezone.now())
    kid = ClientKey.objects.filter(client_id=client).values_list("kid", flat=True)[0]
    pages = [
        "",
        "new/",
        f"{client}/",
        f"{client}/key/",
        f"{client}/suspend/",
        f"{client}/keys/{kid}/revoke/",
        "lan-minzheng-console/",
    ]
    for page in pages:
        text = officer.get(f"/clients/{page}", headers={"accept-language": "en"}).content.decode()
        shown = re.sub(r'<span class="person-face"[^<]*<|<[^>]*>', "", text)
        for name in ("周航", "低保审核系统", "民政局测试台", "中文"):
            shown = shown.replace(name, "")
        assert re.findall(r"[\u4e00-\u9fff]+", shown) == [], page


def test_the_list_shows_applications_with_and_without_a_key() -> None:
    officer = cast.enter(ZHOU_HANG)
    client = registered(officer)
    assert client in officer.get("/clients/").content.decode()
    officer.post(f"/clients/{client}/key/", GENERATE)
    assert ClientKey.objects.get(client_id=client).kid[:12] in officer.get("/clients/").content.decode()
    assert client in cast.enter(OPERATOR).get("/clients/").content.decode()
