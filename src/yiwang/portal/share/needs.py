"""Needs: lists, one need with its clock and answers, a holder's answer, the bureau's ruling."""

from __future__ import annotations

from datetime import date, datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.demand import public as demand
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import APPROVER, AUDITOR, DATA_OFFICER, REVIEWER, Actor
from yiwang.blocks.organisation.public import agencies
from yiwang.portal import formats
from yiwang.portal.account.access import actor, requires
from yiwang.portal.deadlines import ledger
from yiwang.portal.desk.page import seen
from yiwang.portal.problems import explained
from yiwang.portal.share.beyond_news import above
from yiwang.portal.share.catalogue import page_number
from yiwang.portal.share.need_form import AnswerFields, RulingFields, purpose_of
from yiwang.portal.share.need_words import TABS

TRADE = (DATA_OFFICER, APPROVER, REVIEWER, AUDITOR)
ON_HOME = 5


@require_GET
@requires(*TRADE)
@explained
def listing(request: HttpRequest) -> HttpResponse:
    """Needs in tabs with their counts, and by words."""
    me = actor(request)
    tab = request.GET.get("tab", "open")
    text = request.GET.get("q", "").strip()[:100]
    tabs = [name for name in TABS if name != "bureau" or me.has(REVIEWER)]
    tab = tab if tab in tabs else "open"
    found = demand.needs(me, timezone.now(), tab=tab, text=text, page=page_number(request))
    facts = {
        "tab": "needs", "unread": exchange.unread_count(me), "found": found, "shown": tab, "q": text,
        "tabs": [(name, TABS[name], found.counts[name]) for name in tabs], "may_state": me.has(DATA_OFFICER),
        "standing": demand.standing(me, timezone.now()) if tab == "done" else (),
    }  # fmt: skip
    return render(request, "share/needs.html", facts)


@require_GET
@requires(*TRADE)
@explained
def page(request: HttpRequest, need_id: str) -> HttpResponse:
    """One need."""
    me = actor(request)
    view = demand.need(me, need_id, timezone.now())
    due = view.row.due
    why = None
    if due is not None and due.rule != "promise":
        basis = formats.pick(due.rule_source_zh, due.rule_source_en)
        why = ledger(due.start, due.total, due.at, basis, me.region, certain=due.certain)
    entries = catalogue.resources_by_code(set(view.row.resources))
    facts = {
        "tab": "needs", "unread": exchange.unread_count(me), "view": view, "row": view.row, "ledger": why,
        "entries": [entries[code] for code in view.row.resources if code in entries],
        "rules": not view.allowed.isdisjoint({"route", "assign"}), "may_ask": me.has(DATA_OFFICER) and view.row.mine,
        **above(me, view),
    }  # fmt: skip
    return render(request, "share/need.html", facts)


@require_http_methods(["GET", "POST"])
@requires(DATA_OFFICER)
@explained
def answer(request: HttpRequest, need_id: str) -> HttpResponse:
    """A likely holder answers."""
    me, now = actor(request), timezone.now()
    view = demand.need(me, need_id, now)
    if view.mine is None:
        raise Http404
    entries = [(row.code, row.title) for row in catalogue.search_resources(me, mine=True, per_page=200).rows]
    near = view.mine.match
    initial = {"by": demand.cataloguing_day(me.region, now), "resource": near.code if near else ""}
    form = AnswerFields(
        entries,
        _agencies({me.agency, view.row.agency}),
        request.POST if request.method == "POST" else None,
        initial,
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        kind = given["kind"]
        reply = demand.Answer(
            kind, text=given["text"], basis=given["basis"] if kind == "cannot" else "",
            resource=given["resource"] if kind == "have" else "", by=given["by"] if kind == "will" else None,
            hint=given["hint"] if kind == "none" else "",
        )  # fmt: skip
        try:
            demand.answer_need(me, need_id, reply, now, seen=seen(request))
        except demand.NeedInvalid as error:
            form.blame(error.problems)
        else:
            messages.success(request, gettext("Your answer was sent."))
            return _to(need_id)
    facts = {"tab": "needs", "unread": exchange.unread_count(me), "view": view, "row": view.row, "form": form}
    return render(request, "share/need_answer.html", facts, status=422 if form.errors else 200)


@require_POST
@requires(DATA_OFFICER)
@explained
def start_entry(request: HttpRequest, need_id: str) -> HttpResponse:
    """Start the draft of the promised entry and open it."""
    me = actor(request)
    code = demand.start_entry(
        me, need_id, request.POST.get("classification", "").strip()[:36], timezone.now()
    )
    return HttpResponseRedirect(reverse("desk:resource", args=[code]))


@require_http_methods(["GET", "POST"])
@requires(REVIEWER)
@explained
def rule(request: HttpRequest, need_id: str) -> HttpResponse:
    """The data bureau's desk for one need."""
    me, now = actor(request), timezone.now()
    view = demand.need(me, need_id, now)
    initial = {"by": demand.cataloguing_day(me.region, now)}
    form = RulingFields(
        _agencies({view.row.agency}), request.POST if request.method == "POST" else None, initial
    )
    if request.method == "POST" and form.is_valid():
        try:
            _rule(me, need_id, form, now, seen(request))
        except demand.NeedInvalid as error:
            form.blame(error.problems)
        else:
            messages.success(request, gettext("The ruling was sent to all parties."))
            return _to(need_id)
    facts = {
        "tab": "needs", "unread": exchange.unread_count(me), "view": view, "row": view.row, "form": form,
        "found": demand.matches(me, view.said)[:ON_HOME],
    }  # fmt: skip
    return render(request, "share/need_rule.html", facts, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(DATA_OFFICER)
@explained
def take(request: HttpRequest, need_id: str, step: str) -> HttpResponse:
    """Hand in, join, withdraw or dispute; the last two ask first."""
    me, now = actor(request), timezone.now()
    if step not in {"submit", "join", "withdraw", "dispute"}:
        raise Http404
    text = request.POST.get("text", "").strip()[:500]
    if request.method == "GET" or (step == "dispute" and not text):
        view = demand.need(me, need_id, now)
        return render(
            request, "share/need_step.html", {"tab": "needs", "view": view, "row": view.row, "step": step}
        )
    match step:
        case "submit":
            demand.submit_need(me, need_id, now, seen=seen(request))
            said = gettext("The need %(id)s was handed in.") % {"id": need_id}
        case "join":
            demand.join_need(me, need_id, now)
            said = gettext("Your agency is told of every step.")
        case "withdraw":
            demand.withdraw_need(me, need_id, now, text=text, seen=seen(request))
            said = gettext("The need %(id)s was withdrawn.") % {"id": need_id}
        case _:
            demand.dispute_need(me, need_id, text, now, seen=seen(request))
            said = gettext("The data bureau looks at it again.")
    messages.success(request, said)
    return _to(need_id)


def demand_facts(me: Actor, now: datetime) -> dict[str, object]:
    """What the home page shows of needs; nothing for those whose trade is not data."""
    if not me.has(*TRADE):
        return {}
    return {"demand": demand.needs(me, now, per_page=ON_HOME), "may_state": me.has(DATA_OFFICER)}


def from_need(
    me: Actor, number: str, ask: exchange.RequestForm, now: datetime
) -> tuple[list[str], dict[str, object]]:
    """What a need that was met puts into a request: the items it wanted, and the first values of the form."""
    said = demand.need(me, number, now).said
    wanted = {item.name for item in said.items}
    items = [one.item.wire for one in ask.options if one.item.title in wanted or one.item.wire in wanted]
    purpose = {
        f"{'title' if name == 'purpose_title' else name}_0": value for name, value in purpose_of(said).items()
    }
    return items, {**purpose, "reason": said.reason}


def _rule(me: Actor, number: str, form: RulingFields, now: datetime, revision: int | None) -> None:
    given = form.cleaned_data
    text, basis, chosen = given["text"], given["basis"], tuple(given["agencies"])
    match given["ruling"]:
        case "route":
            demand.route_need(me, number, chosen, text, now, seen=revision)
        case "assign":
            by = given["by"] if isinstance(given["by"], date) else date.min
            one = chosen[0] if len(chosen) == 1 else ""
            demand.assign_need(me, number, one, by, text, now, seen=revision)
        case "meet":
            demand.meet_need(me, number, form.codes(), text, now, seen=revision)
        case "law":
            demand.decline_need(me, number, "law", text, basis, now, seen=revision)
        case _:
            demand.decline_need(me, number, "nobody", text, "", now, seen=revision)


def _agencies(but: set[str]) -> list[tuple[str, str]]:
    return [(one.uscc, formats.pick(one.name_zh, one.name_en)) for one in agencies() if one.uscc not in but]


def _to(need_id: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("share:need", args=[need_id]))
