"""What peers of the cascade keep of this node's logs, for an audit: heads, and leaves that they hold."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from yiwang.bootstrap.identity import use_identity
from yiwang.bootstrap.node import NodeFolder
from yiwang.bootstrap.running import database_of
from yiwang.vocabulary.crypto import SUITES
from yiwang.vocabulary.merkle import leaf_hash

if TYPE_CHECKING:
    from yiwang.blocks.cascade.public import CascadeError, KeptHeads
    from yiwang.blocks.journal.public import Report, Witness

PAUSES = (1.0, 4.0)
"""Seconds before a peer that did not answer is asked again: an audit is rare, and blind where a peer is silent."""


@dataclass(frozen=True)
class Heard:
    """What peers said: the leaves that they hold (log, index, leaf hash) and why others were silent, by peer."""

    held: dict[str, list[tuple[str, int, str]]] = field(default_factory=dict)
    silent: dict[str, CascadeError] = field(default_factory=dict)


def ask_peers(folder: Path, witnesses: list[Witness]) -> Heard:
    """Ask every active peer; the heads that they keep are added to `witnesses`."""
    use_identity(folder)
    with database_of(NodeFolder(folder)) as urls:
        os.environ["YW_DATABASE_URL"] = urls.app
        from django.conf import settings
        from django.db import connections

        from yiwang.bootstrap.settings import database

        settings.YW_NODE = os.environ.get("YW_NODE", settings.YW_NODE)
        settings.DATABASES["default"].update(database(urls.app))
        connections["default"].settings_dict.update(database(urls.app))
        from yiwang.blocks.cascade import public as cascade
        from yiwang.blocks.journal.public import Witness

        heard = Heard()
        for name in cascade.active_peers():
            try:
                kept = _kept_by(name)
            except cascade.CascadeError as problem:
                heard.silent[name] = problem
                continue
            witnesses.extend(Witness(f"a head that {name} keeps", one) for one in kept.heads)
            heard.held[name] = list(kept.leaves)
        connections["default"].close()
    return heard


def _kept_by(name: str) -> KeptHeads:
    from django.utils import timezone

    from yiwang.blocks.cascade import public as cascade
    from yiwang.bootstrap.following import HttpTransport

    for pause in PAUSES:
        try:
            return cascade.kept_by(name, HttpTransport(), timezone.now())
        except cascade.PeerUnreachable:
            time.sleep(pause)
    return cascade.kept_by(name, HttpTransport(), timezone.now())


def compare_leaves(
    folder: Path, reports: list[Report], held: Mapping[str, list[tuple[str, int, str]]]
) -> None:
    """Name the leaves that are not what a peer holds."""
    known = {report.log: report for report in reports}
    with database_of(NodeFolder(folder)) as urls, psycopg.connect(urls.app) as connection:
        rows = connection.execute("SELECT name, suite FROM journal_log")
        suites = {str(log): str(suite) for log, suite in rows}
        for name, leaves in held.items():
            for log, index, expected in leaves:
                if log not in known or log not in suites:
                    continue
                row = connection.execute(
                    "SELECT leaf FROM journal_leaf WHERE log = %s AND index = %s", [log, index]
                ).fetchone()
                text = str(row[0]).encode("utf-8") if row else b""
                if row is None or leaf_hash(SUITES[suites[log]], text).hex() != expected:
                    known[log].damage("held-leaf-differs", index=index, source=name)
