"""Addresses of standards. A number such as `GB/T 2261.1` has slashes and blanks, so it is a path of its own."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

import yiwang.portal.share.urls  # noqa: F401 - registers the converter of resource codes
from yiwang.portal.standards import pages

app_name = "standards"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.home, name="home"),
    path("elements.csv", pages.download, name="download"),
    path("new/", pages.draft, name="new"),
    path("import/", pages.take, name="take"),
    path("lists/new/", pages.draft_list, name="list-new"),
    path("lists/<str:list_id>/", pages.code_list, name="list"),
    path("lists/<str:list_id>/edit/", pages.draft_list, name="list-edit"),
    path("lists/<str:list_id>/change/", pages.change_list, name="list-change"),
    path("conformance/<resource:code>/", pages.conformance, name="conformance"),
    path("edit/<path:number>/", pages.draft, name="edit"),
    path("change/<path:number>/", pages.change, name="change"),
    path("elements/<path:number>/", pages.element, name="element"),
]
