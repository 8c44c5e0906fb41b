"""Addresses of the pages: what belongs to no audience here, each portal in its own file."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from yiwang.portal import views

own: list[URLPattern | URLResolver] = [
    path("", views.front, name="front"),
    path("text-size/", views.text_size, name="text-size"),
    path("style/", views.style_page, name="style"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include((own, "portal"))),
    path("i18n/setlang/", views.language, name="set_language"),
    path("share/", include("yiwang.portal.share.urls")),
    path("catalogue/", include("yiwang.portal.catalogue.urls")),
    path("desk/", include("yiwang.portal.desk.urls")),
    path("console/", include("yiwang.portal.console.urls")),
    path("alerts/", include("yiwang.portal.alerts.urls")),
    path("jobs/", include("yiwang.portal.delivery.urls")),
    path("subscriptions/", include("yiwang.portal.subscriptions.urls")),
    path("quality/", include("yiwang.portal.quality.urls")),
    path("standards/", include("yiwang.portal.standards.urls")),
    path("usage/", include("yiwang.portal.usage.urls")),
    path("systems/", include("yiwang.portal.systems.urls")),
    path("evidence/", include("yiwang.portal.evidence.urls")),
    path("cockpit/", include("yiwang.portal.cockpit.urls")),
    path("api/v1/", include("yiwang.portal.api.urls")),
]
