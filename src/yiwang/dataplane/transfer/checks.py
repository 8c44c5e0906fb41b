"""Rules and masks on the way: which rows of a chunk may not pass and why, and what of a passing row is hidden."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pyarrow as pa

from yiwang.dataplane.engines.duckdb import DuckDB
from yiwang.dataplane.masking import MASKS, Mask, mask
from yiwang.dataplane.quality import rules as r
from yiwang.dataplane.quality.compiling import truth_of
from yiwang.dataplane.quality.dialects import DIALECTS
from yiwang.dataplane.transfer.errors import TransferMaskUnfit, TransferRuleUnfit
from yiwang.dataplane.transfer.shape import Column, Kind, Row
from yiwang.dataplane.transfer.values import written

DROP: Final = "drop"
"""In place of a mask: the column does not travel."""
_ARROW: Final[dict[Kind, pa.DataType]] = {
    "integer": pa.int64(), "float": pa.float64(), "boolean": pa.bool_(), "date": pa.date32(),
    "datetime": pa.timestamp("us"), "moment": pa.timestamp("us", "UTC"), "binary": pa.binary(),
}  # fmt: skip
_ENGINE: Final[dict[Kind, str]] = {
    "integer": "BIGINT", "float": "DOUBLE", "decimal": "DECIMAL(38,10)", "boolean": "BOOLEAN", "date": "DATE",
    "datetime": "TIMESTAMP", "moment": "TIMESTAMP WITH TIME ZONE", "binary": "BLOB",
}  # fmt: skip
_NUMBER: Final = "__yw_row"


def engine_types(columns: Sequence[Column]) -> dict[str, str]:
    """The columns as the rules' compiler wants to know them: engine types by name."""
    return {column.name: _ENGINE.get(column.kind, "VARCHAR") for column in columns}


class Checks:
    """Rules of one job, over the columns of its source. Rules of severity `minor` count and let rows pass."""

    def __init__(self, rules: Sequence[r.Rule], masks: Mapping[str, str], key: Sequence[str]) -> None:
        """Raises: TransferRuleUnfit."""
        for rule in rules:
            if isinstance(rule, r.Refers) or (isinstance(rule, r.Unique) and set(rule.columns) != set(key)):
                raise TransferRuleUnfit(rule=rule.id)
        # no two rows share a key: asking it of the key needs no look
        self.rules = tuple(rule for rule in rules if not isinstance(rule, r.Unique))
        self.masks = dict(masks)
        self.failed: dict[str, int] = {rule.id: 0 for rule in self.rules}

    def mask(self, column: str) -> Mask | None:
        """The mask of a column, or None."""
        kind = self.masks.get(column)
        return mask(kind) if kind and kind != DROP else None

    @property
    def can_sql(self) -> bool:
        """Whether PostgreSQL can judge every rule itself."""
        return all("postgres" in rule.condition.sql for rule in self.rules if isinstance(rule, r.Expression))

    def failing_sql(self) -> list[tuple[str, str]]:
        """Rule and SQL of its failure on PostgreSQL, over the alias `row`."""
        return [(rule.id, _failing(rule, "postgres")) for rule in self.rules]

    def counted(self, found: Mapping[str, int]) -> None:
        """Add what a database counted itself."""
        for rule, number in found.items():
            self.failed[rule] += number

    def bars(self, rule: str) -> bool:
        """Whether a row that breaks the rule may not pass."""
        return next(one.severity for one in self.rules if one.id == rule) != "minor"

    def judged(
        self, columns: Sequence[Column], rows: Sequence[Row], *, count: bool = True
    ) -> dict[int, list[str]]:
        """Rows that may not pass, by place, with the rules they break."""
        if not self.rules or not rows:
            return {}
        arrays = [_array(column, [row[at] for row in rows]) for at, column in enumerate(columns)]
        table = pa.table(
            [*arrays, pa.array(range(len(rows)), pa.int64())], names=[*(c.name for c in columns), _NUMBER]
        )
        failing = [_failing(rule, "duckdb") for rule in self.rules]
        flags = ", ".join(f"coalesce({one}, FALSE)" for one in failing)
        broken = " OR ".join(f"({one})" for one in failing)
        with DuckDB() as database:
            database.register("chunk", table)
            found = database.rows(
                f'SELECT "{_NUMBER}", {flags} FROM chunk AS "row" WHERE {broken} ORDER BY 1'
            )
        bad: dict[int, list[str]] = {}
        for number, *told in found:
            for rule, failed in zip(self.rules, told, strict=True):
                if failed:
                    self.failed[rule.id] += count
                    if rule.severity != "minor":
                        bad.setdefault(int(str(number)), []).append(f"rule:{rule.id}")
        return bad


def _failing(rule: r.Rule, dialect: r.DialectName) -> str:
    truth = truth_of(rule, DIALECTS[dialect])
    return f"({truth.tested}) AND ({truth.failed})"


def _array(column: Column, values: list[object]) -> pa.Array:
    if column.kind == "decimal":
        held = column.precision and column.precision <= 38
        kind = pa.decimal128(column.precision, column.scale) if held else pa.float64()
        return pa.array(values if held else [None if v is None else float(str(v)) for v in values], kind)
    if column.kind in _ARROW:
        return pa.array(values, _ARROW[column.kind])
    return pa.array([v if v is None or isinstance(v, str) else written(v) for v in values], pa.string())


def check_masks(masks: Mapping[str, str], key: Sequence[str]) -> None:
    """Raises: TransferMaskUnfit, for a mask that does not exist or stands on a key."""
    for column, kind in masks.items():
        if kind != DROP and kind not in MASKS:
            raise _unfit(column, kind, "没有这种脱敏方式", "there is no such mask")
        if column in key:
            raise _unfit(
                column,
                kind,
                "键列不能脱敏，否则无法对账",
                "a key cannot be masked, or nothing could be compared",
            )


def _unfit(column: str, kind: str, zh: str, en: str) -> TransferMaskUnfit:
    return TransferMaskUnfit(column=column, mask=kind, reason_zh=zh, reason_en=en)
