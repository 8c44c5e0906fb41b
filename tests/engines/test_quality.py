"""The same rules find the same counts on DuckDB, on PostgreSQL, in Spark's dialect, and by a naive reading."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
import sqlglot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import Server
from yiwang.dataplane.engines.duckdb import DuckDB
from yiwang.dataplane.quality import rules as r
from yiwang.dataplane.quality.compiling import counting, failing
from yiwang.vocabulary.resident_id import check_character as resident_check
from yiwang.vocabulary.uscc import check_character as uscc_check

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ADULT = r.Condition(
    {
        "duckdb": '"row"."n" >= 18 OR "row"."t" = \'child\'',
        "postgres": '"row"."n" >= 18 OR "row"."t" = \'child\'',
        "spark": "`row`.`n` >= 18 OR `row`.`t` = 'child'",
    },
    ("n", "t"),
)
RECENT = r.Condition(
    {"duckdb": '"row"."n" > 0', "postgres": '"row"."n" > 0', "spark": "`row`.`n` > 0"}, ("n",)
)
RULES: tuple[r.Rule, ...] = (
    r.NotNull(id="named", dimension="完整性", field="t"),
    r.Unique(id="once", dimension="规范性", columns=("n", "t")),
    r.InList(id="listed", dimension="准确性", field="t", values=("a", "o'clock", "back\\slash", "中")),
    r.Range(id="between", dimension="准确性", field="n", low=-3, high=50),
    r.Length(id="short", dimension="规范性", field="t", low=1, high=4),
    r.Pattern(id="shaped", dimension="规范性", field="t", pattern="[a-c]+|中.*"),
    r.CheckDigits(id="person", dimension="规范性", field="p", kind="mod11_2", severity="blocking"),
    r.CheckDigits(id="unit", dimension="规范性", field="u", kind="uscc"),
    r.CheckDigits(id="paper", dimension="规范性", field="m", kind="mod11_10"),
    r.Fresh(id="new", dimension="时效性", field="d", seconds=86_400, as_of=NOW, when=RECENT),
    r.Recent(id="newest", dimension="时效性", field="d", seconds=86_400, as_of=NOW),
    r.Expression(id="adult", dimension="一致性", condition=ADULT),
    r.Refers(id="leads", dimension="一致性", columns=("n",), target=("others",), keys=("k",)),
)
OTHERS = (1, 2, 3)
Row = tuple[int | None, str | None, str | None, str | None, str | None, datetime | None]

_digits = st.text("0123456789", min_size=17, max_size=17)
_persons = st.one_of(
    _digits.map(lambda d: d + resident_check(d)), _digits.map(lambda d: d + "X"), st.just("123"), st.just("")
)
_units = st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=17, max_size=17).flatmap(
    lambda t: st.sampled_from([t + uscc_check(t), t + "0", t])
)
_texts = st.one_of(
    st.sampled_from(["a", "b", "abc", "中", "中文字", "o'clock", "back\\slash", "", "child", "中\nb"]),
    st.text(st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs"]), max_size=6),
)
_rows = st.tuples(
    st.none() | st.integers(-5, 60),
    st.none() | _texts,
    st.none() | _persons,
    st.none() | _units,
    st.none() | st.text("0123456789", max_size=8),
    st.none() | st.integers(-5, 5).map(lambda days: NOW + timedelta(days=days, seconds=days % 2)),
)


def naive(rule: r.Rule, rows: Sequence[Row]) -> tuple[int, int]:
    """Tested and failed, row by row, from the words of the specification."""
    names = ("n", "t", "p", "u", "m", "d")
    tables = [dict(zip(names, row, strict=True)) for row in rows]
    if isinstance(rule, r.Unique):
        known = [
            tuple(t[c] for c in rule.columns) for t in tables if all(t[c] is not None for c in rule.columns)
        ]
        return len(known), sum(n for n in Counter(known).values() if n > 1)
    if isinstance(rule, r.Recent):
        newest = max((row[5] for row in rows if row[5] is not None), default=None)
        return (0, 0) if newest is None else (1, int(newest + timedelta(days=1) < NOW))
    verdicts = [_naive_row(rule, table) for table in tables]
    return sum(v is not None for v in verdicts), sum(v is False for v in verdicts)


def _naive_row(rule: r.Rule, row: Mapping[str, object]) -> bool | None:
    """True, False, or None where it cannot be tested."""
    if isinstance(rule, r.NotNull):
        return row[rule.field] not in (None, "")
    if isinstance(rule, r.Expression):
        n, t = row["n"], row["t"]
        sides = [None if not isinstance(n, int) else n >= 18, None if t is None else t == "child"]
        return True if True in sides else None if None in sides else False
    value = row[rule.fields[0]]
    if value is None:
        return None
    match rule:
        case r.InList():
            return str(value) in rule.values
        case r.Range():
            assert isinstance(value, int)
            return -3 <= value <= 50
        case r.Length():
            return 1 <= len(str(value)) <= 4
        case r.Pattern():
            return re.fullmatch(rule.pattern, str(value), re.DOTALL) is not None
        case r.CheckDigits():
            return _checked(rule.kind, str(value))
        case r.Fresh():
            assert isinstance(value, datetime)
            n = row["n"]
            return None if not (isinstance(n, int) and n > 0) else value + timedelta(days=1) >= NOW
        case r.Refers():
            return value in OTHERS
    raise AssertionError(rule)


def _checked(kind: r.CheckDigit, text: str) -> bool:
    if kind == "mod11_2":
        return bool(re.fullmatch("[0-9]{17}[0-9X]", text)) and resident_check(text[:17]) == text[17]
    if kind == "uscc":
        shaped = re.fullmatch("[0-9A-HJ-NP-RTUWXY]{18}", text)
        return bool(shaped) and uscc_check(text[:17]) == text[17]
    if not 2 <= len(text) <= 20:
        return False
    product = 10
    for digit in text[:-1]:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return (product + int(text[-1])) % 10 == 1


@pytest.fixture(scope="module")
def postgres(pg_server: Server) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(pg_server.admin) as connection:
        connection.execute("SET TIME ZONE 'UTC'")
        connection.execute("CREATE TEMP TABLE t (n bigint, t text, p text, u text, m text, d timestamptz)")
        connection.execute("CREATE TEMP TABLE others (k bigint)")
        connection.execute("INSERT INTO others SELECT unnest(%s::bigint[])", [list(OTHERS)])
        yield connection
        connection.rollback()


@pytest.fixture(scope="module")
def duck() -> Iterator[DuckDB]:
    with DuckDB() as database:
        database.execute(
            "CREATE TABLE t (n BIGINT, t VARCHAR, p VARCHAR, u VARCHAR, m VARCHAR, d TIMESTAMPTZ)"
        )
        database.execute("CREATE TABLE others AS SELECT unnest([1, 2, 3]::BIGINT[]) AS k")
        yield database


@pytest.fixture(scope="module")
def spark() -> str:
    """What was compiled for Spark, read as Spark reads it and written for DuckDB."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(10_000)  # sqlglot descends by recursion into twenty nested check digits
    try:
        return sqlglot.transpile(counting(RULES, "spark", "t"), read="spark", write="duckdb")[0]
    finally:
        sys.setrecursionlimit(before)


def _pairs(row: Sequence[object]) -> list[tuple[int, int]]:
    numbers = [int(str(value)) for value in row[1:]]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


@given(st.lists(_rows, max_size=12))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_engine_counts_alike(
    duck: DuckDB, postgres: psycopg.Connection[tuple[object, ...]], spark: str, rows: list[Row]
) -> None:
    expected = [naive(rule, rows) for rule in RULES]
    duck.execute("DELETE FROM t")
    postgres.execute("DELETE FROM t")
    for row in rows:
        duck.execute("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?)", row)
    if rows:
        with postgres.cursor() as cursor:
            cursor.executemany("INSERT INTO t VALUES (%s, %s, %s, %s, %s, %s)", rows)
    (by_duck,) = duck.rows(counting(RULES, "duckdb", "t"))
    assert _pairs(by_duck) == expected
    by_postgres = postgres.execute(counting(RULES, "postgres", "t").encode()).fetchone()
    assert by_postgres is not None
    assert _pairs(by_postgres) == expected
    (by_spark,) = duck.rows(spark)
    assert _pairs(by_spark) == expected


def test_rows_that_fail_are_named_by_their_keys_alone(duck: DuckDB) -> None:
    duck.execute("DELETE FROM t")
    duck.execute("INSERT INTO t (n, t, u) VALUES (1, 'zz', 'k1'), (1, 'zz', 'k2'), (2, 'a', 'k3')")
    named = {
        rule.id: [str(row[0]) for row in duck.rows(failing(rule, "duckdb", "t", ["u"], 10))]
        for rule in RULES
        if not isinstance(rule, r.Recent)
    }
    assert named["once"] == ["k1", "k2"]
    assert named["listed"] == ["k1", "k2"]
    assert named["named"] == []
