"""Addresses of the pages of declared systems."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from yiwang.portal.systems import detail, home, importing, interface, listing, looking, taking, writing

app_name = "systems"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.systems, name="systems"),
    path("<slug:system>/", home.home, name="home"),
    path("<slug:system>/about/interface/", interface.interface, name="interface"),
    path("<slug:system>/about/openapi.json", interface.document, name="openapi"),
    path("<slug:system>/<slug:entity>/", listing.listing, name="list"),
    path("<slug:system>/<slug:entity>/new/", writing.new, name="new"),
    path("<slug:system>/<slug:entity>/import/", importing.take_in, name="import"),
    path("<slug:system>/<slug:entity>/import/empty.<str:kind>", importing.template, name="import-template"),
    path("<slug:system>/<slug:entity>/import/wrong.<str:kind>", importing.wrong_cells, name="import-wrong"),
    path("<slug:system>/<slug:entity>/import/wrong/", importing.wrong_page, name="import-wrong-page"),
    path("<slug:system>/<slug:entity>/export.<str:kind>", taking.export, name="export"),
    path("<slug:system>/<slug:entity>/views/<slug:view>/", looking.look, name="view"),
    path("<slug:system>/<slug:entity>/<int:number>/", detail.record, name="record"),
    path("<slug:system>/<slug:entity>/<int:number>/history/", detail.history, name="history"),
    path("<slug:system>/<slug:entity>/<int:number>/edit/", writing.edit, name="edit"),
    path("<slug:system>/<slug:entity>/<int:number>/withdraw/", writing.withdraw, name="withdraw"),
]
