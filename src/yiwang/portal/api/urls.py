"""Addresses of the programmes' interface, from its operations."""

from __future__ import annotations

from itertools import groupby

from django.urls import URLPattern, URLResolver, path

import yiwang.portal.share.urls  # noqa: F401 - registers the converter of resource codes
from yiwang.portal.api import beyond, jobs, needs, openapi, requests, resources
from yiwang.portal.api.operations import Operation
from yiwang.portal.api.serving import Address, unknown

app_name = "api"
OPERATIONS: tuple[Operation, ...] = (
    *beyond.OPERATIONS,
    *jobs.OPERATIONS,
    *needs.OPERATIONS,
    *requests.OPERATIONS,
    *resources.OPERATIONS,
)


def _route(place: str) -> str:
    """As Django writes it: a resource code has a slash, every other part none."""
    return (
        place.removeprefix("/").replace("{code}", "<resource:code>").replace("{", "<str:").replace("}", ">")
    )


def _place(one: Operation) -> str:
    return one.path


urlpatterns: list[URLPattern | URLResolver] = [
    path("openapi.json", openapi.serve(OPERATIONS), name="openapi"),
    *(
        path(_route(place), Address(*several).view())
        for place, several in groupby(sorted(OPERATIONS, key=_place), key=_place)
    ),
    path("", unknown),
    path("<path:rest>", unknown),
]
