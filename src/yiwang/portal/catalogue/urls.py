"""Addresses of the pages that keep the catalogue."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

import yiwang.portal.share.urls  # noqa: F401 - registers the converter of resource codes
from yiwang.portal.catalogue import census, reviews, scans, standing, workbench

app_name = "catalogue"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", workbench.page, name="workbench"),
    path("scans/", scans.listing, name="scans"),
    path("scans/<str:scan_id>/", scans.page, name="scan"),
    path("scans/<str:scan_id>/draft/", scans.draft, name="scan-draft"),
    path("scans/<str:scan_id>/cancel/", scans.cancel, name="scan-cancel"),
    path("scans/<str:scan_id>/forget/", scans.forget, name="scan-forget"),
    path("scans/<str:scan_id>/scan.xlsx", scans.workbook, name="scan-workbook"),
    path("scans/<str:scan_id>/tables/<int:position>/", scans.table, name="scan-table"),
    path("drift/<resource:code>/", scans.drift, name="drift"),
    path("one-source/", scans.one_source, name="one-source"),
    path("census/", census.upload, name="census"),
    path("census/sheet.xlsx", census.download, name="census-sheet"),
    path("census/<str:key>/", census.preview, name="census-preview"),
    path("reviews/", reviews.queue, name="reviews"),
    path("reviews/<resource:code>/", reviews.case, name="review"),
    path("standing/duties.csv", standing.duty_list, name="duty-list"),
    path("standing/", standing.page, name="standing"),
]
