"""Declared systems of the node: which are in force, what was done to bring them there, what waits."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yiwang.blocks.identity.public import AUDITOR, OPERATOR
from yiwang.blocks.registry import public as registry
from yiwang.portal.account.access import actor, requires
from yiwang.portal.problems import explained

LAST = 6


@require_GET
@requires(OPERATOR, AUDITOR)
@explained
def listing(request: HttpRequest) -> HttpResponse:
    """All systems, and the last applications of any."""
    me = actor(request)
    facts = {
        "tab": "systems",
        "systems": registry.systems_in_force(me),
        "applications": registry.applications(me)[:LAST],
    }
    return render(request, "console/systems.html", facts)


@require_GET
@requires(OPERATOR, AUDITOR)
@explained
def page(request: HttpRequest, system_id: str) -> HttpResponse:
    """One system with its applications, step by step."""
    me = actor(request)
    made = registry.applications(me, system_id)
    facts = {
        "tab": "systems",
        "one": registry.system_row(me, system_id),
        "waiting": next((one for one in made if one.state == "waiting"), None),
        "applications": [one for one in made if one.state != "waiting"],
    }
    return render(request, "console/system.html", facts)
