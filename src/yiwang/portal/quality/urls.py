"""Addresses of quality."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

import yiwang.portal.share.urls  # noqa: F401 - registers the converter of resource codes
from yiwang.portal.quality import pages, rules, tickets

app_name = "quality"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.home, name="home"),
    path("resources/<resource:code>/", pages.resource, name="resource"),
    path("resources/<resource:code>/run/", pages.run, name="run"),
    path("resources/<resource:code>/rules/", rules.page, name="rules"),
    path("resources/<resource:code>/rules/new/<str:kind>/", rules.add, name="rule-new"),
    path("resources/<resource:code>/contract/", rules.take, name="contract-take"),
    path("resources/<resource:code>/contract.json", pages.contract, name="contract"),
    path("tickets/", tickets.listing, name="tickets"),
    path("tickets/<str:ticket_id>/", tickets.page, name="ticket"),
    path("tickets/<str:ticket_id>/<str:step>/", tickets.take, name="ticket-step"),
]
