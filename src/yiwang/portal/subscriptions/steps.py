"""Subscriptions through people's hands: made, paused, resumed, replayed, ended; webhooks set, tried and removed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import DATA_OFFICER, Actor, clients_of_agency
from yiwang.blocks.subscriptions import public as subs
from yiwang.portal.account.access import actor, requires
from yiwang.portal.desk.page import said
from yiwang.portal.problems import explained
from yiwang.portal.subscriptions.forms import HookFields, ReplayFields, SubscribeFields, WayFields
from yiwang.portal.subscriptions.pages import draw, show
from yiwang.vocabulary.errors import YwError

Step = Callable[[Actor, str, datetime], None]
STEPS: dict[str, Step] = {
    "pause": subs.pause,
    "resume": subs.resume,
    "end": subs.end_subscription,
    "unhook": subs.drop_hook,
    "test": partial(subs.try_hook, test=True),
    "retry": partial(subs.try_hook, test=False),
}


@require_http_methods(["GET", "POST"])
@requires(DATA_OFFICER)
@explained
def new(request: HttpRequest) -> HttpResponse:
    """Follow the changes of a grant's resource."""
    me, now = actor(request), timezone.now()
    grant = exchange.grant(me, request.GET.get("grant", "")[:32], now)
    clients = clients_of_agency(me.agency) if grant.consumer == me.agency else []
    form = SubscribeFields(grant, clients, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        got = form.cleaned_data
        try:
            number = subs.subscribe(me, grant.id, str(got["client"]), form.purpose(), now)
            if got["url"]:
                subs.set_hook(me, number, str(got["url"]), now)
        except YwError as error:
            form.add_error("url" if "hook" in error.code or "connector" in error.code else None, said(error))
        else:
            messages.success(request, gettext("Changes are followed from now on."))
            return _to(number)
    facts = {"form": form, "grant": grant, "clients": clients}
    return draw(request, me, "subscriptions/new.html", facts, 422 if form.errors else 200)


@require_POST
@requires(DATA_OFFICER)
@explained
def take(request: HttpRequest, number: str, step: str) -> HttpResponse:
    """Pause, resume, end, test, retry, or send no more."""
    taken = STEPS.get(step)
    if taken is None:
        raise Http404
    taken(actor(request), number, timezone.now())
    if step == "test":
        messages.info(request, gettext("A test delivery is on its way; its result shows here."))
    return _to(number)


@require_POST
@requires(DATA_OFFICER)
@explained
def hook(request: HttpRequest, number: str) -> HttpResponse:
    """Set or change where events are sent."""
    me = actor(request)
    form = HookFields(request.POST)
    if form.is_valid():
        try:
            subs.set_hook(me, number, str(form.cleaned_data["url"]), timezone.now())
        except YwError as error:
            if error.code.endswith("-unknown") and "host" not in error.code:
                raise
            form.add_error("url", said(error))
        else:
            messages.success(request, gettext("Events are sent there from now on."))
            return _to(number)
    return show(request, me, subs.subscription(me, number), hook=form, status=422)


@require_POST
@requires(DATA_OFFICER)
@explained
def replay(request: HttpRequest, number: str) -> HttpResponse:
    """Give out again what was recorded since a moment."""
    me = actor(request)
    form = ReplayFields(request.POST)
    if form.is_valid():
        try:
            back = subs.replay(me, number, form.cleaned_data["since"], timezone.now())
        except YwError as error:
            if error.code.endswith("-unknown"):
                raise
            form.add_error("since", said(error))
        else:
            messages.success(request, gettext("Events to come again: %(n)s") % {"n": back})
            return _to(number)
    return show(request, me, subs.subscription(me, number), replay=form, status=422)


@require_POST
@requires(DATA_OFFICER)
@explained
def way(request: HttpRequest, code: str) -> HttpResponse:
    """How changes of a resource of my agency are found."""
    me, now = actor(request), timezone.now()
    entry, feed = exchange.resource_entry(me, code, now), subs.feed(me, code)
    if feed is None:
        raise Http404
    form = WayFields(entry.resource.items, feed, request.POST)
    if form.is_valid():
        subs.choose_way(me, code, str(form.cleaned_data["wish"]), str(form.cleaned_data["field"] or ""), now)
        messages.success(request, gettext("Kept."))
    back = request.POST.get("back", "")[:40]
    return _to(back) if back.startswith("sub-") else HttpResponseRedirect(reverse("subscriptions:list"))


def _to(number: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("subscriptions:one", args=[number]))
