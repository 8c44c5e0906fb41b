"""The constants of the profile and the signature base (RFC 9421 §2.5). docs/specs/envelope.md is the full text."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from functools import lru_cache

from yiwang.vocabulary.crypto.suites import ED25519, SM2_SM3, SUITES, Suite
from yiwang.vocabulary.envelope.errors import TargetMalformed

LABEL = "yw"
WINDOW_SECONDS = 300
NODE_WINDOW_SECONDS = 420
"""Between nodes, whose clocks may differ by five minutes: a request is two minutes on its way at most."""
MANDATORY_HEADERS = ("content-digest", "yw-node", "yw-purpose")
OPTIONAL_HEADERS = ("yw-grant", "idempotency-key")
COVERED_HEADERS = MANDATORY_HEADERS + OPTIONAL_HEADERS
COMPONENTS = ("@method", "@path", "@query", *COVERED_HEADERS)
WIRE_NAMES: Mapping[str, str] = {
    "content-digest": "Content-Digest",
    "yw-node": "YW-Node",
    "yw-purpose": "YW-Purpose",
    "yw-grant": "YW-Grant",
    "idempotency-key": "Idempotency-Key",
    "signature-input": "Signature-Input",
    "signature": "Signature",
}
MACS: Mapping[str, str] = {"hmac-sm3": SM2_SM3, "hmac-sha256": ED25519}
"""The codes that stand in for signatures within a session (docs/specs/sessions.md), with the suite each belongs to."""
ALGORITHMS: Mapping[str, Suite] = {**SUITES, **{alg: SUITES[name] for alg, name in MACS.items()}}
"""What `alg` may say, with the suite whose hash the request uses."""
MAX_BODY = 1 << 20
MAX_SIGNATURE_INPUT = 512

HEADER_FORMS: Mapping[str, re.Pattern[str]] = {
    "content-digest": re.compile(r"(?:sm3|sha-256)=:[A-Za-z0-9+/]{43}=:"),
    "yw-node": re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?"),
    "yw-purpose": re.compile(r"[!-~]{1,1024}"),
    "yw-grant": re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?"),
    "idempotency-key": re.compile(r"[!-~]{1,128}"),
}

_METHOD = re.compile(r"[A-Z]{1,16}")
_PATH = re.compile(r"/[!$-;=@-~]{0,2047}")
_QUERY = re.compile(r"[!$-;=?-~]{0,4096}")


@lru_cache(maxsize=512)
def check_target(method: str, path: str, query: str) -> None:
    """Refuse a method, path or query (without its `?`) that cannot stand in a signature base.

    Raises:
        TargetMalformed: naming the part.
    """
    if _METHOD.fullmatch(method) is None:
        raise TargetMalformed(part="method")
    if _PATH.fullmatch(path) is None:
        raise TargetMalformed(part="path")
    if query and _QUERY.fullmatch(query) is None:
        raise TargetMalformed(part="query")


def component_list(headers: Mapping[str, str]) -> str:
    """The inner list of covered components for these headers, parentheses included."""
    names = [name for name in COMPONENTS if name.startswith("@") or name in headers]
    return "(" + " ".join(f'"{name}"' for name in names) + ")"


def signature_base(method: str, path: str, query: str, headers: Mapping[str, str], parameters: str) -> bytes:
    """The bytes that are signed.

    Args:
        method: in upper case.
        path: the path of the request target exactly as sent, percent-encoded.
        query: the query exactly as sent, without its `?`; empty when there is none.
        headers: the covered headers by lower-case name.
        parameters: the value of `Signature-Input` after `yw=`.
    """
    lines = [f'"@method": {method}', f'"@path": {path}', f'"@query": ?{query}']
    lines.extend(f'"{name}": {headers[name]}' for name in COVERED_HEADERS if name in headers)
    lines.append(f'"@signature-params": {parameters}')
    return "\n".join(lines).encode("ascii")


def content_digest(suite: Suite, body: bytes) -> str:
    """The value of `Content-Digest` (RFC 9530) for a body."""
    return content_digest_of(suite, suite.digest(body))


def content_digest_of(suite: Suite, digest: bytes) -> str:
    """The value of `Content-Digest` for a body's digest."""
    return f"{suite.digest_label}=:{base64.b64encode(digest).decode('ascii')}:"
