"""Oracle as the source of a table job. Not run against a server yet: docs/adr/0301."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import ClassVar, Final, Self

from yiwang.dataplane.connectors import optional
from yiwang.dataplane.connectors.errors import SourceOnly, TypeNotCarried
from yiwang.dataplane.connectors.places import DatabasePlace
from yiwang.dataplane.transfer.database import Database
from yiwang.dataplane.transfer.shape import KEY_KINDS, Column, Kind, Row, Shape, Value

_COLUMNS: Final = """
SELECT c.column_name, c.data_type, c.nullable, coalesce(c.char_length, 0), coalesce(c.data_length, 0), c.data_precision,
       c.data_scale
FROM all_tab_columns c WHERE c.owner = {mark} AND c.table_name = {mark} ORDER BY c.column_id
"""
_KEYS: Final = """
SELECT k.constraint_name, k.constraint_type, p.column_name
FROM all_constraints k JOIN all_cons_columns p ON p.owner = k.owner AND p.constraint_name = k.constraint_name
WHERE k.owner = {mark} AND k.table_name = {mark} AND k.constraint_type IN ('P', 'U') AND k.status = 'ENABLED'
ORDER BY k.constraint_type, k.constraint_name, p.position
"""
_ROWS: Final = "SELECT coalesce(num_rows, -1) FROM all_tables WHERE owner = {mark} AND table_name = {mark}"
_LIMITS: Final = re.compile(r"\((\d+)\)")
_MICRO: Final = 6
_INTEGER_DIGITS: Final = 18
_FETCHED: Final = 500
_UTC: Final = 'YYYY-MM-DD"T"HH24:MI:SS.FF6'


class OracleLike(Database):
    """A session that reads; the data dictionaries of Oracle and 达梦 are alike."""

    holds_nul: ClassVar[bool] = True
    key_kinds: ClassVar[frozenset[Kind]] = KEY_KINDS - {"moment", "uuid"}
    session: ClassVar[tuple[str, ...]]
    """Statements by which a session begins, so that what is read does not depend on settings of the server."""
    snapshot: ClassVar[str]
    """The statement after which every read sees the same state."""
    driver: ClassVar[optional.Scheme]

    def __init__(self, connection: optional.Connection, at: DatabasePlace) -> None:
        """Wrap a connection made by `open`."""
        super().__init__(str(at))
        self._connection, self._at = connection, at

    @classmethod
    def open(cls, at: DatabasePlace) -> Self:
        """A session at the pinned address. Raises: ConnectorError."""
        made = cls(optional.connect(cls.driver, at.address, at.pinned), at)
        for statement in cls.session:
            made._run(statement)
        return made

    @abstractmethod
    def owner(self) -> str:
        """The schema of tables that are named without one."""

    @abstractmethod
    def column(
        self, table: str, name: str, native: str, numbers: tuple[int, int, int | None, int | None]
    ) -> Column:
        """A column as declared; `numbers`: characters, bytes, precision and scale. Raises: TypeNotCarried."""

    def shape(self, table: str) -> Shape | None:
        """As declared."""
        named = self._named(table)
        columns = []
        for name, native, nullable, characters, octets, precision, scale in self.query(
            self._marked(_COLUMNS), named
        ):
            held = self.column(
                table, str(name), str(native).upper(),
                (int(str(characters)), int(str(octets)), _number(precision), _number(scale)),
            )  # fmt: skip
            columns.append(held if nullable == "Y" else _filled(held))
        if not columns:
            return None
        keys: dict[str, list[str]] = {}
        for constraint, _, name in self.query(self._marked(_KEYS), named):
            keys.setdefault(str(constraint), []).append(str(name))
        filled = {column.name for column in columns if not column.nullable}
        found = self.query(self._marked(_ROWS), named)
        return Shape(
            tuple(columns), tuple(tuple(names) for names in keys.values() if filled.issuperset(names)),
            int(str(found[0][0])) if found else -1,
        )  # fmt: skip

    def _named(self, table: str) -> tuple[str, str]:
        schema, _, name = table.rpartition(".")
        return schema or self.owner(), name

    def _marked(self, statement: str) -> str:
        return statement.replace("{mark}", self.mark)

    def place(self, table: str) -> str:
        """With its schema, since a session's own may differ."""
        schema, name = self._named(table)
        return f"{self.quoted(schema)}.{self.quoted(name)}"

    def quoted(self, name: str) -> str:
        """As an identifier, in the case in which it is written."""
        return '"' + name.replace('"', '""') + '"'

    def limited(self, statement: str, rows: int, skipped: int = 0) -> str:
        """As the standard has it."""
        return f"{statement} OFFSET {skipped} ROWS FETCH NEXT {rows} ROWS ONLY"

    def wanted(self, column: Column) -> str:
        """Decimals as text with every digit, moments in UTC, what has no other form as the database writes it."""
        name = self.quoted(column.name)
        match column.kind:
            case "decimal":
                return f"TO_CHAR({name}, 'TM9')"
            case "moment":
                return f"TO_CHAR(SYS_EXTRACT_UTC({name}), '{_UTC}') || '+00:00'"
            case "other":
                return f"TO_CHAR({name})"
            case _:
                return name

    def begin_reading(self) -> None:
        """See `snapshot`."""
        self.rollback()
        self._run(self.snapshot)

    def end_reading(self) -> None:
        """Let go of it."""
        self.rollback()

    def query(self, statement: str, values: Sequence[Value] = ()) -> list[Row]:
        """All rows."""
        return list(self.stream(statement, values))

    def stream(self, statement: str, values: Sequence[Value] = ()) -> Iterator[Row]:
        """Some hundred rows at a time; large objects are read whole, one by one."""
        cursor = self._connection.cursor()
        try:
            cursor.execute(statement, list(values))
            while rows := cursor.fetchmany(_FETCHED):
                yield from (tuple(map(_whole, row)) for row in rows)
        except Exception as error:  # the drivers share no base class that is importable without them
            raise optional.told(self.driver, error, self._at.address) from None
        finally:
            cursor.close()

    def _run(self, statement: str) -> None:
        cursor = self._connection.cursor()
        try:
            cursor.execute(statement, [])
        except Exception as error:  # the drivers share no base class that is importable without them
            raise optional.told(self.driver, error, self._at.address) from None
        finally:
            cursor.close()

    def declared(self, column: Column, *, key: bool = False) -> str:
        """Nothing is made here. Raises: SourceOnly."""
        del column, key
        raise self._source_only()

    def execute(self, statement: str, values: Sequence[Value] = ()) -> int:
        """Nothing is changed here. Raises: SourceOnly."""
        del statement, values
        raise self._source_only()

    def insert(self, table: str, columns: Sequence[Column], rows: Sequence[Row]) -> None:
        """Nothing is added here. Raises: SourceOnly."""
        del table, columns, rows
        raise self._source_only()

    def commit(self) -> None:
        """Nothing is to be made lasting here. Raises: SourceOnly."""
        raise self._source_only()

    def _source_only(self) -> SourceOnly:
        return SourceOnly(kind=optional.DRIVERS[self.driver].title)

    def rollback(self) -> None:
        """A lost connection has rolled back already."""
        with suppress(Exception):
            self._connection.rollback()

    def close(self) -> None:
        """End the session."""
        with suppress(Exception):
            self._connection.close()


class Oracle(OracleLike):
    """Oracle 12.1 or later, by a service of its listener; text of the database travels as UTF-8."""

    scheme: ClassVar[str] = "oracle"
    driver: ClassVar[optional.Scheme] = "oracle"
    mark: ClassVar[str] = ":v"
    session: ClassVar[tuple[str, ...]] = (
        "ALTER SESSION SET NLS_NUMERIC_CHARACTERS = '.,' NLS_SORT = BINARY NLS_COMP = BINARY TIME_ZONE = '+00:00'"
        " NLS_TIMESTAMP_FORMAT = 'YYYY-MM-DD HH24:MI:SS.FF9' NLS_TIMESTAMP_TZ_FORMAT = 'YYYY-MM-DD\"T\"HH24:MI:SS.FF9TZH:TZM'",
    )
    snapshot: ClassVar[str] = "SET TRANSACTION READ ONLY"
    guarantee_zh: ClassVar[str] = (
        "只读事务，一次运行内来自同一个快照；快照过旧（ORA-01555）时停止，再次运行换新快照并重新核对已写各段。"
        "Oracle 没有空文本，读到的是 NULL。尚未在真实服务器上验证。"
    )
    guarantee_en: ClassVar[str] = (
        "A read-only transaction: one snapshot within a run. Where it is too old (ORA-01555) the run stops, and the next one"
        " takes a new one and compares every chunk again. Oracle has no empty texts: they are NULL. Not verified with a"
        " server yet."
    )

    def owner(self) -> str:
        """The user's own schema."""
        return self._at.address.user.upper()

    def ordered(self, column: Column) -> str:
        """Text by the bytes of its UTF-8."""
        return self._as_bytes(self.quoted(column.name), column)

    def given(self, column: Column) -> str:
        """In the same form as the column."""
        return self._as_bytes(self.mark, column)

    def _as_bytes(self, expression: str, column: Column) -> str:
        return f"UTL_I18N.STRING_TO_RAW({expression}, 'AL32UTF8')" if column.kind == "text" else expression

    def column(
        self, table: str, name: str, native: str, numbers: tuple[int, int, int | None, int | None]
    ) -> Column:
        """Oracle's DATE has a time of day; a NUMBER without precision holds any digits."""
        characters, octets, precision, scale = numbers
        base = _LIMITS.sub("", native)
        match base:
            case "NUMBER" | "FLOAT":
                return _decimal(name, native, precision if base == "NUMBER" else None, scale)
            case "BINARY_FLOAT" | "BINARY_DOUBLE":
                return Column(name, "float", native, bits=32 if base == "BINARY_FLOAT" else 64)
            case "CHAR" | "NCHAR" | "VARCHAR2" | "NVARCHAR2":
                return Column(name, "text", native, length=characters)
            case "CLOB" | "NCLOB" | "LONG":
                return Column(name, "text", native)
            case "RAW" | "BLOB" | "LONG RAW":
                return Column(name, "binary", native, length=octets if base == "RAW" else 0)
            case "DATE":
                return Column(name, "datetime", native)
            case "TIMESTAMP" | "TIMESTAMP WITH TIME ZONE" | "TIMESTAMP WITH LOCAL TIME ZONE":
                if (scale if scale is not None else _MICRO) > _MICRO:
                    return Column(name, "other", native)  # nanoseconds would be cut
                return Column(name, "datetime" if base == "TIMESTAMP" else "moment", native)
            case "INTERVAL YEAR TO MONTH" | "INTERVAL DAY TO SECOND" | "ROWID" | "UROWID":
                return Column(name, "other", native)
            case _:
                raise TypeNotCarried(table=table, column=name, type=native)


def _decimal(name: str, native: str, precision: int | None, scale: int | None) -> Column:
    """A NUMBER: an integer where its digits fit one, else a decimal; a negative scale makes it longer."""
    if precision is None:
        if scale == 0:
            return Column(name, "decimal", native, precision=38)
        return Column(name, "decimal", native)
    digits, point = precision, scale or 0
    if point < 0:
        digits, point = digits - point, 0
    if point == 0 and digits <= _INTEGER_DIGITS:
        return Column(name, "integer", native, bits=16 if digits <= 4 else 32 if digits <= 9 else 64)
    return Column(name, "decimal", native, precision=max(digits, point), scale=point)


def _filled(column: Column) -> Column:
    return Column(
        column.name, column.kind, column.native, nullable=False, length=column.length, precision=column.precision,
        scale=column.scale, bits=column.bits,
    )  # fmt: skip


def _number(value: Value) -> int | None:
    return None if value is None else int(str(value))


def _whole(value: Value) -> Value:
    """What a large object holds; other values as they are."""
    read = getattr(value, "read", None)
    return read() if callable(read) else value
