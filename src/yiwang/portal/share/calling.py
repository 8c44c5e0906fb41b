"""Sending from the console: the answer replaces a part of the page, or, without scripts, makes the whole page."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import DATA_OFFICER
from yiwang.portal.account.access import actor, requires
from yiwang.portal.problems import explained
from yiwang.portal.share import console, figures
from yiwang.portal.share.facts import terms_facts


@require_http_methods(["GET", "POST"])
@requires(DATA_OFFICER)
@explained
def call(request: HttpRequest, grant_id: str) -> HttpResponse:
    """Send what stands in the console. The caller is the agency that holds the grant, nobody else."""
    if request.method == "GET":
        return HttpResponseRedirect(reverse("share:grant", args=[grant_id]))
    me = actor(request)
    now = timezone.now()
    view = exchange.grant(me, grant_id, now)
    mode = console.mode_of(view, request.POST.get("mode", ""))
    what = console.entered(view, mode, request.POST)
    facts = console.context(me, view, mode, now, what)
    if facts["may_call"]:
        facts["disputable"] = (settings.YW_NODE, view.resource)
        facts["outcome"] = console.send(me, view.resource, view.id, what, now)
    if request.headers.get("HX-Request"):
        response = render(request, "share/console_result.html", facts)
        response.headers["HX-Trigger"] = "yw-called"
        return response
    facts |= {
        "tab": "grants",
        "unread": exchange.unread_count(me),
        "steps": view.steps,
        "mine": view.consumer == me.agency,
        "terms": terms_facts(view.terms, view.options),
        "calls": figures.of_grant(me, view, now),
        "old_clients": exchange.edges_of_grant(me, view.id, now),
    }
    return render(request, "share/grant.html", facts)
