"""Old clients at the edge: the operator lets them in, changes and ends them; auditors read."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import AUDITOR, OPERATOR, Actor
from yiwang.portal.account.access import actor, requires
from yiwang.portal.console.edge_form import EdgeFields
from yiwang.portal.evidence.words import resource_name
from yiwang.portal.problems import explained
from yiwang.vocabulary.errors import YwError


@require_GET
@requires(OPERATOR, AUDITOR)
@explained
def listing(request: HttpRequest) -> HttpResponse:
    """Every old client, those in force first."""
    me = actor(request)
    rows = exchange.edges(me, timezone.now())
    facts = {"rows": rows, "may_change": me.has(OPERATOR)}
    return _draw(request, me, "console/edges.html", facts)


@require_GET
@requires(OPERATOR, AUDITOR)
@explained
def page(request: HttpRequest, edge_id: str) -> HttpResponse:
    """One old client."""
    me = actor(request)
    view = exchange.edge(me, edge_id, timezone.now())
    facts = {
        "view": view,
        "may_change": me.has(OPERATOR) and view.standing != "ended",
        "services": [(one, resource_name(one.resource)) for one in view.services],
    }
    return _draw(request, me, "console/edge.html", facts)


@require_http_methods(["GET", "POST"])
@requires(OPERATOR)
@explained
def new(request: HttpRequest) -> HttpResponse:
    """Let one in; the answer to the form is the only page that ever shows the secret."""
    me = actor(request)
    form = EdgeFields(None, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            let_in = exchange.open_edge(me, form.wish(), timezone.now())
        except YwError as error:
            form.blame(error)
        else:
            view = exchange.edge(me, let_in.id, timezone.now())
            response = _draw(request, me, "console/edge_secret.html", {"view": view, "secret": let_in.secret})
            response.headers["Cache-Control"] = "no-store"
            return response
    return _draw(request, me, "console/edge_form.html", {"form": form}, 422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(OPERATOR)
@explained
def change(request: HttpRequest, edge_id: str) -> HttpResponse:
    """Addresses, last day, services."""
    me, now = actor(request), timezone.now()
    view = exchange.edge(me, edge_id, now)
    form = EdgeFields(view, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            exchange.change_edge(me, edge_id, form.wish(), now)
        except YwError as error:
            form.blame(error)
        else:
            messages.success(request, gettext("Changed; gateways follow within a second."))
            return HttpResponseRedirect(reverse("console:edge", args=[edge_id]))
    return _draw(
        request, me, "console/edge_form.html", {"form": form, "view": view}, 422 if form.errors else 200
    )


@require_http_methods(["GET", "POST"])
@requires(OPERATOR)
@explained
def end(request: HttpRequest, edge_id: str) -> HttpResponse:
    """Shut it out for good; GET asks."""
    me, now = actor(request), timezone.now()
    if request.method == "GET":
        return _draw(request, me, "console/edge_end.html", {"view": exchange.edge(me, edge_id, now)})
    exchange.end_edge(me, edge_id, request.POST.get("reason", "")[:300], now)
    messages.success(request, gettext("The old client is shut out."))
    return HttpResponseRedirect(reverse("console:edge", args=[edge_id]))


def _draw(
    request: HttpRequest, me: Actor, template: str, facts: dict[str, object], status: int = 200
) -> HttpResponse:
    frame = {"tab": "edges", "unread": exchange.unread_count(me), "now": timezone.now()}
    return render(request, template, frame | facts, status=status)
