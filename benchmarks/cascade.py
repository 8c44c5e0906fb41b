"""The cascade over three nodes: routed queries by key with three signatures and three logs, and a journal after a partition.

Beside it, in the same run: the same query at the owner's own gateway, which is the ceiling. Run as `./yw bench cascade`; the last line is
one JSON object.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec
import psycopg

from benchmarks._load import store
from benchmarks._node import BareNode, Gateway, client
from benchmarks._routed import signed
from benchmarks._signing import PURPOSE
from benchmarks.gateway import processor_seconds
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

ROOT = Path(__file__).resolve().parents[1]
NODES = ("nation", "gansu", "lanzhou")
CONSUMER, PROVIDER = "11290000MB0000003G", "11290000MB00000017"
CODE, ROWS = "306001003/12", 10_000
EVENTS = 100_000
WARMUP = 2.0


@dataclass(frozen=True)
class Asked:
    """Where callers ask: a resource at a node, and how many calls a second are signed beforehand at most."""

    nodes: dict[str, BareNode]
    gateways: dict[str, Gateway]
    node: str
    code: str
    most: int


def main() -> None:
    """Print one JSON object last."""
    parser = argparse.ArgumentParser(prog="yw bench cascade")
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--connections", type=int, default=24)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--skip-events", action="store_true")
    parser.add_argument("--skip-calls", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="yw-bench-cascade-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        nodes = {name: BareNode(Path(folder) / name) for name in NODES}
        for node in nodes.values():
            node.folder.mkdir()
            node.start()
        try:
            result = {} if given.skip_calls else routed(nodes, given)
            if not given.skip_events:
                result |= journal(nodes["lanzhou"], given.events)
        finally:
            for node in nodes.values():
                node.stop()
    print(json.dumps({"benchmark": "cascade", **result}))


def routed(nodes: dict[str, BareNode], options: argparse.Namespace) -> dict[str, object]:
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
    over = threading.Event()
    threading.Thread(target=_follow, args=(nodes, over), daemon=True).start()
    time.sleep(1.5)
    through = _measure(Asked(nodes, gateways, "lanzhou", f"{CODE}@nation", 1500), key, options)
    alone = _measure(Asked(nodes, gateways, "nation", CODE, 4000), key, options)
    over.set()
    for gateway in gateways.values():
        gateway.stop()
    return {
        "routed_per_second": round(through["requests_per_s"]), "routed_p99_ms": round(through["p99_ms"], 1),
        "routed_p50_ms": round(through["p50_ms"], 1),
        "owner_alone_per_second": round(alone["requests_per_s"]), "owner_alone_p99_ms": round(alone["p99_ms"], 1),
        "ratio_to_owner_alone": round(through["requests_per_s"] / max(1, alone["requests_per_s"]), 3),
        "nodes": 3, "suite": "sm2-sm3", "connections": options.connections,
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
            connection.execute("INSERT INTO cascade_held VALUES ('nation', 'x', now())")


def _follow(nodes: dict[str, BareNode], over: threading.Event) -> None:
    """Renew the leases as following does: no gateway lets one hold for more than a minute."""
    while True:
        for node in nodes.values():
            with psycopg.connect(node.urls.owner, autocommit=True) as connection:
                connection.execute("UPDATE cascade_held SET until = now() + interval '60 s'")
        if over.wait(5.0):
            return


def _measure(at: Asked, key: SigningKey, options: argparse.Namespace) -> dict[str, float]:
    """One run of the load generator, with the processor time that each kind of process took for a call, in µs."""
    workers = os.cpu_count() or 1
    share = int((options.seconds + WARMUP) * at.most) // workers + 1
    pem = key.to_pem(None)
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        parts = pool.starmap(
            signed, [(pem, at.node, at.code, ROWS, n * share, share) for n in range(workers)]
        )
    with tempfile.NamedTemporaryFile() as file:
        store(Path(file.name), [request for part in parts for request in part])
        del parts
        before = _spent(at)
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks._load", str(at.gateways[at.node].port), file.name, str(options.seconds),
             str(WARMUP), str(options.connections)],
            cwd=ROOT, capture_output=True, text=True, check=False, env=os.environ,
        )  # fmt: skip
    if done.returncode != 0:
        raise SystemExit(f"{done.stderr[-2000:]}\n{at.gateways[at.node].output.read_text()[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout)
    for name, seconds in _spent(at).items():
        used = (seconds - before[name]) / found["answered"] * 1e6
        if used >= 5:
            print(f"  {at.code} {name}: {used:.0f} µs of processor a call")
    return found


def _spent(at: Asked) -> dict[str, float]:
    """Processor seconds used so far, by node and kind of process."""
    return {
        f"{name} {kind}": used
        for name, gateway in at.gateways.items()
        for kind, used in processor_seconds(gateway, at.nodes[name]).items()
    }


if __name__ == "__main__":
    main()
