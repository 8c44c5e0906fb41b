"""How a session stands, by what its gateway wrote last and by the clock where nothing more is heard."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from yiwang.blocks.journal.domain.standing import IDLE, UNHEARD, over_at, state_of

OPENED = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
EXPIRES = OPENED + timedelta(minutes=30)


def at(minutes: float) -> datetime:
    return OPENED + timedelta(minutes=minutes)


def test_what_its_gateway_said_of_the_end_counts() -> None:
    assert over_at(OPENED, at(1), EXPIRES, at(2)) == at(2)
    assert state_of(at(2), at(2), "key", "calls", EXPIRES, at(3)) == ("ended", "key")


@pytest.mark.parametrize(
    ("last_call", "over", "why"),
    [(at(29), EXPIRES, "expired"), (at(10), at(10) + IDLE, "idle"), (None, OPENED + IDLE, "idle")],
)
def test_a_gateway_that_says_no_more_does_not_keep_a_session_open(
    last_call: datetime | None, over: datetime, why: str
) -> None:
    assert over_at(OPENED, last_call, EXPIRES, None) == over
    just_before = over - timedelta(seconds=1)
    assert state_of(over, None, "", "", EXPIRES, just_before) == ("open", "")
    assert state_of(over, None, "", "time", EXPIRES, just_before) == ("suspended", "time")
    assert state_of(over, None, "", "time", EXPIRES, over) == ("ended", why)


def test_a_session_of_which_nothing_was_written_is_over_within_the_longest_time() -> None:
    over = over_at(OPENED, None, None, None)
    assert over == OPENED + UNHEARD
    assert state_of(over, None, "", "", None, at(1)) == ("open", "")
    assert state_of(over, None, "", "", None, over) == ("ended", "expired")
