"""Jobs, runs, reports and rows in quarantine, as far as the actor may see them."""

from __future__ import annotations

from typing import Final

import msgspec
from django.db.models import Count, Q

from yiwang.blocks.delivery.domain import errors
from yiwang.blocks.delivery.domain.job import STEPS, JobState, RunState, is_about_log, may
from yiwang.blocks.delivery.queries.views import (
    HeldView,
    JobPage,
    JobRow,
    JobView,
    ReportView,
    RunRow,
    TargetRow,
)
from yiwang.blocks.delivery.queries.words import error_words
from yiwang.blocks.delivery.store import models
from yiwang.blocks.delivery.store.quarantine import opened
from yiwang.blocks.delivery.store.rights import right_of
from yiwang.blocks.delivery.store.rows import by_of, job_of, jobs_in_reach, targets_in_reach
from yiwang.blocks.exchange.public import SYSTEM, as_actor
from yiwang.blocks.identity.public import Actor
from yiwang.dataplane.transfer.shape import Value
from yiwang.vocabulary.delivering import JobWay
from yiwang.vocabulary.errors import YwError

RUNS, HELD = 30, 50
_ORDER: Final = {"running": 0, "queued": 1}


@as_actor
def jobs(
    actor: Actor, *, side: str = "", grant: str = "", resource: str = "", state: str = "", page: int = 1,
    per_page: int = 50,
) -> JobPage:  # fmt: skip
    """Jobs in the actor's reach; `side`: `consumer`, `provider` or "" for all; `grant`: NUMBER, or NUMBER@NODE; `state`: one of
    a job, or `open`."""
    rows = jobs_in_reach(actor)
    if side:
        rows = rows.filter(Q(consumer=actor.agency) if side == "consumer" else Q(provider=actor.agency))
    if grant:
        number, _, owner = grant.partition("@")
        rows = rows.filter(grant=number, owner=owner)
    if resource:
        rows = rows.filter(resource=resource)
    if state:
        rows = rows.exclude(state="ended") if state == "open" else rows.filter(state=state)
    total = rows.count()
    pages = max(1, -(-total // per_page))
    shown = min(max(1, page), pages)
    running = Count("runs", filter=Q(runs__state="running"))
    ordered = rows.annotate(running=running).order_by("-running", "state", "-created_at", "-pk")
    found = list(ordered[(shown - 1) * per_page : shown * per_page])
    return JobPage(tuple(job_row(row, actor) for row in found), total, shown, pages)


@as_actor
def job(actor: Actor, job_id: str) -> JobView:
    """One job. Raises: JobUnknown."""
    row = _seen(actor, job_id)
    mine = row.consumer == actor.agency or actor == SYSTEM
    runs = row.runs.order_by("-pk")[:RUNS]
    held = list(row.held_rows.all()[:HELD]) if mine else []
    masks = _masked_fields(row) if held else frozenset()
    facts, by = job_of(row), by_of(actor)
    return JobView(
        row=job_row(row, actor), mine=mine, target=row.target.name if mine else "",
        target_table=row.target_table if mine else "", cursor=row.cursor,
        check="own" if row.own_rules else "resource" if row.checked else "none", replace=row.replace,
        created_at=row.created_at, created_by=row.created_by, runs=tuple(run_row(one) for one in runs),
        held=tuple(_held(one, masks) for one in held), held_total=row.held_rows.count() if mine else row.held,
        allowed=frozenset(step for step in STEPS if may(facts, step, by)), slot=row.slot if row.slot_source else "",
    )  # fmt: skip


@as_actor
def report(actor: Actor, job_id: str, run_id: int) -> ReportView:
    """The report of a run. Raises: JobUnknown."""
    row = _seen(actor, job_id)
    run = row.runs.filter(pk=run_id, report__isnull=False).first()
    if run is None:
        raise errors.JobUnknown(job=job_id)
    kept = msgspec.convert(run.report, dict[str, object])
    if row.consumer != actor.agency and actor != SYSTEM:
        kept |= {"target": "", "target_table": ""}
    return ReportView(row.pk, run.pk, run.evidence, run.digest, kept)


@as_actor
def targets(actor: Actor) -> tuple[TargetRow, ...]:
    """Targets of the actor's agency."""
    rows = targets_in_reach(actor).annotate(n=Count("jobs")).order_by("name")
    return tuple(
        TargetRow(
            row.pk, row.name, row.server, row.host, row.port, row.database, row.user, row.created_at, row.created_by, row.n
        )
        for row in rows
    )  # fmt: skip


@as_actor
def held_row(actor: Actor, job_id: str, row_id: int) -> HeldView:
    """One row in quarantine, masked, for its consumer. Raises: JobUnknown, RowUnknown."""
    row = _seen(actor, job_id)
    found = row.held_rows.filter(pk=row_id).first() if row.consumer == actor.agency else None
    if found is None:
        raise errors.RowUnknown(job=job_id, row=row_id)
    return _held(found, _masked_fields(row))


@as_actor
def case_asked(actor: Actor, job_id: str) -> bool:
    """Whether the grant of a job asks for a case number; False where it cannot be read. Raises: JobUnknown."""
    row = _seen(actor, job_id)
    try:
        return right_of(row).terms.case_required
    except YwError:
        return False


def job_row(row: models.Job, actor: Actor) -> JobRow:
    """A job for a list."""
    last = row.runs.order_by("-pk").first()
    zh, en = error_words(row.reason, row.facts) if row.reason not in {"", "person"} else ("", "")
    # what keeps its log from being read is for the provider to mend
    hidden = row.provider == actor.agency != row.consumer and not is_about_log(row.reason)
    return JobRow(
        row.pk, row.name, row.grant, row.owner, row.resource, row.resource_title, row.provider, row.provider_name, row.consumer,
        row.consumer_name, msgspec.convert(row.mode, JobWay), row.cron, row.workdays, row.follow, row.priority, row.rate,
        msgspec.convert(row.state, JobState), row.reason, "" if hidden else zh, "" if hidden else en, row.next_at,
        row.held, run_row(last) if last is not None else None, row.case,
    )  # fmt: skip


def run_row(row: models.Run) -> RunRow:
    """A run for a list."""
    kept = row.report if isinstance(row.report, dict) else {}
    rows = kept.get("rows") or {}
    zh, en = error_words(row.error, row.facts) if row.error else ("", "")
    return RunRow(
        row.pk, row.kind, row.cause, row.by, msgspec.convert(row.state, RunState), row.queued_at, row.started_at,
        row.finished_at, row.attempts, row.chunk, row.rows, row.total, row.rate, row.left, row.lag, row.error, zh, en,
        bool(kept.get("proven")), int(rows.get("passed", row.rows)), int(rows.get("quarantined", 0)), row.evidence,
        row.digest,
    )  # fmt: skip


def _seen(actor: Actor, job_id: str) -> models.Job:
    row = jobs_in_reach(actor).filter(pk=job_id).first()
    if row is None:
        raise errors.JobUnknown(job=job_id)
    return row


def _masked_fields(row: models.Job) -> frozenset[str]:
    """Fields of which the grant shows the consumer no value; all of them, where the grant cannot be read."""
    try:
        return frozenset(right_of(row).masks)
    except YwError:
        return frozenset({"*"})


def _held(row: models.HeldRow, masks: frozenset[str]) -> HeldView:
    held = opened(row)
    keys = set(map(str, held.key))
    before = {name: str(value) for name, value in held.found.items()}
    mended = held.mended or {}
    return HeldView(
        row.pk, row.state, tuple(map(str, row.reasons)),
        {name: masked(value, hidden=name in masks or "*" in masks, key=str(value) in keys) for name, value in held.found.items()},
        tuple(name for name, value in mended.items() if str(value) != before[name]), row.at, row.by, row.text,
    )  # fmt: skip


def masked(value: Value, *, hidden: bool, key: bool) -> str:
    """A value to be looked at: keys as they are, texts by their first character and length, nothing of what is masked."""
    if value is None:
        return "NULL"
    if hidden:
        return "***"
    if key:
        return str(value)
    return f"{value[:1]}***（{len(value)}）" if isinstance(value, str) else "***"
