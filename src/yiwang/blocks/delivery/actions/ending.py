"""How a run ends: its report and evidence, the job's next moment, and who is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from yiwang.blocks.delivery.domain import errors
from yiwang.blocks.delivery.domain.casing import purpose_of
from yiwang.blocks.delivery.domain.job import LOOK_AGAIN, RETRIES, is_about_log, retry_at
from yiwang.blocks.delivery.domain.schedule import opens_after
from yiwang.blocks.delivery.store import models
from yiwang.blocks.delivery.store.quarantine import OPEN_ROWS
from yiwang.blocks.delivery.store.reports import plain, sealed_digest
from yiwang.blocks.delivery.store.rights import Right
from yiwang.blocks.delivery.store.rows import is_workday, next_of
from yiwang.blocks.exchange.public import OFFICERS, SYSTEM, tell, zone
from yiwang.blocks.identity.public import acting
from yiwang.blocks.journal.public import DELIVERED, record_event
from yiwang.dataplane.transfer.errors import TransferSchemaNarrowed
from yiwang.dataplane.transfer.report import Report
from yiwang.vocabulary.errors import YwError

ARRIVED: Final = "table-arrived"
"""A run of a job went through whose table is another node's."""


def finished(run_id: int, report: Report, source: Right, now: datetime) -> str:
    """The engine came to an end, or to where a person stopped it."""
    with acting(SYSTEM):
        run, job = _locked(run_id)
        kept = plain(report)
        run.report, run.digest = kept, sealed_digest(kept)
        run.state = report.status
        rows = report.rows.passed
        if report.capture is not None:  # what moved: the table is not delivered again with every run
            rows = report.rows.inserted + report.rows.updated + report.rows.deleted
            run.rows, run.total, run.lag = rows, None, 0 if report.capture.settled else run.lag
        else:
            run.rows = run.total = rows + report.rows.quarantined
            if report.status == "done":
                run.total, run.left = report.rows.source, 0
        run.chunk = len(report.chunks)
        _count_held(job)
        job.accept_schema = False
        if report.status == "done":
            job.failures, job.delivered_at = 0, run.started_at
        if report.status == "cancelled" and job.follow and job.state == "active":
            job.state, job.reason = "paused", "person"  # or the next one would begin at once
        if job.state == "active" or report.status == "done":
            job.next_at = next_of(job, now) if job.state == "active" else None
        _close(run, job, source, now, rows=rows, quarantined=report.rows.quarantined)
        if report.rows.quarantined and job.held:
            _tell("table-quarantine", job, now, count=str(job.held))
    return run.state


def replayed(run_id: int, told: Mapping[int, tuple[str, ...]], source: Right, now: datetime) -> str:
    """Mended rows were written, or still may not pass."""
    with acting(SYSTEM):
        run, job = _locked(run_id)
        written = [number for number, reasons in told.items() if not reasons]
        models.HeldRow.objects.filter(job=job, pk__in=written).update(state="replayed")
        for number, reasons in told.items():
            if reasons:
                models.HeldRow.objects.filter(job=job, pk=number).update(reasons=list(reasons))
        run.state, run.rows, run.total, run.left = "done", len(written), len(told), 0
        _count_held(job)
        _close(run, job, source, now, rows=len(written), quarantined=len(told) - len(written))
    return run.state


def failed(run_id: int, error: YwError, source: Right | None, now: datetime) -> str:
    """Something stopped it. What stands in the target stays, and is in the evidence all the same."""
    with acting(SYSTEM):
        run, job = _locked(run_id)
        run.state, run.error, run.facts = "failed", error.code, _plain(error)
        _count_held(job)
        if run.kind == "replay":
            _close(run, job, source, now, rows=0, quarantined=0)
            return run.state
        _after_failure(job, error, source, now, run.started_at)
        _close(run, job, source, now, rows=run.rows, quarantined=0)
        if job.state == "paused":
            # narrowing is told to both sides: the provider knows why, the consumer decides
            changes = "、".join(map(str, _list(error.facts.get("changes"))))
            for agency in (job.consumer, job.provider):
                _tell("table-schema-narrowed", job, now, agency=agency, text=changes)
        elif job.state == "failed":
            agencies = [job.consumer, *([job.provider] if is_about_log(error.code) else [])]
            for agency in agencies:
                _tell("table-failed", job, now, agency=agency, text=error.text("zh"))
    return run.state


def _after_failure(
    job: models.Job, error: YwError, source: Right | None, now: datetime, begun: datetime | None
) -> None:
    job.reason, job.facts = error.code, _plain(error)
    match error:
        case TransferSchemaNarrowed():
            job.state, job.reason, job.next_at = "paused", "schema", None
        case errors.TermsMoved():
            job.next_at = now
        case errors.TooOften():
            job.next_at = next_of(job, now)
        case errors.ResourceStopped():
            job.next_at = now + LOOK_AGAIN
        case errors.OutsideHours() if source is not None:
            hours, days = source.terms.hours, source.terms.workdays_only
            job.next_at = opens_after(hours, days, now, zone(), is_workday(job.region))
        case errors.OwnerSilent():
            job.failures += 1
            again = retry_at(job.failures, now, patient=True)
            job.state, job.next_at = ("failed" if again is None else "active"), again
        case _:
            if job.follow and begun is not None and now - begun > RETRIES[-1]:
                job.failures = 0  # it went well for long
            job.failures += 1
            again = None if error.permanent else retry_at(job.failures, now)
            if again is None:
                job.state, job.next_at = "failed", None
            else:
                job.next_at = again


def _locked(run_id: int) -> tuple[models.Run, models.Job]:
    run = models.Run.objects.select_for_update().get(pk=run_id)
    return run, models.Job.objects.select_for_update().get(pk=run.job_id)


def _close(
    run: models.Run,
    job: models.Job,
    source: Right | None,
    now: datetime,
    *,
    rows: int,
    quarantined: int,
) -> None:
    """Close the run; leave evidence of what was delivered, or of why nothing was."""
    run.finished_at = now
    purpose = None
    if source and source.terms.purposes:
        purpose = purpose_of(source.terms.purposes[0].code, job.case)
    detail: dict[str, object] = {
        "job": job.pk, "run": run.pk, "kind": run.kind, "mode": job.mode, "state": run.state, "rows": rows,
        "quarantined": quarantined,
    }  # fmt: skip
    if run.digest:
        detail |= {"report": run.digest, "digest": _list_text(run.report, "digest")}
    if run.error:
        detail["error"] = run.error
    # of another node's table the gateway has logged every page and the receipt: it is not counted twice
    delivered = ARRIVED if job.owner else DELIVERED
    run.evidence = record_event(
        delivered if rows or run.state == "done" else "table-not-delivered", now, consumer=job.consumer,
        provider=job.provider, resource=job.resource, version=source.resource_version if source else None,
        grant=job.grant, grant_version=source.grant_version if source else None, purpose=purpose, detail=detail,
    )  # fmt: skip
    run.save()
    job.save()


def _count_held(job: models.Job) -> None:
    job.held = models.HeldRow.objects.filter(job=job, state__in=OPEN_ROWS).count()


def _tell(
    kind: str, job: models.Job, now: datetime, *, agency: str = "", text: str = "", count: str = ""
) -> None:
    tell(
        kind, now, agency=agency or job.consumer, roles=OFFICERS, link=f"job:{job.pk}", job=job.pk, name=job.name,
        resource=job.resource_title, code=job.resource, consumer=job.consumer_name, provider=job.provider_name,
        text=text[:300], count=count,
    )  # fmt: skip


def _plain(error: YwError) -> dict[str, object]:
    return dict(error.facts)


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []


def _list_text(report: object, name: str) -> str:
    return str(report.get(name, "")) if isinstance(report, dict) else ""
