"""Pages that belong to no audience: the front door, the text size, the style page, page errors."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST
from django.views.i18n import set_language

from yiwang.portal import style
from yiwang.portal.account.access import public_view
from yiwang.portal.templatetags.frames import LARGE_COOKIE

YEAR_SECONDS = 365 * 24 * 3600


@public_view
@require_GET
def front(_request: HttpRequest) -> HttpResponse:
    """The share's home; an audience of the public gets its own door with the public portal."""
    return HttpResponseRedirect(reverse("share:home"))


@public_view
@require_POST
def text_size(request: HttpRequest) -> HttpResponse:
    """Switch 大字 on or off for this browser, and go back to where the reader was."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    response = HttpResponseRedirect(target)
    response.set_cookie(
        LARGE_COOKIE, "large" if request.POST.get("size") == "large" else "normal",
        max_age=YEAR_SECONDS, samesite="Lax", httponly=True, secure=request.is_secure(),
    )  # fmt: skip
    return response


@public_view
@require_GET
def style_page(request: HttpRequest) -> HttpResponse:
    """Every component, drawn with invented values; only on a demo node."""
    if settings.YW_MODE != "demo":
        raise Http404
    return render(request, "style/page.html", style.samples())


@public_view
@require_POST
def language(request: HttpRequest) -> HttpResponseBase:
    """Django's own switch between the languages, for visitors too."""
    return set_language(request)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404"""
    del exception
    return render(request, "errors/404.html", status=404)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403"""
    del exception
    return render(request, "errors/403.html", status=403)


def broken(request: HttpRequest) -> HttpResponse:
    """500: drawn without the database, since that may be what is broken."""
    return render(request, "errors/500.html", status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was open too long or cookies are off."""
    del reason
    return render(request, "errors/csrf.html", status=403)
