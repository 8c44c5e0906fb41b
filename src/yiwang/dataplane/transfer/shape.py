"""What a table looks like to a table job, whatever database or file holds it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import msgspec

from yiwang.vocabulary.errors import YwError

Kind = Literal[
    "text", "integer", "decimal", "float", "boolean", "date", "time", "datetime", "moment", "duration", "json", "binary",
    "uuid", "other",
]  # fmt: skip
"""`datetime` knows no zone, `moment` does. `other` is carried as its database writes it in text."""
KINDS: tuple[Kind, ...] = get_args(Kind)
KEY_KINDS: frozenset[Kind] = frozenset({"text", "integer", "decimal", "date", "datetime", "moment", "uuid"})


class Column(msgspec.Struct, frozen=True, omit_defaults=True):
    """A column.

    Attributes:
        native: the type as its database writes it.
        length: characters of a text or bytes of a binary, 0 without limit.
        precision: digits of a decimal, 0 without limit.
        scale: digits after its point.
        bits: size of an integer or float.
    """

    name: str
    kind: Kind
    native: str = ""
    nullable: bool = True
    length: int = 0
    precision: int = 0
    scale: int = 0
    bits: int = 64


class Shape(msgspec.Struct, frozen=True):
    """Columns in order, and unique keys without NULLs, the primary key first. `rows` is an estimate, -1 unknown."""

    columns: tuple[Column, ...]
    keys: tuple[tuple[str, ...], ...] = ()
    rows: int = -1

    def named(self) -> dict[str, Column]:
        """Columns by name."""
        return {column.name: column for column in self.columns}

    def only(self, names: Sequence[str]) -> Shape:
        """The same with these columns alone, in this order."""
        held = self.named()
        return Shape(tuple(held[name] for name in names), self.keys, self.rows)

    @property
    def digest(self) -> str:
        """Of names, kinds and limits: two tables with the same digest take the same rows."""
        plain = [(c.name, c.kind, c.nullable, c.length, c.precision, c.scale, c.bits) for c in self.columns]
        return hashlib.sha256(msgspec.json.encode(plain)).hexdigest()


@dataclass(frozen=True, slots=True)
class Change:
    """A difference between two versions of a table. `narrows`: data that flowed before may not flow any more."""

    column: str
    kind: Literal["added", "dropped", "widened", "narrowed"]
    was: str = ""
    now: str = ""

    @property
    def narrows(self) -> bool:
        """Whether the job must wait for a person."""
        return self.kind in {"dropped", "narrowed"}

    def __str__(self) -> str:
        return f"{self.kind} {self.column} {self.was} → {self.now}".replace("  →", "").rstrip(" →")


def changes(was: Shape, now: Shape) -> list[Change]:
    """What changed from one version to the next, by column."""
    before, after = was.named(), now.named()
    found = [Change(name, "dropped", told(c)) for name, c in before.items() if name not in after]
    found += [Change(name, "added", "", told(c)) for name, c in after.items() if name not in before]
    for name, old in before.items():
        new = after.get(name)
        if new is None or told(old) == told(new):
            continue
        found.append(Change(name, "widened" if _holds(new, old) else "narrowed", told(old), told(new)))
    return found


def told(column: Column) -> str:
    """The type in one word: `decimal(12,2)`."""
    match column.kind:
        case "text" | "binary":
            return f"{column.kind}({column.length})" if column.length else column.kind
        case "decimal":
            return f"decimal({column.precision},{column.scale})" if column.precision else "decimal"
        case "integer" | "float":
            return f"{column.kind}{column.bits}"
        case "other":
            return column.native
        case kind:
            return kind


def _holds(wide: Column, narrow: Column) -> bool:
    """Whether every value of `narrow` fits `wide`. Text holds what has one way of writing, integers any integer."""
    if wide.kind != narrow.kind:
        if wide.kind == "text" and not wide.length:
            return narrow.kind not in {"binary", "float"}
        return wide.kind == "decimal" and narrow.kind == "integer" and not wide.precision
    match wide.kind:
        case "text" | "binary":
            return not wide.length or 0 < narrow.length <= wide.length
        case "decimal":
            if not wide.precision:
                return True
            whole = wide.precision - wide.scale >= narrow.precision - narrow.scale
            return narrow.precision > 0 and whole and wide.scale >= narrow.scale
        case "integer" | "float":
            return wide.bits >= narrow.bits
        case "other":
            return wide.native == narrow.native
        case _:
            return True


Value = object
Row = tuple[Value, ...]
Key = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """Rows with `low` < key ≤ `high`; None is without bound. Spans side by side leave no gap for a lost row."""

    low: Key | None = None
    high: Key | None = None


@dataclass(frozen=True, slots=True, repr=False)
class BadRow:
    """A row that may not pass: its values in the order of the source's columns, and why, by rule or column."""

    key: Key
    values: Mapping[str, Value]
    reasons: tuple[str, ...]

    def __repr__(self) -> str:
        return f"BadRow({', '.join(self.reasons)})"


class Refusal(Exception):
    """Why a target took no rows; `row_bound` when another row might be taken."""

    def __init__(self, reason: str, *, row_bound: bool) -> None:
        super().__init__(reason)
        self.reason, self.row_bound = reason, row_bound


class Stopped(YwError):
    """A person paused or cancelled the job; what was committed stays."""

    code = "transfer-stopped"
    permanent = False
    message_zh = "作业已{how_zh}，已写入的各段保留。"
    message_en = "The job was {how_en}; the chunks written so far stay."
    mend_zh = "用同一个作业名再执行即可继续。"
    mend_en = "Run it again under the same name to go on."
