"""The gateway under load: single-row queries by key with all policy and evidence on, signed one by one and in sessions.

Beside it, in the same run and interleaved: `pgbench -S -M prepared` on the same table, the same gateway with
evidence off, and what one thread verifies. Run as `./yw bench gateway`; the last line is one JSON object. `--session` measures
sessions alone; `--processes 1,2` what further gateway processes of the node bring.
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
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psutil
import psycopg

from benchmarks._load import store
from benchmarks._node import NODE, BareNode, Gateway, client
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
from yiwang.vocabulary.evidence import trust_of

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


@dataclass
class Load:
    """A load generator that is under way."""

    gateway: Gateway
    process: subprocess.Popen[str]

    def result(self) -> dict[str, float]:
        """What it measured."""
        out, err = self.process.communicate()
        if self.process.returncode != 0:
            raise SystemExit(f"{self.gateway.log}: {err[-3000:]}\n{self.gateway.output.read_text()[-3000:]}")
        answer: dict[str, float] = json.loads(out)
        return answer


class Caller:
    """Makes the calls of one suite: each signed, or by the codes of a session."""

    def __init__(
        self, node: BareNode, key: SigningKey, options: argparse.Namespace, *, session: bool
    ) -> None:
        self.key, self.session = key, session
        self._node, self._options = node, options
        self._seed = int(time.time()) % 100_000 * 100
        self.expected = 12000.0 if session else 6000.0
        self._files = [node.folder / "bench-key.pem", node.folder / "bench-trust.json"]
        self._files[0].touch(mode=0o600)
        self._files[0].write_bytes(key.to_pem(None))
        self._files[1].write_bytes(trust_of(NODE, node.keys.describe("evidence")).to_json())

    def prepare(self) -> Path:
        """Signed requests in a file; a session's calls are made by the generator, which shakes hands first."""
        file = self._node.folder / f"requests-{self._seed}"
        if not self.session:
            store(file, sign_all(self.key, self._enough(), seed=self._seed))
        self._seed += 1
        return file

    def start(
        self, gateway: Gateway, file: Path, *, connections: int = CONNECTIONS, alone: bool = False
    ) -> Load:
        """Begin one run."""
        times = [str(self._options.seconds), str(self._options.warmup), str(connections)]
        words = ["benchmarks._load", str(gateway.port), str(file), *times]
        if self.session:
            words = ["benchmarks._session_load", str(gateway.port), *map(str, self._files), *times,
                     str(self._enough()), *(["--alone"] if alone else [])]  # fmt: skip
        return Load(
            gateway,
            subprocess.Popen(
                [sys.executable, "-m", *words],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            ),
        )

    def _enough(self) -> int:
        return int(self.expected * 1.5 * (self._options.seconds + self._options.warmup)) + CONNECTIONS


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
            with suppress(psutil.NoSuchProcess):  # the server starts and ends some of its own
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
    node: BareNode, suite: str, caller: Caller, url: str, options: argparse.Namespace
) -> dict[str, float | str]:
    """Interleaved runs of everything for one suite; the medians."""
    key, name = caller.key, f"{suite} session" if caller.session else suite
    on = node.gateway("gw1")
    off = node.gateway("gw2", module="benchmarks._without_evidence")
    on.wait()
    off.wait()
    rates: dict[str, list[float]] = {"on": [], "off": [], "pgbench": [], "verify": [], "p99": [], "p50": []}
    for round_number in range(options.rounds):
        file = caller.prepare()
        spent = processor_seconds(on, node)
        with_evidence = caller.start(on, file).result()
        told = ", ".join(
            f"{part} {1e6 * (after - spent.get(part, 0.0)) / with_evidence['answered']:.0f}"
            for part, after in processor_seconds(on, node).items()
        )
        print(f"processor µs a request: {told}, load {with_evidence['processor_us']:.0f}", flush=True)
        without = caller.start(off, file, alone=True).result()
        text = pgbench(url, "-S", "-M", "prepared", "-c", "8", "-j", "2", "-n", "-T", str(options.pgbench))
        tps = re.search(r"tps = ([0-9.]+)", text)
        rates["pgbench"].append(float(tps.group(1)) if tps else 0.0)
        rates["verify"].append(verify_bound(key, options.verify))
        rates["on"].append(with_evidence["requests_per_s"])
        rates["p99"].append(with_evidence["p99_ms"])
        rates["p50"].append(with_evidence["p50_ms"])
        rates["off"].append(without["requests_per_s"])
        caller.expected = max(rates["off"])
        file.unlink(missing_ok=True)
        print(
            f"{name} round {round_number + 1}: " + ", ".join(f"{k} {v[-1]:.1f}" for k, v in rates.items()),
            flush=True,
        )
    on.stop()
    off.stop()
    middle = {name: statistics.median(values) for name, values in rates.items()}
    return {
        "suite": suite,
        "proven_by": "session" if caller.session else "signature",
        "requests_per_s": round(middle["on"], 1),
        "pgbench_per_s": round(middle["pgbench"], 1),
        "ratio": round(middle["on"] / middle["pgbench"], 4),
        "p99_ms": round(middle["p99"], 2),
        "evidence_us_per_request": round(1e6 * (1 / middle["on"] - 1 / middle["off"]), 1),
        "verify_bound_per_s": round(middle["verify"], 1),
        "without_evidence_per_s": round(middle["off"], 1),
        "of_verify_bound": round(middle["on"] / middle["verify"], 3),
    }


def scaling(node: BareNode, suite: str, caller: Caller, options: argparse.Namespace) -> dict[str, object]:
    """Calls a second of several gateway processes at once: one log each, nonces and quotas in one database."""
    gateways = [node.gateway(f"gw{number}") for number in range(11, 11 + max(options.processes))]
    for gateway in gateways:
        gateway.wait()
    rates: dict[int, list[float]] = {count: [] for count in options.processes}
    for round_number in range(options.rounds):
        for count in options.processes:
            files = [caller.prepare() for _ in range(count)]
            loads = [
                caller.start(gateway, file, connections=CONNECTIONS // count)
                for gateway, file in zip(gateways, files, strict=False)
            ]
            rates[count].append(sum(load.result()["requests_per_s"] for load in loads))
            print(f"{suite} round {round_number + 1}: {count} processes {rates[count][-1]:.0f}/s", flush=True)
    for gateway in gateways:
        gateway.stop()
    middle = {count: statistics.median(found) for count, found in rates.items()}
    return {
        "suite": suite,
        "proven_by": "session" if caller.session else "signature",
        "requests_per_s": {str(count): round(rate, 1) for count, rate in middle.items()},
        "gain": round(middle[max(middle)] / middle[min(middle)], 3),
    }


def on_its_node(suite: str, options: argparse.Namespace, *, session: bool) -> dict[str, object]:
    """The benchmark of one suite, on a node that signs its evidence by the same suite."""
    with tempfile.TemporaryDirectory(prefix="yw-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        node = BareNode(Path(folder), {"fsync": "on"}, suite=suite)
        node.start()
        try:
            url, keys = prepare(node)
            caller = Caller(node, keys[suite], options, session=session)
            if options.processes:
                return scaling(node, suite, caller, options)
            return dict(bench(node, suite, caller, url, options))
        finally:
            node.stop()


def counts(text: str) -> tuple[int, ...]:
    """Numbers of processes, such as `1,2`."""
    return tuple(sorted({int(part) for part in text.split(",")}))


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="yw bench gateway")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--warmup", type=float, default=0.5)
    parser.add_argument("--pgbench", type=int, default=2)
    parser.add_argument("--verify", type=float, default=1.0)
    parser.add_argument("--suite", choices=SUITES, action="append")
    parser.add_argument("--session", action="store_true", help="sessions alone")
    parser.add_argument(
        "--processes",
        type=counts,
        default=(),
        metavar="1,2",
        help="compare so many gateway processes of one node",
    )
    options = parser.parse_args(argv)
    modes = (True,) if options.session else (False,) if options.processes else (False, True)
    suites = [
        on_its_node(suite, options, session=session) for session in modes for suite in options.suite or SUITES
    ]
    name = "scaling" if options.processes else "suites"
    print(json.dumps({"benchmark": "gateway", "connections": CONNECTIONS, name: suites}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
