"""Several of my own at once: grants renewed together, drafts taken back together, a request copied."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import DATA_OFFICER, Actor
from yiwang.portal.account.access import actor, requires
from yiwang.portal.desk.page import said
from yiwang.portal.problems import explained


@require_POST
@requires(DATA_OFFICER)
@explained
def copy(request: HttpRequest, request_id: str) -> HttpResponse:
    """Start a draft that asks for the same, and open its form."""
    number = exchange.copy_request(actor(request), request_id, timezone.now())
    messages.success(
        request, gettext("Draft %(id)s asks for the same. Change it, then hand it in.") % {"id": number}
    )
    return HttpResponseRedirect(reverse("share:request-edit", args=[number]))


@require_POST
@requires(DATA_OFFICER)
@explained
def withdraw_drafts(request: HttpRequest) -> HttpResponse:
    """Take back the drafts that were ticked."""
    outcomes = exchange.withdraw_drafts(actor(request), request.POST.getlist("ids"), timezone.now())
    done = sum(1 for one in outcomes if one.refusal is None)
    if not outcomes:
        messages.warning(request, gettext("Tick drafts in the list first."))
    if done:
        messages.success(
            request,
            ngettext("%(n)s draft was withdrawn.", "%(n)s drafts were withdrawn.", done) % {"n": done},
        )
    for one in outcomes:
        if one.refusal is not None:
            messages.error(request, f"{one.of}: {said(one.refusal)}")
    return HttpResponseRedirect(f"{reverse('share:requests')}?state=draft")


@require_http_methods(["GET", "POST"])
@requires(DATA_OFFICER)
@explained
def renewals(request: HttpRequest) -> HttpResponse:
    """The grants ticked in the list, to be renewed together; `?ids=` carries their numbers."""
    me, now = actor(request), timezone.now()
    sent = request.POST if request.method == "POST" else request.GET
    chosen = _chosen(me, sent.getlist("ids"))
    if not chosen:
        messages.warning(request, gettext("Tick grants in the list first."))
        return HttpResponseRedirect(reverse("share:grants"))
    facts: dict[str, object] = {"tab": "grants", "unread": exchange.unread_count(me)}
    if request.method == "GET":
        terms = exchange.granted_terms(me)
        facts["lines"] = [(row, terms[row.id].days) for row in chosen]
        return render(request, "share/renewals.html", facts)
    hand_in = request.POST.get("do") == "submit"
    outcomes = exchange.renew_many(me, [row.id for row in chosen], now, hand_in=hand_in)
    rows = {row.id: row for row in chosen}
    facts |= {
        "results": [(rows[one.of], one, said(one.refusal) if one.refusal else "") for one in outcomes],
        "done": sum(1 for one in outcomes if one.refusal is None),
        "failed": sum(1 for one in outcomes if one.refusal is not None),
        "handed_in": hand_in,
    }
    return render(request, "share/renewed.html", facts)


def _chosen(me: Actor, numbers: list[str]) -> list[exchange.GrantRow]:
    """The rows of these numbers that are granted to the person's agency, as many as are dealt with together."""
    wanted = set(numbers)
    held = (row for row in exchange.grants(me, side="consumer") if row.id in wanted)
    return list(held)[: exchange.MOST_AT_ONCE]
