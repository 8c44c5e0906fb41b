"""What running gateways write of their sessions for the pages, and how they end those that a person stopped."""

from __future__ import annotations

import json
import os
import signal
import time
from typing import Any

import psycopg
import pytest

from tests.gateway.handshake import HandMade, session
from tests.gateway.stage import PEOPLE, Stage

BY_NUMBER = {"身份号码": PEOPLE[0]}
COLUMNS = "calls, open, suspended, ended IS NOT NULL, reason"


@pytest.fixture(scope="module")
def grant(stage: Stage) -> str:
    return stage.grant().id


def state(stage: Stage, held: HandMade) -> tuple[Any, ...] | None:
    with psycopg.connect(stage.node.urls.owner) as connection:
        return connection.execute(
            f"SELECT {COLUMNS} FROM journal_session_state WHERE session = %s", [held.id]
        ).fetchone()


def until(stage: Stage, held: HandMade, wanted: tuple[Any, ...]) -> None:
    """Wait for a state."""
    deadline = time.monotonic() + 30
    while (now := state(stage, held)) != wanted:
        assert time.monotonic() < deadline, now
        time.sleep(0.1)


def stop(stage: Stage, held: HandMade) -> None:
    with psycopg.connect(stage.node.urls.owner) as connection:
        connection.execute(
            "INSERT INTO journal_session_stop (session, by, reason, time) VALUES (%s, '周航', '测试', now())",
            [held.id],
        )


def test_calls_exposure_and_the_end_are_written_down(stage: Stage, grant: str) -> None:
    made = session(stage)
    until(stage, made, (0, 0, "", False, ""))
    assert made.query(BY_NUMBER, grant=grant).status == 200
    until(stage, made, (1, 1, "time", False, ""))
    assert made.query(BY_NUMBER, grant=grant).code == "session-suspended"
    made.countersign()
    until(stage, made, (1, 0, "", False, ""))
    made.own(method="DELETE")
    until(stage, made, (1, 0, "", True, "closed"))


def test_a_session_that_a_person_stopped_ends_at_its_gateway_and_its_calls_can_be_countersigned(
    stage: Stage, grant: str
) -> None:
    made, other = session(stage), session(stage)
    assert made.query(BY_NUMBER, grant=grant).status == 200
    stop(stage, made)
    until(stage, made, (1, 1, "", True, "stopped"))
    assert made.query(BY_NUMBER, grant=grant).code == "session-ended"
    assert made.countersign().status == 200
    until(stage, made, (1, 0, "", True, "stopped"))
    assert other.query(BY_NUMBER, grant=grant).status == 200, "only the one that was named"
    with psycopg.connect(stage.node.urls.owner) as connection:
        (detail,) = connection.execute(
            "SELECT leaf::json ->> 'detail' FROM journal_leaf WHERE leaf::json ->> 'event' = 'session-ended'"
            " AND leaf::json -> 'detail' ->> 'session' = %s",
            [made.id],
        ).fetchone() or ("{}",)
    assert json.loads(detail)["reason"] == "stopped"


def test_sessions_of_a_gateway_that_was_killed_are_over_when_it_is_back(stage: Stage, grant: str) -> None:
    extra = stage.node.gateway("gw8")
    extra.wait()
    made = session(stage, to=extra)
    assert made.query(BY_NUMBER, grant=grant).status == 200
    until(stage, made, (1, 1, "time", False, ""))
    os.kill(extra.process.pid, signal.SIGKILL)
    extra.process.wait(timeout=30)
    assert state(stage, made) == (1, 1, "time", False, "")
    again = stage.node.gateway("gw8")
    again.wait()
    until(stage, made, (1, 1, "", True, "restart"))
    again.stop()
