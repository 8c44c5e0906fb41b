"""CEL: what parses, what the checker refuses, what the evaluator gives."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.systems.likeness import SCOPE
from yiwang.systems.cel.checking import check
from yiwang.systems.cel.evaluating import Evaluator, ExpressionFailed
from yiwang.systems.cel.parsing import MAX_DEPTH, MAX_LENGTH, CelSyntax, parse
from yiwang.systems.cel.tree import Call, children

RUN = Evaluator("370100")


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("row.a &", 6), ("row.a == ", 9), ("(row.a", 6), ("row.'a'", 4), ("row.a = 1", 6), ("x.map(1, x)", 6),
        ("'open", 0), ("1 + ", 4), ("in", 0), ("a b", 2), ("9223372036854775808", 0), ("'\\q'", 1),
    ],
)  # fmt: skip
def test_what_does_not_parse_is_named_with_its_character(text: str, start: int) -> None:
    with pytest.raises(CelSyntax) as caught:
        parse(text)
    assert caught.value.start == start


@pytest.mark.parametrize(
    "text",
    ["a" * (MAX_LENGTH + 1), "(" * (MAX_DEPTH + 1) + "1" + ")" * (MAX_DEPTH + 1), "!" * (MAX_DEPTH + 2) + "true",
     "a.map(b, a.map(c, a.map(d, a.map(e, 1))))"],
)  # fmt: skip
def test_expressions_are_bounded(text: str) -> None:
    with pytest.raises(CelSyntax):
        parse(text)


@settings(max_examples=200, deadline=None)
@given(text=st.text(alphabet="row.abxn()[]{}=!<>&|+-*/%?:,'\"01 \\", max_size=40))
def test_no_text_makes_the_parser_fail(text: str) -> None:
    with suppress(CelSyntax):
        check(parse(text), SCOPE)


def test_precedence_is_that_of_cel() -> None:
    tree = parse("a || b && c == d + e * -f")
    assert isinstance(tree, Call)
    assert tree.function == "||"
    assert [one.function for one in children(tree) if isinstance(one, Call)] == ["&&"]


@pytest.mark.parametrize(
    "text",
    [
        "row.t > 1", "row.t == 1", "row.m + 'a'", "row.m + 0.5", "row.missing == 1", "nothing == 1", "row.t.upper() == 'A'",
        "row.m", "!row.m", "row.m && true", "size(row.m) == 1", "row.m in ['a']", "row.d == now_", "row.d > 'x'",
        "row.lines.exists(l, l.q == 1)", "row.lines.w == 1", "[1, 'a'] == [1]", "row.b ? 1 : 'a'", "age(row.t, today) > 1",
        "row.lines.exists(row, true)", "row.home.missing == 'a'", "row.t.startsWith(1)", "row.m.exists(x, true)",
        "(row.b == row.o) == null", "size(row.t) == null",
    ],
)  # fmt: skip
def test_the_checker_refuses(text: str) -> None:
    checked = check(parse(text), SCOPE)
    assert [one for one in checked.problems if one.kind != "nullable"] or checked.type.kind != "bool"


def warned(text: str) -> bool:
    return any(one.kind == "nullable" for one in check(parse(text), SCOPE).problems)


def test_arithmetic_on_what_may_be_empty_is_warned_of_unless_it_was_tested() -> None:
    assert warned("row.i + 1 > 0")
    assert warned("row.at.rooms * 2 > 0")
    assert not warned("row.m + 1 > 0")
    assert not warned("row.i != null && row.i + 1 > 0")
    assert not warned("row.i == null || row.i + 1 > 0")
    assert not warned("(row.i != null ? row.i : 0) + 1 > 0")
    assert not warned("sum(row.lines.filter(l, l.a != null).map(l, l.a + 1)) > 0")


@pytest.mark.parametrize(
    "text", ["row.i + 1 > 0", "row.i > 0", "1 / row.z == 1", "row.gone == 1", "org('a', 'b', 'c') == ''"]
)
def test_a_failure_never_counts_as_true(text: str) -> None:
    values = {"row": {"i": None, "z": 0}}
    assert RUN.holds(text, values) is False
    assert RUN.holds(f"!({text})", values) is False
    with pytest.raises(ExpressionFailed):
        RUN.value(text, values)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("div_half_up(5, 2)", 3), ("div_half_up(-5, 2)", -3), ("div_half_up(7, 3)", 2), ("yuan(40005)", "400.05"),
        ("yuan(-5)", "-0.05"), ("mask('王示例')", "王**"), ("sum([1, 2, 3])", 6), ("sum_real([0.5, 1.0])", 1.5),
        ("largest([1, 3, 2])", 3), ("age(date('2008-02-29'), date('2026-02-28'))", 17),
        ("add_months(date('2026-01-31'), 1) == date('2026-02-28')", True),
        ("add_workdays(date('2026-02-13'), 3) == date('2026-02-25')", True),
        ("workdays(date('2026-02-13'), date('2026-02-25'))", 3),
        ("month_start(date('2026-02-13')) == date('2026-02-01')", True), ("period(date('2026-02-13'), 'month')", "2026-02"),
        ("sex_of('110101199001010015')", "1"), ("birth_date('110101199001010015') == date('1990-01-01')", True),
        ("date_of(timestamp('2026-01-01T17:00:00Z')) == date('2026-01-02')", True),
    ],
)  # fmt: skip
def test_functions_give_their_values(text: str, value: object) -> None:
    assert RUN.value(text, {}) == value


def test_a_sample_is_the_share_it_says() -> None:
    chosen = sum(RUN.holds("in_sample(key, 30)", {"key": f"case {number}"}) for number in range(1000))
    assert 250 <= chosen <= 350


def test_values_of_python_are_taken_as_they_are() -> None:
    row = {
        "d": dt.date(2026, 1, 1),
        "at": dt.datetime(2026, 1, 1, 8, tzinfo=dt.UTC),
        "l": [{"d": dt.date(2026, 1, 2)}],
    }
    assert RUN.holds("row.l.exists(x, x.d == add_days(row.d, 1)) && row.at > row.d", {"row": row})
