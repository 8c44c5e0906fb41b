"""Addresses of the console."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from yiwang.portal.console import feeds, pages

app_name = "console"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.monitor, name="monitor"),
    path("export.csv", pages.exported, name="export"),
    path("node/", pages.node, name="node"),
    path("feeds/", feeds.listing, name="feeds"),
    path("feeds/new/", feeds.new, name="feed-new"),
    path("feeds/<int:feed_id>/", feeds.page, name="feed"),
    path("feeds/<int:feed_id>/edit/", feeds.edit, name="feed-edit"),
    path("feeds/<int:feed_id>/step/", feeds.step, name="feed-step"),
    path("grants/", pages.grants, name="grants"),
    path("errors/", pages.lookup, name="lookup"),
]
