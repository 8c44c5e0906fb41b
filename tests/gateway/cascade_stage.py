"""Gateways of three nodes, nation over province over city, with a line to each that a test can cut or change."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import msgspec
import psycopg

from benchmarks._node import BareNode, Gateway, client
from tests.gateway.line import Line
from tests.gateway.stage import CONSUMER, ITEM, PROVIDER, Answer
from yiwang.blocks.cascade.domain.card import CardKey, keys_of
from yiwang.blocks.cascade.domain.compiled import CompiledPeer, ForeignTerms
from yiwang.blocks.exchange.domain.compiled import (
    CompiledField,
    CompiledGrant,
    CompiledResource,
    GrantedField,
    GrantedPredicate,
)
from yiwang.blocks.journal.store.auditing import audit_database
from yiwang.bootstrap.database import with_part
from yiwang.bootstrap.node import DatabaseUrls, NodeFolder
from yiwang.vocabulary.crypto import FileKeyProvider, SigningKey, generate
from yiwang.vocabulary.envelope import OutgoingRequest, Purpose, sign_request
from yiwang.vocabulary.evidence import bundle_of, trust_of, verify_bundle

NATION, PROVINCE, CITY = "nation", "gansu", "lanzhou"
NODES = (NATION, PROVINCE, CITY)
WAYS = {NATION: ("", PROVINCE), PROVINCE: (NATION, CITY), CITY: (PROVINCE, "")}
"""Of each node, the peer that leads to the nation and the one behind which the city is."""
CODE = "100000001/1"
FIRM = "91620100MA72A1B2X3"
TAKEN = "/v1/cascade/query"


def until(check: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + 60
    while not check():
        assert time.monotonic() < deadline, "it did not become so"
        time.sleep(0.05)


@dataclass
class CascadeStage:
    """Three nodes with their gateways; `lines[name]` is the way to the gateway of `name`."""

    nodes: dict[str, BareNode]
    lines: dict[str, Line]
    gateways: dict[str, Gateway]
    caller: SigningKey
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30))
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def settle(self) -> None:
        """Until every gateway holds what was compiled last at its node."""
        for name, gateway in self.gateways.items():
            with psycopg.connect(self.nodes[name].urls.owner) as connection:
                row = connection.execute(
                    "SELECT (SELECT max(epoch) FROM cascade_compiled),"
                    " coalesce((SELECT max(epoch) FROM exchange_compiled_grant), -1)"
                ).fetchone()
            assert row is not None

            def holds(gateway: Gateway = gateway, wanted: tuple[int, int] = (row[0], row[1])) -> bool:
                found = self.http.get(f"{gateway.url}/healthz").json()
                return bool(found["cascade_epoch"] >= wanted[0] and found["epoch"] >= wanted[1])

            until(holds)

    def granted(self, number: str) -> CompiledGrant:
        """A grant as the nation compiled it."""
        with psycopg.connect(self.nodes[NATION].urls.owner) as connection:
            row = connection.execute(
                "SELECT doc FROM exchange_compiled_grant WHERE id = %s", [number]
            ).fetchone()
        assert row is not None
        return msgspec.json.decode(row[0], type=CompiledGrant)

    def grant(self, *, at: dict[str, str] | None = None, **changed: Any) -> str:
        """A fresh grant of the nation for the city's agency, known on the whole way; `at` gives its state by node."""
        now, states = int(time.time()), at or {}
        made = CompiledGrant(
            id=f"G-2026-{next(self._numbers):06d}", version=1, resource=CODE, consumer=CONSUMER, modes=("query", "verify"),
            fields=(GrantedField("code"), GrantedField("name")), predicates=(GrantedPredicate("code", ("eq",)),),
            required=("code",), purposes=(ITEM,), not_before=now - 1000, not_after=now + 10_000, claims=("name",),
            calls_per_day=100_000, subjects_per_day=10_000, attempts_per_subject=1000,
        )  # fmt: skip
        made = msgspec.structs.replace(made, **changed)
        for name in NODES:
            self.put_terms(name, made, states.get(name, "active"))
        self.nodes[NATION].publish(made, state=states.get(NATION, "active"))
        self.settle()
        return made.id

    def put_terms(self, name: str, grant: CompiledGrant, state: str) -> None:
        via, toward = WAYS[name]
        doc = msgspec.json.encode(grant).decode()
        terms = ForeignTerms(NATION, via, toward, PROVIDER, grant.id, doc)
        self._compile(name, f"grant:{NATION}:{grant.id}", "grant", state, terms)

    def put_peer(
        self, name: str, other: str, *, state: str = "active", keys: tuple[CardKey, ...] = ()
    ) -> None:
        """At `name`, what is known of the peer `other`."""
        known = keys or keys_of(self.nodes[other].keys.describe())
        relation = "parent" if NODES.index(other) < NODES.index(name) else "child"
        peer = CompiledPeer(other, relation, self.lines[other].url, known)
        self._compile(name, f"peer:{other}", "peer", state, peer)

    def lease(self, name: str, seconds: float) -> None:
        """At `name`, the nation's grants hold this much longer."""
        with psycopg.connect(self.nodes[name].urls.owner, autocommit=True) as connection:
            connection.execute(
                "INSERT INTO cascade_held VALUES (%s, %s, now() + make_interval(secs => %s))"
                " ON CONFLICT (owner) DO UPDATE SET until = excluded.until", [NATION, WAYS[name][0], seconds],
            )  # fmt: skip

    def leases(self) -> None:
        """The nation's grants hold everywhere."""
        for name in (PROVINCE, CITY):
            self.lease(name, 3600)

    def _compile(self, name: str, row: str, kind: str, state: str, doc: msgspec.Struct) -> None:
        with psycopg.connect(self.nodes[name].urls.owner, autocommit=True) as connection:
            connection.execute(
                "INSERT INTO cascade_compiled (id, kind, epoch, state, doc)"
                " VALUES (%s, %s, nextval('journal_epoch_seq'), %s, %s)"
                " ON CONFLICT (id) DO UPDATE SET epoch = excluded.epoch, state = excluded.state, doc = excluded.doc",
                [row, kind, state, msgspec.json.encode(doc).decode()],
            )

    def ask(self, grant: str, *, leased: bool = True, once: str | None = None) -> Answer:
        """The city's caller asks its own gateway for a row of the nation.

        `leased`: leases are kept up meanwhile; `once`: the idempotency key.
        """
        answer = self._ask(grant, once)
        deadline = time.monotonic() + 60
        while leased and answer.code == "lease-over" and time.monotonic() < deadline:
            self.leases()  # no gateway lets one hold for more than a minute
            time.sleep(0.1)
            answer = self._ask(grant, once)
        return answer

    def _ask(self, grant: str, once: str | None) -> Answer:
        path = f"/v1/resources/{CODE.replace('/', '%2F')}%40{NATION}/query"
        sent = sign_request(
            self.caller, method="POST", path=path, body=json.dumps({"where": {"code": FIRM}}).encode(), node=CITY,
            purpose=Purpose.parse(ITEM), created=int(time.time()), grant=grant, idempotency_key=once,
        )  # fmt: skip
        return self.post(CITY, sent)

    def forward(
        self, grant: str, *, to: str = NATION, by: str = PROVINCE, key: SigningKey | None = None,
        way: tuple[str, ...] = (CITY, PROVINCE), created: int | None = None, **changed: Any,
    ) -> OutgoingRequest:  # fmt: skip
        """A call as `by` would sign it for `to`, with parts changed."""
        body: dict[str, Any] = {
            "body": json.dumps({"where": {"code": FIRM}}), "client": "app", "code": CODE, "consumer": CONSUMER,
            "owner": NATION, "way": list(way),
        } | changed  # fmt: skip
        return sign_request(
            key or self.nodes[by].keys.signing_key("cascade"), method="POST", path=TAKEN, body=json.dumps(body).encode(),
            node=to, purpose=Purpose.parse(ITEM), created=int(time.time()) if created is None else created, grant=grant,
        )  # fmt: skip

    def post(self, to: str, request: OutgoingRequest, body: bytes | None = None) -> Answer:
        """Straight to a gateway, past its line."""
        url = self.gateways[to].url + request.path
        content = request.body if body is None else body
        return Answer(request, self.http.post(url, content=content, headers=request.http_headers()))

    def proves(self, answer: Answer) -> None:
        """The evidence of an answer to the city's caller holds by the city's keys."""
        bundle = bundle_of(
            answer.sent, self.caller.public, answer.status, answer.response.content, answer.receipt
        )
        trust = trust_of(CITY, self.nodes[CITY].keys.describe("evidence"))
        assert verify_bundle(bundle, trust) == []

    def leaves(self, name: str, grant: str | None = None) -> list[dict[str, Any]]:
        """Leaves of a node in order, of one grant where it is given."""
        with psycopg.connect(self.nodes[name].urls.owner) as connection:
            rows = connection.execute("SELECT leaf FROM journal_leaf ORDER BY log, index").fetchall()
        found = [json.loads(row[0]) for row in rows]
        return [one for one in found if grant is None or one.get("grant") == grant]

    def calls(self, grant: str) -> int:
        """Calls that the owner charged to a grant."""
        with psycopg.connect(self.nodes[NATION].urls.owner) as connection:
            row = connection.execute(
                "SELECT coalesce(sum(calls), 0) FROM journal_usage WHERE grant_id = %s", [grant]
            ).fetchone()
        return int(row[0]) if row else 0

    def damages(self) -> list[tuple[str, str]]:
        """What an audit of every node's log finds, by node."""
        found = []
        for name, node in self.nodes.items():
            trust = trust_of(name, node.keys.describe("evidence"))
            for report in audit_database(node.urls.owner, trust, []):
                found += [(name, one.kind) for one in report.damages]
        return found

    def restart(self, name: str, **environment: str) -> None:
        """The gateway of a node anew, behind the same line, perhaps with another clock."""
        self.gateways[name].stop()
        self.gateways[name] = self.nodes[name].gateway(
            "gw1", environment.pop("module", "yiwang.gateway"), YW_NODE=name, **environment
        )
        self.lines[name].lead_to(self.gateways[name].port)
        self.gateways[name].wait()

    def close(self) -> None:
        self.http.close()
        for line in self.lines.values():
            line.close()
        for node in reversed(self.nodes.values()):
            node.stop()


def raise_cascade(folder: Path) -> CascadeStage:
    """One server with a database for each node, the tables made once."""
    first = BareNode(folder / NATION, {"fsync": "off", "shared_buffers": "32MB"})
    first.folder.mkdir()
    first.start()
    nodes = {NATION: first} | {name: _beside(first, folder / name, name) for name in (PROVINCE, CITY)}
    with psycopg.connect(first.database("firms")) as connection:
        connection.execute("CREATE TABLE firm (code text PRIMARY KEY, name text)")
        connection.execute("INSERT INTO firm VALUES (%s, '兰州某厂')", [FIRM])
    caller = generate("sm2-sm3")
    first.publish(
        CompiledResource(
            code=CODE, title="企业", title_en="", version=1, provider=PROVIDER,
            fields=(CompiledField("code", "code", "text", "text"), CompiledField("name", "name", "text", "text")),
            key=("code",), schema="public", relation="firm", source=first.source("firms"),
        )
    )  # fmt: skip
    nodes[CITY].publish(client("app", CONSUMER, caller))
    gateways = {name: node.gateway("gw1", YW_NODE=name) for name, node in nodes.items()}
    stage = CascadeStage(nodes, {name: Line(gateways[name].port) for name in NODES}, gateways, caller)
    for node in nodes.values():
        node.keys.signing_key("cascade")
    for name, others in ((NATION, [PROVINCE]), (PROVINCE, [NATION, CITY]), (CITY, [PROVINCE])):
        for other in others:
            stage.put_peer(name, other)
    stage.leases()
    for gateway in gateways.values():
        gateway.wait()
    return stage


def _beside(first: BareNode, folder: Path, name: str) -> BareNode:
    """Another node in a database of its own on the same server: the accounts are shared, nothing else."""
    node = BareNode(folder, suite="ed25519" if name == PROVINCE else "sm2-sm3")
    folder.mkdir()
    node.node = NodeFolder(folder)
    node.node.prepare()
    node.admin = first.admin
    with psycopg.connect(first.admin, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE yiwang_{name} TEMPLATE yiwang OWNER yw_owner")
    urls = first.urls
    node.urls = DatabaseUrls(
        *(
            with_part(url, database=f"yiwang_{name}")
            for url in (urls.owner, urls.app, urls.gateway, urls.share, urls.quality)
        )
    )
    node.node.store_urls(node.urls)
    node.keys = FileKeyProvider(node.node.keys, create=True, suite_name=node.suite)
    node.keys.signing_key("evidence")
    return node
