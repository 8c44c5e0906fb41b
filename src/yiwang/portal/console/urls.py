"""Addresses of the console."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from yiwang.portal.console import edges, pages

app_name = "console"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.monitor, name="monitor"),
    path("export.csv", pages.exported, name="export"),
    path("node/", pages.node, name="node"),
    path("grants/", pages.grants, name="grants"),
    path("edge/", edges.listing, name="edges"),
    path("edge/new/", edges.new, name="edge-new"),
    path("edge/<str:edge_id>/", edges.page, name="edge"),
    path("edge/<str:edge_id>/change/", edges.change, name="edge-change"),
    path("edge/<str:edge_id>/end/", edges.end, name="edge-end"),
    path("errors/", pages.lookup, name="lookup"),
]
