"""From a request to an operation and back: who calls, whether the call is whole, and refusals as problem documents.

A call carries the session of a signed-in person, so it could be forged by a page of another site that the person looks
at. It cannot be: a browser sends `application/json` to another site only after asking, which is never granted, and says
where a call comes from in `Sec-Fetch-Site` and `Origin`, which must then be this site.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import msgspec
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from yiwang.blocks.identity.public import Actor, AgencyOutOfReach, NotAllowed, actor_of
from yiwang.portal.account.access import public_view
from yiwang.portal.api import errors
from yiwang.portal.api.operations import Call, Operation
from yiwang.portal.problems import status_of
from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.forms import Mistaken
from yiwang.vocabulary.problems import PROBLEM_TYPE, problem_of

LARGEST = 256 * 1024
_STATUS: dict[type[YwError], int] = {
    errors.SignInNeeded: 401, errors.OriginStrange: 403, errors.PathUnknown: 404, errors.MethodWrong: 405,
    errors.BodyLarge: 413, errors.MediaTypeWrong: 415, errors.ApiError: 422, NotAllowed: 403, AgencyOutOfReach: 403,
    Mistaken: 422,
}  # fmt: skip
View = Callable[..., HttpResponseBase]
_log = logging.getLogger(__name__)


class Address:
    """An address with its operations, as a view; it answers visitors too, with a refusal."""

    def __init__(self, *operations: Operation) -> None:
        self._by_method = {one.method: one for one in operations}

    def view(self) -> View:
        """The function that Django calls."""

        @csrf_exempt
        @public_view
        def answer(request: HttpRequest, /, **place: str) -> HttpResponseBase:
            return self(request, place)

        return answer

    def __call__(self, request: HttpRequest, place: Mapping[str, str]) -> HttpResponse:
        """Do what is asked, or say why not."""
        number = secrets.token_hex(8)
        try:
            operation = self._by_method.get(request.method or "")
            if operation is None:
                raise errors.MethodWrong(sorted(self._by_method))
            call = _call(request, place, operation)
            found = operation.run(call)
        except YwError as error:
            return refused(error, number)
        except Exception as error:  # an answer all the same; what it was stays in the log, by its kind alone
            _log.error("api %s %s: %s", request.method, number, type(error).__name__)
            return refused(YwError(), number)
        answer = HttpResponse(
            msgspec.json.encode(found, order="deterministic"), "application/json", operation.status
        )
        answer.headers["Cache-Control"] = "private, no-store"
        return answer


def refused(error: YwError, number: str) -> HttpResponse:
    """A refusal as a problem document."""
    status = 500 if type(error) is YwError else _status(error)
    members = problem_of(error, status, number)
    if isinstance(error, Mistaken):
        members["problems"] = [{"where": one.where, "zh": one.zh, "en": one.en} for one in error.problems]
    answer = HttpResponse(msgspec.json.encode(members), PROBLEM_TYPE, status)
    answer.headers["Cache-Control"] = "private, no-store"
    if isinstance(error, errors.MethodWrong):
        answer.headers["Allow"] = ", ".join(error.allowed)
    return answer


@csrf_exempt
@public_view
def unknown(request: HttpRequest, rest: str = "") -> HttpResponse:
    """An address that there is not."""
    del request, rest
    return refused(errors.PathUnknown(), secrets.token_hex(8))


def _status(error: YwError) -> int:
    for kind in type(error).__mro__:
        if kind in _STATUS:
            return _STATUS[kind]
    return status_of(error)


def _call(request: HttpRequest, place: Mapping[str, str], operation: Operation) -> Call:
    actor = _caller(request)
    _same_site(request)
    if operation.roles:
        actor.require(*operation.roles)
    body = b""
    if operation.method != "GET":
        if request.content_type != "application/json":
            raise errors.MediaTypeWrong()
        body = _body(request)
    return Call(actor, timezone.now(), place, request.GET.dict(), body)


def _body(request: HttpRequest) -> bytes:
    """Raises: BodyLarge."""
    try:
        body = request.body
    except RequestDataTooBig:
        raise errors.BodyLarge(most=LARGEST) from None
    if len(body) > LARGEST:
        raise errors.BodyLarge(most=LARGEST)
    return body


def _caller(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    if actor is None:
        raise errors.SignInNeeded()
    return actor


def _same_site(request: HttpRequest) -> None:
    """Raises: OriginStrange, where a browser says that another site is calling."""
    origin = request.headers.get("Origin")
    elsewhere = request.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}
    if elsewhere or (origin is not None and urlsplit(origin).netloc != request.get_host()):
        raise errors.OriginStrange()
