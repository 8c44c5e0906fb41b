"""MySQL and MariaDB under census, through PyMySQL, in a read-only session with a time limit."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from yiwang.dataplane.census.errors import SourceRefused, SourceUnreachable
from yiwang.dataplane.census.pace import Pace
from yiwang.dataplane.census.source import LONGEST_VALUE, Column, ForeignKey, Letter, Limits, Table
from yiwang.dataplane.census.sources.dialect import PlainDatabase, Row, Unreadable
from yiwang.dataplane.connectors.facts import SourceAddress
from yiwang.dataplane.connectors.hosts import AllowedHosts
from yiwang.dataplane.connectors.mysql import LOST, NO_DATABASE, NO_RIGHT, REFUSED, SLOW, connect

_TABLES: Final = """
SELECT table_name, table_type, table_comment, coalesce(table_rows, -1), coalesce(data_length, 0)
FROM information_schema.tables WHERE table_schema = %s AND table_type IN ('BASE TABLE', 'VIEW') ORDER BY 1
"""
_COLUMNS: Final = """
SELECT table_name, column_name, data_type, column_type, coalesce(character_maximum_length, numeric_precision, 0),
       coalesce(numeric_scale, 0), is_nullable, column_comment
FROM information_schema.columns WHERE table_schema = %s ORDER BY table_name, ordinal_position
"""
_KEYS: Final = """
SELECT table_name, index_name, column_name FROM information_schema.statistics
WHERE table_schema = %s AND non_unique = 0 ORDER BY table_name, index_name, seq_in_index
"""
_FOREIGN: Final = """
SELECT table_name, constraint_name, column_name, referenced_table_name, referenced_column_name
FROM information_schema.key_column_usage
WHERE table_schema = %s AND referenced_table_schema = table_schema AND referenced_table_name IS NOT NULL
ORDER BY table_name, constraint_name, ordinal_position
"""
_LETTERS: Final[Mapping[str, Letter]] = {
    "tinyint": "I", "smallint": "I", "mediumint": "I", "int": "I", "bigint": "I", "year": "I", "bit": "I",
    "decimal": "N", "float": "F", "double": "B", "char": "C", "varchar": "C", "tinytext": "C", "text": "M",
    "mediumtext": "M", "longtext": "M", "enum": "C", "set": "C", "uuid": "C", "inet4": "C", "inet6": "C",
    "date": "D", "datetime": "T", "timestamp": "T", "time": "C", "json": "M",
}  # fmt: skip
_STORED: Final = {"tinyint": 1, "smallint": 2, "mediumint": 3, "int": 4, "bigint": 8, "float": 4, "double": 8}


class MySQL(PlainDatabase):
    """One database (schema) of a server. InnoDB offers no cheap spread: samples are the first rows in its order."""

    mark = "%s"

    def __init__(
        self, connection: Connection[Cursor], address: SourceAddress, limits: Limits, pace: Pace
    ) -> None:
        super().__init__(limits, pace)
        self._connection, self._name = connection, address.database
        self.address = f"mysql://{address.host}:{address.port}/{address.database}"
        self.format = ("数据库", "MySQL")

    def tables(self) -> Sequence[Table]:
        """Tables and views of the database that the user may read."""
        columns: dict[str, list[Column]] = {}
        for table, name, kind, full, length, scale, nullable, comment in self._listed(_COLUMNS):
            columns.setdefault(str(table), []).append(
                _column(str(name), str(kind), str(full), int(str(length)), int(str(scale)), nullable == "YES",
                        str(comment or ""))
            )  # fmt: skip
        keys: dict[str, dict[str, list[str]]] = {}
        for table, index, name in self._listed(_KEYS):
            if name is not None:
                keys.setdefault(str(table), {}).setdefault(str(index), []).append(str(name))
        foreign: dict[str, dict[str, tuple[str, list[str], list[str]]]] = {}
        for table, constraint, name, target, there in self._listed(_FOREIGN):
            held = foreign.setdefault(str(table), {}).setdefault(str(constraint), (str(target), [], []))
            held[1].append(str(name))
            held[2].append(str(there))
        made = []
        for raw, kind, comment, rows, size in self._listed(_TABLES):
            table = str(raw)
            unique = keys.get(table, {})
            primary = unique.pop("PRIMARY", [])
            view = kind != "BASE TABLE"
            made.append(
                Table(
                    "", table, "view" if view else "table", "" if view else str(comment or ""),
                    -1 if view else int(str(rows)), tuple(columns.get(table, ())), tuple(primary),
                    tuple(tuple(key) for key in unique.values()),
                    tuple(ForeignKey(tuple(own), target, tuple(there))
                          for target, own, there in foreign.get(table, {}).values()),
                    int(str(size)),
                )
            )  # fmt: skip
        return made

    def _listed(self, statement: str) -> Sequence[Row]:
        self._pace.step()
        return self._fetch(statement, (self._name,))

    def _fetch(self, statement: str, parameters: Sequence[object]) -> Sequence[Row]:
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(statement, tuple(parameters) if parameters else None)
                return [tuple(row) for row in cursor.fetchall()]
        except pymysql.err.MySQLError as error:
            number = error.args[0] if error.args else 0
            if number in LOST:
                raise SourceUnreachable(address=self.address, reason="connection lost") from None
            if number in NO_RIGHT:
                raise Unreadable("没有读取权限", "the right to read it is missing") from None
            if number in SLOW:
                told = (
                    f"{self._limits.timeout_ms} 毫秒内没有应答",
                    f"no answer within {self._limits.timeout_ms} ms",
                )
                raise Unreadable(*told) from None
            raise Unreadable(f"数据库报告错误 {number}", f"the database reports {number}") from None

    def _quoted(self, name: str) -> str:
        return "`" + name.replace("`", "``").replace("%", "%%") + "`"

    def _as_text(self, expression: str) -> str:
        return f"left(CAST({expression} AS CHAR), {LONGEST_VALUE})"

    def _of(self, table: Table, statement: str, parameters: Sequence[object] = ()) -> Sequence[Row]:
        # PyMySQL reads %% as a percent sign only where there are parameters
        return super()._of(table, statement if parameters else statement.replace("%%", "%"), parameters)


@contextmanager
def opened(address: SourceAddress, allowed: AllowedHosts, limits: Limits, pace: Pace) -> Iterator[MySQL]:
    """A read-only session on the server.

    Raises: SourceUnreachable, SourceRefused, ConnectorError for addresses that are not allowed.
    """
    pinned = allowed.pin(address.host, address.port)
    where = f"mysql://{address.host}:{address.port}/{address.database}"
    try:
        connection = connect(address, pinned, max(2, 2 * limits.timeout_ms // 1000), autocommit=True)
    except pymysql.err.MySQLError as error:
        number = error.args[0] if error.args else 0
        if number in {*REFUSED, NO_DATABASE}:
            raise SourceRefused(address=where, user=address.user) from None
        raise SourceUnreachable(address=where, reason=f"MySQL {number}") from None
    except (OSError, UnicodeError) as error:
        raise SourceUnreachable(address=where, reason=type(error).__name__) from None
    try:
        _bind(connection, limits)
        yield MySQL(connection, address, limits, pace)
    except Unreadable as why:
        raise SourceUnreachable(address=where, reason=why.en) from None
    finally:
        connection.close()


def _bind(connection: Connection[Cursor], limits: Limits) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION TRANSACTION READ ONLY")
        # MariaDB counts seconds, MySQL milliseconds; each refuses the other's name
        for setting in (
            f"max_statement_time = {limits.timeout_ms / 1000}",
            f"max_execution_time = {limits.timeout_ms}",
        ):
            with contextlib.suppress(pymysql.err.MySQLError):
                cursor.execute(f"SET SESSION {setting}")


def _column(name: str, kind: str, full: str, length: int, scale: int, nullable: bool, comment: str) -> Column:
    kind = kind.lower()
    letter: Letter = "L" if full.lower() in {"tinyint(1)", "bit(1)"} else _LETTERS.get(kind, "G")
    if letter == "I":
        length = _STORED.get(kind, 4)
    elif letter in {"F", "B"}:
        length = _STORED.get(kind, 8)
    elif letter not in {"C", "N"}:
        length = 0
    return Column(name, full, letter, length, scale if letter == "N" else 0, nullable, comment)
