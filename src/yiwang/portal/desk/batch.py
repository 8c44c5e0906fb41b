"""Several requests on one page: what stands out in each, one decision for all, and what became of every one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import REVIEWER
from yiwang.portal.account.access import actor, requires
from yiwang.portal.desk.batch_form import WORDS, BatchForm
from yiwang.portal.desk.page import OFFICE, draw, said
from yiwang.portal.desk.queues import Kind
from yiwang.portal.desk.steps import law_list
from yiwang.portal.problems import explained


@require_http_methods(["GET", "POST"])
@requires(REVIEWER)
@explained
def review_together(request: HttpRequest) -> HttpResponse:
    """Formal reviews of those ticked in the queue; `?ids=` carries their numbers."""
    return _together(request, "review")


@require_http_methods(["GET", "POST"])
@requires(*OFFICE)
@explained
def decide_together(request: HttpRequest) -> HttpResponse:
    """The provider's decisions on those ticked in the queue."""
    return _together(request, "decide")


def _together(request: HttpRequest, kind: Kind) -> HttpResponse:
    me = actor(request)
    now = timezone.now()
    tab = "reviews" if kind == "review" else "decisions"
    sent = request.POST if request.method == "POST" else request.GET
    numbers = tuple(dict.fromkeys(sent.getlist("ids")))[: exchange.LARGEST_BATCH]
    compared = exchange.compared_requests(me, numbers, now)
    if kind == "decide":
        compared = tuple(one for one in compared if one.row.provider == me.agency)
    if not compared:
        messages.warning(request, gettext("Tick requests in the list first."))
        return HttpResponseRedirect(reverse(f"desk:{tab}"))
    form = BatchForm(kind, compared, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        outcomes = exchange.decide_many(me, tuple(form.rulings()), now)
        titles = {one.row.id: one.row for one in compared}
        facts: dict[str, object] = {
            "kind": kind,
            "done": sum(1 for one in outcomes if one.refusal is None),
            "failed": sum(1 for one in outcomes if one.refusal is not None),
            "results": [
                (titles[one.request], one, WORDS[one.verdict], said(one.refusal) if one.refusal else "")
                for one in outcomes
            ],
        }
        return draw(request, me, "desk/batch_done.html", tab, facts)
    facts = {
        "kind": kind,
        "form": form,
        "lines": form.lines(),
        "laws": law_list() if kind == "decide" else [],
    }
    return draw(request, me, "desk/batch.html", tab, facts, 422 if form.errors else 200)
