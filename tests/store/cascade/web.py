"""The web process of one node, behind a line that a test cuts, kills and changes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.conftest import Server
from tests.gateway.line import Line
from tests.store.cascade.network import Network
from yiwang.bootstrap.embedded import free_port
from yiwang.bootstrap.following import HttpTransport
from yiwang.bootstrap.node import NodeFolder


class WebNode:
    """A node's pages as a process of their own; peers reach them over `line`."""

    def __init__(self, name: str, nodes: Network, server: Server, folder: Path) -> None:
        data = NodeFolder(folder / f"web-{name}")
        data.prepare()
        shutil.rmtree(data.keys, ignore_errors=True)
        shutil.copytree(nodes.folder / name, data.keys)
        self.port = free_port()
        self.output = folder / f"web-{name}.log"
        self._environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("YW_")},
            "DJANGO_SETTINGS_MODULE": "yiwang.bootstrap.settings", "YW_DATA": str(data.folder), "YW_NODE": name,
            "YW_LEVEL": "nation", "YW_MODE": "test", "YW_PUBLIC_URL": f"http://{name}.example",
            "YW_GATEWAY_URL": f"http://{name}.example:8001", "YW_DATABASE_URL": server.url(nodes.databases[name]),
        }  # fmt: skip
        self.start()
        self.line = Line(self.port)

    def start(self) -> None:
        with self.output.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port),
                 "--workers", "1", "--blocking-threads", "2", "--no-ws", "--log-level", "warning",
                 "yiwang.bootstrap.wsgi:application"],
                env=self._environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + 90
        while True:
            try:
                httpx.post(f"http://127.0.0.1:{self.port}/cascade/v1/pull", content=b"{}", timeout=30)
            except httpx.HTTPError:
                assert self.process.poll() is None, self.output.read_text()[-2000:]
                assert time.monotonic() < deadline, self.output.read_text()[-2000:]
                time.sleep(0.05)
            else:
                return

    def kill(self) -> None:
        """`kill -9` of the process and its workers, which are a group of their own."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, 9)
        self.process.wait()

    def close(self) -> None:
        self.kill()
        self.line.close()


class LineTransport:
    """The transport of a running node, led over a line."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._http = HttpTransport()

    def post(self, node: str, url: str, headers: Mapping[str, str], body: bytes) -> bytes:
        path = "/" + url.split("/", 3)[3]
        return self._http.post(node, self._line.url + path, headers, body)


@contextmanager
def served(name: str, nodes: Network, server: Server, folder: Path) -> Iterator[WebNode]:
    """A node's web process, ended with its whole group."""
    node = WebNode(name, nodes, server, folder)
    try:
        yield node
    finally:
        node.close()
