"""Addresses of evidence."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from yiwang.portal.evidence import pages, verify

app_name = "evidence"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.home, name="home"),
    path("verify/", verify.page, name="verify"),
    path("find/", pages.find, name="find"),
    path("<str:log>/<int:index>/", pages.leaf, name="leaf"),
    path("<str:log>/<int:index>/part.json", pages.part, name="part"),
]
