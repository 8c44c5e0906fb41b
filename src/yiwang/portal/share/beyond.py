"""Resources of other nodes on this node's own pages: found, asked for, and disputed."""

from __future__ import annotations

import msgspec
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from yiwang.blocks.cascade import public as cascade
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import APPROVER, AUDITOR, DATA_OFFICER, REVIEWER, Actor
from yiwang.portal import formats
from yiwang.portal.account.access import actor, requires
from yiwang.portal.problems import explained
from yiwang.portal.share import beyond_calling, console
from yiwang.portal.share.beyond_form import MODES, AnswerFields, AskFields, DisputeFields
from yiwang.portal.share.beyond_row import begun
from yiwang.portal.share.catalogue import page_number
from yiwang.portal.share.item_names import named

TRADE = (DATA_OFFICER, APPROVER, REVIEWER, AUDITOR)


@require_GET
@requires(*TRADE)
@explained
def listing(request: HttpRequest) -> HttpResponse:
    """Resources of other nodes, by words and by node."""
    me = actor(request)
    text, owner = request.GET.get("q", "").strip()[:100], request.GET.get("node", "")[:63]
    found = cascade.entries(me, text=text, owner=owner, page=page_number(request))
    return _draw(request, me, "share/beyond.html", found=found, q=text, owner=owner)


@require_http_methods(["GET", "POST"])
@requires(*TRADE)
@explained
def entry(request: HttpRequest, owner: str, code: str) -> HttpResponse:
    """One of them, and the form to ask for it."""
    me = actor(request)
    row = cascade.entry(me, owner, code)
    may_ask = me.has(DATA_OFFICER) and bool(set(row.body.modes) & set(MODES))
    form = AskFields(row.body, request.POST if request.method == "POST" else None) if may_ask else None
    if form is not None and request.method == "POST" and form.is_valid():
        try:
            number = cascade.ask(me, owner, code, form.wish(), timezone.now())
        except cascade.AskingInvalid as error:
            form.blame(error.problems)
        else:
            messages.success(request, gettext("Your request was sent to its owner."))
            return HttpResponseRedirect(reverse("share:asking", args=[number]))
    wrong = form is not None and bool(form.errors)
    return _draw(
        request,
        me,
        "share/beyond_entry.html",
        422 if wrong else 200,
        row=row,
        form=form,
        mine=cascade.given_back(owner, code),
    )


@require_GET
@requires(*TRADE)
@explained
def askings(request: HttpRequest) -> HttpResponse:
    """Requests that cross nodes."""
    me = actor(request)
    return _draw(
        request, me, "share/askings.html", rows=[(one, _state(one.state)) for one in cascade.askings(me)]
    )


@require_GET
@requires(*TRADE)
@explained
def asking(request: HttpRequest, number: str) -> HttpResponse:
    """One request: how far it is at its owner, and how to call it when it is granted."""
    me = actor(request)
    one = cascade.asking(me, number)
    held = cascade.holding(me, one.owner, one.grant) if one.grant else None
    facts: dict[str, object] = {
        "one": one,
        "state": _state(one.state),
        "held": held,
        "acts": me.has(DATA_OFFICER),
    }
    if held is not None and me.has(DATA_OFFICER):
        facts |= beyond_calling.shown(one, held, beyond_calling.entered(held, None))
    return _draw(request, me, "share/asking_beyond.html", 200, **facts)


@require_http_methods(["GET", "POST"])
@requires(DATA_OFFICER)
@explained
def change(request: HttpRequest, number: str, step: str) -> HttpResponse:
    """Change a returned request (`edit`), or ask with the same words anew (`again`): a renewal, or a second try."""
    me, now = actor(request), timezone.now()
    one = cascade.asking(me, number)
    if step not in one.steps:
        raise Http404
    row = cascade.entry(me, one.owner, one.resource)
    before = msgspec.convert(one.wish, exchange.RequestInput)
    form = AskFields(row.body, request.POST if request.method == "POST" else None, before)
    if request.method == "POST" and form.is_valid():
        try:
            if step == "edit":
                cascade.amend(me, number, form.wish(), now)
            else:
                number = cascade.ask(me, one.owner, one.resource, form.wish(), now)
        except cascade.AskingInvalid as error:
            form.blame(error.problems)
        else:
            messages.success(request, gettext("Your request was sent to its owner."))
            return HttpResponseRedirect(reverse("share:asking", args=[number]))
    facts: dict[str, object] = {"row": row, "form": form, "one": one, "step": step}
    return _draw(request, me, "share/asking_change.html", 422 if form.errors else 200, **facts)


@require_http_methods(["GET", "POST"])
@requires(DATA_OFFICER)
@explained
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """Take a request back; GET asks."""
    me = actor(request)
    one = cascade.asking(me, number)
    if request.method == "POST":
        cascade.withdraw(me, number, request.POST.get("text", ""), timezone.now())
        messages.success(request, gettext("Its owner is told that it is not needed any more."))
        return HttpResponseRedirect(reverse("share:asking", args=[number]))
    if "withdraw" not in one.steps:
        raise Http404
    return _draw(request, me, "share/asking_withdraw.html", one=one)


@require_http_methods(["GET", "POST"])
@requires(DATA_OFFICER)
@explained
def call(request: HttpRequest, number: str) -> HttpResponse:
    """Send what stands in the console of a granted request; the answer comes with its proof."""
    if request.method == "GET":
        return HttpResponseRedirect(reverse("share:asking", args=[number]))
    me, now = actor(request), timezone.now()
    one = cascade.asking(me, number)
    held = cascade.holding(me, one.owner, one.grant) if one.grant else None
    if held is None:
        raise cascade.AskingUnknown(request=number[:100])
    what = beyond_calling.entered(held, request.POST)
    facts = beyond_calling.shown(one, held, what) | {
        "one": one,
        "state": _state(one.state),
        "held": held,
        "acts": me.has(DATA_OFFICER),
    }
    if held.state == "active":
        facts["outcome"] = console.send(me, held.address, held.number, what, now)
        facts["disputable"] = (held.owner, held.resource)
    if request.headers.get("HX-Request"):
        return render(request, "share/answer.html", facts)
    return _draw(request, me, "share/asking_beyond.html", 200, **facts)


@require_GET
@requires(*TRADE)
@explained
def disputes(request: HttpRequest) -> HttpResponse:
    """Disputes 校核, and rows that were put right."""
    me = actor(request)
    rows = [(one, _settled(one.state)) for one in named(me, cascade.disputes(me, timezone.now()))]
    corrections = named(me, cascade.corrections(me))
    return _draw(request, me, "share/disputes.html", rows=rows, corrections=corrections)


@require_http_methods(["GET", "POST"])
@requires(DATA_OFFICER)
@explained
def raise_dispute(request: HttpRequest, owner: str, code: str) -> HttpResponse:
    """Say that a row and field are wrong."""
    me = actor(request)
    if owner == cascade.here(timezone.now()).name:
        view = exchange.resource_entry(me, code, timezone.now()).resource
        title = formats.pick(view.title, view.title_en)
        items = [(item.wire, formats.pick(item.title, item.title_en)) for item in view.items]
    else:
        row = cascade.entry(me, owner, code)
        title = formats.pick(row.body.title, row.body.title_en)
        items = [(item.name, formats.pick(item.title, item.title_en)) for item in row.body.items]
    known = begun(request.POST, [name for name, _ in items])
    posted = request.method == "POST" and known is None
    form = DisputeFields(items, request.POST if posted else None, known)
    if posted and form.is_valid():
        try:
            number = cascade.raise_dispute(me, owner, code, form.form(), timezone.now())
        except cascade.AskingInvalid as error:
            form.blame(error.problems)
        else:
            messages.success(request, gettext("The provider was told."))
            return HttpResponseRedirect(reverse("share:dispute", args=[number]))
    return _draw(request, me, "share/dispute_form.html", 422 if form.errors else 200, form=form, title=title)


@require_http_methods(["GET", "POST"])
@requires(*TRADE)
@explained
def dispute(request: HttpRequest, number: str) -> HttpResponse:
    """One dispute, and the provider's answer."""
    me = actor(request)
    one = cascade.dispute(me, number, timezone.now())
    form = AnswerFields(request.POST if request.method == "POST" else None) if one.answerable else None
    if form is not None and request.method == "POST" and form.is_valid():
        got = form.cleaned_data
        try:
            cascade.answer_dispute(
                me, number, got["outcome"], got["text"], timezone.now(), value=got["value"]
            )
        except cascade.AskingInvalid as error:
            form.blame(error.problems)
        else:
            messages.success(request, gettext("Your answer was sent."))
            return HttpResponseRedirect(reverse("share:dispute", args=[number]))
    wrong = form is not None and bool(form.errors)
    return _draw(
        request,
        me,
        "share/dispute.html",
        422 if wrong else 200,
        one=named(me, [one])[0],
        form=form,
        state=_settled(one.state),
    )


def _draw(request: HttpRequest, me: Actor, template: str, status: int = 200, **facts: object) -> HttpResponse:
    frame = {"tab": "beyond", "unread": exchange.unread_count(me), "now": timezone.now()}
    return render(request, template, {**frame, **facts}, status=status)


def _state(state: str) -> str:
    return formats.pick(*cascade.ASKING_STATES.get(state, (state, state)))


def _settled(state: str) -> str:
    return formats.pick(*cascade.DISPUTE_STATES.get(state, (state, state)))
