"""Countersignatures at running gateways: what is open, what is taken, what is not, and who sees it."""

from __future__ import annotations

import json
import time
from typing import Any

import msgspec
import pytest

from tests.gateway.handshake import PATH, HandMade
from tests.gateway.stage import CONSUMER, PEOPLE, STRANGER, Stage
from yiwang.vocabulary.crypto import SigningKey

BY_NUMBER = {"身份号码": PEOPLE[0]}


@pytest.fixture(scope="module")
def grant(stage: Stage) -> str:
    return stage.grant().id


def test_calls_that_nobody_owns_up_to_suspend_the_session(stage: Stage, held: HandMade, grant: str) -> None:
    assert held.query(BY_NUMBER, grant=grant).status == 200
    time.sleep(1.1)
    refused = held.query(BY_NUMBER, grant=grant)
    assert (refused.status, refused.code) == (409, "session-suspended")
    standing = held.own().json
    assert [one["index"] for one in standing["open"]] == [held.head().size - 1]
    assert held.countersign().json == {"number": 1, "open": 0}
    assert held.query(BY_NUMBER, grant=grant).status == 200


def test_only_a_true_countersignature_is_taken(stage: Stage, held: HandMade, grant: str) -> None:
    early = held.head()
    held.query(BY_NUMBER, grant=grant)
    head = held.head()
    right = held.state.countersign(head)

    def refused(given: Any, at: Any = head) -> str:
        return held.countersign(given, at).code

    statement = json.loads(right.statement)

    def resigned(key: SigningKey = held.key, **changed: Any) -> Any:
        text = json.dumps({**statement, **changed}, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
        return msgspec.structs.replace(right, statement=text, signature=key.sign(text.encode()).hex())

    assert refused(resigned(stage.stranger)) == "countersignature-wrong"
    assert refused(msgspec.structs.replace(right, signature="30" * 70)) == "countersignature-wrong"
    assert refused(resigned(record="0" * 64)) == "countersignature-differs"
    assert refused(resigned(client="lan-zhao-1")) == "countersignature-differs"
    assert refused(resigned(number=2)) == "countersignature-differs"
    assert refused(resigned(root="0" * 64)) == "countersignature-head-unknown"
    assert refused(resigned(size=head.size + 7)) == "countersignature-head-unknown"
    old = resigned(size=early.size, root=early.root, head=early.digest())
    assert refused(old) == "countersignature-not-covered"
    assert refused(msgspec.structs.replace(right, indexes=(0,))) == "countersignature-not-covered"
    assert refused(msgspec.structs.replace(right, statement=right.statement + " ")) == "session-malformed"
    assert held.countersign(right, head).json == {"number": 1, "open": 0}
    assert held.countersign(right, head).json == {"number": 1, "open": 0}, "the same again is no other one"


def test_an_answer_that_was_lost_is_owned_up_to_as_asked(stage: Stage, held: HandMade, grant: str) -> None:
    body = json.dumps({"where": BY_NUMBER}).encode()
    sent = held.request(PATH, body, grant=grant)
    lost = stage.send(sent)
    held.state.lose(sent)  # as if it had not arrived
    never = held.request(PATH, body, grant=grant)
    held.state.lose(never)  # as if it had not reached the gateway
    assert held.countersign().json["open"] == 0
    index = int(lost.response.headers["yw-session"].split(",")[0].removeprefix("index="))
    proof = stage.get(f"/v1/sessions/{held.id}/calls/{index}").json
    assert proof["countersignature"]["received"] is False
    assert json.loads(proof["countersignature"]["statement"])["lost"] == 2
    assert stage.send(never).status == 200
    assert held.own().json["open"] == [], "it came after all, and was owned up to before"


def test_the_evidence_of_a_call_is_for_its_parties(stage: Stage, held: HandMade, grant: str) -> None:
    held.query(BY_NUMBER, grant=grant)
    index = held.head().size - 1
    assert stage.get(f"/v1/sessions/{held.id}/calls/{index}").code == "evidence-unknown", (
        "not countersigned yet"
    )
    held.countersign()
    assert stage.get(f"/v1/sessions/{held.id}/calls/{index}").status == 200
    assert stage.get(f"/v1/sessions/{held.id}/calls/{index}", key=stage.stranger).code == "evidence-unknown"
    assert stage.get(f"/v1/sessions/{'0' * 32}/calls/{index}").code == "evidence-unknown"
    assert STRANGER != CONSUMER
