"""Calling through the client: signing, retrying, paging, clocks, receipts, threads and tasks."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.unit.client.fake_node import ENTERPRISES, FakeNode, Reply
from tests.unit.client.line import (
    CODE,
    GATEWAY,
    PURPOSE,
    Line,
    lose,
    refuse_connection,
    replace,
    run_late,
    without,
)
from yiwang.client import (
    Answer,
    AsyncClient,
    Client,
    GatewayRefused,
    GatewayUnreachable,
    Options,
    verifier,
)
from yiwang.client.errors import (
    GatewaySlow,
    LimitReached,
    NotAllowed,
    NotAuthenticated,
    NotAvailable,
    NotFound,
    PagingBroken,
)
from yiwang.client.evidence import ack_text
from yiwang.vocabulary.crypto import generate


def test_a_query_brings_rows_with_evidence_that_was_verified(line: Line, tmp_path: Path) -> None:
    answer = line.query()
    assert answer.rows == ENTERPRISES
    assert (answer.resource, answer.version, answer.next) == (CODE, 3, None)
    assert answer.evidence.verified
    assert answer.evidence.trust == "pinned"
    assert answer.evidence.leaf.purpose == PURPOSE
    assert answer.request_id == answer.evidence.leaf.request_id
    file, trust = answer.evidence.save(tmp_path / "e.json"), tmp_path / "trust.json"
    trust.write_bytes(line.node.trust().to_json())
    assert file.stat().st_mode & 0o077 == 0
    assert verifier.main([str(file), "--trust", str(trust)]) == 0


def test_a_verification_brings_an_outcome_for_each_claim(line: Line) -> None:
    checked = line.client.verify(
        CODE, subject={"身份证号": "11010119900307281X"}, claims={"姓名": "陈晨"}, purpose=PURPOSE
    )
    assert checked.claims == {"姓名": "match"}
    assert checked.all_match
    assert checked.evidence.leaf.kind == "verify"
    assert json.loads(line.node.bodies[-1])["subject"] == {"身份证号": "11010119900307281X"}


def test_what_is_asked_goes_out_as_it_was_given(quick: Line) -> None:
    quick.client.query(
        CODE,
        where={"年份": {"gte": 2020}},
        fields=["企业名称"],
        limit=5,
        cursor="0",
        purpose=PURPOSE,
        grant="G-2026-000001",
    )
    assert json.loads(quick.node.bodies[-1]) == {
        "where": {"年份": {"gte": 2020}}, "fields": ["企业名称"], "limit": 5, "cursor": "0",
    }  # fmt: skip
    seen = quick.node.seen[-1]
    assert (seen.path, seen.node, seen.grant) == (
        "/v1/resources/306001003%2F12/query",
        "lanzhou",
        "G-2026-000001",
    )


def test_all_pages_come_one_after_the_other_each_with_evidence(quick: Line) -> None:
    rows = list(quick.client.query_all(CODE, limit=3, purpose=PURPOSE))
    assert rows == ENTERPRISES
    assert [json.loads(body).get("cursor") for body in quick.node.bodies] == [None, "3", "6"]
    assert len({request.idempotency_key for request in quick.node.seen}) == 3


def test_a_gateway_that_repeats_its_cursor_does_not_catch_the_caller_in_a_loop(quick: Line) -> None:
    real = quick.client.query

    def stuck(code: str, **more: object) -> Answer:
        answer = real(code, purpose=PURPOSE)
        return Answer(answer.resource, 3, answer.rows, "here", answer.request_id, answer.evidence)

    quick.client.query = stuck  # type: ignore[method-assign]
    pages = quick.client.query_pages(CODE, purpose=PURPOSE)
    next(pages)
    next(pages)
    with pytest.raises(PagingBroken):
        next(pages)


@pytest.mark.parametrize(
    "fault", [lose, refuse_connection, run_late, replace(502), replace(503), replace(504)]
)
def test_a_lost_answer_is_asked_for_again_under_the_same_key_with_a_fresh_nonce(
    line: Line, fault: Callable[[Reply], Reply]
) -> None:
    line.node.faults = [fault, fault]
    assert line.query().rows == ENTERPRISES
    assert len(line.node.seen) == 3
    assert len({request.idempotency_key for request in line.node.seen}) == 1
    assert len({request.nonce for request in line.node.seen}) == 3
    assert line.pauses == pytest.approx([0.2, 0.4])


def test_retry_after_is_honoured_and_a_long_one_ends_the_call(quick: Line) -> None:
    quick.node.refuse = [(429, "client-busy", {"retry_after": 7})]
    assert quick.query().rows == ENTERPRISES
    assert quick.pauses == [7.0]
    quick.node.refuse = [(503, "source-resting", {"retry_after": 9})]
    quick.node.faults = [without("retry-after")]
    assert quick.query().rows == ENTERPRISES
    assert quick.pauses == [7.0, 9.0]
    quick.node.refuse = [(429, "quota-exhausted", {"retry_after": 3600})]
    with pytest.raises(LimitReached) as caught:
        quick.query()
    assert (caught.value.code, caught.value.retry_after) == ("quota-exhausted", 3600.0)
    assert quick.pauses == [7.0, 9.0]


def test_attempts_are_bounded(quick: Line) -> None:
    quick.node.faults = [refuse_connection] * 99
    with pytest.raises(GatewayUnreachable) as caught:
        quick.query()
    assert len(quick.pauses) == 3
    assert caught.value.facts["attempts"] == 4
    quick.node.faults = [run_late] * 99
    with pytest.raises(GatewaySlow):
        quick.query()
    quick.node.faults = []
    quick.node.refuse = [(503, "source-down", {})] * 99
    with pytest.raises(NotAvailable):
        quick.query()


@pytest.mark.parametrize(
    ("status", "kind"), [(401, NotAuthenticated), (403, NotAllowed), (404, NotFound), (418, GatewayRefused)]
)
def test_a_refusal_is_an_error_of_its_kind_with_code_words_and_request_id(
    quick: Line, status: int, kind: type[GatewayRefused]
) -> None:
    quick.node.refuse = [(status, "grant-expired", {"grant": "G-2026-000001"})]
    with pytest.raises(kind) as caught:
        quick.query()
    error = caught.value
    assert (error.status, error.code, error.request_id) == (status, "grant-expired", "req-refused")
    assert (error.text("zh"), error.text("en")) == ("被拒绝。", "Refused.")
    assert (error.mend("zh"), error.mend("en")) == ("请改正。", "Mend it.")
    assert error.facts["grant"] == "G-2026-000001"
    assert len(quick.node.seen) == 1


def test_an_authenticated_refusal_carries_verified_evidence(quick: Line) -> None:
    quick.node.refuse = [(403, "field-not-granted", {})]
    with pytest.raises(NotAllowed) as caught:
        quick.query()
    assert caught.value.evidence is not None
    assert caught.value.evidence.leaf.code == "field-not-granted"


def test_a_wrong_clock_is_corrected_once_by_the_servers_time() -> None:
    node = FakeNode("ed25519")
    line = Line(node, node.welcome(generate("ed25519")), options=Options(clock=lambda: time.time() - 1800))
    assert line.query().rows == ENTERPRISES
    assert line.query().rows == ENTERPRISES
    assert [abs(seen.created - time.time()) < 5 for seen in node.seen] == [True, True]
    node.clock = lambda: time.time() + 7200
    line.query()
    node.refuse = [(401, "signature-stale", {"server_time": "2026-11-21T08:00:00Z"})] * 2
    with pytest.raises(NotAuthenticated):
        line.query()


@pytest.mark.parametrize("told", ["never", 99999999999999, None, "2001-01-01T00:00:00Z"])
def test_a_servers_time_that_cannot_be_believed_is_not_taken(quick: Line, told: str | int | None) -> None:
    quick.node.refuse = [(401, "signature-stale", {"server_time": told})]
    with pytest.raises(NotAuthenticated):
        quick.query()
    assert len(quick.node.seen) == 1


def test_receipts_are_countersigned_in_batches_and_when_the_client_is_closed() -> None:
    node = FakeNode("ed25519")
    key = node.welcome(generate("ed25519"))
    with Client(
        GATEWAY, key, trust=node.trust(), options=Options(acknowledge=True), transport=node.transport()
    ) as client:
        for _ in range(51):
            client.query(CODE, purpose=PURPOSE)
        assert len(node.acknowledged) == 50
    assert len(node.acknowledged) == 51
    receipt = node.acknowledged[0]
    text = ack_text(str(receipt["log"]), int(str(receipt["index"])), str(receipt["leaf_hash"]))
    assert key.public.verify(text, bytes.fromhex(str(receipt["signature"])))
    assert node.seen[-1].purpose.text == "evidence:own"


def test_receipts_that_a_gateway_does_not_take_are_kept_for_later() -> None:
    node = FakeNode("ed25519")
    key = node.welcome(generate("ed25519"))
    options = Options(acknowledge=True, retries=0)
    with Client(GATEWAY, key, trust=node.trust(), options=options, transport=node.transport()) as client:
        client.query(CODE, purpose=PURPOSE)
        node.faults = [lose]
        with pytest.raises(GatewayUnreachable):
            client.acknowledge()
        assert client.acknowledge() == 1
        assert client.acknowledge() == 0


def test_one_client_serves_many_threads_over_kept_connections() -> None:
    node = FakeNode("ed25519")
    key = node.welcome(generate("ed25519"))
    threads = threading.Barrier(4)

    def ask(client: Client) -> int:
        threads.wait(5)
        return len(client.query(CODE, purpose=PURPOSE).rows)

    with (
        node.served() as address,
        Client(address, key, trust=node.trust()) as client,
        ThreadPoolExecutor(4) as pool,
    ):
        assert list(pool.map(ask, [client] * 4)) == [len(ENTERPRISES)] * 4


def test_the_concurrent_client_does_the_same() -> None:
    node = FakeNode("sm2-sm3")
    key = node.welcome(generate("sm2-sm3"))

    async def journey() -> None:
        async with AsyncClient(
            GATEWAY, key, options=Options(acknowledge=True), transport=node.transport()
        ) as client:
            answers = await asyncio.gather(*[client.query(CODE, purpose=PURPOSE) for _ in range(3)])
            assert [len(answer.rows) for answer in answers] == [7, 7, 7]
            assert [row async for row in client.query_all(CODE, limit=4, purpose=PURPOSE)] == ENTERPRISES
            checked = await client.verify(
                CODE, subject={"身份证号": "1"}, claims={"姓名": ""}, purpose=PURPOSE
            )
            assert checked.claims == {"姓名": "unknown"}
            node.refuse = [(403, "grant-revoked", {})]
            with pytest.raises(NotAllowed):
                await client.query(CODE, purpose=PURPOSE)
        assert len(node.acknowledged) == 6

    asyncio.run(journey())
