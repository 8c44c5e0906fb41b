"""What a client sent is out of memory with its answer, without waiting for the collector: pieces of a file have 4 MiB each."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Iterator

import httpx
import pytest

from tests.unit.client.fake_node import FakeNode
from tests.unit.client.line import CODE, GATEWAY, PURPOSE
from yiwang.client import AsyncClient, Client
from yiwang.vocabulary.crypto import SigningKey, generate


class Watched:
    """The transport of a fake node, with a weak hold on every request that passed."""

    def __init__(self) -> None:
        self.node = FakeNode()
        self.key: SigningKey = self.node.welcome(generate("ed25519"))
        self.passed: list[weakref.ref[httpx.Request]] = []
        inner = self.node.transport()

        def handler(request: httpx.Request) -> httpx.Response:
            self.passed.append(weakref.ref(request))
            return inner.handle_request(request)

        self.transport = httpx.MockTransport(handler)

    def still_held(self) -> int:
        return sum(one() is not None for one in self.passed)


@pytest.fixture
def watched() -> Iterator[Watched]:
    made = Watched()
    gc.collect()
    gc.disable()
    try:
        yield made
    finally:
        gc.enable()


def test_the_blocking_client_holds_no_request_after_its_answer(watched: Watched) -> None:
    with Client(GATEWAY, watched.key, trust=watched.node.trust(), transport=watched.transport) as client:
        for _ in range(3):
            client.query(CODE, purpose=PURPOSE)
        assert len(watched.passed) == 3
        assert watched.still_held() == 0


def test_the_concurrent_client_holds_no_request_after_its_answer(watched: Watched) -> None:
    async def ask() -> int:
        async with AsyncClient(
            GATEWAY, watched.key, trust=watched.node.trust(), transport=watched.transport
        ) as client:
            for _ in range(3):
                await client.query(CODE, purpose=PURPOSE)
            return watched.still_held()

    assert asyncio.run(ask()) == 0
    assert len(watched.passed) == 3
