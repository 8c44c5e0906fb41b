"""News for me."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from yiwang.blocks.exchange import public as exchange
from yiwang.portal.account.access import actor
from yiwang.portal.alerts.words import GROUPS
from yiwang.portal.problems import explained
from yiwang.portal.share.catalogue import page_number

ABOUT: dict[str, tuple[str, ...]] = {
    "requests": ("request-",),
    "grants": ("grant-",),
    "data": ("mount-", "resource-", "quality-"),
    "alerts": ("alert-",),
}
"""Groups of notices, by how their kinds begin."""


@require_http_methods(["GET", "POST"])
@explained
def listing(request: HttpRequest) -> HttpResponse:
    """The list; POST marks everything read."""
    me = actor(request)
    if request.method == "POST":
        exchange.read_all_notices(me, timezone.now())
        return HttpResponseRedirect(reverse("share:notices"))
    unread = request.GET.get("unread") == "1"
    group = request.GET.get("about", "")
    group = group if group in ABOUT else ""
    page = exchange.notices(me, unread=unread, about=ABOUT.get(group, ()), page=page_number(request))
    return render(
        request,
        "share/notices.html",
        {
            "tab": "",
            "page": page,
            "only_unread": unread,
            "unread": exchange.unread_count(me),
            "group": group,
            "groups": list(GROUPS.items()),
        },
    )


@require_POST
@explained
def follow(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Mark one read and go where it leads."""
    exchange.read_notice(actor(request), notice_id, timezone.now())
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}) or not target:
        target = reverse("share:notices")
    return HttpResponseRedirect(target)
