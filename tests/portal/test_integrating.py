"""Sandbox, reference and old interfaces as pages; the gateway is stood in for by its own document."""

from __future__ import annotations

import json
from datetime import timedelta

import msgspec
import pytest
from django.utils import timezone

from tests.portal.conftest import Browser
from tests.portal.test_finding import words
from tests.store.exchange.cast import (
    AUDITOR,
    CLERK,
    OPERATOR,
    WANG_MIN,
    ZHAO_JING,
    ZHOU_HANG,
    granted,
    mounted,
    published,
)
from tests.store.exchange.test_edges import agency
from yiwang.blocks.exchange.domain.sandbox import CompiledSandbox
from yiwang.blocks.exchange.public import SourceForm
from yiwang.blocks.exchange.store.integration_models import CompiledSandboxRow, Edge
from yiwang.blocks.identity.public import Actor
from yiwang.client.errors import GatewayRefused
from yiwang.gateway.openapi import Place, document
from yiwang.gateway.terms import terms
from yiwang.portal.share import console, reference, sandbox
from yiwang.portal.share.console import Outcome

__all__ = ["agency"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The documents that pages ask for, made of the compiled sandbox; holds the numbers asked with."""
    asked: list[str] = []

    def ask(_me: Actor, _resource: str, number: str, _now: object, *, sandbox: bool) -> dict[str, object]:
        asked.append(number)
        found = CompiledSandboxRow.objects.first()
        assert found is not None
        made = msgspec.json.decode(found.doc, type=CompiledSandbox)
        place = Place("n", "/v1/resources/x", synthetic=sandbox)
        told: dict[str, object] = json.loads(
            json.dumps(document(terms(made.grant, 0, made.resource), place, made.lengths))
        )
        return told

    monkeypatch.setattr(reference, "asked", ask)
    monkeypatch.setattr(sandbox, "callers_key", lambda _me, _now: "0" * 32)
    return asked


def test_a_shared_entry_offers_its_sandbox_and_one_that_is_not_shared_none(browser: Browser) -> None:
    shared, closed = published(), published("内部信息", "none")
    assert "开通沙箱" in words(browser(ZHOU_HANG).get(f"/share/resources/{shared}/").content)
    assert "开通沙箱" not in words(browser(ZHOU_HANG).get(f"/share/resources/{closed}/").content)
    assert "开通沙箱" not in words(browser(CLERK).get(f"/share/resources/{shared}/").content)
    answer = browser(ZHOU_HANG).post(f"/share/resources/{closed}/sandbox/open/")
    assert answer.status_code == 409
    assert "不予共享" in words(answer.content)


def test_the_sandbox_page_has_code_items_masks_and_errors(browser: Browser, gateway: list[str]) -> None:
    code = published()
    zhou = browser(ZHOU_HANG)
    assert zhou.post(f"/share/resources/{code}/sandbox/open/").status_code == 302
    answer = zhou.get(f"/share/resources/{code}/sandbox/")
    text = words(answer.content)
    for fact in (
        "虚构应答",
        "统一社会信用代码",
        "整项遮盖",
        "quota-exhausted",
        "明天再调用",
        "openssl pkeyutl",
        "SM3withSM2",
    ):
        assert fact in text, fact
    assert gateway[0].startswith("B-")
    assert gateway[0] in text, "the caller's own number stands in the code"
    assert 'download="Call.java"' in answer.content.decode()
    english = browser(ZHOU_HANG, "en").get(f"/share/resources/{code}/sandbox/")
    assert "made-up answers" in words(english.content)


def test_its_document_is_a_file(browser: Browser, gateway: list[str]) -> None:
    code = published()
    zhou = browser(ZHOU_HANG)
    zhou.post(f"/share/resources/{code}/sandbox/open/")
    answer = zhou.get(f"/share/resources/{code}/sandbox/openapi.json")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{gateway[0]}-openapi.json"'
    assert json.loads(answer.content)["openapi"] == "3.1.0"


def test_what_was_typed_is_sent_and_a_refusal_says_what_to_do(
    browser: Browser, gateway: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code = published()
    zhou = browser(ZHOU_HANG)
    zhou.post(f"/share/resources/{code}/sandbox/open/")
    sent: list[object] = []

    def send(_me: Actor, _code: str, _number: str, where: object, purpose: str, _now: object) -> Outcome:
        sent.append((where, purpose))
        problem = {"code": "quota-exhausted", "status": 429, "detail": "用完了", "mend": "明天再来"}
        return Outcome(429, 1, error=GatewayRefused(problem, evidence=None, retry_after=None))  # type: ignore[arg-type]

    monkeypatch.setattr(sandbox, "_sent", send)
    answer = zhou.post(
        f"/share/resources/{code}/sandbox/call/",
        {"value": "9129", "simulate": "quota-exhausted"},
        headers={"HX-Request": "true"},
    )
    assert sent == [({"信用代码": "9129"}, "item:sandbox;case=simulate:quota-exhausted")]
    assert "明天再来" in words(answer.content)
    assert "simulate:quota-exhausted" in words(answer.content), "the code shows what was sent"


@pytest.mark.parametrize("who", [ZHAO_JING, WANG_MIN])
def test_anothers_sandbox_does_not_exist(browser: Browser, gateway: list[str], who: Actor) -> None:
    code = published()
    browser(ZHOU_HANG).post(f"/share/resources/{code}/sandbox/open/")
    for path in ("", "openapi.json"):
        assert browser(who).get(f"/share/resources/{code}/sandbox/{path}").status_code == 404
    assert browser(who).post(f"/share/resources/{code}/sandbox/call/", {"value": "1"}).status_code == 404


def test_the_reference_of_a_grant_is_for_the_agency_that_holds_it(
    browser: Browser, gateway: list[str], source: SourceForm
) -> None:
    code = mounted(source)
    grant = granted(code)
    browser(ZHOU_HANG).post(f"/share/resources/{code}/sandbox/open/")
    text = words(browser(ZHOU_HANG).get(f"/share/grants/{grant}/reference/").content)
    assert "返回的数据项" in text
    assert gateway[-1] == grant
    for who in (WANG_MIN, ZHAO_JING):
        assert browser(who).get(f"/share/grants/{grant}/reference/").status_code == 404
        assert browser(who).get(f"/share/grants/{grant}/openapi.json").status_code == 404


FILLED = {
    "dialect": "gjgxjhpt", "requester": "f9e001b4@2399", "secret": "", "addresses": "10.1.2.3", "service_0": "s_1",
    "purpose_0": "", "parameters_0": "xydm=信用代码",
}  # fmt: skip


def filled(grant: str, **changes: str) -> dict[str, str]:
    last = (timezone.now() + timedelta(days=60)).date().isoformat()
    return {**FILLED, "grant_0": grant, "sunset": last, **changes}


@pytest.fixture
def grant(source: SourceForm, agency: None) -> str:
    return granted(mounted(source), timezone.now())


def test_the_operator_lets_one_in_and_sees_its_secret_once(browser: Browser, grant: str) -> None:
    operator = browser(OPERATOR)
    answer = operator.post("/console/edge/new/", filled(grant))
    assert answer.status_code == 200, words(answer.content)
    row = Edge.objects.get()
    assert answer.headers["Cache-Control"] == "no-store"
    page = answer.content.decode()
    secret = page.split('id="secret"')[1].split(">")[1].split("<")[0]
    assert len(secret) >= 32
    shown = operator.get(f"/console/edge/{row.id}/").content.decode()
    assert secret not in shown
    assert "edge_lan-minzheng-1" in shown
    warned = words(browser(ZHOU_HANG).get(f"/share/grants/{grant}/").content)
    assert "有旧接口在使用这个授权：f9e001b4@2399" in warned


@pytest.mark.parametrize(
    ("change", "words_of"),
    [
        ({"addresses": "0.0.0.0/0"}, "地址不可用"),
        ({"sunset": "2020-01-01"}, "今后两年之内"),
        ({"parameters_0": "xm=名称"}, "恰好对应主键"),
        ({"purpose_0": "item:9"}, "用途须为"),
        ({"grant_0": "G-2000-000001"}, "没有这个有效的授权"),
        ({"secret": "short"}, "16–200"),
    ],
)
def test_a_mistake_stands_beside_its_box_and_nothing_is_let_in(
    browser: Browser, grant: str, change: dict[str, str], words_of: str
) -> None:
    answer = browser(OPERATOR).post("/console/edge/new/", filled(grant, **change))
    assert answer.status_code == 422
    assert words_of in words(answer.content)
    assert not Edge.objects.exists()


def test_changing_and_ending_are_the_operators_alone(browser: Browser, grant: str) -> None:
    operator = browser(OPERATOR)
    operator.post("/console/edge/new/", filled(grant))
    edge = Edge.objects.get().id
    for who in (ZHOU_HANG, WANG_MIN, AUDITOR):
        assert browser(who).post(f"/console/edge/{edge}/end/", {"reason": "x"}).status_code == 403
        assert browser(who).get("/console/edge/new/").status_code == 403
    assert browser(ZHOU_HANG).get("/console/edge/").status_code == 403
    assert "f9e001b4@2399" in words(browser(AUDITOR).get("/console/edge/").content)
    for language in ("zh-hans", "en"):
        shown = browser(OPERATOR, language).get(f"/console/edge/{edge}/change/").content.decode()
        assert f'value="{filled(grant)["sunset"]}"' in shown, "the last day stands in the form"
    changed = operator.post(f"/console/edge/{edge}/change/", filled(grant, addresses="10.9.9.9"))
    assert changed.status_code == 302, words(changed.content)
    assert Edge.objects.get().addresses == ["10.9.9.9/32"]
    assert operator.post(f"/console/edge/{edge}/end/", {"reason": ""}).status_code == 409
    operator.post(f"/console/edge/{edge}/end/", {"reason": "已改签名"})
    assert "已改签名" in words(operator.get(f"/console/edge/{edge}/").content)
    assert "有旧接口" not in words(browser(ZHOU_HANG).get(f"/share/grants/{grant}/").content)


def test_a_refusal_says_on_the_console_what_to_do_there(
    browser: Browser, source: SourceForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant = granted(mounted(source))
    problem = {"code": "case-required", "status": 403, "detail": "要办件号", "mend": "加 ;case="}
    refused = Outcome(403, 1, error=GatewayRefused(problem, evidence=None, retry_after=None))  # type: ignore[arg-type]
    monkeypatch.setattr(console, "send", lambda *_: refused)
    answer = browser(ZHOU_HANG).post(
        f"/share/grants/{grant}/call/", {"where_信用代码": "1"}, headers={"HX-Request": "true"}
    )
    assert "在本页：填写左侧的办件编号" in words(answer.content)
