"""Table jobs to be looked at: lists by side, one job with its runs and its quarantine, the proof of one run."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from yiwang.blocks.delivery import public as delivery
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import DATA_OFFICER, Actor
from yiwang.blocks.journal import public as journal
from yiwang.portal.account.access import actor, requires
from yiwang.portal.delivery.under import asking_url, item_titles, lines, node_title
from yiwang.portal.navigation import OFFICERS, WATCHERS
from yiwang.portal.problems import explained
from yiwang.portal.share.catalogue import page_number

READERS = (*OFFICERS, *WATCHERS)


def draw(
    request: HttpRequest, me: Actor, template: str, facts: Mapping[str, object], status: int = 200
) -> HttpResponse:
    """A page of table jobs: in the share for officers, in the console for those who watch the node."""
    officer = me.has(*OFFICERS)
    frame = {
        "frame": "delivery/share.html" if officer else "console/frame.html", "tab": "jobs",
        "unread": exchange.unread_count(me), "officer": officer, "may_make": me.has(DATA_OFFICER),
    }  # fmt: skip
    return render(request, template, {**frame, **facts}, status=status)


@require_GET
@requires(*READERS)
@explained
def listing(request: HttpRequest) -> HttpResponse:
    """Jobs: those that bring data to my agency, those that read what it provides; for watchers all."""
    me = actor(request)
    officer = me.has(*OFFICERS)
    side = "provider" if request.GET.get("side") == "provider" else "consumer"
    state = request.GET.get("state", "open")
    state = state if state in {"open", *delivery.JOB_STATES} else "open"
    grant = request.GET.get("grant", "")[:100]
    found = delivery.jobs(
        me, side=side if officer else "", grant=grant, state=state, page=page_number(request)
    )
    facts = {
        "found": found, "side": side, "state": state, "grant": grant, "states": ("open", *delivery.JOB_STATES),
        "busy": any(row.run and row.run.state in {"running", "queued"} for row in found.rows),
        "grants": lines(me) if officer and me.has(DATA_OFFICER) else (),
    }  # fmt: skip
    return draw(request, me, "delivery/jobs.html", facts)


@require_GET
@requires(*READERS)
@explained
def page(request: HttpRequest, job_id: str) -> HttpResponse:
    """One job."""
    me = actor(request)
    view = delivery.job(me, job_id)
    run = view.row.run
    proven = next((one for one in view.runs if one.kind == "run" and one.state == "done"), None)
    facts = {
        "view": view, "row": view.row, "run": run, "proven": proven,
        "busy": run is not None and run.state in {"running", "queued"},
        "waiting": sum(one.state in {"held", "mended"} for one in view.held),
        "titles": item_titles(me, view.row, timezone.now()) if view.held else {},
        "grant_url": _grant_url(me, view.row),
        "node_title": node_title(view.row.owner) if view.row.owner else "",
    }  # fmt: skip
    return draw(request, me, "delivery/job.html", facts)


@require_GET
@requires(*READERS)
@explained
def report(request: HttpRequest, job_id: str, run_id: int) -> HttpResponse:
    """The proof of one run: rows of both sides, chunk by chunk, and the leaf that holds its digest."""
    me = actor(request)
    view = delivery.report(me, job_id, run_id)
    found = journal.evidence_by_request(me, view.evidence) if view.evidence else []
    facts = {
        "view": view, "report": view.report, "job": delivery.job(me, job_id).row,
        "leaf": found[0] if found else None,
    }  # fmt: skip
    return draw(request, me, "delivery/report.html", facts)


@require_GET
@requires(*READERS)
@explained
def receipt(request: HttpRequest, job_id: str, run_id: int) -> HttpResponse:
    """The delivery receipt as a file: the report, its digest, the event of the evidence."""
    view = delivery.report(actor(request), job_id, run_id)
    body = msgspec.json.format(msgspec.json.encode(view, order="deterministic"), indent=1)
    answer = HttpResponse(body, content_type="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="receipt-{view.job}-{view.run}.json"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _grant_url(me: Actor, row: delivery.JobRow) -> str:
    """The page of the job's grant, for officers."""
    if not me.has(*OFFICERS):
        return ""
    return asking_url(me, row.owner, row.grant) if row.owner else reverse("share:grant", args=[row.grant])
