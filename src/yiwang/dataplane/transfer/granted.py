"""A source as a grant lets it be seen: granted fields under their names in the catalogue, granted rows, nothing else.

The narrowing stands in the FROM of every statement that the engine sends, so that no wish of a job can widen it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import msgspec
from psycopg import sql

from yiwang.dataplane.connectors.places import DatabasePlace
from yiwang.dataplane.transfer.postgresql import PostgreSQL
from yiwang.dataplane.transfer.shape import Column, Shape

Operator = Literal["eq", "in", "prefix", "gte", "lte"]
_COLLATIONS: Final = """
SELECT a.attname, quote_ident(n.nspname) || '.' || quote_ident(c.collname)
FROM pg_attribute a JOIN pg_collation c ON c.oid = a.attcollation JOIN pg_namespace n ON n.oid = c.collnamespace
WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped
"""
_SIGNS: Final[dict[Operator, str]] = {"eq": "=", "gte": ">=", "lte": "<="}


@dataclass(frozen=True, slots=True)
class RowRule:
    """A fixed condition on a column of the source; `text`: compared as text, else as the column's own type."""

    column: str
    operator: Operator
    values: tuple[str, ...]
    text: bool


@dataclass(frozen=True, slots=True)
class Granted:
    """What a grant lets out of one table.

    Attributes:
        columns: by field, the column behind it.
        rows: conditions that all hold.
    """

    table: str
    columns: Mapping[str, str]
    rows: tuple[RowRule, ...] = ()


class GrantedSource(PostgreSQL):
    """A PostgreSQL source behind a grant. The table that is asked for is the granted one under any name."""

    _granted: Granted
    _natives: Mapping[str, str]

    @classmethod
    def under(cls, at: DatabasePlace, granted: Granted) -> GrantedSource:
        """Open it. Raises: ConnectorError."""
        source = cls.open(at)
        source._granted = granted
        source._natives = {}
        return source

    @classmethod
    def open(cls, at: DatabasePlace) -> GrantedSource:
        """A session that sees nothing until `under` says what. Raises: ConnectorError."""
        plain = PostgreSQL.open(at)
        return cls(plain._connection, at)

    def shape(self, table: str) -> Shape | None:
        """The granted columns that there are, named as fields; keys of which every column is granted."""
        held = PostgreSQL(self._connection, self.at)
        held.snapshot = self.snapshot or "read"
        found = held.shape(self._granted.table)
        if found is None:
            return None
        named = found.named()
        self._natives = {column.name: column.native for column in found.columns}
        field_of = {column: field for field, column in self._granted.columns.items()}
        columns = tuple(
            msgspec.structs.replace(named[column], name=field)
            for field, column in self._granted.columns.items()
            if column in named
        )
        keys = [tuple(field_of[name] for name in key) for key in found.keys if set(key) <= set(field_of)]
        wirable = held.wirable[self._granted.table]
        self.wirable[table] = frozenset(field_of[name] for name in wirable if name in field_of)
        return Shape(columns, tuple(keys), found.rows)

    def place(self, table: str) -> str:
        """The narrowed table; it wants an alias."""
        del table
        fields = ", ".join(
            f"{self.quoted(column)} AS {self.quoted(field)}" for field, column in self._granted.columns.items()
            if column in self._natives
        )  # fmt: skip
        rules = " AND ".join(self._rule(rule) for rule in self._granted.rows)
        where = f" WHERE {rules}" if rules else ""
        return f"(SELECT {fields} FROM {super().place(self._granted.table)}{where})"

    def readable(self, table: str) -> str:
        """With its alias."""
        return f'{self.place(table)} AS "row"'

    def indexed(self, table: str, column: Column) -> tuple[str, str]:
        """Of the table behind."""
        del table
        behind = super().place(self._granted.table).replace("%%", "%")
        return behind, self._granted.columns.get(column.name, column.name)

    @property
    def rule_columns(self) -> tuple[str, ...]:
        """Columns that the conditions on rows ask about."""
        return tuple(dict.fromkeys(rule.column for rule in self._granted.rows))

    @property
    def names(self) -> Mapping[str, str]:
        """By field, the column behind it."""
        return self._granted.columns

    def admitted(self, rows: Sequence[Sequence[str | None]]) -> list[bool]:
        """Whether rows of which these are the values of `rule_columns`, as the log writes them, are granted.

        The source judges, so that types and collations count as they do where rows are read. Raises: ConnectorError.
        """
        columns = self.rule_columns
        if not rows or not columns:
            return [True] * len(rows)
        if set(columns) - set(self._natives):  # what cannot be asked is not granted
            return [False] * len(rows)
        collations = self._collations()
        as_now = {
            column: f'("c{at}"::{self._natives[column]}{collations.get(column, "")})'.replace("%", "%%")
            for at, column in enumerate(columns)
        }
        holds = " AND ".join(self._rule(rule, as_now[rule.column]) for rule in self._granted.rows)
        given = ", ".join(["%s::text[]"] * len(columns))
        named = ", ".join(f'"c{at}"' for at in range(len(columns)))
        found = self.query(
            f'SELECT "n" FROM unnest({given}) WITH ORDINALITY AS "row"({named}, "n") WHERE {holds}',
            [list(values) for values in zip(*rows, strict=True)],
        )
        granted = {int(str(number)) for (number,) in found}
        return [number in granted for number in range(1, len(rows) + 1)]

    def _collations(self) -> dict[str, str]:
        found = self.query(_COLLATIONS, (super().place(self._granted.table).replace("%%", "%"),))
        return {str(name): f" COLLATE {collation}" for name, collation in found}

    def _rule(self, rule: RowRule, expression: str = "") -> str:
        name = expression or self.quoted(rule.column)
        left = f"{name}::text" if rule.text else name
        values = [self._literal(value, rule) for value in rule.values]
        match rule.operator:
            case "in":
                return f"{left} IN ({', '.join(values)})"
            case "prefix":
                return f"starts_with({name}::text, {values[0]})"
            case operator:
                return f"{left} {_SIGNS[operator]} {values[0]}"

    def _literal(self, value: str, rule: RowRule) -> str:
        """A value as SQL; it comes from the grant, and a percent sign would be read as a parameter."""
        text = sql.Literal(value).as_string(self._connection).replace("%", "%%")
        native = self._natives.get(rule.column, "")
        return f"{text}::text" if rule.text or not native else f"{text}::{native}"
