"""What is watched of a table, and rows of it as text by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from yiwang.dataplane.transfer.capture.pgoutput import Held

Texts = Mapping[str, str | None]
"""A row as PostgreSQL writes it, by field."""
Kind = Literal["insert", "update", "delete", "truncate"]


@dataclass(frozen=True, slots=True)
class Watched:
    """A table of which some columns are read, under the names of fields.

    Attributes:
        table: `schema.relation`.
        columns: by field, the column behind it.
        key: fields that tell rows apart.
    """

    table: str
    columns: Mapping[str, str]
    key: tuple[str, ...]

    @property
    def key_columns(self) -> tuple[str, ...]:
        """The columns behind the key."""
        return tuple(self.columns[name] for name in self.key)


@dataclass(frozen=True, slots=True, repr=False)
class Change:
    """One change of a row as the log has it.

    Attributes:
        new: by field; a large value that did not travel stays UNCHANGED. Empty for `delete` and `truncate`.
        former: by field, what tells the row as it was: its key at least. Empty where the key did not change.
    """

    kind: Kind
    new: Mapping[str, Held]
    former: Mapping[str, Held]


@dataclass(frozen=True, slots=True, repr=False)
class Piece:
    """Some changes of one transaction, in order. `end`: position behind its commit, in its last piece alone."""

    xid: int
    at: datetime
    changes: tuple[Change, ...]
    end: int | None
