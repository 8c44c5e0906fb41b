"""Pages of other nodes: a request is changed and taken back by its own agency, a dispute begins at a row, needs are answered."""

from __future__ import annotations

import base64
from datetime import timedelta

import msgspec
import pytest
from django.utils import timezone
from pytest_django import Settings

from tests.portal.conftest import Browser
from tests.portal.test_finding import words
from tests.store.cascade.test_sharing import agency
from tests.store.exchange.cast import (
    AUDITOR,
    CONSUMER,
    HE_QING,
    OPERATOR,
    PROVIDER,
    WANG_MIN,
    ZHAO_JING,
    ZHOU_HANG,
    mounted,
    published,
    wish,
)
from yiwang.blocks.cascade import public as cascade
from yiwang.blocks.cascade.actions.handling import HANDLERS
from yiwang.blocks.cascade.actions.handling.handler import Refusals
from yiwang.blocks.cascade.actions.rolling import roll_up
from yiwang.blocks.cascade.domain.bodies import (
    DecisionBody,
    EntryBody,
    GrantBody,
    ItemBody,
    NeedBody,
    ReturnBody,
    SupplyBody,
    document,
)
from yiwang.blocks.cascade.domain.card import Card, CardKey, Level, sign_card
from yiwang.blocks.cascade.domain.events import Event
from yiwang.blocks.cascade.store.models import Peer
from yiwang.blocks.exchange.public import SYSTEM, SourceForm
from yiwang.blocks.identity.public import acting
from yiwang.vocabulary.crypto import ED25519, generate

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("node")]
CODE = "102001/1"
ENTRY = EntryBody(
    title="全国企业登记基本信息", title_en="Enterprises of the nation", provider=PROVIDER,
    provider_name="国家市场监管总局", version=1, state="published", modes=("query",),
    items=(
        ItemBody(
            name="信用代码", title="统一社会信用代码", title_en="Credit code", operators=("eq",), narrows=True, served=True
        ),
        ItemBody(name="名称", title="企业名称", title_en="Name of the enterprise", operators=("eq",), served=True),
    ),
)  # fmt: skip
GRANT = {
    "id": "G-1", "version": 1, "resource": CODE, "consumer": CONSUMER, "modes": ["query"], "fields": [{"name": "名称"}],
    "predicates": [{"name": "信用代码", "operators": ["eq"]}], "required": ["信用代码"], "purposes": ["item:1001"],
    "not_before": 0, "not_after": 4_000_000_000,
}  # fmt: skip


def joined(name: str, level: Level, relation: str) -> None:
    key = generate(ED25519)
    listed = CardKey("cascade", key.kid, "ed25519", base64.b64encode(key.public.spki_der).decode(), 0, None)
    card = Card(
        node=name, title=f"节点{name}", level=level, zone="extranet", url="http://a.example", gateway="http://a.example",
        keys=(listed,), sequence=1, issued=1,
    )  # fmt: skip
    cascade.join_by_card(OPERATOR, sign_card(card, key), key.kid, relation, timezone.now())


def heard(peer: str, kind: str, subject: str, body: msgspec.Struct, target: str = "") -> Refusals:
    """What the peer has told arrives."""
    one = Event(
        body=document(body), id=f"{peer}-{kind}-{subject}", kind=kind, origin=peer, subject=subject, target=target,
        time="2026-11-29T00:00:00Z",
    )  # fmt: skip
    refusals = Refusals()
    with acting(SYSTEM):
        HANDLERS[kind](Peer.objects.get(pk=peer), [one], timezone.now(), refusals)
    return refusals


@pytest.fixture
def city(settings: Settings) -> None:
    settings.YW_NODE, settings.YW_LEVEL, settings.YW_ZONE = "lanzhou", "city", "extranet"
    agency(CONSUMER, "兰州市民政局")
    joined("nation", "nation", "parent")
    heard("nation", "entry", CODE, ENTRY)


@pytest.fixture
def asked(city: None) -> str:
    asked_for = wish(fields=("信用代码", "名称"), modes=("query",), claims=())
    return cascade.ask(ZHOU_HANG, "nation", CODE, asked_for, timezone.now())


def decided(number: str, state: str, grant: str = "") -> None:
    heard("nation", "decision", number, DecisionBody(state, "R-1", "请写明用途", "", "", grant), "lanzhou")


def test_a_returned_request_is_changed_by_its_own_agency_and_by_nobody_else(
    browser: Browser, asked: str
) -> None:
    page = f"/share/nodes/requests/{asked}/"
    officer = browser(ZHOU_HANG)
    assert officer.get(f"{page}edit/").status_code == 404, "it is not returned yet"
    decided(asked, "returned")
    shown = officer.get(f"{page}edit/")
    assert "请写明用途" in words(shown.content)
    assert "核对低保家庭成员是否登记企业" in shown.content.decode()
    form = {
        "fields_": ["名称"], "lookups": ["信用代码"], "purposes": "1001", "purpose_title": "低保审核", "reason": "短",
        "calls_per_day": "10", "days": "30",
    }  # fmt: skip
    assert officer.post(f"{page}edit/", form).status_code == 422
    for other, status in ((ZHAO_JING, 404), (HE_QING, 403)):
        for step in ("edit/", "withdraw/"):
            assert browser(other).post(f"{page}{step}", form).status_code == status, (other.name, step)
    assert cascade.asking(ZHOU_HANG, asked).state == "returned"
    form["reason"] = "审核低保申请时核对申请人名下企业"
    assert officer.post(f"{page}edit/", form).headers["Location"] == page
    assert cascade.asking(ZHOU_HANG, asked).state == "sent"


def test_a_request_is_taken_back_after_a_question_and_may_be_asked_again(
    browser: Browser, asked: str
) -> None:
    page, officer = f"/share/nodes/requests/{asked}/", browser(ZHOU_HANG)
    assert officer.get(f"{page}withdraw/").status_code == 200
    assert cascade.asking(ZHOU_HANG, asked).state == "sent"
    officer.post(f"{page}withdraw/", {"text": "不再需要"})
    assert cascade.asking(ZHOU_HANG, asked).state == "withdrawing"
    assert officer.post(f"{page}withdraw/").status_code == 409
    decided(asked, "withdrawn")
    assert "再次申请" in words(officer.get(page).content)
    assert officer.get(f"{page}again/").status_code == 200


def test_a_dispute_begins_at_a_value_of_a_row_that_stands_in_no_address(browser: Browser, asked: str) -> None:
    doc = msgspec.json.encode(GRANT).decode()
    granted = GrantBody("active", doc, ENTRY.title, PROVIDER, ENTRY.provider_name, asked)
    assert heard("nation", "grant", "G-1", granted, "lanzhou").reasons == {}
    decided(asked, "granted", "G-1")
    officer = browser(ZHOU_HANG)
    console = officer.get(f"/share/nodes/requests/{asked}/")
    assert 'name="where_信用代码"' in console.content.decode()
    assert "where_" not in browser(AUDITOR).get(f"/share/nodes/requests/{asked}/").content.decode()
    received = msgspec.json.encode(
        {"asked": {"信用代码": "91350100M000100Y43"}, "rows": [{"名称": "甲公司"}]}
    ).decode()
    form = f"/share/nodes/nation/{CODE}/dispute/"
    begun = officer.post(form, {"pick": "0:名称", "received": received})
    assert begun.status_code == 200
    for value in ("甲公司", "91350100M000100Y43"):
        assert f'value="{value}"' in begun.content.decode()
    for pick, broken in (("7:名称", received), ("x", received), ("0:没有", received), ("0:名称", "{")):
        assert officer.post(form, {"pick": pick, "received": broken}).status_code == 200
    assert cascade.disputes(ZHOU_HANG, timezone.now()) == ()
    said = {"key_name": "信用代码", "key_value": "9135", "field": "名称", "reason": "与执照不符"}
    assert browser(ZHAO_JING).post(form, said).status_code == 409, "who receives nothing disputes nothing"
    assert officer.post(form, said).status_code == 302
    (raised,) = cascade.disputes(ZHOU_HANG, timezone.now())
    for page in ("/share/disputes/", f"/share/disputes/{raised.id}/"):
        shown = words(officer.get(page).content)
        assert ENTRY.title in shown
        assert "企业名称" in shown
        officer.cookies["django_language"] = "en"
        shown = words(officer.get(page).content)
        assert ENTRY.title_en in shown
        assert "Name of the enterprise" in shown
        for chinese in (ENTRY.title, "名称", "信用代码"):
            assert chinese not in shown
        del officer.cookies["django_language"]


def test_a_need_from_below_is_answered_by_the_bureau(browser: Browser, settings: Settings) -> None:
    settings.YW_NODE, settings.YW_LEVEL, settings.YW_ZONE = "gansu", "province", "extranet"
    agency(PROVIDER, "省市场监管局")
    joined("lanzhou", "city", "child")
    need = NeedBody("N-1", "法人变更记录", CONSUMER, "兰州市民政局", "核对变更", ("变更事项",))
    assert heard("lanzhou", "need", "lanzhou-N-1", need).reasons == {}
    assert heard("lanzhou", "need", "lanzhou-N-2", need).reasons != {}
    forged = SupplyBody("met", "可申请", "某人", CODE)
    assert heard("lanzhou", "supply", "gansu-N-1", forged, "gansu").reasons != {}, "a child answers no parent"
    page, code = "/share/nodes/needs/lanzhou-N-1/", published()
    assert "法人变更记录" in words(browser(HE_QING).get("/share/nodes/needs/").content)
    given = {"state": "met", "resource": code, "text": "可申请"}
    assert browser(WANG_MIN).post(page, given).status_code == 200
    assert browser(HE_QING).post(page, given | {"resource": "1/404"}).status_code == 422
    assert cascade.need_from_below(HE_QING, "lanzhou-N-1").state == "open"  # type: ignore[union-attr]
    assert browser(HE_QING).post(page, given).status_code == 302
    assert cascade.need_from_below(HE_QING, "lanzhou-N-1").state == "met"  # type: ignore[union-attr]
    assert browser(HE_QING).get("/share/nodes/needs/lanzhou-N-9/").status_code == 404
    assert browser(None).get(page).status_code == 302


def test_the_city_sees_the_answer_on_the_page_of_its_need_and_what_is_given_back(
    browser: Browser, city: None
) -> None:
    posted = cascade.Posted("N-1", "法人变更记录", CONSUMER, "兰州市民政局", "核对变更", ())
    cascade.pass_up(HE_QING, posted, timezone.now())
    heard("nation", "supply", "lanzhou-N-1", SupplyBody("met", "可申请", "何青", CODE), "lanzhou")
    up = cascade.passed_up(ZHOU_HANG, "N-1")
    assert up is not None
    assert (up.state, up.resource) == ("met", CODE)
    back = ReturnBody(
        title=ENTRY.title,
        provider=PROVIDER,
        provider_name="总局",
        field="信用代码",
        division="9135",
        state="offered",
    )
    heard("nation", "return", CODE, back, "lanzhou")
    assert "9135" in words(browser(ZHOU_HANG).get("/share/nodes/returns/").content)
    assert "9135" in words(browser(ZHOU_HANG).get(f"/share/nodes/nation/{CODE}/").content)


def test_only_the_provider_gives_its_data_back(
    browser: Browser, settings: Settings, source: SourceForm
) -> None:
    settings.YW_NODE, settings.YW_LEVEL, settings.YW_ZONE = "gansu", "province", "extranet"
    agency(PROVIDER, "省市场监管局")
    joined("lanzhou", "city", "child")
    code, page = mounted(source), "/share/nodes/returns/new/"
    form = {"code": code, "node": "lanzhou", "field": "信用代码", "division": "9135"}
    assert browser(ZHAO_JING).post(page, form).status_code == 404
    assert browser(HE_QING).post(page, form).status_code == 403
    officer = browser(WANG_MIN)
    assert officer.get(f"{page}?code={code}").status_code == 200
    for wrong in ({"division": "91'"}, {"node": "nation"}, {"field": "没有"}):
        assert officer.post(page, form | wrong).status_code == 422
    assert cascade.returns(WANG_MIN) == ()
    assert officer.post(page, form).status_code == 302
    (one,) = cascade.returns(WANG_MIN)
    assert (one.node, one.division, one.ends) == ("lanzhou", "9135", True)
    end = {"code": code, "node": "lanzhou"}
    assert browser(ZHAO_JING).post("/share/nodes/returns/end/", end).status_code == 403
    assert officer.post("/share/nodes/returns/end/", end).status_code == 302
    assert cascade.returns(WANG_MIN)[0].state == "ended"


def test_figures_are_for_those_who_watch_the_node(browser: Browser, city: None) -> None:
    roll_up(timezone.now() + timedelta(days=1))
    for person, status in ((AUDITOR, 200), (HE_QING, 200), (ZHOU_HANG, 403), (None, 302)):
        assert browser(person).get("/console/cascade/figures/").status_code == status
    for path in ("needs", "returns", "receipts"):
        assert browser(ZHOU_HANG, "en").get(f"/share/nodes/{path}/").status_code == 200
