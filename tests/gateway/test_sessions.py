"""Sessions at running gateways: what they serve, what they refuse, and what both sides can prove afterwards."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from benchmarks._node import NODE, client
from tests.gateway.handshake import PATH, HandMade, handshake, head_of, session, share_of
from tests.gateway.stage import CODE, CONSUMER, ITEM, NAMES, PEOPLE, Stage
from yiwang.bootstrap.cli import client_session
from yiwang.client import (
    AsyncClient,
    Client,
    GatewayRefused,
    GatewayUnreachable,
    Options,
    Session,
    session_verifier,
)
from yiwang.client.sessions import Call
from yiwang.vocabulary.crypto import generate
from yiwang.vocabulary.evidence import trust_of
from yiwang.vocabulary.sessions import verify_session_bundle

BY_NUMBER = {"身份号码": PEOPLE[0]}


@pytest.fixture(scope="module")
def grant(stage: Stage) -> str:
    return stage.grant().id


def trust(stage: Stage) -> Any:
    return trust_of(NODE, stage.node.keys.describe("evidence"))


def until(code: str, ask: Any) -> float:
    """Seconds until a call is refused with that code."""
    began = time.monotonic()
    while ask().code != code:
        assert time.monotonic() - began < 30, f"never {code}"
    return time.monotonic() - began


@pytest.mark.parametrize("suite", ["sm2-sm3", "ed25519"])
def test_calls_of_a_session_are_answered_and_proven_by_both_signatures(
    stage: Stage, grant: str, suite: str
) -> None:
    key = stage.key if suite == "sm2-sm3" else stage.modern
    with Client(stage.one.url, key, trust=trust(stage)) as caller, caller.session() as within:
        answers = [
            within.query(CODE, where={"身份号码": person}, purpose=ITEM, grant=grant) for person in PEOPLE
        ]
        assert [answer.rows[0]["姓名"] for answer in answers] == list(NAMES)
        checked = within.verify(CODE, subject=BY_NUMBER, claims={"姓名": "王敏"}, purpose=ITEM, grant=grant)
        assert checked.all_match
        for call in (answers[3].call, checked.call):
            evidence = within.prove(call)
            assert evidence.leaf.key == within.id
            assert evidence.leaf.request_alg == {"sm2-sm3": "hmac-sm3"}.get(suite, "hmac-sha256")
            assert evidence.leaf.subjects
            assert verify_session_bundle(evidence.bundle(), trust(stage)) == []
    assert within_leaf(stage, evidence.leaf.key or "") == ["session-opened", "session-ended"]


def within_leaf(stage: Stage, name: str) -> list[str]:
    """The events of a session in the log, in their order."""
    with psycopg.connect(stage.node.urls.owner) as connection:
        rows = connection.execute(
            "SELECT leaf::json ->> 'event' FROM journal_leaf WHERE leaf::json -> 'detail' ->> 'session' = %s ORDER BY index",
            [name],
        ).fetchall()
    return [row[0] for row in rows]


def test_tasks_share_a_session(stage: Stage, grant: str) -> None:
    asyncio.run(tasks(stage, grant))


async def tasks(stage: Stage, grant: str) -> None:
    async with (
        AsyncClient(stage.one.url, stage.key, trust=trust(stage)) as caller,
        caller.session() as within,
    ):
        ask = (within.query(CODE, where={"身份号码": p}, purpose=ITEM, grant=grant) for p in PEOPLE * 4)
        answers = await asyncio.gather(*ask)
        assert [one.rows[0]["姓名"] for one in answers] == list(NAMES) * 4
        evidence = await within.prove(answers[-1].call)
        assert evidence.leaf.grant == grant
        assert within.uncountersigned == 0


def test_threads_share_a_session(stage: Stage, grant: str) -> None:
    found: list[str] = []
    with Client(stage.one.url, stage.modern, trust=trust(stage)) as caller, caller.session() as within:

        def ask() -> None:
            for person in PEOPLE * 3:
                answer = within.query(CODE, where={"身份号码": person}, purpose=ITEM, grant=grant)
                found.append(str(answer.rows[0]["姓名"]))

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    assert sorted(found) == sorted(list(NAMES) * 12)


def test_the_policy_is_that_of_signed_calls(stage: Stage, held: HandMade, grant: str) -> None:
    assert held.query(BY_NUMBER, grant=grant).status == 200
    refused = held.query({"姓名": "王敏"}, grant=grant)
    assert (refused.status, refused.code) == (403, "predicate-not-allowed")
    assert "yw-session" in refused.response.headers, "a refusal leaves its leaf as well"
    assert held.query(BY_NUMBER, grant=grant, purpose="item:other").code == "purpose-not-allowed"
    spent = stage.grant(calls_per_day=1)
    assert held.query(BY_NUMBER, grant=spent.id).status == 200
    assert held.query(BY_NUMBER, grant=spent.id).code == "quota-exhausted"
    assert held.countersign().status == 200


def test_a_session_for_named_grants_serves_no_other(stage: Stage, grant: str) -> None:
    other = stage.grant()
    made = session(stage, body={"grants": [grant]})
    assert made.query(BY_NUMBER, grant=grant).status == 200
    assert made.query(BY_NUMBER, grant=other.id).code == "session-grant-outside"
    answer, none = handshake(stage, body={"grants": ["G-2026-999999"]})
    assert none is None
    assert answer.code == "grant-not-yours"
    stage.proves(answer)


def test_a_wrong_code_a_changed_body_and_a_changed_answer_are_noticed(
    stage: Stage, held: HandMade, grant: str
) -> None:
    body = json.dumps({"where": BY_NUMBER}).encode()
    right, other = held.request(PATH, body, grant=grant), held.request(PATH, body, grant=grant)
    assert stage.send(right, signature=other.signature).code == "signature-wrong"
    assert stage.send(right, body=b'{"where":{}}').code == "content-digest-mismatch"
    assert stage.send(right, yw_grant="G-2026-999998").code == "signature-wrong"
    answer = stage.send(right)
    assert answer.status == 200, "none of these used the number up"
    answer.response.headers["yw-request-id"] = "req-0"
    assert not held.accepts(answer)


def test_a_number_is_served_once_here_and_never_elsewhere(stage: Stage, held: HandMade, grant: str) -> None:
    body = json.dumps({"where": BY_NUMBER}).encode()
    sent = held.request(PATH, body, number=5000, grant=grant)
    assert stage.send(sent).status == 200
    again = stage.send(sent)
    assert (again.status, again.code) == (409, "session-number-used")
    assert stage.send(sent, to=stage.two).code == "session-unknown"
    late = held.request(PATH, body, number=5000 - 4096, grant=grant)
    assert stage.send(late).code == "session-number-used"
    assert held.query(BY_NUMBER, number=4999, grant=grant).status == 200, "overtaken on the way, still fresh"


def test_another_applications_session_cannot_be_used(stage: Stage, held: HandMade, grant: str) -> None:
    stranger = session(stage, stage.stranger)
    assert stranger.query(BY_NUMBER).code == "resource-not-found", "its own grants are what counts"
    body = json.dumps({"where": BY_NUMBER}).encode()
    forged = stranger.request(PATH, body, grant=grant)
    answer = stage.send(forged, signature_input=forged.signature_input.replace(stranger.id, held.id))
    assert answer.code == "signature-wrong"
    own = stranger.request(f"/v1/sessions/{held.id}", b"", method="GET", purpose="evidence:own")
    assert stage.send(own).code == "session-not-here"


def test_codes_open_no_other_address_and_signatures_none_of_the_sessions(
    stage: Stage, held: HandMade
) -> None:
    ack = held.request("/v1/evidence/ack", b'{"receipts":[]}', purpose="evidence:own")
    assert stage.send(ack).code == "session-not-here"
    assert stage.get(f"/v1/sessions/{held.id}").code == "session-not-here"
    again = held.request("/v1/sessions", b"{}", purpose="evidence:own")
    assert stage.send(again).code == "session-not-here"
    assert stage.http.put(f"{stage.one.url}/v1/sessions").status_code == 405


@pytest.mark.parametrize(
    "share",
    ["", "AAAA", share_of(bytes(65)), share_of(b"\x04" + bytes(64)), share_of(b"\x04" + b"\x01" * 64)],
)
def test_a_share_that_is_no_point_is_refused(stage: Stage, share: str) -> None:
    answer, none = handshake(stage, body={"share": share})
    assert none is None
    assert (answer.status, answer.code) == (422, "session-share-wrong")
    stage.proves(answer)


def test_a_share_of_small_order_is_refused(stage: Stage) -> None:
    answer, _ = handshake(stage, stage.modern, body={"share": share_of(bytes(32))})
    assert answer.code == "session-share-wrong"


def test_a_handshake_that_is_sent_again_opens_nothing(stage: Stage) -> None:
    answer, _ = handshake(stage)
    again = stage.send(answer.sent)
    assert again.code == "nonce-replayed"
    assert stage.send(answer.sent, to=stage.two).code == "nonce-replayed"


def test_a_session_ends_by_its_time_and_by_its_caller(stage: Stage, grant: str) -> None:
    short = session(stage, body={"seconds": 1})
    until("session-ended", lambda: short.query(BY_NUMBER, grant=grant))
    made = session(stage)
    assert made.own(method="DELETE").json == {"ended": "closed", "open": 0}
    assert made.query(BY_NUMBER, grant=grant).code == "session-ended"


def test_the_client_opens_the_next_session_when_one_is_over(stage: Stage, grant: str) -> None:
    with Client(stage.one.url, stage.key, trust=trust(stage)) as caller, caller.session(seconds=1) as within:
        first = within.id
        deadline = time.monotonic() + 30
        while within.id == first:
            assert time.monotonic() < deadline
            answer = within.query(CODE, where=BY_NUMBER, purpose=ITEM, grant=grant)
        assert within.prove(answer.call).leaf.key == within.id


def test_a_revoked_grant_ends_what_was_opened_for_it_within_a_second(stage: Stage) -> None:
    given = stage.grant()
    narrow, wide = session(stage, body={"grants": [given.id]}), session(stage)
    assert narrow.query(BY_NUMBER, grant=given.id).status == 200
    assert wide.query(BY_NUMBER, grant=given.id).status == 200
    narrow.countersign()
    wide.countersign()
    stage.publish(given, state="revoked", notify=False)
    assert wide.query(BY_NUMBER, grant=given.id).code == "grant-revoked", "even before the notice comes"
    until("session-ended", lambda: narrow.query(BY_NUMBER, grant=given.id))
    assert wide.own().status == 200


@pytest.mark.parametrize("what", ["suspended", "key"])
def test_a_suspended_application_or_a_withdrawn_key_ends_the_session(
    stage: Stage, grant: str, what: str
) -> None:
    key, spare = generate("ed25519"), generate("ed25519")
    name = f"lan-short-{what}"
    stage.publish(client(name, CONSUMER, key, spare))
    made = session(stage, key)
    assert made.query(BY_NUMBER, grant=grant).status == 200
    if what == "suspended":
        stage.publish(client(name, CONSUMER, key, spare), state="suspended")
    else:
        stage.publish(client(name, CONSUMER, spare))
    assert made.query(BY_NUMBER, grant=grant).code == "session-ended"
    assert made.countersign().status == 200, "what was asked before can still be owned up to"


def test_an_application_has_a_bounded_number_of_sessions(stage: Stage) -> None:
    key = generate("ed25519")
    stage.publish(client("lan-many-1", CONSUMER, key))
    made = [session(stage, key) for _ in range(16)]
    answer, _ = handshake(stage, key)
    assert (answer.status, answer.code) == (403, "sessions-too-many")
    made[0].own(method="DELETE")
    assert handshake(stage, key)[1] is not None


def ask_for_ever(within: Session, grant: str, calls: list[Call]) -> None:
    while True:
        calls.append(within.query(CODE, where=BY_NUMBER, purpose=ITEM, grant=grant).call)


def test_every_answer_that_left_before_a_crash_is_in_the_journal(stage: Stage, grant: str) -> None:
    extra = stage.node.gateway("gw7")
    extra.wait()
    calls: list[Call] = []
    with Client(extra.url, stage.key, trust=trust(stage), options=Options(retries=0)) as caller:
        within = caller.session()

        def kill() -> None:
            time.sleep(0.7)
            os.kill(extra.process.pid, signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        with pytest.raises(GatewayUnreachable):
            ask_for_ever(within, grant, calls)
        killer.join()
    assert calls
    with psycopg.connect(stage.node.urls.owner) as connection:
        rows = connection.execute("SELECT index, leaf FROM journal_leaf WHERE log = 'gw7'").fetchall()
    leaves = {index: json.loads(leaf) for index, leaf in rows}
    digest = stage.key.suite.digest
    for call in calls:
        assert leaves[call.index]["request"] == digest(call.sent.base).hex()
        assert leaves[call.index]["response"] == digest(call.answer).hex()
    again = stage.node.gateway("gw7")
    again.wait()
    with Client(again.url, stage.key, trust=trust(stage)) as caller:
        assert caller.session().query(CODE, where=BY_NUMBER, purpose=ITEM, grant=grant).rows
    assert stage.send(calls[0].sent, to=again).code == "session-unknown", "its keys went with the process"
    assert head_of(stage, again).size > len(calls)
    again.stop()


def test_a_refusal_reaches_the_caller_as_an_error(stage: Stage, grant: str) -> None:
    with Client(stage.one.url, stage.key, trust=trust(stage)) as caller, caller.session() as within:
        with pytest.raises(GatewayRefused) as refused:
            within.query(CODE, where={"姓名": "王敏"}, purpose=ITEM, grant=grant)
        assert refused.value.code == "predicate-not-allowed"


def test_the_command_asks_a_question_for_each_line(stage: Stage, grant: str, tmp_path: Path) -> None:
    key, pinned, asked = tmp_path / "key.pem", tmp_path / "trust.json", tmp_path / "asked.jsonl"
    key.touch(mode=0o600)
    key.write_bytes(stage.key.to_pem())
    pinned.write_bytes(trust(stage).to_json())
    asked.write_text("".join(json.dumps({"身份号码": person}) + "\n" for person in PEOPLE), encoding="utf-8")
    words = [CODE, "--each", str(asked), "--field", "姓名", "--purpose", ITEM, "--grant", grant, "--gateway",
             stage.one.url, "--key", str(key), "--trust", str(pinned), "--evidence", str(tmp_path / "kept")]  # fmt: skip
    done = CliRunner().invoke(client_session.session, words)
    assert done.exit_code == 0, done.output
    assert [json.loads(line)["rows"][0]["姓名"] for line in done.stdout.splitlines()] == list(NAMES)
    for number in range(1, len(PEOPLE) + 1):
        bundle = (tmp_path / "kept" / f"{number}.json").read_bytes()
        assert session_verifier.verify(bundle, pinned.read_bytes()).exit_code == 0
    asked.write_text("{}\n[]\n")
    wrong = CliRunner().invoke(client_session.session, words)
    assert (wrong.exit_code, "question-unreadable" in wrong.output) == (2, True)
