"""Pages of subscriptions: made from a grant, watched, replayed, sent; what a provider and a stranger see."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from django.utils import timezone

from tests.portal.conftest import Browser
from tests.store.delivery.cast import Clock, mounted
from tests.store.delivery.conftest import both
from tests.store.exchange.cast import CHEN_CHEN, WANG_MIN, ZHAO_JING, ZHOU_HANG
from tests.store.subscriptions.cast import CLIENT, PURPOSE, URL, Receiver, Stage, granted
from yiwang.blocks.exchange.public import SourceForm
from yiwang.blocks.subscriptions import public as subs
from yiwang.blocks.subscriptions.actions import subscribing
from yiwang.portal.subscriptions import steps

__all__ = ["both"]
pytestmark = pytest.mark.django_db


@pytest.fixture(params=["zh-hans", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def stage(source: SourceForm, both: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> Stage:
    for module in (subscribing, steps):
        monkeypatch.setattr(module, "clients_of_agency", lambda _: [CLIENT])
    code = mounted(source)

    def sql(statement: str) -> object:
        return both.execute(statement.encode())

    return Stage(code, granted(code), Clock(timezone.now()), sql)


def test_an_officer_follows_from_the_grant_and_sees_how_it_stands(
    browser: Browser, stage: Stage, language: str
) -> None:
    me = browser(ZHOU_HANG, language)
    grant = me.get(f"/share/grants/{stage.grant}/").content.decode()
    assert f"/subscriptions/new/?grant={stage.grant}" in grant
    new = f"/subscriptions/new/?grant={stage.grant}"
    assert CLIENT in me.get(new).content.decode()
    form = {"client": CLIENT, "purpose": PURPOSE, "url": "http://10.0.0.1/"}
    refused = me.post(new, form)
    assert refused.status_code == 422
    answer = me.post(new, form | {"url": URL})
    assert answer.status_code == 302
    (row,) = subs.subscriptions(ZHOU_HANG)
    stage.turn()
    stage.sql("UPDATE kb.qy SET mc = '新名' WHERE bh = 'B000001'")
    stage.turn()
    stage.send(row.id, Receiver(status=503))
    page = me.get(answer["location"]).content.decode()
    assert "HTTP 503" in page
    assert "secret" not in page.replace(f'value="{URL}"', ""), "a token shows in its owner's own form alone"
    assert row.id in me.get("/subscriptions/").content.decode()
    assert CLIENT in me.get(f"/share/grants/{stage.grant}/").content.decode()
    for step in ("test", "retry", "pause", "resume"):
        assert me.post(f"/subscriptions/{row.id}/{step}/").status_code == 302
    assert me.post(f"/subscriptions/{row.id}/hook/", {"url": "https://127.0.0.1/"}).status_code == 422
    assert me.post(f"/subscriptions/{row.id}/replay/", {"since": ""}).status_code == 422
    since = (timezone.now() - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    assert me.post(f"/subscriptions/{row.id}/replay/", {"since": since}).status_code == 302
    assert me.post(f"/subscriptions/{row.id}/unhook/").status_code == 302
    assert me.post(f"/subscriptions/{row.id}/nothing/").status_code == 404
    assert me.post(f"/subscriptions/{row.id}/end/").status_code == 302
    assert row.id in me.get("/subscriptions/?state=ended").content.decode()


def test_a_provider_sees_who_follows_and_chooses_how_changes_are_found(
    browser: Browser, stage: Stage, language: str
) -> None:
    number = stage.subscribe()
    subs.set_hook(ZHOU_HANG, number, URL, stage.clock())
    me = browser(WANG_MIN, language)
    assert number in me.get("/subscriptions/?side=provider").content.decode()
    page = me.get(f"/subscriptions/{number}/").content.decode()
    assert "max_slot_wal_keep_size" in page or "wal" in page.lower() or "复制" in page or "replicate" in page
    assert "93.184.215.14" not in page
    assert f"/subscriptions/{number}/end/" not in page
    way = {"wish": "cursor", "field": "更新", "back": number}
    assert me.post(f"/subscriptions/way/{stage.code}", way).status_code == 302
    feed = subs.feed(WANG_MIN, stage.code)
    assert feed is not None
    assert (feed.wish, feed.cursor_field) == ("cursor", "更新")
    assert me.post(f"/subscriptions/{number}/pause/").status_code == 404
    assert me.post(f"/subscriptions/{number}/hook/", {"url": URL}).status_code == 404


def test_strangers_see_nothing(browser: Browser, stage: Stage) -> None:
    number = stage.subscribe()
    for stranger in (ZHAO_JING, CHEN_CHEN):
        me = browser(stranger)
        assert me.get(f"/subscriptions/{number}/").status_code in (403, 404)
        assert me.post(f"/subscriptions/{number}/pause/").status_code in (403, 404)
        assert number not in me.get("/subscriptions/").content.decode()
        assert me.get(f"/subscriptions/new/?grant={stage.grant}").status_code in (403, 404)
        assert me.post(f"/subscriptions/way/{stage.code}", {"wish": "compare"}).status_code in (403, 404)
    assert subs.subscription(ZHOU_HANG, number).state == "active"
