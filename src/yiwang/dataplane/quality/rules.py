"""What a quality rule says, whatever it is run on.

Dimensions are those of GB/T 36344-2018. A rule judges rows it can judge: where a field that it needs is NULL the
row leaves `tested`, except under 完整性, which is about the NULLs themselves. A duplicate counts every row of its
group. docs/specs/quality.md states this for other implementations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

Dimension = Literal["规范性", "完整性", "准确性", "一致性", "时效性", "可访问性"]
Severity = Literal["blocking", "major", "minor"]
CheckDigit = Literal["mod11_2", "uscc", "mod11_10"]
DialectName = Literal["duckdb", "postgres", "spark"]

DIMENSIONS: Final[tuple[Dimension, ...]] = ("规范性", "完整性", "准确性", "一致性", "时效性", "可访问性")
DIMENSIONS_EN: Final[dict[Dimension, str]] = {
    "规范性": "Conformity", "完整性": "Completeness", "准确性": "Accuracy", "一致性": "Consistency",
    "时效性": "Timeliness", "可访问性": "Accessibility",
}  # fmt: skip
WEIGHT: Final[dict[Severity, int]] = {"minor": 1, "major": 3, "blocking": 9}
"""w_r of the score: how much a rule counts beside the others of its dimension."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What all rules have. `to` names the source unit that is to mend what the rule finds."""

    id: str
    dimension: Dimension
    severity: Severity = "major"
    message: str = ""
    message_en: str = ""
    to: str = ""

    @property
    def fields(self) -> tuple[str, ...]:
        """Columns that the rule looks at."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _OneField(Rule):
    field: str

    @property
    def fields(self) -> tuple[str, ...]:
        """The one column."""
        return (self.field,)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotNull(_OneField):
    """The field has a value; an empty text is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InList(_OneField):
    """The value is one of `values`, compared as text."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Range(_OneField):
    """The number lies between `low` and `high`, both included where given."""

    low: int | float | None = None
    high: int | float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Length(_OneField):
    """The text has between `low` and `high` characters."""

    low: int = 0
    high: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern(_OneField):
    """The whole text matches a regular expression of the common core (no look-around, no back-references)."""

    pattern: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckDigits(_OneField):
    """The last character is the right check character: of a resident id, of a USCC, or by ISO 7064 MOD 11,10."""

    kind: CheckDigit


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh(_OneField):
    """The date or time is not older than `seconds` before `as_of`; `when` narrows the rows looked at."""

    seconds: int
    as_of: datetime
    when: Condition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent(_OneField):
    """The newest date or time of the whole table is not older than `seconds` before `as_of`: one test a table."""

    seconds: int
    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Unique(Rule):
    """No two rows agree in all the fields."""

    columns: tuple[str, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns that must not repeat together."""
        return self.columns


@dataclass(frozen=True, slots=True)
class Condition:
    """A truth about a row in the SQL of each engine, with the columns it needs; parameters are written in.

    `sql` speaks of columns under the alias `row`. It comes from an expression that was checked, never from a
    person's text.
    """

    sql: Mapping[DialectName, str]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression(Rule):
    """A condition that every row fulfils. Rows for which it is neither true nor false are not tested."""

    condition: Condition

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns that the expression names."""
        return self.condition.columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Refers(Rule):
    """The values of `columns` stand as a row of `target` under `keys`: the reference leads somewhere."""

    columns: tuple[str, ...]
    target: tuple[str, ...]
    """The other table, as (schema, table) or (table,)."""
    keys: tuple[str, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns that refer."""
        return self.columns


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule found: of `tested` rows, `failed` broke it."""

    rule: str
    tested: int
    failed: int

    @property
    def rate(self) -> float | None:
        """p_r: the share of tested rows that pass, from 0 to 1; None when no row could be tested."""
        return None if self.tested == 0 else (self.tested - self.failed) / self.tested
