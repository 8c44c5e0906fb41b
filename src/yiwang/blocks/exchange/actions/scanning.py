"""A scan runs: in the worker, read-only and paced, told table by table, stopped on a word, begun again when it broke off.

Values are in memory while the census looks; what is written is its draft, which holds none. Since nothing that was
half seen may be kept, a scan that broke off begins again with its first table.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from urllib.parse import quote

import msgspec
from django.utils import timezone

from yiwang.blocks.exchange.actions.surveying import compare_entries
from yiwang.blocks.exchange.domain import errors
from yiwang.blocks.exchange.store.connecting import address_of
from yiwang.blocks.exchange.store.hosts import allowed_hosts
from yiwang.blocks.exchange.store.models import Source
from yiwang.blocks.exchange.store.rows import SYSTEM
from yiwang.blocks.exchange.store.scan_models import Scan, ScanTable
from yiwang.blocks.identity.public import acting
from yiwang.dataplane.census.draft import Draft
from yiwang.dataplane.census.opening import Place
from yiwang.dataplane.census.same_datum import holdings_of
from yiwang.dataplane.census.scan import scan
from yiwang.dataplane.census.source import Limits
from yiwang.vocabulary.errors import YwError

MOST_ATTEMPTS = 3
SILENT = timedelta(minutes=3)
"""A scan not heard of for so long lost its worker: a statement takes ten seconds at most."""
TOLD_EVERY = 0.5
"""Seconds between two notes of progress."""
_log = logging.getLogger(__name__)


class _Stopped(Exception):
    """The officer stopped the scan."""


def run_scan(scan_id: str) -> str:
    """Run a scan that waits, or one that lost its worker; returns its state afterwards. Safe to call twice."""
    row = _claim(scan_id, timezone.now())
    if row is None:
        return ""
    try:
        with _place(row) as (place, password):
            draft = scan(
                [place],
                Limits(statements=float(row.rate), include=tuple(row.tables.split())),
                timezone.localtime(),
                allowed=allowed_hosts(),
                passwords=lambda _at: password,
                progress=_Teller(row.id),
            )
    except _Stopped:
        return _end(row.id, "cancelled")
    except YwError as error:
        return _end(row.id, "failed", error)
    except Exception as error:
        _log.error("scan %s: %s", row.id, type(error).__name__)
        return _end(row.id, "failed", errors.ScanBroke(kind=type(error).__name__))
    return _keep(row, draft)


def waiting_scans(now: datetime) -> tuple[str, ...]:
    """Scans that wait, or whose worker was not heard of; those that broke off too often are failed."""
    with acting(SYSTEM):
        lost = Scan.objects.filter(state="running", beat_at__lt=now - SILENT)
        for one in lost.filter(attempts__gte=MOST_ATTEMPTS).values_list("pk", flat=True):
            _end(one, "failed", errors.ScanInterrupted(times=MOST_ATTEMPTS))
        waiting = Scan.objects.filter(state="waiting", created_at__lt=now - timedelta(seconds=20))
        return tuple((lost | waiting).order_by("created_at").values_list("pk", flat=True))


def _claim(scan_id: str, now: datetime) -> Scan | None:
    with acting(SYSTEM):
        row = Scan.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=scan_id).first()
        if row is None:
            return None
        lost = row.state == "running" and (row.beat_at is None or row.beat_at < now - SILENT)
        if row.state != "waiting" and not lost:
            return None
        row.state, row.beat_at, row.attempts, row.done, row.total = "running", now, row.attempts + 1, 0, 0
        row.save(update_fields=["state", "beat_at", "attempts", "done", "total"])
        return row


@contextmanager
def _place(row: Scan) -> Iterator[tuple[Place, str | None]]:
    """Where the scan looks, and the password; an uploaded file lies in a folder of its own until the scan ends."""
    if row.content is not None:
        with tempfile.TemporaryDirectory(prefix="yw-scan-") as folder:
            suffix = "".join(Path(row.place).suffixes[-2:]).lower()
            path = Path(folder) / f"upload{suffix}"
            path.write_bytes(bytes(row.content))
            yield Place(str(path), row.agency_name), None
        return
    with acting(SYSTEM):
        source = Source.objects.filter(pk=row.source_id, state="active").first()
    if source is None:
        raise errors.SourceUnknown(source=row.source_id or row.place)
    at = address_of(source)
    host = f"[{at.host}]" if ":" in at.host else at.host
    address = f"postgresql://{quote(at.user, safe='')}@{host}:{at.port}/{quote(at.database, safe='')}"
    yield Place(address, row.agency_name), at.password


class _Teller:
    """Notes progress, seldom enough not to matter, and hears whether the scan is to stop."""

    def __init__(self, scan_id: str) -> None:
        self._scan = scan_id
        self._next = 0.0

    def __call__(self, path: str, done: int, total: int) -> None:
        """See `yiwang.dataplane.census.scan.Progress`."""
        if monotonic() < self._next and done < total:
            return
        with acting(SYSTEM):
            mine = Scan.objects.filter(pk=self._scan, state="running")
            if not mine.filter(cancelling=False).exists():
                raise _Stopped
            mine.update(done=done, total=total, at_table=path[:300], beat_at=timezone.now())
        self._next = monotonic() + TOLD_EVERY


def _end(scan_id: str, state: str, error: YwError | None = None) -> str:
    problem = {} if error is None else _told(error)
    with acting(SYSTEM):
        Scan.objects.filter(pk=scan_id).exclude(state="done").update(
            state=state, finished_at=timezone.now(), content=None, problem=problem, at_table=""
        )
    return state


def _told(error: YwError) -> dict[str, str]:
    return {
        "code": error.code, "zh": error.text("zh"), "en": error.text("en"), "mend_zh": error.mend("zh"),
        "mend_en": error.mend("en"),
    }  # fmt: skip


def _keep(row: Scan, draft: Draft) -> str:
    """Write the proposals and hold them against the entries, in one transaction."""
    now = timezone.now()
    with acting(SYSTEM):
        kept = Scan.objects.select_for_update(of=("self",)).filter(pk=row.pk, state="running").first()
        if kept is None:
            return ""
        if kept.cancelling:
            return _end(row.pk, "cancelled")
        # a file is known by its name, not by where it lay while it was read
        tables = [replace(one, source=row.place) for one in draft.resources]
        kept.looked_at.all().delete()
        rows = [
            ScanTable(
                scan=kept, position=position, table=one.table[:300], title=one.title[:300], columns=len(one.items),
                marked=sum(item.mark is not None for item in one.items),
                lists=sum(item.code_list is not None for item in one.items), proposal=msgspec.to_builtins(one),
                holdings=msgspec.to_builtins(holdings_of(one)),
            )
            for position, one in enumerate(tables)
        ]  # fmt: skip
        ScanTable.objects.bulk_create(rows, batch_size=200)
        kept.candidates = msgspec.to_builtins(draft.candidates)
        kept.remarks = msgspec.to_builtins(draft.remarks)
        kept.state, kept.finished_at, kept.content, kept.at_table = "done", now, None, ""
        kept.done = kept.total = len(tables)
        kept.save()
        compare_entries(kept, {one.table: one for one in tables}, now)
    return "done"
