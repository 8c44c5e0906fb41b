"""What was granted: the list, one grant with its console, renewing and revoking."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yiwang.blocks.delivery import public as delivery
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import DATA_OFFICER
from yiwang.blocks.subscriptions import public as subs
from yiwang.portal.account.access import actor, requires
from yiwang.portal.navigation import OFFICERS, WATCHERS
from yiwang.portal.problems import explained
from yiwang.portal.share import console, figures
from yiwang.portal.share.facts import terms_facts
from yiwang.portal.subscriptions.pages import allows

CHANGES = ("revoke", "suspend", "resume")


@require_GET
@explained
def mine(request: HttpRequest) -> HttpResponse:
    """Grants that my agency holds, and those it has given."""
    me = actor(request)
    side = "provider" if request.GET.get("side") == "provider" else "consumer"
    rows = exchange.grants(me, side=side)
    renews = side == "consumer" and me.has(DATA_OFFICER)
    facts = {
        "tab": "grants",
        "unread": exchange.unread_count(me),
        "rows": rows,
        "side": side,
        "renews": renews and any(row.state != "revoked" for row in rows),
        "under_way": exchange.renewals_under_way(me) if renews else {},
    }
    return render(request, "share/grants.html", facts)


@require_GET
@explained
def page(request: HttpRequest, grant_id: str) -> HttpResponse:
    """One grant: five facts, the console, recent calls."""
    me = actor(request)
    now = timezone.now()
    view = exchange.grant(me, grant_id, now)
    mode = console.mode_of(view, request.GET.get("mode", ""))
    facts = console.context(me, view, mode, now) | {
        "tables_only": set(view.modes) == {"table"},
        "jobs": delivery.jobs(me, grant=view.id, per_page=20).rows if "table" in view.modes else (),
        "tables": "table" in view.modes,
        "follows": allows(view.terms),
        "followed": subs.subscriptions(me, grant=view.id) if allows(view.terms) else (),
        "may_deliver": "table" in view.modes
        and view.state == "active"
        and view.consumer == me.agency
        and me.has(DATA_OFFICER),
        "tab": "grants",
        "unread": exchange.unread_count(me),
        "steps": view.steps,
        "mine": view.consumer == me.agency,
        "counts": me.has(*OFFICERS, *WATCHERS),
        "terms": terms_facts(view.terms, view.options),
        "calls": figures.of_grant(me, view, now),
        "old_clients": exchange.edges_of_grant(me, view.id, now),
    }
    return render(request, "share/grant.html", facts)


@require_POST
@requires(DATA_OFFICER)
@explained
def renew(request: HttpRequest, grant_id: str) -> HttpResponse:
    """Start a request with the same terms."""
    request_id = exchange.renew_grant(actor(request), grant_id, timezone.now())
    messages.success(request, gettext("Renewal %(id)s was begun with the same terms.") % {"id": request_id})
    return HttpResponseRedirect(reverse("share:request-edit", args=[request_id]))


@require_http_methods(["GET", "POST"])
@explained
def change(request: HttpRequest, grant_id: str, step: str) -> HttpResponse:
    """Revoke, suspend or resume; GET is the same question as a page, for browsers without scripts."""
    if step not in CHANGES:
        raise Http404
    me = actor(request)
    now = timezone.now()
    if request.method == "GET":
        view = exchange.grant(me, grant_id, now)
        return render(request, "share/grant_change.html", {"tab": "grants", "view": view, "step": step})
    reason = request.POST.get("reason", "").strip()[:1000]
    basis = request.POST.get("basis", "").strip()[:200]
    said = gettext("%(reason)s (basis: %(basis)s)") % {"reason": reason, "basis": basis} if basis else reason
    if step == "revoke":
        exchange.revoke_grant(me, grant_id, said, now)
        messages.success(request, gettext("The grant was revoked; calls are refused from now on."))
    elif step == "suspend":
        exchange.suspend_grant(me, grant_id, said, now)
        messages.success(request, gettext("The grant was suspended."))
    else:
        exchange.resume_grant(me, grant_id, now)
        messages.success(request, gettext("The grant runs again."))
    return HttpResponseRedirect(reverse("share:grant", args=[grant_id]))
