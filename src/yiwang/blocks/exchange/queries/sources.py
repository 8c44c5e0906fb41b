"""Sources and mounts. `source_relations`, `source_relation` and `propose_resource` ask the database itself."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Q

from yiwang.blocks.catalogue.public import ItemDraft, ResourceDraft, resources_by_code
from yiwang.blocks.exchange.domain import errors
from yiwang.blocks.exchange.domain.proposing import SAMPLE_ROWS, propose
from yiwang.blocks.exchange.queries.shaping import mount_row, source_row
from yiwang.blocks.exchange.queries.views import MountRow, MountView, SourceRow, SourceView
from yiwang.blocks.exchange.store import models
from yiwang.blocks.exchange.store.acting import as_actor
from yiwang.blocks.exchange.store.changes import changes_of
from yiwang.blocks.exchange.store.clock import zone
from yiwang.blocks.exchange.store.connecting import opened_source
from yiwang.blocks.exchange.store.faults import fault_of
from yiwang.blocks.exchange.store.reach import mounts_in_reach, sources_in_reach
from yiwang.blocks.exchange.store.rows import columns_of
from yiwang.blocks.identity.public import OPERATOR, REVIEWER, Actor, acting
from yiwang.dataplane.connectors.facts import RelationFacts, RelationName


@as_actor
def sources(actor: Actor) -> tuple[SourceRow, ...]:
    """Sources of the actor's agency (operators: all), by name."""
    rows = sources_in_reach(actor).exclude(state="removed").order_by("agency_name", "name")
    counted = rows.annotate(carried=Count("mounts", filter=~Q(mounts__state="withdrawn")))
    return tuple(source_row(row, row.carried) for row in counted)


@as_actor
def source(actor: Actor, source_id: str) -> SourceView:
    """One source. Raises: SourceUnknown."""
    row = _source(actor, source_id)
    carried = _mount_rows(list(row.mounts.select_related("source").exclude(state="withdrawn")))
    fault = fault_of(row)
    return SourceView(
        **vars(source_row(row, len(carried))),
        connect_timeout_ms=row.connect_timeout_ms,
        timeout_ms=row.timeout_ms,
        pool_size=row.pool_size,
        writable_accepted=row.writable_accepted,
        encoding=row.encoding,
        server_version=row.server_version,
        problem_zh=fault.text("zh") if fault else "",
        problem_en=fault.text("en") if fault else "",
        mend_zh=fault.mend("zh") if fault else "",
        mend_en=fault.mend("en") if fault else "",
        mounts=carried,
    )


@as_actor
def last_changes(actor: Actor) -> tuple[dict[str, datetime], dict[str, datetime]]:
    """By resource code, for mounts of the actor's agency (data bureau and operators: all): when its data last changed, and since when
    it did not.

    The second names those in which no change was seen since they are watched. Resources whose source does not tell
    stand in neither.
    """
    rows = models.Mount.objects.all()
    if not actor.has(REVIEWER, OPERATOR):
        rows = rows.filter(agency=actor.agency)
    return changes_of(rows)


def source_relations(actor: Actor, source_id: str) -> tuple[RelationName, ...]:
    """Tables and views that the source's role may read. Raises: SourceUnknown, ConnectorError."""
    with opened_source(_asked(actor, source_id)) as database:
        return database.relations()


def source_relation(actor: Actor, source_id: str, schema: str, relation: str) -> RelationFacts:
    """A table with its columns and keys. Raises: SourceUnknown, ConnectorError."""
    with opened_source(_asked(actor, source_id)) as database:
        return database.relation(schema, relation)


def propose_resource(
    actor: Actor, source_id: str, schema: str, relation: str, now: datetime
) -> ResourceDraft:
    """A first draft of a catalogue entry from a table: items, grades, subjects, checks and masks.

    The officer adds what a table cannot say: classification, terms of sharing. Wire names are the columns' names.

    Raises: SourceUnknown, ConnectorError.
    """
    with opened_source(_asked(actor, source_id)) as database:
        facts = database.relation(schema, relation)
        texts = [column.name for column in facts.columns if column.type == "text"]
        rows = database.sample(schema, relation, texts, SAMPLE_ROWS) if texts else []
    samples = {
        name: [value.strip() for row in rows if (value := row[index]) and value.strip()]
        for index, name in enumerate(texts)
    }
    proposed = propose(facts.columns, samples, now.astimezone(zone()).date())
    return ResourceDraft(
        title=facts.name.comment or relation,
        classification="",
        summary=facts.name.comment,
        items=tuple(
            ItemDraft(
                wire=item.column, title=item.title, type=item.type, length=item.length, grade=item.grade,
                subject=item.subject, check=item.check, mask=item.mask,
            )
            for item in proposed
        ),
        grade=max((item.grade for item in proposed), key=("general", "personal", "sensitive").index, default="general"),
    )  # fmt: skip


@as_actor
def mounts(actor: Actor) -> tuple[MountRow, ...]:
    """Mounts in force of the actor's agency (operators: all)."""
    return _mount_rows(list(mounts_in_reach(actor).exclude(state="withdrawn").order_by("resource")))


@as_actor
def mount(actor: Actor, mount_id: str) -> MountView:
    """One mount, also one that has ended. Raises: MountUnknown."""
    row = mounts_in_reach(actor).filter(pk=mount_id).first()
    if row is None:
        raise errors.MountUnknown(mount=mount_id)
    return MountView(
        **vars(_mount_rows([row])[0]),
        columns=columns_of(row),
        key=tuple(row.key),
        key_declared=row.key_declared,
        disclosure=row.disclosure,
        disclosure_basis=row.disclosure_basis,
        created_at=row.created_at,
        created_by=row.created_by,
    )


def _mount_rows(rows: list[models.Mount]) -> tuple[MountRow, ...]:
    entries = resources_by_code({row.resource for row in rows})
    return tuple(
        mount_row(row, entries[row.resource].title if row.resource in entries else row.resource)
        for row in rows
    )


def _source(actor: Actor, source_id: str) -> models.Source:
    row = sources_in_reach(actor).filter(pk=source_id).exclude(state="removed").first()
    if row is None:
        raise errors.SourceUnknown(source=source_id)
    return row


def _asked(actor: Actor, source_id: str) -> models.Source:
    """The source, for looking into its data: that is for its own agency, not for operators."""
    with acting(actor):
        row = _source(actor, source_id)
    if row.agency != actor.agency:
        raise errors.SourceUnknown(source=source_id)
    return row
