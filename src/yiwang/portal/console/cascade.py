"""Peers of this node and alarms over evidence, for operators and auditors."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from yiwang.blocks.cascade import public as cascade
from yiwang.blocks.identity.public import AUDIT_ADMIN, AUDITOR, OPERATOR, REVIEWER
from yiwang.portal import formats
from yiwang.portal.account.access import actor, requires
from yiwang.portal.desk.page import said
from yiwang.portal.problems import explained
from yiwang.vocabulary.errors import YwError


@require_GET
@requires(OPERATOR, AUDITOR, AUDIT_ADMIN, REVIEWER)
@explained
def page(request: HttpRequest) -> HttpResponse:
    """Who is joined, what waits, and what does not hold together."""
    me, now = actor(request), timezone.now()
    peers = [(one, formats.pick(*cascade.STATES[one.state]), _level(one.level)) for one in cascade.peers(me)]
    here = cascade.here(now)
    facts = {
        "tab": "cascade", "peers": peers, "here": here, "level": _level(here.level),
        "alarms": cascade.alarms(me), "figures": cascade.figures(me), "runs": me.has(OPERATOR), "now": now,
    }  # fmt: skip
    return render(request, "console/cascade.html", facts)


@require_POST
@requires(OPERATOR)
@explained
def step(request: HttpRequest) -> HttpResponse:
    """Invite, join by an invitation, suspend, resume or leave."""
    me, now = actor(request), timezone.now()
    node = request.POST.get("node", "")[:63]
    try:
        match request.POST.get("step", ""):
            case "invite":
                messages.success(
                    request,
                    gettext("Give this to the child's operator; it works once within 24 hours: %s")
                    % cascade.invite(me, now),
                )
            case "suspend":
                cascade.suspend_peer(me, node, now)
            case "resume":
                cascade.resume_peer(me, node, now)
            case "leave":
                cascade.leave_peer(me, node, request.POST.get("reason", "")[:300], now)
            case _:
                pass
    except YwError as error:
        messages.error(request, said(error))
    return HttpResponseRedirect(reverse("console:cascade"))


def _level(level: str) -> str:
    return next((formats.pick(*words) for name, words in cascade.LEVELS.items() if name == level), level)
