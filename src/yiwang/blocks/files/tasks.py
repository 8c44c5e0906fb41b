"""What the worker does with files: tells people, ends what is over, destroys chunks that nobody refers to.

Safe to repeat, and to run in two workers at once.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from yiwang.blocks.catalogue.public import resources_by_code
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import SYSTEM
from yiwang.blocks.files.domain.keeping import EndReason
from yiwang.blocks.files.queries.files import end_of
from yiwang.blocks.files.store.folder import store_of, stores
from yiwang.blocks.files.store.models import Chunk, Delivery, File, Shelf
from yiwang.blocks.identity.public import acting
from yiwang.blocks.journal.public import record_event
from yiwang.dataplane.filestore.errors import FileStoreError
from yiwang.dataplane.filestore.store import landing_name

_log = logging.getLogger(__name__)
AT_ONCE: Final = 200
STRAY: Final = timedelta(hours=1)
REFUSED_DAYS: Final = 30
"""Days after which the bytes of a refused file are destroyed; its record stays."""
_RELEASE: Final = """
UPDATE files_chunk c SET refs = c.refs - n.times
FROM (SELECT digest, count(*) AS times FROM files_part WHERE file_id = %s GROUP BY digest) n WHERE c.digest = n.digest
"""


@dataclass(frozen=True)
class Swept:
    """How much one round did."""

    told: int = 0
    expired: int = 0
    ended: int = 0
    chunks: int = 0


def tick(now: datetime) -> Swept:
    """One round. A disk that fails leaves the rest for the next one."""
    told = _tell(now)
    expired = _end_each("arriving", now)
    ended = _end_each("ready", now) + _end_each("refused", now)
    try:
        chunks = _remove_chunks()
        for store in stores():
            store.strays((now - STRAY).timestamp())
    except FileStoreError as problem:
        _log.warning("files: %s", problem.text("en"))
        chunks = 0
    return Swept(told, expired, ended, chunks)


def _tell(now: datetime) -> int:
    """Tell receivers of what is ready, and the sender of what was refused."""
    told = 0
    for state in ("ready", "refused"):
        with acting(SYSTEM):
            ids = list(
                File.objects.filter(state=state).exclude(told=state).values_list("pk", flat=True)[:AT_ONCE]
            )
        for one in ids:
            with acting(SYSTEM):
                row = (
                    File.objects.select_for_update(skip_locked=True)
                    .filter(pk=one)
                    .exclude(told=state)
                    .first()
                )
                if row is None:
                    continue
                _tell_of(row, now)
                row.told = state
                row.save(update_fields=["told"])
                told += 1
    return told


def _tell_of(row: File, now: datetime) -> None:
    entry = resources_by_code({row.resource}).get(row.resource)
    title = entry.title if entry else row.resource
    link = f"files:{row.resource}"
    if row.state == "refused":
        exchange.tell(
            "file-refused", now, agency=row.provider, roles=exchange.OFFICERS, link=link, resource=title,
            code=row.resource, file=row.name, text=row.finding,
        )  # fmt: skip
        return
    for consumer in exchange.holders(row.resource, "file", now):
        exchange.tell(
            "file-ready", now, agency=consumer, roles=exchange.OFFICERS, link=link, resource=title,
            code=row.resource, file=row.name,
        )  # fmt: skip


def _end_each(state: str, now: datetime) -> int:
    with acting(SYSTEM):
        rows = File.objects.filter(state=state).order_by("created_at")
        if state == "arriving":
            rows = rows.filter(expires_at__lte=now)
        elif state == "refused":
            rows = rows.filter(arrived_at__lte=now - timedelta(days=REFUSED_DAYS))
        ids = [row.pk for row in rows[: AT_ONCE * 5] if state != "ready" or _is_over(row, now)]
    done = 0
    for one in ids[:AT_ONCE]:
        with acting(SYSTEM):
            row = File.objects.select_for_update(skip_locked=True).filter(pk=one, state=state).first()
            if row is None or (state == "arriving" and row.expires_at > now):
                continue
            if state == "ready" and not _is_over(row, now):
                continue
            reasons: dict[str, EndReason] = {
                "arriving": "expired", "ready": "kept-long-enough", "refused": "refused",
            }  # fmt: skip
            _end(row, reasons[state], now)
            done += 1
        if state == "arriving":
            store_of(row.hash).drop(landing_name(row.pk, row.uploaded))
    return done


def _is_over(row: File, now: datetime) -> bool:
    deliveries = list(Delivery.objects.filter(file=row))
    holders = set(exchange.holders(row.resource, "file", now))
    end = end_of(row, deliveries, Shelf.objects.filter(pk=row.resource).first(), holders)
    return end is not None and end <= now


def _end(row: File, reason: EndReason, now: datetime) -> None:
    """Let the chunks of a file go, in the transaction at hand."""
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, [row.pk])
    row.parts.all().delete()
    row.state, row.ended, row.ended_at = "ended", reason, now
    row.save(update_fields=["state", "ended", "ended_at"])
    record_event(
        "file-ended", now, provider=row.provider, resource=row.resource,
        detail={"file": row.pk, "reason": reason, "length": row.length},
    )  # fmt: skip


def _remove_chunks() -> int:
    """Destroy chunks without references, each under its row's lock: whoever would refer to it waits, and puts it anew."""
    with acting(SYSTEM):
        unheld = list(Chunk.objects.filter(refs=0).values_list("pk", flat=True)[: AT_ONCE * 10])
    removed = 0
    for digest in unheld:
        with acting(SYSTEM):
            row = Chunk.objects.select_for_update(skip_locked=True).filter(pk=digest, refs=0).first()
            if row is None:
                continue
            store_of(row.hash).remove(row.digest)
            row.delete()
            removed += 1
    return removed
