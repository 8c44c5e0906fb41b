"""Rows of the files block as a gateway reads them."""

from __future__ import annotations

from datetime import datetime

import asyncpg
import msgspec

from yiwang.blocks.files.domain.keeping import EndReason, FileState, Finding


class ShelfRow(msgspec.Struct, frozen=True):
    """What a resource takes."""

    largest: int
    media: tuple[str, ...]


class FileRow(msgspec.Struct, frozen=True):
    """A file, arriving or arrived."""

    id: str
    resource: str
    provider: str
    client: str
    name: str
    media: str
    length: int
    uploaded: int
    hash: str
    declared: str
    mark: str
    part: bool
    digest: str
    sha256: str
    state: FileState
    finding: Finding
    finding_text: str
    ended: EndReason
    created_at: datetime
    expires_at: datetime
    ready_at: datetime | None


class Place(msgspec.Struct, frozen=True):
    """A chunk at its place in a file."""

    digest: str
    size: int


COLUMNS = ", ".join(FileRow.__struct_fields__)


def file_of(record: asyncpg.Record) -> FileRow:
    """The row of a record that was selected by `COLUMNS`."""
    return msgspec.convert(dict(record), FileRow)
