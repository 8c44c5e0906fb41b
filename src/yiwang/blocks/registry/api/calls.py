"""A call as the handlers see it: who calls for what, what is asked, and the answer that goes back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec
from django.conf import settings

from yiwang.blocks.identity.public import peer_address, signed_in_by
from yiwang.blocks.registry.api.errors import (
    BodyTooLarge,
    CallMalformed,
    ForeignOrigin,
    MediaTypeRefused,
    NotSignedIn,
    SignInUnfinished,
)
from yiwang.blocks.registry.store.entering import Errand

Environ = Mapping[str, object]
"""What a web server gives of a request (PEP 3333)."""
BODY: Final = 1024 * 1024
JSON: Final = "application/json"
_LONGEST_NAME: Final = 200
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: a body, or parts of one that are sent as they are made."""

    body: bytes | Iterable[bytes]
    status: int = 200
    kind: str = JSON
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a signed-in person."""

    method: str
    parts: tuple[str, ...]
    errand: Errand
    now: datetime
    query: dict[str, str]
    environ: Environ
    request_id: str
    closing: list[Callable[[], None]] = field(default_factory=list)

    def header(self, name: str) -> str:
        """A header by its name in the environment, such as `HTTP_PREFER`; empty where it is missing."""
        return str(self.environ.get(name) or "")

    @property
    def content_type(self) -> str:
        """The type of the body, without parameters."""
        return self.header("CONTENT_TYPE").partition(";")[0].strip().lower()

    def body(self, limit: int = BODY) -> bytes:
        """The whole body. Raises: BodyTooLarge, CallMalformed."""
        length = self.header("CONTENT_LENGTH")
        if length and (not length.isdigit() or int(length) > limit):
            raise BodyTooLarge(limit=f"{limit // 1024} KB")
        stream = self.environ.get("wsgi.input")
        read = getattr(stream, "read", None)
        found = read(limit + 1) if callable(read) else b""
        if not isinstance(found, bytes):
            raise CallMalformed(reason="body")
        if len(found) > limit:
            raise BodyTooLarge(limit=f"{limit // 1024} KB")
        return found

    def json(self, kind: type[T]) -> T:
        """The body as JSON of a form. Raises: MediaTypeRefused, BodyTooLarge, CallMalformed."""
        if self.content_type != JSON:
            raise MediaTypeRefused(wanted=JSON)
        try:
            return msgspec.json.decode(self.body(), type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as problem:
            # of a wrong value only its place is told
            raise CallMalformed(reason=str(problem).partition(" - ")[0][:200]) from None

    def day(self, name: str) -> date | None:
        """A parameter that is a day. Raises: CallMalformed."""
        given = self.query.get(name)
        try:
            return date.fromisoformat(given) if given else None
        except ValueError:
            raise CallMalformed(reason=name) from None

    def moment(self, name: str) -> datetime | None:
        """A parameter that is a moment with its zone. Raises: CallMalformed."""
        given = self.query.get(name)
        try:
            found = datetime.fromisoformat(given) if given else None
        except ValueError:
            raise CallMalformed(reason=name) from None
        if found is not None and found.tzinfo is None:
            raise CallMalformed(reason=f"{name}: no time zone")
        return found


def call_of(environ: Environ, prefix: str, request_id: str) -> Call:
    """The call behind a request. Raises: NotSignedIn, SignInUnfinished, ForeignOrigin, CallMalformed."""
    now = datetime.now(UTC)
    method = str(environ["REQUEST_METHOD"])
    if method not in ("GET", "HEAD"):
        _own_origin(environ)
    session = _cookie(str(environ.get("HTTP_COOKIE") or ""), settings.SESSION_COOKIE_NAME)
    found = signed_in_by(session, address=peer_address(environ), now=now) if session else None
    if found is None:
        raise NotSignedIn()
    if found.pending is not None:
        raise SignInUnfinished(step=found.pending)
    path = str(environ.get("PATH_INFO") or "").encode("latin-1", "replace").decode("utf-8", "replace")
    errand = Errand(
        found.actor,
        purpose=_text(environ, "HTTP_YW_PURPOSE"),
        case=_text(environ, "HTTP_YW_CASE"),
        way="api",
    )
    try:
        query = dict(
            parse_qsl(str(environ.get("QUERY_STRING") or ""), keep_blank_values=True, max_num_fields=60)
        )
    except ValueError:
        raise CallMalformed(reason="too many parameters") from None
    parts = tuple(path[len(prefix) :].strip("/").split("/")) if path[len(prefix) :].strip("/") else ()
    return Call("GET" if method == "HEAD" else method, parts, errand, now, query, environ, request_id)


def _text(environ: Environ, name: str) -> str:
    """A header of percent-encoded UTF-8, as the gateway's own headers are."""
    text = unquote(str(environ.get(name) or "")).strip()
    if len(text) > _LONGEST_NAME or not text.isprintable():
        raise CallMalformed(reason=name.removeprefix("HTTP_").replace("_", "-").title())
    return text


def _cookie(header: str, wanted: str) -> str:
    for part in header.split(";"):
        name, _, value = part.strip().partition("=")
        if name == wanted:
            return value.strip('"')
    return ""


def _own_origin(environ: Environ) -> None:
    """A browser says where a page that sends a call comes from: the cookie alone does not make it the person's will."""
    site = str(environ.get("HTTP_SEC_FETCH_SITE") or "")
    origin = str(environ.get("HTTP_ORIGIN") or "")
    if site not in ("", "same-origin", "none") or (
        origin and urlsplit(origin).netloc != environ.get("HTTP_HOST")
    ):
        raise ForeignOrigin()
