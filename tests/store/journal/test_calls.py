"""Calls one by one: all of them once for those that count, and those of a period for their parties."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.registry.asking import BEGIN, OTHER, RESOURCES, Journal
from yiwang.blocks.journal.public import Call, CallPage, Sought, calls_behind, calls_of, log_sizes
from yiwang.blocks.journal.queries import calls
from yiwang.blocks.journal.store.models import Leaf
from yiwang.vocabulary.evidence import parse_instant, parse_leaf

pytestmark = pytest.mark.django_db
FAMILY = next(iter(RESOURCES))
PROVIDER, CONSUMER, OUTSIDER = "11290100MB00000011", "11290100MB0000002B", "11290100MB0000009K"


@dataclass(frozen=True)
class Person:
    agency: str
    roles: frozenset[str] = frozenset({"approver"})


def sought(
    since: datetime, until: datetime, kinds: tuple[str, ...] = ("query", "verify", "refusal")
) -> Sought:
    return Sought(frozenset(RESOURCES), since, until, lambda call: call.kind in kinds)


def places(page: CallPage) -> list[tuple[str, int]]:
    return [(one.log, one.index) for one in page.calls]


def test_those_that_count_get_every_call_of_their_resources_and_nobody_it_was_about() -> None:
    journal = Journal()
    journal.write(
        "gw1", BEGIN, [{}, {"resource": OTHER}, {"kind": "refusal", "status": 503, "code": "source-down"}]
    )
    journal.write("gw1", BEGIN, [{"kind": "event", "event": "grant-issued", "rows": None}])
    assert log_sizes() == {"gw1": 4}
    found = list(calls_of("gw1", 0, 4, frozenset(RESOURCES)))
    assert [(one.index, one.outcome, one.rows) for one in found] == [(0, "answered", 1), (2, "failed", 0)]
    assert (found[0].purpose, found[1].purpose) == ("item:1001", None)  # never the case, of refusals nothing
    assert not {"subjects", "request", "response", "detail"} & set(Call.__dataclass_fields__)
    assert [one.index for one in calls_of("gw1", 1, 3, frozenset(RESOURCES))] == [2]


def test_leaves_that_no_head_covers_are_not_there_yet() -> None:
    journal = Journal()
    journal.write("gw1", BEGIN, [{}])
    Leaf.objects.create(log="gw1", index=1, leaf="{}", leaf_hash=b"", request_id="r", took_us=1)
    assert log_sizes() == {"gw1": 1}


def test_a_page_is_of_its_period_over_all_logs_the_latest_first() -> None:
    journal = Journal()
    for minute in range(6):
        journal.write("gw1" if minute % 2 else "gw2", BEGIN + timedelta(minutes=minute), [{}])
    page = calls_behind(Person(PROVIDER), sought(BEGIN + timedelta(minutes=1), BEGIN + timedelta(minutes=5)))
    assert places(page) == [("gw2", 2), ("gw1", 1), ("gw2", 1), ("gw1", 0)]
    assert page.following is None


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        (Person(PROVIDER), 3),
        (Person(CONSUMER), 2),
        (Person(OUTSIDER), 0),
        (Person(OUTSIDER, frozenset({"reviewer"})), 0),
        (Person(OUTSIDER, frozenset({"auditor"})), 3),
    ],
)
def test_a_reader_sees_the_calls_of_their_agency_alone(who: Person, seen: int) -> None:
    Journal().write(
        "gw1", BEGIN, [{}, {"kind": "verify"}, {"consumer": "11290100MB0000003C"}, {"resource": OTHER}]
    )
    assert len(calls_behind(who, sought(BEGIN, BEGIN + timedelta(days=1))).calls) == seen


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    batches=st.lists(
        st.tuples(st.sampled_from(["gw1", "gw2"]), st.integers(0, 50), st.integers(1, 4)), min_size=1, max_size=6
    ),
    first=st.integers(0, 50), length=st.integers(0, 50), size=st.integers(1, 3), most=st.integers(1, 9),
    chunk=st.integers(1, 4),
)  # fmt: skip
def test_pages_together_are_the_whole(
    batches: list[tuple[str, int, int]], first: int, length: int, size: int, most: int, chunk: int
) -> None:
    with transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(calls, "LOOKED_AT", most)
        patch.setattr(calls, "_CHUNK", chunk)
        journal = Journal()
        for log, minute, count in batches:
            journal.write(
                log,
                BEGIN + timedelta(minutes=minute),
                [{"kind": "query" if n % 2 else "verify"} for n in range(count)],
            )
        since = BEGIN + timedelta(minutes=first)
        wanted = sought(since, since + timedelta(minutes=length), ("query",))
        found: list[tuple[str, int]] = []
        below = None
        while True:
            page = calls_behind(Person(PROVIDER), wanted, below=below, size=size)
            found += places(page)
            below = page.following
            if below is None:
                break
        patch.undo()
        assert found == places(calls_behind(Person(PROVIDER), wanted, size=1000))
        inside = {
            (log, one.index)
            for log, leaves in log_sizes().items()
            for one in calls_of(log, 0, leaves, frozenset({FAMILY}))
            if one.kind == "query" and since <= exactly(log, one.index) < since + timedelta(minutes=length)
        }
        assert set(found) == inside
        transaction.set_rollback(True)


def exactly(log: str, index: int) -> datetime:
    """When a leaf was written, to the microsecond."""
    return parse_instant(parse_leaf(Leaf.objects.get(log=log, index=index).leaf).time)
