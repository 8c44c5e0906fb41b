"""Offering a resource by file: a mount on the node's own store, beside its table or alone."""

from __future__ import annotations

from datetime import datetime

from yiwang.blocks.catalogue.public import resource as catalogue_resource
from yiwang.blocks.exchange.domain import errors
from yiwang.blocks.exchange.domain.serving import FILES
from yiwang.blocks.exchange.store.acting import as_actor
from yiwang.blocks.exchange.store.compiled import store_resource
from yiwang.blocks.exchange.store.models import Mount, Source
from yiwang.blocks.exchange.store.news import mount_event
from yiwang.blocks.exchange.store.numbers import next_number
from yiwang.blocks.identity.public import DATA_OFFICER, Actor

_NAME = "本平台文件区"


@as_actor
def offer_files(actor: Actor, resource: str, now: datetime) -> None:
    """Serve a resource of the actor's agency by file as well; nothing happens where it is already.

    Raises: NotAllowed, ResourceUnknown.
    """
    _check_provider(actor, resource)
    row = _mount(resource)
    if row is None:
        row = Mount(
            id=next_number("M", now), resource=resource, source=_store_of(actor, now), agency=actor.agency,
            columns=[], modes=[], checked_at=now, created_at=now, created_by=actor.name,
        )  # fmt: skip
    elif "file" in row.modes:
        return
    row.modes = [*row.modes, "file"]
    row.save()
    store_resource(row)
    mount_event("changed" if len(row.modes) > 1 else "made", row, now)


@as_actor
def end_files(actor: Actor, resource: str, reason: str, now: datetime) -> None:
    """Serve a resource by file no longer. Raises: NotAllowed, ResourceUnknown."""
    _check_provider(actor, resource)
    row = _mount(resource)
    if row is None or "file" not in row.modes:
        return
    row.modes = [mode for mode in row.modes if mode != "file"]
    if not row.modes:
        row.state, row.ended_at, row.ended_reason = "withdrawn", now, reason.strip()
    row.save()
    store_resource(row)
    mount_event("changed" if row.modes else "ended", row, now)


def _check_provider(actor: Actor, resource: str) -> None:
    entry = catalogue_resource(actor, resource)
    if not actor.agency or entry.provider != actor.agency or not actor.has(DATA_OFFICER):
        raise errors.NotAllowed(
            needs_zh="该资源提供方的数据专员", needs_en="a data officer of the resource's provider"
        )


def _mount(resource: str) -> Mount | None:
    rows = Mount.objects.select_related("source").select_for_update(of=("self",))
    return rows.filter(resource=resource).exclude(state="withdrawn").first()


def _store_of(actor: Actor, now: datetime) -> Source:
    row = Source.objects.filter(agency=actor.agency, kind=FILES).first()
    if row is None:
        row = Source.objects.create(
            id=next_number("S", now), agency=actor.agency, agency_name=actor.agency_name, name=_NAME, kind=FILES,
            host="", port=0, database="", user="", sealed_password="", created_at=now, created_by=actor.name,
        )  # fmt: skip
    return row
