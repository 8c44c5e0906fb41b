"""What the census asks of a database or file: tables and columns as declared, a bounded sample, and counts.

Values stay in memory while proposals are made of them. Nothing here has a `repr` that shows one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

Value = str | None
Letter = Literal["C", "N", "Y", "D", "T", "L", "M", "G", "B", "I", "F"]
"""Data types of 编制指南 5.3 #8.2: C text, N decimal, Y money, D date, T date and time, L yes/no, M long text,
G anything else, B double, I integer, F float."""
TableKind = Literal["table", "view", "sheet", "file"]
LONGEST_VALUE = 2000
"""Characters of one value that are looked at."""
MOST_ENTRIES = 100
"""Distinct values that a code list may have."""


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence in both languages."""

    zh: str
    en: str

    def __add__(self, other: Text) -> Text:
        return Text(f"{self.zh}；{other.zh}", f"{self.en}; {other.en}")


@dataclass(frozen=True, slots=True)
class Column:
    """A column as declared. `letter` is None where the source declares no type; `length` 0 means unlimited."""

    name: str
    database_type: str = ""
    letter: Letter | None = None
    length: int = 0
    scale: int = 0
    nullable: bool = True
    comment: str = ""


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Columns of one table that point to columns of another, given by its path."""

    columns: tuple[str, ...]
    table: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table as declared. `rows` is an estimate, -1 where there is none; keys hold names of columns."""

    schema: str
    name: str
    kind: TableKind
    comment: str
    rows: int
    columns: tuple[Column, ...]
    primary: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    foreign: tuple[ForeignKey, ...] = ()
    size: int = 0

    @property
    def path(self) -> str:
        """`schema.name`, or the name alone."""
        return f"{self.schema}.{self.name}" if self.schema else self.name


@dataclass(frozen=True, slots=True, repr=False)
class Sample:
    """Some rows as text, in the order of the columns; `whole` when these are all rows there are."""

    rows: Sequence[tuple[Value, ...]]
    whole: bool

    def __repr__(self) -> str:
        return f"Sample({len(self.rows)} rows)"


@dataclass(frozen=True, slots=True)
class Measure:
    """Counts over all rows of a table for one column; `distinct` None where it was not counted."""

    rows: int
    filled: int
    distinct: int | None
    longest: int


@dataclass(frozen=True, slots=True, repr=False)
class Asked:
    """How many of these distinct values does this column hold? The values came from the same source, or files here."""

    table: Table
    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the officer should know about a source, a table or a column."""

    code: str
    where: str
    text: Text


@dataclass
class Limits:
    """How hard a source may be pressed.

    Attributes:
        rows: rows of a sample.
        exact_rows: tables up to this size are counted exactly, where that is needed to tell a key.
        statements: statements a second, at most.
        timeout_ms: of one statement.
        header: whether the first row of a file names the columns; None finds out.
        file_bytes: bytes that a compressed file may take when it is unpacked.
    """

    rows: int = 500
    exact_rows: int = 200_000
    statements: float = 100.0
    timeout_ms: int = 10_000
    header: bool | None = None
    file_bytes: int = 1 << 30
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


class Source(Protocol):
    """A database or file under census. Reading raises `TableUnreadable` for one table, `CensusError` for all."""

    @property
    def address(self) -> str:
        """What it is called in the result; without a password."""

    @property
    def format(self) -> tuple[str, str]:
        """Class and type of its format as in 编制指南 5.4, such as 数据库 and PostgreSQL."""

    def tables(self) -> Sequence[Table]:
        """Every table that may be read."""

    def notices(self) -> Sequence[Notice]:
        """What was noticed so far."""

    def sample(self, table: Table, limit: int) -> Sample:
        """At most so many rows, spread over the table where that costs little."""

    def measure(self, table: Table, columns: Sequence[str]) -> Mapping[str, Measure]:
        """Counts over all rows; columns may be missing from the answer where counting would cost too much."""

    def entries(self, table: Table, columns: Sequence[str]) -> Mapping[str, Mapping[str, int]] | None:
        """Distinct values with their rows; a column with more than `MOST_ENTRIES` is missing from the answer.

        None when counting would cost too much.
        """

    def found(self, questions: Sequence[Asked]) -> Sequence[int | None]:
        """An answer a question; None where looking would cost too much."""


@dataclass
class Noticed:
    """Notices gathered while reading."""

    items: dict[Notice, None] = field(default_factory=dict)

    def add(self, code: str, where: str, zh: str, en: str) -> None:
        """One more, unless it is there already."""
        self.items[Notice(code, where, Text(zh, en))] = None
