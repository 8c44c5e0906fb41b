"""Every address of the web process: the portals' pages and the node's health."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from yiwang.bootstrap.health import health
from yiwang.portal.account.access import public_view
from yiwang.portal.api import between_nodes as cascade

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", public_view(health), name="healthz"),
    path("cascade/v1/join", public_view(cascade.join)),
    path("cascade/v1/pull", public_view(cascade.pull)),
    path("cascade/v1/kept", public_view(cascade.kept)),
    path("", include("yiwang.portal.account.urls")),
    path("", include("yiwang.portal.urls")),
]

handler403 = "yiwang.portal.views.forbidden"
handler404 = "yiwang.portal.views.not_found"
handler500 = "yiwang.portal.views.broken"
