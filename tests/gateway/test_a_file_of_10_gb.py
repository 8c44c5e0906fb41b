"""A file of 10 GB, up, checked, down and taken back, by the commands that people use; memory stays small all the way.

The original is sparse: every chunk has a head of its own, so nothing is saved by storing equal ones once, and it takes
some megabytes of disk. The node and the receiver hold it whole, so 21 GB are needed. `YW_TEST_FILE_BYTES` makes it
smaller or larger.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from benchmarks._node import NODE
from benchmarks.file import Memory
from tests.gateway.shelf import CODE, Shelf, open_shelf, sql
from tests.gateway.stage import ITEM, Stage
from yiwang.vocabulary.crypto import SigningKey
from yiwang.vocabulary.manifest import CHUNK

LENGTH: Final = int(os.environ.get("YW_TEST_FILE_BYTES", "10000000123"))
SPARE: Final = 1_000_000_000
RSS: Final = {"upload": 200, "download": 200, "gateway": 200, "worker": 300}
"""MiB that a process may hold whatever the length: 16 MiB of chunks beside what it takes to start (the worker some 210)."""
PATIENCE: Final = 3600
"""Seconds until a step is believed to stand still; nothing here is about speed."""


def needed(stage: Stage, here: Path) -> None:
    """Fail, and say so, where the disks are too small: a test of large files that is skipped tests nothing."""
    wanted: dict[int, tuple[int, Path]] = {}
    for folder, length in ((stage.node.node.folder, LENGTH), (here, LENGTH)):
        device = folder.stat().st_dev
        wanted[device] = (wanted.get(device, (SPARE, folder))[0] + length, folder)
    for length, folder in wanted.values():
        free = shutil.disk_usage(folder).free
        if free < length:
            pytest.fail(
                f"{folder} has {free / 1e9:.1f} GB free and {length / 1e9:.1f} GB are needed; set TMPDIR to a larger disk",
                pytrace=False,
            )


def written(path: Path) -> str:
    """Write the original; its SHA-256, computed by nothing of ours."""
    whole, zeros = hashlib.sha256(), bytes(CHUNK)
    with path.open("wb") as file:
        for start in range(0, LENGTH, CHUNK):
            size = min(CHUNK, LENGTH - start)
            head = hashlib.sha256(f"chunk {start}".encode()).digest()[:size]
            file.seek(start)
            file.write(head)
            whole.update(head)
            whole.update(memoryview(zeros)[: size - len(head)])
        file.truncate(LENGTH)
    return whole.hexdigest()


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def called(folder: Path, stage: Stage, key: SigningKey, *words: str) -> tuple[str, int]:
    """Run a command of the client; what it said and the most memory it held, in MiB."""
    pem = folder / f"{words[0]}.pem"
    pem.write_bytes(key.to_pem())
    pem.chmod(0o600)
    command = [sys.executable, "-m", "yiwang.bootstrap.cli", "client", *words]
    command += ["--gateway", stage.one.url, "--key", str(pem), "--node", NODE]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    memory = Memory(process.pid)
    said, trouble = process.communicate(timeout=PATIENCE)
    held = memory.stop()
    assert process.returncode == 0, trouble[-2000:]
    return said, held


@contextlib.contextmanager
def worker(stage: Stage) -> Iterator[subprocess.Popen[bytes]]:
    """The worker as a node runs it."""
    command = [sys.executable, "-m", "django", "procrastinate", "worker", "--concurrency", "4"]
    environment = stage.node.environment(YW_DATABASE_URL=stage.node.urls.app)
    with (stage.node.node.logs / "worker.log").open("wb") as out:
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30)


def until_checked(shelf: Shelf, path: str) -> str:
    """The state in the end; a file this long may be checked for minutes."""
    ends = time.monotonic() + PATIENCE
    while (state := shelf.state(path)) == "checking":
        assert time.monotonic() < ends, "the check stands still"
    return state


def until_destroyed(stage: Stage, chunks: Path, at: subprocess.Popen[bytes]) -> None:
    """Until the worker has destroyed every chunk, row and file."""
    ends = time.monotonic() + PATIENCE
    while sql(stage, "SELECT count(*) FROM files_chunk WHERE refs = 0") != [(0,)]:
        assert at.poll() is None, (stage.node.node.logs / "worker.log").read_text()[-2000:]
        assert time.monotonic() < ends, "chunks stay that nobody refers to"
        time.sleep(1)
    assert not [one for one in chunks.rglob("*") if one.is_file()]


@pytest.mark.long
def test_a_file_of_10_gb_goes_up_and_down_whole_while_every_process_stays_small(stage: Stage) -> None:
    shelf = open_shelf(stage)
    grant = stage.grant(
        resource=CODE, modes=("file",), fields=(), predicates=(), required=(), claims=(),
        not_after=int(time.time()) + 86_400,
    )  # fmt: skip
    held: dict[str, int] = {}
    chunks = stage.node.node.folder / "files" / "chunks"
    with tempfile.TemporaryDirectory(prefix="yw-10-gb-") as name, worker(stage) as working:
        here = Path(name)
        needed(stage, here)
        original = here / "年报.bin"
        digest = written(original)
        watched = {"gateway": Memory(stage.one.process.pid), "worker": Memory(working.pid)}

        said, held["upload"] = called(here, stage, shelf.provider, "upload", str(original), "--to", CODE)
        number = said.partition(" ")[0]
        assert until_checked(shelf, f"/v1/files/{number}") == "ready"
        assert shelf.send("HEAD", f"/v1/files/{number}").response.headers["yw-file-sha256"] == digest
        original.unlink()

        said, held["download"] = called(
            here, stage, stage.key, "download", CODE, "--file", number, "--into", str(here / "in"),
            "--purpose", ITEM, "--grant", grant.id, "--evidence", str(here / "receipt.json"),
        )  # fmt: skip
        got = here / "in" / "年报.bin"
        assert said.split() == [str(got), digest]
        assert (got.stat().st_size, digest_of(got)) == (LENGTH, digest)
        assert sql(
            stage, "SELECT received_at IS NOT NULL FROM files_delivery WHERE file_id = %s", number
        ) == [(True,)]

        called(here, stage, shelf.provider, "withdraw", number)
        until_destroyed(stage, chunks, working)
        held |= {process: memory.stop() for process, memory in watched.items()}
        print(f"{LENGTH:,} bytes; MiB at the most: {held}")
        assert not {process: held[process] for process in RSS if held[process] > RSS[process]}
