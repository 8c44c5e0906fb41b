"""Only the pages under test, so that these tests do not depend on other portals."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from yiwang.portal import views
from yiwang.portal.account.access import actor, public_view, requires
from yiwang.portal.urls import own


def plain(request: HttpRequest) -> HttpResponse:
    """A view without any mark."""
    return HttpResponse(actor(request).username)


@requires("operator")
def operators(request: HttpRequest) -> HttpResponse:
    """A view for one role."""
    return HttpResponse("operators")


@public_view
def open_to_all(request: HttpRequest) -> HttpResponse:
    """A view that anyone opens."""
    return HttpResponse("all")


urlpatterns = [
    path("", include("yiwang.portal.account.urls")),
    path("i18n/setlang/", views.language, name="set_language"),
    path("", include((own, "portal"))),
    path("plain/", plain),
    path("operators/", operators),
    path("open/", open_to_all),
]
