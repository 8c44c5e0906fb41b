"""What a masked rule shows is masked by the database itself: SQL under the application's role sees no more."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from tests.store.registry.applied import NOW
from tests.store.registry.families import person
from tests.store.registry.installing import field, install
from yiwang.blocks.registry import public as registry
from yiwang.blocks.registry.public import Entity, Errand, Label, RecordRefused, Rule, System, Wanted
from yiwang.vocabulary.crypto import FileKeyProvider, use_key_provider

pytestmark = pytest.mark.django_db
TOWN = "370102001"
PERSON = Entity(
    id="person", title=Label("人", "Person"), key=("id",), history="versions",
    fields=(
        field("id", "text", argument="18", required=True, mask="id", grade=3),
        field("name", "text", argument="20", required=True, search=True, mask="name", grade=3),
        field("phone", "phone", encrypted=True, lookup=True, mask="phone", grade=4),
        field("wage", "money", mask="bank_card", grade=3),
        field("town", "division", argument="town", required=True),
    ),
    rules=(
        Rule(roles=("reg.clerk",), purposes=("dibao",), verbs=("read", "write"), rows='"row"."town" = registry_told(\'division\')'),
        Rule(roles=("reg.officer",), verbs=("read", "write"), masked=True),
        Rule(roles=("reg.counter",), verbs=("read",), fields=("id", "name", "town")),
    ),
)  # fmt: skip
SYSTEM = System(
    id="reg",
    title=Label("人口", "Population"),
    version="1.0.0",
    owner="11290100MB00000011",
    entities=(PERSON,),
)
CLERK, OFFICER, COUNTER = person(1, "王敏", TOWN), person(2, "周航", TOWN), person(3, "陈晨", TOWN)
ID, PHONE = "370102199001011234", "13812345678"


@pytest.fixture(autouse=True)
def _system(tmp_path: Path) -> None:
    use_key_provider(FileKeyProvider(tmp_path / "keys", create=True))
    install(SYSTEM, [(CLERK.actor, "clerk"), (OFFICER.actor, "officer"), (COUNTER.actor, "counter")], NOW)


@pytest.fixture
def number() -> int:
    values = {"id": ID, "name": "李小明", "phone": PHONE, "wage": 500000, "town": TOWN}
    return registry.create_record(CLERK, "reg", "person", values, NOW)


@pytest.fixture
def both(number: int) -> Errand:
    """Somebody who sees names plainly and the rest masked."""
    del number
    registry_roles = connection.cursor()
    registry_roles.execute(
        'INSERT INTO registry_role_holder (system, role, "user", agency, since, given_by)'
        " SELECT system, 'counter', \"user\", agency, since, given_by FROM registry_role_holder WHERE role = 'officer'"
    )
    return OFFICER


def told(roles: str, purpose: str = "") -> list[tuple[object, ...]]:
    """All that plain SQL under the application's role finds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('yw.system_roles', %s, true), set_config('yw.purpose', %s, true),"
            " set_config('yw.division', %s, true)",
            [roles, purpose, TOWN],
        )
        found = []
        for view in ("person", "person__past"):
            cursor.execute(
                f"SELECT id, name, phone IS NULL, _find_phone IS NULL, wage, _masked FROM sys_reg_read.{view}"
            )
            found += cursor.fetchall()
    return found


def test_plain_sql_finds_what_is_behind_the_mask_and_not_the_value(number: int) -> None:
    registry.change_record(CLERK, "reg", "person", number, {"wage": 600000}, NOW)
    masked = ("370102********1234", "李**", False, True, None, ["id", "name", "phone", "wage"])
    assert told("reg.officer") == [masked, masked]
    plain: tuple[object, ...] = (ID, "李小明", False, False, 600000, [])
    assert told("reg.clerk", "dibao") == [plain, (*plain[:4], 500000, [])]
    assert told("reg.clerk") == [], "not without the purpose"
    with connection.cursor() as cursor:
        for probe in (
            "id = %s",
            "id LIKE '%%19900101%%'",
            "name = '李小明'",
            "wage > 0",
            "1 / (length(id) - 18) > 0 AND id = %s",
        ):
            cursor.execute(
                f"SELECT count(*) FROM sys_reg_read.person WHERE {probe} AND registry_holds(ARRAY['reg.officer'])",
                [ID] if "%s" in probe else [],
            )
            assert cursor.fetchone() == (0,)


def test_a_masked_reader_sees_the_masks_and_finds_nothing_by_value(number: int) -> None:
    page = registry.records(OFFICER, "reg", "person", Wanted({}), NOW)
    assert page.records[0].values == {
        "id": "370102********1234", "name": "李**", "phone": "****", "wage": "****", "town": TOWN,
    }  # fmt: skip
    assert page.records[0].masked == {"id", "name", "phone", "wage"}
    for wanted in ({"id": ID}, {"phone": PHONE}, {"name": "李小明"}, {"name": "李**"}):
        assert registry.records(OFFICER, "reg", "person", Wanted(wanted), NOW).total == 0
    assert registry.records(OFFICER, "reg", "person", Wanted({}, text="小明"), NOW).total == 0
    assert registry.records(CLERK, "reg", "person", Wanted({"phone": PHONE}), NOW).total == 1
    assert registry.record(CLERK, "reg", "person", number, NOW).values["phone"] == PHONE


def test_a_field_is_masked_by_itself_where_another_rule_shows_only_some(both: Errand) -> None:
    assert told("reg.officer,reg.counter") == [(ID, "李小明", False, True, None, ["phone", "wage"])]
    assert told("reg.counter") == [(ID, "李小明", True, True, None, [])]
    shown = registry.records(both, "reg", "person", Wanted({"id": ID}), NOW).records[0]
    assert (shown.values["id"], shown.values["name"], shown.values["phone"]) == (ID, "李小明", "138****5678")


def test_nothing_is_sealed_for_a_record_whose_key_is_only_seen_behind_a_mask(number: int) -> None:
    with pytest.raises(RecordRefused):
        registry.change_record(OFFICER, "reg", "person", number, {"phone": "13900000000"}, NOW)
    assert registry.record(CLERK, "reg", "person", number, NOW).values["phone"] == PHONE


def test_pages_of_masked_rows_lose_and_repeat_none() -> None:
    made = {
        registry.create_record(
            CLERK, "reg", "person", {"id": f"3701021990010{at:05d}", "name": "同名", "town": TOWN}, NOW
        )
        for at in range(7)
    }
    seen: list[int] = []
    mark = None
    while True:
        page = registry.records(OFFICER, "reg", "person", Wanted({}, size=2, mark=mark), NOW)
        seen += [one.id for one in page.records]
        mark = page.following
        if mark is None:
            break
    assert (len(seen), set(seen)) == (7, made)
