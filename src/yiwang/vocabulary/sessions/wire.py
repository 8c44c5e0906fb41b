"""What travels: the bodies that open a session and countersign, and the headers of its answers."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from yiwang.vocabulary.evidence.head import HexSignature, SignedHead
from yiwang.vocabulary.evidence.leaf import Count, Hex64, Kid, Name, SuiteName, Text
from yiwang.vocabulary.sessions.errors import SessionTextMalformed

ANSWER_HEADER: Final = "YW-Session"
HEAD_HEADER: Final = "YW-Head"
MAC_OF: Final[dict[str, Literal["hmac-sm3", "hmac-sha256"]]] = {
    "sm2-sm3": "hmac-sm3",
    "ed25519": "hmac-sha256",
}
"""The code that a session uses, by the suite of the key that opened it."""
MOST_CALLS: Final = 4096
"""Calls that one countersignature may cover."""
MOST_GRANTS: Final = 100
_ANSWER = re.compile(r"index=(0|[1-9][0-9]{0,14}), mac=:([A-Za-z0-9+/]{43}=):")
_NUMBER = re.compile(r"[0-9]{22}")
_BASE64URL = re.compile(r"[A-Za-z0-9_-]{1,8192}")


class Opening(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body that opens a session.

    Attributes:
        share: the caller's share, base64url without padding.
        grants: the only grants the session may use; all of the caller's when None.
        seconds: how long it shall last at most.
    """

    share: Annotated[str, Meta(max_length=200)]
    grants: Annotated[tuple[Text, ...], Meta(min_length=1, max_length=MOST_GRANTS)] | None = None
    seconds: Annotated[int, Meta(ge=1, le=86_400)] = 3600


class Exposure(msgspec.Struct, frozen=True):
    """How much may be without a countersignature before calls are refused."""

    calls: int
    ms: int


class Opened(msgspec.Struct, frozen=True):
    """The answer to it, as it lies in evidence.

    Attributes:
        client: id of the client application.
        evidence: suite of the log.
        gateway: address of the one gateway that serves the session; None for the one that was asked.
        idle: seconds without a call after which the session ends.
        seconds: how long it lasts.
        window: how far a number may lie behind the highest that was seen.
    """

    alg: Literal["hmac-sm3", "hmac-sha256"]
    client: Text
    evidence: SuiteName
    exposure: Exposure
    gateway: str | None
    grants: tuple[Text, ...] | None
    idle: Count
    log: Name
    node: Name
    seconds: Count
    session: Kid
    share: str
    window: Count


class Countersigning(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a countersignature.

    Attributes:
        indexes: places of the answered calls' leaves, growing.
        lost: request digests of calls whose answers did not arrive, growing.
        statement: canonical text.
        signature: over it, by the key that opened the session, lower-case hexadecimal.
    """

    indexes: Annotated[tuple[Count, ...], Meta(max_length=MOST_CALLS)]
    lost: Annotated[tuple[Hex64, ...], Meta(max_length=MOST_CALLS)]
    statement: str
    signature: HexSignature


class Countersigned(msgspec.Struct, frozen=True):
    """The answer to it: how many calls are still open."""

    number: int
    open: int


def share_text(share: bytes) -> str:
    """A share as it stands in JSON."""
    return base64.urlsafe_b64encode(share).rstrip(b"=").decode("ascii")


def read_share(text: str) -> bytes:
    """A share from its text. Raises: SessionTextMalformed."""
    try:
        return _unpadded(text)
    except ValueError as problem:
        raise SessionTextMalformed(where="share", reason=str(problem)[:200]) from problem


def nonce_of(number: int) -> str:
    """The nonce of a session's request: its number in 22 decimal digits."""
    return f"{number:022d}"


def number_of(nonce: str) -> int:
    """The number of a session's request. Raises: SessionTextMalformed."""
    if _NUMBER.fullmatch(nonce) is None:
        raise SessionTextMalformed(where="nonce", reason="22 decimal digits")
    return int(nonce)


def answer_text(
    session: str, request: str, *, status: int, request_id: str, index: int, response: str
) -> bytes:
    """What the code of an answer covers; digests are lower-case hexadecimal."""
    return f"yw-answer/1\n{session}\n{request}\n{status}\n{request_id}\n{index}\n{response}".encode()


def answer_header(index: int, code: bytes) -> str:
    """The value of `YW-Session`."""
    return f"index={index}, mac=:{binascii.b2a_base64(code, newline=False).decode('ascii')}:"


def read_answer_header(value: str) -> tuple[int, bytes]:
    """Index and code of an answer. Raises: SessionTextMalformed."""
    found = _ANSWER.fullmatch(value)
    if found is None:
        raise SessionTextMalformed(where=ANSWER_HEADER, reason="index=N, mac=:base64:")
    return int(found[1]), binascii.a2b_base64(found[2])


def head_header(head: str, signature: str) -> str:
    """The value of `YW-Head`: base64url without padding of compact JSON."""
    return share_text(msgspec.json.encode(SignedHead(head, signature)))


def read_head_header(value: str) -> SignedHead:
    """The head of an answer; what it proves is not looked at. Raises: SessionTextMalformed."""
    try:
        return msgspec.json.decode(_unpadded(value), type=SignedHead)
    except (ValueError, msgspec.DecodeError) as problem:
        raise SessionTextMalformed(where=HEAD_HEADER, reason=str(problem)[:200]) from problem


def _unpadded(text: str) -> bytes:
    if _BASE64URL.fullmatch(text) is None:
        raise ValueError("not base64url without padding")
    data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if share_text(data) != text:
        raise ValueError("not canonical base64url")
    return data
