"""Departments' databases that are slow, gone, changed or odd: a clear error, and nobody else disturbed."""

from __future__ import annotations

import asyncio
import concurrent.futures
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import psycopg
import pytest

from tests.gateway.stage import CODE, PEOPLE, PROVIDER, Answer, Stage, residents
from yiwang.blocks.exchange.domain.compiled import (
    CompiledField,
    CompiledResource,
    CompiledSource,
    GrantedField,
    GrantedPredicate,
)
from yiwang.bootstrap.embedded import free_port
from yiwang.gateway import sql
from yiwang.gateway.lookups import Kind, Queue
from yiwang.gateway.values import read

SOURCE = CompiledSource("odd", "127.0.0.1", 5432, "odd", "reader", "")
ODD = (CompiledField("k", "k", "text", "text"), CompiledField("v", "v", "text", "text"))


@pytest.fixture(scope="module")
def odd(stage: Stage) -> str:
    """A department's database for strange tables; gives its superuser URL."""
    return stage.node.database("odd")


def mount(
    stage: Stage, code: str, relation: str, fields: tuple[CompiledField, ...] = ODD, **changed: Any
) -> str:
    """Mount a table under a grant of its own, by whose id it is asked."""
    made = CompiledResource(
        code,
        "表",
        "Table",
        1,
        PROVIDER,
        fields,
        (fields[0].name,),
        "public",
        relation,
        stage.node.source("odd"),
    )
    stage.publish(msgspec.structs.replace(made, **changed))
    first = fields[0].name
    return stage.grant(
        resource=code, fields=tuple(GrantedField(f.name) for f in fields), claims=(), required=(first,),
        predicates=(GrantedPredicate(first, ("eq", "in", "prefix", "gte", "lte")),),
    ).id  # fmt: skip


def run(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


@contextmanager
def silent_port() -> Iterator[int]:
    """A port that accepts connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield listener.getsockname()[1]


def test_reserved_chinese_and_quoted_names_are_just_names(stage: Stage, odd: str) -> None:
    fields = (
        CompiledField("select", "select", "text", "text"),
        CompiledField("备注", '备"注', "text", "text"),
    )
    run(
        odd,
        'CREATE TABLE "order; DROP" ("select" text, "备""注" text)',
        """INSERT INTO "order; DROP" VALUES ('a''b', '王')""",
    )
    grant = mount(stage, "odd/1", "order; DROP", fields)
    assert stage.query({"select": "a'b"}, grant=grant, code="odd/1").json["rows"] == [
        {"select": "a'b", "备注": "王"}
    ]


def test_odd_types_come_through_as_text_and_null_as_null(stage: Stage, odd: str) -> None:
    run(
        odd,
        "CREATE TYPE mood AS ENUM ('sad', 'glad')",
        "CREATE TABLE kinds (k text, n numeric, f float8, d date, t timestamp, u uuid, m mood, i inet, big bigint)",
        """INSERT INTO kinds VALUES ('a', 12345678901234567890.123456789, 0.1, 'infinity', '0044-03-15 12:00:00 BC',
           '00000000-0000-0000-0000-000000000001', 'glad', '10.0.0.1', 9007199254740993)""",
        "INSERT INTO kinds (k) VALUES ('b')",
    )
    types = {"n": ("decimal", "numeric"), "f": ("decimal", "double precision"), "d": ("date", "date"),
             "t": ("datetime", "timestamp without time zone"), "u": ("text", "uuid"), "m": ("text", "mood"),
             "i": ("text", "inet"), "big": ("integer", "bigint")}  # fmt: skip
    fields = (ODD[0], *(CompiledField(name, name, kind, base) for name, (kind, base) in types.items()))  # type: ignore[arg-type]
    grant = mount(stage, "odd/2", "kinds", fields)
    row, nulls = stage.query({"k": {"in": ["a", "b"]}}, grant=grant, code="odd/2").json["rows"]
    assert row == {
        "k": "a", "n": "12345678901234567890.123456789", "f": "0.1", "d": "infinity", "t": "0044-03-15 12:00:00 BC",
        "u": "00000000-0000-0000-0000-000000000001", "m": "glad", "i": "10.0.0.1/32", "big": 9007199254740993,
    }  # fmt: skip
    assert set(nulls.values()) == {"b", None}


def test_a_view_without_a_key_answers_what_fits_and_refuses_the_rest(stage: Stage, odd: str) -> None:
    run(odd, "CREATE VIEW many AS SELECT 'x'::text AS k, n::text AS v FROM generate_series(1, 60) n")
    grant = mount(stage, "odd/3", "many", key=())
    assert stage.query({"k": "x"}, grant=grant, code="odd/3").code == "paging-unavailable"
    assert stage.query({"k": "y"}, grant=grant, code="odd/3").json["rows"] == []


def test_a_column_that_changed_or_went_is_named_as_a_change_of_the_source(stage: Stage, odd: str) -> None:
    run(odd, "CREATE TABLE shifting (k text, v text)", "INSERT INTO shifting VALUES ('1', 'x')")
    grant = mount(stage, "odd/4", "shifting")

    def ask() -> Answer:
        return stage.query({"k": "1"}, grant=grant, code="odd/4")

    assert ask().status == 200
    for change, back in (
        (
            "ALTER TABLE shifting ALTER k TYPE integer USING k::integer",
            "ALTER TABLE shifting ALTER k TYPE text",
        ),
        ("ALTER TABLE shifting RENAME v TO w", "ALTER TABLE shifting RENAME w TO v"),
        ("ALTER TABLE shifting RENAME TO gone", "ALTER TABLE gone RENAME TO shifting"),
    ):
        run(odd, change)
        answer = ask()
        assert (answer.status, answer.code) == (502, "source-changed")
        stage.proves(answer)
        run(odd, back)
        assert ask().status == 200


def test_a_type_that_changed_quietly_is_found_when_the_table_is_looked_at_again(
    stage: Stage, odd: str
) -> None:
    run(odd, "CREATE TABLE quiet (k text, v text)", "ALTER TABLE quiet ALTER v TYPE varchar(5)")
    assert stage.query({"k": "1"}, grant=mount(stage, "odd/5", "quiet"), code="odd/5").status == 200
    run(odd, "ALTER TABLE quiet ALTER v TYPE integer USING 1")
    assert (
        stage.query({"k": "1"}, grant=mount(stage, "odd/5", "quiet", version=2), code="odd/5").code
        == "source-changed"
    )


def test_text_that_is_not_in_the_declared_encoding_is_said_and_others_are_served(stage: Stage) -> None:
    url = stage.node.database("bytes", encoding="SQL_ASCII")
    run(url, "CREATE TABLE t (k text, v text)", r"INSERT INTO t VALUES ('good', 'a'), ('bad', E'\xC4\xE3')")
    grant = mount(stage, "odd/6", "t", source=stage.node.source("bytes"))
    answer = stage.query({"k": "bad"}, grant=grant, code="odd/6")
    assert (answer.status, answer.code) == (502, "source-garbled")
    assert stage.query({"k": "good"}, grant=grant, code="odd/6").json["rows"] == [{"k": "good", "v": "a"}]


def test_values_that_the_statement_cannot_carry_break_nothing(stage: Stage, odd: str) -> None:
    run(
        odd,
        "CREATE TABLE plain (k text, v text)",
        "INSERT INTO plain VALUES ('%', 'percent'), ('''; DROP TABLE plain; --', 'sql')",
    )
    grant = mount(stage, "odd/7", "plain")
    for value, found in (("'; DROP TABLE plain; --", ["sql"]), ("%", ["percent"]), ("\\", []), ("$1", [])):
        rows = stage.query({"k": value}, grant=grant, code="odd/7").json["rows"]
        assert [row["v"] for row in rows] == found
    assert len(stage.query({"k": "%"}, grant=grant, code="odd/7").json["rows"]) == 1


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"password": "wrong"}, "source-denied"),
        ({"host": "192.0.2.1"}, "source-not-allowed"),
        ({"host": "no-such-host.invalid"}, "source-unreachable"),
    ],
)
def test_a_source_that_cannot_be_entered_is_told_apart(
    stage: Stage, changed: dict[str, str], code: str
) -> None:
    name = f"door_{code.replace('-', '_')}_{len(str(changed))}"
    stage.node.database(name)
    grant = mount(stage, f"odd/{name}", "t", source=stage.node.source(name, **changed))  # type: ignore[arg-type]
    answer = stage.query({"k": "a"}, grant=grant, code=f"odd/{name}")
    assert answer.code == code
    assert "192.0.2.1" not in answer.response.text
    stage.proves(answer)


def test_a_sealed_password_of_another_source_opens_nothing(stage: Stage) -> None:
    moved = msgspec.structs.replace(stage.node.source("people"), id="elsewhere")
    assert (
        stage.query({"k": "a"}, grant=mount(stage, "odd/8", "t", source=moved), code="odd/8").code
        == "source-denied"
    )


def test_a_source_that_is_gone_rests_after_some_failures(stage: Stage) -> None:
    nowhere = stage.node.source("gone", port=free_port())
    grant = mount(stage, "odd/9", "t", source=nowhere)
    codes = [stage.query({"k": "a"}, grant=grant, code="odd/9").code for _ in range(6)]
    assert codes[0] == "source-unreachable"
    assert codes[-1] == "source-resting"
    health = stage.http.get(f"{stage.one.url}/healthz")
    assert any("gone" in one for one in health.json()["problems"])
    time.sleep(2.05)  # its rest: nothing else ends it
    assert stage.query({"k": "a"}, grant=grant, code="odd/9").code == "source-unreachable", (
        "one probe goes through"
    )


def test_slow_and_silent_sources_time_out_and_leave_other_callers_undisturbed(stage: Stage, odd: str) -> None:
    run(
        odd,
        "CREATE VIEW slow AS SELECT k, v FROM (SELECT 'a'::text AS k, pg_sleep(30)::text AS v) s OFFSET 0",
    )
    good = stage.grant().id
    with silent_port() as port, concurrent.futures.ThreadPoolExecutor(24) as threads:
        slow = mount(stage, "odd/slow", "slow", source=stage.node.source("odd", timeout_ms=700, pool_size=2))
        silent = mount(stage, "odd/silent", "t", source=stage.node.source("silent", port=port, pool_size=2))
        began = time.monotonic()
        waiting = [
            threads.submit(stage.query, {"k": "a"}, grant=grant, code=code)
            for grant, code in ((slow, "odd/slow"), (silent, "odd/silent")) * 10
        ]
        times = []
        while not all(one.done() for one in waiting):
            asked = time.monotonic()
            answer = stage.query({"身份号码": PEOPLE[0]}, grant=good)
            assert answer.status == 200, answer.json
            times.append(time.monotonic() - asked)
        codes = {one.result().code for one in waiting}
        assert codes <= {"source-slow", "source-busy", "source-unreachable", "source-resting", "gateway-busy"}
        assert {"source-slow", "source-unreachable"} <= codes
        assert time.monotonic() - began < 10
        assert sorted(times)[len(times) // 2] < 0.5, "others are answered as ever"
    stage.publish(residents(stage.node))


def test_a_resource_taken_down_or_suspended_gives_nothing_out(stage: Stage) -> None:
    grant = stage.grant().id
    try:
        for state, code in (("withdrawn", "resource-withdrawn"), ("suspended", "resource-suspended")):
            stage.publish(residents(stage.node), state=state)
            answer = stage.query({"身份号码": PEOPLE[0]}, grant=grant)
            assert answer.code == code
            stage.proves(answer)
    finally:
        stage.publish(residents(stage.node))
    assert stage.query({"身份号码": PEOPLE[0]}, grant=grant).json["resource"] == CODE


def test_values_of_every_type_travel_together_and_each_finds_its_own(odd: str) -> None:
    kinds: dict[str, tuple[str, list[object]]] = {
        "integer": ("bigint", [-(1 << 63), 7]),
        "decimal": ("numeric", ["12345678901234567890.123456789", "1E+3"]),
        "boolean": ("boolean", [True, False]),
        "text": ("text", ['a","b\\ "NULL" {}', "张三 \n"]),
        "date": ("date", ["0099-03-15", "2026-11-21"]),
        "datetime": (
            "timestamp with time zone",
            ["2026-11-21T08:00:00.000001+08:00", "2026-11-21T00:00:00Z"],
        ),
    }
    columns = [CompiledField(kind, kind, kind, base) for kind, (base, _) in kinds.items()]  # type: ignore[arg-type]
    columns += [
        CompiledField(f"text {base}", f"text {base}", "text", base) for base in ("character(6)", "uuid")
    ]
    given: dict[str, list[object]] = {kind: asked for kind, (_, asked) in kinds.items()}
    given["text character(6)"], given["text uuid"] = ["290100", "a"], [str(UUID(int=1)), str(UUID(int=2))]

    async def look(field: CompiledField) -> list[Sequence[Sequence[object]]]:
        resource = CompiledResource(
            "odd/9", "表", "Table", 1, PROVIDER, (field,), (field.name,), "public", "keyed", SOURCE
        )
        alone = sql.statement(resource, (field,), ((field, "eq"),), after=(), order=(field,), limit=2)
        together = sql.together(resource, (field,), (field,), (), order=(field,), limit=2)
        connection = await asyncpg.connect(odd)
        asked: list[str] = []

        async def fetch(_: CompiledResource, statement: sql.Statement, args: Sequence[object]) -> Any:
            asked.append(statement.text)
            return await connection.fetch(statement.text, *args)

        queue = Queue(Kind(resource, alone, together, []), fetch)
        values = [read(field, value) for value in given[field.name]]
        found = await asyncio.gather(*(queue.look_up([value]) for value in [*values, values[0]]))
        single = [await queue.look_up([value]) for value in values]
        await connection.close()
        assert asked == [together.text, alone.text, alone.text]
        assert [[row[0] for row in rows] for rows in found[:2]] == [
            [row[0] for row in rows] for rows in single
        ]
        return found

    run(
        odd,
        "CREATE TABLE keyed (" + ", ".join(f'"{f.column}" {f.database_type}' for f in columns) + ")",
    )
    with psycopg.connect(odd, autocommit=True) as connection:
        for place in (0, 1):
            marks = ", ".join(f"%s::{f.database_type}" for f in columns)
            connection.execute(f"INSERT INTO keyed VALUES ({marks})", [given[f.name][place] for f in columns])  # type: ignore[arg-type]
    for field in columns:
        first, second, again = asyncio.run(look(field))
        assert len(first) == len(second) == 1, field.name
        assert first[0][0] != second[0][0]
        assert again[0][0] == first[0][0]
