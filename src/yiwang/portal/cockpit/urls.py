"""Addresses of the cockpit."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from yiwang.portal.cockpit import pages

app_name = "cockpit"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.home, name="home"),
    path("<slug:system>/<slug:figure>/", pages.figure, name="figure"),
    path("<slug:system>/<slug:figure>/rows/<int:cell>/", pages.rows, name="rows"),
]
