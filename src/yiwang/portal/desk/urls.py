"""Addresses of the desk."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

import yiwang.portal.share.urls  # noqa: F401 - registers the converter of resource codes
from yiwang.portal.desk import batch, cases, entries, grants, mounts, phrases, queues, sources, tables

app_name = "desk"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", queues.home, name="home"),
    path("reviews/", queues.reviews, name="reviews"),
    path("reviews/together/", batch.review_together, name="reviews-together"),
    path("reviews/<str:request_id>/", cases.review, name="review"),
    path("reviews/<str:request_id>/<str:step>/", cases.review_step, name="review-step"),
    path("decisions/", queues.decisions, name="decisions"),
    path("decisions/together/", batch.decide_together, name="decisions-together"),
    path("decisions/<str:request_id>/", cases.decision, name="decision"),
    path("decisions/<str:request_id>/<str:step>/", cases.decision_step, name="decision-step"),
    path("texts/", phrases.listing, name="phrases"),
    path("texts/new/", phrases.edit, name="phrase-new"),
    path("texts/<int:phrase_id>/", phrases.edit, name="phrase"),
    path("texts/<int:phrase_id>/drop/", phrases.drop, name="phrase-drop"),
    path("grants/", grants.listing, name="grants"),
    path("grants/<str:grant_id>/", grants.page, name="grant"),
    path("grants/<str:grant_id>/<str:step>/", grants.change, name="grant-change"),
    path("resources/", entries.listing, name="resources"),
    path("resources/<resource:code>/", entries.edit, name="resource"),
    path("resources/<resource:code>/autosave/", entries.autosave, name="resource-autosave"),
    path("resources/<resource:code>/connect/", mounts.connect, name="connect"),
    path("resources/<resource:code>/discard/", entries.discard, name="resource-discard"),
    path("resources/<resource:code>/withdraw/", entries.withdraw, name="resource-withdraw"),
    path("sources/", sources.listing, name="sources"),
    path("sources/new/", sources.new, name="source-new"),
    path("sources/<str:source_id>/", sources.page, name="source"),
    path("sources/<str:source_id>/edit/", sources.edit, name="source-edit"),
    path("sources/<str:source_id>/check/", sources.check, name="source-check"),
    path("sources/<str:source_id>/tables/", tables.listing, name="tables"),
    path("sources/<str:source_id>/entry/", entries.from_table, name="entry-new"),
    path("sources/<str:source_id>/<str:step>/", sources.change, name="source-change"),
    path("mounts/", mounts.listing, name="mounts"),
    path("mounts/<str:mount_id>/", mounts.page, name="mount"),
    path("mounts/<str:mount_id>/check/", mounts.check, name="mount-check"),
    path("mounts/<str:mount_id>/map/", mounts.remap, name="mount-map"),
    path("mounts/<str:mount_id>/end/", mounts.end, name="mount-end"),
]
