"""Table jobs through people's hands: made, changed, run, paused, ended; rows in quarantine mended or left out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yiwang.blocks.delivery import public as delivery
from yiwang.blocks.identity.public import DATA_OFFICER, OPERATOR, Actor
from yiwang.portal import formats
from yiwang.portal.account.access import actor, requires
from yiwang.portal.delivery.form import ChangeFields, JobFields, TargetFields
from yiwang.portal.delivery.pages import draw
from yiwang.portal.delivery.under import item_titles, table_grant
from yiwang.portal.desk.page import said
from yiwang.portal.problems import explained
from yiwang.vocabulary.errors import YwError

Step = Callable[[Actor, str, datetime], None]
STEPS: dict[str, Step] = {
    "run": delivery.run_job,
    "pause": delivery.pause_job,
    "resume": delivery.resume_job,
    "cancel": delivery.cancel_run,
    "accept": delivery.accept_schema,
    "replay": delivery.replay_rows,
    "end": delivery.end_job,
}


@require_http_methods(["GET", "POST"])
@requires(DATA_OFFICER)
@explained
def new(request: HttpRequest) -> HttpResponse:
    """Make a job under a grant."""
    me, now = actor(request), timezone.now()
    grant = table_grant(me, request.GET.get("grant", "")[:100], now)
    targets = delivery.targets(me)
    if not targets:
        messages.info(request, gettext("First say which database of yours the job writes to."))
        return HttpResponseRedirect(f"{reverse('delivery:target-new')}?grant={grant.id}")
    form = JobFields(grant, targets, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            job = delivery.create_job(me, form.wish(), now, run=request.POST.get("do") == "run")
        except delivery.DeliveryInvalid as error:
            form.blame(error.problems)
        except YwError as error:
            form.add_error(None, said(error))
        else:
            messages.success(request, gettext("The job %(id)s was made.") % {"id": job})
            return _to(job)
    return draw(request, me, "delivery/new.html", {"form": form, "grant": grant}, 422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(DATA_OFFICER)
@explained
def change(request: HttpRequest, job_id: str) -> HttpResponse:
    """Change a job's clock, turn, pace and case."""
    me, now = actor(request), timezone.now()
    row = delivery.job(me, job_id).row
    asked = delivery.case_asked(me, job_id)
    form = ChangeFields(row, request.POST if request.method == "POST" else None, case_asked=asked)
    if request.method == "POST" and form.is_valid():
        try:
            delivery.change_job(me, job_id, form.wish(), now)
        except delivery.DeliveryInvalid as error:
            form.blame(error.problems)
        else:
            messages.success(request, gettext("The job was changed."))
            return _to(job_id)
    return draw(request, me, "delivery/change.html", {"form": form, "row": row}, 422 if form.errors else 200)


@require_POST
@requires(DATA_OFFICER, OPERATOR)
@explained
def take(request: HttpRequest, job_id: str, step: str) -> HttpResponse:
    """One step of a job."""
    if step not in STEPS:
        raise Http404
    try:
        STEPS[step](actor(request), job_id, timezone.now())
    except delivery.DeliveryError as error:
        if error.code != "delivery-job-state-wrong":
            raise
        messages.error(request, said(error))
    else:
        messages.success(request, _done(step))
    return _to(job_id)


@require_http_methods(["GET", "POST"])
@requires(DATA_OFFICER)
@explained
def held(request: HttpRequest, job_id: str, row_id: int) -> HttpResponse:
    """One row in quarantine: mend it, or leave it out."""
    me, now = actor(request), timezone.now()
    row = delivery.held_row(me, job_id, row_id)
    leaving, wrong = request.POST.get("do") == "discard", ""
    typed = {name: request.POST.get(f"v_{name}", "")[:4000] for name in row.values}
    if request.method == "POST":
        try:
            if leaving:
                delivery.discard_row(me, job_id, row_id, request.POST.get("reason", ""), now)
                messages.success(request, gettext("The row stays out."))
            else:
                changes = {name: text for name, text in typed.items() if text}
                delivery.mend_row(me, job_id, row_id, changes, now)
                messages.success(request, gettext("Mended; it is written with the next replay."))
            return HttpResponseRedirect(f"{reverse('delivery:job', args=[job_id])}#quarantine")
        except delivery.DeliveryInvalid as error:
            wrong = formats.pick(error.problems[0].zh, error.problems[0].en)
    job = delivery.job(me, job_id).row
    titles = item_titles(me, job, now)
    facts = {
        "held": row, "job": job, "titles": titles, "wrong": wrong, "leaving": leaving,
        "fields": [(name, titles.get(name, name), value, typed[name]) for name, value in row.values.items()],
        "lines": [("reason" if leaving else "v-1", wrong)] if wrong else [],
    }  # fmt: skip
    return draw(request, me, "delivery/held.html", facts, 422 if wrong else 200)


@require_GET
@requires(DATA_OFFICER)
@explained
def targets(request: HttpRequest) -> HttpResponse:
    """Databases of my agency that jobs write to."""
    me = actor(request)
    return draw(request, me, "delivery/targets.html", {"rows": delivery.targets(me)})


@require_http_methods(["GET", "POST"])
@requires(DATA_OFFICER)
@explained
def target_new(request: HttpRequest) -> HttpResponse:
    """Register a database; it is asked first."""
    me = actor(request)
    form = TargetFields(request.POST if request.method == "POST" else None)
    grant = request.GET.get("grant", "")[:100]
    if request.method == "POST" and form.is_valid():
        try:
            delivery.add_target(me, form.wish(), timezone.now())
        except YwError as error:
            form.blame(error)
        else:
            messages.success(request, gettext("The database answered and is kept."))
            there = f"{reverse('delivery:new')}?grant={grant}" if grant else reverse("delivery:targets")
            return HttpResponseRedirect(there)
    return draw(
        request, me, "delivery/target_new.html", {"form": form, "grant": grant}, 422 if form.errors else 200
    )


@require_POST
@requires(DATA_OFFICER)
@explained
def target_remove(request: HttpRequest, target_id: str) -> HttpResponse:
    """Forget a database that no job writes to."""
    delivery.remove_target(actor(request), target_id, timezone.now())
    messages.success(request, gettext("The database was removed."))
    return HttpResponseRedirect(reverse("delivery:targets"))


def _to(job_id: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("delivery:job", args=[job_id]))


def _done(step: str) -> str:
    return {
        "run": gettext("It begins in a moment."),
        "pause": gettext("It stops after the present chunk."),
        "resume": gettext("It goes on where it stopped."),
        "cancel": gettext("The run stops after the present chunk."),
        "accept": gettext("The new structure is accepted; the job goes on."),
        "replay": gettext("The mended rows are judged again and written."),
        "end": gettext("The job is ended. What was delivered stays."),
    }[step]
