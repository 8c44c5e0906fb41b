"""Quality by department and by resource."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from yiwang.blocks.identity.public import AUDITOR, DATA_OFFICER, OPERATOR, REVIEWER
from yiwang.blocks.quality import public as quality
from yiwang.portal import formats
from yiwang.portal.account.access import actor, requires
from yiwang.portal.desk.page import DESK, draw, said
from yiwang.portal.problems import explained
from yiwang.portal.quality.naming import named, named_rows, titles_of
from yiwang.portal.share.catalogue import page_number
from yiwang.portal.usage.charts import Chart, Line

WATCHING = (*DESK, AUDITOR, OPERATOR)


@require_GET
@requires(*WATCHING)
@explained
def home(request: HttpRequest) -> HttpResponse:
    """Departments in order of their quality, and resources, the worst first."""
    me, now = actor(request), timezone.now()
    agency, text = request.GET.get("agency", "")[:18], request.GET.get("q", "").strip()[:100]
    departments = quality.by_agency(me, now)
    found = quality.watched(me, agency=agency, text=text, page=page_number(request))
    mine = [one for one in departments if not agency or one.agency == agency]
    facts = {
        "departments": departments if len(departments) > 1 else (),
        "found": found,
        "agency": agency,
        "agency_name": next((one.agency_name for one in mine), "") if agency else "",
        "q": text,
        "tickets": sum(one.open_tickets for one in mine),
        "late": sum(one.overdue for one in mine),
        "bureau": me.has(REVIEWER, AUDITOR, OPERATOR),
    }
    return draw(request, me, "quality/home.html", "quality", facts)


@require_GET
@requires(*WATCHING)
@explained
def resource(request: HttpRequest, code: str) -> HttpResponse:
    """One resource: score, dimensions, trend, rules with what they found, runs, tickets."""
    me, now = actor(request), timezone.now()
    view = quality.resource_quality(me, code, now)
    scores = quality.scores_of(code)
    trend = None
    if len(scores) > 1:
        trend = Chart(
            "line",
            gettext("Score by run"),
            gettext("0 to 100"),
            (gettext("Run"), gettext("Score")),
            tuple(Line(formats.minute(at), (score,)) for at, score in scores),
        )
    titles = titles_of([code]).get(code, {})
    results = [named(one, titles) for one in view.results]
    found = [one for one in results if one.failed]
    facts = {
        "view": view,
        "row": view.standing,
        "trend": trend,
        "broken": sorted(found, key=lambda one: ("blocking", "major", "minor").index(one.severity)),
        "clean": [one for one in results if not one.failed and one.tested],
        "untested": [one for one in results if not one.reason and not one.tested],
        "left": [one for one in results if one.reason],
        "tickets": named_rows(view.tickets),
        "problem": view.standing.problem,
    }
    return draw(request, me, "quality/resource.html", "quality", facts)


@require_POST
@requires(DATA_OFFICER)
@explained
def run(request: HttpRequest, code: str) -> HttpResponse:
    """Have the rules run soon."""
    try:
        quality.ask_run(actor(request), code, timezone.now())
    except quality.DataQualityError as error:
        if error.code != "quality-run-too-soon":
            raise
        messages.error(request, said(error))
    else:
        messages.success(request, gettext("The rules run now; look again in a moment."))
    return HttpResponseRedirect(reverse("quality:resource", args=[code]))


@require_GET
@requires(*WATCHING)
@explained
def contract(request: HttpRequest, code: str) -> HttpResponse:
    """The rules as an Open Data Contract."""
    found = quality.contract_of(actor(request), code)
    answer = HttpResponse(
        json.dumps(found, ensure_ascii=False, indent=1) + "\n", content_type="application/json; charset=utf-8"
    )
    name = code.replace("/", "-")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.odcs.json"'
    return answer
