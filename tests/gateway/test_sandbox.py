"""The sandbox as integrators meet it: the real protocol, made-up rows, errors on demand, and no way into the real thing."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import quote

import pytest
from openapi_spec_validator import validate

from benchmarks._node import NODE
from tests.gateway.openings import end_sandbox, open_sandbox
from tests.gateway.stage import PEOPLE, Answer, Stage
from yiwang.blocks.exchange.domain.sandbox import CompiledSandbox
from yiwang.client import Client, EvidenceInvalid
from yiwang.vocabulary.evidence import trust_of

CODE = "306001003/77"
PERSON = "299999199001010014"
SANDBOX_NODE = f"sandbox.{NODE}"
BY_NUMBER = {"身份号码": PEOPLE[0]}


@pytest.fixture(scope="module")
def opened(stage: Stage) -> CompiledSandbox:
    return open_sandbox(stage, CODE)


@pytest.fixture(autouse=True)
def unhurried() -> None:
    time.sleep(0.1)  # the sandbox takes ten calls a second


def ask(
    stage: Stage, body: dict[str, Any], *, action: str = "query", code: str = CODE, **signing: Any
) -> Answer:
    path = f"/sandbox/v1/resources/{quote(code, safe='')}/{action}"
    text = json.dumps(body, ensure_ascii=False).encode()
    return stage.send(stage.sign(path, text, node=signing.pop("node", SANDBOX_NODE), **signing))


def test_a_row_is_made_up_for_the_number_asked_about_and_masked_as_a_grant_would(
    stage: Stage, opened: CompiledSandbox
) -> None:
    answer = ask(stage, {"where": BY_NUMBER})
    assert answer.status == 200, answer.response.text
    row = answer.json["rows"][0]
    assert answer.json["synthetic"] is True
    assert answer.response.headers["yw-sandbox"] == "synthetic"
    assert row["身份号码"] == PEOPLE[0]
    assert row["收入"] == "****"
    assert row["姓名"].endswith("*")
    assert row["出生"] == "1949-12-31", "the day of birth follows from the number"
    assert ask(stage, {"where": BY_NUMBER}).json["rows"] == [row]


def test_nothing_of_it_is_written_down(stage: Stage, opened: CompiledSandbox) -> None:
    before = stage.leaves()
    ask(stage, {"where": BY_NUMBER})
    ask(stage, {"where": {"姓名": "王敏"}})
    assert stage.leaves() == before


def test_receipts_have_the_real_form_but_neither_the_name_nor_the_key_of_the_node(
    stage: Stage, opened: CompiledSandbox
) -> None:
    with Client(f"{stage.one.url}/sandbox", stage.key) as caller:
        answer = caller.query(CODE, where=BY_NUMBER, purpose="item:any")
        assert answer.evidence.leaf.node == SANDBOX_NODE
        assert answer.evidence.trust == "first-use"
        assert answer.evidence.head.key not in {record.kid for record in stage.node.keys.describe("evidence")}
    pinned = trust_of(NODE, stage.node.keys.describe("evidence"))
    with (
        Client(f"{stage.one.url}/sandbox", stage.key, trust=pinned) as strict,
        pytest.raises(Exception) as no,
    ):
        strict.query(CODE, where=BY_NUMBER, purpose="item:any")
    assert getattr(no.value, "code", "") in ("node-mismatch", EvidenceInvalid.code)


def test_a_call_signed_for_the_sandbox_opens_nothing_real_and_the_reverse(
    stage: Stage, opened: CompiledSandbox
) -> None:
    real = f"/v1/resources/{quote(CODE, safe='')}/query"
    text = json.dumps({"where": BY_NUMBER}).encode()
    assert stage.send(stage.sign(real, text, node=SANDBOX_NODE)).code == "node-mismatch"
    assert ask(stage, {"where": BY_NUMBER}, node=NODE).code == "node-mismatch"
    assert ask(stage, {"where": BY_NUMBER}, grant="G-2026-000001").code == "grant-not-yours"
    assert stage.send(stage.sign(real, text, grant=opened.grant.id)).code == "grant-not-yours"


def test_pages_follow_each_other_and_a_cursor_fits_its_question_only(
    stage: Stage, opened: CompiledSandbox
) -> None:
    many = {"where": {"身份号码": {"in": list(PEOPLE)}}, "limit": 2}
    first = ask(stage, many).json
    second = ask(stage, many | {"cursor": first["next"]}).json
    third = ask(stage, many | {"cursor": second["next"]}).json
    numbers = [row["身份号码"] for page in (first, second, third) for row in page["rows"]]
    assert numbers == list(PEOPLE)
    assert third["next"] is None
    assert ask(stage, {"where": BY_NUMBER, "cursor": first["next"]}).code == "cursor-invalid"


def test_a_verification_agrees_with_the_row_of_the_same_number(stage: Stage, opened: CompiledSandbox) -> None:
    row = ask(stage, {"where": BY_NUMBER}).json["rows"][0]
    claims = {"出生": row["出生"], "区划": "000000"}
    answer = ask(stage, {"subject": BY_NUMBER, "claims": claims}, action="verify")
    assert answer.json["claims"] == {"出生": "match", "区划": "mismatch"}
    empty = ask(
        stage,
        {"subject": BY_NUMBER, "claims": claims},
        action="verify",
        purpose="item:x;case=simulate:empty",
    )
    assert set(empty.json["claims"].values()) == {"unknown"}


@pytest.mark.parametrize(
    ("body", "code", "status"),
    [
        ({"where": {}}, "where-too-wide", 403),
        ({"where": {"住址": "x"}}, "predicate-not-allowed", 403),
        ({"where": BY_NUMBER, "fields": ["住址"]}, "field-not-granted", 403),
        ({"where": {"身份号码": "110105194912310021"}}, "check-digit-wrong", 422),
        ({"where": BY_NUMBER, "limit": 1000}, "limit-too-high", 422),
        ({"where": BY_NUMBER, "x": 1}, "body-malformed", 422),
    ],
)
def test_mistakes_are_refused_as_the_real_gateway_refuses_them(
    stage: Stage, opened: CompiledSandbox, body: dict[str, Any], code: str, status: int
) -> None:
    answer = ask(stage, body)
    assert (answer.code, answer.status) == (code, status)
    assert answer.leaf["kind"] == "refusal"


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("quota-exhausted", 429),
        ("grant-expired", 403),
        ("grant-revoked", 403),
        ("source-unreachable", 503),
        ("source-slow", 504),
        ("resource-not-found", 404),
        ("gateway-busy", 503),
        ("nonce-replayed", 409),
    ],
)
def test_an_error_comes_when_the_case_number_asks_for_it(
    stage: Stage, opened: CompiledSandbox, name: str, status: int
) -> None:
    answer = ask(stage, {"where": BY_NUMBER}, purpose=f"item:x;case=simulate:{name}")
    assert (answer.code, answer.status) == (name, status)
    assert answer.json["mend_en"]


def test_what_cannot_be_played_is_said_with_the_list_of_what_can(
    stage: Stage, opened: CompiledSandbox
) -> None:
    answer = ask(stage, {"where": BY_NUMBER}, purpose="item:x;case=simulate:earthquake")
    assert answer.code == "sandbox-simulation-unknown"
    assert {"slow", "empty", "quota-exhausted"} <= set(answer.json["known"])


def test_slow_is_slow_and_then_answers(stage: Stage, opened: CompiledSandbox) -> None:
    began = time.monotonic()
    answer = ask(stage, {"where": BY_NUMBER}, purpose="item:x;case=simulate:slow")
    assert answer.status == 200
    assert time.monotonic() - began >= 3


def test_nobody_else_enters_a_sandbox(stage: Stage, opened: CompiledSandbox) -> None:
    assert ask(stage, {"where": BY_NUMBER}, key=stage.stranger).code == "sandbox-not-open"
    assert ask(stage, {"where": BY_NUMBER}, code="306001003/78").code == "sandbox-not-open"
    unsigned = stage.http.post(f"{stage.one.url}/sandbox/v1/resources/306001003%2F77/query", content=b"{}")
    assert unsigned.json()["code"] == "signature-missing"
    assert stage.http.get(f"{stage.one.url}/sandbox/v1/heads").json()["code"] == "route-unknown"


def test_a_call_sent_twice_is_refused(stage: Stage, opened: CompiledSandbox) -> None:
    path = f"/sandbox/v1/resources/{quote(CODE, safe='')}/query"
    sent = stage.sign(path, json.dumps({"where": BY_NUMBER}).encode(), node=SANDBOX_NODE)
    assert stage.send(sent).status == 200
    assert stage.send(sent).code == "nonce-replayed"


def test_who_hurries_is_told_to_slow_down(stage: Stage, opened: CompiledSandbox) -> None:
    codes = [ask(stage, {"where": BY_NUMBER}).code for _ in range(45)]
    assert "sandbox-pace" in codes
    time.sleep(2.1)
    assert ask(stage, {"where": BY_NUMBER}).status == 200


def test_a_withdrawn_entry_has_no_sandbox_any_more(stage: Stage) -> None:
    made = open_sandbox(stage, "306001003/79")
    assert ask(stage, {"where": BY_NUMBER}, code="306001003/79").status == 200
    end_sandbox(stage, made)
    time.sleep(1.1)
    assert ask(stage, {"where": BY_NUMBER}, code="306001003/79").code == "resource-withdrawn"


def test_the_openapi_documents_are_valid_and_their_examples_work(
    stage: Stage, opened: CompiledSandbox
) -> None:
    with Client(f"{stage.one.url}/sandbox", stage.key) as caller:
        document = caller.openapi(CODE)
    validate(document)
    text: Any = document
    assert text["info"]["x-yw-synthetic"] is True
    path = text["paths"]["/sandbox/v1/resources/306001003%2F77/query"]["post"]
    body = path["requestBody"]["content"]["application/json"]["schema"]["example"]
    answer = ask(stage, body)
    assert answer.status == 200, answer.response.text
    shown = path["responses"]["200"]["content"]["application/json"]["schema"]["example"]["rows"][0]
    assert shown.keys() == answer.json["rows"][0].keys()
    assert {"quota-exhausted", "source-slow"} <= {error["code"] for error in text["x-yw-errors"]}


def test_the_document_of_a_grant_is_valid_too(stage: Stage) -> None:
    grant = stage.grant()
    with Client(stage.one.url, stage.key) as caller:
        document = caller.openapi("306001003/12", grant=grant.id)
    validate(document)
    assert "/v1/resources/306001003%2F12/verify" in str(document["paths"])
