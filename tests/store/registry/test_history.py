"""What was believed when about which day: any order of late, corrected and withdrawn facts, against a naive model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql
from psycopg.types.json import Jsonb

from tests.conftest import Server
from yiwang.blocks.registry.domain import statements
from yiwang.blocks.registry.domain.layout import AccessRule, Column, Table
from yiwang.blocks.registry.store.migrations import __path__ as migrations

APP = "registry_history_app"
TABLE = Table(
    "sys_people", "person", "bitemporal",
    (Column("code", "text", required=True), Column("town", "text"), Column("n", "bigint")), ("code",),
)  # fmt: skip
RULES = (AccessRule(("people.clerk",), (), frozenset({"read", "write"})),)
DAYS = [date(2026, 1, 1) + timedelta(days=n) for n in range(8)]
OPEN = date(2026, 1, 9)  # stands for infinity in the naive model
Connection = psycopg.Connection[tuple[object, ...]]


@dataclass(frozen=True)
class Step:
    """What somebody says: fields, or nothing (a withdrawal), about days, to one of two records."""

    code: str
    first: int
    last: int
    fields: tuple[tuple[str, object], ...] | None


steps = st.lists(
    st.builds(
        Step,
        code=st.sampled_from(["a", "b"]),
        first=st.integers(0, 6),
        last=st.integers(1, 8),
        fields=st.none()
        | st.lists(
            st.sampled_from([("town", "x"), ("town", "y"), ("town", None), ("n", 1), ("n", 2)]),
            min_size=1, max_size=2, unique_by=lambda pair: pair[0],
        ).map(tuple),
    ).filter(lambda step: step.first < step.last),
    min_size=1, max_size=10,
)  # fmt: skip


@pytest.fixture(scope="module")
def database(pg_server: Server) -> Iterator[Connection]:
    """The declared table in a database of its own, with the context functions of the block's migration."""
    from importlib import import_module

    assert migrations
    context = import_module("yiwang.blocks.registry.store.migrations.0002_context")
    with psycopg.connect(pg_server.admin, autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS registry_history WITH (FORCE)")
        admin.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(APP)))
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'app'").format(sql.Identifier(APP)))
        admin.execute("CREATE DATABASE registry_history")
    with psycopg.connect(pg_server.url("registry_history")) as owner:
        owner.execute(context.FUNCTIONS)
        for statement in [
            *statements.schemas(TABLE, APP), *statements.create(TABLE),
            *statements.read_views(TABLE, RULES, APP), *statements.write_functions(TABLE, RULES, APP),
        ]:  # fmt: skip
            owner.execute(statement.encode())
    with psycopg.connect(pg_server.url("registry_history", APP, "app")) as app:
        yield app
        app.rollback()
    with psycopg.connect(pg_server.admin, autocommit=True) as admin:
        admin.execute("DROP DATABASE registry_history WITH (FORCE)")


@given(steps)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_both_times_are_answered_like_a_naive_model(database: Connection, told: list[Step]) -> None:
    database.rollback()
    database.execute("SELECT set_config('yw.system_roles', 'people.clerk', true)")
    believed: dict[tuple[str, int], dict[str, object]] = {}
    snapshots: list[tuple[datetime, dict[tuple[str, int], dict[str, object]]]] = []
    records: dict[str, int] = {}
    for number, step in enumerate(told):
        at = datetime(2026, 2, 1, tzinfo=UTC) + timedelta(hours=number)
        days = range(step.first, step.last)
        known = [day for day in days if (step.code, day) in believed]
        if known:
            _put(database, records[step.code], step, at)
            for day in known:
                if step.fields is None:
                    del believed[step.code, day]
                else:
                    believed[step.code, day] = {**believed[step.code, day], **dict(step.fields)}
        elif step.fields is not None:
            record = _put(database, None, step, at)
            assert records.setdefault(step.code, record) == record
            for day in days:
                believed[step.code, day] = {"town": None, "n": None, **dict(step.fields)}
        snapshots.append((at, dict(believed)))
    for at, then in snapshots:
        for day in range(8):
            for code in ("a", "b"):
                rows = _asked(database, code, DAYS[day], at)
                expected = then.get((code, day))
                assert rows == ([] if expected is None else [(expected["town"], expected["n"])])


def _put(database: Connection, record: int | None, step: Step, at: datetime) -> int:
    before = "infinity" if step.last == 8 else DAYS[step.last].isoformat()
    changes = {} if step.fields is None else dict(step.fields)
    row = database.execute(
        "SELECT sys_people.person__put(%s, %s, %s, %s::date, %s, 'clerk', %s)",
        [record, Jsonb(changes if record else {"code": step.code, **changes}), DAYS[step.first], before, at,
         step.fields is None],
    ).fetchone()  # fmt: skip
    assert row is not None
    return int(str(row[0]))


def _asked(database: Connection, code: str, day: date, at: datetime) -> list[tuple[object, ...]]:
    return database.execute(
        "SELECT town, n FROM sys_people_read.person WHERE code = %(c)s AND _from <= %(e)s AND _to > %(e)s AND _known <= %(d)s"
        " UNION ALL SELECT town, n FROM sys_people_read.person__past"
        " WHERE code = %(c)s AND _from <= %(e)s AND _to > %(e)s AND _known <= %(d)s AND _until > %(d)s",
        {"c": code, "e": day, "d": at},
    ).fetchall()


def test_without_a_role_nothing_is_read_or_written(database: Connection) -> None:
    database.rollback()
    database.execute("SELECT set_config('yw.system_roles', 'people.clerk', true)")
    step = Step("a", 0, 8, (("town", "x"),))
    record = _put(database, None, step, datetime(2026, 2, 1, tzinfo=UTC))
    database.execute("SELECT set_config('yw.system_roles', 'people.reader', true)")
    assert database.execute("SELECT count(*) FROM sys_people_read.person").fetchone() == (0,)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        _put(database, record, step, datetime(2026, 2, 2, tzinfo=UTC))
    database.rollback()
    for statement in (
        "SELECT * FROM sys_people.person",
        "DELETE FROM sys_people.person",
        "SELECT * FROM sys_people.person__past",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            database.execute(statement.encode())
        database.rollback()


def test_a_key_is_taken_for_the_days_it_is_known(database: Connection) -> None:
    database.rollback()
    database.execute("SELECT set_config('yw.system_roles', 'people.clerk', true)")
    step = Step("a", 2, 8, (("town", "x"),))
    first = _put(database, None, step, datetime(2026, 2, 1, tzinfo=UTC))
    assert _put(database, None, Step("a", 0, 2, (("town", "y"),)), datetime(2026, 2, 2, tzinfo=UTC)) == first
    with pytest.raises(psycopg.errors.UniqueViolation):
        _put(database, None, Step("a", 1, 3, (("town", "z"),)), datetime(2026, 2, 3, tzinfo=UTC))
    database.rollback()
