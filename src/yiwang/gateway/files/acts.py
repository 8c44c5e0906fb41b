"""What a node asks another one's files for, on behalf of a receiver. docs/specs/cascade.md §8."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from yiwang.vocabulary.manifest import CHUNK, LARGEST

FileId = Annotated[str, Meta(min_length=1, max_length=64)]
_MOST: Final = LARGEST // CHUNK


class ListFiles(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="act", tag="list"):
    """Files of the resource, the newest first, from the one behind `before` on."""

    before: Annotated[str, Meta(max_length=64)] = ""


class OpenFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="act", tag="manifest"):
    """What a file is made of."""

    file: FileId


class TakeChunk(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="act", tag="chunk"):
    """One whole chunk of a file, counted from 0."""

    file: FileId
    number: Annotated[int, Meta(ge=0, lt=_MOST)]


class ConfirmFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="act", tag="receipt"):
    """The receiver's word that the file arrived whole."""

    file: FileId
    digest: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]


Act = ListFiles | OpenFile | TakeChunk | ConfirmFile
decoder: Final = msgspec.json.Decoder(Act)
EVENTS: Final[dict[type[msgspec.Struct], str]] = {
    ListFiles: "files-listed",
    OpenFile: "file-opened",
    TakeChunk: "file-sent",
    ConfirmFile: "file-received",
}
"""The event that proves the answer to each."""


def encoded(act: Act) -> str:
    """As it stands in the body of a forwarded call."""
    return msgspec.json.encode(act).decode()
