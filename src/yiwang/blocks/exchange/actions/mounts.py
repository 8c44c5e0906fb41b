"""Mounting resources on tables of a source, and looking whether they still fit."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from yiwang.blocks.catalogue.public import resource as catalogue_resource
from yiwang.blocks.catalogue.public import resources_by_code
from yiwang.blocks.exchange.actions.forms import MountForm
from yiwang.blocks.exchange.domain import errors
from yiwang.blocks.exchange.domain.drifting import drifts
from yiwang.blocks.exchange.domain.mount import ColumnMap, Drift
from yiwang.blocks.exchange.domain.mounting import MountPlan, fitted, key_columns, key_is_declared
from yiwang.blocks.exchange.domain.serving import FILES
from yiwang.blocks.exchange.store.acting import as_actor
from yiwang.blocks.exchange.store.compiled import store_resource
from yiwang.blocks.exchange.store.connecting import opened_source
from yiwang.blocks.exchange.store.faults import keep_fault
from yiwang.blocks.exchange.store.models import Grant, Mount, Source
from yiwang.blocks.exchange.store.news import mount_event, tell_of_mount
from yiwang.blocks.exchange.store.numbers import next_number
from yiwang.blocks.exchange.store.reach import mounts_in_reach, sources_in_reach
from yiwang.blocks.exchange.store.rows import SYSTEM, columns_of, drift_of, json_of, refuse_if
from yiwang.blocks.identity.public import DATA_OFFICER, OPERATOR, Actor, acting
from yiwang.dataplane.connectors.errors import ConnectorError, RelationMissing, RightMissing
from yiwang.dataplane.connectors.facts import RelationFacts
from yiwang.vocabulary.forms import Problem

SAMPLE_ROWS = 20


def mount_resource(actor: Actor, form: MountForm, now: datetime) -> str:
    """Mount a resource of the actor's agency after a sample of its table was read; returns the mount's number.

    Raises: NotAllowed, ResourceUnknown, SourceUnknown, MountedAlready, FormInvalid, ConnectorError.
    """
    with acting(actor):
        source = _source_for(actor, form)
        _free(form.resource)
    columns, declared = _fitted(actor, source, form)
    with acting(actor):
        row = _free(form.resource) or Mount(
            id=next_number("M", now), resource=form.resource, agency=actor.agency, created_at=now,
            created_by=actor.name,
        )  # fmt: skip
        row.source = source
        _fill(row, form, columns, declared, now)
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError as error:
            raise errors.MountedAlready(resource=form.resource, mount="") from error
        store_resource(row)
        mount_event("made", row, now)
    return row.id


def change_mount(actor: Actor, mount_id: str, form: MountForm, now: datetime) -> None:
    """Map a mounted resource anew, for example after its table changed; the resource stays the same.

    Raises: MountUnknown, NotAllowed, SourceUnknown, FormInvalid, ConnectorError.
    """
    with acting(actor):
        row = _own(actor, mount_id)
        if form.resource != row.resource:
            raise errors.MountUnknown(mount=mount_id)
        source = _source_for(actor, form)
    columns, declared = _fitted(actor, source, form)
    with acting(actor):
        row = _own(actor, mount_id)
        row.source = source
        _fill(row, form, columns, declared, now)
        row.state = "active"
        row.save()
        store_resource(row)
        mount_event("changed", row, now)


def check_mount(actor: Actor, mount_id: str, now: datetime) -> tuple[Drift, ...]:
    """Compare a mount with its table as it stands.

    A drift flags the mount, pauses the service where it narrows, and is told to the provider and its consumers;
    a table that fits again clears the flag.

    Raises: MountUnknown, NotAllowed, ConnectorError (the source does not answer; the flag stays as it was).
    """
    with acting(actor):
        row = _seen(actor, mount_id)
    try:
        with opened_source(row.source) as database:
            try:
                relation = database.relation(row.schema, row.relation)
                writes = database.writes(row.schema, row.relation)
            except (RelationMissing, RightMissing):
                relation, writes = None, None
    except ConnectorError as error:
        with acting(actor):
            source = Source.objects.select_for_update().get(pk=row.source_id)
            keep_fault(source, error, now)
            source.save()
        raise
    found = drifts(
        columns_of(row), tuple(row.key),
        None if relation is None else {column.name: column.database_type for column in relation.columns},
        () if relation is None else relation.keys, declared=row.key_declared,
    )  # fmt: skip
    with acting(actor):
        row = _seen(actor, mount_id)
        _keep_writes(row, writes, now)
        _keep_drift(row, found, now)
    return found


@as_actor
def unmount_resource(actor: Actor, mount_id: str, reason: str, now: datetime) -> None:
    """End a mount; its service stops and the consumers are told why.

    Raises: MountUnknown, NotAllowed, ReasonMissing.
    """
    row = _own(actor, mount_id)
    if not reason.strip():
        raise errors.ReasonMissing()
    row.state, row.ended_at, row.ended_reason = "withdrawn", now, reason.strip()
    row.save()
    store_resource(row)
    mount_event("ended", row, now)
    _tell_consumers("mount-ended", row, now, reason.strip())


def _fitted(actor: Actor, source: Source, form: MountForm) -> tuple[tuple[ColumnMap, ...], bool]:
    """Look at the table: columns with their types, whether the key is only declared, and a sample that reads."""
    entry = catalogue_resource(actor, form.resource)
    plan = MountPlan(form.columns, form.key, form.modes, form.disclosure, form.disclosure_basis)
    with opened_source(source) as database:
        relation: RelationFacts = database.relation(form.schema, form.relation)
        columns, found = fitted(plan, {item.wire: item.type for item in entry.items}, relation)
        refuse_if(found)
        database.sample(form.schema, form.relation, [column.column for column in columns], SAMPLE_ROWS)
        declared = key_is_declared(form.key, columns, relation)
        if declared and not database.unique(form.schema, form.relation, key_columns(form.key, columns)):
            refuse_if((
                Problem("key", "这些列有空值或重复，不能作为唯一键。",
                        "These columns have empty or repeated values and are no unique key."),
            ))  # fmt: skip
    return columns, declared


def _fill(row: Mount, form: MountForm, columns: tuple[ColumnMap, ...], declared: bool, now: datetime) -> None:
    row.schema, row.relation, row.key, row.key_declared = form.schema, form.relation, list(form.key), declared
    row.columns, row.modes = (
        json_of(columns),
        [*form.modes, *(("file",) if "file" in (row.modes or ()) else ())],
    )
    row.disclosure, row.disclosure_basis = form.disclosure, form.disclosure_basis.strip()
    row.drift, row.checked_at = [], now
    row.writes, row.watched_at, row.changed_at = None, None, None


def _keep_writes(row: Mount, writes: int | None, now: datetime) -> None:
    """A counter that grew is a change; one that fell was reset, which tells nothing."""
    if writes is None:
        return
    if row.writes is None:
        row.watched_at = now
    elif writes > row.writes:
        row.changed_at = now
    row.writes = writes


def _keep_drift(row: Mount, found: tuple[Drift, ...], now: datetime) -> None:
    before = drift_of(row)
    row.drift, row.checked_at = json_of(found), now
    if row.state in {"active", "drifted"}:
        row.state = "drifted" if found else "active"
    row.save()
    if found == before:
        return
    store_resource(row)
    mount_event("drifted" if found else "fits-again", row, now)
    kind = "mount-drifted" if found else "mount-fits-again"
    text = "、".join(dict.fromkeys(drift.item or drift.kind for drift in found))
    entry = resources_by_code({row.resource}).get(row.resource)
    title = entry.title if entry else row.resource
    tell_of_mount(kind, row, now, agency=row.agency, resource=title, text=text)
    _tell_consumers(kind, row, now, text)


def _tell_consumers(kind: str, row: Mount, now: datetime, text: str) -> None:
    with acting(SYSTEM):
        rows = Grant.objects.filter(resource=row.resource, state__in=("active", "suspended"))
        told = dict(rows.values_list("consumer", "resource_title"))
    for consumer, title in sorted(told.items()):
        tell_of_mount(kind, row, now, agency=consumer, resource=title, text=text)


def _source_for(actor: Actor, form: MountForm) -> Source:
    """The actor's own source for their own resource, both checked."""
    if not (actor.agency and actor.has(DATA_OFFICER)):
        raise errors.NotAllowed(
            needs_zh="提供方的数据专员", needs_en="a data officer of the providing agency"
        )
    entry = catalogue_resource(actor, form.resource)
    if entry.provider != actor.agency:
        raise errors.NotAllowed(
            needs_zh="该资源提供方的数据专员", needs_en="a data officer of the resource's provider"
        )
    row = sources_in_reach(actor).filter(pk=form.source, agency=actor.agency, state="active").first()
    if row is None:
        raise errors.SourceUnknown(source=form.source)
    return row


def _free(resource: str) -> Mount | None:
    """The mount that a table may be added to: one that serves files alone. Raises: MountedAlready."""
    taken = (
        Mount.objects.select_related("source").filter(resource=resource).exclude(state="withdrawn").first()
    )
    if taken is not None and taken.source.kind != FILES:
        raise errors.MountedAlready(resource=resource, mount=taken.id)
    return taken


def _own(actor: Actor, mount_id: str) -> Mount:
    row = _seen(actor, mount_id)
    if row.agency != actor.agency or not actor.has(DATA_OFFICER):
        raise errors.NotAllowed(
            needs_zh="提供方的数据专员", needs_en="a data officer of the providing agency"
        )
    return row


def _seen(actor: Actor, mount_id: str) -> Mount:
    rows = mounts_in_reach(actor).select_for_update(of=("self",)).exclude(state="withdrawn")
    row = rows.filter(pk=mount_id).first()
    if row is None:
        raise errors.MountUnknown(mount=mount_id)
    if actor != SYSTEM and not actor.has(OPERATOR, DATA_OFFICER):
        raise errors.NotAllowed(
            needs_zh="提供方的数据专员", needs_en="a data officer of the providing agency"
        )
    return row
