"""A resource's files as its provider, its receivers and auditors see them. Row-level security says the same again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.db.models import Q

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.files.actions.shelves import ShelfForm
from yiwang.blocks.files.domain.keeping import EndReason, FileState, Finding, kept_until
from yiwang.blocks.files.store.models import Delivery, File, Shelf
from yiwang.blocks.identity.public import APPROVER, AUDITOR, DATA_OFFICER, Actor
from yiwang.blocks.organisation.public import agencies_by_uscc

SHOWN = 100


@dataclass(frozen=True)
class DeliveryView:
    """What became of a file at one receiver; `evidence` and `receipt` are (log, index) of leaves."""

    consumer: str
    consumer_name: str
    client: str
    grant: str
    opened_at: datetime
    received_at: datetime | None
    sent: int
    evidence: tuple[str, int] | None
    receipt: tuple[str, int] | None


@dataclass(frozen=True)
class FileView:
    """A file on a page."""

    id: str
    name: str
    media: str
    length: int
    uploaded: int
    state: FileState
    finding: Finding
    finding_text: str
    ended: EndReason
    hash: str
    digest: str
    sha256: str
    mark: str
    client: str
    created_at: datetime
    ready_at: datetime | None
    expires_at: datetime
    kept_until: datetime | None
    deliveries: tuple[DeliveryView, ...]

    @property
    def share(self) -> int:
        """How much of it has arrived, in per cent."""
        return self.uploaded * 100 // self.length if self.length else 100


@dataclass(frozen=True)
class ShelfView:
    """A resource's exchange by file, as one person sees it.

    `mine`: the actor delivers here; `grants`: under which the actor's agency may fetch; `holders`: agencies that may.
    """

    resource: str
    agency: str
    is_open: bool
    form: ShelfForm
    mine: bool
    grants: tuple[str, ...]
    holders: dict[str, str]
    files: tuple[FileView, ...]


@exchange.as_actor
def shelf(actor: Actor, resource: str, now: datetime) -> ShelfView:
    """The files of a resource. Raises: ResourceUnknown."""
    entry = exchange.resource_entry(actor, resource, now)
    row = Shelf.objects.filter(pk=resource).first()
    mine = bool(actor.agency) and entry.resource.provider == actor.agency and actor.has(DATA_OFFICER)
    grants = [
        one
        for one in exchange.grants(actor, side="consumer", resource=resource, state="active")
        if "file" in one.modes
    ]
    rows = File.objects.filter(resource=resource, part=False).order_by("-created_at", "-pk")
    own = bool(actor.agency) and entry.resource.provider == actor.agency and actor.has(DATA_OFFICER, APPROVER)
    if not own and not actor.has(AUDITOR):
        reach = Q(deliveries__consumer=actor.agency) | (Q(state="ready") if grants else Q(pk__in=()))
        rows = rows.filter(reach).distinct()
        rows = rows if actor.agency and actor.has(DATA_OFFICER, APPROVER) else rows.none()
    holders = exchange.holders(resource, "file", now) if own else {}
    return ShelfView(
        resource=resource,
        agency=entry.resource.provider,
        is_open=row is not None and row.open,
        form=_form(row),
        mine=mine,
        grants=tuple(one.id for one in grants),
        holders=holders,
        files=_views(list(rows[:SHOWN]), row, set(holders) if own else None),
    )


def _form(row: Shelf | None) -> ShelfForm:
    if row is None:
        return ShelfForm()
    return ShelfForm(
        row.largest, msgspec.convert(row.media, tuple[str, ...]), row.after_delivery, row.unfetched
    )


def _views(rows: list[File], shelf_row: Shelf | None, holders: set[str] | None) -> tuple[FileView, ...]:
    deliveries: dict[str, list[Delivery]] = defaultdict(list)
    for one in Delivery.objects.filter(file__in=rows):
        deliveries[one.file_id].append(one)
    agencies = agencies_by_uscc({one.consumer for several in deliveries.values() for one in several})
    names = {code: agency.name("zh") for code, agency in agencies.items()}
    return tuple(_view(row, deliveries[row.pk], names, shelf_row, holders) for row in rows)


def _view(
    row: File, deliveries: list[Delivery], names: dict[str, str], shelf_row: Shelf | None, holders: set[str] | None
) -> FileView:  # fmt: skip
    return FileView(
        id=row.pk, name=row.name, media=row.media, length=row.length, uploaded=row.uploaded,
        state=msgspec.convert(row.state, FileState), finding=msgspec.convert(row.finding, Finding),
        finding_text=row.finding_text, ended=msgspec.convert(row.ended, EndReason), hash=row.hash, digest=row.digest, sha256=row.sha256,
        mark=row.mark, client=row.client, created_at=row.created_at, ready_at=row.ready_at,
        expires_at=row.expires_at,
        kept_until=end_of(row, deliveries, shelf_row, holders) if holders is not None else None,
        deliveries=tuple(
            DeliveryView(
                one.consumer, names.get(one.consumer, one.consumer), one.client, one.grant, one.opened_at,
                one.received_at, one.sent, _place(one.evidence), _place(one.receipt),
            )
            for one in deliveries
        ),
    )  # fmt: skip


def end_of(
    row: File, deliveries: list[Delivery], shelf_row: Shelf | None, holders: set[str]
) -> datetime | None:
    """When a file's days are over, as things stand; None before it is ready."""
    if row.ready_at is None or row.state != "ready":
        return None
    form = _form(shelf_row)
    received = {one.consumer: one.received_at for one in deliveries if one.received_at is not None}
    return kept_until(
        row.ready_at, list(received.values()), len(holders - set(received)),
        after_delivery=form.after_delivery, unfetched=form.unfetched,
    )  # fmt: skip


def _place(text: str) -> tuple[str, int] | None:
    log, _, index = text.partition("/")
    return (log, int(index)) if log and index.isdigit() else None
