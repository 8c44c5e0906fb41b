"""Sums of usage out of the database: for the parties, for those who watch, and for nobody else."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.portal.leaves import leaf, record
from tests.store.exchange.cast import AUDITOR, CONSUMER, HE_QING, OPERATOR, WANG_MIN, ZHAO_JING, ZHOU_HANG
from yiwang.blocks.journal.public import Scope, busiest_days, usage_sums

pytestmark = pytest.mark.django_db
FIRST = date(2026, 11, 1)
LAST = date(2026, 11, 30)


@pytest.fixture(autouse=True)
def calls() -> None:
    """Three days: two answers, one refusal by rule, one failure, and a call that others made."""
    record(
        leaf(time="2026-11-10T04:00:00.000Z", grant="G1", rows=3),
        leaf(time="2026-11-11T04:00:00.000Z", grant="G1", rows=2, purpose="item:1002;case=x"),
        leaf(time="2026-11-11T05:00:00.000Z", kind="refusal", status=403, code="field-not-granted", rows=None, grant="G1", response=None),
        leaf(time="2026-11-12T04:00:00.000Z", kind="refusal", status=503, code="source-slow", rows=None, grant="G1", response=None),
        leaf(time="2026-11-12T04:00:00.000Z", consumer="11290100MB0000009X", provider="11290100MB0000008X", resource="1/1"),
    )  # fmt: skip


def test_the_parts_make_the_whole_in_every_dimension() -> None:
    sums = usage_sums(AUDITOR, Scope(), FIRST, LAST)
    assert (sums.total.calls, sums.total.rows, sums.total.refused, sums.total.failed) == (5, 6, 1, 1)
    assert sums.total.days == 3
    for name in ("day", "consumer", "provider", "resource"):
        assert sum(one.calls for one in sums.by[name]) == 5
    assert [(one.key, one.calls) for one in sums.by["code"]] == [("field-not-granted", 1), ("source-slow", 1)]
    assert [(one.key, one.calls, one.rows) for one in sums.by["purpose"]] == [
        ("item:1001", 2, 4),
        ("item:1002", 1, 2),
    ]
    assert sums.latency.p95 == pytest.approx(11.3, abs=0.1)


def test_a_period_begins_and_ends_with_its_days() -> None:
    one = usage_sums(AUDITOR, Scope(), date(2026, 11, 11), date(2026, 11, 11))
    assert one.total.calls == 2
    both = [
        usage_sums(AUDITOR, Scope(), day, day).total.calls for day in (date(2026, 11, 10), date(2026, 11, 12))
    ]
    assert one.total.calls + sum(both) == 5
    later = usage_sums(AUDITOR, Scope(), LAST + timedelta(days=1), LAST + timedelta(days=9))
    assert later.total.calls == 0
    assert later.latency.p50 is None


@pytest.mark.parametrize("reader", [WANG_MIN, ZHOU_HANG])
def test_a_party_counts_its_own_calls_alone(reader: object) -> None:
    sums = usage_sums(reader, Scope(), FIRST, LAST)  # type: ignore[arg-type]
    assert sums.total.calls == 4
    assert {one.key for one in sums.by["consumer"]} == {CONSUMER}


def test_an_outsider_counts_nothing_however_the_scope_is_named() -> None:
    for scope in (Scope(), Scope(agency=CONSUMER), Scope(resource="306001003/1"), Scope(grant="G1")):
        sums = usage_sums(ZHAO_JING, scope, FIRST, LAST)
        assert sums.total.calls == 0
        assert not any(sums.by.values())
        assert busiest_days(ZHAO_JING, scope, FIRST, LAST) == {}


@pytest.mark.parametrize("reader", [AUDITOR, OPERATOR, HE_QING])
def test_those_who_watch_count_everything_and_narrow_it(reader: object) -> None:
    assert usage_sums(reader, Scope(), FIRST, LAST).total.calls == 5  # type: ignore[arg-type]
    assert usage_sums(reader, Scope(agency=CONSUMER), FIRST, LAST).total.calls == 4  # type: ignore[arg-type]
    assert usage_sums(reader, Scope(resource="1/1"), FIRST, LAST).total.calls == 1  # type: ignore[arg-type]


def test_what_a_quota_is_compared_with_leaves_refusals_out() -> None:
    assert busiest_days(ZHOU_HANG, Scope(), FIRST, LAST) == {"G1": 1}
