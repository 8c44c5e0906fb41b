"""A file taken in by sets says and does what its rows would, made one by one; ended half way, it leaves nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.registry.families import CLERK, NOW, OTHER_TOWN, TOWN
from tests.store.registry.families import SYSTEM as AID
from tests.store.registry.installing import field, install
from yiwang.blocks.registry import public as registry
from yiwang.blocks.registry.actions import file_rows
from yiwang.blocks.registry.public import (
    Code,
    Entity,
    FileRefused,
    Label,
    RecordInvalid,
    Rule,
    System,
    Wanted,
)
from yiwang.vocabulary.crypto import FileKeyProvider, use_key_provider

HEADS = ("code", "town", "state", "note", "day", "amount", "weight", "done", "tags", "secret")
_FIELDS = (
    field("code", "text", argument="6", required=True),
    field("town", "division", argument="town", required=True),
    field("state", "code", argument="state", required=True, default="open"),
    field("note", "long_text"),
    field("day", "date", required=True),
    field("amount", "money", default=0),
    field("weight", "decimal", argument="6,2", scale=2),
    field("done", "boolean", required=True, default=False),
    field("tags", "codes", argument="state"),
    field("secret", "text", argument="9"),
)
_RULES = (
    Rule(roles=("things.clerk",), verbs=("read", "write"), rows='"row"."town" = registry_told(\'division\')',
         fields=tuple(one for one in HEADS if one != "secret")),
    Rule(roles=("things.boss",), verbs=("read", "write")),
)  # fmt: skip
HISTORIES = ("none", "versions", "bitemporal")
THINGS = System(
    id="things", title=Label("物", "Things"), version="1.0.0", owner="11290100MB00000011",
    entities=tuple(
        Entity(id=f"thing_{one}", title=Label("物", "Thing"), key=("code",), history=one, fields=_FIELDS, rules=_RULES)
        for one in ("none", "versions", "bitemporal")
    ),
    codes={"state": (Code("open", Label("未办", "Open")), Code("shut", Label("办结", "Shut")),
                     Code("old", Label("旧", "Old"), until="2026-01-01"))},
)  # fmt: skip
Row = tuple[str | None, ...]
ROW = st.tuples(
    st.sampled_from(["A", "B", "C", "D", "E", " F ", "G\\N", "H\tI"]),
    st.sampled_from([TOWN] * 12 + [TOWN + "000", OTHER_TOWN]),
    st.sampled_from(["open", "办结", "", None]),
    st.sampled_from(["", "情况正常", "a\\tb", "两行\n文字", " x ", "'引号", None]),
    st.sampled_from(["2026-11-20", "2026/01/02", "20261120"]),
    st.sampled_from(["", "12", "1,200", "007", "-0"]),
    st.sampled_from(["", "1.5", "1.50", "-0", "1E2", "0.25"]),
    st.sampled_from(["", "是", "false", "1"]),
    st.sampled_from(["", "open;shut", "办结"]),
    st.sampled_from([""] * 12 + ["x"]),
)
WRONG: dict[int, Sequence[str | None]] = {
    0: ["", "ABCDEFG"], 1: ["", "29x", "1"], 2: ["old", "none"], 4: ["", "2026-02-30"], 5: ["1.5", "x", "9" * 19],
    6: ["1.234", "99999", "x"], 7: ["perhaps"], 8: ["none"], 9: ["0123456789"],
}  # fmt: skip


@st.composite
def broken(draw: st.DrawFn) -> Row:
    """A row with a cell that does not fit its field."""
    row, at = list(draw(ROW)), draw(st.sampled_from(sorted(WRONG)))
    row[at] = draw(st.sampled_from(WRONG[at]))
    return tuple(row)


ROWS = st.lists(ROW, min_size=1, max_size=4)


@pytest.fixture
def _things(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_rows, "STEP", 2)
    monkeypatch.setattr(file_rows, "_BATCH", 1)
    install(THINGS, [(CLERK.actor, "clerk")], NOW)


def loaded(history: str, rows: Sequence[Row]) -> list[tuple[int, str, str]]:
    """Take rows in; what was wrong with them."""
    numbered = iter([(at + 2, row) for at, row in enumerate(rows)])
    try:
        registry.load_records(CLERK, "things", f"thing_{history}", HEADS, numbered, NOW)
    except FileRefused as refused:
        return sorted((one.line, one.field, one.message_en) for one in refused.problems)
    return []


def made(history: str, row: Row) -> list[tuple[str, str]]:
    """Make one record of a row; what was wrong with it."""
    values = dict(zip(HEADS, row, strict=True))
    given = {one: value for one, value in values.items() if value not in (None, "")}
    try:
        with transaction.atomic():
            registry.create_record(CLERK, "things", f"thing_{history}", given, NOW)
    except RecordInvalid as wrong:
        return [(one.field, one.message_en) for one in wrong.problems]
    except registry.KeyTaken:
        return [("code", "there is a record with this key")]
    except registry.RecordRefused:
        return [("", "your role and purpose may not write this row")]
    return []


def one_by_one(history: str, rows: Sequence[Row]) -> list[tuple[int, str, str]]:
    """What is wrong with each row as things stand before the load, and with the file as a whole."""
    cells: list[tuple[int, str, str]] = []
    others: list[tuple[int, str, str]] = []
    for line, row in enumerate(rows, 2):
        for attempt in (row, ("ZZZZ", *row[1:])):  # a key that is taken hides that the row is refused
            with transaction.atomic():
                found = [(line, *one) for one in made(history, attempt)]
                transaction.set_rollback(True)
            (cells if any(one[1] not in ("", "code") or "record" not in one[2] for one in found) else others).extend(
                one for one in found if one not in cells and one not in others
            )  # fmt: skip
    refused = {one for one in cells if one[1] == "" and one[2].startswith("your role")}
    told = [one for one in cells if one not in refused]
    if told:
        return sorted(told)
    keys = [str(row[0]).strip() for row in rows]
    last = {key: line for line, key in enumerate(keys, 2)}
    twice = [
        (last[key], "code", "the key stands in the file more than once")
        for key, count in Counter(keys).items()
        if count > 1
    ]
    return sorted([*others, *refused, *twice])


def standing(history: str) -> list[object]:
    """All that is believed and was, but for the numbers of records."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        found: list[object] = []
        for table in (f"thing_{history}", *((f"thing_{history}__past",) if history != "none" else ())):
            cursor.execute(f"SELECT (to_jsonb(t) - '_id')::text FROM sys_things.{table} t ORDER BY 1")
            found.append(cursor.fetchall())
        cursor.execute("SET LOCAL ROLE yw_registry_app")
    return found


@pytest.mark.django_db
@pytest.mark.usefixtures("_things")
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.sampled_from(HISTORIES), before=ROWS, rows=ROWS, wrong=st.none() | broken())
def test_a_file_is_judged_and_taken_in_as_its_rows_would_be_one_by_one(
    history: str, before: list[Row], rows: list[Row], wrong: Row | None
) -> None:
    rows = rows if wrong is None else [*rows, wrong]
    with transaction.atomic():
        for row in before:
            made(history, row)
        start = standing(history)
        expected = one_by_one(history, rows)
        with transaction.atomic():
            told = loaded(history, rows)
            by_sets = standing(history)
            transaction.set_rollback(True)
        assert told == expected
        if expected:
            assert by_sets == start
        else:
            assert [problem for row in rows for problem in made(history, row)] == []
            assert by_sets == standing(history)
        transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.usefixtures("_things")
@pytest.mark.parametrize("history", HISTORIES)
def test_what_is_wrong_in_a_late_step_takes_back_what_earlier_steps_inserted(history: str) -> None:
    plain: Row = (TOWN, "open", "", "2026-11-20", "", "", "", "", "")
    rows: list[Row] = [(f"K{at}", *plain) for at in range(9)]
    start = standing(history)
    refused: Row = ("K9", OTHER_TOWN, *plain[1:])
    assert loaded(history, [*rows, rows[0]]) == [(11, "code", "the key stands in the file more than once")]
    assert loaded(history, [*rows, refused, refused]) == [
        (11, "", "your role and purpose may not write this row"),
        (12, "", "your role and purpose may not write this row"),
        (12, "code", "the key stands in the file more than once"),
    ]
    assert standing(history) == start
    assert loaded(history, rows) == []
    assert registry.records(CLERK, "things", f"thing_{history}", Wanted({}), NOW).total == 9


@pytest.mark.django_db
def test_rows_without_a_number_are_given_the_next_ones_of_their_place(tmp_path: Path) -> None:
    use_key_provider(FileKeyProvider(tmp_path / "keys", create=True))
    install(AID, [(CLERK.actor, "clerk")], NOW)
    first = registry.create_record(CLERK, "aid", "family", {"town": TOWN, "head": "张某"}, NOW)
    rows = iter([(2, (TOWN, "李某", "55")), (3, (TOWN, "王某", "")), (4, (TOWN, "赵某", "77"))])
    assert registry.load_records(CLERK, "aid", "family", ("town", "head", "income"), rows, NOW).rows == 3
    last = registry.create_record(CLERK, "aid", "family", {"town": TOWN, "head": "孙某"}, NOW)
    found = {
        one.values["number"]: one for one in registry.records(CLERK, "aid", "family", Wanted({}), NOW).records
    }
    assert sorted(map(str, found)) == [f"JZ2901022026{n:04d}" for n in range(1, 6)]
    assert [found[f"JZ2901022026{n:04d}"].values["income"] for n in (2, 3, 4)] == [55, None, 77]
    assert (found["JZ29010220260001"].id, found["JZ29010220260005"].id) == (first, last)


@pytest.mark.django_db(transaction=True)
def test_a_load_whose_connection_is_ended_half_way_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_rows, "STEP", 2)
    monkeypatch.setattr(file_rows, "_BATCH", 1)
    install(THINGS, [(CLERK.actor, "clerk")], NOW)
    try:
        plain: Row = (TOWN, "open", "", "2026-11-20", "", "", "", "", "")
        rows: list[Row] = [(f"K{at}", *plain) for at in range(9)]
        settings_dict = connection.settings_dict
        ended: list[int] = []

        def end(read: int) -> None:
            if read >= 6 and not ended:
                ended.append(read)
                with psycopg.connect(
                    host=settings_dict["HOST"], port=settings_dict["PORT"], dbname=settings_dict["NAME"],
                    user=settings_dict["USER"], password=settings_dict["PASSWORD"], autocommit=True,
                ) as other:  # fmt: skip
                    other.execute("SELECT pg_terminate_backend(%s, 30000)", [backend])

        connection.ensure_connection()
        backend = connection.connection.info.backend_pid
        numbered = iter([(at + 2, row) for at, row in enumerate(rows)])
        with pytest.raises(Exception, match=r"terminat|closed|lost") as died:
            registry.load_records(CLERK, "things", "thing_bitemporal", HEADS, numbered, NOW, watch=end)
        assert died.value is not None
        assert ended
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM sys_things.thing_bitemporal")
            assert cursor.fetchone() == (0,)
            cursor.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 'thing_bitemporal\\_\\_load%'")
            assert cursor.fetchone() == (0,)
        again = iter([(at + 2, row) for at, row in enumerate(rows)])
        made_now = registry.load_records(
            CLERK, "things", "thing_bitemporal", HEADS, again, NOW + timedelta(hours=1)
        )
        assert made_now.rows == 9
    finally:
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA IF EXISTS sys_things, sys_things_read CASCADE")


@pytest.mark.django_db
@pytest.mark.parametrize("count", [20_001, 45_000])
@pytest.mark.parametrize("entity", ["thing_none", "thing_bitemporal"])
def test_no_row_of_a_later_step_is_left_behind_however_the_file_of_the_first_grew(
    entity: str, count: int
) -> None:
    install(THINGS, [(CLERK.actor, "clerk")], NOW)
    rows = ((at + 2, [f"{at:06}", TOWN, "2026-11-20"]) for at in range(count))
    loaded = registry.load_records(CLERK, "things", entity, ("code", "town", "day"), rows, NOW)
    assert loaded.rows == count
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute(f"SELECT count(*), count(DISTINCT code) FROM sys_things.{entity}")
        assert cursor.fetchone() == (count, count)
