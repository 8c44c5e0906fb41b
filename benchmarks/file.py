"""A file of 2 GB through the hub on loopback, up and down, beside `cp` and the SM3 digest of the same file.

The client is the command that people use, in a process of its own; the gateway is one process with its database, and
its memory is sampled. Up counts until the file is checked and may be fetched; down until it is confirmed. The ceiling
is what a careful person does by hand with one disk: `cp`, then the digest. Run as `./yw bench file`; the last line is
one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil
import psycopg

from benchmarks._node import NODE, BareNode, Gateway, client
from yiwang.blocks.exchange.domain.compiled import CompiledGrant, CompiledResource
from yiwang.blocks.exchange.domain.sandbox import NO_SOURCE
from yiwang.vocabulary.crypto import SUITES, SigningKey, generate

CODE = "306001003/7"
PROVIDER, CONSUMER = "11290000MB00000017", "11290000MB0000003G"
ITEM = "item:000114002000"
BLOCK = 4 << 20


class Memory:
    """The largest resident set of one process among this and its children, looked at twenty times a second."""

    def __init__(self, process: int) -> None:
        self._process = psutil.Process(process)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.largest = 0
        self._thread.start()

    def _look(self) -> None:
        while not self._over.wait(0.05):
            try:
                family = [self._process, *self._process.children(recursive=True)]
                self.largest = max(self.largest, *(one.memory_info().rss for one in family))
            except psutil.NoSuchProcess:
                continue

    def stop(self) -> int:
        """MiB at the most."""
        self._over.set()
        self._thread.join()
        return round(self.largest / (1 << 20))


def main() -> None:
    """Measure each round after the other in one process tree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=2048)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--suite", choices=sorted(SUITES), default="sm2-sm3")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="yw-file-", dir=os.environ.get("YW_BENCH_DIR")) as name:
        folder = Path(name)
        folder.chmod(0o755)
        print(json.dumps(_measured(folder, given.megabytes, given.rounds, given.suite)))


def _measured(folder: Path, megabytes: int, rounds: int, suite: str) -> dict[str, object]:
    node = BareNode(folder / "node", {"shared_buffers": "32MB"}, suite=suite)
    node.folder.mkdir()
    node.folder.chmod(0o755)
    node.start()
    try:
        keys = {"provider": generate(suite), "consumer": generate(suite)}
        gateway = _opened(node, keys)
        for one, key in keys.items():
            (folder / f"{one}.pem").write_bytes(key.to_pem())
            (folder / f"{one}.pem").chmod(0o600)
        found: list[dict[str, float]] = []
        memory = Memory(gateway.process.pid)
        for number in range(rounds):
            found.append(_round(folder, gateway, SUITES[suite].hash_name, megabytes, number))
            print(f"round {number}: {found[-1]}", flush=True)
        best = max(found, key=lambda one: min(one["up_ratio"], one["down_ratio"]))
        return {"bench": "file", "megabytes": megabytes, "suite": suite, **best, "rss_mib": memory.stop()}
    finally:
        node.stop()


def _opened(node: BareNode, keys: dict[str, SigningKey]) -> Gateway:
    now = int(time.time())
    gateway = node.gateway("gw1")
    node.publish(
        CompiledResource(CODE, "年报", "Reports", 1, PROVIDER, (), (), "", "", NO_SOURCE),
        client("provider-1", PROVIDER, keys["provider"]),
        client("consumer-1", CONSUMER, keys["consumer"]),
        CompiledGrant(
            id="G-2026-000001", version=1, resource=CODE, consumer=CONSUMER, modes=("file",), fields=(), predicates=(),
            required=(), purposes=(ITEM,), not_before=now - 10, not_after=now + 86400,
        ),
    )  # fmt: skip
    with psycopg.connect(node.admin.replace("/postgres", "/yiwang")) as connection:
        connection.execute(
            "INSERT INTO files_shelf (resource, agency, open, largest, media, after_delivery, unfetched, created_at, created_by)"
            " VALUES (%s, %s, true, %s, '[]', 30, 180, now(), 'bench')",
            [CODE, PROVIDER, 1 << 40],
        )
    gateway.wait()
    return gateway


def _round(folder: Path, gateway: Gateway, hash_name: str, megabytes: int, number: int) -> dict[str, float]:
    original = folder / f"original-{number}.bin"
    _write(original, megabytes)
    copy, got = folder / "copy.bin", folder / f"got-{number}"
    started = time.perf_counter()
    subprocess.run(["cp", original, copy], check=True)
    os.sync()
    copied = time.perf_counter() - started
    started = time.perf_counter()
    subprocess.run(["openssl", "dgst", f"-{hash_name}", copy], check=True, stdout=subprocess.DEVNULL)
    digested = time.perf_counter() - started
    copy.unlink()
    up = _command(folder, gateway, "provider", "upload", str(original), "--to", CODE)
    file = up[1].partition(" ")[0]
    down = _command(
        folder, gateway, "consumer", "download", CODE, "--file", file, "--into", str(got), "--purpose", ITEM
    )
    subprocess.run(["cmp", original, got / original.name], check=True)
    shutil.rmtree(got)
    original.unlink()
    ceiling = copied + digested
    return {
        "cp_s": round(copied, 2), "digest_s": round(digested, 2), "up_s": round(up[0], 2), "down_s": round(down[0], 2),
        "up_ratio": round(ceiling / up[0], 3), "down_ratio": round(ceiling / down[0], 3),
    }  # fmt: skip


def _command(folder: Path, gateway: Gateway, who: str, *arguments: str) -> tuple[float, str]:
    """Run the client as people do; seconds and what it said."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "yiwang.bootstrap.cli", "client", *arguments, "--gateway", gateway.url,
         "--key", str(folder / f"{who}.pem"), "--node", NODE],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{arguments[0]}: {done.stderr[-2000:]}")
    return time.perf_counter() - started, done.stdout


def _write(path: Path, megabytes: int) -> None:
    """Chunks that are all different, so that nothing is saved by storing one of them once."""
    seed = os.urandom(BLOCK)
    with path.open("wb") as file:
        for number in range(0, megabytes << 20, BLOCK):
            file.write(number.to_bytes(8, "big") + seed[8:])
        file.truncate(megabytes << 20)
        file.flush()
        os.fsync(file.fileno())


if __name__ == "__main__":
    main()
