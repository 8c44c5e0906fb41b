"""Starting the nodes above the demo city, and joining nation, province and city."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from yiwang.bootstrap.demo.beyond import NODES
from yiwang.bootstrap.demo.beyond_story import play
from yiwang.bootstrap.launch import Launch, NotReady
from yiwang.bootstrap.node import write_private

READY_SECONDS = 280.0


class NodesAbove:
    """The two nodes, each under a supervisor of its own; they end with this process."""

    def __init__(self, folder: Path, port: int) -> None:
        """`folder` and first `port` of the city."""
        self._folder = folder / "nodes"
        self._port = port
        self._running: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        """Start both; they get ready while the city does."""
        for above in NODES:
            own = self._folder / above.name
            own.mkdir(parents=True, exist_ok=True)
            (own / "ready").unlink(missing_ok=True)
            self._running.append(
                subprocess.Popen(
                    [sys.executable, "-m", "yiwang.bootstrap.demo.beyond", above.name, str(own),
                     str(self._port + above.offset)],
                    stdin=subprocess.DEVNULL,
                )
            )  # fmt: skip
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop both."""
        for process in self._running:
            process.terminate()
        for process in self._running:
            process.wait()

    def facts(self, launch: Launch) -> list[tuple[str, str, str, str]]:
        """Name, level, pages and gateway of each node, from the top down."""
        found = [
            (above.name, above.level, _url(self._port + above.offset), _url(self._port + above.offset + 1))
            for above in NODES
        ]
        return [*found, (launch.name, "city", launch.url, launch.gateway_url)]

    def join(self, launch: Launch) -> None:
        """Wait for both, join them the first time, and write all three into demo.json. Raises: NotReady."""
        self._await()
        mark = self._folder / "joined.json"
        if not mark.exists():
            nation, province = (self._folder / above.name for above in NODES)
            _join(nation, province)
            _join(province, launch.node.folder)
            write_private(mark, "true")
        played = self._folder / "played.json"
        if not played.exists():
            launch.say("what the nodes have asked of each other")
            play(launch.node.folder, *(self._folder / above.name for above in reversed(NODES)))
            write_private(played, "true")
        file = launch.node.folder / "demo.json"
        told = json.loads(file.read_text(encoding="utf-8"))
        told["nodes"] = [
            {"name": name, "level": level, "url": url, "gateway": gateway}
            for name, level, url, gateway in self.facts(launch)
        ]
        write_private(file, json.dumps(told, ensure_ascii=False, indent=1))

    def _await(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        for above, process in zip(NODES, self._running, strict=True):
            while not (self._folder / above.name / "ready").exists():
                if process.poll() is not None or time.monotonic() > deadline:
                    raise NotReady(what=above.title, logs=str(self._folder / above.name / "logs"))
                time.sleep(0.1)


def _join(parent: Path, child: Path) -> None:
    invitation = _yw("invite", parent)
    _yw("join", child, invitation.strip())


def _yw(verb: str, folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "yiwang.bootstrap.cli.main", "cascade", verb, "--data", str(folder), "--as", "zhouyan",
         *arguments],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise NotReady(what=f"cascade {verb}: {done.stderr.strip()[-500:]}", logs=str(folder))
    return done.stdout


def _url(port: int) -> str:
    return f"http://127.0.0.1:{port}"
