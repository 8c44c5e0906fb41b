"""The physical form of a declared entity: one table of what is believed, one of what was believed before.

A row of the first table is a belief that holds now, about the days from `_from` until before `_to`; periods of one
record never overlap. When a belief is replaced or withdrawn, the part of it that ended moves to the second table with
the moment in `_until`. So each fact is a rectangle (days it is about × time it was believed), and the rectangles of
one record cover no point twice: "what did we know on day d about day e" is one look-up in both tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

History = Literal["none", "versions", "bitemporal"]

RECORD: Final = "_id"
"""Number of a record: the same in all its rows, safe to show in an address."""
FROM, TO = "_from", "_to"
"""Days that a belief is about, the second not included; `infinity` where open."""
KNOWN, UNTIL = "_known", "_until"
"""Since when it was believed, and until when."""
CREATED: Final = "_created"
"""When the record was first entered."""
BY: Final = "_by"
"""Who said so: an account, an agency or a package."""
SOURCES: Final = "_sources"
"""Of fused records: source, source row and date of each field, as the fusion wrote them."""
HIDDEN: Final = "_hidden"
"""In the views: names of the columns of this row that the actor may not see."""
MASKED: Final = "_masked"
"""In the views: names of the columns of this row that only masked rules show: they hold the value behind its mask."""
LOOKUP: Final = "_find_"
"""Before the name of an encrypted field: its keyed digest, by which equal values are found."""
PAST: Final = "__past"
"""Behind the name of a table: what is no longer believed."""
ORDERED: Final = "__ordered"
"""Behind the name of a view: the same rows by their key, so that a list's first page is read from the key's index."""
PUT, MAY = "__put", "__may"
LOADS: Final = "_load"
"""Behind the name of a system's schema: the one of loads that are under way."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a declared table.

    Attributes:
        sql: its type in PostgreSQL; `bytea` for an encrypted field.
        required: NULL is refused.
        encrypted: the application enciphers it; the database never sees the value.
        lookup: equal values of an encrypted field can be found.
        mask: mask of the data plane for whoever may not see the value itself; empty: such people see nothing.
    """

    name: str
    sql: str
    required: bool = False
    encrypted: bool = False
    lookup: bool = False
    mask: str = ""


@dataclass(frozen=True, slots=True)
class Worked:
    """A column of the view alone: SQL over `row` of the table."""

    name: str
    sql: str
    expression: str


@dataclass(frozen=True, slots=True)
class Table:
    """A declared entity as a table.

    `schema` is the system's own; `parts` of `partition` are hash partitions by the first key column; no two
    records have the same value in a column of `unique` at one time.
    """

    schema: str
    name: str
    history: History
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    partition: int = 0
    indexes: tuple[tuple[str, ...], ...] = ()
    worked: tuple[Worked, ...] = ()
    unique: tuple[str, ...] = ()

    @property
    def views(self) -> str:
        """The schema of what the application may read."""
        return f"{self.schema}_read"

    @property
    def loads(self) -> str:
        """The schema of loads that are under way."""
        return self.schema + LOADS

    @property
    def dated(self) -> bool:
        """Whether beliefs are about days."""
        return self.history == "bitemporal"

    @property
    def kept(self) -> bool:
        """Whether what is no longer believed is kept."""
        return self.history != "none"

    def column(self, name: str) -> Column:
        """A column by name. Raises: KeyError."""
        return next(c for c in self.columns if c.name == name)


@dataclass(frozen=True, slots=True)
class AccessRule:
    """What a role may do with rows of a table, as the declaration says it.

    Attributes:
        roles: full names such as `hotline.clerk`; holding one is enough.
        purposes: under which purpose; empty: any.
        verbs: of `read` and `write`.
        rows: SQL over the alias `row`; None: all rows.
        fields: which fields; None: all.
        open_case: only while a case about it is open.
        masked: fields with a mask are read masked.
    """

    roles: tuple[str, ...]
    purposes: tuple[str, ...]
    verbs: frozenset[str]
    rows: str | None = None
    fields: frozenset[str] | None = None
    open_case: bool = False
    masked: bool = False
