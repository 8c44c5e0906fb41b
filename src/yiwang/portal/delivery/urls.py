"""Addresses of table jobs."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from yiwang.portal.delivery import pages, steps

app_name = "delivery"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.listing, name="jobs"),
    path("new/", steps.new, name="new"),
    path("targets/", steps.targets, name="targets"),
    path("targets/new/", steps.target_new, name="target-new"),
    path("targets/<str:target_id>/remove/", steps.target_remove, name="target-remove"),
    path("<str:job_id>/", pages.page, name="job"),
    path("<str:job_id>/change/", steps.change, name="change"),
    path("<str:job_id>/runs/<int:run_id>/", pages.report, name="report"),
    path("<str:job_id>/runs/<int:run_id>/receipt.json", pages.receipt, name="receipt"),
    path("<str:job_id>/quarantine/<int:row_id>/", steps.held, name="held"),
    path("<str:job_id>/<str:step>/", steps.take, name="step"),
]
