"""Rules as people write them: read, refused with what is wrong, and taken through the open contract and back."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.dataplane.quality import rules as r
from yiwang.dataplane.quality.contracts import from_contract, to_contract
from yiwang.dataplane.quality.errors import QualityRuleWrong
from yiwang.dataplane.quality.spelling import Spelled, rules_of, seconds_of

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LISTS = {"gbt2261_1": ("0", "1", "2", "9")}


def condition(text: str) -> r.Condition:
    return r.Condition({"duckdb": text}, ("a",))


def read(*entries: object) -> tuple[r.Rule, ...]:
    return rules_of(entries, NOW, condition, LISTS.get)


def test_one_entry_over_several_fields_is_a_rule_each_but_for_unique() -> None:
    found = read({"rule": "not_null", "fields": ["name", "sex"]}, {"rule": "unique", "fields": ["a", "b"]})
    assert [rule.id for rule in found] == ["not_null.name", "not_null.sex", "unique.a_b"]
    assert [rule.dimension for rule in found] == ["完整性", "完整性", "规范性"]


def test_a_code_list_is_looked_up_by_name() -> None:
    (rule,) = read({"rule": "in_list", "field": "sex", "list": "gbt2261_1"})
    assert isinstance(rule, r.InList)
    assert rule.values == ("0", "1", "2", "9")


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"rule": "not_nul", "field": "a"}, "there is no rule `not_nul`"),
        ({"rule": "not_null"}, "`fields` is missing"),
        ({"rule": "range", "fields": ["a", "b"], "min": 1}, "looks at one field"),
        ({"rule": "in_list", "field": "a", "list": "nowhere"}, "no code list `nowhere`"),
        ({"rule": "pattern", "field": "a", "pattern": "(?=x)"}, "looks around"),
        ({"rule": "pattern", "field": "a", "pattern": "("}, "broken"),
        ({"rule": "fresh", "field": "a", "within": "soon"}, "no duration: soon"),
        ({"rule": "check_digit", "field": "a"}, "`kind` is missing"),
        ({"rule": "check_digit", "field": "a", "kind": "luhn"}, "luhn"),
        ({"rule": "expr", "expr": "true", "dimension": "准确性"}, "`id` is missing"),
        ({"rule": "refers", "fields": ["a"], "target": "t", "keys": ["x", "y"]}, "one name for each"),
        ({"rule": "length", "field": "a", "min": 1.5}, "whole numbers"),
        ({"rule": "not_null", "field": "a", "severty": "major"}, "severty"),
        ("not_null", "object"),
    ],
)
def test_a_wrong_entry_is_named_by_its_number_and_what_is_wrong(entry: object, told: str) -> None:
    with pytest.raises(QualityRuleWrong) as caught:
        read({"rule": "not_null", "field": "fine"}, entry)
    assert caught.value.facts["number"] == 2
    assert told in str(caught.value.facts["problem"])


def test_two_rules_with_one_id_are_refused() -> None:
    with pytest.raises(QualityRuleWrong, match="stands twice"):
        read({"rule": "not_null", "field": "a"}, {"rule": "not_null", "field": "a"})


@pytest.mark.parametrize(
    ("text", "seconds"), [("2d", 172_800), ("30min", 1800), ("1mo", 2_592_000), ("2wd", None)]
)
def test_durations(text: str, seconds: int | None) -> None:
    assert seconds_of(text) == seconds


_names = st.sampled_from(["a", "b", "名称"])
_entries = st.one_of(
    st.builds(Spelled, rule=st.just("not_null"), fields=st.lists(_names, min_size=1, max_size=2, unique=True),
              severity=st.sampled_from(["blocking", "major", "minor"])),
    st.builds(Spelled, rule=st.just("range"), field=_names, min=st.integers(), max=st.none() | st.integers()),
    st.builds(Spelled, rule=st.just("in_list"), field=_names, values=st.lists(st.text(max_size=3), max_size=3)),
    st.builds(Spelled, rule=st.just("expr"), id=st.just("e"), dimension=st.just("一致性"), expr=st.text(min_size=1)),
)  # fmt: skip


@given(st.lists(_entries, max_size=5))
def test_a_contract_written_and_read_back_has_the_same_rules(entries: list[Spelled]) -> None:
    contract = to_contract("c", "people", {"a": "string", "b": "integer", "名称": "string"}, entries)
    back = from_contract(contract)
    assert back.left_out == ()
    told = [msgspec.json.encode(msgspec.to_builtins(entry), order="sorted") for entry in entries]
    assert sorted(told) == sorted(msgspec.json.encode(entry, order="sorted") for entry in back.entries)


def test_a_contract_of_others_is_read_as_far_as_rules_can_say_it() -> None:
    contract = {
        "kind": "DataContract",
        "schema": [
            {
                "name": "people",
                "properties": [
                    {"name": "id", "primaryKey": True, "required": True},
                    {"name": "age", "logicalTypeOptions": {"minimum": 0, "maximum": 130}},
                    {"name": "sex", "quality": [
                        {"metric": "invalidValues", "arguments": {"validValues": ["1", "2"]}, "mustBe": 0,
                         "severity": "warning", "dimension": "conformity"},
                        {"id": "few", "metric": "nullValues", "mustBeLessThan": 5, "unit": "percent"},
                    ]},
                ],
                "quality": [{"id": "by_sql", "type": "sql", "query": "SELECT 1", "mustBe": 1}],
            }
        ],
    }  # fmt: skip
    found = from_contract(contract)
    assert found.entries == (
        {"rule": "not_null", "fields": ["id"], "severity": "blocking"},
        {"rule": "unique", "fields": ["id"], "severity": "blocking"},
        {"rule": "range", "field": "age", "min": 0, "max": 130},
        {
            "rule": "in_list",
            "fields": ["sex"],
            "values": ["1", "2"],
            "dimension": "规范性",
            "severity": "minor",
        },
    )
    assert found.left_out == ("few", "by_sql")


def test_what_is_no_contract_is_refused() -> None:
    with pytest.raises(ValueError, match="no Open Data Contract"):
        from_contract({"kind": "Pipeline"})
