"""The score: weights by severity, unmeasured dimensions left out, a broken blocking rule caps the level."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.dataplane.quality import rules as r
from yiwang.dataplane.quality.scoring import score


def rule(name: str, dimension: r.Dimension = "完整性", severity: r.Severity = "major") -> r.Rule:
    return r.NotNull(id=name, dimension=dimension, severity=severity, field=name)


def found(**outcomes: tuple[int, int]) -> dict[str, r.Outcome]:
    return {name: r.Outcome(name, tested, failed) for name, (tested, failed) in outcomes.items()}


def test_the_worked_example() -> None:
    rules = [rule("a", severity="blocking"), rule("b"), rule("c", "准确性", "minor")]
    got = score(rules, found(a=(100, 0), b=(100, 20), c=(50, 25)), ["a", "b", "c", "d"])
    # 完整性 = (9·1 + 3·0.8) / 12 = 0.95, 准确性 = 0.5, together 72.5
    assert got.dimensions == pytest.approx({"完整性": 0.95, "准确性": 0.5})
    assert (got.value, got.level, got.fields_covered) == (72.5, 3, 0.75)


def test_a_broken_blocking_rule_caps_the_level() -> None:
    got = score([rule("a", severity="blocking")], found(a=(1_000_000, 1)), ["a"])
    assert got.value == 99.9
    assert (got.level, got.blocked) == (2, ("a",))


def test_what_could_not_be_tested_does_not_count_as_good() -> None:
    got = score([rule("a"), rule("b", "准确性")], found(a=(0, 0), b=(10, 5)), ["a", "b"])
    assert list(got.dimensions) == ["准确性"]
    assert got.value == 50.0
    assert score([rule("a")], found(a=(0, 0)), ["a"]).value is None


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=6))
def test_only_a_faultless_table_reads_one_hundred(pairs: list[tuple[int, int]]) -> None:
    rules = [rule(f"r{n}", r.DIMENSIONS[n % 6]) for n in range(len(pairs))]
    outcomes = {f"r{n}": r.Outcome(f"r{n}", max(t, f), f) for n, (t, f) in enumerate(pairs)}
    got = score(rules, outcomes, ["x"])
    if got.value is not None:
        assert 0 <= got.value <= 100
        assert (got.value == 100) == (not any(o.failed for o in outcomes.values()))
