"""A client at a fake node in the same process, and the ways in which an answer gets lost or changed."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from tests.unit.client.fake_node import FakeNode, Reply
from yiwang.client import (
    Answer,
    Client,
    Options,
)
from yiwang.vocabulary.crypto import SigningKey, generate

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


def without(name: str) -> Callable[[Reply], Reply]:
    return lambda reply: Reply(
        reply.status, reply.body, {k: v for k, v in reply.headers.items() if k != name}
    )


def fresh(suite: str = "ed25519") -> Line:
    """A node and a client that it knows."""
    node = FakeNode("ed25519")
    return Line(node, node.welcome(generate(suite)))
