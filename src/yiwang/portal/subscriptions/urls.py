"""Addresses of subscriptions to changes."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from yiwang.portal.subscriptions import pages, steps

app_name = "subscriptions"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.listing, name="list"),
    path("new/", steps.new, name="new"),
    path("way/<path:code>", steps.way, name="way"),
    path("<str:number>/", pages.page, name="one"),
    path("<str:number>/hook/", steps.hook, name="hook"),
    path("<str:number>/replay/", steps.replay, name="replay"),
    path("<str:number>/<str:step>/", steps.take, name="step"),
]
