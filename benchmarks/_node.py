"""A node without pages: database, tables, keys, compiled documents and gateway processes.

Benchmarks and tests of running gateways stand on it. Compiled documents are written as the blocks write them:
under the lock and with the notice of an epoch, unless the notice is to be lost.
"""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx
import msgspec
import psycopg

from yiwang.blocks.exchange.domain.compiled import CompiledGrant, CompiledResource, CompiledSource
from yiwang.blocks.exchange.domain.sealing import seal_password
from yiwang.blocks.identity.domain.compiled import CompiledClient, CompiledKey
from yiwang.bootstrap.database import migrate, prepare_embedded
from yiwang.bootstrap.embedded import EmbeddedServer, free_port
from yiwang.bootstrap.node import DatabaseUrls, NodeFolder
from yiwang.vocabulary.crypto import FileKeyProvider, SigningKey

NODE = "lanzhou"
READY_SECONDS = 30.0
Document = CompiledClient | CompiledGrant | CompiledResource
_TABLES: dict[type[Document], str] = {
    CompiledClient: "identity_compiled_client",
    CompiledGrant: "exchange_compiled_grant",
    CompiledResource: "exchange_compiled_resource",
}


@dataclass
class Gateway:
    """A gateway process."""

    log: str
    port: int
    process: subprocess.Popen[bytes]
    output: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait(self) -> None:
        """Until it is healthy; an early end is an error with the last lines of its log."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                if httpx.get(f"{self.url}/healthz", timeout=1).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.02)
        raise RuntimeError(f"{self.log} did not start:\n{self.output.read_text(errors='replace')[-3000:]}")

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass
class BareNode:
    """One node below `folder`, on a server of its own or on the one of `superuser_url`."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    suite: str = "sm2-sm3"
    mode: str = "test"
    server: EmbeddedServer | None = None
    gateways: list[Gateway] = field(default_factory=list)

    def start(self) -> None:
        """Server, roles, tables and keys; no gateway yet."""
        self.node = NodeFolder(self.folder)
        self.node.prepare()
        self.server = EmbeddedServer(self.folder / "pg", free_port(), settings=self.settings)
        facts = self.server.start()
        self.admin = facts.url("postgres")
        self.urls: DatabaseUrls = prepare_embedded(self.admin, self.node)
        migrate(self.urls.owner, self.environment())
        self.keys = FileKeyProvider(self.node.keys, create=True, suite_name=self.suite)
        self.keys.signing_key("evidence")

    def stop(self) -> None:
        for gateway in self.gateways:
            gateway.stop()
        if self.server is not None:
            self.server.stop()

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("YW_")}
        return {
            **kept,
            "DJANGO_SETTINGS_MODULE": "yiwang.bootstrap.settings",
            "YW_DATA": str(self.node.folder),
            "YW_NODE": NODE,
            "YW_MODE": self.mode,
            "YW_EVIDENCE_SUITE": self.suite,
            "YW_GATEWAY_DATABASE_URL": self.urls.gateway if hasattr(self, "urls") else "",
            "YW_SOURCE_HOSTS": "127.0.0.1",
            **more,
        }

    def gateway(self, log: str = "gw1", module: str = "yiwang.gateway", **more: str) -> Gateway:
        """Start a gateway process; wait for it with `Gateway.wait`."""
        port = free_port()
        output = self.node.logs / f"{log}-{port}.log"
        with output.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", module],
                env=self.environment(YW_GATEWAY_LOG=log, YW_GATEWAY_PORT=str(port), **more),
                stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            )  # fmt: skip
        started = Gateway(log, port, process, output)
        self.gateways.append(started)
        return started

    def database(self, name: str, *, encoding: str = "UTF8") -> str:
        """A department's database with a read-only role `reader`; returns its superuser URL."""
        with psycopg.connect(self.admin, autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'reader'").fetchone()
            if known is None:
                connection.execute("CREATE ROLE reader LOGIN PASSWORD 'reader-password'")
            connection.execute(f"CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0")
        parts = urlsplit(self.admin)
        url = parts._replace(path=f"/{name}").geturl()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reader")
        return url

    def source(
        self, name: str, *, timeout_ms: int = 3000, pool_size: int = 4, **other: str | int
    ) -> CompiledSource:
        """The facts of a source on this server, its password sealed."""
        parts = urlsplit(self.admin)
        return CompiledSource(
            id=name,
            host=str(other.get("host", unquote(parts.hostname or ""))),
            port=int(other.get("port", parts.port or 0)),
            database=name,
            user="reader",
            sealed_password=seal_password(self.keys, 1, name, str(other.get("password", "reader-password"))),
            pool_size=pool_size,
            timeout_ms=timeout_ms,
        )

    def publish(self, *documents: Document, state: str = "active", notify: bool = True) -> int:
        """Write compiled documents as their blocks do; `notify=False` loses the notice."""
        with psycopg.connect(self.urls.owner) as connection:
            for document in documents:
                connection.execute("SELECT pg_advisory_xact_lock(7301)")
                row = connection.execute("SELECT nextval('journal_epoch_seq')").fetchone()
                epoch = int(row[0]) if row else 0
                name = document.code if isinstance(document, CompiledResource) else document.id
                connection.execute(
                    f"INSERT INTO {_TABLES[type(document)]} (id, epoch, state, doc) VALUES (%s, %s, %s, %s) "
                    "ON CONFLICT (id) DO UPDATE SET epoch = excluded.epoch, state = excluded.state, doc = excluded.doc",
                    [name, epoch, state, msgspec.json.encode(document).decode()],
                )
                if notify:
                    connection.execute("SELECT pg_notify('yw_compiled', %s)", [str(epoch)])
        return epoch


def client(name: str, agency: str, *keys: SigningKey, not_after: int | None = None) -> CompiledClient:
    """A client application with these keys, in force since yesterday."""
    since = int(time.time()) - 86400
    return CompiledClient(
        name,
        agency,
        tuple(
            CompiledKey(
                key.kid, key.suite.name, base64.b64encode(key.public.spki_der).decode(), since, not_after
            )
            for key in keys
        ),
    )
