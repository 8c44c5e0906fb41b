"""The catalogue: find a resource, and everything about one."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import APPROVER, AUDITOR, DATA_OFFICER, OPERATOR, REVIEWER
from yiwang.blocks.quality import public as quality
from yiwang.blocks.standards import public as standards
from yiwang.portal.account.access import actor
from yiwang.portal.problems import explained
from yiwang.portal.share import figures

PER_PAGE = 20
LISTED = 100
FACETS = {
    "share_type": _("Terms"),
    "provider": _("Provider"),
    "mode": _("Services"),
    "theme": _("Class"),
    "update_cycle": _("Update cycle"),
    "grade": _("Grade"),
    "quality": _("Quality"),
}
"""Facets in the order of the page, with their headings."""


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
    narrowed = {name: value for name in FACETS if (value := request.GET.get(name, "")[:60])}
    found = exchange.search_resources(
        me, text=text, narrowed=narrowed, page=page_number(request), per_page=PER_PAGE
    )
    facts = {
        "tab": "resources",
        "unread": exchange.unread_count(me),
        "found": found,
        # the list is read to a certain depth only, whatever is counted
        "cut": found.page == found.pages and (found.at_least or found.total > found.pages * PER_PAGE),
        "q": text,
        "chosen": narrowed,
        "facets": [
            (name, title, found.facets.get(name, ()), narrowed.get(name, ""))
            for name, title in FACETS.items()
        ],
        "narrowed": bool(text or narrowed),
        "may_collect": bool(me.agency) and me.has(DATA_OFFICER),
        "basket": exchange.basket_codes(me),
        "quality": quality.badges({row.resource.code for row in found.rows}),
        "can_state": me.has(DATA_OFFICER),
        "urlq": quote(text),
    }
    return render(request, "share/resources.html", facts)


@require_GET
@explained
def listing(request: HttpRequest) -> HttpResponse:
    """Every entry that has the words, by code and to the last."""
    me = actor(request)
    text = request.GET.get("q", "").strip()[:100]
    narrowed = {name: value for name in FACETS if (value := request.GET.get(name, "")[:60])}
    after = request.GET.get("after", "")[:64]
    asked = urlencode({**({"q": text} if text else {}), **narrowed})
    facts = {
        "tab": "resources", "unread": exchange.unread_count(me), "q": text, "chosen": narrowed, "after": after,
        "found": catalogue.listed(me, text, narrowed, after=after, size=LISTED),
        "back": f"{reverse('share:resources')}?{asked}",
    }  # fmt: skip
    return render(request, "share/listing.html", facts)


@require_GET
@explained
def suggestions(request: HttpRequest) -> HttpResponse:
    """Titles for what was typed so far, as choices of the search line."""
    titles = catalogue.suggest(actor(request), request.GET.get("q", "").strip()[:100])
    return render(request, "share/suggestions.html", {"titles": titles})


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
        "may_check": len(view.services) > 1 and any(one.mode == "verify" for one in view.services),
        "collected": view.can_request and code in exchange.basket_codes(me),
        "known_elements": {
            item.element for item in view.resource.items if item.element and standards.in_force(item.element)
        },
        "badge": quality.badges({code}).get(code),
        "quality_series": tuple(score for _at, score in quality.scores_of(code)),
        "may_see_quality": me.has(REVIEWER, AUDITOR, OPERATOR)
        or (me.agency == view.resource.provider and me.has(DATA_OFFICER, APPROVER)),
        "may_dispute": settings.YW_NODE if me.has(DATA_OFFICER) else "",
        "may_rehearse": bool(me.agency)
        and me.has(DATA_OFFICER)
        and view.resource.state == "published"
        and view.resource.share_type != "none",
    }
    return render(request, "share/resource.html", facts)
