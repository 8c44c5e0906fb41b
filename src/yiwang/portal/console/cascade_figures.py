"""Figures of this node and those below: a row a node, and calls by day drawn."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from yiwang.blocks.cascade import public as cascade
from yiwang.blocks.identity.public import AUDIT_ADMIN, AUDITOR, OPERATOR, REVIEWER
from yiwang.portal import formats
from yiwang.portal.account.access import actor, requires
from yiwang.portal.console.cascade import level_words
from yiwang.portal.problems import explained
from yiwang.portal.usage.charts import Chart, Line

DAYS = 30
MOST_DRAWN = 6


@require_GET
@requires(OPERATOR, AUDITOR, AUDIT_ADMIN, REVIEWER)
@explained
def page(request: HttpRequest) -> HttpResponse:
    """The last thirty days."""
    now = timezone.now()
    rows = cascade.rolled_up(actor(request), now, DAYS)
    total = {name: sum(getattr(one, name) for one in rows) for name in ("calls", "refused", "rows")}
    drawn = sorted((one for one in rows if one.calls), key=lambda one: -one.calls)[:MOST_DRAWN]
    by_day = [dict(one.by_day) for one in drawn]
    days = [now.date() - timedelta(days=back) for back in range(DAYS, 0, -1)]
    chart = Chart(
        "line", gettext("Calls by day"), gettext("days that are over; a node not heard of has a gap"),
        (gettext("Day"), *(one.title for one in drawn)),
        tuple(Line(formats.day(day), tuple(known.get(day) for known in by_day)) for day in days),
    )  # fmt: skip
    facts = {
        "tab": "cascade", "rows": [(one, level_words(one.level)) for one in rows], "total": total,
        "chart": chart if drawn else None,
    }  # fmt: skip
    return render(request, "console/cascade_figures.html", facts)
