"""Addresses of the share."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

app_name = "share"
urlpatterns: list[URLPattern | URLResolver] = []
