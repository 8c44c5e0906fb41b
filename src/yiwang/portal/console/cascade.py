"""Peers of this node and alarms over evidence, for operators and auditors."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from yiwang.blocks.cascade import public as cascade
from yiwang.blocks.identity.public import AUDIT_ADMIN, AUDITOR, OPERATOR, REVIEWER
from yiwang.portal import formats
from yiwang.portal.account.access import actor, requires
from yiwang.portal.problems import explained


@require_GET
@requires(OPERATOR, AUDITOR, AUDIT_ADMIN, REVIEWER)
@explained
def page(request: HttpRequest) -> HttpResponse:
    """Who is joined, what waits, and what does not hold together."""
    me, now = actor(request), timezone.now()
    peers = [
        (one, formats.pick(*cascade.STATES[one.state]), level_words(one.level)) for one in cascade.peers(me)
    ]
    here = cascade.here(now)
    facts = {
        "tab": "cascade", "peers": peers, "here": here, "level": level_words(here.level),
        "zone": zone_words(here.zone),
        "alarms": cascade.alarms(me), "figures": cascade.figures(me), "runs": me.has(OPERATOR), "now": now,
        "parent": any(one.relation == "parent" and one.state != "left" for one, _, _ in peers),
    }  # fmt: skip
    return render(request, "console/cascade.html", facts)


def level_words(level: str) -> str:
    """The level of a node."""
    return next((formats.pick(*words) for name, words in cascade.LEVELS.items() if name == level), level)


def zone_words(zone: str) -> str:
    """The network zone of a node."""
    return formats.pick(*_ZONES.get(zone, (zone, zone)))


_ZONES = {
    "intranet": ("政务内网", "government intranet"),
    "extranet": ("政务外网", "government extranet"),
    "internet": ("互联网", "internet"),
}
