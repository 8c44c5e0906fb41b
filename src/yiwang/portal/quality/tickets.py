"""Tickets of quality: lists, one with its story, and its steps."""

from __future__ import annotations

from datetime import date, datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from yiwang.blocks.identity.public import AUDITOR, DATA_OFFICER, REVIEWER, Actor
from yiwang.blocks.organisation.public import agencies
from yiwang.blocks.quality import public as quality
from yiwang.portal import formats
from yiwang.portal.account.access import actor, requires
from yiwang.portal.deadlines import ledger
from yiwang.portal.desk.page import DESK, draw, said, seen
from yiwang.portal.problems import explained
from yiwang.portal.quality.naming import named_rows
from yiwang.portal.quality.words import TABS
from yiwang.portal.share.catalogue import page_number

READERS = (*DESK, AUDITOR)
STEPS = ("take", "mended", "ask-exemption", "dispatch", "exempt", "decline")


@require_GET
@requires(*READERS)
@explained
def listing(request: HttpRequest) -> HttpResponse:
    """Tickets in tabs with their counts."""
    me, now = actor(request), timezone.now()
    names = [name for name in TABS if _shown(me, name)]
    usual = "mine" if me.has(DATA_OFFICER) else "open"
    tab = request.GET.get("tab", usual)
    tab = tab if tab in names else usual
    text, agency = request.GET.get("q", "").strip()[:100], request.GET.get("agency", "")[:18]
    found = quality.tickets(me, now, tab=tab, text=text, agency=agency, page=page_number(request))
    facts = {
        "found": found, "rows": named_rows(found.rows), "shown": tab, "q": text, "agency": agency,
        "tabs": [(name, TABS[name], found.counts[name]) for name in names],
    }  # fmt: skip
    return draw(request, me, "quality/tickets.html", "tickets", facts)


@require_GET
@requires(*READERS)
@explained
def page(request: HttpRequest, ticket_id: str) -> HttpResponse:
    """One ticket with its story."""
    me, now = actor(request), timezone.now()
    view = quality.ticket(me, ticket_id, now)
    due = view.row.due
    why = None
    if due is not None:
        basis = formats.pick(due.rule_source_zh, due.rule_source_en)
        why = ledger(due.start, due.total, due.at, basis, me.region, certain=due.certain)
    (row,) = named_rows([view.row])
    facts = {"view": view, "row": row, "ledger": why, "ticketed": sorted(quality.TICKETED)}
    return draw(request, me, "quality/ticket.html", "tickets", facts)


@require_http_methods(["GET", "POST"])
@requires(DATA_OFFICER, REVIEWER)
@explained
def take(request: HttpRequest, ticket_id: str, step: str) -> HttpResponse:
    """One step; those that need words ask first."""
    me, now = actor(request), timezone.now()
    if step not in STEPS:
        raise Http404
    view = quality.ticket(me, ticket_id, now)
    problems: tuple[quality.Problem, ...] = ()
    if request.method == "POST":
        try:
            _step(request, me, ticket_id, step, now)
        except quality.TicketInvalid as error:
            problems = error.problems
        except quality.DataQualityError as error:
            if error.code not in {"quality-ticket-changed", "quality-ticket-state-wrong"}:
                raise
            messages.error(request, said(error))
            return _to(ticket_id)
        else:
            messages.success(request, _done(step))
            return _to(ticket_id)
    facts = {
        "view": view, "row": named_rows([view.row])[0], "step": step, "problems": problems,
        "text": request.POST.get("text", ""), "until": request.POST.get("until", ""),
        "agencies": [(one.uscc, formats.pick(one.name_zh, one.name_en)) for one in agencies()]
        if step == "dispatch" else (),
        "longest": quality.LONGEST_EXEMPTION,
    }  # fmt: skip
    return draw(request, me, "quality/ticket_step.html", "tickets", facts, status=422 if problems else 200)


def _step(request: HttpRequest, me: Actor, number: str, step: str, now: datetime) -> None:
    text, revision = request.POST.get("text", "").strip()[:500], seen(request)
    match step:
        case "take":
            quality.take_ticket(me, number, now, seen=revision)
        case "mended":
            quality.report_mended(me, number, text, now, seen=revision)
        case "ask-exemption":
            quality.ask_exemption(me, number, _day(request), text, now, seen=revision)
        case "dispatch":
            quality.dispatch_ticket(me, number, request.POST.get("agency", "")[:18], text, now, seen=revision)
        case "exempt":
            quality.grant_exemption(me, number, text, now, seen=revision)
        case _:
            quality.decline_exemption(me, number, text, now, seen=revision)


def _done(step: str) -> str:
    return {
        "take": gettext("Noted that you are mending it."),
        "mended": gettext("The rules run now; the ticket closes by itself when no row breaks its rule."),
        "ask-exemption": gettext("The data bureau was asked."),
        "dispatch": gettext("The ticket was sent."),
        "exempt": gettext("The exemption is in force."),
        "decline": gettext("The exemption was declined."),
    }[step]


def _day(request: HttpRequest) -> date:
    try:
        return parse_date(request.POST.get("until", "")[:10]) or date.min
    except ValueError:
        return date.min


def _shown(me: Actor, tab: str) -> bool:
    if tab == "mine":
        return me.has(DATA_OFFICER)
    return tab != "new" or me.has(REVIEWER)


def _to(ticket_id: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("quality:ticket", args=[ticket_id]))
