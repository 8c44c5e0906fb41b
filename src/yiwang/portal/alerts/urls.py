"""Addresses of alerts and of how people are told."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from yiwang.portal.alerts import pages, telling

app_name = "alerts"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.listing, name="home"),
    path("<int:alert_id>/acknowledge/", pages.acknowledge, name="acknowledge"),
    path("rules/", pages.rules, name="rules"),
    path("mails/", pages.mails, name="mails"),
    path("telling/", telling.telling, name="telling"),
    path("unsubscribe/<str:token>/", telling.unsubscribe, name="unsubscribe"),
]
