"""Addresses of the pages that keep the catalogue."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

import yiwang.portal.share.urls  # noqa: F401 - registers the converter of resource codes
from yiwang.portal.catalogue import census, reviews, standing

app_name = "catalogue"
urlpatterns: list[URLPattern | URLResolver] = [
    path("census/", census.upload, name="census"),
    path("census/sheet.xlsx", census.download, name="census-sheet"),
    path("census/<str:key>/", census.preview, name="census-preview"),
    path("reviews/", reviews.queue, name="reviews"),
    path("reviews/<resource:code>/", reviews.case, name="review"),
    path("standing/", standing.page, name="standing"),
]
