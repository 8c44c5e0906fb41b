"""Jobs through people's hands: made under a grant, run, paused, resumed, ended. Each step one transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from yiwang.blocks.delivery.actions.forms import ChangeForm, JobForm, change_problems, job_problems
from yiwang.blocks.delivery.actions.making import about_case, clock_problems, under_grant
from yiwang.blocks.delivery.actions.targets import check_officer
from yiwang.blocks.delivery.domain import errors
from yiwang.blocks.delivery.domain.job import Cause, RunKind, StepName, check
from yiwang.blocks.delivery.domain.schedule import Schedule
from yiwang.blocks.delivery.store import models
from yiwang.blocks.delivery.store.rights import right_of
from yiwang.blocks.delivery.store.rows import (
    by_of,
    job_of,
    jobs_in_reach,
    next_of,
    targets_in_reach,
)
from yiwang.blocks.delivery.store.rulebook import rule_book
from yiwang.blocks.delivery.store.waking import wake
from yiwang.blocks.exchange.public import (
    SYSTEM,
    as_actor,
    grant,
    next_number,
)
from yiwang.blocks.identity.public import Actor, acting
from yiwang.blocks.journal.public import record_event
from yiwang.vocabulary.delivering import CAPTURE
from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.forms import Problem


def create_job(actor: Actor, form: JobForm, now: datetime, *, run: bool = False) -> str:
    """Make a job under a grant of the actor's agency; `run`: begin at once. Returns its number.

    Raises: DeliveryNotAllowed, DeliveryInvalid, GrantUnknown, GrantNotTable, GrantOver, ResourceStopped, KeyNotGranted,
        TargetUnknown.
    """
    check_officer(actor)
    with acting(actor):
        under = under_grant(actor, form, now)
        entries, problems = _rules(form)
        problems += [*job_problems(form), *under.problems]
        if problems:
            raise errors.DeliveryInvalid(problems)
        target = targets_in_reach(actor).filter(pk=form.target).first()
        if target is None:
            raise errors.TargetUnknown(target=form.target)
        row = models.Job(
            id=next_number("J", now), name=form.name.strip(), grant=under.grant, owner=under.owner,
            resource=under.resource, resource_title=under.title, provider=under.provider,
            provider_name=under.provider_name, consumer=actor.agency, consumer_name=actor.agency_name, region=actor.region, target=target,
            target_table=form.table, mode=form.mode, cursor=form.cursor if form.mode == "incremental" else "",
            replace=form.replace, rules=entries, own_rules=form.check == "own", checked=form.check != "none",
            cron=form.cron, workdays=form.workdays, follow=form.follow, priority=form.priority, rate=form.rate, case=form.case.strip(),
            created_at=now, created_by=actor.name,
        )  # fmt: skip
        row.next_at = next_of(row, now)
        row.save(force_insert=True)
        _event("made", row, now)
        if run:
            queue_run(row, "run", "person", actor.name, now)
    return row.pk


@as_actor
def change_job(actor: Actor, job_id: str, form: ChangeForm, now: datetime) -> None:
    """Change a job's clock, turn, pace and case; a run under way keeps its own.

    Raises: JobUnknown, DeliveryNotAllowed, JobStateWrong, DeliveryInvalid.
    """
    row = _stepped(actor, job_id, "change")
    problems = list(change_problems(form, row.mode))
    right = right_of(row) if row.owner else grant(actor, row.grant, now)
    delivery = right.terms.delivery
    if delivery is not None and not problems and row.mode != CAPTURE:
        problems = clock_problems(Schedule(form.cron, form.workdays), delivery, row.region, now)
    case = row.case if form.case is None else form.case.strip()
    problems += about_case(case, right.terms)
    if problems:
        raise errors.DeliveryInvalid(problems)
    row.case = case
    row.name, row.cron, row.workdays, row.follow = form.name.strip(), form.cron, form.workdays, form.follow
    row.priority, row.rate = form.priority, form.rate
    row.next_at = next_of(row, now) if row.state == "active" else None
    row.save()
    _event("changed", row, now)


@as_actor
def run_job(actor: Actor, job_id: str, now: datetime) -> None:
    """Run it now; a job that failed goes on where it stopped. Raises: JobUnknown, DeliveryNotAllowed, JobStateWrong."""
    row = _stepped(actor, job_id, "run")
    row.state, row.reason, row.facts, row.failures = "active", "", {}, 0
    row.next_at = next_of(row, now)
    row.save()
    queue_run(row, "run", "person", actor.name, now)


@as_actor
def pause_job(actor: Actor, job_id: str, now: datetime) -> None:
    """Stop after the present chunk, and do not begin by the clock. Raises: JobUnknown, DeliveryNotAllowed, JobStateWrong."""
    row = _stepped(actor, job_id, "pause")
    row.state, row.reason, row.next_at = "paused", "person", None
    row.save()
    _wish(row, "pause", now)
    _event("paused", row, now)


@as_actor
def resume_job(actor: Actor, job_id: str, now: datetime) -> None:
    """Go on: at the checkpoint, where a run was stopped. Raises: JobUnknown, DeliveryNotAllowed, JobStateWrong."""
    row = _stepped(actor, job_id, "resume")
    row.state, row.reason, row.facts = "active", "", {}
    row.next_at = next_of(row, now)
    row.save()
    last = row.runs.filter(kind="run").order_by("-pk").first()
    if last is not None and last.state == "running":
        models.Run.objects.filter(pk=last.pk).update(wish="")
    elif last is not None and last.state == "paused":
        queue_run(row, "run", "retry", actor.name, now)
    elif row.next_at is not None:
        wake()
    _event("resumed", row, now)


@as_actor
def cancel_run(actor: Actor, job_id: str, now: datetime) -> None:
    """Stop the present run after its chunk; the job keeps its clock. Raises: JobUnknown, DeliveryNotAllowed, JobStateWrong."""
    row = _stepped(actor, job_id, "cancel")
    if _wish(row, "cancel", now) and row.state == "active":
        if row.follow:
            row.state, row.reason = "paused", "person"  # or the next one would begin at once
        else:
            row.next_at = next_of(row, now)
        row.save()
    if row.slot_source:
        models.Job.objects.filter(pk=row.pk).update(releasing=True)
        wake()


@as_actor
def accept_schema(actor: Actor, job_id: str, now: datetime) -> None:
    """Go on although the source has narrowed. Raises: JobUnknown, DeliveryNotAllowed, JobStateWrong."""
    row = _stepped(actor, job_id, "accept")
    row.state, row.reason, row.facts, row.accept_schema = "active", "", {}, True
    row.next_at = next_of(row, now)
    row.save()
    queue_run(row, "run", "retry", actor.name, now)
    _event("schema-accepted", row, now)


@as_actor
def end_job(actor: Actor, job_id: str, now: datetime) -> None:
    """End it for good; what was delivered stays, rows in quarantine are destroyed.

    Raises: JobUnknown, DeliveryNotAllowed, JobStateWrong.
    """
    row = _stepped(actor, job_id, "end")
    row.state, row.reason, row.next_at, row.ended_at, row.held = "ended", "", None, now, 0
    row.save()
    _wish(row, "cancel", now)
    wake()  # a slot at the source goes at once
    row.held_rows.all().delete()
    _event("ended", row, now)


def queue_run(row: models.Job, kind: RunKind, cause: Cause, by: str, now: datetime) -> None:
    """Put a run into the queue and wake the worker; in the caller's transaction."""
    models.Run.objects.create(job=row, kind=kind, cause=cause, by=by, queued_at=now)
    wake()


def locked_job(actor: Actor, job_id: str) -> models.Job:
    """The job, locked until the transaction ends. Raises: JobUnknown."""
    row = jobs_in_reach(actor).select_for_update().filter(pk=job_id).first()
    if row is None:
        raise errors.JobUnknown(job=job_id)
    return row


def _stepped(actor: Actor, job_id: str, step: StepName) -> models.Job:
    row = locked_job(actor, job_id)
    check(job_of(row), step, by_of(actor))
    return row


def _wish(row: models.Job, wish: Literal["pause", "cancel"], now: datetime) -> bool:
    """Tell the run of a job; one that only waits ends here, which is what is given back."""
    run = row.runs.select_for_update().filter(state__in=("queued", "running")).first()
    if run is None:
        return False
    run.wish = wish
    waited = run.state == "queued"
    if waited:
        run.state, run.finished_at = "paused" if wish == "pause" else "cancelled", now
    run.save()
    return waited


def _rules(form: JobForm) -> tuple[list[object], list[Problem]]:
    if form.check != "own" or not form.rules.strip():
        return [], []
    try:
        return rule_book().read(form.rules), []
    except YwError as error:
        return [], [Problem("rules", error.text("zh"), error.text("en"))]


def _event(name: str, row: models.Job, now: datetime) -> None:
    with acting(SYSTEM):
        record_event(
            f"table-job-{name}", now, consumer=row.consumer, provider=row.provider, resource=row.resource,
            grant=row.grant, detail={"job": row.pk},
        )  # fmt: skip
