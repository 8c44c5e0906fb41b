"""Asking for data: the form of a new request, of a draft, or of one that was returned."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import DATA_OFFICER, Actor
from yiwang.portal.account.access import actor, requires
from yiwang.portal.deadlines import ledger
from yiwang.portal.desk.page import said, seen
from yiwang.portal.problems import explained
from yiwang.portal.share import keeping
from yiwang.portal.share.forms import ROWS, RequestFields, initial_of
from yiwang.portal.share.needs import from_need
from yiwang.portal.share.wishing import PURPOSES
from yiwang.vocabulary.errors import YwError


@dataclass(frozen=True)
class ItemRow:
    """An item on the form with what is ticked."""

    option: exchange.FieldOption
    field: bool
    lookup: bool
    claim: bool
    how: BoundField | None


@require_http_methods(["GET", "POST"])
@requires(DATA_OFFICER)
@explained
def new(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for a resource; `?fields=` carries what was ticked on its page."""
    me = actor(request)
    ask = exchange.request_form(me, code, timezone.now())
    return _answer(request, me, ask, None)


@require_http_methods(["GET", "POST"])
@requires(DATA_OFFICER)
@explained
def edit(request: HttpRequest, request_id: str) -> HttpResponse:
    """Change a draft, or correct what was returned, and send it again."""
    me = actor(request)
    now = timezone.now()
    view = exchange.request(me, request_id, now)
    ask = exchange.request_form(me, view.resource, now, request_id=request_id)
    return _answer(request, me, ask, view)


@require_POST
@requires(DATA_OFFICER)
@explained
def keep_new(request: HttpRequest, code: str) -> HttpResponse:
    """Keep what stands in the form of a new request, or forget it."""
    me = actor(request)
    ask = exchange.request_form(me, code, timezone.now())
    if request.POST.get("do") == "forget":
        listed = request.POST.get("next") == "list"
        back = reverse("share:requests") if listed else reverse("share:request-new", args=[code])
        return keeping.forget(request, me, _subject(ask), back)
    return keeping.answer(request, me, _subject(ask), RequestFields(ask, timezone.localdate()).fields)


@require_POST
@requires(DATA_OFFICER)
@explained
def keep_edit(request: HttpRequest, request_id: str) -> HttpResponse:
    """Keep what stands in the form of a request that exists, or forget it."""
    me = actor(request)
    now = timezone.now()
    view = exchange.request(me, request_id, now)
    ask = exchange.request_form(me, view.resource, now, request_id=request_id)
    if request.POST.get("do") == "forget":
        return keeping.forget(request, me, _subject(ask), reverse("share:request-edit", args=[request_id]))
    return keeping.answer(request, me, _subject(ask), RequestFields(ask, timezone.localdate()).fields)


def _subject(ask: exchange.RequestForm) -> str:
    return f"request:{ask.request}" if ask.request else f"resource:{ask.resource.code}"


def _answer(
    request: HttpRequest, me: Actor, ask: exchange.RequestForm, view: exchange.RequestView | None
) -> HttpResponse:
    """The form as it was begun, or what its button leads to."""
    kept = exchange.kept_form(me, _subject(ask))
    form = _form(request, ask, kept)
    if request.method == "POST":
        if form.is_valid() and (done := _save(request, me, ask, form, view)) is not None:
            exchange.forget_form(me, _subject(ask))
            return done
        if request.POST.get("do") == "save":
            kept = keeping.keep(request, me, _subject(ask), form.fields) or kept
        if view is not None:
            view = exchange.request(me, view.id, timezone.now())
    return _draw(request, me, ask, form, view, kept)


def _form(request: HttpRequest, ask: exchange.RequestForm, kept: exchange.KeptView | None) -> RequestFields:
    today = timezone.localdate()
    if request.method == "POST":
        return RequestFields(ask, today, data=request.POST)
    fields = request.GET.getlist("fields")
    purpose: dict[str, object] = {}
    if number := request.GET.get("need", "")[:32]:
        fields, purpose = from_need(actor(request), number, ask, timezone.now())
    initial = initial_of(ask, fields, request.GET.get("mode", ""))
    form = RequestFields(ask, today, initial=initial)
    if kept is not None:
        # what was ticked on the way here is newer than what was kept
        ticked = {"fields": initial["fields"]} if fields else {}
        form.initial.update({**keeping.initial_of(form, kept), **ticked})
    form.initial.update(purpose)
    return form


def _save(
    request: HttpRequest,
    me: Actor,
    ask: exchange.RequestForm,
    form: RequestFields,
    view: exchange.RequestView | None,
) -> HttpResponse | None:
    """Keep the draft, and hand it in where that was asked for; None when something is wrong with the form."""
    now = timezone.now()
    try:
        if view is None:
            request_id = exchange.create_request(me, ask.resource.code, form.wish(), now)
        else:
            request_id = view.id
            exchange.edit_request(me, request_id, form.wish(), now, seen=seen(request))
    except exchange.FormInvalid as error:
        form.blame(error.problems)
        return None
    except exchange.RequestChanged as error:
        # the page is drawn on the request as it stands now, with what was typed: saving again is a choice
        form.add_error(None, said(error))
        return None
    target = HttpResponseRedirect(reverse("share:request", args=[request_id]))
    if request.POST.get("do") != "submit":
        messages.success(request, gettext("Draft %(id)s was saved.") % {"id": request_id})
        return target
    try:
        exchange.submit_request(me, request_id, now)
    except YwError as error:
        # the draft is kept; the page of the request says why it was not handed in
        messages.error(request, gettext("Saved as draft, not handed in: %(why)s") % {"why": error})
        return target
    messages.success(request, gettext("Request %(id)s was handed in.") % {"id": request_id})
    return target


def _draw(
    request: HttpRequest,
    me: Actor,
    ask: exchange.RequestForm,
    form: RequestFields,
    view: exchange.RequestView | None,
    kept: exchange.KeptView | None,
) -> HttpResponse:
    ticked = {name: set(map(str, form[name].value() or [])) for name in ("fields", "lookups", "claims")}
    items = [
        ItemRow(
            option,
            option.item.wire in ticked["fields"],
            option.item.wire in ticked["lookups"],
            option.item.wire in ticked["claims"],
            form[f"how_{option.item.wire}"] if option.operators else None,
        )
        for option in ask.options
    ]
    facts = {
        "tab": "requests" if view else "resources",
        "unread": exchange.unread_count(me),
        "ask": ask,
        "form": form,
        "view": view,
        "items": items,
        "purposes": [
            [form[f"{name}_{i}"] for name in ("kind", "code", "title", "title_en", "law", "article")]
            for i in range(PURPOSES)
        ],
        "rows": [[form[f"row_{name}_{i}"] for name in ("field", "operator", "value")] for i in range(ROWS)],
        "ledger": ledger(timezone.now(), ask.reply_days, ask.reply_by, "", me.region),
        "verify": "verify" in ask.modes,
        "asks_rows": "verify" in ask.modes or "query" in ask.modes,
        "keeping": keeping.facts(request, me, kept, view.revision if view else None),
        "keep_at": (
            reverse("share:request-edit-keep", args=[view.id])
            if view
            else reverse("share:request-new-keep", args=[ask.resource.code])
        ),
    }
    return render(request, "share/request_form.html", facts, status=422 if form.errors else 200)
