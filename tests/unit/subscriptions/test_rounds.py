"""Whatever is due is begun beside what is slow; nothing is begun twice; a fault stops its own piece alone."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from yiwang.blocks.subscriptions import tasks

NOW = datetime(2026, 11, 20, 1, tzinfo=UTC)
PATIENCE = 60


def until(met: Callable[[], bool], rounds: tasks.Rounds) -> None:
    """Turn until it is so."""
    end = time.monotonic() + PATIENCE
    while not met():
        assert time.monotonic() < end
        rounds.turn()
        time.sleep(0.01)


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "due_feeds", lambda _: [])
    monkeypatch.setattr(tasks, "due_hooks", lambda _, failing: [])
    monkeypatch.setattr(tasks, "tick", lambda _: tasks_kept())


def tasks_kept() -> object:
    class Kept:
        pass

    return Kept()


def test_slow_and_failing_receivers_hold_nobody_else(quiet: None, monkeypatch: pytest.MonkeyPatch) -> None:
    del quiet
    open_again, begun = threading.Event(), Counter[str]()
    bad = [f"bad-{n}" for n in range(20)]
    monkeypatch.setattr(
        tasks, "due_hooks", lambda _, failing: bad if failing else ["slow", "good-1", "good-2"]
    )

    def send(one: str, *_: object) -> bool:
        begun[one] += 1
        if not one.startswith("good"):
            open_again.wait(PATIENCE)
        return False

    monkeypatch.setattr(tasks, "send", send)
    rounds = tasks.Rounds(lambda: NOW)
    until(lambda: begun["good-1"] > 3 and begun["good-2"] > 3, rounds)
    assert begun["slow"] == 1, "one delivery of a subscription at a time"
    assert sum(count for name, count in begun.items() if name in bad) <= tasks.TRIERS
    open_again.set()
    rounds.close()


def test_what_waits_is_sent_batch_after_batch_and_a_fault_stops_one_alone(
    quiet: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    del quiet
    left, followed = {"a": 3, "b": 0}, Counter[str]()
    monkeypatch.setattr(tasks, "due_feeds", lambda _: ["broken", "sound"])
    monkeypatch.setattr(tasks, "due_hooks", lambda _, failing: [] if failing else ["a", "b"])

    def send(one: str, *_: object) -> bool:
        left[one] -= 1
        return left[one] >= 0

    def follow(resource: str, _: object) -> None:
        followed[resource] += 1
        if resource == "broken":
            raise ValueError("of ours")

    monkeypatch.setattr(tasks, "send", send)
    monkeypatch.setattr(tasks, "follow", follow)
    begun = time.monotonic()
    rounds = tasks.Rounds(lambda: NOW + timedelta(seconds=100 * (time.monotonic() - begun)))
    until(lambda: left["a"] < 0 and followed["sound"] > 1 and followed["broken"] > 1, rounds)
    rounds.close()


def test_a_fault_of_ours_is_tried_again_after_longer_and_longer_pauses_and_told_no_oftener(
    quiet: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    del quiet
    at, tried, whole = [0], list[int](), [False]
    monkeypatch.setattr(tasks, "due_feeds", lambda _: ["306001003/1"])

    def follow(resource: str, _: object) -> None:
        tried.append(at[0])
        if not whole[0]:
            raise ValueError(resource)

    monkeypatch.setattr(tasks, "follow", follow)
    rounds = tasks.Rounds(lambda: NOW + timedelta(seconds=at[0]))

    def pass_by(seconds: int) -> None:
        for _ in range(seconds):
            rounds.turn()
            while any(not one.done() for one in rounds._running.values()):
                time.sleep(0.001)
            at[0] += 1

    pass_by(300)
    assert [later - one for one, later in itertools.pairwise(tried)] == [2, 3, 5, 9, 17, 33, 61, 61, 61]
    told = [record.message for record in caplog.records if "306001003/1" in record.message]
    assert told == [f"feed 306001003/1: ValueError, time {n + 1}" for n in range(len(tried))]
    whole[0] = True
    pass_by(70)
    assert len(tried) > 15, "once it goes well it is begun whenever it is due"
    rounds.close()


def test_the_house_is_kept_twice_a_minute(quiet: None, monkeypatch: pytest.MonkeyPatch) -> None:
    del quiet
    kept: list[datetime] = []
    at = [NOW]

    def tick(now: datetime) -> object:
        kept.append(now)
        return tasks_kept()

    monkeypatch.setattr(tasks, "tick", tick)
    rounds = tasks.Rounds(lambda: at[0])
    for _ in range(6):
        rounds.turn()
        at[0] += timedelta(seconds=10)
    rounds.close()
    assert kept == [NOW, NOW + timedelta(seconds=30)]
