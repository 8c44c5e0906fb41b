"""Subscriptions to be looked at: lists by side, one subscription with its webhook and its source."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import AUDITOR, DATA_OFFICER, Actor
from yiwang.blocks.subscriptions import public as subs
from yiwang.portal.account.access import actor, requires
from yiwang.portal.navigation import OFFICERS
from yiwang.portal.problems import explained
from yiwang.portal.subscriptions.forms import HookFields, ReplayFields, WayFields

READERS = (*OFFICERS, AUDITOR)


def draw(
    request: HttpRequest, me: Actor, template: str, facts: Mapping[str, object], status: int = 200
) -> HttpResponse:
    """A page of subscriptions, in the share."""
    frame = {
        "tab": "grants",
        "unread": exchange.unread_count(me),
        "officer": me.has(*OFFICERS),
        "may_make": me.has(DATA_OFFICER),
    }
    return render(request, template, {**frame, **facts}, status=status)


@require_GET
@requires(*READERS)
@explained
def listing(request: HttpRequest) -> HttpResponse:
    """Subscriptions of my agency, and those to what it provides; for auditors all."""
    me = actor(request)
    side = "provider" if request.GET.get("side") == "provider" else "consumer"
    ended = request.GET.get("state") == "ended"
    officer = me.has(*OFFICERS)
    rows = subs.subscriptions(me, side=side if officer else "", ended=ended)
    facts = {
        "side": side,
        "ended": ended,
        "rows": tuple(row for row in rows if (row.state == "ended") == ended),
        "grants": grants_to_follow(me) if officer and me.has(DATA_OFFICER) else (),
    }
    return draw(request, me, "subscriptions/list.html", facts)


@require_GET
@requires(*READERS)
@explained
def page(request: HttpRequest, number: str) -> HttpResponse:
    """One subscription."""
    me = actor(request)
    return show(request, me, subs.subscription(me, number))


def show(
    request: HttpRequest, me: Actor, view: subs.SubscriptionView, *, hook: HookFields | None = None,
    replay: ReplayFields | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    """The page of one subscription, with forms as they were filled in."""
    provides = view.provider == me.agency and me.has(DATA_OFFICER)
    entry = exchange.resource_entry(me, view.resource, timezone.now()) if provides else None
    facts = {
        "view": view, "hook": view.hook, "feed": view.feed,
        "hook_form": hook or HookFields(initial={"url": view.hook.url if view.hook else ""}),
        "replay_form": replay or ReplayFields(),
        "way_form": WayFields(entry.resource.items, view.feed) if entry is not None and view.feed else None,
        "provides": provides,
        "live": view.hook is not None and (view.hook.testing or (view.state == "active" and view.lag > 0)),
    }  # fmt: skip
    return draw(request, me, "subscriptions/one.html", facts, status)


def grants_to_follow(me: Actor) -> tuple[exchange.GrantRow, ...]:
    """Grants in force of the actor's agency that allow changes."""
    rows = exchange.grants(me, side="consumer", state="active")
    terms = exchange.granted_terms(me)
    return tuple(row for row in rows if row.id in terms and allows(terms[row.id]))


def allows(terms: exchange.Terms) -> bool:
    """Whether the terms of a grant allow changes to be followed."""
    return terms.delivery is not None and "changes" in terms.delivery.ways
