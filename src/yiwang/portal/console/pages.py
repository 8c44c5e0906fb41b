"""Pages of the console: the monitor, the node, grants for those who watch, errors by request id."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity import public as identity
from yiwang.blocks.identity.public import Actor
from yiwang.blocks.journal import public as journal
from yiwang.blocks.watch import public as watch
from yiwang.portal.account.access import actor, requires
from yiwang.portal.console import export, health
from yiwang.portal.console.figures import figures, heat
from yiwang.portal.console.period import CHOICES, period_of
from yiwang.portal.console.troubles import troubles
from yiwang.portal.evidence.words import LeafWords, leaf_words, resource_name
from yiwang.portal.navigation import ADMINISTRATORS, NODE_WATCHERS, OFFICERS, WATCHERS
from yiwang.portal.problems import explained
from yiwang.portal.refusals import refusal_words
from yiwang.vocabulary.evidence import parse_instant

MONITORS = tuple(sorted(OFFICERS | WATCHERS | ADMINISTRATORS))
OVERSIGHT = (identity.AUDITOR, identity.REVIEWER)
SERVICES_SHOWN = 10
CALLS_SHOWN = 50
LONGEST = 100
Call = tuple[journal.CallView, LeafWords, datetime]


@require_GET
@requires(*MONITORS)
@explained
def monitor(request: HttpRequest) -> HttpResponse:
    """The exchange of the last days; everybody sees what concerns their own agency, watchers see all."""
    me = actor(request)
    now = timezone.now()
    period = period_of(request)
    services = journal.services(me, period.since, period.until)
    facts = {
        "period": period,
        "choices": CHOICES,
        "figures": figures(me, period),
        "heat": heat(me, period, gettext("calls")),
        "troubles": troubles(me, period, now),
        "services": [(one, resource_name(one.resource)) for one in services[:SERVICES_SHOWN]],
        "services_total": len(services),
        "most": max((one.calls for one in services), default=0),
        "everything": _watches(me),
        "old_clients": [one for one in exchange.edges(me, now) if one.standing == "active"],
        "may_see_edges": me.has(identity.OPERATOR, identity.AUDITOR),
        "live": request.GET.get("live") != "off",
        "alerts": watch.alert_counts(me).get("open", 0),
    }
    return _draw(request, me, "console/monitor.html", "monitor", facts)


@require_GET
@requires(*MONITORS)
@explained
def exported(request: HttpRequest) -> HttpResponse:
    """The same numbers as a file for a spreadsheet."""
    me = actor(request)
    period = period_of(request)
    services = request.GET.get("what") == "services"
    body = export.by_service(me, period) if services else export.by_day(me, period)
    answer = HttpResponse(body, content_type="text/csv; charset=utf-8")
    name = f"yiwang-{'services' if services else 'calls'}-{period.since}-{period.until}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_GET
@requires(*NODE_WATCHERS)
@explained
def node(request: HttpRequest) -> HttpResponse:
    """Processes, gateway, logs."""
    me = actor(request)
    found = health.processes()
    gateway = health.gateway()
    facts = {
        "processes": found,
        "gateway": gateway,
        "unproven": [(code, refusal_words(code), times) for code, times in gateway.unproven],
        "logs": health.logs(),
        "down": [one for one in found if not one.running],
    }
    return _draw(request, me, "console/node.html", "node", facts)


@require_GET
@requires(*OVERSIGHT)
@explained
def grants(request: HttpRequest) -> HttpResponse:
    """Every grant of the node, for those who watch over sharing."""
    me = actor(request)
    every = exchange.grants(me)
    state = request.GET.get("state", "")
    state = state if state in exchange.GRANT_STATES else ""
    tabs = [(one, sum(1 for row in every if row.state == one)) for one in exchange.GRANT_STATES]
    rows = [row for row in every if not state or row.state == state]
    facts = {"rows": rows, "tabs": tabs, "state": state, "total": len(every)}
    return _draw(request, me, "console/grants.html", "grants", facts)


@require_GET
@requires(*MONITORS)
@explained
def lookup(request: HttpRequest) -> HttpResponse:
    """What became of a call, by its request id; without one the latest refusals, of one code where asked."""
    me = actor(request)
    text = request.GET.get("q", "").strip()[:LONGEST]
    code = request.GET.get("code", "").strip()[:LONGEST]
    found = journal.evidence_by_request(me, text) if text else []
    calls: list[Call] = []
    if not text:
        refused = journal.recent(me, refused=True, limit=CALLS_SHOWN * 2)
        refused = [one for one in refused if not code or one.leaf.code == code][:CALLS_SHOWN]
        calls = [(one, leaf_words(one.leaf), parse_instant(one.leaf.time)) for one in refused]
    facts = {
        "q": text,
        "code": code,
        "code_words": refusal_words(code),
        "found": [(one, leaf_words(one.leaf), parse_instant(one.leaf.time)) for one in found],
        "calls": calls,
        "everything": _watches(me),
    }
    return _draw(request, me, "console/lookup.html", "lookup", facts, 404 if text and not found else 200)


def _watches(me: Actor) -> bool:
    """Whether the person sees every exchange of the node, and not those of one agency only."""
    return me.has(identity.OPERATOR, identity.AUDITOR, identity.AUDIT_ADMIN)


def _draw(
    request: HttpRequest, me: Actor, template: str, tab: str, facts: dict[str, object], status: int = 200
) -> HttpResponse:
    frame = {"tab": tab, "unread": exchange.unread_count(me), "now": timezone.now()}
    return render(request, template, frame | facts, status=status)
