"""Two running gateways of one node, a department's database, and callers who sign."""

from __future__ import annotations

import itertools
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
import psycopg

from benchmarks._node import NODE, BareNode, Gateway, client
from yiwang.blocks.exchange.domain.compiled import (
    CompiledField,
    CompiledGrant,
    CompiledResource,
    GrantedField,
    GrantedPredicate,
)
from yiwang.blocks.identity.domain.compiled import CompiledClient
from yiwang.vocabulary.crypto import SigningKey, generate
from yiwang.vocabulary.envelope import OutgoingRequest, Purpose, sign_request
from yiwang.vocabulary.evidence import Receipt, bundle_of, trust_of, verify_bundle

CONSUMER, PROVIDER, STRANGER = "11290000MB0000003G", "11290000MB00000017", "11290000MB00000092"
ITEM = "item:000114002000"
CODE = "306001003/12"
PEOPLE = (
    "11010519491231002X",
    "440524188001010014",
    "360426199101010071",
    "110101199003070011",
    "110101199003072033",
)
NAMES = ("王敏", "周航", "赵静", "陈晨", "李小龙")
FIELDS = (
    CompiledField("身份号码", "身份号码", "text", "character varying(18)", subject="person", check="resident_id"),
    CompiledField("姓名", "姓名", "text", "text"),
    CompiledField("order", "order", "integer", "integer"),
    CompiledField("收入", "收入", "decimal", "numeric(18,2)"),
    CompiledField("出生", "出生", "date", "date"),
    CompiledField("更新", "更新", "datetime", "timestamp with time zone"),
    CompiledField("照片", "照片", "binary", "bytea"),
    CompiledField("附加", "附加", "json", "jsonb"),
    CompiledField("在世", "在世", "boolean", "boolean"),
    CompiledField("区划", "区划", "text", "character(6)"),
)  # fmt: skip
TABLE = """
CREATE TABLE "人口" ("身份号码" varchar(18) PRIMARY KEY, "姓名" text, "order" int, "收入" numeric(18,2), "出生" date,
  "更新" timestamptz, "照片" bytea, "附加" jsonb, "在世" boolean, "区划" char(6))
"""


@dataclass
class Answer:
    """An answer with what was sent for it."""

    sent: OutgoingRequest
    response: httpx.Response

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def code(self) -> str:
        return str(self.response.json().get("code", ""))

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = self.response.json()
        return found

    @property
    def receipt(self) -> Receipt:
        return Receipt.from_header(self.response.headers["yw-evidence"])

    @property
    def leaf(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.receipt.leaf)
        return found


@dataclass
class Stage:
    """Everything that a test of running gateways needs."""

    node: BareNode
    one: Gateway
    two: Gateway
    key: SigningKey
    modern: SigningKey
    stranger: SigningKey
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=15))
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def settle(self, epoch: int) -> None:
        """Until both gateways hold what was published last."""
        for gateway in (self.one, self.two):
            deadline = time.monotonic() + 5
            while self.http.get(f"{gateway.url}/healthz").json()["epoch"] < epoch:
                assert time.monotonic() < deadline, "the snapshot does not follow"
                time.sleep(0.005)

    def grant(self, *, state: str = "active", settle: bool = True, **changed: Any) -> CompiledGrant:
        """A fresh grant on the residents, with these terms changed."""
        now = int(time.time())
        made = CompiledGrant(
            id=f"G-2026-{next(self.numbers):06d}", version=1, resource=CODE, consumer=CONSUMER,
            modes=("query", "verify"), fields=tuple(GrantedField(f.name) for f in FIELDS),
            predicates=(GrantedPredicate("身份号码", ("eq", "in")), GrantedPredicate("区划", ("eq", "prefix")),
                        GrantedPredicate("order", ("eq", "gte", "lte"))),
            required=("身份号码",), purposes=(ITEM,), not_before=now - 100, not_after=now + 1000,
            claims=("姓名", "收入"), calls_per_day=100_000, subjects_per_day=10_000, attempts_per_subject=10_000,
        )  # fmt: skip
        made = msgspec.structs.replace(made, **changed)
        epoch = self.node.publish(made, state=state)
        if settle:
            self.settle(epoch)
        return made

    def publish(
        self,
        *documents: CompiledGrant | CompiledResource | CompiledClient,
        state: str = "active",
        notify: bool = True,
    ) -> None:
        """Write documents; with the notice, wait until both gateways hold them."""
        epoch = self.node.publish(*documents, state=state, notify=notify)
        if notify:
            self.settle(epoch)

    def sign(
        self, path: str, body: bytes, *, key: SigningKey | None = None, grant: str | None = None,
        purpose: str = ITEM, created: int | None = None, method: str = "POST", query: str = "", **more: Any,
    ) -> OutgoingRequest:  # fmt: skip
        """A signed request."""
        return sign_request(
            key or self.key, method=method, path=path, body=body, node=more.pop("node", NODE),
            purpose=Purpose.parse(purpose), created=int(time.time()) if created is None else created,
            grant=grant, idempotency_key=more.pop("idempotency_key", f"k{next(self.numbers)}"), query=query, **more,
        )  # fmt: skip

    def send(
        self,
        request: OutgoingRequest,
        *,
        to: Gateway | None = None,
        body: bytes | None = None,
        **headers: str,
    ) -> Answer:
        """Send what was signed, perhaps changed on the way."""
        url = (to or self.one).url + request.path + (f"?{request.query}" if request.query else "")
        given = httpx.Headers(request.http_headers())
        given.update({name.replace("_", "-"): value for name, value in headers.items()})
        content = request.body if body is None else body
        return Answer(request, self.http.request(request.method, url, content=content, headers=given))

    def query(
        self,
        where: dict[str, Any],
        *,
        grant: str | None = None,
        code: str = CODE,
        to: Gateway | None = None,
        more: dict[str, Any] | None = None,
        **signing: Any,
    ) -> Answer:
        """Ask for rows."""
        body = json.dumps({"where": where, **(more or {})}, ensure_ascii=False).encode()
        path = f"/v1/resources/{quote(code, safe='')}/query"
        return self.send(self.sign(path, body, grant=grant, **signing), to=to)

    def verify(
        self, subject: dict[str, Any], claims: dict[str, Any], *, grant: str | None = None, **signing: Any
    ) -> Answer:
        """Ask whether claims are true."""
        body = json.dumps({"subject": subject, "claims": claims}, ensure_ascii=False).encode()
        path = f"/v1/resources/{quote(CODE, safe='')}/verify"
        return self.send(self.sign(path, body, grant=grant, **signing))

    def get(self, path: str, *, query: str = "", key: SigningKey | None = None) -> Answer:
        """A signed look-up."""
        return self.send(self.sign(path, b"", key=key, method="GET", purpose="evidence:own", query=query))

    def leaves(self) -> int:
        """Leaves in all logs."""
        with psycopg.connect(self.node.urls.owner) as connection:
            row = connection.execute("SELECT count(*) FROM journal_leaf").fetchone()
        return int(row[0]) if row else 0

    def proves(self, answer: Answer, key: SigningKey | None = None) -> None:
        """The evidence of an answer holds, checked as its receiver would."""
        bundle = bundle_of(
            answer.sent, (key or self.key).public, answer.status, answer.response.content, answer.receipt
        )
        findings = verify_bundle(bundle, trust_of(NODE, self.node.keys.describe("evidence")))
        assert findings == []


def residents(node: BareNode, name: str = "people", **changed: Any) -> CompiledResource:
    """The residents of a source, as a mounted resource."""
    made = CompiledResource(
        CODE, "人口", "Residents", 3, PROVIDER, FIELDS, ("身份号码",), "public", "人口", node.source(name)
    )
    return msgspec.structs.replace(made, **changed)


def raise_stage(folder: Path) -> Stage:
    """Database, tables, residents and both gateways."""
    node = BareNode(folder, {"fsync": "off", "shared_buffers": "32MB"})
    node.start()
    with psycopg.connect(node.database("people")) as connection:
        connection.execute(TABLE)
        for number, (person, name) in enumerate(zip(PEOPLE, NAMES, strict=True), start=1):
            connection.execute(
                'INSERT INTO "人口" VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)',
                [person, name, number, f"{number}.50", "1949-12-31", "2026-11-21 08:00:00.25+08", b"\x00\xff",
                 '{"a": [1, {"b": null}]}', number != 2, "290100"],
            )  # fmt: skip
    key, modern, stranger = generate("sm2-sm3"), generate("ed25519"), generate("sm2-sm3")
    one, two = node.gateway("gw1"), node.gateway("gw2")
    node.publish(
        residents(node),
        client("lan-minzheng-1", CONSUMER, key, modern),
        client("lan-zhao-1", STRANGER, stranger),
    )
    one.wait()
    two.wait()
    return Stage(node, one, two, key, modern, stranger)
