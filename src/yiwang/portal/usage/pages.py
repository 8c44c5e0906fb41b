"""Pages of usage: of what concerns me, of a resource, of a grant, of a department."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity import public as identity
from yiwang.blocks.identity.public import Actor
from yiwang.blocks.journal.public import Scope
from yiwang.portal.account.access import actor, requires
from yiwang.portal.evidence.words import agency as agency_words
from yiwang.portal.evidence.words import resource_name
from yiwang.portal.navigation import OFFICERS, WATCHERS
from yiwang.portal.problems import explained
from yiwang.portal.usage import export
from yiwang.portal.usage.period import CHOICES, span_of
from yiwang.portal.usage.report import SHOWN, report

COUNTERS = tuple(sorted(OFFICERS | WATCHERS | {identity.AUDIT_ADMIN}))
EVERYTHING = (identity.REVIEWER, identity.OPERATOR, identity.AUDITOR, identity.AUDIT_ADMIN)
"""Who may count the whole region: the data bureau and those who watch the node."""
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
@requires(*COUNTERS)
@explained
def home(request: HttpRequest) -> HttpResponse:
    """The whole region for those who count it, else what concerns my agency."""
    me = actor(request)
    title = gettext("Usage of the region") if me.has(*EVERYTHING) else gettext("Usage of my agency")
    return _answer(request, me, Scope(), title)


@require_GET
@requires(*COUNTERS)
@explained
def resource(request: HttpRequest, code: str) -> HttpResponse:
    """One resource: all of it for its provider, its own calls for a consumer."""
    return _answer(request, actor(request), Scope(resource=code), resource_name(code))


@require_GET
@requires(*COUNTERS)
@explained
def grant(request: HttpRequest, grant_id: str) -> HttpResponse:
    """One grant, for its parties and oversight. Raises: GrantUnknown."""
    me = actor(request)
    view = exchange.grant(me, grant_id, timezone.now())
    return _answer(request, me, Scope(grant=view.id), f"{resource_name(view.resource)} · {view.id}")


@require_GET
@requires(*COUNTERS)
@explained
def department(request: HttpRequest, uscc: str) -> HttpResponse:
    """One department on either side: its own people and those who count everything."""
    me = actor(request)
    if me.agency != uscc and not me.has(*EVERYTHING):
        raise Http404
    return _answer(request, me, Scope(agency=uscc), agency_words(uscc))


def _answer(request: HttpRequest, me: Actor, scope: Scope, title: str) -> HttpResponse:
    span = span_of(request.GET)
    found = report(me, scope, span)
    wanted = request.GET.get("as", "")
    if wanted in ("csv", "xlsx"):
        body = export.as_csv(me, found) if wanted == "csv" else export.as_workbook(me, found)
        kind = "text/csv; charset=utf-8" if wanted == "csv" else SHEET
        answer = HttpResponse(body, content_type=kind)
        name = f"yiwang-usage-{span.since}-{span.until}.{wanted}"
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer
    facts = {
        "tab": "usage",
        "unread": exchange.unread_count(me),
        "now": timezone.now(),
        "title": title,
        "report": found,
        "choices": CHOICES,
        "shown": SHOWN,
        "inner": bool(scope.agency or scope.resource or scope.grant),
        "everything": me.has(*EVERYTHING),
    }
    return render(request, "usage/page.html", facts)
