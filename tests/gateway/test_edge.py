"""Old clients: what they get, and every way in which they are refused."""

from __future__ import annotations

import json
import time
from typing import Any

import psycopg
import pytest

from tests.gateway.openings import SECRET, OldClient, let_in
from tests.gateway.stage import CODE, NAMES, PEOPLE, Stage
from yiwang.blocks.exchange.domain.compiled import GrantedField
from yiwang.gateway.edge.dialects import dialects
from yiwang.vocabulary.evidence import Receipt

PERSON = {"sfzh": PEOPLE[0]}


@pytest.fixture(scope="module")
def old(stage: Stage) -> OldClient:
    grant = stage.grant(fields=(GrantedField("身份号码", "id_number"), GrantedField("姓名")))
    return let_in(stage, grant.id)


def leaf_of(header: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Receipt.from_header(header).leaf)
    return found


def test_an_old_call_gets_its_row_in_the_old_form_and_weak_evidence(stage: Stage, old: OldClient) -> None:
    answer = old.call(PERSON)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "code": "0", "message": "success", "data": [{"身份号码": "110105********002X", "姓名": NAMES[0]}],
    }  # fmt: skip
    leaf = leaf_of(answer.headers["yw-evidence"])
    assert leaf["client"] == old.edge.client
    assert leaf["client"].startswith("edge_"), "whoever reads the leaf sees that the caller was proven weakly"
    assert (leaf["kind"], leaf["resource"], leaf["grant"]) == ("query", CODE, old.edge.services[0].grant)
    assert leaf["subjects"]


@pytest.mark.parametrize("way", [{"form": True}, {"method": "GET"}])
def test_parameters_come_as_json_form_or_query(stage: Stage, old: OldClient, way: dict[str, Any]) -> None:
    assert old.call(PERSON, **way).json()["data"][0]["姓名"] == NAMES[0]


def test_the_other_dialect_names_the_service_in_its_path(stage: Stage, old: OldClient) -> None:
    other = let_in(stage, old.edge.services[0].grant, dialect="gateway")
    assert other.call(PERSON).json()["data"][0]["姓名"] == NAMES[0]
    assert other.call(PERSON, service="other").json()["code"] == "edge-service-unknown"


@pytest.mark.parametrize(
    ("parameters", "changed", "code", "status"),
    [
        (PERSON, {"secret": "another-secret-of-the-same-length"}, "edge-signature-wrong", 401),
        (PERSON, {"rtime": "-1000000"}, "edge-time-stale", 401),
        (PERSON, {"rtime": "+1000000"}, "edge-time-stale", 401),
        (PERSON, {"rtime": "yesterday"}, "edge-header-wrong", 401),
        (PERSON, {"without": "gjgxjhpt_sign"}, "edge-header-wrong", 401),
        (PERSON, {"requester": "f9e001b4-nobody"}, "edge-not-enabled", 403),
        (PERSON, {"service": "s_0000000000000_0000"}, "edge-service-unknown", 404),
        ({}, {}, "edge-not-by-key", 422),
        ({"name": "王敏"}, {}, "edge-not-by-key", 422),
        ({"sfzh": PEOPLE[0], "limit": 10}, {}, "edge-not-by-key", 422),
        ({"sfzh": {"in": [PEOPLE[0]]}}, {}, "edge-not-by-key", 422),
        ({"sfzh": [PEOPLE[0]]}, {}, "edge-not-by-key", 422),
        ({"sfzh": ""}, {}, "edge-not-by-key", 422),
        ({"sfzh": True}, {}, "edge-not-by-key", 422),
        ({"sfzh": "110105194912310021"}, {}, "check-digit-wrong", 422),
    ],
)
def test_each_refusal_has_its_own_error(
    stage: Stage, old: OldClient, parameters: dict[str, Any], changed: dict[str, Any], code: str, status: int
) -> None:
    asked = changed.get("rtime", "")
    if asked[:1] in {"+", "-"}:  # milliseconds from now, not from when the tests were collected
        changed = {"rtime": str(int(time.time() * 1000) + int(asked))}
    answer = old.call(parameters, **changed)
    assert (answer.json()["code"], answer.status_code) == (code, status)
    assert answer.json()["mend_en"]
    assert PEOPLE[0] not in answer.text


def test_an_old_call_sent_twice_is_refused_at_every_gateway(stage: Stage, old: OldClient) -> None:
    rtime = old.now()
    assert old.call(PERSON, rtime=rtime).status_code == 200
    for gateway in (stage.one, stage.two):
        again = old.call({"sfzh": PEOPLE[1]}, rtime=rtime, to=gateway)
        assert (again.json()["code"], again.status_code) == ("nonce-replayed", 409)


def test_another_address_is_refused_before_its_signature_is_looked_at(stage: Stage, old: OldClient) -> None:
    grant = old.edge.services[0].grant
    elsewhere = let_in(stage, grant, addresses=("10.0.0.0/24", "::1/128"))
    assert elsewhere.call(PERSON).json()["code"] == "edge-address-wrong"
    assert elsewhere.call(PERSON, secret="wrong" * 4).json()["code"] == "edge-address-wrong"


def test_after_its_last_day_it_is_told_so_but_only_with_the_right_secret(
    stage: Stage, old: OldClient
) -> None:
    over = let_in(stage, old.edge.services[0].grant, sunset=int(time.time()) - 1)
    answer = over.call(PERSON)
    assert (answer.json()["code"], answer.status_code) == ("edge-sunset", 410)
    assert over.call(PERSON, secret="wrong" * 4).json()["code"] == "edge-signature-wrong"


def test_one_that_has_ended_is_off_as_all_are_from_the_start(stage: Stage, old: OldClient) -> None:
    ended = let_in(stage, old.edge.services[0].grant, state="ended")
    assert ended.call(PERSON).json()["code"] == "edge-not-enabled"
    assert stage.http.post(f"{stage.one.url}/edge/unknown").json()["code"] == "route-unknown"
    assert stage.http.put(f"{stage.one.url}/edge/gjgxjhpt").json()["code"] == "method-not-allowed"


def test_what_the_grant_does_not_allow_is_refused_with_evidence(stage: Stage) -> None:
    revoked = stage.grant(state="revoked")
    answer = let_in(stage, revoked.id).call(PERSON)
    assert answer.json()["code"] == "grant-revoked"
    leaf = leaf_of(answer.headers["yw-evidence"])
    assert (leaf["kind"], leaf["code"]) == ("refusal", "grant-revoked")


def test_refusals_at_the_edge_leave_no_leaf_and_are_counted(stage: Stage, old: OldClient) -> None:
    before = stage.leaves()
    old.call(PERSON, secret="wrong" * 4)
    assert stage.leaves() == before
    counted = stage.http.get(f"{stage.one.url}/healthz").json()["refused_without_evidence"]
    assert counted["edge-signature-wrong"] >= 1


def test_secrets_are_nowhere_in_the_clear(stage: Stage, old: OldClient) -> None:
    with psycopg.connect(stage.node.urls.owner) as connection:
        rows = connection.execute("SELECT doc FROM exchange_compiled_edge").fetchall()
    assert rows
    assert all(SECRET not in row[0] and "PRIVATE" not in row[0] for row in rows)


def test_the_signature_order_of_each_dialect_is_data(stage: Stage) -> None:
    assert {name: one.signed for name, one in dialects().items()} == {
        "gjgxjhpt": ("service", "requester", "time"), "gateway": ("requester", "time"),
    }  # fmt: skip
    assert not any(one.verified for one in dialects().values()), "no published standard was at hand"
