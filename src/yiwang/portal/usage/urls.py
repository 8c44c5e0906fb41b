"""Addresses of usage."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from yiwang.portal.share.urls import CalledCode  # noqa: F401 - its module registers the converter `called`
from yiwang.portal.usage import pages

app_name = "usage"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.home, name="home"),
    path("resources/<called:code>/", pages.resource, name="resource"),
    path("grants/<str:grant_id>/", pages.grant, name="grant"),
    path("departments/<str:uscc>/", pages.department, name="department"),
]
