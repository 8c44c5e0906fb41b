"""What a file says it is, and what its first bytes say: kinds are compared, nothing is opened."""

from __future__ import annotations

import re
from typing import Final

HEAD: Final = 4096
"""Bytes of the beginning that are looked at."""
UNKNOWN: Final = "application/octet-stream"
_FORM: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}")
_BEGINS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"PAR1", "application/vnd.apache.parquet"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"MZ", "application/x-executable"),
    (b"\x7fELF", "application/x-executable"),
    (b"#!", "application/x-executable"),
    (b"\xcf\xfa\xed\xfe", "application/x-executable"),
    (b"\xca\xfe\xba\xbe", "application/x-executable"),
)
_ZIPPED: Final = re.compile(
    r"application/(?:zip|ofd|epub\+zip|vnd\.openxmlformats-officedocument\..+|vnd\.oasis\.opendocument\..+)"
)
_OLE: Final = frozenset({"application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"})
_TEXT: Final = frozenset({"application/json", "application/xml", "application/geo+json", "application/sql"})
BY_SUFFIX: Final[dict[str, str]] = {
    ".csv": "text/csv", ".txt": "text/plain", ".json": "application/json", ".geojson": "application/geo+json",
    ".xml": "application/xml", ".pdf": "application/pdf", ".ofd": "application/ofd", ".zip": "application/zip",
    ".gz": "application/gzip", ".7z": "application/x-7z-compressed", ".png": "image/png", ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg", ".tif": "image/tiff", ".tiff": "image/tiff",
    ".parquet": "application/vnd.apache.parquet", ".doc": "application/msword", ".xls": "application/vnd.ms-excel",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}  # fmt: skip
"""Types that an officer may choose from, by the usual ending of a file's name."""


def is_media(text: str) -> bool:
    """Whether a text is a media type without parameters, in lower case."""
    return _FORM.fullmatch(text) is not None


def guessed(name: str) -> str:
    """The type that a file's name suggests."""
    return BY_SUFFIX.get("." + name.rpartition(".")[2].lower(), UNKNOWN)


def seen(head: bytes) -> str | None:
    """The type that the first bytes show; None where they show none, as text and unknown kinds do."""
    for begin, media in _BEGINS:
        if head.startswith(begin):
            return media
    return None


def contradicts(declared: str, head: bytes) -> str | None:
    """The type that the first bytes show where it is not the declared one; None where they agree or tell nothing.

    A program is never taken for what it says it is, not even as octets; other octets may be anything.
    """
    shown = seen(head)
    if shown == "application/x-executable":
        return None if declared == shown else shown
    if declared == UNKNOWN:
        return None
    if declared.startswith("text/") or declared in _TEXT:
        return shown or (
            UNKNOWN if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")) else None
        )
    if _ZIPPED.fullmatch(declared):
        return None if shown == "application/zip" else shown or UNKNOWN
    if declared in _OLE:
        return None if shown == "application/x-ole-storage" else shown or UNKNOWN
    if declared in {media for _, media in _BEGINS}:
        return None if shown == declared else shown or UNKNOWN
    return None
