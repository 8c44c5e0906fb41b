"""Stating a need: the form with what the catalogue has already, and needs that others have stated."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from yiwang.blocks.demand import public as demand
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import DATA_OFFICER, Actor
from yiwang.portal.account.access import actor, requires
from yiwang.portal.desk.page import seen
from yiwang.portal.problems import explained
from yiwang.portal.share.need_form import NeedFields, initial_of
from yiwang.vocabulary.errors import YwError

SUGGESTED = 5


@require_http_methods(["GET", "POST"])
@requires(DATA_OFFICER)
@explained
def new(request: HttpRequest) -> HttpResponse:
    """State a need; `?q=` carries what was searched for in vain."""
    return _form(request, None)


@require_http_methods(["GET", "POST"])
@requires(DATA_OFFICER)
@explained
def edit(request: HttpRequest, need_id: str) -> HttpResponse:
    """Change a draft."""
    return _form(request, demand.need(actor(request), need_id, timezone.now()))


@require_POST
@requires(DATA_OFFICER)
@explained
def near(request: HttpRequest) -> HttpResponse:
    """While typing: entries and open needs that come near what stands in the form."""
    form = NeedFields(timezone.localdate(), request.POST)
    form.is_valid()
    return render(request, "share/need_near.html", _near(actor(request), form.said(), ""))


def _form(request: HttpRequest, view: demand.NeedView | None) -> HttpResponse:
    me, today = actor(request), timezone.localdate()
    if request.method == "POST":
        form = NeedFields(today, request.POST)
        whole = form.is_valid()
        said = form.said()
        if (
            request.POST.get("do") != "look"
            and whole
            and (answer := _save(request, me, form, view)) is not None
        ):
            return answer
    else:
        asked = request.GET.get("q", "").strip()[:100]
        empty = demand.Statement(asked, "", "", "", ())
        said = view.said if view else empty
        form = NeedFields(today, initial=initial_of(view.said) if view else {"title": asked})
    facts = {
        "tab": "needs", "unread": exchange.unread_count(me), "form": form, "view": view,
        **_near(me, said, view.row.id if view else ""),
    }  # fmt: skip
    wrong = bool(form.errors) and request.POST.get("do") != "look"
    return render(request, "share/need_form.html", facts, status=422 if wrong else 200)


def _near(me: Actor, said: demand.Statement, number: str) -> dict[str, object]:
    return {
        "found": demand.matches(me, said)[:SUGGESTED],
        "alike": demand.similar(me, said, timezone.now(), but=number),
        "asked": bool(said.title),
    }


def _save(
    request: HttpRequest, me: Actor, form: NeedFields, view: demand.NeedView | None
) -> HttpResponse | None:
    """Keep the draft, and hand it in where that was asked for; None when something is wrong with the form."""
    now = timezone.now()
    try:
        if view is None:
            number = demand.state_need(me, form.said(), now)
        else:
            number = view.row.id
            demand.edit_need(me, number, form.said(), now, seen=seen(request))
    except demand.NeedInvalid as error:
        form.blame(error.problems)
        return None
    target = HttpResponseRedirect(reverse("share:need", args=[number]))
    if request.POST.get("do") != "submit":
        messages.success(request, gettext("Draft %(id)s was saved.") % {"id": number})
        return target
    try:
        demand.submit_need(me, number, now)
    except YwError as error:
        # the draft is kept; its page offers to hand it in again
        messages.error(request, gettext("Saved as draft, not handed in: %(why)s") % {"why": error})
        return target
    messages.success(request, gettext("The need %(id)s was handed in.") % {"id": number})
    return target
