"""Bring a node up step by step: database, migrations, static files, processes, until it answers."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from yiwang.bootstrap.database import migrate, prepare_embedded, prepare_given
from yiwang.bootstrap.embedded import EmbeddedServer
from yiwang.bootstrap.identity import remember
from yiwang.bootstrap.node import DatabaseUrls, NodeFolder, Ports, environment, write_private
from yiwang.bootstrap.supervisor import Child, Supervisor, module
from yiwang.bootstrap.wiring import NodeKeys
from yiwang.vocabulary.crypto import FileKeyProvider
from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.evidence import trust_of

READY_SECONDS = 60.0
WEB_WORKERS = max(1, min(4, os.cpu_count() or 1))


class NotReady(YwError):
    """A process of the node did not answer in time."""

    code = "node-not-ready"
    permanent = False
    message_zh = "节点没有就绪：{what}。"
    message_en = "The node did not become ready: {what}."
    mend_zh = "请看 {logs} 里的日志。"
    mend_en = "See the logs in {logs}."


class ProductionRefused(YwError):
    """A production node may not run with what only a demonstration may use."""

    code = "production-refused"
    message_zh = "生产模式不接受文件密钥：{what}。"
    message_en = "Production refuses file keys: {what}."
    mend_zh = "生产须用密码设备（PKCS#11 或 SDF），本版还没有设备驱动；试用请设 YW_MODE=demo，只在本机开放。"
    mend_en = (
        "Production needs a cryptographic device (PKCS#11 or SDF), for which this version has no driver yet; "
        "for a trial set YW_MODE=demo, which serves this machine only."
    )


class Launch:
    """One start of one node."""

    def __init__(
        self,
        folder: Path,
        port: int,
        *,
        mode: str,
        name: str,
        say: Callable[[str], None] = print,
        more: Mapping[str, str] | None = None,
    ) -> None:
        """Name the folder, the first port, the mode (`demo` or `production`) and the node; `more` for its environment."""
        self.node = NodeFolder(folder)
        self.ports = Ports.from_first(port)
        if (
            self.node.database_file.exists()
        ):  # sources on the embedded server were registered with its first port
            stored = urlsplit(self.node.urls().owner).port
            self.ports = replace(self.ports, database=stored or self.ports.database)
        self.mode = mode
        self.name = name
        self.say = say
        self.url = f"http://127.0.0.1:{port}"
        self.gateway_url = f"http://127.0.0.1:{port + 1}"
        self.given = os.environ.get("YW_DATABASE_URL")
        self.server: EmbeddedServer | None = None
        self.supervisor: Supervisor | None = None
        self.environment: dict[str, str] = {}
        self.more: dict[str, str] = dict(more or {})

    def run(
        self,
        *,
        prepare: Callable[[DatabaseUrls], None] | None = None,
        ready: Callable[[], None] | None = None,
    ) -> None:
        """Start, prepare, serve, and return when everything has stopped.

        `prepare` runs with the database up and migrated, before any process serves; `ready` when all answer.
        """
        self.node.prepare()
        if self.mode != "demo" and not NodeKeys.production_ready:
            raise ProductionRefused(what=str(self.node.keys))
        supervisor = Supervisor(self.node, {}, None, [], self.say)
        supervisor.claim()
        self.ports.check_free(database=self.given is None)
        try:
            urls = self._database()
            supervisor.database = self.server
            self.environment = environment(self.node, self.ports, urls, mode=self.mode, name=self.name)
            self.environment |= self.more
            remember(self.node.folder, self.environment)
            migrate(urls.owner, self.environment)
            supervisor.environment = self.environment
            collect_static(self.node, self.environment)
            if prepare is not None:
                prepare(urls)
            pin_own_keys(self.node, self.name)
            supervisor.children = self._children()
            supervisor.start_children()
            self.supervisor = supervisor
            self._await_ready(supervisor)
            if ready is not None:
                ready()
        except BaseException:
            supervisor.stop()
            raise
        supervisor.watch()

    def _database(self) -> DatabaseUrls:
        if self.given:
            return prepare_given(self.given, self.node)
        self.server = EmbeddedServer(self.node.folder / "postgres", self.ports.database)
        facts = self.server.start()
        return prepare_embedded(facts.url("postgres"), self.node)

    def _children(self) -> list[Child]:
        web = [
            "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.ports.web), "--workers", str(WEB_WORKERS),
            "--blocking-threads", "4", "--no-ws", "--log-level", "warning", "yiwang.bootstrap.wsgi:application",
        ]  # fmt: skip
        return [
            Child("notary", module("yiwang.gateway.evidence.notary")),
            Child("gateway", module("yiwang.gateway")),
            # a scan may run for long: the minute's work goes on beside it
            Child(
                "worker",
                module(
                    "yiwang.bootstrap.starting",
                    "procrastinate",
                    "worker",
                    "--concurrency",
                    "4",
                    "--shutdown-graceful-timeout",
                    "4",
                ),
            ),
            Child("cascade", module("yiwang.bootstrap.following")),
            Child("subscriptions", module("yiwang.bootstrap.subscribing")),
            Child("web", [str(Path(sys.executable).parent / web[0]), *web[1:]]),
        ]

    def _await_ready(self, supervisor: Supervisor) -> None:
        deadline = time.monotonic() + READY_SECONDS
        waiting = {"gateway": f"{self.gateway_url}/healthz", "web": f"{self.url}/healthz"}
        while waiting and time.monotonic() < deadline:
            supervisor.step(time.monotonic())
            for name, address in list(waiting.items()):
                try:
                    if httpx.get(address, timeout=2.0).status_code == 200:
                        del waiting[name]
                except httpx.HTTPError:
                    continue
            time.sleep(0.1)
        if waiting:
            raise NotReady(what=", ".join(waiting), logs=str(self.node.logs))


def pin_own_keys(node: NodeFolder, name: str) -> None:
    """Write the public keys of the node's evidence beside its data, for the pages' console and for callers."""
    keys = FileKeyProvider(node.keys, create=True)
    keys.signing_key("evidence")
    write_private(
        node.folder / "trust.json", trust_of(name, keys.describe("evidence")).to_json().decode("utf-8")
    )


def collect_static(node: NodeFolder, environment: dict[str, str]) -> None:
    """Gather the pages' files under names with digests, compressed, when they changed since the last time.

    Raises: NotReady.
    """
    folder = Path(__file__).resolve().parent.parent / "portal" / "static"
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            facts = file.stat()
            digest.update(f"{file.relative_to(folder)} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    stamp = node.folder / "static.stamp"
    if stamp.exists() and stamp.read_text(encoding="ascii") == digest.hexdigest():
        return
    target = node.folder / "static"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    (target / "staticfiles.json").write_text('{"version": "1.1", "paths": {}, "hash": ""}', encoding="ascii")
    done = subprocess.run(
        [sys.executable, "-m", "yiwang.bootstrap.starting", "collectstatic", "--no-input", "--verbosity", "0"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise NotReady(what=f"static files: {done.stderr.strip()[-500:]}", logs=str(node.logs))
    stamp.write_text(digest.hexdigest(), encoding="ascii")
