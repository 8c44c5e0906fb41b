"""The small rules of the journal: times, sums, subjects, events, suspicion."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.journal.cases import CONSUMER, GRANT, answer, charge, period_key, person
from yiwang.blocks.journal.domain.errors import TooManySubjects
from yiwang.blocks.journal.domain.outbox import Entry, entry_of, prepared_of, request_id_of
from yiwang.blocks.journal.domain.reading import at_once
from yiwang.blocks.journal.domain.rollup import BUCKETS, KEPT, bucket_of, percentile_ms, roll, upper_ms
from yiwang.blocks.journal.domain.subjects import subject_token
from yiwang.blocks.journal.domain.ticker import Ticker
from yiwang.gateway.evidence.batch import Item, Standing, leaf_of
from yiwang.gateway.evidence.faults import POINTS, Faults
from yiwang.gateway.evidence.suspicion import RecentNonces
from yiwang.gateway.evidence.tokens import MOST, Commitments, SubjectKeys
from yiwang.vocabulary.canonical import parse_canonical
from yiwang.vocabulary.crypto import SUITES
from yiwang.vocabulary.evidence import parse_instant, parse_leaf, subject_commitment
from yiwang.vocabulary.merkle import Frontier, leaf_hash

STANDING = Standing("lanzhou", "gw1", "sm2-sm3", 1, Frontier(SUITES["sm2-sm3"]), None)
NOW = datetime(2026, 11, 21, 8, 0, 0, 123456, tzinfo=UTC)


@given(st.lists(st.integers(1_700_000_000_000_000_000, 1_900_000_000_000_000_000), max_size=30))
def test_times_grow_strictly_whatever_the_clock_does(clock: list[int]) -> None:
    ticker = Ticker(NOW)
    stamps = [ticker.tick(moment) for moment in clock]
    assert stamps == sorted(set(stamps))
    assert all(parse_instant(stamp) > NOW for stamp in stamps)


def test_a_stamp_is_the_moment_in_utc_to_the_microsecond() -> None:
    ticker = Ticker(datetime(2000, 1, 1, tzinfo=UTC))
    assert ticker.tick(int(NOW.timestamp()) * 10**9 + 123456789) == "2026-11-21T08:00:00.123456Z"


@given(st.integers(0, 100_000_000))
def test_a_duration_lies_below_the_end_of_its_bucket(took_us: int) -> None:
    bucket = bucket_of(took_us)
    assert 0 <= bucket < BUCKETS
    if bucket < BUCKETS - 1:
        assert took_us / 1000 < upper_ms(bucket) * 1.000001
    if bucket > 1:
        assert took_us / 1000 >= upper_ms(bucket - 1) * 0.999999


def test_a_percentile_is_that_of_the_calls() -> None:
    histogram = [0] * BUCKETS
    assert percentile_ms(histogram, 0.95) is None
    histogram[4], histogram[10] = 95, 5
    assert percentile_ms(histogram, 0.95) == upper_ms(4) == 4.0
    assert percentile_ms(histogram, 0.96) == 32.0


def test_a_day_is_a_day_of_beijing_time() -> None:
    late = leaf_of(answer(number=1), STANDING, "2026-11-21T16:00:00.000000Z", []).canonical().decode()
    early = leaf_of(answer(number=2), STANDING, "2026-11-21T15:59:59.999999Z", []).canonical().decode()
    rolled = roll([("gw1", 0, early, 10), ("gw1", 1, late, 10)])
    assert [key[0] for key in rolled.sums] == [date(2026, 11, 21), date(2026, 11, 22)]


def test_only_the_latest_leaves_are_listed() -> None:
    text = leaf_of(answer(number=1), STANDING, "2026-11-21T16:00:00.000000Z", []).canonical().decode()
    rolled = roll(("gw1", index, text, 10) for index in range(5 * KEPT))
    places = rolled.recent["grant", GRANT]
    assert places[-1] == ("gw1", 5 * KEPT - 1)
    assert KEPT <= len(places) <= 2 * KEPT
    assert ("consumer", CONSUMER) in rolled.recent


def test_a_leaf_commits_to_its_subject_without_naming_it() -> None:
    subject = person(15)
    secrets = SubjectKeys(period_key)
    loop = asyncio.new_event_loop()
    item = Item(
        answer(subjects=(subject,), charged=charge(subjects=(subject.value,))), secrets, loop.create_future()
    )
    item.write(STANDING, "2026-11-21T08:00:00.000000Z", secrets)
    loop.close()
    leaf = parse_leaf(item.text)
    assert item.commitments is not None
    assert subject.value.encode() not in item.text
    assert leaf.subjects == (
        subject_commitment(
            SUITES["sm2-sm3"], item.commitments.salts[0], subject.resource, subject.field, subject.value
        ),
    )
    assert item.commitments.tokens == [subject_token(period_key("2026-11"), subject.kind, subject.value)]
    assert item.hash == leaf_hash(SUITES["sm2-sm3"], item.text)
    parse_canonical(item.text)


def test_a_person_in_two_fields_has_one_salt_and_two_commitments() -> None:
    one = person(15)
    found = Commitments(
        SUITES["sm2-sm3"],
        SubjectKeys(period_key),
        "2026-11",
        (one, msgspec.structs.replace(one, field="身份证号"), person(16)),
    )
    assert (len(found.hexes), len(set(found.hexes)), len(found.tokens), len(found.salts)) == (3, 3, 2, 2)


def test_more_persons_than_a_leaf_can_name_are_refused() -> None:
    with pytest.raises(TooManySubjects):
        Commitments(
            SUITES["sm2-sm3"], SubjectKeys(period_key), "2026-11", tuple(map(person, range(MOST + 1)))
        )


def test_a_token_differs_between_periods_and_kinds() -> None:
    tokens = {
        subject_token(period_key(period), kind, "x")
        for period in ("2026-11", "2026-12")
        for kind in ("a", "b")
    }
    assert len(tokens) == 4


@given(st.text(max_size=40), st.dictionaries(st.text(max_size=5), st.integers(-5, 5), max_size=3))
def test_an_event_survives_the_outbox(purpose: str, detail: dict[str, object]) -> None:
    entry = Entry("grant-issued", "evt-1", purpose=purpose, detail=detail or None)
    prepared = prepared_of(entry_of(entry), 7)
    assert (prepared.event, prepared.purpose, prepared.detail, prepared.outbox) == (
        "grant-issued", purpose, detail or None, 7,
    )  # fmt: skip


def test_event_ids_grow_with_time() -> None:
    later = NOW.replace(second=1)
    ids = [request_id_of(moment, noise) for moment in (NOW, later) for noise in (b"\0" * 10, b"\xff" * 10)]
    assert ids == sorted(ids)
    assert {len(one) for one in ids} == {30}


def test_a_nonce_is_remembered_until_it_is_given_back() -> None:
    recent = RecentNonces()
    assert recent.take(b"a")
    assert not recent.take(b"a")
    recent.give_back(b"a")
    assert recent.take(b"a")
    recent.clear()
    assert recent.take(b"a")


def test_a_fault_needs_a_point_that_exists() -> None:
    Faults(f"{POINTS[0]}@2").reach(POINTS[0])
    with pytest.raises(ValueError, match="no such point"):
        Faults("elsewhere@1")


async def wait() -> int:
    await asyncio.sleep(0)
    return 1


def test_a_source_that_waits_is_refused_where_nothing_may_wait() -> None:
    with pytest.raises(RuntimeError):
        at_once(wait())
