"""A node's folder: where its keys, logs and database lie, which ports it takes and what its processes are told."""

from __future__ import annotations

import json
import os
import secrets
import socket
from dataclasses import asdict, dataclass
from pathlib import Path

from yiwang.vocabulary.errors import YwError


class PortTaken(YwError):
    """Another process already listens on a port that the node needs."""

    code = "port-taken"
    permanent = False
    message_zh = "端口 {port} 已被占用（{what}）。"
    message_en = "Port {port} is already in use ({what})."
    mend_zh = "换一个端口：--port N；或停掉占用它的进程。"
    mend_en = "Choose another one with --port N, or stop the process that uses it."


class NotANode(YwError):
    """The folder given with --data holds no node."""

    code = "not-a-node"
    message_zh = "{folder} 不是一个节点目录：里面没有 database.json。"
    message_en = "{folder} is not a node's folder: it holds no database.json."
    mend_zh = "先运行 ./yw demo --data DIR，或用 --data 指出已有的节点目录。"
    mend_en = "Run ./yw demo --data DIR first, or point --data at an existing node's folder."


@dataclass(frozen=True)
class DatabaseUrls:
    """One database, five ways in: `owner` migrates, `app` serves pages, `gateway` writes evidence.

    `share` reads what declared systems share, as the exchange reads any source; `quality` counts what is in their tables,
    for the rules of their owners. Both are empty on a node that was set up by an older version and not started since.
    """

    owner: str
    app: str
    gateway: str
    share: str = ""
    quality: str = ""


class NodeFolder:
    """The folder of one node. Everything that must survive a restart lies below it, secrets with mode 0600."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; nothing is created yet."""
        self.folder = folder.resolve()
        self.keys = self.folder / "keys"
        self.logs = self.folder / "logs"
        self.scratch = self.folder / "tmp"
        self.database_file = self.folder / "database.json"
        self.processes_file = self.folder / "processes.json"

    def prepare(self) -> None:
        """Create the folders and the secret of the web process where they are missing."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.keys.mkdir(mode=0o700, exist_ok=True)
        self.logs.mkdir(exist_ok=True)
        secret = self.keys / "web.secret"
        if not secret.exists():
            write_private(secret, secrets.token_urlsafe(48))

    def store_urls(self, urls: DatabaseUrls) -> None:
        """Remember how the node's database is reached."""
        write_private(
            self.database_file,
            json.dumps(asdict(urls), indent=1),
        )

    def urls(self) -> DatabaseUrls:
        """How the node's database is reached. Raises: NotANode."""
        try:
            stored = json.loads(self.database_file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise NotANode(folder=str(self.folder)) from None
        return DatabaseUrls(
            owner=stored["owner"],
            app=stored["app"],
            gateway=stored["gateway"],
            share=stored.get("share", ""),
            quality=stored.get("quality", ""),
        )


@dataclass(frozen=True)
class Ports:
    """Loopback ports of one node: pages, gateway and (embedded) database, in a row from the first."""

    web: int
    gateway: int
    database: int

    @classmethod
    def from_first(cls, first: int) -> Ports:
        """The row that begins with the pages' port."""
        return cls(first, first + 1, first + 2)

    def check_free(self, *, database: bool) -> None:
        """Raises: PortTaken, before anything is started."""
        wanted = [(self.web, "web"), (self.gateway, "gateway")]
        if database:
            wanted.append((self.database, "database"))
        for port, what in wanted:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    raise PortTaken(port=port, what=what) from None


def environment(
    node: NodeFolder, ports: Ports, urls: DatabaseUrls, *, mode: str, name: str
) -> dict[str, str]:
    """What every process of the node is told through its environment."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "yiwang.bootstrap.settings",
        "PYTHONUNBUFFERED": "1",
        "YW_DATA": str(node.folder),
        "YW_MODE": mode,
        "YW_NODE": name,
        "YW_DATABASE_URL": urls.app,
        "YW_GATEWAY_DATABASE_URL": urls.gateway,
        "YW_GATEWAY_PORT": str(ports.gateway),
        "YW_PUBLIC_URL": os.environ.get("YW_PUBLIC_URL", f"http://127.0.0.1:{ports.web}"),
        "YW_GATEWAY_URL": os.environ.get("YW_GATEWAY_URL", f"http://127.0.0.1:{ports.gateway}"),
        "YW_SOURCE_HOSTS": os.environ.get("YW_SOURCE_HOSTS", "127.0.0.1" if mode == "demo" else ""),
    }


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    draft = path.with_name(path.name + ".draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
