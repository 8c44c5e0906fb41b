"""Standards are drafted and put in force by the data bureau, and read by everybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection

from tests.store.exchange.cast import CHEN_CHEN, HE_QING, NOW, WANG_MIN, ZHAO_JING, draft
from yiwang.blocks.catalogue.public import create_resource, publish_resource
from yiwang.blocks.standards import public as standards
from yiwang.blocks.standards.domain.errors import StandardNotAllowed, StandardStateWrong, StandardUnknown
from yiwang.vocabulary.data_elements import DataElement, national_elements

STATE = DataElement(
    number="DE-JYZT",
    name="经营状态代码",
    definition="企业是否在经营",
    format="C1",
    longest=1,
    pattern="[1-9]",
)
CODES = b"code,name,parent\n1,in operation,\n2,closed,\n21,struck off,2\n"


@pytest.fixture(autouse=True)
def application(db: None) -> Iterator[None]:
    del db
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE standards_test_app")
        cursor.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO standards_test_app")
        cursor.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO standards_test_app")
        cursor.execute("SET LOCAL ROLE standards_test_app")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


def test_a_draft_counts_for_nobody_until_it_is_put_in_force() -> None:
    assert standards.draft_element(HE_QING, STATE, NOW) == 1
    assert standards.in_force("DE-JYZT") is None
    with pytest.raises(StandardUnknown):
        standards.element(WANG_MIN, "DE-JYZT")
    assert standards.element(HE_QING, "DE-JYZT").row.state == "draft"
    standards.put_element_in_force(HE_QING, "DE-JYZT", NOW)
    assert standards.in_force("DE-JYZT") == STATE
    assert standards.element(ZHAO_JING, "DE-JYZT").row.state == "in_force"


def test_a_new_version_supersedes_the_old_one_and_both_are_kept() -> None:
    standards.draft_element(HE_QING, STATE, NOW)
    standards.put_element_in_force(HE_QING, "DE-JYZT", NOW)
    later = NOW + timedelta(days=1)
    assert standards.draft_element(HE_QING, replace(STATE, pattern="[1-5]"), later, note="缩小") == 2
    assert standards.in_force("DE-JYZT") == STATE
    assert standards.element(WANG_MIN, "DE-JYZT").draft is None, "drafts are the bureau's"
    standards.put_element_in_force(HE_QING, "DE-JYZT", later)
    view = standards.element(WANG_MIN, "DE-JYZT")
    assert [(v.version, v.state) for v in view.versions] == [(2, "in_force"), (1, "superseded")]
    assert view.versions[0].note == "缩小"


def test_a_nodes_edition_stands_before_the_national_one() -> None:
    national = national_elements()["GB/T 2261.1"]
    standards.draft_element(HE_QING, replace(national, verified=True), NOW)
    standards.put_element_in_force(HE_QING, "GB/T 2261.1", NOW)
    view = standards.element(WANG_MIN, "GB/T 2261.1")
    assert view.row.element.verified
    assert [(v.version, v.state) for v in view.versions] == [
        (1, "in_force"),
        (standards.NATIONAL, "superseded"),
    ]
    assert [code.code for code in view.codes] == ["0", "1", "2", "9"]


def test_retiring_names_a_successor_that_is_in_force() -> None:
    standards.draft_element(HE_QING, STATE, NOW)
    standards.put_element_in_force(HE_QING, "DE-JYZT", NOW)
    with pytest.raises(standards.StandardInvalid):
        standards.retire_element(HE_QING, "DE-JYZT", "DE-NONE", NOW)
    standards.retire_element(HE_QING, "DE-JYZT", "GB/T 4754", NOW)
    assert standards.in_force("DE-JYZT") is None
    assert standards.element(WANG_MIN, "DE-JYZT").versions[0].successor == "GB/T 4754"
    with pytest.raises(StandardStateWrong):
        standards.retire_element(HE_QING, "GB/T 4754", "", NOW)


def test_only_the_bureau_registers() -> None:
    for stranger in (WANG_MIN, ZHAO_JING, CHEN_CHEN):
        with pytest.raises(StandardNotAllowed):
            standards.draft_element(stranger, STATE, NOW)
        with pytest.raises(StandardNotAllowed):
            standards.import_elements(stranger, b"number,name\n", NOW)
        with pytest.raises(StandardNotAllowed):
            standards.draft_list_from(stranger, "x-list", "x", CODES, NOW)
    with pytest.raises(StandardStateWrong):
        standards.put_element_in_force(HE_QING, "DE-JYZT", NOW)


def test_sql_under_the_application_role_sees_no_draft_of_the_bureau() -> None:
    standards.draft_element(HE_QING, STATE, NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('yw.roles', 'data_officer', true)")
        cursor.execute("SELECT count(*) FROM standards_element")
        assert cursor.fetchone()[0] == 0


def test_what_is_wrong_is_told_by_field() -> None:
    wrong = DataElement(
        number="x", name=" ", pattern="(", code_list="no-such", longest=-1, type="date", check="uscc"
    )
    with pytest.raises(standards.StandardInvalid) as refused:
        standards.draft_element(HE_QING, wrong, NOW)
    assert {one.where for one in refused.value.problems} == {
        "number", "name", "definition", "pattern", "code_list", "longest", "type",
    }  # fmt: skip


def test_a_file_comes_in_whole_or_not_at_all_and_leaves_as_it_came() -> None:
    given = standards.elements_csv([STATE, national_elements()["GB 11643"]])
    done = standards.import_elements(HE_QING, given.encode(), NOW)
    assert (done.new, done.changed, done.same) == (("DE-JYZT",), (), 1)
    standards.put_element_in_force(HE_QING, "DE-JYZT", NOW)
    assert standards.import_elements(HE_QING, given.encode(), NOW).same == 2
    broken = given + "lower,x,,,text,,,,,,,,,,\nDE-JYZT,x,,,colour,,,,,,,,,,\n"
    with pytest.raises(standards.StandardInvalid) as refused:
        standards.import_elements(HE_QING, broken.encode(), NOW)
    assert any("line 5" in one.where for one in refused.value.problems)
    assert any("lower" in one.where for one in refused.value.problems)
    for unreadable in (b"\xff\xff", b"a,b\n1,2\n", b"number,number,name\n", b"x" * (3 * 1024 * 1024)):
        with pytest.raises(standards.StandardFileUnreadable):
            standards.import_elements(HE_QING, unreadable, NOW)


def test_a_code_list_of_the_node_is_followed_by_elements() -> None:
    standards.draft_list_from(HE_QING, "business-state", "经营状态", CODES, NOW)
    assert standards.codes_in_force("business-state") is None
    standards.put_list_in_force(HE_QING, "business-state", NOW)
    assert standards.codes_in_force("business-state") == ("1", "2", "21")
    standards.draft_element(HE_QING, replace(STATE, pattern="", code_list="business-state"), NOW)
    standards.put_element_in_force(HE_QING, "DE-JYZT", NOW)
    assert [one.number for one in standards.list_view(WANG_MIN, "business-state").elements] == ["DE-JYZT"]
    for codes in (b"code,name\n1,a\n1,b\n", b"code,name,parent\n1,a,9\n", b"code,name\n"):
        with pytest.raises(standards.StandardInvalid):
            standards.draft_list_from(HE_QING, "business-state", "经营状态", codes, NOW)


def test_who_follows_an_element_stands_beside_it() -> None:
    made = draft()
    items = tuple(
        replace(item, element="GB 32100") if item.wire == "信用代码" else item for item in made.items
    )
    code = create_resource(WANG_MIN, replace(made, items=items), NOW)
    assert standards.element(ZHAO_JING, "GB 32100").uses == ()
    publish_resource(WANG_MIN, code, NOW)
    uses = standards.element(ZHAO_JING, "GB 32100").uses
    assert [(one.resource, one.wire) for one in uses] == [(code, "信用代码")]
    row = next(one for one in standards.elements(ZHAO_JING, text="32100"))
    assert row.uses == 1
