"""Whole nodes of the cascade in one process: a database and keys for each, and a wire between them that can fail."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client, override_settings

from tests.store.exchange.cast import OPERATOR
from yiwang.blocks.cascade import public as cascade
from yiwang.blocks.cascade.public import refused_by, unreachable
from yiwang.vocabulary.crypto import FileKeyProvider, use_key_provider

LEVELS = {"nation": "nation", "gansu": "province", "lanzhou": "city"}
Fault = Callable[[str, bytes], bytes]
"""Takes where a request goes and the answer, gives the answer that arrives; may raise PeerUnreachable."""


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Network:
    """Nodes by name; `at` makes one of them the node of this process."""

    databases: dict[str, str]
    keys: dict[str, FileKeyProvider]
    folder: Path
    faults: list[Fault] = field(default_factory=list)
    requests: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)
    client: Client = field(default_factory=Client)
    _now: str = ""
    _open: dict[str, BaseDatabaseWrapper] = field(default_factory=dict)

    @contextmanager
    def at(self, name: str) -> Iterator[None]:
        before = self._now
        self._enter(name)
        zone = "extranet" if name != "stranger" else "internet"
        try:
            with override_settings(
                YW_NODE=name, YW_LEVEL=LEVELS.get(name, "city"), YW_ZONE=zone, YW_NODE_TITLE=f"节点 {name}",
                YW_PUBLIC_URL=f"http://{name}.example", YW_GATEWAY_URL=f"http://{name}.example:8001",
                ALLOWED_HOSTS=["*"],
            ):  # fmt: skip
                yield
        finally:
            self._enter(before)

    def _enter(self, name: str) -> None:
        self._now = name
        if name:
            # threads of a test open connections of their own, by the settings
            connections.settings["default"]["NAME"] = self.databases[name]
            connections["default"] = self._connection(name)
            use_key_provider(self.keys[name])

    def _connection(self, name: str) -> BaseDatabaseWrapper:
        """Each node keeps its connection: one opened anew reads the whole catalogue again."""
        if name not in self._open:
            made = connections.create_connection("default")
            made.settings_dict = {**made.settings_dict, "NAME": self.databases[name]}
            self._open[name] = made
        return self._open[name]

    def close(self) -> None:
        for held in self._open.values():
            held.close()

    def post(self, node: str, url: str, headers: Mapping[str, str], body: bytes) -> bytes:
        """The wire: see `Transport.post`."""
        name = url.split("//", 1)[1].split(".", 1)[0]
        self.requests.append((url, headers, body))
        path = "/" + url.split("/", 3)[3]
        with self.at(name):
            response = self.client.post(path, body, content_type="application/json", headers=dict(headers))
        answer = bytes(response.content)
        if response.status_code != 200:
            raise refused_by(node, response.status_code, answer)
        for fault in self.faults:
            answer = fault(url, answer)
        return answer

    def join(self, parent: str, child: str) -> None:
        with self.at(parent):
            invitation = cascade.invite(OPERATOR, now())
        with self.at(child):
            cascade.join_by_invitation(OPERATOR, invitation, self, now())

    def settle(self, *, heads: bool = False) -> None:
        """Until nobody has anything new for anybody."""
        for _ in range(2):
            for name in self.databases:
                with self.at(name):
                    cascade.follow(self, now, heads=heads)


def cut(url: str, answer: bytes) -> bytes:
    """The line is dead."""
    del answer
    raise unreachable(url, "cut")


_numbers = itertools.count(1)


def database_names(names: tuple[str, ...]) -> dict[str, str]:
    return {name: f"cascade_{next(_numbers)}_{name}" for name in names}
