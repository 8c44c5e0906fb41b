"""The caller's side: a request is given its headers and signed."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from yiwang.vocabulary.crypto.suites import Suite
from yiwang.vocabulary.envelope.errors import HeaderMalformed, NonceMalformed
from yiwang.vocabulary.envelope.profile import (
    HEADER_FORMS,
    LABEL,
    WIRE_NAMES,
    check_target,
    component_list,
    content_digest_of,
    signature_base,
)
from yiwang.vocabulary.envelope.purpose import Purpose

_NONCE = re.compile(r"[A-Za-z0-9_-]{22,64}")


@dataclass(frozen=True, slots=True)
class OutgoingRequest:
    """A signed request, ready to be sent and, with its answer, to be kept as evidence.

    Attributes:
        query: without its `?`.
        headers: the covered headers by lower-case name.
        signature_input: the whole value of `Signature-Input`.
        signature: the whole value of `Signature`.
        base: the signature base; `suite.digest(base)` is the leaf's `request`.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    signature_input: str
    signature: str
    body: bytes
    base: bytes

    def http_headers(self) -> dict[str, str]:
        """All headers to send, by their usual spelling."""
        sent = {WIRE_NAMES[name]: value for name, value in self.headers.items()}
        return sent | {"Signature-Input": self.signature_input, "Signature": self.signature}


class Signs(Protocol):
    """What signs a request: a private key, or one side of a session."""

    @property
    def suite(self) -> Suite:
        """Whose hash digests the request."""

    @property
    def kid(self) -> str:
        """What `keyid` says."""

    def sign(self, data: bytes) -> bytes:
        """The signature, or the code, over a signature base."""


def new_nonce() -> str:
    """A fresh nonce: 18 random bytes in base64url, 24 characters."""
    return secrets.token_urlsafe(18)


def sign_request(
    key: Signs,
    *,
    method: str,
    path: str,
    body: bytes,
    node: str,
    purpose: Purpose,
    created: int,
    query: str = "",
    grant: str | None = None,
    idempotency_key: str | None = None,
    nonce: str | None = None,
    digest: bytes | None = None,
    alg: str | None = None,
) -> OutgoingRequest:
    """Sign a request.

    Args:
        key: the client application's key, or its side of a session.
        method: in upper case.
        path: percent-encoded, exactly as it will be sent.
        body: exactly as it will be sent; empty for GET.
        node: name of the node addressed.
        purpose: what the data is for.
        created: now, in Unix seconds; the gateway takes 300 s either way.
        query: percent-encoded, without its `?`.
        grant: id of the grant, where the agency holds several that fit.
        idempotency_key: the same for every repetition of one call.
        nonce: by default a fresh one.
        digest: the body's digest by the key's suite, where it was computed before.
        alg: what `alg` says; by default the key's suite.

    Raises:
        EnvelopeError: a part cannot stand in a header or in the signature base.
    """
    check_target(method, path, query)
    headers = {
        "content-digest": content_digest_of(key.suite, key.suite.digest(body) if digest is None else digest),
        "yw-node": node,
        "yw-purpose": purpose.header,
    }
    if grant is not None:
        headers["yw-grant"] = grant
    if idempotency_key is not None:
        headers["idempotency-key"] = idempotency_key
    for name, value in headers.items():
        if HEADER_FORMS[name].fullmatch(value) is None:
            raise HeaderMalformed(header=WIRE_NAMES[name], reason=value[:80])
    token = new_nonce() if nonce is None else nonce
    if _NONCE.fullmatch(token) is None:
        raise NonceMalformed(parameter="nonce", length=len(token))
    parameters = f'{component_list(headers)};created={created:d};nonce="{token}";keyid="{key.kid}";alg="{alg or key.suite.name}"'
    base = signature_base(method, path, query, headers, parameters)
    signature = base64.b64encode(key.sign(base)).decode("ascii")
    return OutgoingRequest(
        method=method,
        path=path,
        query=query,
        headers=headers,
        signature_input=f"{LABEL}={parameters}",
        signature=f"{LABEL}=:{signature}:",
        body=body,
        base=base,
    )
