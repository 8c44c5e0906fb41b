"""First rules of a resource follow from its entry, and compile for the table that holds it."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from yiwang.blocks.quality.domain import outcomes
from yiwang.blocks.quality.domain.planning import Column, compiled, problems
from yiwang.blocks.quality.domain.proposing import Domain, Item, proposed
from yiwang.dataplane.quality.judging import Judgement
from yiwang.dataplane.quality.rules import Outcome
from yiwang.dataplane.quality.spelling import Spelled
from yiwang.vocabulary.code_lists import code_list, code_list_ids

NOW = datetime(2026, 11, 20, tzinfo=UTC)
TYPES = (
    "character(18)",
    "character varying(50)",
    "date",
    "timestamp without time zone",
    "numeric",
    "boolean",
    "integer",
)


def lists(name: str) -> tuple[str, ...] | None:
    return tuple(code_list(name).codes) if name in code_list_ids() else None


def said(
    *items: Item, types: dict[str, str], key: tuple[str, ...] = (), cycle: str = "daily"
) -> list[Spelled]:
    return list(proposed(items, types, key, cycle, lambda _: None))


def test_a_key_is_there_unique_and_checked() -> None:
    rules = said(
        Item("gmsfhm", "公民身份号码", 18, "person", "resident_id"),
        types={"gmsfhm": "character(18)"},
        key=("gmsfhm",),
    )
    assert [(one.rule, one.severity) for one in rules] == [
        ("unique", "blocking"), ("not_null", "blocking"), ("check_digit", "blocking"),
    ]  # fmt: skip


def test_a_coded_item_follows_the_national_list_of_its_name() -> None:
    rules = said(Item("hyzk", "婚姻状况代码", 2), types={"hyzk": "character(2)"})
    assert [(one.rule, one.code_list) for one in rules] == [("not_null", None), ("in_list", "marital-status")]
    assert all(one.rule != "in_list" for one in said(Item("xb", "性别名称", 20), types={"xb": "text"}))
    relation = said(Item("gx", "与户主关系代码", 2), types={"gx": "character(2)"})
    assert all(one.rule != "in_list" for one in relation), "a list that is held in part condemns nobody"


def test_a_registered_element_says_more_than_the_name() -> None:
    rules = proposed(
        [Item("lb", "类别代码", 2, element="DE01")], {"lb": "text"}, (), "daily",
        lambda number: Domain(code_list="sex", pattern="[0-9]", longest=1) if number == "DE01" else None,
    )  # fmt: skip
    assert {one.rule for one in rules} == {"not_null", "in_list", "pattern"}


def test_dates_do_not_lie_ahead_but_ends_may() -> None:
    assert any(one.rule == "expr" for one in said(Item("clrq", "成立日期"), types={"clrq": "date"}))
    assert all(one.rule != "expr" for one in said(Item("yxq", "有效期至"), types={"yxq": "date"}))


def test_the_update_cycle_is_what_the_newest_row_must_keep() -> None:
    item, types = Item("gxsj", "更新时间"), {"gxsj": "timestamp without time zone"}
    assert [one.within for one in said(item, types=types, cycle="monthly") if one.rule == "recent"] == ["40d"]
    assert all(one.rule != "recent" for one in said(item, types=types, cycle="irregular"))


_items = st.tuples(
    st.builds(
        Item,
        st.sampled_from(["gmsfhm", "xm", "性别", "gxsj", "clrq", "住所", "a1", "z_9", "from", "select"]),
        st.sampled_from(
            ["公民身份号码", "性别代码", "更新时间", "成立日期", "住所", "有效期至", "民族", "金额", ""]
        ),
        st.integers(0, 300),
        st.sampled_from([None, "person", "organisation"]),
        st.sampled_from([None, "resident_id", "uscc"]),
    ),
    st.sampled_from(TYPES),
)


@given(st.lists(_items, max_size=6, unique_by=lambda one: one[0].wire))
def test_whatever_is_proposed_can_be_kept_and_run(drawn: list[tuple[Item, str]]) -> None:
    items = [item for item, _ in drawn]
    types = {item.wire: kind for item, kind in drawn}
    key = tuple(item.wire for item in items[:1])
    entries = list(map(_plain, proposed(items, types, key, "weekly", lambda _: None)))
    columns = {wire: Column(f'"source"."{wire}"', kind) for wire, kind in types.items()}
    assert problems(entries, columns, NOW, lists) == ()
    made = compiled(entries, columns, NOW, lists)
    assert made.left_out == ()
    covered = {field for rule in made.rules for field in rule.fields}
    assert covered == set(types), "every item is looked at"


def _plain(spelled: Spelled) -> object:
    import msgspec

    return msgspec.to_builtins(spelled)


def test_a_rule_on_a_sealed_field_is_not_run_and_says_so() -> None:
    columns = {
        "phone": Column('"source"."phone"', "bytea", encrypted=True),
        "name": Column('"source"."name"', "text"),
    }
    made = compiled(
        [{"rule": "not_null", "fields": ["name", "phone"]}, {"rule": "length", "field": "name", "max": 5}],
        columns, NOW, lists,
    )  # fmt: skip
    assert [rule.id for rule in made.rules] == ["not_null.name", "length.name"]
    assert [(one.rule.id, one.reason) for one in made.left_out] == [("not_null.phone", "encrypted")]


def test_what_could_not_be_tested_has_no_score_however_well_its_source_answers() -> None:
    made = compiled([{"rule": "not_null", "fields": ["gone"]}], {}, NOW, lists)
    found = Judgement(0, {}, {})
    assert outcomes.scored(made, found, (), Outcome("reachable", 3, 0)).value is None
    assert outcomes.results(made, found, {})[0].reason == "unmapped"


def test_marks_tell_rows_apart_and_say_nothing() -> None:
    key = b"k" * 16
    one = outcomes.mark(key, "306/1", ("110101199003070011",))
    assert one == outcomes.mark(key, "306/1", ("110101199003070011",))
    others = (
        outcomes.mark(key, "306/2", ("110101199003070011",)),
        outcomes.mark(b"j" * 16, "306/1", ("110101199003070011",)),
    )
    assert len({one, *others}) == 3
    assert outcomes.mark(key, "r", ("a", "b")) != outcomes.mark(key, "r", ("ab",))
