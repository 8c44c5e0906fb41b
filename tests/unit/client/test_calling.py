"""Calling through the client: signing, retrying, paging, clocks, evidence, and answers that are none."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.unit.client.fake_node import ENTERPRISES, FakeNode, Reply
from yiwang.client import (
    Answer,
    AsyncClient,
    Client,
    EvidenceInvalid,
    GatewayRefused,
    GatewayUnreachable,
    Options,
    verifier,
)
from yiwang.client.errors import (
    AnswerTooLarge,
    AnswerUnusable,
    GatewaySlow,
    KeyNotTrusted,
    KeyUnreadable,
    LimitReached,
    NotAllowed,
    NotAuthenticated,
    NotAvailable,
    NotFound,
    PagingBroken,
    ProfileUnusable,
    TrustUnusable,
)
from yiwang.client.evidence import ack_text
from yiwang.client.keys import KeyFileWarning
from yiwang.vocabulary.crypto import SigningKey, generate
from yiwang.vocabulary.envelope import PurposeMalformed

CODE, PURPOSE = "306001003/12", "item:370100-低保审核;case=2026-17"
GATEWAY = "http://gateway.test"


class Line:
    """A client at a fake node in the same process; pauses are recorded, not waited for."""

    def __init__(
        self, node: FakeNode, key: SigningKey, *, pinned: bool = True, options: Options | None = None
    ) -> None:
        self.node = node
        self.client = Client(
            GATEWAY, key, trust=node.trust() if pinned else None, options=options or Options(chance=lambda: 1.0),
            transport=node.transport(),
        )  # fmt: skip
        self.pauses: list[float] = []
        self.client._sleep = self.pauses.append

    def query(self, **more: object) -> Answer:
        del more
        return self.client.query(CODE, where={"统一社会信用代码": "91370100964709014M"}, purpose=PURPOSE)


@pytest.fixture(params=["sm2-sm3", "ed25519"])
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    node = FakeNode("ed25519")
    made = Line(node, node.welcome(generate(request.param)))
    yield made
    made.client.close()


@pytest.fixture
def quick() -> Iterator[Line]:
    node = FakeNode("ed25519")
    made = Line(node, node.welcome(generate("ed25519")))
    yield made
    made.client.close()


def lose(reply: Reply) -> Reply:
    raise httpx.ReadError("connection reset")


def refuse_connection(reply: Reply) -> Reply:
    raise httpx.ConnectError("connection refused")


def run_late(reply: Reply) -> Reply:
    raise httpx.ReadTimeout("")


def replace(status: int | None = None, body: bytes | None = None, **headers: str) -> Callable[[Reply], Reply]:
    def fault(reply: Reply) -> Reply:
        changed = {name.replace("_", "-"): value for name, value in headers.items()}
        return Reply(
            reply.status if status is None else status,
            reply.body if body is None else body,
            reply.headers | changed,
        )

    return fault


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
    quick.node.refuse = [(429, "quota-exhausted", {"retry_after": 3600})]
    with pytest.raises(LimitReached) as caught:
        quick.query()
    assert (caught.value.code, caught.value.retry_after) == ("quota-exhausted", 3600.0)
    assert quick.pauses == [7.0]


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


def test_without_a_trust_file_the_first_key_is_believed_and_the_evidence_says_so() -> None:
    node = FakeNode("ed25519")
    line = Line(node, node.welcome(generate("ed25519")), pinned=False)
    assert line.query().evidence.trust == "first-use"
    assert line.client._caller._known.node == "lanzhou"
    node.key = generate("ed25519")
    with pytest.raises(KeyNotTrusted):
        line.query()


def test_an_answer_signed_by_a_key_that_is_not_pinned_is_withheld(quick: Line) -> None:
    quick.node.key = generate("ed25519")
    with pytest.raises(KeyNotTrusted) as caught:
        quick.query()
    assert caught.value.facts["kid"] == quick.node.key.kid


@pytest.mark.parametrize(
    "fault",
    [
        replace(yw_evidence="e30"),
        replace(yw_evidence="%%%"),
        replace(yw_request_id="req-another"),
        replace(body=b'{"resource":"306001003/12","version":3,"rows":[],"next":null}'),
        lambda reply: Reply(reply.status, reply.body, {}),
    ],
)
def test_an_answer_that_its_evidence_does_not_prove_is_withheld(
    quick: Line, fault: Callable[[Reply], Reply]
) -> None:
    quick.node.faults = [fault]
    with pytest.raises(EvidenceInvalid):
        quick.query()


@pytest.mark.parametrize(
    "member",
    [
        {"rows": 6},
        {"version": 2},
        {"kind": "verify"},
        {"resource": "306001003/13"},
        {"key": "0" * 32},
        {"request": "0" * 64},
    ],
)
def test_a_leaf_that_says_something_else_than_the_answer_is_not_accepted(
    quick: Line, member: dict[str, str | int]
) -> None:
    quick.node.leaf_changes = {**member}
    with pytest.raises(EvidenceInvalid):
        quick.query()


def test_evidence_of_an_earlier_answer_does_not_prove_a_later_one(quick: Line) -> None:
    kept: list[Reply] = []

    def keep(reply: Reply) -> Reply:
        kept.append(reply)
        return reply

    quick.node.faults = [keep, lambda reply: kept[0]]
    quick.query()
    with pytest.raises(EvidenceInvalid):
        quick.query()


@pytest.mark.parametrize(
    "fault",
    [
        replace(302, b"", location="http://elsewhere.test/"),
        replace(403, b"<html>proxy</html>"),
        replace(500, b"\xff\xfe"),
        replace(404, b"[]"),
        replace(403, b'{"code":1}'),
    ],
)
def test_what_is_not_a_gateways_answer_is_called_that(quick: Line, fault: Callable[[Reply], Reply]) -> None:
    quick.node.faults = [fault]
    with pytest.raises(AnswerUnusable):
        quick.query()


def test_a_gateway_that_says_nothing_of_itself_is_not_used() -> None:
    node = FakeNode("ed25519")
    line = Line(node, node.welcome(generate("ed25519")), pinned=False)
    for fault in (replace(404), replace(200, b"{}"), replace(200, b"\xff")):
        node.faults = [fault]
        with pytest.raises(AnswerUnusable):
            line.query()
    node.faults = [lose]
    assert line.query().rows == ENTERPRISES


def test_an_answer_past_the_limit_is_not_read_to_its_end(quick: Line) -> None:
    quick.client.options = Options(max_answer=100)
    quick.client._caller.options = quick.client.options
    with pytest.raises(AnswerTooLarge):
        quick.query()


def test_an_answer_that_drips_is_given_up_when_the_time_is_over() -> None:
    node = FakeNode("ed25519")
    key = node.welcome(generate("ed25519"))

    class Drip(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            for _ in range(1000):
                time.sleep(0.02)
                yield b" "

    transport = httpx.MockTransport(lambda request: httpx.Response(200, stream=Drip()))
    options = Options(timeout=0.1, retries=0)
    with (
        Client(GATEWAY, key, trust=node.trust(), options=options, transport=transport) as client,
        pytest.raises(GatewaySlow),
    ):
        client.query(CODE, purpose=PURPOSE)


def test_a_purpose_that_is_none_is_refused_before_anything_is_sent(quick: Line) -> None:
    with pytest.raises(PurposeMalformed):
        quick.client.query(CODE, purpose="查一查")
    assert quick.node.seen == []


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


def test_the_concurrent_client_gives_up_in_time_and_past_the_limit() -> None:
    node = FakeNode("ed25519")
    key = node.welcome(generate("ed25519"))

    async def never(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(30)
        return httpx.Response(200)

    async def journey() -> None:
        options = Options(timeout=0.05, retries=0)
        async with AsyncClient(
            GATEWAY, key, trust=node.trust(), options=options, transport=httpx.MockTransport(never)
        ) as client:
            with pytest.raises(GatewaySlow):
                await client.query(CODE, purpose=PURPOSE)
        options = Options(max_answer=100)
        async with AsyncClient(
            GATEWAY, key, trust=node.trust(), options=options, transport=node.transport()
        ) as client:
            with pytest.raises(AnswerTooLarge):
                await client.query(CODE, purpose=PURPOSE)

    asyncio.run(journey())


@pytest.mark.parametrize(
    "address", ["", "gateway", "ftp://gateway.test", "http://", "http://gateway.test/?a=b", "http://[::"]
)
def test_an_address_that_is_none_is_refused_at_once(address: str) -> None:
    with pytest.raises(AnswerUnusable):
        Client(address, generate("ed25519"))


def test_a_key_that_others_can_read_is_warned_about_and_a_missing_one_is_named(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_bytes(generate("sm2-sm3").to_pem())
    file.chmod(0o644)
    with pytest.warns(KeyFileWarning, match="chmod 600"):
        Client(GATEWAY, file).close()
    with pytest.raises(KeyUnreadable):
        Client(GATEWAY, tmp_path / "none.pem")


def test_a_profile_holds_address_key_and_trust(tmp_path: Path) -> None:
    node = FakeNode("ed25519")
    (tmp_path / "key.pem").touch(mode=0o600)
    (tmp_path / "key.pem").write_bytes(generate("ed25519").to_pem())
    (tmp_path / "trust.json").write_bytes(node.trust().to_json())
    file = tmp_path / "profiles.toml"
    file.write_text(
        '[lan]\ngateway = "http://gateway.test"\nkey = "key.pem"\ntrust = "trust.json"\n[bad]\ngateway = "x"\n',
        encoding="utf-8",
    )
    with pytest.raises(ProfileUnusable):
        Client.from_profile("lan", path=file)
    file.write_text(
        '[lan]\ngateway = "http://gateway.test"\nkey = "key.pem"\ntrust = "trust.json"\n', encoding="utf-8"
    )
    with Client.from_profile("lan", path=file) as client:
        assert client._caller._known.node == "lanzhou"
    for name, path in (("other", file), ("lan", tmp_path / "none.toml")):
        with pytest.raises(ProfileUnusable):
            Client.from_profile(name, path=path)
    file.write_text("[lan", encoding="utf-8")
    with pytest.raises(ProfileUnusable):
        Client.from_profile("lan", path=file)
    with pytest.raises(TrustUnusable):
        Client(GATEWAY, tmp_path / "key.pem", trust=file)
    with pytest.raises(TrustUnusable):
        Client(GATEWAY, tmp_path / "key.pem", trust=tmp_path / "none.json")
