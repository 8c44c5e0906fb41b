"""What stands between a stranger and the gateway: bodies, queues, breakers, addresses, request ids."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.gateway.bodies import Bodies, decode
from yiwang.gateway.breaker import FIRST_REST, LONGEST_REST, Breaker
from yiwang.gateway.config import MAX_BODY, Config, SettingsWrong
from yiwang.gateway.errors import BodyMalformed, BodyTooDeep, BodyTooLarge, BodyTooSlow, Busy
from yiwang.gateway.policy import QueryBody
from yiwang.gateway.problems import problem, status_of
from yiwang.gateway.recollection import KEPT, Recollection
from yiwang.gateway.refusals import FieldNotGranted
from yiwang.gateway.request_ids import is_request_id, new_request_id
from yiwang.gateway.routes import resource_route, signed_path
from yiwang.gateway.verification import packets
from yiwang.gateway.verification.queue import PER_ORIGIN, PER_SUSPECT, SUSPICION, TOTAL, FairQueue, Item

QUERY = msgspec.json.Decoder(QueryBody)


class Wire:
    """A body that arrives in pieces, and remembers whether anybody read it."""

    complete = False

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = list(pieces)
        self.read = 0

    async def __call__(self) -> bytes:
        self.read += 1
        return b"".join(self.pieces)

    async def _each(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            self.read += 1
            yield piece

    def __aiter__(self) -> Any:
        return self._each()

    async def __anext__(self) -> bytes:
        raise StopAsyncIteration


def test_a_body_that_announces_too_much_is_refused_unread() -> None:
    wire = Wire(b"x")
    for length in (str(100 << 20), "9" * 30, "-1", "1e3", ""):
        with pytest.raises(BodyTooLarge):
            asyncio.run(Bodies().read(wire, length))
    assert wire.read == 0


def test_a_body_without_length_is_read_up_to_the_limit() -> None:
    assert asyncio.run(Bodies().read(Wire(b"a", b"b"), None)) == b"ab"
    endless = Wire(*[b"x" * (MAX_BODY // 2)] * 10)
    with pytest.raises(BodyTooLarge):
        asyncio.run(Bodies().read(endless, None))
    assert endless.read == 3


def test_a_body_that_comes_too_slowly_is_ended_and_its_caller_told() -> None:
    class Silent(Wire):
        async def __call__(self) -> bytes:
            await asyncio.Event().wait()
            return b""

    async def read() -> bool:
        bodies = Bodies(seconds=0.02)
        with pytest.raises(BodyTooSlow):
            await bodies.read(Silent(), "5")
        task = asyncio.create_task(bodies.read(Silent(), "5"))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert asyncio.run(read()), "a caller that went away is no slow caller"


def test_large_bodies_share_a_budget() -> None:
    async def flood() -> int:
        bodies, gate = Bodies(), asyncio.Event()

        class Waiting(Wire):
            async def __call__(self) -> bytes:
                await gate.wait()
                return b""

        tasks = [asyncio.create_task(bodies.read(Waiting(), str(MAX_BODY))) for _ in range(80)]
        await asyncio.sleep(0)
        gate.set()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        assert await bodies.read(Wire(b"ok"), str(MAX_BODY)) == b"ok"
        return sum(isinstance(one, Busy) for one in done)

    assert asyncio.run(flood()) == 16


@pytest.mark.parametrize(
    "body",
    [
        b'{"where":' + b'{"a":' * 20 + b"1" + b"}" * 20 + b"}",
        b'{"where":{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
        b'{"where":{"a":' + b"[" * 500_000,
    ],
)
def test_deep_json_is_refused_quickly(body: bytes) -> None:
    with pytest.raises(BodyTooDeep):
        decode(QUERY, body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"garbage",
        b"\xff\xfe",
        b"[]",
        b'{"where":1}',
        b'{"where":{}, "extra":1}',
        b'{"where":{}',
        b'{"where":{"a":"\\ud800"}}',
        b'{"where":{"\xff":1}}',
    ],
)
def test_garbage_is_refused_as_malformed(body: bytes) -> None:
    with pytest.raises(BodyMalformed):
        decode(QUERY, body)


def test_many_brackets_that_are_not_deep_are_read() -> None:
    body = json.dumps({"where": {"a": {"in": [[]] * 100}, "b": "[[[[[[[[[[[[[[[[[[[[[{{{"}}).encode()
    assert decode(QUERY, body).where["b"] == "[[[[[[[[[[[[[[[[[[[[[{{{"


@given(
    st.recursive(
        st.one_of(st.none(), st.text()),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=30,
    )
)
def test_depth_is_judged_by_nesting_alone(value: object) -> None:
    def depth(one: object) -> int:
        if isinstance(one, dict):
            return 1 + max((depth(v) for v in one.values()), default=0)
        if isinstance(one, list):
            return 1 + max((depth(v) for v in one), default=0)
        return 0

    body = json.dumps({"where": {"a": value}}).encode()
    try:
        decode(QUERY, body)
    except BodyTooDeep:
        assert depth(value) + 2 > 16
    else:
        assert depth(value) + 2 <= 16


def test_a_breaker_rests_after_failures_in_a_row_and_lets_one_probe_through() -> None:
    breaker = Breaker(3)
    for moment in (1.0, 2.0):
        breaker.failed(moment)
    assert breaker.allows(2.0)
    breaker.succeeded()
    for moment in (3.0, 4.0, 5.0):
        breaker.failed(moment)
    assert not breaker.allows(5.0 + FIRST_REST - 0.1)
    assert breaker.rest(5.5) == 2
    assert breaker.allows(5.0 + FIRST_REST, probe=False)
    assert breaker.allows(5.0 + FIRST_REST)
    assert not breaker.allows(5.0 + FIRST_REST), "one probe at a time"
    breaker.undecided()
    assert breaker.allows(5.0 + FIRST_REST)
    breaker.failed(10.0)
    assert not breaker.allows(10.0 + FIRST_REST), "each failed probe doubles the rest"
    assert breaker.allows(10.0 + 2 * FIRST_REST)
    breaker.succeeded()
    assert breaker.allows(11.0)


def test_a_breaker_never_rests_longer_than_a_minute() -> None:
    breaker, now = Breaker(1), 0.0
    for _ in range(12):
        breaker.failed(now)
        now += LONGEST_REST
        assert breaker.allows(now)


def _item(loop: asyncio.AbstractEventLoop, address: str) -> Item:
    return Item(address, b"k", b"s", b"b", loop.create_future())


def test_origins_take_turns_and_have_bounded_shares() -> None:
    loop = asyncio.new_event_loop()
    queue = FairQueue()
    flood = [_item(loop, "flood") for _ in range(PER_ORIGIN)]
    for item in flood:
        queue.put(item)
    with pytest.raises(Busy):
        queue.put(_item(loop, "flood"))
    honest = _item(loop, "honest")
    queue.put(honest)
    assert queue.take() is flood[0]
    assert queue.take() is honest
    queue.put_back(honest)
    assert queue.take() is honest
    for number in range(TOTAL - PER_ORIGIN - 1):
        queue.put(_item(loop, f"other {number}"))
    with pytest.raises(Busy):
        queue.put(_item(loop, "one more"))
    loop.close()


def test_an_origin_that_sends_wrong_signatures_gets_a_small_share() -> None:
    loop = asyncio.new_event_loop()
    queue = FairQueue()
    for _ in range(SUSPICION):
        item = _item(loop, "guesser")
        queue.put(item)
        queue.done(queue.take(), right=False)
    for _ in range(PER_SUSPECT):
        queue.put(_item(loop, "guesser"))
    with pytest.raises(Busy):
        queue.put(_item(loop, "guesser"))
    loop.close()


@given(
    st.lists(
        st.tuples(
            st.integers(0, 2**32 - 1),
            st.integers(0, 1),
            st.binary(max_size=91),
            st.binary(max_size=72),
            st.binary(max_size=4000),
        )
    )
)
def test_packets_come_out_as_they_went_in(items: list[tuple[int, int, bytes, bytes, bytes]]) -> None:
    assert list(packets.unpack(b"".join(packets.pack(*item) for item in items))) == items


def test_a_resource_code_has_one_way_to_be_signed() -> None:
    route = resource_route("/v1/resources/306001003/12/query")
    assert route is not None
    assert (route.code, route.action, route.signed) == (
        "306001003/12",
        "query",
        "/v1/resources/306001003%2F12/query",
    )
    named = resource_route("/v1/resources/企 业/verify")
    assert named is not None
    assert named.signed == "/v1/resources/%E4%BC%81%20%E4%B8%9A/verify"
    for path in (
        "/v1/resources//query",
        "/v1/resources/query",
        "/v1/resources/a/delete",
        "/v1/resources/" + "a" * 300 + "/query",
    ):
        assert resource_route(path) is None
    assert signed_path("/v1/evidence/gw1/12") == "/v1/evidence/gw1/12"


def test_request_ids_are_ordered_by_time_and_known_by_their_form() -> None:
    ids = [new_request_id() for _ in range(100)]
    assert len(set(ids)) == 100
    assert all(is_request_id(one) and len(one) == 30 for one in ids)
    assert [one[:14] for one in ids] == sorted(one[:14] for one in ids)
    assert not is_request_id("req-" + "u" * 26)


def test_an_error_is_remembered_for_its_client_alone_and_not_for_ever() -> None:
    memory = Recollection()
    for number in range(KEPT + 1):
        memory.keep(f"r{number}", "c", b"x")
    assert memory.find("r0", "c") is None
    assert memory.find("r1", "c") == b"x"
    assert memory.find("r1", "other") is None


def test_a_problem_document_speaks_both_languages_and_keeps_its_own_members() -> None:
    error = FieldNotGranted(grant="G", fields=["收入", "住址"], allowed=["姓名"], status=1, code="x")
    told = problem(error, "req-1")
    assert (told["status"], told["code"], told["type"]) == (
        403,
        "field-not-granted",
        "urn:yiwang:error:field-not-granted",
    )
    assert "收入、住址" in str(told["detail"])
    assert "收入" in str(told["detail_en"])
    assert told["fields"] == ["收入", "住址"]
    assert status_of(BodyTooLarge(limit=1)) == 413


def test_wrong_settings_are_told_all_at_once() -> None:
    with pytest.raises(SettingsWrong) as wrong:
        Config.from_environment(
            {"YW_NODE": "A B", "YW_GATEWAY_PORT": "x", "YW_GATEWAY_LOG": "office", "YW_EVIDENCE_SUITE": "rsa"}
        )
    problems = wrong.value.facts["problems"]
    assert isinstance(problems, list)
    assert len(problems) == 5
    assert Config.from_environment({"YW_GATEWAY_DATABASE_URL": "postgresql://x/y"}).log == "gw1"
