"""The one-time link to a private key: a page that says what it is, and one download, after which the key is gone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from yiwang.blocks.identity import public as identity
from yiwang.portal.account.access import public_view


@public_view
@never_cache
@require_http_methods(["GET", "POST"])
def handover(request: HttpRequest, token: str) -> HttpResponse:
    """Opening the link takes nothing, since mail programmes open links too; the button does."""
    now = timezone.now()
    try:
        if request.method == "POST":
            return _file(identity.take_key(token, now=now))
        facts = {"found": identity.handover(token, now)}
        answer = render(request, "account/handover.html", facts)
    except identity.HandoverGone as error:
        answer = render(request, "account/handover_gone.html", {"error": error}, status=410)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _file(key: identity.HandedKey) -> HttpResponse:
    answer = HttpResponse(key.pem, content_type="application/x-pem-file")
    answer.headers["Content-Disposition"] = f'attachment; filename="{key.client}-{key.kid[:8]}.pem"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
