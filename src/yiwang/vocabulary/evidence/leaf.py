"""The leaf: what one exchange, refusal or event leaves in a log. docs/specs/evidence.md §3."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from yiwang.vocabulary.canonical import NotCanonical, canonical
from yiwang.vocabulary.crypto.suites import Suite
from yiwang.vocabulary.evidence.errors import LeafMalformed
from yiwang.vocabulary.merkle import leaf_hash

Hex64 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
Kid = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]
Name = Annotated[str, Meta(pattern=r"^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?\Z")]
Instant = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z\Z")]
Count = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Text = Annotated[str, Meta(min_length=1, max_length=500)]
SuiteName = Literal["sm2-sm3", "ed25519"]
RequestAlg = Literal["sm2-sm3", "ed25519", "hmac-sm3", "hmac-sha256"]
"""How a request was proven: by a signature, or by the code of a session (docs/specs/sessions.md)."""
Kind = Literal["query", "verify", "refusal", "event", "recovery"]

MAX_LEAF = 65_536
"""Bytes of a leaf's text."""


class Upstream(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """The evidence of the node that an answer came from, as its receipt proved it. Fields in canonical order.

    Attributes:
        head: canonical text of the signed head in whose tree the leaf is.
        index: the leaf's place in that node's log.
        leaf_hash: hash of the leaf, hexadecimal.
        proof: inclusion proof, from the leaf upwards.
        signature: over the head, hexadecimal.
    """

    head: Annotated[str, Meta(max_length=2048)]
    index: Count
    leaf_hash: Hex64
    log: Name
    node: Name
    proof: Annotated[tuple[Hex64, ...], Meta(max_length=64)]
    signature: Annotated[str, Meta(pattern=r"^(?:[0-9a-f]{2}){8,72}\Z")]


class Leaf(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """One leaf. Fields stand in canonical order, so encoding one is the canonical text at once.

    Attributes: as docs/specs/evidence.md §3 says; `purpose` is the whole plain text, case included; `detail` is
    for events and recoveries only and never holds a personal value.
    """

    client: Text | None = None
    code: Text | None = None
    consumer: Text | None = None
    detail: dict[str, object] | None = None
    direction: Literal["provide"] = "provide"
    epoch: Count
    event: Text | None = None
    grant: Text | None = None
    grant_version: Count | None = None
    key: Kid | None = None
    kind: Kind
    log: Name
    node: Name
    provider: Text | None = None
    purpose: Annotated[str, Meta(min_length=1, max_length=1024)] | None = None
    request: Hex64 | None = None
    request_alg: RequestAlg | None = None
    request_id: Text
    resource: Text | None = None
    response: Hex64 | None = None
    rows: Count | None = None
    status: Count
    subjects: Annotated[tuple[Hex64, ...], Meta(max_length=512)] = ()
    time: Instant
    upstream: Annotated[tuple[Upstream, ...], Meta(max_length=8)] = ()
    v: Literal[1] = 1
    version: Count | None = None

    def canonical(self) -> bytes:
        """The canonical UTF-8 text: what is hashed.

        Raises:
            NotCanonical: `detail` has no canonical form.
        """
        if self.detail is None:
            return _encoder.encode(self)
        return _encoder.encode(msgspec.structs.replace(self, detail=msgspec.Raw(canonical(self.detail))))

    def hash(self, suite: Suite) -> bytes:
        """The leaf hash in a log of that suite: H(0x00 ‖ canonical text)."""
        return leaf_hash(suite, self.canonical())


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Leaf)


def parse_leaf(text: str | bytes) -> Leaf:
    """Read a leaf from its canonical text.

    Raises:
        LeafMalformed: not a leaf, or not its canonical text byte for byte.
    """
    try:
        data = text.encode("utf-8") if isinstance(text, str) else text
        if len(data) > MAX_LEAF:
            raise LeafMalformed(where="leaf", reason="too long")
        leaf = _decoder.decode(data)
        if leaf.canonical() != data:
            raise LeafMalformed(where="leaf", reason="the text differs from the canonical text of its value")
        parse_instant(leaf.time)
    except (msgspec.DecodeError, NotCanonical, ValueError, RecursionError) as problem:
        raise LeafMalformed(where="leaf", reason=str(problem)[:200]) from problem
    if leaf.detail is not None and leaf.kind not in ("event", "recovery"):
        raise LeafMalformed(where="leaf", reason="only events and recoveries have a detail")
    if (leaf.code is None) is (leaf.kind == "refusal"):
        raise LeafMalformed(where="leaf", reason="a refusal has a code, and nothing else has")
    if leaf.kind == "recovery":
        Recovery.from_detail(leaf.detail)
    return leaf


def subject_commitment(suite: Suite, salt: bytes, resource: str, field: str, value: str) -> str:
    """The salted commitment by which a leaf names a data subject: H(salt ‖ canonical {resource, field, value}).

    Args:
        suite: the log's suite.
        salt: 16 random bytes, kept apart from the leaf and erasable.
        resource: the resource's code.
        field: the wire name of the field that identifies the subject.
        value: the normalised identifier.
    """
    return suite.digest(b"".join((salt, _commitment_start(resource, field), canonical(value), b"}"))).hex()


@lru_cache(maxsize=4096)
def _commitment_start(resource: str, field: str) -> bytes:
    """The canonical {resource, field, value} up to the value, which is its last member."""
    return canonical({"field": field, "resource": resource})[:-1] + b',"value":'


def instant_text(instant: datetime) -> str:
    """A UTC time as evidence writes it: `2026-11-21T08:00:00.123456Z`."""
    utc = instant if instant.tzinfo is UTC else instant.astimezone(UTC)
    return utc.isoformat(timespec="microseconds")[:26] + "Z"


def parse_instant(text: str) -> datetime:
    """The time of an evidence text.

    Raises:
        ValueError: it is not of the form, or no such time exists.
    """
    if _INSTANT.fullmatch(text) is None:
        raise ValueError(f"not a time of evidence: {text[:40]}")
    return datetime.fromisoformat(text[:-1]).replace(tzinfo=UTC)


_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")


class Recovery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a node states when it goes on from an older backup. docs/specs/evidence.md §7.

    Attributes:
        old_size: leaves that the restored tree holds; the recovery leaf gets this index.
        old_root: root of the restored tree, lower-case hexadecimal.
        last_known_size: size of the largest head known to have been signed before, None when none is known.
        last_known_root: its root.
        reason: why, in words for people.
    """

    last_known_root: Hex64 | None
    last_known_size: Count | None
    old_root: Hex64
    old_size: Count
    reason: Text

    def detail(self) -> dict[str, object]:
        """The leaf's `detail`."""
        return {
            "last_known_root": self.last_known_root,
            "last_known_size": self.last_known_size,
            "old_root": self.old_root,
            "old_size": self.old_size,
            "reason": self.reason,
        }

    @classmethod
    def from_detail(cls, detail: dict[str, object] | None) -> Recovery:
        """Read it from a recovery leaf.

        Raises:
            LeafMalformed: a member is missing, unknown or impossible.
        """
        try:
            found = msgspec.convert(detail, cls)
        except msgspec.ValidationError as problem:
            raise LeafMalformed(where="leaf.detail", reason=str(problem)[:200]) from problem
        if (found.last_known_size is None) is not (found.last_known_root is None):
            raise LeafMalformed(where="leaf.detail", reason="last_known_size and last_known_root go together")
        if found.last_known_size is not None and found.last_known_size < found.old_size:
            raise LeafMalformed(where="leaf.detail", reason="last_known_size is below old_size")
        return found
