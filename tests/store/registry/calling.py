"""Calls of the interface as a web server passes them on, by people who are signed in by name."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from yiwang.blocks.identity.public import Actor, SignedIn
from yiwang.blocks.registry.api.application import PREFIX, application

PEOPLE: dict[str, Actor] = {}


def signed_in_by(session: str, *, address: str | None, now: datetime) -> SignedIn | None:
    """Stands in for the session: the cookie is the account's name."""
    del address, now
    found = PEOPLE.get(session)
    return SignedIn(1, found, None) if found is not None else None


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.body)
        return found

    @property
    def code(self) -> object:
        return self.json["code"]


def called(
    actor: Actor | None,
    method: str,
    path: str,
    body: object = None,
    *,
    purpose: str = "dibao",
    headers: Mapping[str, str] | None = None,
    kind: str = "application/json",
) -> Reply:
    """Send one call; `body` is JSON, or bytes as they are."""
    if actor is not None:
        PEOPLE[actor.username] = actor
    address, _, query = path.partition("?")
    sent = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    environ: dict[str, object] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": (PREFIX + address).encode().decode("latin-1"),
        "QUERY_STRING": query,
        "CONTENT_TYPE": kind,
        "CONTENT_LENGTH": str(len(sent)),
        "HTTP_HOST": "127.0.0.1:8000",
        "HTTP_YW_PURPOSE": quote(purpose),
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.input": io.BytesIO(sent),
        **{"HTTP_" + name.upper().replace("-", "_"): value for name, value in (headers or {}).items()},
    }
    if actor is not None:
        environ["HTTP_COOKIE"] = f"other=1; sessionid={actor.username}"
    seen: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, given: list[tuple[str, str]], exc_info: object = None) -> object:
        del exc_info
        seen.append((status, given))
        return lambda _: None

    parts: Iterator[bytes] = iter(application(environ, start_response))  # type: ignore[arg-type]
    whole = b"".join(parts)
    status, given = seen[0]
    return Reply(int(status.split()[0]), dict(given), whole)
