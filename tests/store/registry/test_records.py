"""Records of a declared table through the block's door, under the application's own database role."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from tests.store.registry.families import (
    CLERK,
    COMMITTEE,
    DIRECTOR,
    NEIGHBOUR,
    NOW,
    OTHER_TOWN,
    OUTSIDER,
    TOWN,
    applied,
)
from yiwang.blocks.registry import public as registry
from yiwang.blocks.registry.public import Errand, Wanted
from yiwang.vocabulary.crypto import FileKeyProvider, use_key_provider

pytestmark = pytest.mark.django_db
GIVEN = {"town": TOWN, "head": "张某", "income": "123456", "account": "6222000011112222", "amount": 20000}


@pytest.fixture(autouse=True)
def _system(tmp_path: Path) -> None:
    use_key_provider(FileKeyProvider(tmp_path / "keys", create=True))
    applied()


def created(errand: Errand = CLERK, **more: object) -> int:
    return registry.create_record(errand, "aid", "family", {**GIVEN, **more}, NOW)


def test_a_record_is_made_with_its_number_its_defaults_and_its_derived_value() -> None:
    found = registry.record(CLERK, "aid", "family", created(), NOW)
    assert found.values == {
        "number": f"JZ{TOWN[:6]}20260001", "town": TOWN, "head": "张某", "state": "draft", "income": 123456,
        "account": "6222000011112222", "amount": 20000, "poor": True,
    }  # fmt: skip
    assert (found.since, found.until, found.by) == (date(2026, 11, 20), None, "user1")


def test_every_wrong_value_is_named_and_nothing_is_written() -> None:
    with pytest.raises(registry.RecordInvalid) as caught:
        created(head="一二三四五六七八九十一", state="old", amount="1.5", nothing="x", poor=True)
    assert [problem.field for problem in caught.value.problems] == [
        "nothing",
        "poor",
        "head",
        "state",
        "amount",
    ]
    assert "active" in caught.value.problems[3].message_en
    assert registry.records(DIRECTOR, "aid", "family", Wanted({}), NOW).total == 0


def test_a_change_begins_on_its_day_and_the_past_stays_as_it_was_known() -> None:
    number = created()
    later, day = NOW + timedelta(days=3), date(2026, 11, 25)
    registry.change_record(CLERK, "aid", "family", number, {"state": "active", "amount": 0}, later, since=day)

    def at(on: date, *, known: bool = False) -> object:
        then = NOW + timedelta(hours=1) if known else None
        return registry.record(CLERK, "aid", "family", number, later, on=on, known=then).values["state"]

    assert [at(date(2026, 11, 24)), at(day), at(day, known=True)] == ["draft", "active", "draft"]
    told = registry.history(CLERK, "aid", "family", number, later)
    assert [(one.values["state"], one.replaced is None) for one in told] == [
        ("active", True), ("draft", False), ("draft", True),
    ]  # fmt: skip


def test_a_withdrawn_record_is_gone_but_its_history_is_not() -> None:
    number = created()
    registry.withdraw_record(
        CLERK, "aid", "family", number, NOW + timedelta(days=1), since=date(2026, 11, 20)
    )
    with pytest.raises(registry.RecordUnknown):
        registry.record(CLERK, "aid", "family", number, NOW)
    assert len(registry.history(CLERK, "aid", "family", number, NOW)) == 1


def test_nobody_reads_or_writes_past_the_declaration() -> None:
    number = created()
    for stranger in (NEIGHBOUR, OUTSIDER, Errand(CLERK.actor, purpose="payment", division=TOWN)):
        with pytest.raises(registry.RecordUnknown):
            registry.record(stranger, "aid", "family", number, NOW)
        assert registry.records(stranger, "aid", "family", Wanted({}), NOW).records == ()
        with pytest.raises(registry.RecordRefused):
            registry.create_record(stranger, "aid", "family", GIVEN, NOW)
    with pytest.raises(registry.RecordUnknown):
        registry.change_record(NEIGHBOUR, "aid", "family", number, {"state": "active"}, NOW)
    with pytest.raises(registry.RecordRefused):
        registry.change_record(DIRECTOR, "aid", "family", number, {"state": "active"}, NOW)
    with pytest.raises(registry.RecordRefused):  # nor out of one's own reach
        registry.change_record(CLERK, "aid", "family", number, {"town": OTHER_TOWN}, NOW)


def test_a_role_that_may_see_some_fields_sees_these_alone() -> None:
    seen = registry.record(COMMITTEE, "aid", "family", created(), NOW).values
    assert {name for name, value in seen.items() if value is not None} == {"number", "head", "state"}
    assert registry.record(DIRECTOR, "aid", "family", created(head="李某"), NOW).values["income"] == 123456


def test_the_database_itself_shows_no_more_and_holds_no_plaintext() -> None:
    created()
    for statement in (
        "SELECT * FROM sys_aid.family",
        "UPDATE sys_aid.family SET amount = 1",
        "SELECT * FROM sys_aid.family__past",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sys_aid_read.family")
        assert cursor.fetchone() == (0,)  # nobody was named
        cursor.execute("RESET ROLE")
        cursor.execute("SELECT f::text FROM sys_aid.family f")
        stored = cursor.fetchone()[0]
    assert "123456" not in stored
    assert "6222000011112222" not in stored
    assert b"6222000011112222".hex() not in stored


def test_an_encrypted_value_is_found_by_its_digest_and_by_nothing_else() -> None:
    number = created()
    created(account="6222000099998888")
    page = registry.records(CLERK, "aid", "family", Wanted({"account": "6222000011112222"}), NOW)
    assert [one.id for one in page.records] == [number]
    for broken in ({"account.from": "6"}, {"income": "123456"}):
        with pytest.raises(registry.ListBroken):
            registry.records(CLERK, "aid", "family", Wanted(broken), NOW)


def test_a_list_is_filtered_searched_sorted_and_paged_without_loss() -> None:
    for at in range(7):
        created(head=f"户主{at}", state="active" if at % 2 else "draft")
    page = registry.records(CLERK, "aid", "family", Wanted({"state": "active"}, size=2), NOW)
    assert (page.total, [one.values["head"] for one in page.records]) == (3, ["户主1", "户主3"])
    rest = registry.records(
        CLERK, "aid", "family", Wanted({"state": "active"}, size=2, mark=page.following), NOW
    )
    assert ([one.values["head"] for one in rest.records], rest.following) == (["户主5"], None)
    down = registry.records(CLERK, "aid", "family", Wanted({}, text="户主", sort="-head", size=3), NOW)
    assert [one.values["head"] for one in down.records] == ["户主6", "户主5", "户主4"]
    more = registry.records(
        CLERK, "aid", "family", Wanted({}, text="户主", sort="-head", size=9, mark=down.following), NOW
    )
    assert [one.values["head"] for one in more.records] == ["户主3", "户主2", "户主1", "户主0"]
    assert registry.records(CLERK, "aid", "family", Wanted({"town": "290102"}), NOW).total == 7


@pytest.mark.parametrize("mark", ["!!", "WzFd", "e30"])
def test_a_broken_page_mark_is_told(mark: str) -> None:
    with pytest.raises(registry.ListBroken):
        registry.records(CLERK, "aid", "family", Wanted({}, sort="head", mark=mark), NOW)


def test_a_key_is_unique_and_never_changed() -> None:
    created(number="JZ1")
    with pytest.raises(registry.KeyTaken), transaction.atomic():
        created(number="JZ1")
    number = created()
    with pytest.raises(registry.RecordInvalid):
        registry.change_record(CLERK, "aid", "family", number, {"number": "JZ9"}, NOW)
