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
