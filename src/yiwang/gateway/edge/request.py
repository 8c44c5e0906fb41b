"""The signed request that the edge makes of an old one, in the shape in which the server hands requests over."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from urllib.parse import parse_qsl

import msgspec

from yiwang.gateway.edge.errors import EdgeNotByKey
from yiwang.vocabulary.envelope import OutgoingRequest


class SignedHeaders:
    """Headers of a request that the edge has signed."""

    def __init__(self, sent: OutgoingRequest) -> None:
        """Each header once, and the length of the body."""
        given = {name.lower(): value for name, value in sent.http_headers().items()}
        self._given: Mapping[str, str] = given | {"content-length": str(len(sent.body))}

    def get(self, name: str, default: str | None = None) -> str | None:
        """The value of a header."""
        return self._given.get(name.lower(), default)

    def get_all(self, name: str) -> list[str]:
        """The value of a header as a list."""
        value = self._given.get(name.lower())
        return [] if value is None else [value]


class SignedScope:
    """A request that the edge has signed, from where the old one came."""

    def __init__(self, sent: OutgoingRequest, client: str) -> None:
        """`client`: the peer's address and port."""
        self.method, self.path, self.query_string, self.client = sent.method, sent.path, sent.query, client
        self.headers = SignedHeaders(sent)


class GivenBody:
    """A body that is here already."""

    complete = True

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._given = False

    async def __call__(self) -> bytes:
        """The whole body."""
        return self._body

    def __aiter__(self) -> GivenBody:
        """The body in one piece."""
        return self

    async def __anext__(self) -> bytes:
        """The piece, then the end."""
        if self._given:
            raise StopAsyncIteration
        self._given = True
        return self._body


def once_for(*parts: str) -> str:
    """A nonce that is the same for the same old call, so that the evidence refuses its repetition."""
    digest = hashlib.sha256("\0".join(parts).encode("utf-8")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def key_of(body: bytes, query: str, fields: Mapping[str, str], ignored: tuple[str, ...]) -> dict[str, object]:
    """The look-up that an old call asks for: JSON, a form, or the query string; every parameter once.

    Args:
        body: as it came; empty for GET.
        query: without its `?`.
        fields: from old parameter to item of the key.
        ignored: headers that some clients repeat as parameters.

    Raises:
        EdgeNotByKey: the parameters are not exactly those of the key, each a text or a number.
    """
    wrong = EdgeNotByKey(parameters=sorted(fields))
    try:
        pairs = _pairs(body) + parse_qsl(query, keep_blank_values=True, max_num_fields=50)
    except (ValueError, msgspec.MsgspecError):
        raise wrong from None
    told = [(name, value) for name, value in pairs if name not in ignored]
    given = dict(told)
    plain = all(isinstance(value, str | int) and not isinstance(value, bool) for value in given.values())
    if len(told) != len(given) or given.keys() != fields.keys() or not plain or "" in given.values():
        raise wrong
    return {fields[name]: value for name, value in given.items()}


def _pairs(body: bytes) -> list[tuple[str, object]]:
    text = body.decode("utf-8").strip()
    if not text:
        return []
    if text.startswith("{"):
        return list(msgspec.json.decode(body, type=dict[str, object]).items())
    return [
        (name, value)
        for name, value in parse_qsl(text, keep_blank_values=True, strict_parsing=True, max_num_fields=50)
    ]
