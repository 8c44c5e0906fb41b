"""Between MySQL (MariaDB) and PostgreSQL every value arrives as it left, whatever the table looks like."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from psycopg import sql

from tests.store.mariadb import MariaDB
from tests.store.transfer import wide
from tests.store.transfer.conftest import Pair, run

CHINESE = "王敏周航赵静陈晨兰州市城关区，。、（）甘肃省"
NAMES = [
    "select",
    "group",
    "姓名",
    "a b",
    "order",
    "Ünï",
    "per%cent",
    'quo"te',
    "back`tick",
    "table",
    "x" * 60,
    "key",
]
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.sampled_from(CHINESE + 'ab"\\ '), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["k", "名", "z"]), inner, max_size=3)
    ),
    max_leaves=6,
)
SECONDS = dt.timedelta(microseconds=1)
TYPES: dict[str, tuple[st.SearchStrategy[Any], Callable[[Any], Any]]] = {
    "varchar(40) CHARACTER SET utf8mb4": (TEXT, lambda v: v),
    "varchar(40) CHARACTER SET gbk": (st.text(st.sampled_from(CHINESE + "abc ·"), max_size=40), lambda v: v),
    "longtext CHARACTER SET gbk": (st.text(st.sampled_from(CHINESE), max_size=90), lambda v: v),
    "decimal(20,6)": (st.decimals(-(10**13), 10**13, places=6), lambda v: v),
    "decimal(65,30)": (st.decimals(-(10**34), 10**34, places=30, allow_nan=False), lambda v: v),
    "tinyint": (st.integers(-128, 127), lambda v: v),
    "int unsigned": (st.integers(0, 2**32 - 1), lambda v: v),
    "bigint": (st.integers(-(2**63), 2**63 - 1), lambda v: v),
    "bigint unsigned": (st.integers(0, 2**64 - 1), Decimal),
    "tinyint(1)": (st.booleans(), lambda v: v),
    "bit(12)": (st.integers(0, 4095), lambda v: v),
    "year": (st.integers(1901, 2155), lambda v: v),
    "date": (st.dates(dt.date(1000, 1, 1)), lambda v: v),
    "datetime(6)": (st.datetimes(dt.datetime(1000, 1, 1)), lambda v: v),
    "timestamp(6) NULL": (
        st.datetimes(dt.datetime(1970, 1, 2), dt.datetime(2038, 1, 1)), lambda v: v.replace(tzinfo=dt.UTC)
    ),
    "time(6)": (st.timedeltas(-dt.timedelta(hours=838), dt.timedelta(hours=838)), lambda v: v),
    "json": (JSON.map(lambda v: json.dumps(v, ensure_ascii=False)), json.loads),
    "longblob": (st.binary(max_size=60), lambda v: v),
    "varbinary(20)": (st.binary(max_size=20), lambda v: v),
    "double": (st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False, width=64), lambda v: v),
    "float": (st.floats(-(2.0**100), 2.0**100, allow_subnormal=False, width=32), lambda v: pytest.approx(v, rel=1e-6)),
    "enum('男','女')": (st.sampled_from(["男", "女"]), lambda v: v),
}  # fmt: skip


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[tuple[str, str]], list[tuple[Any, ...]]]:
    kinds = draw(st.lists(st.sampled_from(list(TYPES)), min_size=1, max_size=60))
    names = [NAMES[at] if at < len(NAMES) else f"列_{at}" for at in range(len(kinds))]
    row = st.tuples(*(st.none() | TYPES[kind][0] for kind in kinds))
    return list(zip(names, kinds, strict=True)), draw(st.lists(row, max_size=6))


def quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def made(maria: MariaDB, columns: list[tuple[str, str]], rows: list[tuple[Any, ...]]) -> str:
    """A table `t` of a new database; gives its address."""
    with maria.root() as held, held.cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS prop")
        cursor.execute("CREATE DATABASE prop CHARACTER SET gbk")
        cursor.execute("USE prop")
        cursor.execute("SET time_zone = '+00:00'")
        parts = ", ".join(f"{quoted(name)} {kind}" for name, kind in columns)
        cursor.execute(f"CREATE TABLE t (主键 int PRIMARY KEY, {parts}) ROW_FORMAT=DYNAMIC")
        marks = ", ".join(["%s"] * (len(columns) + 1))
        for at, row in enumerate(rows):
            cursor.execute(f"INSERT INTO t VALUES ({marks})", (at, *row))
        cursor.execute("GRANT ALL ON prop.* TO mover@'127.0.0.1' IDENTIFIED BY 'moves'")
    return f"mysql://mover:moves@127.0.0.1:{maria.port}/prop"


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(table=tables())
def test_a_generated_table_goes_there_and_back_unchanged(
    maria: MariaDB, databases: Pair, table: tuple[list[tuple[str, str]], list[tuple[Any, ...]]]
) -> None:
    there_and_back(maria, databases, *table)


def test_a_fixed_table_of_sixty_columns_goes_there_and_back_unchanged(
    maria: MariaDB, databases: Pair
) -> None:
    columns = [(name, kind) for name, kind, _, _ in wide.COLUMNS]
    assert len(columns) == len({name for name, _ in columns}) == 60
    assert {kind for _, kind in columns} == set(TYPES), "every type that is generated stands in it"
    there_and_back(maria, databases, columns, wide.rows())


def there_and_back(
    maria: MariaDB, databases: Pair, columns: list[tuple[str, str]], rows: list[tuple[Any, ...]]
) -> None:
    """By a job to PostgreSQL, where every value is what it was, and by another one back."""
    url = made(maria, columns, rows)
    databases.at_target("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    with tempfile.TemporaryDirectory() as folder:
        there = run(Path(folder), url, databases.target, "t", chunk_rows=4, job="there")
        assert there.proven
        assert there.rows.quarantined == 0
        with psycopg.connect(databases.target) as held:
            names = sql.SQL(", ").join(sql.Identifier(name) for name, _ in columns)
            arrived = held.execute(sql.SQL("SELECT {} FROM t ORDER BY 主键").format(names)).fetchall()
        expected = [
            tuple(None if v is None else TYPES[kind][1](v) for v, (_, kind) in zip(row, columns, strict=True))
            for row in rows
        ]
        assert arrived == expected
        back = run(Path(folder), databases.target, url, "t", target_table="back", chunk_rows=4, job="back")
        assert back.proven
    with maria.root() as again, again.cursor() as cursor:
        wanted = ", ".join(f"{quoted(n)} + 0" if k.startswith("bit") else quoted(n) for n, k in columns)
        cursor.execute("SET time_zone = '+00:00'")
        cursor.execute(f"SELECT {wanted} FROM prop.t ORDER BY 主键")
        left = cursor.fetchall()
        cursor.execute(f"SELECT {wanted} FROM prop.back ORDER BY 主键")
        came = cursor.fetchall()
    # a moment comes back as a datetime, which holds more years than a timestamp: in Beijing time
    china = dt.timedelta(hours=8)
    shifted = [
        tuple(
            v + china if v and k.startswith("timestamp") else v
            for v, (_, k) in zip(row, columns, strict=True)
        )
        for row in left
    ]
    assert [_plain(row, columns) for row in shifted] == [_plain(row, columns) for row in came]


def _plain(row: tuple[Any, ...], columns: list[tuple[str, str]]) -> tuple[Any, ...]:
    """JSON by its meaning; a decimal without the zeros at its end."""
    return tuple(
        json.loads(v)
        if kind == "json" and v is not None
        else Decimal(v)
        if kind == "bigint unsigned" and v is not None
        else v
        for v, (_, kind) in zip(row, columns, strict=True)
    )


def test_dates_that_are_none_and_text_that_postgresql_cannot_hold_go_into_quarantine(
    maria: MariaDB, pair: Pair, tmp_path: Path
) -> None:
    url = made(
        maria, [("d", "date"), ("v", "varchar(9)")], [(None, "a"), (None, "b\0c"), (dt.date(2020, 1, 1), "d")]
    )
    with maria.root() as held, held.cursor() as cursor:
        cursor.execute("SET sql_mode = ''")
        cursor.execute("INSERT INTO prop.t VALUES (9, '0000-00-00', 'e')")
    report = run(tmp_path, url, pair.target, "t")
    assert (report.rows.passed, report.rows.quarantined) == (2, 2)
    assert report.proven
    assert pair.at_target("SELECT 主键 FROM t ORDER BY 1") == [(0,), (2,)]


def test_a_text_key_is_ordered_alike_on_both_sides(maria: MariaDB, pair: Pair, tmp_path: Path) -> None:
    words = ["a", "B", "王", "ab", "A", "é", "Z", "周", "a1", "_"]
    url = made(
        maria, [("w", "varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")], [(word,) for word in words]
    )
    report = run(tmp_path, url, pair.target, "t", key=("w",), chunk_rows=3)
    assert report.proven
    again = run(tmp_path, url, pair.target, "t", key=("w",), chunk_rows=3)
    assert (again.rows.inserted, again.rows.updated, again.rows.deleted) == (0, 0, 0)
