"""The catalogue: find a resource, and everything about one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from yiwang.blocks.exchange import public as exchange
from yiwang.portal.account.access import actor
from yiwang.portal.problems import explained
from yiwang.portal.share import figures

PER_PAGE = 20


def page_number(request: HttpRequest) -> int:
    """The page asked for; anything odd is the first."""
    text = request.GET.get("page", "1")
    return max(1, int(text)) if text.isdecimal() and len(text) < 7 else 1


@require_GET
@explained
def resources(request: HttpRequest) -> HttpResponse:
    """The list with search, facets and paging; all of it is in the address."""
    me = actor(request)
    text = request.GET.get("q", "").strip()[:100]
    provider = request.GET.get("provider", "")
    share_type = request.GET.get("share_type", "")
    found = exchange.search_resources(
        me, text=text, provider=provider, share_type=share_type, page=page_number(request), per_page=PER_PAGE
    )
    facts = {
        "tab": "resources",
        "unread": exchange.unread_count(me),
        "found": found,
        "q": text,
        "provider": provider,
        "share_type": share_type,
        "narrowed": bool(text or provider or share_type),
    }
    return render(request, "share/resources.html", facts)


@require_GET
@explained
def entry(request: HttpRequest, code: str) -> HttpResponse:
    """One resource: its items (choosing them starts a request), services, terms, users, versions."""
    me = actor(request)
    now = timezone.now()
    view = exchange.resource_entry(me, code, now)
    facts = {
        "tab": "resources",
        "unread": exchange.unread_count(me),
        "view": view,
        "resource": view.resource,
        "calls": figures.of_resource(me, code, now),
    }
    return render(request, "share/resource.html", facts)
