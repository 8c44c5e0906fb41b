"""From rows to views, shared by the queries."""

from __future__ import annotations

from datetime import datetime

import msgspec

from yiwang.blocks.catalogue.public import ResourceView
from yiwang.blocks.exchange.domain import deadline
from yiwang.blocks.exchange.domain.grant import GrantState
from yiwang.blocks.exchange.domain.mount import MountState, SourceState
from yiwang.blocks.exchange.domain.request import RequestState
from yiwang.blocks.exchange.queries.views import (
    DueView,
    FieldOption,
    GrantRow,
    MountRow,
    RequestRow,
    SourceRow,
    StepView,
)
from yiwang.blocks.exchange.store import models
from yiwang.blocks.exchange.store.clock import zone
from yiwang.blocks.exchange.store.reach import Service
from yiwang.blocks.exchange.store.rows import default_mask, drift_of, modes_of, terms_of


def pages_of(total: int, page: int, per_page: int) -> tuple[int, int, int]:
    """How many pages, which one is shown, and where it starts; a page too far is the last."""
    pages = max(1, -(-total // per_page))
    shown = min(max(1, page), pages)
    return pages, shown, (shown - 1) * per_page


def due_of(row: models.Request, now: datetime) -> DueView | None:
    """The running deadline of a request, if any."""
    if row.due_at is None or row.deadline_from is None:
        return None
    clock = msgspec.convert(row.deadline_rule, deadline.Clock)
    rule = deadline.rule(clock, row.provider_region, row.deadline_from, zone())
    basis = rule.basis
    return DueView(
        start=row.deadline_from, at=row.due_at, total=row.due_days,
        remaining=deadline.remaining(row.due_at, now, row.provider_region, zone()), rule=row.deadline_rule,
        rule_source_zh=basis.text("zh") if basis else rule.source,
        rule_source_en=basis.text("en") if basis else rule.source, certain=row.due_certain,
        escalated=row.escalated_at is not None, extended=row.extended,
    )  # fmt: skip


def request_row(row: models.Request, now: datetime) -> RequestRow:
    """A request in a list."""
    terms = terms_of(row.terms)
    return RequestRow(
        id=row.id, resource=row.resource, resource_title=row.resource_title, provider=row.provider,
        provider_name=row.provider_name, consumer=row.consumer, consumer_name=row.consumer_name,
        applicant_name=row.applicant_name, state=msgspec.convert(row.state, RequestState),
        purposes=terms.purposes, field_count=len(terms.fields),
        modes=terms.modes, submitted_at=row.submitted_at, updated_at=row.updated_at, due=due_of(row, now),
        grant=row.grant, renews=row.renews, bundle=row.bundle, revision=row.revision,
    )  # fmt: skip


def step_of(row: models.Step) -> StepView:
    """An entry of a request's ledger."""
    return StepView(row.step, row.state, row.at, row.person, row.agency, row.agency_name, row.text, row.basis)


def grant_step_of(row: models.GrantStep, names: dict[str, str]) -> StepView:
    """An entry of a grant's ledger; `names` are those of the two agencies."""
    return StepView(
        row.step, row.step, row.at, row.person, row.agency, names.get(row.agency, ""), row.text, ""
    )


def grant_row(row: models.Grant) -> GrantRow:
    """A grant in a list."""
    terms = terms_of(row.terms)
    return GrantRow(
        id=row.id, resource=row.resource, resource_title=row.resource_title, provider=row.provider,
        provider_name=row.provider_name, consumer=row.consumer, consumer_name=row.consumer_name,
        state=msgspec.convert(row.state, GrantState),
        purposes=terms.purposes, modes=terms.modes,
        calls_per_day=terms.calls_per_day, not_before=row.not_before, not_after=row.not_after,
    )  # fmt: skip


def field_options(resource: ResourceView, service: Service | None) -> tuple[FieldOption, ...]:
    """The items of a resource as a form offers them: all of them, those not served without any way to use them."""
    facts = {} if service is None else {item.name: item for item in service.items(resource)}
    return tuple(
        FieldOption(
            item=item, served=item.wire in facts and facts[item.wire].readable, mask=default_mask(item),
            operators=facts[item.wire].lookups if item.wire in facts else (),
            required_by_default=item.wire in facts and facts[item.wire].narrows,
            claim=item.wire in facts and bool(facts[item.wire].operators),
        )
        for item in resource.items
    )  # fmt: skip


def source_row(row: models.Source, mount_count: int) -> SourceRow:
    """A source in a list."""
    return SourceRow(
        id=row.id, name=row.name, agency=row.agency, agency_name=row.agency_name, kind=row.kind,
        host=row.host, port=row.port, database=row.database, user=row.user,
        state=msgspec.convert(row.state, SourceState), checked_at=row.checked_at,
        ok=None if row.checked_at is None else not row.check_code, problem=row.check_code,
        warnings=msgspec.convert(row.warnings, tuple[str, ...]), mount_count=mount_count,
    )  # fmt: skip


def mount_row(row: models.Mount, title: str) -> MountRow:
    """A mount in a list; `title` is the resource's."""
    state = "suspended" if row.source.state == "suspended" and row.state != "withdrawn" else row.state
    return MountRow(
        id=row.id, resource=row.resource, resource_title=title, agency=row.agency, source=row.source_id,
        source_name=row.source.name, schema=row.schema, relation=row.relation, modes=modes_of(row),
        state=msgspec.convert(state, MountState), paging=bool(row.key), checked_at=row.checked_at,
        drift=drift_of(row),
    )  # fmt: skip
