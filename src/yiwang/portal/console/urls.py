"""Addresses of the console."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from yiwang.portal.alerts import sources
from yiwang.portal.console import pages

app_name = "console"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.monitor, name="monitor"),
    path("export.csv", pages.exported, name="export"),
    path("sources/", sources.listing, name="sources"),
    path("sources/<str:source_id>/", sources.page, name="source"),
    path("node/", pages.node, name="node"),
    path("grants/", pages.grants, name="grants"),
    path("errors/", pages.lookup, name="lookup"),
]
