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
from yiwang.portal.problems import explained
from yiwang.portal.share.catalogue import page_number


@require_http_methods(["GET", "POST"])
@explained
def listing(request: HttpRequest) -> HttpResponse:
    """The list; POST marks everything read."""
    me = actor(request)
    if request.method == "POST":
        exchange.read_all_notices(me, timezone.now())
        return HttpResponseRedirect(reverse("share:notices"))
    unread = request.GET.get("unread") == "1"
    page = exchange.notices(me, unread=unread, page=page_number(request))
    return render(
        request, "share/notices.html", {"tab": "", "page": page, "only_unread": unread, "unread": page.unread}
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
