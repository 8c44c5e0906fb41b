"""What other nodes call: join by invitation, pull events, kept heads. Signed requests in, JSON or a problem out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from yiwang.blocks.cascade.public import (
    CascadeError,
    InvitationUnusable,
    PeerExists,
    PeerRefused,
    admit,
    refused,
    serve_kept,
    serve_pull,
)
from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.problems import PROBLEM_TYPE, problem_of


@csrf_exempt
@require_POST
def join(request: HttpRequest) -> HttpResponse:
    """A child shows its invitation and its card; it gets this node's card."""
    return _answered(lambda: msgspec.json.encode(admit(_body(request), timezone.now())))


@csrf_exempt
@require_POST
def pull(request: HttpRequest) -> HttpResponse:
    """A page of the journal to the peer that signed."""
    return _answered(
        lambda: serve_pull("POST", request.path, _headers(request), _body(request), timezone.now())
    )


@csrf_exempt
@require_POST
def kept(request: HttpRequest) -> HttpResponse:
    """The heads that this node keeps of the peer's logs."""
    return _answered(
        lambda: serve_kept("POST", request.path, _headers(request), _body(request), timezone.now())
    )


def _body(request: HttpRequest) -> bytes:
    try:
        return request.body
    except RequestDataTooBig as problem:
        raise refused(settings.YW_NODE, "size") from problem


def _headers(request: HttpRequest) -> Callable[[str], Sequence[str]]:
    def values(name: str) -> Sequence[str]:
        found = request.headers.get(name)
        return () if found is None else (found,)

    return values


def _answered(serve: Callable[[], bytes]) -> HttpResponse:
    try:
        response = HttpResponse(serve(), content_type="application/json")
    except YwError as problem:
        response = HttpResponse(
            msgspec.json.encode(problem_of(problem, _status(problem), "")),
            content_type=PROBLEM_TYPE, status=_status(problem),
        )  # fmt: skip
    response["cache-control"] = "no-store"
    return response


def _status(problem: YwError) -> int:
    if isinstance(problem, PeerExists):
        return 409
    if isinstance(problem, PeerRefused | InvitationUnusable):
        return 403
    return 422 if isinstance(problem, CascadeError) else 401
