"""One request on the desk: the formal review by the data bureau, and the decision of the provider."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import REVIEWER, Actor
from yiwang.portal.account.access import actor, requires
from yiwang.portal.desk import checks
from yiwang.portal.desk.narrowing import Narrowing
from yiwang.portal.desk.page import OFFICE, draw, outrun, seen
from yiwang.portal.desk.queues import Job, Kind, by_urgency, waiting
from yiwang.portal.desk.steps import STEPS, StepForm, law_list, step_form, take
from yiwang.portal.problems import explained
from yiwang.portal.share.facts import terms_facts
from yiwang.portal.share.requests import why
from yiwang.vocabulary.errors import YwError

REVIEW_STEPS = ("return", "reject")
DECISION_STEPS = ("return", "refuse", "extend")


@dataclass(frozen=True)
class Place:
    """Where a case stands in its queue; `at` is 0 when it is not in it any more."""

    at: int
    total: int
    before: str
    after: str


@require_http_methods(["GET", "POST"])
@requires(REVIEWER)
@explained
def review(request: HttpRequest, request_id: str) -> HttpResponse:
    """The formal review: is everything there that the rules ask for. POST passes it."""
    me = actor(request)
    now = timezone.now()
    if request.method == "POST":
        url = reverse("desk:review", args=[request_id])
        try:
            text = request.POST.get("text", "").strip()[:2000]
            grant = exchange.accept_request(me, request_id, now, text=text, seen=seen(request))
        except YwError as error:
            return outrun(request, error, url)
        if grant:
            messages.success(
                request,
                gettext("%(id)s passed and was granted as %(grant)s.") % {"id": request_id, "grant": grant},
            )
        else:
            messages.success(
                request, gettext("%(id)s passed; the provider decides now.") % {"id": request_id}
            )
        return HttpResponseRedirect(url)
    view = exchange.request(me, request_id, now)
    return _draw(request, me, view, "review", now, {"checks": checks.formal(view)})


@require_http_methods(["GET", "POST"])
@requires(*OFFICE)
@explained
def decision(request: HttpRequest, request_id: str) -> HttpResponse:
    """The provider's decision: as asked, or narrower. POST grants."""
    me = actor(request)
    now = timezone.now()
    view = _ours(me, request_id, now)
    form = Narrowing(view, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        url = reverse("desk:decision", args=[request_id])
        try:
            grant = exchange.approve_request(me, request_id, form.approval(), now, seen=seen(request))
        except YwError as error:
            if not form.blame(error):
                return outrun(request, error, url)
        else:
            messages.success(
                request, gettext("Granted as %(grant)s; calls are let in from now on.") % {"grant": grant}
            )
            return HttpResponseRedirect(url)
    facts = {"form": form, "rows": form.field_rows(), "lookups": form.lookup_rows()}
    return _draw(request, me, view, "decide", now, facts, 422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(REVIEWER)
@explained
def review_step(request: HttpRequest, request_id: str, step: str) -> HttpResponse:
    """Return or reject; GET is the same question as a page, for browsers without scripts."""
    if step not in REVIEW_STEPS:
        raise Http404
    me = actor(request)
    return _step(request, me, exchange.request(me, request_id, timezone.now()), "review", step)


@require_http_methods(["GET", "POST"])
@requires(*OFFICE)
@explained
def decision_step(request: HttpRequest, request_id: str, step: str) -> HttpResponse:
    """Return, refuse or extend."""
    if step not in DECISION_STEPS:
        raise Http404
    me = actor(request)
    return _step(request, me, _ours(me, request_id, timezone.now()), "decide", step)


def _ours(me: Actor, request_id: str, now: datetime) -> exchange.RequestView:
    """A request for data of my own agency; others look as if they did not exist."""
    view = exchange.request(me, request_id, now)
    if view.provider != me.agency:
        raise Http404
    return view


def _step(request: HttpRequest, me: Actor, view: exchange.RequestView, kind: Kind, step: str) -> HttpResponse:
    url = reverse("desk:review" if kind == "review" else "desk:decision", args=[view.id])
    form = step_form(request, step, view.id)
    texts = _texts(me, view)
    chosen = request.GET.get("text", "")
    for one in texts.get(step, []):
        if str(one.id) == chosen:
            form.initial = {"text": one.text, "basis": one.basis}
    if request.method == "POST" and form.is_valid():
        try:
            take(me, step, view.id, form, timezone.now(), seen(request))
        except YwError as error:
            return outrun(request, error, url)
        messages.success(request, str(STEPS[step].done) % {"id": view.id})
        return HttpResponseRedirect(url)
    facts = {
        "view": view,
        "form": form,
        "kind": kind,
        "back": url,
        "texts": texts,
        "laws": law_list() if step == "refuse" else [],
    }
    tab = "reviews" if kind == "review" else "decisions"
    return draw(request, me, "desk/step.html", tab, facts, 422 if form.errors else 200)


def _draw(
    request: HttpRequest,
    me: Actor,
    view: exchange.RequestView,
    kind: Kind,
    now: datetime,
    more: dict[str, object],
    status: int = 200,
) -> HttpResponse:
    jobs = waiting(me, kind, now)
    steps = REVIEW_STEPS if kind == "review" else DECISION_STEPS
    offered = [StepForm(STEPS[name], view.id) for name in steps if name in view.allowed]
    terms = terms_facts(view.terms, view.options)
    facts = {
        "view": view,
        "kind": kind,
        "groups": by_urgency(jobs),
        "place": _place(jobs, view.id),
        "ledger": why(view, me.region),
        "terms": terms,
        "step_forms": offered,
        "texts": _texts(me, view),
        "sensitive": sum(1 for f in terms.fields if f.item and f.item.grade == "sensitive"),
        "laws": law_list() if "refuse" in view.allowed and kind == "decide" else [],
        "may": ("accept" if kind == "review" else "approve") in view.allowed,
        **more,
    }
    template = "desk/review.html" if kind == "review" else "desk/decision.html"
    return draw(request, me, template, "reviews" if kind == "review" else "decisions", facts, status)


def _texts(me: Actor, view: exchange.RequestView) -> dict[str, list[exchange.PhraseView]]:
    """The agency's kept texts by step, filled from this request."""
    facts = {
        "request": view.id, "resource": view.resource_title, "consumer": view.consumer_name,
        "provider": view.provider_name, "purpose": "、".join(one.title for one in view.purposes),
        "date": timezone.localdate().isoformat(),
    }  # fmt: skip
    found: dict[str, list[exchange.PhraseView]] = {}
    for one in exchange.phrases(me):
        found.setdefault(one.step, []).append(replace(one, text=exchange.filled(one.text, facts)))
    return found


def _place(jobs: tuple[Job, ...], number: str) -> Place:
    at = next((i for i, job in enumerate(jobs) if job.id == number), None)
    if at is None:
        return Place(0, len(jobs), "", jobs[0].url if jobs else "")
    before = jobs[at - 1].url if at else ""
    return Place(at + 1, len(jobs), before, jobs[at + 1].url if at + 1 < len(jobs) else "")
