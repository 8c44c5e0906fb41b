"""My requests: the list, one request with its clock and its steps, handing in and taking back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import DATA_OFFICER
from yiwang.portal import formats
from yiwang.portal.account.access import actor
from yiwang.portal.deadlines import ledger
from yiwang.portal.ledgers import Ledger
from yiwang.portal.problems import explained
from yiwang.portal.share.catalogue import page_number
from yiwang.portal.share.facts import terms_facts

TABS = ("", "draft", "returned", "submitted", "deciding", "granted", "refused")
STARTS = ("submitted", "accepted", "extended")
"""Steps that start a clock; the latest of them explains the date."""


@require_GET
@explained
def mine(request: HttpRequest) -> HttpResponse:
    """Requests of my agency, latest first."""
    me = actor(request)
    now = timezone.now()
    state = request.GET.get("state", "")
    state = state if state in TABS else ""
    found = exchange.my_requests(me, now, state=state, page=page_number(request))
    facts = {
        "tab": "requests",
        "unread": exchange.unread_count(me),
        "found": found,
        "state": state,
        "tabs": TABS,
        "begun": exchange.begun_requests(me) if state in {"", "draft"} else (),
        "drafts": me.has(DATA_OFFICER) and any(row.state == "draft" for row in found.rows),
        "queried": request.GET.urlencode(),
    }
    return render(request, "share/requests.html", facts)


@require_GET
@explained
def page(request: HttpRequest, request_id: str) -> HttpResponse:
    """One request: what is asked for, how far it is, why it is due that day."""
    me = actor(request)
    view = exchange.request(me, request_id, timezone.now())
    facts = {
        "tab": "requests",
        "unread": exchange.unread_count(me),
        "view": view,
        "mine": view.consumer == me.agency,
        "copies": view.consumer == me.agency and me.has(DATA_OFFICER),
        "kept": exchange.kept_form(me, f"request:{view.id}") if "edit" in view.allowed else None,
        "ledger": why(view, me.region),
        "terms": terms_facts(view.terms, view.options),
    }
    return render(request, "share/request.html", facts)


def why(view: exchange.RequestView, region: str) -> Ledger | None:
    """The ledger of the running deadline; None when no clock runs."""
    started = [step.at for step in view.steps if step.step in STARTS]
    if view.due is None or not started:
        return None
    due = view.due
    basis = formats.pick(due.rule_source_zh, due.rule_source_en)
    return ledger(max(started), due.total, due.at, basis, region, certain=due.certain)


@require_POST
@explained
def submit(request: HttpRequest, request_id: str) -> HttpResponse:
    """Hand it in."""
    exchange.submit_request(actor(request), request_id, timezone.now(), seen=_seen(request))
    messages.success(request, gettext("Request %(id)s was handed in.") % {"id": request_id})
    return HttpResponseRedirect(reverse("share:request", args=[request_id]))


@require_http_methods(["GET", "POST"])
@explained
def withdraw(request: HttpRequest, request_id: str) -> HttpResponse:
    """Take it back; GET is the same question as a page, for browsers without scripts."""
    me = actor(request)
    if request.method == "POST":
        text = request.POST.get("text", "").strip()[:500]
        exchange.withdraw_request(me, request_id, timezone.now(), text=text, seen=_seen(request))
        messages.success(request, gettext("Request %(id)s was withdrawn.") % {"id": request_id})
        return HttpResponseRedirect(reverse("share:request", args=[request_id]))
    view = exchange.request(me, request_id, timezone.now())
    return render(request, "share/withdraw.html", {"tab": "requests", "view": view})


def _seen(request: HttpRequest) -> int | None:
    text = request.POST.get("seen", "")
    return int(text) if text.isdecimal() else None
