"""Two source databases of two departments, filled with synthetic rows, each with a role that can only read."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import psycopg
from psycopg import sql

from yiwang.bootstrap.database import with_part
from yiwang.bootstrap.demo import enterprises, residents
from yiwang.bootstrap.demo.residents import Row

Rows = Callable[[int, date], Iterator[Row]]


@dataclass(frozen=True)
class SourceDatabase:
    """A department's database as it stands before anybody mounts it."""

    database: str
    department: str
    title: str
    schema: str
    table: str
    columns: tuple[str, ...]
    ddl: str
    rows: Rows

    @property
    def reader(self) -> str:
        """The role that may only read."""
        return f"{self.database}_reader"


DATABASES = (
    SourceDatabase(
        "shichang",
        "shichang",
        "市场主体登记库",
        "scjg",
        "qy_jbxx",
        enterprises.COLUMNS,
        enterprises.TABLE,
        enterprises.rows,
    ),
    SourceDatabase(
        "gongan", "gongan", "户籍人口库", "hj", "rk_jbxx", residents.COLUMNS, residents.TABLE, residents.rows
    ),
)


def create(superuser_url: str, source: SourceDatabase, count: int, today: date) -> str:
    """Create and fill one database; returns the reader's password."""
    password = secrets.token_urlsafe(18)
    name, reader = sql.Identifier(source.database), sql.Identifier(source.reader)
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(name))
        connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(reader))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(reader, sql.Literal(password)))
        connection.execute(sql.SQL("ALTER ROLE {} SET default_transaction_read_only = on").format(reader))
    with psycopg.connect(with_part(superuser_url, database=source.database)) as connection:
        connection.execute(source.ddl.encode())
        target = sql.Identifier(source.schema, source.table)
        columns = sql.SQL(", ").join(map(sql.Identifier, source.columns))
        with connection.cursor().copy(sql.SQL("COPY {} ({}) FROM STDIN").format(target, columns)) as copy:
            for row in source.rows(count, today):
                copy.write_row(row)
        connection.execute(sql.SQL("REVOKE ALL ON SCHEMA public FROM PUBLIC"))
        connection.execute(
            sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(sql.Identifier(source.schema), reader)
        )
        connection.execute(
            sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA {} TO {}").format(
                sql.Identifier(source.schema), reader
            )
        )
    with psycopg.connect(with_part(superuser_url, database=source.database), autocommit=True) as connection:
        connection.execute(sql.SQL("ANALYZE {}").format(target))
    return password
