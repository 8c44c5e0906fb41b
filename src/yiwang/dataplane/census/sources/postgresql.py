"""PostgreSQL and its kin (openGauss, Kingbase) under census: three catalogue queries, then samples and counts."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Final, TypeGuard

import psycopg
from psycopg import sql

from yiwang.dataplane.census.errors import TableUnreadable
from yiwang.dataplane.census.pace import Pace
from yiwang.dataplane.census.source import (
    LONGEST_VALUE,
    MOST_ENTRIES,
    Asked,
    Column,
    ForeignKey,
    Letter,
    Limits,
    Measure,
    Notice,
    Noticed,
    Sample,
    Table,
    TableKind,
    Value,
)
from yiwang.dataplane.connectors.facts import SourceAddress
from yiwang.dataplane.connectors.postgresql import Database
from yiwang.dataplane.connectors.types import plain

_OWN: Final = "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%%'"
_READABLE: Final = (
    "has_schema_privilege(n.oid, 'USAGE') AND (has_table_privilege(c.oid, 'SELECT')"
    " OR has_any_column_privilege(c.oid, 'SELECT'))"
)
_TABLES: Final = f"""
SELECT c.oid, n.nspname, c.relname, c.relkind, coalesce(obj_description(c.oid, 'pg_class'), ''),
       c.reltuples::bigint, CASE WHEN c.relkind IN ('r', 'm') THEN pg_relation_size(c.oid) ELSE 0 END
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT c.relispartition AND {_OWN} AND {_READABLE}
ORDER BY 2, 3
"""  # noqa: S608 - fixed text
_COLUMNS: Final = f"""
SELECT a.attrelid, a.attname, format_type(CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE a.atttypid END,
           CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END),
       coalesce(b.typtype, t.typtype), NOT (a.attnotnull OR t.typnotnull),
       coalesce(col_description(a.attrelid, a.attnum), ''), a.attnum
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type b ON b.oid = nullif(t.typbasetype, 0)
JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT c.relispartition AND {_OWN} AND {_READABLE}
      AND a.attnum > 0 AND NOT a.attisdropped AND has_column_privilege(c.oid, a.attnum, 'SELECT')
ORDER BY a.attrelid, a.attnum
"""  # noqa: S608
_KEYS: Final = f"""
SELECT i.indrelid, i.indisprimary, array_to_string(ARRAY(SELECT k.attnum
       FROM unnest(i.indkey) WITH ORDINALITY AS k(attnum, at) WHERE k.at <= i.indnkeyatts ORDER BY k.at), ' ')
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AND {_OWN} AND {_READABLE}
ORDER BY i.indrelid, i.indisprimary DESC, i.indnkeyatts, i.indexrelid
"""  # noqa: S608
_FOREIGN: Final = f"""
SELECT f.conrelid, f.confrelid, array_to_string(f.conkey, ' '), array_to_string(f.confkey, ' ')
FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE f.contype = 'f' AND f.conparentid = 0 AND {_OWN} AND {_READABLE} ORDER BY f.oid
"""  # noqa: S608
_KINDS: Final[Mapping[str, TableKind]] = {"v": "view", "f": "view"}
_LETTERS: Final[Mapping[str, Letter]] = {
    "smallint": "I", "integer": "I", "bigint": "I", "oid": "I", "numeric": "N", "money": "Y", "real": "F",
    "double precision": "B", "boolean": "L", "character varying": "C", "character": "C", "text": "C", "name": "C",
    "citext": "C", "uuid": "C", "inet": "C", "cidr": "C", "macaddr": "C", "bit": "C", "bit varying": "C",
    "interval": "C", "time without time zone": "C", "time with time zone": "C", '"char"': "C", "ltree": "C",
    "date": "D", "timestamp without time zone": "T", "timestamp with time zone": "T", "xml": "M",
}  # fmt: skip
_STORED: Final = {"smallint": 2, "integer": 4, "bigint": 8, "real": 4, "double precision": 8, "uuid": 36}
_CATALOGUE_MS: Final = 60_000
_ROW_BYTES: Final = 150
_SAMPLED: Final = {"r", "m", "p"}


class PostgreSQL:
    """A PostgreSQL database under census, on a connection that is read-only and has time limits."""

    def __init__(self, database: Database, address: SourceAddress, limits: Limits, pace: Pace) -> None:
        self._database, self._limits, self._pace = database, limits, pace
        self.address = f"postgresql://{address.host}:{address.port}/{address.database}"
        self.format = ("数据库", "PostgreSQL")
        self._noticed = Noticed()
        self._relkind: dict[str, str] = {}

    def notices(self) -> Sequence[Notice]:
        """What was noticed so far."""
        return tuple(self._noticed.items)

    def tables(self) -> Sequence[Table]:
        """Tables and views that the role may read."""
        # a census takes one core at most, and may wait longer for the catalogue than for any table
        for name, value in (("max_parallel_workers_per_gather", "0"), ("jit", "off")):
            with contextlib.suppress(psycopg.ProgrammingError):  # not every kin of PostgreSQL has them
                self._set(name, value)
        self._set("statement_timeout", str(max(_CATALOGUE_MS, self._limits.timeout_ms)))
        try:
            return self._listed()
        finally:
            if not self._database.lost:
                self._set("statement_timeout", str(self._limits.timeout_ms))

    def _set(self, name: str, value: str) -> None:
        self._read(sql.SQL("SELECT set_config({}, {}, false)").format(sql.Literal(name), sql.Literal(value)))

    def _listed(self) -> list[Table]:
        found = self._read(_TABLES)
        columns: dict[object, list[Column]] = {}
        numbers: dict[object, dict[str, str]] = {}
        for oid, name, kind, typtype, nullable, comment, number in self._read(_COLUMNS):
            column = _column(self._text(name), self._text(kind), self._text(typtype), bool(nullable))
            columns.setdefault(oid, []).append(
                Column(*column, nullable=bool(nullable), comment=self._text(comment))
            )
            numbers.setdefault(oid, {})[str(number)] = self._text(name)
        paths = {oid: f"{self._text(schema)}.{self._text(name)}" for oid, schema, name, _, _, _, _ in found}
        keys: dict[object, list[tuple[bool, tuple[str, ...]]]] = {}
        for oid, primary, attributes in self._read(_KEYS):
            key = _named(numbers.get(oid, {}), self._text(attributes))
            if key:
                keys.setdefault(oid, []).append((bool(primary), key))
        foreign: dict[object, list[ForeignKey]] = {}
        for oid, target, here, there in self._read(_FOREIGN):
            own = _named(numbers.get(oid, {}), self._text(here))
            other = _named(numbers.get(target, {}), self._text(there))
            if own and other:
                foreign.setdefault(oid, []).append(ForeignKey(own, paths[target], other))
        made = []
        for oid, schema, name, relkind, comment, rows, size in found:
            self._relkind[paths[oid]] = self._text(relkind)
            held = keys.get(oid, [])
            made.append(
                Table(
                    self._text(schema), self._text(name), _KINDS.get(self._text(relkind), "table"),
                    self._text(comment), _estimate(int(str(rows)), int(str(size))), tuple(columns.get(oid, ())),
                    next((key for primary, key in held if primary), ()),
                    tuple(key for primary, key in held if not primary), tuple(foreign.get(oid, ())),
                    int(str(size)),
                )
            )  # fmt: skip
        return made

    def sample(self, table: Table, limit: int) -> Sample:
        """Rows from blocks all over the table; the first rows of small tables and views."""
        wanted = sql.SQL(", ").join(_shown(column) for column in table.columns)
        spread: sql.Composable | None = None
        if self._relkind.get(table.path) in _SAMPLED and table.rows > 5 * limit:
            share = min(100.0, max(0.0001, 100.0 * 4 * limit / table.rows))
            spread = sql.SQL(" TABLESAMPLE SYSTEM ({}) REPEATABLE (7)").format(sql.Literal(share))
        rows = self._some(table, wanted, spread, limit)
        if len(rows) < limit // 2 and spread is not None:
            # few large blocks: the sample may have missed them
            spread = None
            rows = self._some(table, wanted, spread, limit)
        whole = spread is None and len(rows) <= limit
        if self._database.declares_encoding:
            # every column was asked for as text, and the server vouches for its encoding
            return Sample([row for row in rows[:limit] if _is_text(row)], whole)
        return Sample([tuple(self._value(v) for v in row) for row in rows[:limit]], whole)

    def _some(
        self, table: Table, wanted: sql.Composed, spread: sql.Composable | None, limit: int
    ) -> list[tuple[object, ...]]:
        # one row more than wanted tells whether these are all
        query = sql.SQL("SELECT {} FROM {}{} LIMIT {}").format(
            wanted, sql.Identifier(table.schema, table.name), spread or sql.SQL(""), sql.Literal(limit + 1)
        )
        return self._of(table, query)

    def measure(self, table: Table, columns: Sequence[str]) -> Mapping[str, Measure]:
        """Counted exactly for tables that are not big."""
        if not columns or not self._countable(table):
            return {}
        parts: list[sql.Composable] = [sql.SQL("count(*)")]
        for name in columns:
            held = sql.Identifier(name)
            parts.append(
                sql.SQL("count({0}), count(DISTINCT {0}), coalesce(max(length({0}::text)), 0)").format(held)
            )
        query = sql.SQL("SELECT {} FROM {}").format(
            sql.SQL(", ").join(parts), sql.Identifier(table.schema, table.name)
        )
        row = [int(str(value)) for value in self._of(table, query)[0]]
        return {name: Measure(row[0], *row[1 + 3 * at : 4 + 3 * at]) for at, name in enumerate(columns)}

    def entries(self, table: Table, columns: Sequence[str]) -> Mapping[str, Mapping[str, int]] | None:
        """Distinct values of several columns in one statement."""
        if not columns or not self._countable(table):
            return None
        parts = [
            sql.SQL("(SELECT {}, left({}::text, {}), count(*) FROM {} GROUP BY 2 LIMIT {})").format(
                sql.Literal(at), sql.Identifier(name), sql.Literal(LONGEST_VALUE),
                sql.Identifier(table.schema, table.name), sql.Literal(MOST_ENTRIES + 2),
            )
            for at, name in enumerate(columns)
        ]  # fmt: skip
        held: dict[str, dict[str, int]] = {name: {} for name in columns}
        for at, value, count in self._of(table, sql.SQL(" UNION ALL ").join(parts)):
            text = self._value(value)
            if text is not None:
                held[columns[int(str(at))]][text] = int(str(count))
        return {name: counts for name, counts in held.items() if len(counts) <= MOST_ENTRIES}

    def found(self, questions: Sequence[Asked]) -> Sequence[int | None]:
        """Asked of the server in one statement, of tables that are not big or have a key on the column."""
        answers: list[int | None] = [None] * len(questions)
        parts, places = [], []
        for at, asked in enumerate(questions):
            keyed = any(key[:1] == (asked.column,) for key in (asked.table.primary, *asked.table.unique))
            if asked.values and (keyed or self._countable(asked.table)):
                parts.append(_counting(asked))
                places.append(at)
        if parts:
            with contextlib.suppress(TableUnreadable):
                row = self._of(questions[0].table, sql.SQL("SELECT {}").format(sql.SQL(", ").join(parts)))[0]
                for at, count in zip(places, row, strict=True):
                    answers[at] = int(str(count))
        return answers

    def _countable(self, table: Table) -> bool:
        return table.kind == "table" and 0 <= table.rows <= self._limits.exact_rows

    def _of(self, table: Table, query: sql.Composed) -> list[tuple[object, ...]]:
        try:
            return self._read(query)
        except psycopg.errors.InsufficientPrivilege:
            raise TableUnreadable(
                table=table.path, reason_zh="没有读取权限", reason_en="the right to read it is missing"
            ) from None
        except (psycopg.errors.QueryCanceled, psycopg.errors.LockNotAvailable):
            raise TableUnreadable(
                table=table.path, reason_zh=f"{self._limits.timeout_ms} 毫秒内没有应答",
                reason_en=f"no answer within {self._limits.timeout_ms} ms",
            ) from None  # fmt: skip
        except (psycopg.Error, UnicodeDecodeError) as error:
            if self._database.lost:
                raise
            state = error.sqlstate if isinstance(error, psycopg.Error) else "encoding"
            raise TableUnreadable(
                table=table.path,
                reason_zh=f"数据库报告错误 {state}",
                reason_en=f"the database reports {state}",
            ) from None

    def _read(self, query: str | sql.Composed) -> list[tuple[object, ...]]:
        self._pace.step()
        return self._database.read(query)

    def _value(self, value: object) -> Value:
        return None if value is None else self._text(value)

    def _text(self, value: object) -> str:
        if isinstance(value, str):
            return value
        if not isinstance(value, bytes):
            return str(value)
        for encoding in ("utf-8", "gb18030"):
            try:
                return value.decode(encoding)
            except UnicodeDecodeError:
                continue
        self._noticed.add(
            "mixed-encodings", self.address, "数据库未声明编码，部分文字无法识别，已跳过",
            "The database declares no encoding; some text could not be read and is left out",
        )  # fmt: skip
        return ""


def _shown(column: Column) -> sql.Composable:
    held = sql.Identifier(column.name)
    if column.letter == "G":
        # never fetched: only whether there is something
        return sql.SQL("CASE WHEN {} IS NULL THEN NULL ELSE '' END").format(held)
    if column.letter in {"C", "M"} and (column.length == 0 or column.length > LONGEST_VALUE):
        return sql.SQL("left({}::text, {})").format(held, sql.Literal(LONGEST_VALUE))
    return sql.SQL("{}::text").format(held)


def _estimate(rows: int, size: int) -> int:
    """Rows of a table that was never analysed, from its size."""
    return rows if rows >= 0 or not size else size // _ROW_BYTES


def _is_text(row: tuple[object, ...]) -> TypeGuard[tuple[Value, ...]]:
    """Always so for columns read as text; the first value stands for all, since a million are read."""
    return not row or row[0] is None or isinstance(row[0], str)


def _counting(asked: Asked) -> sql.Composed:
    held = next(column for column in asked.table.columns if column.name == asked.column)
    return sql.SQL(
        "(SELECT count(DISTINCT {column}) FROM {table} WHERE {column} = ANY (ARRAY[{values}]::{type}[]))"
    ).format(
        column=sql.Identifier(asked.column),
        table=sql.Identifier(asked.table.schema, asked.table.name),
        values=sql.SQL(", ").join(map(sql.Literal, asked.values)),
        # `character` alone would mean one character
        type=sql.SQL({"character": "bpchar"}.get(plain(held.database_type), plain(held.database_type))),
    )


def _named(numbers: Mapping[str, str], attributes: str) -> tuple[str, ...]:
    """Names of the numbered attributes, or nothing when one of them may not be read."""
    names = [numbers.get(number) for number in attributes.split()]
    return tuple(name for name in names if name is not None) if None not in names else ()


def _column(name: str, kind: str, typtype: str, nullable: bool) -> tuple[str, str, Letter, int, int]:
    del nullable
    base = plain(kind)
    letter: Letter = "C" if typtype == "e" else _LETTERS.get(base, "G")
    inner = kind[kind.find("(") + 1 : kind.find(")")] if "(" in kind else ""
    numbers = [int(part) for part in inner.replace(" ", "").split(",") if part.isdigit()]
    if letter in {"C", "N"} and numbers and base != "interval":
        return name, kind, letter, numbers[0], numbers[1] if len(numbers) > 1 else 0
    if letter == "N":
        return name, kind, letter, 0, 0
    return name, kind, letter, _STORED.get(base, 0), 0
