"""The signed tree head, and the receipt that leaves with an answer. docs/specs/evidence.md §4 and §5."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from yiwang.vocabulary.crypto.keys import SigningKey
from yiwang.vocabulary.crypto.suites import SUITES
from yiwang.vocabulary.evidence.errors import HeadMalformed, ReceiptMalformed
from yiwang.vocabulary.evidence.leaf import Count, Hex64, Instant, Kid, Name, SuiteName, parse_instant

MAX_HEAD = 2048
MAX_RECEIPT = 131_072
HexSignature = Annotated[str, Meta(pattern=r"^(?:[0-9a-f]{2}){8,72}\Z")]


class Head(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A tree head before signing. Fields stand in canonical order.

    Attributes:
        epoch: counts the log's lives: it grows at every recovery.
        key: key id of the node's evidence key.
        previous: digest (log's suite) of the previous head's canonical text; None for the log's first head.
        root: of the tree of `size` leaves.
        suite: the log's suite, which is the key's.
    """

    epoch: Count
    key: Kid
    log: Name
    node: Name
    previous: Hex64 | None
    root: Hex64
    size: Count
    suite: SuiteName
    time: Instant
    v: Literal[1] = 1

    def canonical(self) -> bytes:
        """The canonical UTF-8 text: what is signed."""
        return _encoder.encode(self)

    def digest(self) -> str:
        """What the next head's `previous` holds."""
        return SUITES[self.suite].digest(self.canonical()).hex()


class SignedHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A head's canonical text with its signature in lower-case hexadecimal."""

    head: str
    signature: HexSignature


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Head)


def sign_head(head: Head, key: SigningKey) -> SignedHead:
    """Sign a head.

    Raises:
        HeadMalformed: the head names another key or suite.
    """
    if head.key != key.kid or head.suite != key.suite.name:
        raise HeadMalformed(where="head", reason="the head names another key than the one that signs")
    text = head.canonical()
    return SignedHead(text.decode("utf-8"), key.sign(text).hex())


def parse_head(text: str | bytes) -> Head:
    """Read a head from its canonical text.

    Raises:
        HeadMalformed: not a head, or not its canonical text byte for byte.
    """
    try:
        data = text.encode("utf-8") if isinstance(text, str) else text
        if len(data) > MAX_HEAD:
            raise HeadMalformed(where="head", reason="too long")
        head = _decoder.decode(data)
        parse_instant(head.time)
    except (msgspec.DecodeError, ValueError) as problem:
        raise HeadMalformed(where="head", reason=str(problem)[:200]) from problem
    if head.canonical() != data:
        raise HeadMalformed(where="head", reason="the text differs from the canonical text of its value")
    return head


_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
_URLSAFE = bytes.maketrans(b"+/", b"-_")


class Receipt(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What the header `YW-Evidence` holds: leaf, its place, and the signed head.

    Attributes:
        leaf: canonical text.
        index: position in the log.
        proof: inclusion proof in the head's tree, lower-case hexadecimal, from the leaf upwards.
        head: canonical text.
        signature: over the head, lower-case hexadecimal.
    """

    leaf: str
    index: Count
    proof: Annotated[tuple[Hex64, ...], Meta(max_length=64)]
    head: str
    signature: HexSignature

    def header(self) -> str:
        """The header's value: base64url without padding of compact JSON."""
        text = binascii.b2a_base64(_encoder.encode(self), newline=False)
        return text.rstrip(b"=").translate(_URLSAFE).decode("ascii")

    @classmethod
    def from_header(cls, value: str) -> Receipt:
        """Read the header's value.

        Raises:
            ReceiptMalformed: not base64url, not JSON, or not a receipt.
        """
        if len(value) > MAX_RECEIPT or _BASE64URL.fullmatch(value) is None:
            raise ReceiptMalformed(where="YW-Evidence", reason="too long, or not base64url without padding")
        try:
            data = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
            return _receipt_decoder.decode(data)
        except (binascii.Error, ValueError, msgspec.DecodeError) as problem:
            raise ReceiptMalformed(where="YW-Evidence", reason=str(problem)[:200]) from problem


_receipt_decoder = msgspec.json.Decoder(Receipt)
