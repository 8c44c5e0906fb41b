"""Rules of alerts: what they find, that one thing is one alert, and when mail is tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.blocks.watch.domain.facts import (
    Drifted,
    GrantSeen,
    NodeSeen,
    Overdue,
    Seen,
    SourceSeen,
    Stale,
    findings,
)
from yiwang.blocks.watch.domain.mail import TRIES, Preference, digest_due, group_of, next_try
from yiwang.blocks.watch.domain.rules import KINDS, Finding, Limit, Standing, compare

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
USUAL = tuple(Limit(kind.name, True, kind.limit) for kind in KINDS.values())


def grant(**changes: object) -> GrantSeen:
    values: dict[str, object] = {
        "id": "G-1", "title": "企业登记信息", "provider": "P", "consumer": "C", "not_after": NOW + timedelta(days=300),
        "calls_per_day": 100, "calls": 0, "refused": 0, "answered": 0,
    }  # fmt: skip
    return GrantSeen(**{**values, **changes})  # type: ignore[arg-type]


def kinds(seen: Seen, limits: tuple[Limit, ...] = USUAL) -> list[tuple[str, str]]:
    return [(one.kind, one.agency) for one in findings(seen, limits, NOW)]


@pytest.mark.parametrize(("minutes", "found"), [(4, []), (5, [("source-down", "A"), ("source-down", "")])])
def test_a_source_is_down_after_its_minutes(minutes: int, found: list[tuple[str, str]]) -> None:
    source = SourceSeen("S-1", "业务库", "A", NOW - timedelta(minutes=minutes), None)
    assert kinds(Seen(sources=(source,))) == found


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"calls": 19, "refused": 19}, []),
        ({"calls": 100, "refused": 19}, []),
        ({"calls": 100, "refused": 20}, [("refusals", "C"), ("refusals", "P")]),
        ({"answered": 79}, []),
        ({"answered": 80}, [("quota", "C")]),
        ({"answered": 100}, [("quota-full", "C")]),
        ({"calls_per_day": 0, "answered": 5}, []),
        ({"not_after": NOW + timedelta(days=14)}, [("grant-expiring", "C")]),
        ({"not_after": NOW + timedelta(days=15)}, []),
        ({"not_after": NOW}, []),
    ],
)
def test_a_grant_is_told_to_those_whom_it_concerns(
    changes: dict[str, object], found: list[tuple[str, str]]
) -> None:
    assert kinds(Seen(grants=(grant(**changes),))) == found


def test_what_concerns_the_node_has_no_agency() -> None:
    node = NodeSeen(("worker",), "no answer", ("gw1",), 95)
    assert kinds(Seen(node=node)) == [
        ("process-down", ""), ("gateway-unwell", ""), ("evidence-doubtful", ""), ("disk-full", ""),
    ]  # fmt: skip


def test_late_answers_and_changed_tables_are_found() -> None:
    late = Overdue("R-1", "企业登记信息", "P", NOW - timedelta(hours=1))
    seen = Seen(overdue=(late,), drifted=(Drifted("M-1", "企业登记信息", "P"),))
    assert kinds(seen) == [("request-overdue", "P"), ("request-overdue", ""), ("mount-drifted", "P")]


def test_a_rule_that_is_off_finds_nothing() -> None:
    off = tuple(Limit(kind, False, 0) for kind in KINDS)
    seen = Seen(grants=(grant(answered=100),), node=NodeSeen(("worker",), "x", ("gw1",), 100))
    assert kinds(seen, off) == []


KEYS = st.tuples(st.sampled_from(sorted(KINDS)), st.sampled_from("abc"), st.sampled_from(["", "P"]))


@given(st.lists(KEYS), st.sets(KEYS))
def test_one_thing_is_one_alert_and_closes_when_it_is_gone(
    found: list[tuple[str, str, str]], open_now: set[tuple[str, str, str]]
) -> None:
    standing = tuple(Standing(number, *key) for number, key in enumerate(sorted(open_now)))
    changes = compare(tuple(Finding(*key, "") for key in found), standing)
    ids = {one.id: one.key for one in standing}
    assert sorted(one.key for one in changes.opened) == sorted(set(found) - open_now)
    assert {ids[number] for number in changes.closed} == open_now - set(found)
    assert {ids[number] for number in changes.kept} == open_now & set(found)


def test_a_mail_is_tried_again_later_and_later_and_given_up() -> None:
    waits = [next_try(tries, NOW) for tries in range(1, TRIES)]
    assert [one - NOW for one in waits if one] == [timedelta(minutes=4**n) for n in range(TRIES - 1)]
    assert next_try(TRIES, NOW) is None


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (None, (20, 8), True), (None, (20, 7), False), ((20, 8), (20, 23), False), ((19, 23), (20, 8), True),
        ((19, 23), (20, 0), False),
    ],
)  # fmt: skip
def test_a_digest_leaves_once_a_day_in_the_morning(
    last: tuple[int, int] | None, now: tuple[int, int], due: bool
) -> None:
    def at(day: tuple[int, int]) -> datetime:
        return datetime(2026, 11, *day, tzinfo=UTC)

    assert digest_due(at(last) if last else None, at(now)) is due


def test_kinds_of_news_have_their_groups() -> None:
    names = ["request-granted", "grant-expired", "mount-drifted", "resource-changing", "alert-quota"]
    assert [group_of(name) for name in names] == ["requests", "grants", "data", "data", "alerts"]
    assert Preference().how("alerts") == "daily"


def test_old_data_are_told_to_the_provider_by_entry_and_to_the_bureau_by_department() -> None:
    stale = tuple(
        Stale(f"306001003/{n}", "企业登记信息", "P", "市局", NOW - timedelta(days=n)) for n in (0, 5)
    )
    found = findings(Seen(stale=stale), USUAL, NOW)
    assert [(one.kind, one.subject, one.agency, one.params["n"]) for one in found] == [
        ("data-stale", "306001003/0", "P", "0"), ("data-stale", "306001003/5", "P", "5"),
        ("department-stale", "P", "", "2"),
    ]  # fmt: skip
    later = (Limit("data-stale", True, 3), Limit("department-stale", True, 3))
    assert [one.subject for one in findings(Seen(stale=stale), later, NOW)] == ["306001003/5"]
