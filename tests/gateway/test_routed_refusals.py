"""Calls that cross nodes: what is answered, and who and what is refused on the way."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable

import pytest

from tests.gateway.cascade_stage import CITY, FIRM, NATION, PROVINCE, CascadeStage, until
from yiwang.blocks.cascade.domain.card import CardKey, keys_of
from yiwang.vocabulary.crypto import generate
from yiwang.vocabulary.evidence import Receipt


@pytest.fixture(scope="module")
def grant(cascade: CascadeStage) -> str:
    return cascade.grant()


def test_a_routed_answer_is_signed_and_logged_by_every_node_of_the_way(
    cascade: CascadeStage, grant: str
) -> None:
    answer = cascade.ask(grant)
    assert (answer.status, answer.json["rows"]) == (200, [{"code": FIRM, "name": "兰州某厂"}])
    cascade.proves(answer)
    city, province, nation = (cascade.leaves(name, grant)[-1] for name in (CITY, PROVINCE, NATION))
    assert [one["response"] for one in (city, province, nation)], "each digests the answer by its own suite"
    assert [one["node"] for one in city["upstream"]] == [PROVINCE]
    assert [one["node"] for one in province["upstream"]] == [NATION]
    assert nation["client"] == "lanzhou:app", "the owner knows for whom it was asked"


def test_only_a_joined_nodes_key_may_forward(cascade: CascadeStage, grant: str) -> None:
    before = len(cascade.leaves(NATION))
    stranger = cascade.post(NATION, cascade.forward(grant, key=generate("sm2-sm3")))
    assert (stranger.status, stranger.code) == (401, "not-a-peer")
    # the city's key is known to the province, not to the nation
    child = cascade.post(NATION, cascade.forward(grant, by=CITY))
    assert (child.status, child.code) == (401, "not-a-peer")
    assert len(cascade.leaves(NATION)) == before, "who is not proven leaves no evidence"


def test_a_suspended_node_is_refused_with_evidence_and_says_so_to_its_callers(
    cascade: CascadeStage, grant: str
) -> None:
    cascade.put_peer(NATION, PROVINCE, state="suspended")
    cascade.settle()
    try:
        refused = cascade.post(NATION, cascade.forward(grant))
        assert (refused.status, refused.code) == (403, "peer-suspended")
        assert refused.leaf["code"] == "peer-suspended"
        assert "consumer" not in {name for name, value in refused.leaf.items() if value == ""}
        answer = cascade.ask(grant)
        assert (answer.status, answer.code) == (403, "peer-suspended")
        cascade.proves(answer)
    finally:
        cascade.put_peer(NATION, PROVINCE)
        cascade.settle()


def test_a_replaced_key_counts_no_more_when_its_time_is_over(cascade: CascadeStage, grant: str) -> None:
    now = int(time.time())
    old = cascade.nodes[PROVINCE].keys.describe()
    ended = tuple(
        CardKey(one.purpose, one.kid, one.suite, one.spki, one.not_before, now - 10) if one.purpose == "cascade" else one
        for one in keys_of(old)
    )  # fmt: skip
    cascade.put_peer(NATION, PROVINCE, keys=ended)
    cascade.settle()
    try:
        assert cascade.post(NATION, cascade.forward(grant)).code == "key-not-in-force"
        answer = cascade.ask(grant)
        assert (answer.status, answer.code) == (502, "peer-turned-away")
        assert "key-not-in-force" in answer.json["detail_en"]
    finally:
        cascade.put_peer(NATION, PROVINCE)
        cascade.settle()


def test_a_node_that_answers_with_another_key_is_not_believed(cascade: CascadeStage, grant: str) -> None:
    wrong = tuple(one for one in keys_of(cascade.nodes[CITY].keys.describe()) if one.purpose == "evidence")
    right = tuple(one for one in keys_of(cascade.nodes[NATION].keys.describe()) if one.purpose == "cascade")
    cascade.put_peer(PROVINCE, NATION, keys=wrong + right)
    cascade.settle()
    try:
        answer = cascade.ask(grant)
        assert (answer.status, answer.code) == (502, "peer-unproven")
        cascade.proves(answer)
        assert "name" not in answer.json, "what was not proven goes no further"
    finally:
        cascade.put_peer(PROVINCE, NATION)
        cascade.settle()


def test_without_a_lease_nothing_is_forwarded(cascade: CascadeStage, grant: str) -> None:
    cascade.lease(CITY, 1.5)
    until(lambda: cascade.ask(grant, leased=False).code == "lease-over")
    carried = len(cascade.lines[PROVINCE].carried)
    answer = cascade.ask(grant, leased=False)
    assert (answer.status, answer.code) == (503, "lease-over")
    cascade.proves(answer)
    assert len(cascade.lines[PROVINCE].carried) == carried
    cascade.lease(PROVINCE, -1)
    cascade.lease(CITY, 3600)  # and a node on the way forwards nothing without one either
    until(
        lambda: (
            cascade.ask(grant, leased=False).code == "lease-over"
            and len(cascade.lines[PROVINCE].carried) > carried
        )
    )
    cascade.leases()
    until(lambda: cascade.ask(grant).status == 200)


def test_a_grant_that_is_revoked_at_its_owner_ends_at_once_though_the_way_knows_nothing(
    cascade: CascadeStage,
) -> None:
    number = cascade.grant()
    assert cascade.ask(number).status == 200
    held = cascade.granted(number)
    cascade.nodes[NATION].publish(held, state="revoked", notify=False)  # even the notice is lost
    answer = cascade.ask(number)
    assert (answer.status, answer.code) in {(403, "grant-revoked"), (403, "grant-changed")}
    cascade.proves(answer)
    assert cascade.leaves(NATION)[-1]["code"] == answer.code
    assert [one["status"] for one in cascade.leaves(CITY, number)] == [200, 403], (
        "and the city has it in its log"
    )


def test_a_grant_that_is_revoked_on_the_way_is_refused_there(cascade: CascadeStage) -> None:
    number = cascade.grant(at={PROVINCE: "revoked"})
    carried = len(cascade.lines[NATION].carried)
    answer = cascade.ask(number)
    assert (answer.status, answer.code) == (403, "grant-revoked")
    assert len(cascade.lines[NATION].carried) == carried


def flipped(message: bytes, at: bytes, offset: int = 4) -> bytes:
    """One bit changed some bytes after a mark."""
    place = message.lower().index(at.lower()) + len(at) + offset
    return message[:place] + bytes([message[place] ^ 1]) + message[place + 1 :]


def other_evidence(change: Callable[[dict[str, object]], None]) -> Callable[[bytes], bytes]:
    """An answer whose evidence header was rewritten."""

    def rewrite(message: bytes) -> bytes:
        head, _, body = message.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        for number, line in enumerate(lines):
            name, _, value = line.partition(b": ")
            if name.lower() == b"yw-evidence":
                receipt = json.loads(base64.urlsafe_b64decode(value + b"=" * (-len(value) % 4)))
                leaf = json.loads(receipt["leaf"])
                change(leaf)
                receipt["leaf"] = json.dumps(leaf, ensure_ascii=False, separators=(",", ":"))
                made = base64.urlsafe_b64encode(json.dumps(receipt).encode()).rstrip(b"=")
                lines[number] = name + b": " + made
        return b"\r\n".join(lines) + b"\r\n\r\n" + body

    return rewrite


def without_upstream(leaf: dict[str, object]) -> None:
    leaf.pop("upstream", None)


def other_head(leaf: dict[str, object]) -> None:
    upstream = leaf["upstream"]
    assert isinstance(upstream, list)
    upstream[0]["leaf_hash"] = "ab" * 32


@pytest.mark.parametrize(
    ("line", "change"),
    [
        (PROVINCE, lambda message: message.replace("兰州某厂".encode(), "兰州别厂".encode())),
        (NATION, lambda message: message.replace("兰州某厂".encode(), "兰州别厂".encode())),
        (NATION, lambda message: flipped(message, b"yw-evidence: ")),
        (PROVINCE, other_evidence(without_upstream)),
        (PROVINCE, other_evidence(other_head)),
    ],
    ids=["last body", "first body", "evidence", "upstream taken out", "upstream changed"],
)
def test_an_answer_that_was_changed_on_the_way_is_thrown_away(
    cascade: CascadeStage, grant: str, line: str, change: Callable[[bytes], bytes]
) -> None:
    with cascade.lines[line].changing(answer=change):
        answer = cascade.ask(grant)
    assert (answer.status, answer.code) == (502, "peer-unproven")
    cascade.proves(answer)
    assert "兰州" not in answer.response.text
    assert cascade.ask(grant).status == 200


@pytest.mark.parametrize("mark", [b"signature: yw=:", b'"consumer":"', b"content-digest: sm3=:"])
def test_a_forwarded_call_that_was_changed_on_the_way_is_not_taken(
    cascade: CascadeStage, grant: str, mark: bytes
) -> None:
    before = len(cascade.leaves(PROVINCE))
    with cascade.lines[PROVINCE].changing(request=lambda message: flipped(message, mark)):
        answer = cascade.ask(grant)
    assert (answer.status, answer.code) == (502, "peer-turned-away")
    cascade.proves(answer)
    assert len(cascade.leaves(PROVINCE)) == before, "what is not proven leaves no evidence"


def test_a_call_in_a_circle_or_by_too_many_nodes_is_refused_with_evidence(
    cascade: CascadeStage, grant: str
) -> None:
    for way, code in (
        ((CITY, NATION, PROVINCE), "route-loop"),
        ((CITY, CITY, PROVINCE), "route-loop"),
        ((CITY,), "route-loop"),
        (("a", "b", "c", "d", CITY, PROVINCE), "route-too-long"),
    ):
        answer = cascade.post(NATION, cascade.forward(grant, way=way))
        assert (answer.status, answer.code) == (403, code)
        assert answer.leaf["code"] == code
    assert cascade.post(NATION, cascade.forward(grant)).status == 200


def test_a_peer_forwards_only_for_the_consumer_and_resource_of_a_grant_behind_it(
    cascade: CascadeStage, grant: str
) -> None:
    for changed, code in (
        ({"consumer": "11290000MB0000009Z"}, "forwarded-wrong"),
        ({"code": "100000001/2"}, "forwarded-wrong"),
        ({"owner": PROVINCE}, "grant-not-yours"),
        ({"more": 1}, "body-malformed"),
    ):
        answer = cascade.post(NATION, cascade.forward(grant, **changed))
        assert answer.code == code
        assert answer.leaf["code"] == code
        Receipt.from_header(answer.response.headers["yw-evidence"])
    assert cascade.post(NATION, cascade.forward("G-2026-999999")).code == "grant-not-yours"
    # the nation's own peer above the city has no grant toward itself
    assert cascade.post(PROVINCE, cascade.forward(grant, to=PROVINCE, by=NATION, way=(NATION,))).code == (
        "grant-not-yours"
    )


def test_a_grant_of_another_zone_is_refused_by_its_owner(cascade: CascadeStage) -> None:
    answer = cascade.ask(cascade.grant(zone="internet"))
    assert (answer.status, answer.code) == (403, "wrong-zone")
    cascade.proves(answer)


def test_a_repeated_forward_is_refused_before_it_costs_the_grant_anything(cascade: CascadeStage) -> None:
    number = cascade.grant()
    sent = cascade.forward(number, to=PROVINCE, by=CITY, way=(CITY,))
    assert cascade.post(PROVINCE, sent).status == 200
    again = cascade.post(PROVINCE, sent)
    assert (again.status, again.code) == (409, "nonce-replayed")
    assert cascade.calls(number) == 1
    first = cascade.forward(number)
    assert [cascade.post(NATION, first).code for _ in range(2)] == ["", "nonce-replayed"]


def test_a_call_signed_for_another_node_or_long_ago_is_not_taken(cascade: CascadeStage, grant: str) -> None:
    assert cascade.post(NATION, cascade.forward(grant, to=PROVINCE)).code == "node-mismatch"
    now = int(time.time())
    assert cascade.post(NATION, cascade.forward(grant, created=now - 500)).code == "signature-stale"
    assert cascade.post(NATION, cascade.forward(grant, created=now + 500)).code == "signature-stale"
    assert cascade.post(NATION, cascade.forward(grant, created=now - 310)).status == 200, "clocks may differ"
