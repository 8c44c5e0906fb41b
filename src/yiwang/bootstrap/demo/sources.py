"""Two source databases of two departments, filled with synthetic rows, each with a role that can only read."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import psycopg
from psycopg import sql

from yiwang.bootstrap.database import with_part
from yiwang.bootstrap.demo import enterprises, permits, residents
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
    also: str = ""
    """Further tables that nobody has catalogued yet, filled from the first one."""
    staff: str = ""
    """Of those, a table of people."""

    @property
    def reader(self) -> str:
        """The role that may only read."""
        return f"{self.database}_reader"


STAFF = 300
ALSO_MARKET = """
CREATE TABLE scjg.jyyc_ml (
  lsh bigint PRIMARY KEY, tyshxydm character(18) NOT NULL REFERENCES scjg.qy_jbxx (tyshxydm),
  lryy character(2) NOT NULL, lrrq date NOT NULL, ycrq date, zcjg varchar(60));
COMMENT ON TABLE scjg.jyyc_ml IS '经营异常名录';
COMMENT ON COLUMN scjg.jyyc_ml.lsh IS '流水号';
COMMENT ON COLUMN scjg.jyyc_ml.tyshxydm IS '统一社会信用代码';
COMMENT ON COLUMN scjg.jyyc_ml.lryy IS '列入原因代码';
COMMENT ON COLUMN scjg.jyyc_ml.lrrq IS '列入日期';
COMMENT ON COLUMN scjg.jyyc_ml.ycrq IS '移出日期';
COMMENT ON COLUMN scjg.jyyc_ml.zcjg IS '作出决定机关';
INSERT INTO scjg.jyyc_ml SELECT n, tyshxydm, lpad((n % 4 + 1)::text, 2, '0'), clrq + 400,
  CASE WHEN n % 3 = 0 THEN clrq + 600 END, djjg
  FROM (SELECT row_number() OVER (ORDER BY tyshxydm) AS n, * FROM scjg.qy_jbxx) q WHERE n <= 800;
CREATE TABLE scjg.tzzy_ry (
  zsbh varchar(20) PRIMARY KEY, gmsfhm character(18) NOT NULL UNIQUE, xm varchar(50) NOT NULL, sjhm character(11),
  zylb character(2) NOT NULL, yxqz date NOT NULL);
COMMENT ON TABLE scjg.tzzy_ry IS '特种设备作业人员';
COMMENT ON COLUMN scjg.tzzy_ry.zsbh IS '证书编号';
COMMENT ON COLUMN scjg.tzzy_ry.gmsfhm IS '公民身份号码';
COMMENT ON COLUMN scjg.tzzy_ry.xm IS '姓名';
COMMENT ON COLUMN scjg.tzzy_ry.sjhm IS '手机号码';
COMMENT ON COLUMN scjg.tzzy_ry.zylb IS '作业类别代码';
COMMENT ON COLUMN scjg.tzzy_ry.yxqz IS '有效期至';
"""
ALSO_POLICE = """
CREATE TABLE hj.jzz_djxx (
  jzzh varchar(18) PRIMARY KEY, gmsfhm character(18) NOT NULL UNIQUE, xm varchar(50) NOT NULL, jzdz varchar(200),
  qfrq date NOT NULL, zt character(1) NOT NULL);
COMMENT ON TABLE hj.jzz_djxx IS '居住证登记信息';
COMMENT ON COLUMN hj.jzz_djxx.jzzh IS '居住证号';
COMMENT ON COLUMN hj.jzz_djxx.gmsfhm IS '公民身份号码';
COMMENT ON COLUMN hj.jzz_djxx.xm IS '姓名';
COMMENT ON COLUMN hj.jzz_djxx.jzdz IS '居住地址';
COMMENT ON COLUMN hj.jzz_djxx.qfrq IS '签发日期';
COMMENT ON COLUMN hj.jzz_djxx.zt IS '状态代码';
INSERT INTO hj.jzz_djxx SELECT 'JZ' || lpad(n::text, 10, '0'), gmsfhm, xm, hjdz, date '2020-01-01' + (n % 1500)::int,
  (n % 3 + 1)::text FROM (SELECT row_number() OVER (ORDER BY gmsfhm) AS n, * FROM hj.rk_jbxx) r WHERE n <= 600;
"""
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
        ALSO_MARKET + permits.ddl(),
        "tzzy_ry",
    ),
    SourceDatabase(
        "gongan",
        "gongan",
        "户籍人口库",
        "hj",
        "rk_jbxx",
        residents.COLUMNS,
        residents.TABLE,
        residents.rows,
        ALSO_POLICE,
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
        connection.execute(source.also.encode())
        if source.staff:
            _fill_staff(connection, source.schema, source.staff, today)
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
        connection.execute("ANALYZE")
    return password


def _fill_staff(connection: psycopg.Connection, schema: str, table: str, today: date) -> None:
    """People with a certificate; some of them are on the register of residents of the other department too."""
    place = {name: at for at, name in enumerate(residents.COLUMNS)}
    statement = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(schema, table))
    with connection.cursor().copy(statement) as copy:
        for number, row in enumerate(residents.rows(STAFF, today)):
            mobile = f"139{number * 7919 % 10**8:08d}"
            kind = f"{number % 6 + 1:02d}"
            copy.write_row(
                (
                    f"TS{number:08d}",
                    row[place["gmsfhm"]],
                    row[place["xm"]],
                    mobile,
                    kind,
                    date(2027, number % 12 + 1, 1),
                )
            )
