"""The supervisor restarts what dies and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from yiwang.bootstrap.node import NodeFolder, Ports, PortTaken
from yiwang.bootstrap.supervisor import AlreadyRunning, Child, Supervisor

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]


def supervisor(folder: Path, *children: Child) -> Supervisor:
    node = NodeFolder(folder)
    node.prepare()
    return Supervisor(node, dict(os.environ), None, list(children), say=lambda _: None)


def test_a_child_that_dies_is_started_again(tmp_path: Path) -> None:
    child = Child("sleeper", SLEEPER)
    watch = supervisor(tmp_path, child)
    watch.start_children()
    assert child.process is not None
    first = child.process.pid
    os.kill(first, signal.SIGKILL)
    child.process.wait()
    now = time.monotonic()
    watch.step(now)
    report = json.loads(watch.node.processes_file.read_text())["processes"][0]
    assert (report["running"], report["last_exit"]) == (False, -signal.SIGKILL)
    watch.step(now + 0.1)
    assert not child.running, "it waits before it starts a dying child again"
    watch.step(now + 1)
    assert child.running
    watch.stop()
    assert not child.running


KEEPER = """
import tempfile, time
from pathlib import Path
kept = tempfile.mkdtemp(prefix="yw-import-")
(Path(kept) / "rows.csv").write_text("账号")
time.sleep(60)
"""


def test_what_a_killed_child_had_laid_down_for_a_moment_goes_before_it_is_started_again(
    tmp_path: Path,
) -> None:
    child, other = (
        Child("web", [sys.executable, "-c", KEEPER]),
        Child("worker", [sys.executable, "-c", KEEPER]),
    )
    watch = supervisor(tmp_path, child, other)
    watch.start_children()
    scratch = watch.node.scratch

    def laid(name: str) -> list[Path]:
        deadline = time.monotonic() + 60
        while not (found := list((scratch / name).glob("yw-import-*/rows.csv"))):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return found

    (first,), (theirs,) = laid("web"), laid("worker")
    assert (scratch / "web").stat().st_mode & 0o777 == 0o700
    assert child.process is not None
    child.process.kill()
    child.process.wait()
    now = time.monotonic()
    watch.step(now)
    watch.step(now + 1)
    assert not first.exists()
    assert theirs.exists(), "another child is still at its own"
    laid("web")
    watch.stop()
    assert not scratch.exists()


def test_a_second_supervisor_of_the_same_folder_is_refused(tmp_path: Path) -> None:
    first = supervisor(tmp_path)
    first.claim()
    with pytest.raises(AlreadyRunning):
        supervisor(tmp_path).claim()
    first.stop()
    again = supervisor(tmp_path)
    again.claim()
    again.stop()


def test_a_port_in_use_is_named_before_anything_starts() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken) as caught:
            Ports(port, port + 1, port + 2).check_free(database=False)
    assert str(port) in caught.value.text("zh")
