"""What callers get, and what is refused them, by running gateways."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import pytest

from benchmarks._node import client
from tests.gateway.stage import CODE, CONSUMER, ITEM, NAMES, PEOPLE, STRANGER, Answer, Stage
from yiwang.blocks.exchange.domain.compiled import GrantedField, RowCondition
from yiwang.vocabulary.crypto import generate

PERSON = PEOPLE[0]
BY_NUMBER = {"身份号码": PERSON}
PATH = "/v1/resources/306001003%2F12/query"


@pytest.fixture(scope="module")
def grant(stage: Stage) -> str:
    return stage.grant().id


def test_an_answer_carries_the_row_with_every_type_intact_and_its_proof(stage: Stage, grant: str) -> None:
    answer = stage.query(BY_NUMBER, grant=grant)
    assert answer.json == {
        "resource": CODE, "version": 3, "next": None,
        "rows": [{
            "身份号码": PERSON, "姓名": "王敏", "order": 1, "收入": "1.50", "出生": "1949-12-31",
            "更新": "2026-11-21T00:00:00.25Z", "照片": "AP8=", "附加": {"a": [1, {"b": None}]}, "在世": True,
            "区划": "290100",
        }],
    }  # fmt: skip
    stage.proves(answer)
    assert answer.leaf["subjects"], "the person asked about is committed to"
    assert PERSON not in answer.receipt.leaf


def test_both_suites_are_served_by_both_gateways(stage: Stage, grant: str) -> None:
    for gateway in (stage.one, stage.two):
        for key in (stage.key, stage.modern):
            answer = stage.query(BY_NUMBER, grant=grant, to=gateway, key=key)
            assert answer.status == 200
            stage.proves(answer, key)


def test_masks_row_conditions_and_field_lists_hold(stage: Stage) -> None:
    masked = stage.grant(
        fields=(GrantedField("身份号码", "id_number"), GrantedField("姓名", "name"), GrantedField("收入", "hidden"), GrantedField("在世")),
        rows=(RowCondition("在世", "eq", True),),
    )  # fmt: skip
    answer = stage.query(
        {"身份号码": {"in": list(PEOPLE[:3])}}, grant=masked.id, more={"fields": ["收入", "身份号码"]}
    )
    assert answer.json["rows"] == [
        {"收入": "****", "身份号码": "110105********002X"}, {"收入": "****", "身份号码": "360426********0071"}
    ]  # fmt: skip
    assert len(answer.leaf["subjects"]) == 3, "who was asked about counts, found or not"


def test_pages_follow_each_other_without_gap_and_only_for_their_query(stage: Stage, grant: str) -> None:
    where = {"身份号码": {"in": list(PEOPLE)}}
    names: list[str] = []
    cursor = None
    for _ in range(3):
        page = stage.query(where, grant=grant, more={"limit": 2, "cursor": cursor}).json
        names.extend(row["身份号码"] for row in page["rows"])
        cursor = page["next"] or cursor
    assert names == sorted(PEOPLE)
    assert stage.query(BY_NUMBER, grant=grant, more={"cursor": cursor}).code == "cursor-invalid"


def test_a_verification_says_match_mismatch_or_unknown(stage: Stage, grant: str) -> None:
    answer = stage.verify(BY_NUMBER, {"姓名": "王敏", "收入": 1.5}, grant=grant)
    assert answer.json["claims"] == {"姓名": "match", "收入": "match"}
    stage.proves(answer)
    assert stage.verify(BY_NUMBER, {"姓名": "周航"}, grant=grant).json["claims"] == {"姓名": "mismatch"}
    nobody = {"身份号码": "810000199101010016"}
    assert stage.verify(nobody, {"姓名": "周航"}, grant=grant).json["claims"] == {"姓名": "unknown"}


@pytest.mark.parametrize(
    ("where", "more", "code", "status"),
    [
        (BY_NUMBER, {"fields": ["住址"]}, "field-not-granted", 403),
        ({"姓名": "王敏"}, {}, "predicate-not-allowed", 403),
        ({"身份号码": {"prefix": "11"}}, {}, "operator-not-allowed", 403),
        ({"区划": {"prefix": "29"}}, {}, "where-too-wide", 403),
        ({}, {}, "where-too-wide", 403),
        ({"身份号码": {"in": [PERSON] * 51}}, {}, "list-too-long", 422),
        ({"身份号码": "110105194912310021"}, {}, "check-digit-wrong", 422),
        ({"身份号码": PERSON, "order": "x"}, {}, "value-invalid", 422),
        (BY_NUMBER, {"limit": 1000}, "limit-too-high", 422),
        (BY_NUMBER, {"cursor": "x"}, "cursor-invalid", 422),
        (BY_NUMBER, {"surprise": 1}, "body-malformed", 422),
    ],
)
def test_each_refusal_of_a_proven_caller_has_its_error_and_leaves_evidence(
    stage: Stage, grant: str, where: dict[str, Any], more: dict[str, Any], code: str, status: int
) -> None:
    answer = stage.query(where, grant=grant, more=more)
    assert (answer.code, answer.status) == (code, status)
    stage.proves(answer)
    assert (answer.leaf["kind"], answer.leaf["code"]) == ("refusal", code)


@pytest.mark.parametrize(
    ("changed", "state", "code"),
    [
        ({"not_after": 5}, "active", "grant-expired"),
        ({"not_before": 2_000_000_000, "not_after": 2_100_000_000}, "active", "grant-not-yet"),
        ({}, "revoked", "grant-revoked"),
        ({}, "suspended", "grant-suspended"),
        ({"purposes": ("item:other",)}, "active", "purpose-not-allowed"),
        ({"case_required": True}, "active", "case-required"),
        ({"modes": ("verify",)}, "active", "mode-not-granted"),
        ({"zone": "intranet"}, "active", "wrong-zone"),
    ],
)
def test_a_grant_that_does_not_allow_the_call_says_which_term(
    stage: Stage, changed: dict[str, Any], state: str, code: str
) -> None:
    answer = stage.query(BY_NUMBER, grant=stage.grant(state=state, **changed).id)
    assert answer.code == code
    stage.proves(answer)


def test_another_agencys_key_cannot_use_the_grant_and_strangers_learn_nothing(
    stage: Stage, grant: str
) -> None:
    assert stage.query(BY_NUMBER, grant=grant, key=stage.stranger).code == "grant-not-yours"
    known = stage.query(BY_NUMBER, key=stage.stranger)
    unknown = stage.query(BY_NUMBER, key=stage.stranger, code="306001003/99")
    assert (known.status, known.code) == (unknown.status, unknown.code) == (404, "resource-not-found")
    drop = {"request_id", "resource", "detail", "detail_en"}
    assert {k: v for k, v in known.json.items() if k not in drop} == {
        k: v for k, v in unknown.json.items() if k not in drop
    }
    leaf = unknown.leaf
    assert (leaf["consumer"], leaf["provider"], leaf["resource"]) == (STRANGER, None, None)


def test_two_grants_for_one_purpose_are_told_apart_by_the_header(stage: Stage, grant: str) -> None:
    stage.grant()
    answer = stage.query(BY_NUMBER)
    assert answer.code == "grant-ambiguous"
    assert grant in answer.json["grants"]


def test_a_replayed_nonce_is_refused_at_the_same_and_at_another_gateway(stage: Stage, grant: str) -> None:
    body = json.dumps({"where": BY_NUMBER}).encode()
    request = stage.sign(PATH, body, grant=grant)
    assert stage.send(request).status == 200
    for gateway in (stage.one, stage.two):
        again = stage.send(request, to=gateway)
        assert (again.status, again.code) == (409, "nonce-replayed")
        stage.proves(again)
    refused = stage.sign(PATH, b'{"where": {}}', grant=grant)
    assert stage.send(refused).code == "where-too-wide"
    assert stage.send(refused, to=stage.two).code == "nonce-replayed", "a refused call is used up too"


def test_a_key_registered_a_moment_ago_is_known_though_its_notice_was_lost(stage: Stage) -> None:
    fresh = generate("sm2-sm3")
    time.sleep(0.1)  # since the last unknown key: a flood of them is not looked for one by one
    stage.node.publish(client("just-now", CONSUMER, fresh), notify=False)
    answer = stage.send(
        stage.sign(PATH, json.dumps({"where": BY_NUMBER}).encode(), key=fresh, grant=stage.grant().id)
    )
    assert answer.status == 200
    stage.proves(answer, fresh)


def test_calls_that_prove_nobody_are_counted_and_leave_no_evidence(stage: Stage, grant: str) -> None:
    body = json.dumps({"where": BY_NUMBER}).encode()
    unregistered = generate("ed25519")
    before = stage.leaves()
    wrong: list[tuple[Answer, str]] = [
        (stage.send(stage.sign(PATH, body, grant=grant), body=body.replace(b"where", b"wherE")), "content-digest-mismatch"),
        (stage.send(stage.sign(PATH, body, created=int(time.time()) - 400)), "signature-stale"),
        (stage.send(stage.sign(PATH, body, created=int(time.time()) + 400)), "signature-stale"),
        (stage.send(stage.sign(PATH, body, node="beijing")), "node-mismatch"),
        (stage.send(stage.sign(PATH, body, key=unregistered)), "key-unknown"),
        (stage.send(stage.sign(PATH, body, grant=grant), yw_grant="G-2026-000999"), "signature-wrong"),
    ]  # fmt: skip
    for answer, code in wrong:
        assert (answer.status, answer.code) == (401, code)
        assert "yw-evidence" not in answer.response.headers
    stale = wrong[1][0].json
    assert (
        abs(
            time.mktime(time.strptime(stale["server_time"], "%Y-%m-%dT%H:%M:%SZ"))
            - time.mktime(time.gmtime())
        )
        < 30
    )
    assert stage.leaves() == before
    assert stage.http.post(stage.one.url + PATH, content=body).json()["code"] == "signature-missing"


def test_a_signature_for_one_path_opens_no_other(stage: Stage, grant: str) -> None:
    body = json.dumps({"subject": BY_NUMBER, "claims": {"姓名": "王敏"}}).encode()
    request = stage.sign(PATH, body, grant=grant)
    response = stage.http.post(
        stage.one.url + PATH.replace("query", "verify"), content=body, headers=request.http_headers()
    )
    assert response.json()["code"] == "signature-wrong"


def test_a_key_out_of_force_and_a_suspended_application_are_told_apart(stage: Stage, grant: str) -> None:
    old, off = generate("ed25519"), generate("ed25519")
    stage.publish(client("lan-old-1", CONSUMER, old, not_after=5))
    stage.publish(client("lan-off-1", CONSUMER, off), state="suspended")
    assert stage.query(BY_NUMBER, grant=grant, key=old).code == "key-not-in-force"
    suspended = stage.query(BY_NUMBER, grant=grant, key=off)
    assert suspended.code == "client-suspended"
    stage.proves(suspended, off)


def test_the_days_quota_ends_and_a_repeated_call_costs_one_unit(stage: Stage) -> None:
    few = stage.grant(calls_per_day=2)
    for _ in range(3):
        assert stage.query(BY_NUMBER, grant=few.id, idempotency_key="same").status == 200
    assert stage.query(BY_NUMBER, grant=few.id).status == 200
    last = stage.query(BY_NUMBER, grant=few.id, to=stage.two)
    assert (last.status, last.code) == (429, "quota-exhausted")
    stage.proves(last)
    assert stage.query(BY_NUMBER, grant=few.id, idempotency_key="same").status == 200


def test_distinct_subjects_a_day_are_capped(stage: Stage) -> None:
    narrow = stage.grant(subjects_per_day=2)
    assert stage.query({"身份号码": {"in": list(PEOPLE[:2])}}, grant=narrow.id).status == 200
    assert stage.query({"身份号码": PEOPLE[2]}, grant=narrow.id, to=stage.two).code == "subjects-exhausted"
    assert stage.query({"身份号码": PEOPLE[1]}, grant=narrow.id).status == 200


def test_guessing_by_verify_ends_after_the_allowed_attempts(stage: Stage) -> None:
    strict = stage.grant(attempts_per_subject=2)
    for name in NAMES[1:3]:
        assert stage.verify(BY_NUMBER, {"姓名": name}, grant=strict.id).json["claims"] == {"姓名": "mismatch"}
    third = stage.verify({"身份号码": PERSON.lower()}, {"姓名": "王敏"}, grant=strict.id)
    assert (third.status, third.code) == (429, "attempts-exhausted")
    stage.proves(third)
    assert stage.verify({"身份号码": PEOPLE[1]}, {"姓名": "周航"}, grant=strict.id).status == 200


@pytest.mark.parametrize("notify", [True, False])
def test_a_revoked_grant_is_refused_within_a_second_also_without_notices(stage: Stage, notify: bool) -> None:
    made = stage.grant()
    assert stage.query(BY_NUMBER, grant=made.id).status == 200
    stage.node.publish(made, state="revoked", notify=notify)
    revoked = time.monotonic()
    for gateway in (stage.one, stage.two):
        answer = stage.query(BY_NUMBER, grant=made.id, to=gateway)
        assert answer.code == "grant-revoked"
        stage.proves(answer)
    assert time.monotonic() - revoked < 1


def test_a_grant_that_was_widened_meanwhile_is_decided_anew(stage: Stage) -> None:
    made = stage.grant()
    stage.node.publish(made, notify=False)
    assert stage.query(BY_NUMBER, grant=made.id).status == 200


def test_purposes_carry_the_case_into_the_evidence(stage: Stage) -> None:
    strict = stage.grant(case_required=True)
    answer = stage.query(BY_NUMBER, grant=strict.id, purpose=f"{ITEM};case=澜政〔2026〕7 号")
    assert answer.leaf["purpose"] == f"{ITEM};case=澜政〔2026〕7 号"
    stage.proves(answer)


def test_parties_read_their_evidence_and_errors_and_nobody_else(stage: Stage, grant: str) -> None:
    refused = stage.query({}, grant=grant)
    place = f"/v1/evidence/{refused.leaf['log']}/{refused.receipt.index}"
    found = stage.get(place)
    assert found.json["leaf"] == refused.receipt.leaf
    assert (stage.get(place, key=stage.stranger).status, stage.get("/v1/evidence/gw1/99999").status) == (
        404,
        404,
    )
    asked = f"/v1/errors/{refused.json['request_id']}"
    assert stage.get(asked).json == refused.json
    elsewhere = stage.send(stage.sign(asked, b"", method="GET", purpose="evidence:own"), to=stage.two)
    assert (elsewhere.json["code"], elsewhere.json["index"]) == ("where-too-wide", refused.receipt.index)
    assert stage.get(asked, key=stage.stranger).code == "request-unknown"


def test_an_unproven_error_is_found_again_by_the_application_that_it_named(stage: Stage) -> None:
    stale = stage.send(stage.sign(PATH, b"{}", created=5))
    asked = f"/v1/errors/{stale.json['request_id']}"
    assert stage.get(asked).json["code"] == "signature-stale"
    assert stage.get(asked, key=stage.stranger).status == 404


def test_a_looked_up_request_cannot_be_replayed(stage: Stage) -> None:
    request = stage.sign("/v1/evidence/gw1/0", b"", method="GET", purpose="evidence:own")
    stage.send(request)
    assert stage.send(request).code == "nonce-replayed"


def test_heads_and_their_consistency_are_public(stage: Stage, grant: str) -> None:
    stage.query(BY_NUMBER, grant=grant)
    heads = stage.http.get(f"{stage.one.url}/v1/heads").json()["heads"]
    sizes = {json.loads(one["head"])["log"]: json.loads(one["head"])["size"] for one in heads}
    stage.query(BY_NUMBER, grant=grant)
    found = stage.http.get(f"{stage.one.url}/v1/heads/gw1/consistency?from={sizes['gw1']}").json()
    assert found["format"] == "yiwang-consistency/1"
    assert json.loads(found["second"]["head"])["size"] > sizes["gw1"]
    for query in ("", "?from=x", "?from=99999999", f"?from={sizes['gw1']}&to=0"):
        assert stage.http.get(f"{stage.one.url}/v1/heads/gw1/consistency{query}").status_code == 404


def test_answers_are_acknowledged_by_a_countersignature(stage: Stage, grant: str) -> None:
    from yiwang.blocks.journal.domain.acks import ack_text
    from yiwang.vocabulary.crypto import SUITES

    def ack(answer: Answer, key: Any) -> dict[str, Any]:
        digest = SUITES["sm2-sm3"].digest(b"\0" + answer.receipt.leaf.encode()).hex()
        place = {"log": answer.leaf["log"], "index": answer.receipt.index, "leaf_hash": digest}
        signature = key.sign(ack_text(place["log"], answer.receipt.index, digest)).hex()
        return {**place, "signature": signature}

    answers = [stage.query(BY_NUMBER, grant=grant) for _ in range(2)]
    receipts = [
        ack(answers[0], stage.key),
        ack(answers[1], stage.stranger),
        {**ack(answers[1], stage.key), "signature": "zz"},
    ]
    sent = stage.send(
        stage.sign("/v1/evidence/ack", json.dumps({"receipts": receipts}).encode(), purpose="evidence:own")
    )
    assert sent.json == {"acknowledged": 1}


def test_the_openapi_document_is_for_those_who_hold_a_grant(stage: Stage, grant: str) -> None:
    path = "/v1/resources/306001003%2F12/openapi.json"
    request = stage.sign(path, b"", method="GET", grant=grant)
    made = stage.send(request).json
    body = made["paths"][PATH]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body["properties"]["where"]["anyOf"] == [{"required": ["身份号码"]}]
    assert stage.get(path, key=stage.stranger).status == 404
    assert stage.http.get(stage.one.url + path).status_code == 401


def test_the_gateway_introduces_itself_and_names_its_health(stage: Stage) -> None:
    told = stage.http.get(f"{stage.one.url}/.well-known/yiwang").json()
    record = stage.node.keys.describe("evidence")[-1]
    assert told["node"] == "lanzhou"
    assert base64.b64decode(told["evidence_key"]["spki"]) == record.spki
    health = stage.http.get(f"{stage.one.url}/healthz").json()
    assert (health["status"], health["problems"]) == ("ok", [])
    assert stage.http.get(f"{stage.one.url}/v1/none").status_code == 404
    assert stage.http.get(stage.one.url + PATH).status_code == 405
