"""Answers that are not proven or are none, and callers that are set up wrongly."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.unit.client.fake_node import ENTERPRISES, FakeNode, Reply
from tests.unit.client.line import (
    CODE,
    GATEWAY,
    PURPOSE,
    Line,
    lose,
    replace,
)
from yiwang.client import (
    AsyncClient,
    Client,
    EvidenceInvalid,
    Options,
)
from yiwang.client.errors import (
    AnswerTooLarge,
    AnswerUnusable,
    GatewaySlow,
    KeyNotTrusted,
    KeyUnreadable,
    ProfileUnusable,
    TrustUnusable,
)
from yiwang.client.keys import KeyFileWarning
from yiwang.vocabulary.crypto import generate
from yiwang.vocabulary.envelope import PurposeMalformed


def test_without_a_trust_file_the_first_key_is_believed_and_the_evidence_says_so() -> None:
    node = FakeNode("ed25519")
    line = Line(node, node.welcome(generate("ed25519")), pinned=False)
    assert line.query().evidence.trust == "first-use"
    assert line.client.caller._known.node == "lanzhou"
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
    quick.client.caller.options = quick.client.options
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
        assert client.caller._known.node == "lanzhou"
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
