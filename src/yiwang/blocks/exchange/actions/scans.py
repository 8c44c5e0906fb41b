"""A scan is ordered, stopped, forgotten; its proposals are corrected and become drafts of entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePath
from typing import Literal

import msgspec

from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.exchange.domain import errors
from yiwang.blocks.exchange.store.acting import as_actor
from yiwang.blocks.exchange.store.models import Source
from yiwang.blocks.exchange.store.numbers import next_number
from yiwang.blocks.exchange.store.reach import sources_in_reach
from yiwang.blocks.exchange.store.scan_models import Scan, ScanTable, Survey
from yiwang.blocks.exchange.store.scan_queue import hand_over
from yiwang.blocks.exchange.store.scan_rows import choice_of, proposal_of, scan_in_reach
from yiwang.blocks.identity.public import DATA_OFFICER, Actor
from yiwang.blocks.journal.public import record_event

LARGEST_FILE = 20 * 1024 * 1024
"""Bytes of an uploaded file."""
SUFFIXES = (".csv", ".csv.gz", ".tsv", ".xlsx", ".parquet", ".db", ".sqlite", ".sqlite3")
MOST_AT_ONCE = 3
"""Scans of one agency that wait or run."""
RATES = (10, 50, 100)
"""Statements a second that an officer may choose from."""
RUNNING = ("waiting", "running")


@dataclass(frozen=True)
class ScanOrder:
    """What to look into: `tables` are patterns such as `hj.*`; `rate` is statements a second."""

    tables: tuple[str, ...] = ()
    rate: int = 50


@as_actor
def scan_source(actor: Actor, source_id: str, order: ScanOrder, now: datetime) -> str:
    """Have a source of the actor's own agency scanned; returns the scan's number.

    Raises: NotAllowed, SourceUnknown, ScanRunning.
    """
    _check_officer(actor)
    source = sources_in_reach(actor).select_for_update().filter(pk=source_id, state="active").first()
    if source is None or source.agency != actor.agency:
        raise errors.SourceUnknown(source=source_id)
    running = Scan.objects.filter(source=source, state__in=RUNNING).first()
    if running is not None:
        raise errors.ScanRunning(place=source.name, scan=running.id)
    return _order(actor, source.name, order, now, source=source)


@as_actor
def scan_file(actor: Actor, name: str, content: bytes, order: ScanOrder, now: datetime) -> str:
    """Have an uploaded file scanned; it is kept until then and no longer.

    Raises: NotAllowed, ScanFileWrong, ScanRunning.
    """
    _check_officer(actor)
    shown = PurePath(name.replace("\\", "/")).name[-100:]
    if not shown.lower().endswith(SUFFIXES) or not 0 < len(content) <= LARGEST_FILE:
        raise errors.ScanFileWrong(name=shown, limit=LARGEST_FILE // (1024 * 1024))
    return _order(actor, shown, order, now, content=content)


def _order(
    actor: Actor, place: str, order: ScanOrder, now: datetime, *, source: Source | None = None,
    content: bytes | None = None,
) -> str:  # fmt: skip
    running = Scan.objects.filter(agency=actor.agency, state__in=RUNNING)
    if running.count() >= MOST_AT_ONCE:
        raise errors.ScanRunning(place=running[0].place, scan=running[0].id)
    scan_id = next_number("C", now)
    Scan.objects.create(
        id=scan_id, agency=actor.agency, agency_name=actor.agency_name, source=source, place=place,
        content=content, tables="\n".join(order.tables)[:2000], rate=min(max(order.rate, 1), max(RATES)),
        created_at=now, by_username=actor.username, by_name=actor.name,
    )  # fmt: skip
    record_event("scan-ordered", now, provider=actor.agency, detail={"scan": scan_id})
    hand_over(scan_id)
    return scan_id


@as_actor
def cancel_scan(actor: Actor, scan_id: str, now: datetime) -> None:
    """Stop a scan: at once while it waits, before its next table while it runs. Raises: NotAllowed, ScanUnknown."""
    _check_officer(actor)
    row = scan_in_reach(actor, scan_id, lock=True)
    if row.state == "waiting":
        row.state, row.finished_at, row.content = "cancelled", now, None
    elif row.state == "running":
        row.cancelling = True
    row.save(update_fields=["state", "finished_at", "content", "cancelling"])


@as_actor
def forget_scan(actor: Actor, scan_id: str) -> None:
    """Remove a scan that has ended with its proposals; entries made of it stay. Raises: NotAllowed, ScanUnknown, ScanRunning."""
    _check_officer(actor)
    row = scan_in_reach(actor, scan_id, lock=True)
    if row.state in RUNNING:
        raise errors.ScanRunning(place=row.place, scan=row.id)
    row.delete()


@as_actor
def choose(actor: Actor, scan_id: str, choices: Mapping[int, catalogue.TableChoice]) -> None:
    """Keep what the officer made of proposals, by the table's position. Raises: NotAllowed, ScanUnknown, ScanNotDone."""
    _check_officer(actor)
    row = _done(actor, scan_id)
    for table in row.looked_at.select_for_update().filter(position__in=list(choices)):
        if not table.entry:
            table.choice = msgspec.to_builtins(choices[table.position])
            table.save(update_fields=["choice"])


@as_actor
def skip_tables(actor: Actor, scan_id: str, positions: Sequence[int], *, skip: bool) -> int:
    """Leave tables out, or take them back in; returns how many. Raises: NotAllowed, ScanUnknown, ScanNotDone."""
    _check_officer(actor)
    row = _done(actor, scan_id)
    tables = list(row.looked_at.select_for_update().filter(position__in=list(positions), entry=""))
    for table in tables:
        table.choice = msgspec.to_builtins(replace(choice_of(table), skip=skip))
    ScanTable.objects.bulk_update(tables, ["choice"])
    return len(tables)


@as_actor
def draft_entries(
    actor: Actor, scan_id: str, positions: Sequence[int], terms: catalogue.EntryTerms, now: datetime
) -> tuple[str, ...]:
    """Make drafts of entries from tables, all or none; returns their codes.

    Raises: NotAllowed, ScanUnknown, ScanNotDone, NothingChosen, EntriesInvalid, ClassUnknown.
    """
    _check_officer(actor)
    row = _done(actor, scan_id)
    tables = list(row.looked_at.select_for_update().filter(position__in=list(positions), entry=""))
    if not tables:
        raise errors.NothingChosen()
    made = []
    for table in tables:
        proposal, choice = proposal_of(table), choice_of(table)
        draft = catalogue.entry_of(proposal, choice, terms)
        try:
            code = catalogue.create_resource(actor, draft, now)
        except (catalogue.ResourceInvalid, catalogue.TitleTaken) as error:
            raise errors.EntriesInvalid(
                where_zh=_wrong(table.table, error, "zh"), where_en=_wrong(table.table, error, "en")
            ) from error
        table.entry = code
        table.choice = msgspec.to_builtins(replace(choice, skip=False, entry=code))
        table.save(update_fields=["entry", "choice"])
        left_out = [item.column for item in proposal.items if _left_out(item.column, draft)]
        items = {
            catalogue.item_of(item).wire: catalogue.basis_of(item)
            for item in proposal.items
            if item.column not in left_out
        }
        Survey.objects.update_or_create(
            resource=code,
            defaults={
                "agency": actor.agency, "source": row.source, "place": row.place, "table": table.table,
                "held": msgspec.to_builtins(catalogue.Held(items, tuple(left_out))), "checked_at": now,
                "scan": row.id,
            },
        )  # fmt: skip
        made.append(code)
    return tuple(made)


def _left_out(column: str, draft: catalogue.ResourceDraft) -> bool:
    return column.strip()[:100] not in {item.wire for item in draft.items}


def _wrong(
    table: str, error: catalogue.ResourceInvalid | catalogue.TitleTaken, language: Literal["zh", "en"]
) -> str:
    if isinstance(error, catalogue.ResourceInvalid):
        words = " ".join(p.zh if language == "zh" else p.en for p in error.problems[:3])
    else:
        words = error.text(language)
    return f"{table}: {words}"


def _done(actor: Actor, scan_id: str) -> Scan:
    row = scan_in_reach(actor, scan_id)
    if row.state != "done":
        raise errors.ScanNotDone(scan=scan_id)
    return row


def _check_officer(actor: Actor) -> None:
    if not (actor.agency and actor.has(DATA_OFFICER)):
        raise errors.NotAllowed(
            needs_zh="提供方的数据专员", needs_en="a data officer of the providing agency"
        )
