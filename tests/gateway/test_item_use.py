"""Items that answers held are counted beside the evidence, by gateways that may stop, or lose their database."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import psycopg
import pytest

from tests.gateway.stage import CODE, CONSUMER, NAMES, PEOPLE, PROVIDER, Stage
from tests.unit.gateway.cases import grant as grant_of
from tests.unit.gateway.cases import resource
from yiwang.gateway import item_use
from yiwang.gateway.item_use import ItemUse, Used

DAY = date(2026, 11, 20)
Counted = dict[str, tuple[int, int]]


def counted(stage: Stage, grant: str) -> Counted:
    """Calls and rows by item."""
    with psycopg.connect(stage.node.urls.owner) as connection:
        rows = connection.execute(
            "SELECT item, calls, rows FROM journal_item_use WHERE grant_id = %s AND resource <> ''", [grant]
        ).fetchall()
    return {item: (calls, found) for item, calls, found in rows}


def used(grant: str, *items: str) -> Used:
    return Used(grant_of(id=grant), resource(), items)


def test_an_answer_counts_what_it_holds_and_a_refusal_nothing(stage: Stage) -> None:
    grant = stage.grant().id
    gateway = stage.node.gateway("gw7")
    gateway.wait()
    by_number = {"身份号码": PEOPLE[0]}
    for _ in range(2):
        assert (
            stage.query(by_number, grant=grant, to=gateway, more={"fields": ["姓名", "区划"]}).status == 200
        )
    assert (
        stage.query(
            {"身份号码": "110101199003070011"}, grant=grant, to=gateway, more={"fields": ["姓名"]}
        ).status
        == 200
    )
    assert stage.query(by_number, grant=grant, to=gateway, more={"fields": ["没有"]}).status == 403
    asked = stage.query(by_number, grant=grant, to=gateway)
    gateway.stop()
    found = counted(stage, grant)
    assert found["姓名"] == (4, 4)
    assert found["区划"] == (3, 3)
    assert found["收入"] == (1, 1)
    assert set(found) == set(asked.json["rows"][0])
    with psycopg.connect(stage.node.urls.owner) as connection:
        parties = connection.execute(
            "SELECT DISTINCT consumer, provider, resource FROM journal_item_use WHERE grant_id = %s", [grant]
        ).fetchall()
    assert parties == [(CONSUMER, PROVIDER, CODE)]


def test_a_verification_counts_what_it_compares(stage: Stage) -> None:
    grant = stage.grant().id
    gateway = stage.node.gateway("gw8")
    gateway.wait()
    one, stage.one = stage.one, gateway
    try:
        assert stage.verify({"身份号码": PEOPLE[0]}, {"姓名": NAMES[0]}, grant=grant).status == 200
    finally:
        stage.one = one
        gateway.stop()
    assert counted(stage, grant) == {"姓名": (1, 1)}


def test_two_writings_are_added_up_and_nothing_is_written_twice(stage: Stage) -> None:
    async def run() -> None:
        use, both, one = ItemUse(stage.node.urls.gateway), used("G-add", "a", "b"), used("G-add", "b")
        use.note(DAY, both, 3)
        use.note(DAY, one, 1)
        await use.write()
        await use.write()
        use.note(DAY, one, 0)
        await use.write()

    asyncio.run(run())
    assert counted(stage, "G-add") == {"a": (1, 3), "b": (3, 4)}


def test_calls_around_midnight_count_for_their_own_day(stage: Stage) -> None:
    async def run() -> None:
        use, one = ItemUse(stage.node.urls.gateway), used("G-day", "a")
        use.note(DAY, one, 1)
        use.note(DAY, one, 1)
        use.note(DAY + timedelta(days=1), one, 5)
        await use.write()

    asyncio.run(run())
    with psycopg.connect(stage.node.urls.owner) as connection:
        rows = connection.execute(
            "SELECT day, calls, rows FROM journal_item_use WHERE grant_id = 'G-day' ORDER BY day"
        ).fetchall()
    assert rows == [(DAY, 2, 2), (DAY + timedelta(days=1), 1, 5)]


def test_what_could_not_be_written_is_written_later(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        use, one = ItemUse("postgresql://nobody@127.0.0.1:1/none"), used("G-later", "a")
        use.note(DAY, one, 1)
        await use.write()
        use.note(DAY, one, 1)
        monkeypatch.setattr(use, "_dsn", stage.node.urls.gateway)
        await use.write()

    asyncio.run(run())
    assert counted(stage, "G-later") == {"a": (2, 2)}


def test_a_flood_of_different_questions_does_not_fill_the_memory(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        monkeypatch.setattr(item_use, "MOST", 2)
        use = ItemUse(stage.node.urls.gateway, every=0.01)
        for number in range(5):
            use.note(DAY, used("G-flood", f"i{number}"), 1)
        use.start()
        await asyncio.sleep(0.3)
        use.note(DAY, used("G-flood", "i4"), 1)
        await use.stop()

    asyncio.run(run())
    assert counted(stage, "G-flood") == {"i0": (1, 1), "i1": (1, 1), "i4": (1, 1)}
