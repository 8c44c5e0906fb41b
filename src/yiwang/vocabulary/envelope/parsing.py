"""The gateway's side: an envelope is read, without the signature check, which may run in another process."""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

import msgspec

from yiwang.vocabulary.crypto.errors import BadSignatureEncoding
from yiwang.vocabulary.crypto.keys import PublicKey
from yiwang.vocabulary.crypto.suites import Suite
from yiwang.vocabulary.envelope.diagnosis import diagnose_signature, diagnose_signature_input
from yiwang.vocabulary.envelope.errors import (
    ContentDigestMalformed,
    ContentDigestMismatch,
    HeaderMalformed,
    HeaderMissing,
    HeaderRepeated,
    NodeMismatch,
    SignatureAlgorithmMismatch,
    SignatureComponentMissing,
    SignatureMissing,
    SignatureNotBase64,
    SignatureStale,
    SignatureWrong,
)
from yiwang.vocabulary.envelope.profile import (
    ALGORITHMS,
    HEADER_FORMS,
    MACS,
    MANDATORY_HEADERS,
    OPTIONAL_HEADERS,
    WINDOW_SECONDS,
    WIRE_NAMES,
    check_target,
)
from yiwang.vocabulary.envelope.purpose import Purpose

GetAll = Callable[[str], Sequence[str]]
"""Gives all values of a header by its lower-case name; an empty sequence when it is absent."""

_SIGNATURE_INPUT = re.compile(
    r'yw=(\("@method" "@path" "@query" "content-digest" "yw-node" "yw-purpose"'
    r'( "yw-grant")?( "idempotency-key")?\)'
    r";created=(0|[1-9][0-9]{0,11})"
    r';nonce="([A-Za-z0-9_-]{22,64})"'
    r';keyid="([0-9a-f]{32})"'
    r';alg="(sm2-sm3|ed25519|hmac-sm3|hmac-sha256)")'
)
_SIGNATURE = re.compile(r"yw=:([A-Za-z0-9+/]{8,96}={0,2}):")


class SignedRequest(msgspec.Struct, frozen=True, gc=False):
    """An envelope that is well-formed. Nothing about it is true until the signature has been verified.

    Attributes:
        content_digest: the digest that the body must have, by the suite's hash.
        alg: what `alg` says: a suite, or the code of a session.
        kid: what `keyid` says: a key, or the session.
        created: Unix seconds.
        base: the signature base.
        signature: the signature over it, decoded.
    """

    method: str
    path: str
    query: str
    node: str
    purpose: Purpose
    grant: str | None
    idempotency_key: str | None
    content_digest: bytes
    alg: str
    kid: str
    created: int
    nonce: str
    base: bytes
    signature: bytes

    @property
    def suite(self) -> Suite:
        """The request's suite."""
        return ALGORITHMS[self.alg]

    @property
    def in_session(self) -> bool:
        """Whether the code of a session stands in for a signature."""
        return self.alg in MACS

    def digest(self) -> bytes:
        """The request digest of the leaf: the suite's hash of the signature base."""
        return ALGORITHMS[self.alg].digest(self.base)

    def check_body(self, body: bytes) -> None:
        """Compare the body with the signed digest.

        Raises:
            ContentDigestMismatch: it is another body.
        """
        if ALGORITHMS[self.alg].digest(body) != self.content_digest:
            raise ContentDigestMismatch

    def check_window(self, now: datetime, window: int = WINDOW_SECONDS) -> None:
        """Compare the time of signing with the server's.

        Raises:
            SignatureStale: they differ by more than `window` seconds.
        """
        if abs(now.timestamp() - self.created) > window:
            raise SignatureStale(
                created=_instant(self.created),
                server_time=_instant(int(now.timestamp())),
                window=window,
            )

    def check_node(self, node: str) -> None:
        """Compare the node addressed with this one.

        Raises:
            NodeMismatch: it is another.
        """
        if self.node != node:
            raise NodeMismatch(addressed=self.node, node=node)

    def check_suite(self, suite_name: str) -> None:
        """Compare `alg` with the suite of the key that `keyid` names.

        Raises:
            SignatureAlgorithmMismatch: they differ.
        """
        if self.alg != suite_name:
            raise SignatureAlgorithmMismatch(alg=self.alg, suite=suite_name)

    def check_signature(self, key: PublicKey) -> None:
        """Verify the signature in this thread.

        Raises:
            SignatureAlgorithmMismatch: the key belongs to another suite.
            SignatureWrong: the signature does not fit, or is not of the suite's form.
        """
        self.check_suite(key.suite.name)
        try:
            fits = key.verify(self.base, self.signature)
        except BadSignatureEncoding as problem:
            raise SignatureWrong from problem
        if not fits or key.kid != self.kid:
            raise SignatureWrong


def header_source(pairs: Iterable[tuple[str, str]]) -> GetAll:
    """`GetAll` over a list of headers of any spelling."""
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name.lower(), []).append(value)
    return lambda name: values.get(name, [])


def parse_request(method: str, path: str, query: str, get_all: GetAll) -> SignedRequest:
    """Read the envelope of a request.

    Args:
        method: in upper case.
        path: exactly as received, still percent-encoded.
        query: exactly as received, without its `?`.
        get_all: the headers.

    Raises:
        EnvelopeError: one for each way in which it can be wrong.
    """
    check_target(method, path, query)
    signature_input = _signature_header(get_all, "signature-input")
    signature_text = _signature_header(get_all, "signature")
    found = _SIGNATURE_INPUT.fullmatch(signature_input)
    if found is None:
        raise diagnose_signature_input(signature_input)
    parameters, with_grant, with_key, created, nonce, kid, alg = found.groups()
    suite = ALGORITHMS[alg]

    headers = {name: _header(get_all, name) for name in MANDATORY_HEADERS}
    for name, covered in zip(OPTIONAL_HEADERS, (with_grant, with_key), strict=True):
        if covered is not None:
            headers[name] = _header(get_all, name)
        elif get_all(name):
            raise SignatureComponentMissing(component=name)

    digest = headers["content-digest"]
    label, _, rest = digest.partition("=:")
    if label != suite.digest_label:
        raise ContentDigestMalformed(expected=suite.digest_label)
    content_digest = binascii.a2b_base64(rest[:-1])
    if binascii.b2a_base64(content_digest, newline=False).decode("ascii") != rest[:-1]:
        raise ContentDigestMalformed(expected=suite.digest_label)

    lines = [f'"@method": {method}\n"@path": {path}\n"@query": ?{query}']
    lines.extend(f'"{name}": {value}' for name, value in headers.items())
    lines.append(f'"@signature-params": {parameters}')
    return SignedRequest(
        method,
        path,
        query,
        headers["yw-node"],
        Purpose.from_header(headers["yw-purpose"]),
        headers.get("yw-grant"),
        headers.get("idempotency-key"),
        content_digest,
        alg,
        kid,
        int(created),
        nonce,
        "\n".join(lines).encode("ascii"),
        _signature(signature_text),
    )


def _signature(value: str) -> bytes:
    found = _SIGNATURE.fullmatch(value)
    if found is None:
        raise diagnose_signature(value)
    text = found[1]
    try:
        signature = binascii.a2b_base64(text)
    except binascii.Error as problem:
        raise SignatureNotBase64(reason=str(problem)) from problem
    if binascii.b2a_base64(signature, newline=False).decode("ascii") != text:
        raise SignatureNotBase64(reason="unused bits are not zero, or padding is wrong")
    return signature


def _signature_header(get_all: GetAll, name: str) -> str:
    values = get_all(name)
    if len(values) != 1:
        if values:
            raise HeaderRepeated(header=WIRE_NAMES[name])
        raise SignatureMissing(header=WIRE_NAMES[name])
    return values[0].strip(" \t")


def _header(get_all: GetAll, name: str) -> str:
    values = get_all(name)
    if len(values) != 1:
        if values:
            raise HeaderRepeated(header=WIRE_NAMES[name])
        raise HeaderMissing(header=WIRE_NAMES[name])
    value = values[0].strip(" \t")
    if HEADER_FORMS[name].fullmatch(value) is None:
        if name == "content-digest":
            raise ContentDigestMalformed(expected="sm3 / sha-256")
        raise HeaderMalformed(header=WIRE_NAMES[name], reason=_shown(value))
    return value


def _shown(value: str) -> str:
    return value[:80].encode("ascii", "backslashreplace").decode("ascii")


def _instant(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return str(seconds)
