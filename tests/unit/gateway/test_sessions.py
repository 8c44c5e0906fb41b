"""The rules of a session at its gateway: numbers once, exposure bounded, calls open until they are owned up to."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks._node import client
from tests.unit.gateway.cases import CONSUMER
from yiwang.gateway.held import Caller, Snapshot
from yiwang.gateway.sessions.book import PER_CLIENT, Book
from yiwang.gateway.sessions.errors import (
    SessionEnded,
    SessionExposed,
    SessionGrantOutside,
    SessionsTooMany,
)
from yiwang.gateway.sessions.held import EXPOSED_CALLS, HEAD_CALLS, IDLE_SECONDS, Session
from yiwang.gateway.sessions.window import WINDOW, Window
from yiwang.vocabulary.crypto import SUITES, generate
from yiwang.vocabulary.evidence import Receipt
from yiwang.vocabulary.sessions import derive

KEY = generate("ed25519")
KEYS = derive(SUITES["ed25519"], bytes(32), opening=bytes(32), answer=b"{}")


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def caller(state: str = "active") -> Caller:
    held = client("c-1", CONSUMER, KEY)
    return Caller(held, 1, state, held.keys[0], KEY.public)


def made(
    clock: Clock, *, seconds: int = 600, grants: tuple[str, ...] | None = None, id: str = "0" * 32
) -> Session:
    return Session(id, caller(), KEYS, alg="hmac-sha256", grants=grants, seconds=seconds, clock=clock)


def answer(session: Session, index: int, request: str | None = None) -> tuple[tuple[str, str], ...]:
    session.admit()
    receipt = Receipt("{}", index, (), "{}", "00" * 64)
    headers = session.answered(
        request or f"{index:064x}", receipt, status=200, request_id="req-1", response="0" * 64
    )
    session.leave()
    return headers


@given(st.lists(st.integers(1, 3 * WINDOW), max_size=300))
def test_a_number_is_taken_once_and_not_when_it_lies_too_far_behind(numbers: list[int]) -> None:
    window, seen, highest = Window(), set[int](), 0
    for number in numbers:
        fresh = number not in seen and number > highest - WINDOW
        assert window.take(number) is fresh
        if fresh:
            seen.add(number)
            highest = max(highest, number)


def test_a_window_forgets_what_can_never_be_fresh_again() -> None:
    window = Window()
    assert all(window.take(number) for number in range(1, 5 * WINDOW))
    assert len(window._used) <= 2 * WINDOW
    assert not any(window.take(number) for number in range(1, 5 * WINDOW))
    assert not window.take(0)


def test_no_more_than_a_thousand_calls_are_open_those_under_way_included() -> None:
    session = made(Clock())
    for index in range(EXPOSED_CALLS - 10):
        answer(session, index)
    for _ in range(10):
        session.admit()
    with pytest.raises(SessionExposed):
        session.admit()
    session.leave()
    session.admit()
    session.settle(range(500), [])
    answer(session, 5000)


def test_no_call_is_open_for_more_than_a_second() -> None:
    clock = Clock()
    session = made(clock)
    answer(session, 7)
    clock.now += 1.0
    answer(session, 8)
    clock.now += 0.01
    with pytest.raises(SessionExposed) as refused:
        session.admit()
    assert refused.value.facts["open"] == 2
    session.settle([7], [])
    session.admit()


def test_a_lost_call_is_settled_whenever_it_comes() -> None:
    session = made(Clock())
    answer(session, 1, "a" * 64)
    session.settle([], ["a" * 64, "b" * 64])
    assert not session.open
    answer(session, 2, "b" * 64)
    assert not session.open, "it was owned up to before its answer"
    answer(session, 3, "b" * 64)
    assert list(session.open) == [3], "once"


def test_a_head_comes_along_at_intervals() -> None:
    clock = Clock()
    session = made(clock)
    with_head = [len(answer(session, index)) == 2 for index in range(HEAD_CALLS + 1)]
    assert [at for at, yes in enumerate(with_head) if yes] == [0, HEAD_CALLS]
    clock.now += 0.3
    assert len(answer(session, 9999)) == 2


def test_a_session_ends_once_and_serves_no_more() -> None:
    clock = Clock()
    session = made(clock, seconds=10)
    assert session.due() is None
    clock.now += 10
    assert session.due() == "expired"
    with pytest.raises(SessionEnded):
        session.admit()
    assert session.end("expired")
    assert not session.end("closed")
    assert not session.forgotten(60)
    clock.now += 60
    assert session.forgotten(60)


def test_a_session_that_nobody_uses_ends() -> None:
    clock = Clock()
    session = made(clock, seconds=3600)
    session.admit()
    clock.now += IDLE_SECONDS
    assert session.due() is None, "a call is under way"
    session.leave()
    assert session.due() == "idle"


def test_grants_that_were_not_named_are_outside() -> None:
    session = made(Clock(), grants=("G-1",))
    session.check_grant("G-1")
    with pytest.raises(SessionGrantOutside):
        session.check_grant("G-2")
    made(Clock()).check_grant("G-2")


@pytest.mark.parametrize(
    ("held", "reason"),
    [
        (None, "key"),
        (caller("suspended"), "client"),
        (replace(caller(), client=client("c-2", CONSUMER, KEY)), "key"),
    ],
)
def test_a_caller_that_is_not_what_it_was_ends_its_sessions(held: Caller | None, reason: str) -> None:
    callers = {KEY.kid: caller()}
    current = Snapshot(1, callers)
    book = Book(lambda: current)
    session = made(Clock())
    book.add(session)
    book._judge()
    assert session.ended is None
    current = Snapshot(2, {} if held is None else {KEY.kid: held})
    book._judge()
    assert session.ended == reason


def test_a_key_that_runs_out_ends_its_sessions() -> None:
    old = client("c-1", CONSUMER, KEY, not_after=int(time.time()) - 1)
    current = Snapshot(1, {KEY.kid: Caller(old, 1, "active", old.keys[0], KEY.public)})
    book, session = Book(lambda: current), made(Clock())
    book.add(session)
    book._judge()
    assert session.ended == "key"


def test_an_application_has_a_bounded_number_of_sessions() -> None:
    book = Book(Snapshot)
    for number in range(PER_CLIENT):
        book.check_room("c-1")
        book.add(made(Clock(), id=f"{number:032x}"))
    with pytest.raises(SessionsTooMany):
        book.check_room("c-1")
    book.check_room("c-2")
