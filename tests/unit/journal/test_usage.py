"""Sums of usage: whatever the dimension, the parts make the whole."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from yiwang.blocks.journal.domain.rollup import BUCKETS, bucket_of, roll, upper_ms
from yiwang.blocks.journal.domain.usage import Tally, latency_of, ordered

DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))
COUNTS = st.lists(st.tuples(DAYS, st.integers(0, BUCKETS - 1), st.integers(1, 1000)), max_size=40)


@given(COUNTS)
def test_quantiles_are_ordered_and_every_day_has_its_own(counts: list[tuple[date, int, int]]) -> None:
    latency, daily = latency_of(counts)
    if not counts:
        assert (latency.p50, latency.p95, latency.p99) == (None, None, None)
        return
    assert latency.p50 is not None
    assert latency.p95 is not None
    assert latency.p99 is not None
    assert latency.p50 <= latency.p95 <= latency.p99
    assert set(daily) == {day for day, _bucket, _n in counts}
    assert max(daily.values()) >= latency.p95 >= min(daily.values())


@given(st.integers(0, 10**10))
def test_a_duration_never_lies_above_the_end_of_its_bucket(took_us: int) -> None:
    bucket = bucket_of(took_us)
    assert bucket == BUCKETS - 1 or took_us / 1000 <= upper_ms(bucket)


@given(st.lists(st.builds(Tally, st.text(max_size=3), *[st.integers(0, 99)] * 5), max_size=9))
def test_days_stand_in_their_order_and_the_rest_by_calls(tallies: list[Tally]) -> None:
    days = ordered("day", tallies)
    assert [one.key for one in days] == sorted(one.key for one in tallies if one.key)
    calls = [one.calls for one in ordered("resource", tallies)]
    assert calls == sorted(calls, reverse=True)


def text(day: date, kind: str, purpose: str, rows: int = 1) -> str:
    code = '"value-invalid"' if kind == "refusal" else "null"
    return (
        f'{{"kind":"{kind}","time":"{day}T04:00:00Z","status":{422 if kind == "refusal" else 200},"consumer":"c",'
        f'"provider":"p","resource":"r","grant":"g","code":{code},"rows":{rows},"purpose":"{purpose}"}}'
    )


@given(
    st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["query", "verify", "refusal"]), st.integers(0, 5)))
)
def test_the_sums_of_days_are_the_sum_of_the_leaves(calls: list[tuple[int, str, int]]) -> None:
    leaves = [
        ("gw1", index, text(date(2026, 3, 1) + timedelta(days=day), kind, "item:1;case=x", rows), 9000)
        for index, (day, kind, rows) in enumerate(calls)
    ]
    rolled = roll(leaves)
    assert sum(one.calls for one in rolled.sums.values()) == len(calls)
    assert sum(one.rows for one in rolled.sums.values()) == sum(rows for _day, _kind, rows in calls)
    answered = [rows for _day, kind, rows in calls if kind != "refusal"]
    assert sum(n for n, _rows in rolled.purposes.values()) == len(answered)
    assert sum(rows for _n, rows in rolled.purposes.values()) == sum(answered)


def test_a_whole_file_counts_once_when_it_is_confirmed_however_many_parts_were_sent() -> None:
    sent = text(date(2026, 3, 1), "event", "item:1").replace('"kind"', '"event":"file-sent","kind"')
    leaves = [("gw1", index, sent, 1) for index in range(4)]
    leaves.append(("gw1", 4, sent.replace("file-sent", "file-received"), 1))
    rolled = roll(leaves)
    assert [(key[5], one.calls, sum(one.histogram)) for key, one in rolled.sums.items()] == [("file", 1, 0)]
    assert list(rolled.purposes.values()) == [(1, 1)]


def test_neither_a_case_nor_what_a_refused_call_wrote_is_kept() -> None:
    rolled = roll(
        [
            ("gw1", 0, text(date(2026, 3, 1), "query", "item:1001;case=DB-2026-王一"), 1),
            ("gw1", 1, text(date(2026, 3, 1), "refusal", "11010519491231002X"), 1),
        ]
    )
    assert [key[5] for key in rolled.purposes] == ["item:1001"]
