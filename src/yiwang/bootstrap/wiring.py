"""Where what the blocks ask for is put in: the node's keys. Every Django process of the node passes here once."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import unquote, urlsplit

from django.apps import AppConfig

from yiwang.vocabulary.crypto import FileKeyProvider, KeyRecord, SigningKey, use_key_provider

if TYPE_CHECKING:
    from yiwang.blocks.cascade.public import Transport
    from yiwang.dataplane.connectors.facts import SourceAddress


class NodeKeys:
    """The key provider of this node, opened when a key is first asked for, so that commands without keys need none."""

    production_ready: ClassVar[bool] = FileKeyProvider.production_ready

    def __init__(self, directory: Path) -> None:
        """`directory` is made with the first key."""
        self._directory = directory
        self._opened: FileKeyProvider | None = None

    def signing_key(self, purpose: str, now: datetime | None = None) -> SigningKey:
        """See `KeyProvider.signing_key`."""
        return self._provider().signing_key(purpose, now)

    def sealing_key(self, purpose: str, *, existing: bool = False) -> bytes:
        """See `KeyProvider.sealing_key`."""
        return self._provider().sealing_key(purpose, existing=existing)

    def retire_sealing_key(self, purpose: str) -> None:
        """See `KeyProvider.retire_sealing_key`."""
        self._provider().retire_sealing_key(purpose)

    def describe(self, purpose: str | None = None) -> tuple[KeyRecord, ...]:
        """See `KeyProvider.describe`."""
        return self._provider().describe(purpose)

    def _provider(self) -> FileKeyProvider:
        if self._opened is None:
            self._opened = FileKeyProvider(self._directory, create=True)
        return self._opened


class Bootstrap(AppConfig):
    """Listed last among the installed apps: wires when all of them are loaded."""

    name = "yiwang.bootstrap"
    label = "bootstrap"

    def ready(self) -> None:
        """Wire the node's keys, and tell the catalogue those who know its users and who waits for an entry."""
        from django.conf import settings

        from yiwang.blocks.cascade import public as cascade
        from yiwang.blocks.catalogue.public import use_announcer, use_listener, use_withdrawal_listener
        from yiwang.blocks.delivery.public import use_beyond, use_rule_book, use_waker
        from yiwang.blocks.demand.public import entry_published
        from yiwang.blocks.exchange.public import announce_change, use_scan_queue, use_step_listener
        from yiwang.blocks.quality.public import use_own_database, use_run_queue
        from yiwang.bootstrap.beyond_tables import OtherNodes
        from yiwang.bootstrap.rulebook import QualityRules

        use_key_provider(NodeKeys(Path(settings.YW_DATA) / "keys"))
        use_announcer(announce_change)
        use_listener(entry_published)
        use_listener(cascade.entry_published)
        use_withdrawal_listener(cascade.entry_withdrawn)
        use_step_listener(cascade.step_taken)
        cascade.use_transport(_other_nodes)
        use_scan_queue(_scan_in_worker)
        use_run_queue(_judge_in_worker)
        use_own_database(_own_database)
        use_beyond(OtherNodes())
        use_rule_book(QualityRules())
        use_waker(_deliver_in_worker)


def _own_database() -> SourceAddress | None:
    """The node's database as runs of quality rules reach it; None on a node that was not started since there is that role."""
    from django.conf import settings

    from yiwang.bootstrap.node import NodeFolder, NotANode
    from yiwang.dataplane.connectors.facts import SourceAddress

    try:
        parts = urlsplit(NodeFolder(Path(settings.YW_DATA)).urls().quality)
    except NotANode:
        return None
    if not parts.hostname:
        return None
    return SourceAddress(
        parts.hostname, parts.port or 5432, parts.path.lstrip("/"), unquote(parts.username or ""),
        unquote(parts.password or ""),
    )  # fmt: skip


def _other_nodes() -> Transport:
    """The way to other nodes, opened by the first page that needs it."""
    from yiwang.bootstrap.following import HttpTransport

    return HttpTransport()


def _scan_in_worker(scan_id: str) -> None:
    """Queue the scan with the transaction at hand."""
    from yiwang.bootstrap.tasks import scan_place

    scan_place.defer(scan_id=scan_id)


def _deliver_in_worker() -> None:
    """Have the worker look for table jobs with the commit of the transaction at hand; several calls are one."""
    from django.db import transaction
    from procrastinate.exceptions import AlreadyEnqueued

    from yiwang.bootstrap.tasks import deliver_tables

    with suppress(AlreadyEnqueued), transaction.atomic():
        deliver_tables.defer()


def _judge_in_worker(resource: str) -> None:
    """Queue a run of the resource's rules with the transaction at hand; several waiting runs of one are one."""
    from django.db import transaction
    from procrastinate.exceptions import AlreadyEnqueued

    from yiwang.bootstrap.tasks import judge_resource

    with (
        suppress(AlreadyEnqueued),
        transaction.atomic(),
    ):  # a savepoint: the queue refuses by an error of the database
        judge_resource.configure(queueing_lock=f"quality-{resource}").defer(resource=resource)
