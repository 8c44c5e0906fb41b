"""Runs a node's processes: starts them in order, restarts what dies, stops them cleanly.

The supervisor is the only parent. It writes `processes.json` beside the node's data at every change, so that
`/healthz` and the operator's pages can name what is wrong.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

from yiwang.bootstrap.embedded import EmbeddedServer
from yiwang.bootstrap.node import NodeFolder, write_private
from yiwang.vocabulary.errors import YwError

STOP_SECONDS = 10.0
LONGEST_PAUSE = 15.0
CALM_SECONDS = 30.0
_PR_SET_PDEATHSIG = 1


class AlreadyRunning(YwError):
    """Another supervisor already runs this node."""

    code = "node-already-running"
    permanent = False
    message_zh = "这个节点已经在运行：{folder}。"
    message_en = "This node is already running: {folder}."
    mend_zh = "先停掉它（在它的终端里按 Ctrl-C），或用 --data 另选目录。"
    mend_en = "Stop it first (Ctrl-C in its terminal), or choose another folder with --data."


@dataclass
class Child:
    """One supervised process: what to run, and how it has fared."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    restarts: int = 0
    pause: float = 0.5
    due: float = 0.0
    last_exit: int | None = None

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self.process is not None and self.process.poll() is None


@dataclass
class Supervisor:
    """Keeps the children of one node running until told to stop."""

    node: NodeFolder
    environment: Mapping[str, str]
    database: EmbeddedServer | None
    children: list[Child]
    say: Callable[[str], None] = print
    _stopping: bool = field(default=False, init=False)
    _lock: IO[str] | None = field(default=None, init=False)

    def claim(self) -> None:
        """Take the node for this process alone. Raises: AlreadyRunning."""
        lock = (self.node.folder / "supervisor.lock").open("w", encoding="ascii")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise AlreadyRunning(folder=str(self.node.folder)) from None
        self._lock = lock

    def start_children(self) -> None:
        """Start every child that is not running yet."""
        for child in self.children:
            if not child.running:
                self._start(child)
        self._report()

    def watch(self) -> None:
        """Restart what dies until SIGINT or SIGTERM; returns after everything has stopped."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask_to_stop)
        while not self._stopping:
            self.step(time.monotonic())
            time.sleep(0.2)
        self.stop()

    def step(self, now: float) -> None:
        """One look at every child: note deaths, restart after a pause that doubles while it keeps dying."""
        if self.database is not None and not self._database_runs():
            self.say("database stopped: starting it again")
            self.database.start()
        changed = False
        for child in self.children:
            if child.running:
                if child.restarts and now - child.started > CALM_SECONDS:
                    child.pause = 0.5
                continue
            if child.process is not None:
                child.last_exit = child.process.returncode
                child.process = None
                child.due = now + child.pause
                child.pause = min(child.pause * 2, LONGEST_PAUSE)
                child.restarts += 1
                self.say(
                    f"{child.name} stopped (exit {child.last_exit}): restarting, see logs/{child.name}.log"
                )
                changed = True
            elif now >= child.due:
                self._start(child)
                changed = True
        if changed:
            self._report()

    def stop(self) -> None:
        """Stop the children, newest first, then the database; each gets time to end, then is killed."""
        self._stopping = True
        for child in reversed(self.children):
            if child.process is not None and child.running:
                child.process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for child in reversed(self.children):
            if child.process is None:
                continue
            try:
                child.process.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
        shutil.rmtree(self.node.scratch, ignore_errors=True)
        if self.database is not None:
            self.database.stop()
        self._report()
        if self._lock is not None:
            self._lock.close()

    def _database_runs(self) -> bool:
        return self.database is not None and self.database.pid is not None and _lives(self.database.pid)

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        if not self._stopping:
            self.say("stopping …")
        self._stopping = True

    def _start(self, child: Child) -> None:
        log: Path = self.node.logs / f"{child.name}.log"
        with log.open("ab") as out:
            child.process = subprocess.Popen(
                child.command,
                env={**self.environment, "TMPDIR": str(self._scratch(child))},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - one thread runs here
                start_new_session=True,
            )
        child.started = time.monotonic()

    def _scratch(self, child: Child) -> Path:
        """The child's own folder for files of the moment, empty: one that was killed could not take its own away."""
        folder = self.node.scratch / child.name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def _report(self) -> None:
        rows = [
            {
                "name": child.name,
                "running": child.running,
                "pid": child.process.pid if child.process else None,
                "restarts": child.restarts,
                "last_exit": child.last_exit,
            }
            for child in self.children
        ]
        write_private(self.node.processes_file, json.dumps({"processes": rows}, indent=1))


def _die_with_parent() -> None:
    """Children end when the supervisor is killed outright (Linux)."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _lives(pid: int) -> bool:
    try:
        state = (
            Path(f"/proc/{pid}/stat")
            .read_text(encoding="ascii", errors="replace")
            .rsplit(")", 1)[1]
            .split()[0]
        )
    except OSError:
        return False
    return state not in ("Z", "X")


def module(*arguments: str) -> list[str]:
    """The command that runs a module of this package with this interpreter."""
    return [sys.executable, "-m", *arguments]
