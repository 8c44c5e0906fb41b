"""Sandboxes and old clients, written as the exchange block writes them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec
import psycopg

from benchmarks._node import client
from tests.gateway.stage import CODE, CONSUMER, FIELDS, ITEM, PROVIDER, Stage
from yiwang.blocks.exchange.domain.asking import ItemFacts
from yiwang.blocks.exchange.domain.compiled import CompiledResource
from yiwang.blocks.exchange.domain.edge import CompiledEdge, EdgeService
from yiwang.blocks.exchange.domain.sandbox import NO_SOURCE, CompiledSandbox, compile_sandbox
from yiwang.blocks.exchange.domain.sealing import seal_password
from yiwang.vocabulary.crypto import generate

SECRET = "an-old-secret-of-32-characters-xx"
MASKS = {"姓名": "name", "收入": "hidden"}


def open_sandbox(
    stage: Stage, code: str, *, consumer: str = CONSUMER, state: str = "active"
) -> CompiledSandbox:
    """A sandbox of the residents' items under this code, which no source serves."""
    resource = CompiledResource(
        code, "人口", "Residents", 7, PROVIDER, FIELDS, ("身份号码",), "", "", NO_SOURCE
    )
    items = tuple(
        ItemFacts(f.name, f.title, f.type, sensitive=False, subject=f.subject is not None, key=f.name == "身份号码",
                  mask=MASKS.get(f.name))
        for f in FIELDS
    )  # fmt: skip
    name = f"B-2026-{next(stage.numbers):06d}"
    made = compile_sandbox(name, consumer, resource, items, {"身份号码": 18}, ("query", "verify"), "extranet")
    with psycopg.connect(stage.node.urls.owner) as connection:
        connection.execute(
            "INSERT INTO exchange_compiled_sandbox (id, consumer, resource, state, doc) VALUES (%s, %s, %s, %s, %s)",
            [name, consumer, code, state, msgspec.json.encode(made).decode()],
        )
    return made


def end_sandbox(stage: Stage, made: CompiledSandbox) -> None:
    with psycopg.connect(stage.node.urls.owner) as connection:
        connection.execute(
            "UPDATE exchange_compiled_sandbox SET state = 'withdrawn' WHERE id = %s", [made.grant.id]
        )


@dataclass
class OldClient:
    """An old client that was let in, and how it calls."""

    stage: Stage
    edge: CompiledEdge
    service: str = "s_1200000900000_2108"
    numbers: list[int] = field(default_factory=list)

    def now(self) -> str:
        """A time that no call had before, in milliseconds."""
        wanted = max(int(time.time() * 1000), *(number + 1 for number in self.numbers), 0)
        self.numbers.append(wanted)
        return str(wanted)

    def call(self, parameters: dict[str, Any] | None = None, **changed: Any) -> httpx.Response:
        """A call in the old way; `changed` spoils a part of it."""
        rtime = changed.get("rtime") or self.now()
        service = changed.get("service", self.service)
        rid = changed.get("requester", self.edge.requester)
        old = self.edge.dialect == "gjgxjhpt"
        text = service + rid + rtime if old else rid + rtime
        sign = base64.b64encode(
            hmac.digest(str(changed.get("secret", SECRET)).encode(), text.encode(), hashlib.sha256)
        ).decode()
        headers = (
            {"gjgxjhpt_rid": rid, "gjgxjhpt_sid": service, "gjgxjhpt_rtime": rtime, "gjgxjhpt_sign": sign}
            if old
            else {"gateway_appid": rid, "gateway_rtime": rtime, "gateway_sig": sign}
        )
        headers = {name: value for name, value in headers.items() if name != changed.get("without")}
        path = "/edge/gjgxjhpt" if old else f"/edge/gateway/share/{service}"
        to = changed.get("to", self.stage.one)
        if changed.get("method") == "GET":
            return self.stage.http.get(to.url + path, params=parameters, headers=headers)
        if changed.get("form"):
            return self.stage.http.post(to.url + path, data=parameters, headers=headers)
        return self.stage.http.post(to.url + path, json=parameters, headers=headers)


def let_in(stage: Stage, grant: str, *, state: str = "active", **changed: Any) -> OldClient:
    """Let an old client in for one service on the residents."""
    number = next(stage.numbers)
    pair = generate("ed25519")
    edge_id = f"E-2026-{number:06d}"
    name = f"edge_lan-minzheng-{number}"
    stage.publish(client(name, CONSUMER, pair))
    service = EdgeService("s_1200000900000_2108", CODE, grant, ITEM, {"sfzh": "身份号码"})
    made = CompiledEdge(
        id=edge_id, dialect="gjgxjhpt", requester=f"f9e001b4-592d@{number}", client=name,
        secret=seal_password(stage.node.keys, 1, edge_id, SECRET),
        key=seal_password(stage.node.keys, 1, f"{edge_id}/key", pair.to_pem().decode()),
        addresses=("127.0.0.1/32",), sunset=int(time.time()) + 1000, services=(service,),
    )  # fmt: skip
    made = msgspec.structs.replace(made, **changed)
    with psycopg.connect(stage.node.urls.owner) as connection:
        connection.execute(
            "INSERT INTO exchange_compiled_edge (id, dialect, requester, state, doc) VALUES (%s, %s, %s, %s, %s)",
            [made.id, made.dialect, made.requester, state, msgspec.json.encode(made).decode()],
        )
    return OldClient(stage, made)
