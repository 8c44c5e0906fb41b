"""Addresses of the console."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from yiwang.portal.alerts import sources
from yiwang.portal.console import cascade, cascade_figures, edges, feeds, joining, pages, systems

app_name = "console"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.monitor, name="monitor"),
    path("export.csv", pages.exported, name="export"),
    path("sources/", sources.listing, name="sources"),
    path("sources/<str:source_id>/", sources.page, name="source"),
    path("node/", pages.node, name="node"),
    path("cascade/", cascade.page, name="cascade"),
    path("cascade/figures/", cascade_figures.page, name="cascade-figures"),
    path("cascade/invite/", joining.invite, name="cascade-invite"),
    path("cascade/join/", joining.join, name="cascade-join"),
    path("cascade/join/card/", joining.join_by_card, name="cascade-card"),
    path("cascade/key/", joining.rekey, name="cascade-rekey"),
    path("cascade/nodes/<str:node>/", joining.peer, name="cascade-peer"),
    path("cascade/nodes/<str:node>/<str:step>/", joining.step, name="cascade-step"),
    path("feeds/", feeds.listing, name="feeds"),
    path("feeds/new/", feeds.new, name="feed-new"),
    path("feeds/<int:feed_id>/", feeds.page, name="feed"),
    path("feeds/<int:feed_id>/edit/", feeds.edit, name="feed-edit"),
    path("feeds/<int:feed_id>/step/", feeds.step, name="feed-step"),
    path("grants/", pages.grants, name="grants"),
    path("systems/", systems.listing, name="systems"),
    path("systems/<str:system_id>/", systems.page, name="system"),
    path("edge/", edges.listing, name="edges"),
    path("edge/new/", edges.new, name="edge-new"),
    path("edge/<str:edge_id>/", edges.page, name="edge"),
    path("edge/<str:edge_id>/change/", edges.change, name="edge-change"),
    path("edge/<str:edge_id>/end/", edges.end, name="edge-end"),
    path("errors/", pages.lookup, name="lookup"),
]
