"""The interface as a WSGI application: signed-in people, one small path to the database, no page machinery.

It stands beside Django's own handler and shares its connections and sessions. A call that changes something must come
from this node's own pages or from a program: see `calls`.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from django.db import connection

from yiwang.blocks.registry.api.calls import Answer, Environ, call_of
from yiwang.blocks.registry.api.errors import Unexpected
from yiwang.blocks.registry.api.problems import problem, status_of
from yiwang.blocks.registry.api.routes import handler_of
from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.problems import PROBLEM_TYPE

if TYPE_CHECKING:
    from wsgiref.types import StartResponse

PREFIX: Final = "/api/v1/systems"
IDLE: Final = 5.0
"""Seconds after which a connection is looked at before it is used again."""
_REASONS: Final = {
    200: "OK", 201: "Created", 204: "No Content", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
    404: "Not Found", 405: "Method Not Allowed", 409: "Conflict", 412: "Precondition Failed", 413: "Content Too Large",
    415: "Unsupported Media Type", 422: "Unprocessable Content", 500: "Internal Server Error",
}  # fmt: skip
_HEADERS: Final = (
    ("Cache-Control", "private, no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
)
_log = logging.getLogger(__name__)
_last = threading.local()


def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Answer one request."""
    request_id = f"api-{secrets.token_hex(8)}"
    _look_after()
    try:
        call = call_of(environ, PREFIX, request_id)
        answer = handler_of(call)(call)
    except YwError as error:
        answer = _refused(error, request_id)
    except Exception as error:
        # the traceback may hold values of records: only where it happened is logged
        _log.error("%s: %s in %s", request_id, type(error).__name__, _place(error))
        answer = _refused(Unexpected(), request_id)
    body = answer.body
    headers = [("Content-Type", answer.kind), *_HEADERS, ("X-Request-Id", request_id), *answer.headers]
    if isinstance(body, bytes):
        headers.append(("Content-Length", str(len(body))))
        body = [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
    start_response(f"{answer.status} {_REASONS[answer.status]}", headers)
    return body


def _refused(error: YwError, request_id: str) -> Answer:
    return Answer(problem(error, request_id), status_of(error), PROBLEM_TYPE)


def _look_after() -> None:
    """What Django does with its connection before and after each request, without a journey for each of ours."""
    moment = time.monotonic()
    if connection.in_atomic_block:  # somebody else's transaction, as in tests
        return
    if connection.errors_occurred or moment - getattr(_last, "moment", 0.0) > IDLE:
        connection.close_if_unusable_or_obsolete()
    _last.moment = moment


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else "?"
