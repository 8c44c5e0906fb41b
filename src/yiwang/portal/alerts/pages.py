"""Alerts, the rules that raise them, and the mails of the node."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity import public as identity
from yiwang.blocks.watch import public as watch
from yiwang.portal.account.access import actor, requires
from yiwang.portal.alerts import words
from yiwang.portal.navigation import OFFICERS, WATCHERS
from yiwang.portal.problems import explained
from yiwang.portal.share.wording import alert_words, link_of

WATCHING = tuple(sorted(OFFICERS | WATCHERS))


@require_GET
@requires(*WATCHING)
@explained
def listing(request: HttpRequest) -> HttpResponse:
    """What is wrong now, what somebody takes care of, what is over."""
    me = actor(request)
    asked = request.GET.get("state", "open")
    state = asked if asked in watch.STATES else "open"
    counts = watch.alert_counts(me)
    rows = [
        (one, alert_words(one.kind, one.params), link_of(one.link)) for one in watch.alerts(me, state=state)
    ]
    tabs = [(one, words.STATES[one], counts.get(one, 0)) for one in watch.STATES]
    facts = {"rows": rows, "tabs": tabs, "state": state, "edits": me.has(identity.OPERATOR)}
    return _draw(request, "alerts/listing.html", "alerts", facts)


@require_POST
@requires(*WATCHING)
@explained
def acknowledge(request: HttpRequest, alert_id: int) -> HttpResponse:
    """Somebody takes care."""
    watch.acknowledge(actor(request), alert_id, timezone.now())
    messages.success(request, gettext("Noted that you take care of it."))
    return HttpResponseRedirect(reverse("alerts:home"))


@require_http_methods(["GET", "POST"])
@requires(identity.OPERATOR)
@explained
def rules(request: HttpRequest) -> HttpResponse:
    """Which rules count, and from which value on."""
    me = actor(request)
    if request.method == "POST":
        text = request.POST.get("limit", "0")
        limit = int(text) if text.isdecimal() and len(text) < 6 else -1
        kind = request.POST.get("kind", "")
        watch.set_rule(me, kind, enabled=request.POST.get("enabled") == "1", limit=limit, now=timezone.now())
        messages.success(request, gettext("The rule is changed. It counts from the next minute on."))
        return HttpResponseRedirect(reverse("alerts:rules"))
    rows = [(one, words.RULES[one.kind.name], words.UNITS[one.kind.unit]) for one in watch.rules()]
    return _draw(request, "alerts/rules.html", "alerts", {"rows": rows})


@require_GET
@requires(identity.OPERATOR)
@explained
def mails(request: HttpRequest) -> HttpResponse:
    """The latest mails; a demo node, which sends none, shows what they say."""
    rows = [(one, words.MAIL_STATES[one.state]) for one in watch.mails(actor(request))]
    facts = {"rows": rows, "bodies": settings.YW_MODE == "demo", "on": settings.YW_MAILS}
    return _draw(request, "alerts/mails.html", "mails", facts)


def _draw(request: HttpRequest, template: str, tab: str, facts: dict[str, object]) -> HttpResponse:
    frame = {"tab": tab, "unread": exchange.unread_count(actor(request)), "now": timezone.now()}
    return render(request, template, frame | facts)
