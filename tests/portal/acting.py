"""Stands in for the account middleware: the person comes with the request instead of from a sign-in."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from yiwang.blocks.identity.public import Actor
from yiwang.portal.account.middleware import CurrentActor

ACTOR = "HTTP_X_ACTOR"
"""The header that names the person."""
PEOPLE: dict[str, Actor] = {}


class ActingAs(CurrentActor):
    """The guard of the pages as it is, with the actor that a test put into the request."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = PEOPLE.get(request.META.get(ACTOR, ""))
        setattr(request, "actor", given)  # noqa: B010 - the request type has no such attribute
        setattr(request, "signed_in", given)  # noqa: B010
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., object], _args: object, _kwargs: object
    ) -> HttpResponseBase | None:
        return (
            None if getattr(request, "actor", None) else super().process_view(request, view, _args, _kwargs)
        )
