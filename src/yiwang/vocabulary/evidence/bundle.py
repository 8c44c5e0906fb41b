"""The evidence file a party keeps, and the trust file it is verified against. docs/specs/evidence.md §6 and §8."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta

from yiwang.vocabulary.crypto.errors import BadKey, CryptoError
from yiwang.vocabulary.crypto.keys import PublicKey
from yiwang.vocabulary.crypto.loading import load_public
from yiwang.vocabulary.crypto.provider import KeyRecord
from yiwang.vocabulary.envelope.signing import OutgoingRequest
from yiwang.vocabulary.evidence.errors import BundleMalformed, TrustMalformed
from yiwang.vocabulary.evidence.head import HexSignature, Receipt
from yiwang.vocabulary.evidence.leaf import Count, Hex64, Kid, Name, SuiteName

T = TypeVar("T")
MAX_BUNDLE = 64 << 20
MAX_TRUST = 1 << 20
BUNDLE_FORMAT: Literal["yiwang-evidence/1"] = "yiwang-evidence/1"
TRUST_FORMAT: Literal["yiwang-trust/1"] = "yiwang-trust/1"


class RequestKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The caller's public key; `spki` is base64 of the DER SubjectPublicKeyInfo."""

    kid: Kid
    suite: SuiteName
    spki: Annotated[str, Meta(max_length=512)]


class BundleRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The request as it was signed: covered headers by lower-case name, `query` without its `?`."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    signature_input: str
    signature: str
    body: str


class Bundle(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An evidence file: one exchange with everything needed to prove it.

    Without `request_key` the request's signature cannot be checked, so `request.signature` must then be empty:
    no byte of a valid bundle is without a check.
    """

    format: Literal["yiwang-evidence/1"]
    request: BundleRequest
    answer: str
    status: Count
    leaf: str
    index: Count
    proof: Annotated[tuple[Hex64, ...], Meta(max_length=64)]
    head: str
    signature: HexSignature
    request_key: RequestKey | None

    def to_json(self) -> bytes:
        """The file: UTF-8 JSON, indented."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"


def bundle_of(
    request: OutgoingRequest, key: PublicKey | None, status: int, answer: bytes, receipt: Receipt
) -> Bundle:
    """Put together what the caller sent and received.

    Raises:
        BundleMalformed: a body is not UTF-8 text.
    """
    try:
        body, text = request.body.decode("utf-8"), answer.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise BundleMalformed(where="body", reason="a body is not UTF-8") from problem
    return Bundle(
        format=BUNDLE_FORMAT,
        request=BundleRequest(
            method=request.method,
            path=request.path,
            query=request.query,
            headers=dict(request.headers),
            signature_input=request.signature_input,
            signature=request.signature if key is not None else "",
            body=body,
        ),
        answer=text,
        status=status,
        leaf=receipt.leaf,
        index=receipt.index,
        proof=receipt.proof,
        head=receipt.head,
        signature=receipt.signature,
        request_key=None
        if key is None
        else RequestKey(key.kid, _suite_name(key), base64.b64encode(key.spki_der).decode("ascii")),
    )


def parse_bundle(data: bytes | str) -> Bundle:
    """Read an evidence file.

    Raises:
        BundleMalformed: not of the format; unknown, missing or repeated members included.
    """
    return read_file(data, Bundle)


def read_file(data: bytes | str, kind: type[T]) -> T:
    """An evidence file as a format says; unknown, missing or repeated members are refused. Raises: BundleMalformed."""
    try:
        text = data.encode("utf-8") if isinstance(data, str) else data
        if len(text) > MAX_BUNDLE:
            raise BundleMalformed(where="file", reason="too long")
        found = msgspec.json.decode(text, type=kind)
        json.loads(text, object_pairs_hook=refuse_repeated)
    except (msgspec.DecodeError, ValueError, RecursionError) as problem:
        raise BundleMalformed(where="file", reason=str(problem)[:200]) from problem
    return found


@lru_cache(maxsize=256)
def public_key(kid: str, suite_name: str, spki: str) -> PublicKey:
    """The key of a base64 SubjectPublicKeyInfo, which must have this id and suite.

    Raises:
        BadKey: it cannot be read, is not canonical base64, or has another id or suite.
    """
    try:
        der = base64.b64decode(spki, validate=True)
    except (binascii.Error, ValueError) as problem:
        raise BadKey(reason=str(problem)) from problem
    if base64.b64encode(der).decode("ascii") != spki:
        raise BadKey(reason="not canonical base64")
    key = load_public(der)
    if key.kid != kid or key.suite.name != suite_name:
        raise BadKey(reason="kid or suite do not fit the key")
    return key


class TrustKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One pinned key; `spki` is base64 of the DER SubjectPublicKeyInfo, times are UTC."""

    kid: Kid
    suite: SuiteName
    spki: Annotated[str, Meta(max_length=512)]
    purpose: Literal["evidence"]
    not_before: Annotated[datetime, Meta(tz=True)]
    not_after: Annotated[datetime, Meta(tz=True)] | None

    def public(self) -> PublicKey:
        """The key.

        Raises:
            TrustMalformed: it cannot be read, or is not the key its id and suite say.
        """
        try:
            return public_key(self.kid, self.suite, self.spki)
        except CryptoError as problem:
            raise TrustMalformed(where=self.kid, reason=str(problem)[:200]) from problem

    def valid_at(self, instant: datetime) -> bool:
        """Whether a head of that time counts."""
        return self.not_before <= instant and (self.not_after is None or instant <= self.not_after)


class Trust(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The pinned keys of one node."""

    format: Literal["yiwang-trust/1"]
    node: Name
    keys: Annotated[tuple[TrustKey, ...], Meta(max_length=1000)]

    def key(self, kid: str) -> TrustKey | None:
        """The pinned key of that id."""
        return next((key for key in self.keys if key.kid == kid), None)

    def to_json(self) -> bytes:
        """The file: UTF-8 JSON, indented."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"


def trust_of(node: str, records: Iterable[KeyRecord]) -> Trust:
    """The trust file of a node from what its `KeyProvider.describe("evidence")` lists."""
    return Trust(
        TRUST_FORMAT,
        node,
        tuple(
            TrustKey(
                kid=record.kid,
                suite=_suite_name(load_public(record.spki)),
                spki=base64.b64encode(record.spki).decode("ascii"),
                purpose="evidence",
                not_before=record.not_before.astimezone(UTC),
                not_after=None if record.not_after is None else record.not_after.astimezone(UTC),
            )
            for record in records
            if record.purpose == "evidence"
        ),
    )


def parse_trust(data: bytes | str) -> Trust:
    """Read a trust file and check every key in it.

    Raises:
        TrustMalformed: not of the format, a key that cannot be read, or one listed twice.
    """
    try:
        text = data.encode("utf-8") if isinstance(data, str) else data
        if len(text) > MAX_TRUST:
            raise TrustMalformed(where="file", reason="too long")
        trust = msgspec.json.decode(text, type=Trust)
        json.loads(text, object_pairs_hook=refuse_repeated)
    except (msgspec.DecodeError, ValueError, RecursionError) as problem:
        raise TrustMalformed(where="file", reason=str(problem)[:200]) from problem
    if len({key.kid for key in trust.keys}) != len(trust.keys):
        raise TrustMalformed(where="file", reason="a key is listed twice")
    for key in trust.keys:
        key.public()
    return trust


def _suite_name(key: PublicKey) -> SuiteName:
    return "sm2-sm3" if key.suite.name == "sm2-sm3" else "ed25519"


def refuse_repeated(pairs: list[tuple[str, object]]) -> Mapping[str, object]:
    """For `json.loads`: an object none of whose members stands twice. Raises: ValueError."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")
    return members
