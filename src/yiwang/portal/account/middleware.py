"""Finds out who is behind each request, and lets nobody in by default."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from yiwang.blocks.identity import public as identity
from yiwang.portal import formats
from yiwang.portal.account.access import PENDING, PUBLIC, is_marked

STEPS = {
    identity.SECOND_FACTOR: "account:second-factor",
    identity.ENROL: "account:enrol",
    identity.PASSWORD: "account:password",
}


class CurrentActor:
    """Sets `request.actor` (None for visitors and until every step of signing in is done) and guards every view."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request as the person behind it; nothing shown to a person is kept by browsers or proxies."""
        found = self._find(request)
        setattr(request, "signed_in", found)  # noqa: B010 - the request type has no such attribute
        setattr(request, "actor", found.actor if found and found.pending is None else None)  # noqa: B010
        response = self.get_response(request)
        if found is not None:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., object], _args: object, _kwargs: object
    ) -> HttpResponseBase | None:
        """Turn visitors away from what is not public, and people to the step they still owe."""
        if is_marked(view, PUBLIC):
            return None
        found = getattr(request, "signed_in", None)
        if not isinstance(found, identity.SignedIn):
            return _send(request, settings.LOGIN_URL)
        if found.pending is None or is_marked(view, PENDING):
            return None
        return _send(request, reverse(STEPS[found.pending]))

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        """Say which role is missing; a visitor on a public page is asked to sign in."""
        if not isinstance(error, identity.NotAllowed | identity.AgencyOutOfReach):
            return None
        if getattr(request, "signed_in", None) is None:
            return _send(request, settings.LOGIN_URL)
        language = formats.language()
        facts = {"reason": _named(error).text(language), "mend": error.mend(language), "code": error.code}
        return render(request, "errors/403.html", facts, status=403)

    @staticmethod
    def _find(request: HttpRequest) -> identity.SignedIn | None:
        number = request.session.get(identity.SIGN_IN)
        if not isinstance(number, int):
            return None
        now = timezone.now()
        found = identity.signed_in(number, address=identity.caller_address(request), now=now)
        if found is None:
            request.session.flush()
            return None
        identity.note_seen(number, now=now)
        return found


def _named(error: identity.IdentityError) -> identity.IdentityError:
    """The same error with the roles by their names."""
    roles = error.facts.get("roles")
    if not isinstance(error, identity.NotAllowed) or not isinstance(roles, list):
        return error
    language = formats.language()
    shown = [identity.ROLES[role].name(language) if role in identity.ROLES else role for role in roles]
    return identity.NotAllowed(roles=shown)


def _send(request: HttpRequest, target: str) -> HttpResponse:
    back = request.get_full_path() if request.method in ("GET", "HEAD") else ""
    if back and back != "/" and not back.startswith(target):
        target = f"{target}?{urlencode({'next': back}, safe='/')}"
    if request.headers.get("HX-Request"):
        answer = HttpResponse(status=403)
        answer.headers["HX-Redirect"] = target.partition("?")[0]
        return answer
    return HttpResponseRedirect(target)
