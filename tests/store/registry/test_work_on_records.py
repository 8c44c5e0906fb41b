"""What the pages ask of the registry: standing, counts, places, traces of readers, one record a form, fair turns."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from tests.store.registry import works
from tests.store.registry.works import CLERK, LI_QIANG, NOW, QIAN_JIN, TOWN, WANG_MIN, ZHAO_JING, ZHOU_HANG
from yiwang.blocks.registry import public as registry
from yiwang.blocks.registry.public import Errand, Wanted
from yiwang.vocabulary.crypto import FileKeyProvider, use_key_provider

pytestmark = pytest.mark.django_db
WATCHER = Errand(ZHOU_HANG, purpose="inspection")


@pytest.fixture(autouse=True)
def _system(tmp_path: Path) -> None:
    use_key_provider(FileKeyProvider(tmp_path / "keys", create=True))
    works.applied()


def test_systems_are_known_to_who_holds_a_role_in_them() -> None:
    assert [one.system.id for one in registry.workplaces(WANG_MIN, NOW)] == ["works"]
    assert registry.works_in_systems(ZHOU_HANG, NOW)
    assert not registry.works_in_systems(ZHAO_JING, NOW)
    with pytest.raises(registry.SystemUnknown):
        registry.workplace(ZHAO_JING, "works", NOW)


def test_standing_follows_role_and_purpose() -> None:
    mine = registry.standing_in(CLERK, "works", "order", NOW)
    assert (mine.reads, mine.writes, mine.purpose_asked) == (True, True, True)
    idle = registry.standing_in(Errand(WANG_MIN), "works", "order", NOW)
    assert (idle.reads, idle.writes, idle.purposes) == (False, False, ("handling", "inspection"))
    theirs = registry.standing_in(WATCHER, "works", "order", NOW)
    assert theirs.writes is False
    assert theirs.shown == {"number", "title", "state", "phone", "caller", "due", "site"}
    assert registry.standing_in(CLERK, "works", "locked", NOW).known is False


def test_hidden_fields_are_named_and_masked_ones_come_masked() -> None:
    number = works.order()
    seen = registry.record(WATCHER, "works", "order", number, NOW)
    assert "content" in seen.hidden
    assert "title" not in seen.hidden
    assert seen.masked == {"phone", "caller"}
    assert (seen.values["phone"], seen.values["caller"]) == ("138****5678", "陈*")
    assert registry.record(CLERK, "works", "order", number, NOW).masked == frozenset()


def test_what_is_shown_masked_is_not_found_by_its_value() -> None:
    works.order()
    for errand, count in ((CLERK, 1), (WATCHER, 0)):
        page = registry.records(errand, "works", "order", Wanted({"phone": "13812345678"}), NOW)
        assert page.total == count
    assert registry.grouped(WATCHER, "works", "order", Wanted({}), "phone", NOW).groups == ()


def test_records_are_counted_by_code_month_place_and_summed() -> None:
    for at in range(5):
        works.order(state="closed" if at < 2 else "new", due=f"2026-1{at % 2}-05", cost=100 * at)
    works.site("A1")

    def counted(entity: str, by: str, **more: object) -> list[tuple[object, int, object]]:
        found = registry.grouped(CLERK, "works", entity, Wanted({}), by, NOW, **more)  # type: ignore[arg-type]
        return [(one.value, one.count, one.total) for one in found.groups]

    assert counted("order", "state", measure="cost") == [("new", 3, "900"), ("closed", 2, "100")]
    assert counted("order", "due", step="month") == [("2026-10", 3, None), ("2026-11", 2, None)]
    assert counted("site", "town", step="county") == [(TOWN[:6], 1, None)]
    assert (
        registry.grouped(CLERK, "works", "order", Wanted({"state": "new"}), "state", NOW, most=1).count == 3
    )
    for wrong in ("channels", "account", "place"):
        with pytest.raises(registry.ListBroken):
            counted("order", wrong)
    with pytest.raises(registry.FieldUnknown):
        counted("order", "nothing")


def test_places_are_those_of_records_that_one_may_see() -> None:
    number = works.order()
    works.order(place=None)
    found, more = registry.places(CLERK, "works", "order", Wanted({}), "place", NOW)
    assert [(one.record, one.east, one.north) for one in found] == [(number, 119.3, 26.08)]
    assert more is False
    assert registry.places(WATCHER, "works", "order", Wanted({}), "place", NOW) == ((), False)


def test_a_reader_leaves_a_trace_and_another_agencys_is_evidence() -> None:
    number = works.order()
    for errand in (CLERK, WATCHER):
        shown = registry.record(errand, "works", "order", number, NOW)
        registry.note_reading(errand, "works", "order", shown, NOW, uncovered=["phone"])
    found, count = registry.readings(CLERK, "works", "order", number, NOW)
    assert count == 2
    assert [(one.name, bool(one.event), one.uncovered) for one in found] == [
        ("周航", True, ("phone",)), ("王敏", False, ("phone",)),
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SELECT entry FROM journal_outbox WHERE entry::text LIKE %s", ["%record-read%"])
        entries = cursor.fetchall()
    assert len(entries) == 1
    assert "13812345678" not in str(entries)
    assert registry.readings(Errand(QIAN_JIN), "works", "order", number, NOW) == ((), 0)
    mine, count = registry.readings(WATCHER, "works", "order", number, NOW)
    assert ([one.name for one in mine], count) == (["周航"], 1), "another agency sees its own reads alone"


@pytest.mark.parametrize("agency", ["11290100MB00000099", ""])
def test_the_log_of_reads_tells_a_third_agency_nothing_even_in_sql(agency: str) -> None:
    number = works.order()
    for errand in (CLERK, WATCHER):
        registry.note_reading(
            errand, "works", "order", registry.record(errand, "works", "order", number, NOW), NOW
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('yw.agency', %s, true)", [agency])
        cursor.execute("SELECT count(*) FROM registry_read")
        assert cursor.fetchone() == (0,)
        with pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute(
                "INSERT INTO registry_read (system, entity, records, account, name, agency, agency_name, owner, purpose,"
                " \"case\", way, fields, uncovered, at, event) SELECT 'works', 'order', ARRAY[%s]::bigint[], 1, 'x', %s, '',"
                " %s, '', '', 'page', 0, '[]', now(), ''",
                [number, CLERK.actor.agency, CLERK.actor.agency],
            )


def test_a_form_sent_twice_makes_one_record_and_a_failed_one_none() -> None:
    given = {"title": "甲", "occurred": "2026-11-18T09:30:00+08:00"}
    with pytest.raises(registry.RecordInvalid):
        registry.create_record(CLERK, "works", "order", {"title": ""}, NOW, once="k")
    first = registry.create_record(CLERK, "works", "order", given, NOW, once="k")
    assert registry.create_record(CLERK, "works", "order", given, NOW, once="k") == first
    other = registry.create_record(
        Errand(LI_QIANG, purpose="handling"), "works", "order", given, NOW, once="k"
    )
    assert other != first


def test_the_second_of_two_editors_is_told() -> None:
    number = works.order()
    seen = registry.revision(CLERK, "works", "order", number, NOW)
    registry.change_record(CLERK, "works", "order", number, {"title": "甲"}, NOW, seen=seen)
    with pytest.raises(registry.RecordChanged):
        registry.change_record(CLERK, "works", "order", number, {"title": "乙"}, NOW, seen=seen)
    with pytest.raises(registry.RecordChanged):
        registry.withdraw_record(CLERK, "works", "order", number, NOW, seen=seen)
    assert registry.record(CLERK, "works", "order", number, NOW).values["title"] == "甲"


def test_the_history_tells_who_did_what_and_why() -> None:
    number = works.site()
    other = Errand(LI_QIANG)
    day, later = date(2026, 11, 25), NOW + timedelta(days=1)
    registry.change_record(other, "works", "site", number, {"state": "worn"}, later, since=day)
    first = date(2026, 11, 20)
    registry.change_record(
        CLERK,
        "works",
        "site",
        number,
        {"name": "真名"},
        later + timedelta(seconds=1),
        reason="看错",
        since=first,
        until=day,
    )
    registry.withdraw_record(
        other, "works", "site", number, later + timedelta(seconds=2), since=day, reason="拆除"
    )
    told = registry.changes(
        registry.history(CLERK, "works", "site", number, later),
        registry.remarks(CLERK, "works", "site", number, later),
    )
    assert [(one.kind, one.by, one.reason) for one in told] == [
        ("withdrawn", "user2", "拆除"), ("corrected", "user1", "看错"), ("changed", "user2", ""), ("created", "user1", ""),
    ]  # fmt: skip
    assert [(d.field, d.before, d.after) for d in told[2].differences] == [("state", "good", "worn")]
    assert (told[1].since, told[1].until) == (date(2026, 11, 20), day)


def test_each_field_knows_who_said_what_it_holds() -> None:
    number = works.order()
    later = NOW + timedelta(days=1)
    registry.change_record(
        Errand(LI_QIANG, purpose="handling"), "works", "order", number, {"title": "乙"}, later
    )
    beliefs = registry.history(CLERK, "works", "order", number, later)
    found = registry.origins(beliefs, registry.record(CLERK, "works", "order", number, later))
    assert (found["title"].by, found["title"].known) == ("user2", later)
    assert (found["content"].by, found["content"].known) == ("user1", NOW)


def test_lists_are_sorted_by_the_last_change_and_by_dates_that_are_there() -> None:
    first, second = works.order(due="2026-11-25"), works.order(now=NOW + timedelta(hours=1), due="2026-11-24")
    undated = works.order(now=NOW + timedelta(minutes=1), due=None)

    def ids(wanted: Wanted) -> list[int]:
        return [one.id for one in registry.records(CLERK, "works", "order", wanted, NOW).records]

    assert ids(Wanted({}, sort="-_known", size=2)) == [second, undated]
    assert ids(Wanted({"due.from": "2000-01-01"}, sort="-due")) == [first, second]
    with pytest.raises(registry.ListBroken):
        ids(Wanted({}, sort="due"))
    page = registry.records(CLERK, "works", "order", Wanted({}, sort="-_known", size=1), NOW)
    assert ids(Wanted({}, sort="-_known", size=1, mark=page.following)) == [undated]
