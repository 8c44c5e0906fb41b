"""The upload protocol tus 1.0.0 as values: its headers read, without sending or storing anything.

Extensions: creation, checksum, expiration, termination, concatenation. Source: the protocol's text at tus.io, 1.0.0.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from yiwang.blocks.files.domain.errors import UploadHeaderWrong
from yiwang.vocabulary.crypto import SUITES

VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,checksum,expiration,termination,concatenation"
OFFSET_TYPE: Final = "application/offset+octet-stream"
SIGNED: Final = ("upload-length", "upload-offset", "upload-metadata", "upload-concat")
"""Headers that decide over an upload: a signed request repeats them in its query, which the signature covers."""
LOCATION: Final = "/v1/files/"
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,15}")
_KEY: Final = re.compile(r"[!-+\--~]{1,64}")
_ID: Final = re.compile(r"F[0-9a-hjkmnp-tv-z]{26}")
_DIGESTS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "sha1": lambda data: hashlib.sha1(data, usedforsecurity=False).digest(),
    "sha256": lambda data: hashlib.sha256(data).digest(),
    "sm3": SUITES["sm2-sm3"].digest,
}
ALGORITHMS: Final = tuple(_DIGESTS)
PARTS: Final = 64
"""Partial uploads that are joined at most."""


@dataclass(frozen=True)
class Checksum:
    """What the sender says that a piece digests to."""

    algorithm: str
    digest: bytes

    def fits(self, data: bytes) -> bool:
        """Whether it does."""
        return _DIGESTS[self.algorithm](data) == self.digest


@dataclass(frozen=True)
class Concat:
    """What `Upload-Concat` says: an upload that is a part, or one made of parts."""

    kind: Literal["partial", "final"]
    parts: tuple[str, ...] = ()


def is_file_id(text: str) -> bool:
    """Whether a text has the form of a file's id."""
    return _ID.fullmatch(text) is not None


def number(header: str, value: str | None) -> int:
    """A length or an offset in bytes. Raises: UploadHeaderWrong."""
    if value is None or _NUMBER.fullmatch(value) is None:
        raise UploadHeaderWrong(header=header, reason="∅" if value is None else value[:40])
    return int(value)


def metadata(value: str | None) -> dict[str, str]:
    """`Upload-Metadata`: keys without spaces or commas, values in base64 of UTF-8. Raises: UploadHeaderWrong."""
    found: dict[str, str] = {}
    for pair in (value or "").split(",") if value else ():
        key, _, coded = pair.strip().partition(" ")
        if _KEY.fullmatch(key) is None or key in found:
            raise UploadHeaderWrong(header="Upload-Metadata", reason=key[:40] or "∅")
        try:
            found[key] = base64.b64decode(coded, validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError, ValueError):
            raise UploadHeaderWrong(header="Upload-Metadata", reason=key) from None
    return found


def metadata_text(values: dict[str, str]) -> str:
    """The header of these values."""
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in values.items())


def checksum(value: str | None) -> Checksum | None:
    """`Upload-Checksum`; None where there is none. Raises: UploadHeaderWrong, also for an unknown algorithm."""
    if value is None:
        return None
    algorithm, _, coded = value.partition(" ")
    if algorithm not in _DIGESTS:
        raise UploadHeaderWrong(header="Upload-Checksum", reason=", ".join(ALGORITHMS))
    try:
        return Checksum(algorithm, base64.b64decode(coded, validate=True))
    except (binascii.Error, ValueError):
        raise UploadHeaderWrong(header="Upload-Checksum", reason="base64") from None


def concat(value: str | None) -> Concat | None:
    """`Upload-Concat`; None where there is none. Raises: UploadHeaderWrong."""
    if value is None:
        return None
    if value == "partial":
        return Concat("partial")
    head, _, rest = value.partition(";")
    ids = [part.rpartition("/")[2] for part in rest.split(" ") if part]
    if head != "final" or not 1 <= len(ids) <= PARTS or not all(map(is_file_id, ids)):
        raise UploadHeaderWrong(header="Upload-Concat", reason=value[:60])
    if len(set(ids)) != len(ids):
        raise UploadHeaderWrong(header="Upload-Concat", reason="twice")
    return Concat("final", tuple(ids))
