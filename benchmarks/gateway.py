"""The gateway under load: single-row queries by key with all policy and evidence on.

Beside it, in the same run and interleaved: `pgbench -S -M prepared` on the same table, the same gateway with
evidence off, and what one thread verifies. Run as `./yw bench gateway`; the last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psutil
import psycopg

from benchmarks._load import store
from benchmarks._node import BareNode, Gateway, client
from benchmarks._signing import PURPOSE, RESOURCE, SCALE, sign_all
from yiwang.blocks.exchange.domain.compiled import (
    CompiledField,
    CompiledGrant,
    CompiledResource,
    GrantedField,
    GrantedPredicate,
)
from yiwang.bootstrap.embedded import binaries
from yiwang.vocabulary.crypto import SigningKey, generate

ROOT = Path(__file__).resolve().parents[1]
SUITES = ("ed25519", "sm2-sm3")
CONNECTIONS = 32
CONSUMER, PROVIDER = "11290000MB0000003G", "11290000MB00000017"


def pgbench_binary() -> str | None:
    """pgbench of the embedded server, or Debian's."""
    for place in (
        binaries() / "pgbench",
        *sorted(Path("/usr/lib/postgresql").glob("*/bin/pgbench"), reverse=True),
    ):
        if place.exists():
            return str(place)
    return shutil.which("pgbench")


def pgbench(url: str, *options: str) -> str:
    """Run pgbench on a database; gives what it prints."""
    program = pgbench_binary()
    if program is None:
        raise SystemExit("pgbench is missing: apt-get install postgresql-contrib (or postgresql-15)")
    parts = urlsplit(url)
    done = subprocess.run(
        [program, "-h", str(parts.hostname), "-p", str(parts.port), "-U", str(parts.username), *options,
         parts.path.lstrip("/")],
        env={**os.environ, "PGPASSWORD": unquote(parts.password or "")},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout + done.stderr


def measure(gateway: Gateway, requests: Path, seconds: float, warmup: float) -> dict[str, float]:
    """One run of the load generator."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks._load", str(gateway.port), str(requests), str(seconds), str(warmup),
         str(CONNECTIONS)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise SystemExit(f"{gateway.log}: {done.stderr[-3000:]}\n{gateway.output.read_text()[-3000:]}")
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def processor_seconds(gateway: Gateway, node: BareNode) -> dict[str, float]:
    """Processor time used so far by the gateway, its children and the database server."""
    used: dict[str, float] = {}

    def add(name: str, process: psutil.Process) -> None:
        # the scheduler's own count: times of short turns are guesses everywhere else
        spent = 0
        for task in Path(f"/proc/{process.pid}/task").glob("*/schedstat"):
            spent += int(task.read_text(encoding="ascii").split()[0])
        used[name] = used.get(name, 0.0) + spent / 1e9

    parent = psutil.Process(gateway.process.pid)
    add("gateway", parent)
    for child in parent.children():
        add("verifier" if "verifier" in " ".join(child.cmdline()) else "signer", child)
    if node.server is not None and node.server.pid is not None:
        for child in psutil.Process(node.server.pid).children(recursive=True):
            words = " ".join(child.cmdline())
            add("source" if "bench" in words else "journal" if " yiwang " in words else "server", child)
    return used


def verify_bound(key: SigningKey, seconds: float) -> float:
    """Signatures of this suite that one thread verifies in a second through the same binding."""
    base = b"x" * 620
    signatures = [key.sign(base) for _ in range(20)]
    count, begin = 0, time.perf_counter()
    while time.perf_counter() - begin < seconds:
        for signature in signatures:
            if not key.public.verify(base, signature):
                raise SystemExit("a right signature was found wrong")
        count += len(signatures)
    return count / (time.perf_counter() - begin)


def prepare(node: BareNode) -> tuple[str, dict[str, SigningKey]]:
    """Source table, resource, grant and one client application for each suite."""
    url = node.database("bench")
    pgbench(url, "-i", "-q", "-s", str(SCALE))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
        connection.execute("VACUUM ANALYZE pgbench_accounts")
    keys = {suite: generate(suite) for suite in SUITES}
    fields = (
        CompiledField("aid", "aid", "integer", "integer", subject="person"),
        CompiledField("bid", "bid", "integer", "integer"),
        CompiledField("abalance", "abalance", "integer", "integer"),
    )
    now = int(time.time())
    node.publish(
        CompiledResource(RESOURCE, "账户", "Accounts", 1, PROVIDER, fields, ("aid",), "public",
                         "pgbench_accounts", node.source("bench", pool_size=4)),
        CompiledGrant(
            "G-2026-000001", 1, RESOURCE, CONSUMER, ("query", "verify"),
            (GrantedField("aid"), GrantedField("bid", "hidden"), GrantedField("abalance")),
            (GrantedPredicate("aid", ("eq", "in")),), ("aid",), (PURPOSE, "item:000114002001"), now - 60, now + 86400,
            calls_per_day=2_000_000_000, subjects_per_day=2_000_000_000, hours=(0, 1440),
        ),
        *(client(f"bench-{suite}", CONSUMER, key) for suite, key in keys.items()),
    )  # fmt: skip
    return url, keys


def bench(
    node: BareNode, suite: str, key: SigningKey, url: str, options: argparse.Namespace
) -> dict[str, float | str]:
    """Interleaved runs of everything for one suite; the medians."""
    on = node.gateway("gw1")
    off = node.gateway("gw2", module="benchmarks._without_evidence")
    on.wait()
    off.wait()
    rates: dict[str, list[float]] = {"on": [], "off": [], "pgbench": [], "verify": [], "p99": [], "p50": []}
    expected = 6000.0
    for round_number in range(options.rounds):
        file = node.folder / "requests"
        enough = int(expected * 1.5 * (options.seconds + options.warmup)) + CONNECTIONS
        store(file, sign_all(key, enough, seed=int(time.time()) % 100_000 * 100 + round_number))
        spent = processor_seconds(on, node)
        with_evidence = measure(on, file, options.seconds, options.warmup)
        told = ", ".join(
            f"{name} {1e6 * (after - spent.get(name, 0.0)) / with_evidence['answered']:.0f}"
            for name, after in processor_seconds(on, node).items()
        )
        print(f"processor µs a request: {told}", flush=True)
        without = measure(off, file, options.seconds, options.warmup)
        text = pgbench(url, "-S", "-M", "prepared", "-c", "8", "-j", "2", "-n", "-T", str(options.pgbench))
        tps = re.search(r"tps = ([0-9.]+)", text)
        rates["pgbench"].append(float(tps.group(1)) if tps else 0.0)
        rates["verify"].append(verify_bound(key, options.verify))
        rates["on"].append(with_evidence["requests_per_s"])
        rates["p99"].append(with_evidence["p99_ms"])
        rates["p50"].append(with_evidence["p50_ms"])
        rates["off"].append(without["requests_per_s"])
        expected = max(rates["off"])
        print(
            f"{suite} round {round_number + 1}: " + ", ".join(f"{k} {v[-1]:.1f}" for k, v in rates.items()),
            flush=True,
        )
    on.stop()
    off.stop()
    middle = {name: statistics.median(values) for name, values in rates.items()}
    return {
        "suite": suite,
        "requests_per_s": round(middle["on"], 1),
        "pgbench_per_s": round(middle["pgbench"], 1),
        "ratio": round(middle["on"] / middle["pgbench"], 4),
        "p99_ms": round(middle["p99"], 2),
        "evidence_us_per_request": round(1e6 * (1 / middle["on"] - 1 / middle["off"]), 1),
        "verify_bound_per_s": round(middle["verify"], 1),
        "without_evidence_per_s": round(middle["off"], 1),
        "of_verify_bound": round(middle["on"] / middle["verify"], 3),
    }


def on_its_node(suite: str, options: argparse.Namespace) -> dict[str, float | str]:
    """The benchmark of one suite, on a node that signs its evidence by the same suite."""
    with tempfile.TemporaryDirectory(prefix="yw-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        node = BareNode(Path(folder), {"fsync": "on"}, suite=suite)
        node.start()
        try:
            url, keys = prepare(node)
            return bench(node, suite, keys[suite], url, options)
        finally:
            node.stop()


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="yw bench gateway")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--warmup", type=float, default=0.5)
    parser.add_argument("--pgbench", type=int, default=2)
    parser.add_argument("--verify", type=float, default=1.0)
    parser.add_argument("--suite", choices=SUITES, action="append")
    options = parser.parse_args(argv)
    suites = [on_its_node(suite, options) for suite in options.suite or SUITES]
    print(json.dumps({"benchmark": "gateway", "connections": CONNECTIONS, "suites": suites}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
