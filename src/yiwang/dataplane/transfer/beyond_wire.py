"""What two nodes say to each other about a table, whatever carries it. docs/specs/cascade.md §9.

Rows travel as JSON arrays of tagged values (`values.stored`), a page at a time, each page with its count and digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from yiwang.dataplane.transfer.shape import Column
from yiwang.vocabulary.delivering import Way

PAGE_ROWS: Final = 5_000
PAGE_BYTES: Final = 2 << 20
"""Where a page ends, whichever comes first."""
MOST_ROWS: Final = 1_000_000
RunId = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]
Stored = Annotated[str, Meta(max_length=4000)]
"""Values as `values.stored` writes them."""
Name = Annotated[str, Meta(min_length=1, max_length=200)]


class Moved(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A window of the column that only grows: above or at `low` (None: from the beginning), up to `high`."""

    column: Name
    low: Stored | None
    high: Stored


class OpenTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="act", tag="open"):
    """Begin a run, or go on with one."""

    run: RunId
    way: Way


class CountRows(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="act", tag="count"):
    """How many rows there are."""

    run: RunId
    window: Moved | None = None


class FindTop(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="act", tag="top"):
    """The greatest value of a column."""

    run: RunId
    column: Name


class FindBound(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="act", tag="bound"):
    """The key of the `size`-th row after `low`."""

    run: RunId
    size: Annotated[int, Meta(ge=1, le=MOST_ROWS)]
    low: Stored | None = None
    window: Moved | None = None


class ReadRows(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="act", tag="rows"):
    """Rows with `low` < key ≤ `high`, as many as a page holds."""

    run: RunId
    low: Stored | None = None
    high: Stored | None = None
    window: Moved | None = None


class ConfirmRun(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="act", tag="receipt"):
    """The run is over and proven: rows that stand in the target, SHA-256 of the report."""

    run: RunId
    rows: Annotated[int, Meta(ge=0, lt=2**53)]
    report: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]


Act = OpenTable | CountRows | FindTop | FindBound | ReadRows | ConfirmRun


class Opened(msgspec.Struct, frozen=True):
    """The table as the grant lets it be seen; masked columns are text. `rows` is an estimate."""

    columns: tuple[Column, ...]
    key: tuple[str, ...]
    rows: int


class Counted(msgspec.Struct, frozen=True):
    """How many rows."""

    count: int


class Found(msgspec.Struct, frozen=True):
    """Values as stored; None where there are none."""

    values: str | None


class Page(msgspec.Struct, frozen=True):
    """Rows in the order of the key. `more`: there are others behind them; `last`: the key of the last one."""

    count: int
    digest: str
    more: bool
    last: str | None
    rows: tuple[str, ...]


class Confirmed(msgspec.Struct, frozen=True):
    """The owner has taken the receipt."""

    received: str


def digest_of(rows: Sequence[str]) -> str:
    """SHA-256 over the rows as they travel, each with a line feed behind it."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(row.encode())
        digest.update(b"\n")
    return digest.hexdigest()
