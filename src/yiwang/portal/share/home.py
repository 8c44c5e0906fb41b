"""The share's home: search first, what waits for me beside it, live numbers, by department, what is new."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from yiwang.blocks.delivery import public as delivery
from yiwang.blocks.exchange import public as exchange
from yiwang.portal.account.access import actor
from yiwang.portal.problems import explained
from yiwang.portal.share import figures
from yiwang.portal.share.latest import newest
from yiwang.portal.share.needs import demand_facts

TODO_SHOWN = 4
JOBS_SHOWN = 2
PROVIDERS_SHOWN = 7


@require_GET
@explained
def home(request: HttpRequest) -> HttpResponse:
    """The first page after signing in."""
    me = actor(request)
    now = timezone.now()
    view = exchange.home(me, now)
    mine = exchange.my_requests(me, now, per_page=10).rows if view.my_open_requests else ()
    running = [row for row in mine if row.due is not None]
    return render(
        request,
        "share/home.html",
        {
            "tab": "home",
            "unread": view.unread,
            "view": view,
            "todo": view.todo[:TODO_SHOWN],
            "table_jobs": delivery.waiting_for(me)[:JOBS_SHOWN],
            "running": running[: max(0, TODO_SHOWN - len(view.todo))],
            "overdue": sum(1 for row in running if row.due is not None and row.due.overdue),
            "providers": view.providers[:PROVIDERS_SHOWN],
            "most": max((facet.count for facet in view.providers), default=0),
            "newest": newest(me),
            "traffic": figures.traffic(me, now),
            "now": now,
            **demand_facts(me, now),
        },
    )
