"""Oracle and 达梦 under census: their data dictionaries are alike; the drivers are installed by those who need them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from yiwang.dataplane.census.errors import SourceRefused, SourceUnreachable
from yiwang.dataplane.census.pace import Pace
from yiwang.dataplane.census.source import LONGEST_VALUE, Column, ForeignKey, Letter, Limits, Table
from yiwang.dataplane.census.sources.dialect import PlainDatabase, Row, Unreadable
from yiwang.dataplane.connectors.errors import (
    DatabaseFault,
    DatabaseMissing,
    DatabaseSlow,
    DatabaseUnreachable,
    LoginRefused,
    RightMissing,
)
from yiwang.dataplane.connectors.facts import SourceAddress
from yiwang.dataplane.connectors.hosts import AllowedHosts
from yiwang.dataplane.connectors.optional import Connection, Scheme, connect, driver

_TABLES: Final = (
    "SELECT t.table_name, 'table', c.comments, coalesce(t.num_rows, -1) FROM all_tables t LEFT JOIN all_tab_comments c"
    " ON c.owner = t.owner AND c.table_name = t.table_name WHERE t.owner = :1 UNION ALL"
    " SELECT v.view_name, 'view', c.comments, -1 FROM all_views v LEFT JOIN all_tab_comments c"
    " ON c.owner = v.owner AND c.table_name = v.view_name WHERE v.owner = :2"
)
_COLUMNS: Final = (
    "SELECT c.table_name, c.column_name, c.data_type, coalesce(c.data_precision, c.char_length, c.data_length, 0),"
    " coalesce(c.data_scale, 0), c.nullable, m.comments FROM all_tab_columns c LEFT JOIN all_col_comments m"
    " ON m.owner = c.owner AND m.table_name = c.table_name AND m.column_name = c.column_name"
    " WHERE c.owner = :1 ORDER BY c.table_name, c.column_id"
)
_KEYS: Final = (
    "SELECT k.table_name, k.constraint_name, k.constraint_type, p.column_name, coalesce(k.r_constraint_name, '')"
    " FROM all_constraints k JOIN all_cons_columns p ON p.owner = k.owner AND p.constraint_name = k.constraint_name"
    " WHERE k.owner = :1 AND k.constraint_type IN ('P', 'U', 'R') ORDER BY k.table_name, k.constraint_name, p.position"
)
_LETTERS: Final[Mapping[str, Letter]] = {
    "CHAR": "C", "NCHAR": "C", "VARCHAR": "C", "VARCHAR2": "C", "NVARCHAR2": "C", "NUMBER": "N", "NUMERIC": "N",
    "DECIMAL": "N", "DEC": "N", "INT": "I", "INTEGER": "I", "BIGINT": "I", "SMALLINT": "I", "TINYINT": "I",
    "FLOAT": "F", "BINARY_FLOAT": "F", "REAL": "F", "DOUBLE": "B", "DOUBLE PRECISION": "B", "BINARY_DOUBLE": "B",
    "DATE": "T", "TIMESTAMP": "T", "DATETIME": "T", "BIT": "L", "CLOB": "M", "NCLOB": "M", "LONG": "M", "TEXT": "M",
}  # fmt: skip


class OracleLike(PlainDatabase):
    """One schema, by default the user's own."""

    def __init__(
        self, connection: Connection, scheme: Scheme, address: SourceAddress, limits: Limits, pace: Pace
    ) -> None:
        super().__init__(limits, pace)
        self._connection, self._owner = connection, address.user.upper()
        self.address = f"{scheme}://{address.host}:{address.port}/{address.database}"
        self.format = ("数据库", "oracle" if scheme == "oracle" else "Dm")

    def tables(self) -> Sequence[Table]:
        """Tables and views of the schema."""
        columns: dict[str, list[Column]] = {}
        for table, name, kind, length, scale, nullable, comment in self._listed(_COLUMNS, (self._owner,)):
            columns.setdefault(str(table), []).append(
                _column(
                    str(name),
                    str(kind),
                    int(str(length)),
                    int(str(scale)),
                    nullable == "Y",
                    str(comment or ""),
                )
            )
        keys: dict[str, dict[str, tuple[str, list[str], str]]] = {}
        holder: dict[str, tuple[str, list[str]]] = {}
        for table, constraint, kind, name, target in self._listed(_KEYS, (self._owner,)):
            made = keys.setdefault(str(table), {}).setdefault(
                str(constraint), (str(kind), [], str(target or ""))
            )
            made[1].append(str(name))
            holder[str(constraint)] = (str(table), made[1])
        found = []
        for raw, kind, comment, rows in self._listed(_TABLES, (self._owner, self._owner)):
            held = keys.get(str(raw), {}).values()
            found.append(
                Table(
                    "", str(raw), "view" if kind == "view" else "table", str(comment or ""), int(str(rows)),
                    tuple(columns.get(str(raw), ())),
                    next((tuple(names) for sort, names, _ in held if sort == "P"), ()),
                    tuple(tuple(names) for sort, names, _ in held if sort == "U"),
                    tuple(ForeignKey(tuple(names), holder[target][0], tuple(holder[target][1]))
                          for sort, names, target in held if sort == "R" and target in holder),
                )
            )  # fmt: skip
        return found

    def _limited(self, query: str, limit: int) -> str:
        return f"SELECT * FROM ({query}) WHERE ROWNUM <= {limit}"  # noqa: S608 - a number of our own

    def _listed(self, statement: str, parameters: Sequence[object]) -> Sequence[Row]:
        self._pace.step()
        return self._fetch(statement, parameters)

    def _fetch(self, statement: str, parameters: Sequence[object]) -> Sequence[Row]:
        cursor = self._connection.cursor()
        try:
            cursor.execute(statement, list(parameters))
            return [tuple(row) for row in cursor.fetchall()]
        except Exception as error:
            # the drivers share no base class that is importable without them; their texts may quote data
            raise Unreadable("数据库报告错误", f"the database reports {type(error).__name__}") from None
        finally:
            cursor.close()

    def _marks(self, count: int) -> list[str]:
        return [f":{at + 1}" for at in range(count)]

    def _quoted(self, name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    def _as_text(self, expression: str) -> str:
        return f"substr(to_char({expression}), 1, {LONGEST_VALUE})"


@contextmanager
def opened(
    scheme: Scheme, address: SourceAddress, allowed: AllowedHosts, limits: Limits, pace: Pace
) -> Iterator[OracleLike]:
    """A read-only session with the scheme's driver.

    Raises: NameNotPlain, DriverMissing, DriverBroken, HostNotAllowed, HostUnknown, SourceUnreachable, SourceRefused.
    """
    driver(scheme)  # whoever lacks it is told so before a name is looked up
    pinned = allowed.pin(address.host, address.port)
    where = f"{scheme}://{address.host}:{address.port}/{address.database}"
    try:
        connection = connect(scheme, address, pinned)
    except LoginRefused:
        raise SourceRefused(address=where, user=address.user) from None
    except (DatabaseFault, DatabaseMissing, DatabaseSlow, DatabaseUnreachable, RightMissing) as error:
        raise SourceUnreachable(address=where, reason=error.code) from None
    try:
        cursor = connection.cursor()
        cursor.execute("SET TRANSACTION READ ONLY", [])
        cursor.close()
        yield OracleLike(connection, scheme, address, limits, pace)
    except Unreadable as why:
        raise SourceUnreachable(address=where, reason=why.en) from None
    finally:
        connection.close()


def _column(name: str, kind: str, length: int, scale: int, nullable: bool, comment: str) -> Column:
    base = kind.split("(", maxsplit=1)[0].strip().upper()
    letter = _LETTERS.get(base, "G")
    if letter == "N" and scale == 0 and 0 < length <= 18 and base == "NUMBER":
        letter = "I"
    return Column(
        name,
        kind,
        letter,
        length if letter in {"C", "N", "I"} else 0,
        scale if letter == "N" else 0,
        nullable,
        comment,
    )
