"""Reach a node's database from a command, whether the node is running or not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg

from yiwang.bootstrap.embedded import EmbeddedServer
from yiwang.bootstrap.node import DatabaseUrls, NodeFolder


@contextmanager
def database_of(node: NodeFolder) -> Iterator[DatabaseUrls]:
    """The node's database; an embedded one that is not running is started for the time being.

    Raises: NotANode, ServerNotStarted.
    """
    urls = node.urls()
    folder = node.folder / "postgres"
    if _answers(urls.app) or not (folder / "cluster" / "PG_VERSION").exists():
        yield urls
        return
    server = EmbeddedServer(folder, urlsplit(urls.owner).port or 5432)
    server.start()
    try:
        yield urls
    finally:
        server.stop()


def _answers(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=3):
            return True
    except psycopg.OperationalError:
        return False
