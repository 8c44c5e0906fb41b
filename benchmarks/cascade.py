"""The cascade over three nodes: routed queries by key with three signatures and three logs, and a journal after a partition.

Beside it, in the same run: the same query at the owner's own gateway, which is the ceiling. Run as `./yw bench cascade`; the last line is
one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import msgspec
import psycopg

from benchmarks._load import store
from benchmarks._node import BareNode, Gateway, client
from benchmarks._signing import PURPOSE
from yiwang.blocks.cascade.domain.card import CardKey, keys_of
from yiwang.blocks.cascade.domain.compiled import CompiledPeer, ForeignTerms
from yiwang.blocks.exchange.domain.compiled import (
    CompiledField,
    CompiledGrant,
    CompiledResource,
    GrantedField,
    GrantedPredicate,
)
from yiwang.vocabulary.crypto import SigningKey, generate
from yiwang.vocabulary.envelope import Purpose, sign_request

ROOT = Path(__file__).resolve().parents[1]
NODES = ("nation", "gansu", "lanzhou")
CONSUMER, PROVIDER = "11290000MB0000003G", "11290000MB00000017"
CODE, ROWS = "306001003/12", 10_000
EVENTS = 100_000


def main() -> None:
    """Print one JSON object last."""
    parser = argparse.ArgumentParser(prog="yw bench cascade")
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--connections", type=int, default=24)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--skip-events", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="yw-bench-cascade-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        nodes = {name: BareNode(Path(folder) / name) for name in NODES}
        for node in nodes.values():
            node.folder.mkdir()
            node.start()
        try:
            result = routed(nodes, given.seconds, given.connections)
            if not given.skip_events:
                result |= journal(nodes["lanzhou"], given.events)
        finally:
            for node in nodes.values():
                node.stop()
    print(json.dumps({"benchmark": "cascade", **result}))


def routed(nodes: dict[str, BareNode], seconds: float, connections: int) -> dict[str, object]:
    """Calls through three gateways, and the same at the owner alone."""
    _table(nodes["nation"])
    key = generate("sm2-sm3")
    caller = client("bench", CONSUMER, key)
    resource = CompiledResource(
        code=CODE, title="企业", title_en="", version=1, provider=PROVIDER,
        fields=(CompiledField("信用代码", "code", "text", "text"), CompiledField("名称", "name", "text", "text")),
        key=("信用代码",), schema="public", relation="firm", source=nodes["nation"].source("firms", pool_size=8),
    )  # fmt: skip
    now = int(time.time())
    grant = CompiledGrant(
        id="G-2026-000001", version=1, resource=CODE, consumer=CONSUMER, modes=("query",),
        fields=(GrantedField("信用代码"), GrantedField("名称")), predicates=(GrantedPredicate("信用代码", ("eq",)),),
        required=("信用代码",), purposes=(PURPOSE,), not_before=now - 100, not_after=now + 86400,
        calls_per_day=10_000_000, subjects_per_day=10_000_000,
    )  # fmt: skip
    nodes["nation"].publish(caller, resource, grant)
    nodes["lanzhou"].publish(caller)
    for node in nodes.values():
        node.keys.signing_key("cascade")
    gateways = {name: node.gateway(YW_NODE=name) for name, node in nodes.items()}
    _join(nodes, gateways, grant)
    for gateway in gateways.values():
        gateway.wait()
    time.sleep(1.5)
    through = _measure(gateways["lanzhou"], key, "lanzhou", f"{CODE}@nation", seconds, connections)
    alone = _measure(gateways["nation"], key, "nation", CODE, seconds, connections)
    for gateway in gateways.values():
        gateway.stop()
    return {
        "routed_per_second": round(through["requests_per_s"]), "routed_p99_ms": round(through["p99_ms"], 1),
        "routed_p50_ms": round(through["p50_ms"], 1),
        "owner_alone_per_second": round(alone["requests_per_s"]), "owner_alone_p99_ms": round(alone["p99_ms"], 1),
        "ratio_to_owner_alone": round(through["requests_per_s"] / max(1, alone["requests_per_s"]), 3),
        "nodes": 3, "suite": "sm2-sm3", "connections": connections,
    }  # fmt: skip


def journal(node: BareNode, events: int) -> dict[str, object]:
    """Events that waited during a partition, applied by the node in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks._cascade_journal", str(events)], cwd=ROOT, check=False,
        env=node.environment(YW_DATABASE_URL=node.urls.app, YW_NODE="lanzhou", YW_LEVEL="city"),
        capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode != 0:
        raise SystemExit(done.stderr[-3000:])
    found: dict[str, object] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def _table(node: BareNode) -> None:
    with psycopg.connect(node.database("firms"), autocommit=True) as connection:
        connection.execute("CREATE TABLE firm (code text PRIMARY KEY, name text)")
        connection.execute(
            f"INSERT INTO firm SELECT 'K' || n, '企业 ' || n FROM generate_series(1, {ROWS}) n"
        )
        connection.execute("GRANT SELECT ON firm TO reader")


def _join(nodes: dict[str, BareNode], gateways: dict[str, Gateway], grant: CompiledGrant) -> None:
    doc = msgspec.json.encode(grant).decode()
    ways = {"nation": ("", "gansu"), "gansu": ("nation", "lanzhou"), "lanzhou": ("gansu", "")}
    for name, node in nodes.items():
        rows: list[tuple[str, str, str]] = []
        for other in NODES:
            if other != name:
                keys: tuple[CardKey, ...] = keys_of(nodes[other].keys.describe())
                peer = CompiledPeer(other, "parent", gateways[other].url, keys)
                rows.append((f"peer:{other}", "peer", msgspec.json.encode(peer).decode()))
        via, toward = ways[name]
        terms = ForeignTerms("nation", via, toward, PROVIDER, grant.id, doc)
        rows.append((f"grant:nation:{grant.id}", "grant", msgspec.json.encode(terms).decode()))
        with psycopg.connect(node.urls.owner, autocommit=True) as connection:
            for row, kind, text in rows:
                connection.execute(
                    "INSERT INTO cascade_compiled (id, kind, epoch, state, doc)"
                    " VALUES (%s, %s, nextval('journal_epoch_seq'), 'active', %s)", [row, kind, text],
                )  # fmt: skip
            connection.execute("INSERT INTO cascade_held VALUES ('nation', 'x', now() + interval '1 hour')")


def _measure(
    gateway: Gateway, key: SigningKey, node: str, code: str, seconds: float, connections: int
) -> dict[str, float]:
    path, requests = f"/v1/resources/{quote(code, safe='')}/query", []
    for number in range(int((seconds + 2) * 1500)):
        body = msgspec.json.encode({"where": {"信用代码": f"K{number % ROWS + 1}"}})
        made = sign_request(
            key, method="POST", path=path, body=body, node=node, purpose=Purpose.parse(PURPOSE), created=int(time.time()),
        )  # fmt: skip
        head = "".join(f"{name}: {value}\r\n" for name, value in made.http_headers().items())
        requests.append(
            f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n{head}\r\n".encode() + body
        )
    with tempfile.NamedTemporaryFile() as file:
        store(Path(file.name), requests)
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks._load", str(gateway.port), file.name, str(seconds), "2", str(connections)],
            cwd=ROOT, capture_output=True, text=True, check=False, env=os.environ,
        )  # fmt: skip
    if done.returncode != 0:
        raise SystemExit(f"{done.stderr[-2000:]}\n{gateway.output.read_text()[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    main()
