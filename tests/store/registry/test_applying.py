"""Declared packages become tables that hold what the declaration says."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from tests.store.registry.applied import NOW, applied, as_application, holder, owner
from yiwang.blocks.registry.public import (
    Errand,
    RecordRefused,
    SystemDrifted,
    Wanted,
    change_record,
    create_record,
    record,
    records,
    system_of,
)
from yiwang.blocks.registry.store.models import Apply

pytestmark = pytest.mark.django_db
ALL = ("divisions", "population", "hotline", "social_assistance")


def test_the_four_packages_are_applied_and_their_steps_stand_in_the_ledger() -> None:
    applied(*ALL)
    assert {row.system: row.state for row in Apply.objects.all()} == dict.fromkeys(ALL, "done")
    assert {step.state for row in Apply.objects.all() for step in row.steps.all()} == {"done"}
    assert len(system_of("social_assistance").entities) == 10


def test_a_package_that_is_in_force_changes_nothing() -> None:
    applied("divisions")
    assert not applied("divisions").changed
    assert Apply.objects.count() == 1


def test_a_keeper_enters_a_division_and_a_reader_sees_it() -> None:
    applied("divisions")
    keeper = holder(1, "divisions.division_keeper", purpose="division_upkeep")
    reader = holder(2, "divisions.division_reader", purpose="reference")
    as_application()
    province = {"code": "370000", "name": "山东省", "level": "province"}
    create_record(keeper, "divisions", "division", province, NOW)
    create_record(keeper, "divisions", "division",
                  {"code": "370100", "name": "济南市", "level": "city", "parent": "370000"}, NOW)  # fmt: skip
    found = records(reader, "divisions", "division", Wanted({}), NOW).records
    assert [(one.values["code"], one.values["below"]) for one in found] == [("370000", 1), ("370100", 0)]
    with pytest.raises(RecordRefused):
        create_record(reader, "divisions", "division", province | {"code": "380000"}, NOW)


def test_a_reader_under_another_purpose_sees_nothing() -> None:
    applied("divisions")
    keeper = holder(1, "divisions.division_keeper", purpose="division_upkeep")
    reader = holder(2, "divisions.division_reader", purpose="curiosity")
    as_application()
    create_record(
        keeper, "divisions", "division", {"code": "370000", "name": "山东省", "level": "province"}, NOW
    )
    assert records(reader, "divisions", "division", Wanted({}), NOW).records == ()


def test_parts_are_reached_by_the_rule_of_what_they_belong_to() -> None:
    applied("population", "social_assistance")
    clerk = holder(1, "social_assistance.town_clerk", purpose="dibao")
    clerk = Errand(clerk.actor, "dibao", "CASE1", clerk.division)
    other = holder(2, "social_assistance.town_clerk", division="370102002", purpose="dibao")
    other = Errand(other.actor, "dibao", "CASE2", other.division)
    as_application()
    create_record(clerk, "social_assistance", "family", {
        "applicant": "11010519491231002X", "district": "370102", "town": "370102001", "residence": "urban",
        "address": "示例路1号", "phone": "13800000000", "account": "6222020000000000001"}, NOW)  # fmt: skip
    family = records(clerk, "social_assistance", "family", Wanted({}), NOW).records[0]
    assert family.values["account"] == "6222020000000000001"
    assert family.values["state"] == "draft"
    member = {
        "family": family.values["number"],
        "person": "11010519491231002X",
        "kind": "shared",
        "relation": "01",
    }
    declared = system_of("social_assistance").entity("member")
    member |= {f.id: "2026-01-01" for f in declared.fields if f.required and f.kind == "date"}
    create_record(clerk, "social_assistance", "member", member, NOW)
    assert len(records(clerk, "social_assistance", "member", Wanted({}), NOW).records) == 1
    assert records(other, "social_assistance", "member", Wanted({}), NOW).records == ()
    with pytest.raises(RecordRefused):
        create_record(other, "social_assistance", "member", member | {"person": "440524188001010014"}, NOW)


def test_an_order_gets_its_number_of_the_day_and_its_changes_are_kept() -> None:
    applied("hotline")
    taker = holder(1, "hotline.call_taker", purpose="handling")
    as_application()
    order = {"channel": "phone", "kind": "help", "category": "010203", "title": "停水", "content": "主管道爆裂",
             "division": "370102001", "helpers": "甲;乙"}  # fmt: skip
    number = create_record(taker, "hotline", "order", order, NOW)
    found = record(taker, "hotline", "order", number, NOW)
    assert found.values["number"] == "RX2026112000001"
    assert found.values["helpers"] == ["甲", "乙"]
    assert found.values["occurred"] is not None
    change_record(taker, "hotline", "order", number, {"urgency": "urgent"}, NOW)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM sys_divisions.division",
        "INSERT INTO sys_divisions.division (code, name, level, _by) VALUES ('1', 'x', 'city', 'x')",
        "DELETE FROM sys_divisions_read.division",
        "UPDATE sys_divisions_read.division SET name = 'x'",
        "SELECT * FROM sys_divisions_share.division",
        "ALTER TABLE sys_divisions.division ADD COLUMN mine text",
    ],
)
def test_the_application_reaches_no_table_past_its_views_and_functions(statement: str) -> None:
    applied("divisions")
    as_application()
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("ALTER TABLE sys_divisions.division ADD COLUMN mine text", "+ column sys_divisions.division.mine"),
        ("GRANT SELECT ON sys_divisions.division TO PUBLIC", "~ table sys_divisions.division"),
        ("DROP VIEW sys_divisions_read.change", "- view sys_divisions_read.change"),
        ("CREATE TABLE sys_divisions.side (x int)", "+ table sys_divisions.side"),
    ],
)
def test_tables_altered_by_hand_are_named_and_the_next_release_is_refused(
    statement: str, named: str, tmp_path: object
) -> None:
    import shutil
    from pathlib import Path

    from tests.store.registry.applied import SYSTEMS

    applied("divisions")
    owner().execute(statement.encode())
    folder = Path(str(tmp_path)) / "divisions"
    shutil.copytree(SYSTEMS / "divisions", folder)
    text = (folder / "system.yaml").read_text(encoding="utf-8")
    (folder / "system.yaml").write_text(
        text.replace("1.1.0", "1.1.1").replace("行政区划, en", "区划, en"), encoding="utf-8"
    )
    with pytest.raises(SystemDrifted) as refused:
        applied(folder)
    changes = refused.value.facts["changes"]
    assert isinstance(changes, list)
    assert named in changes
