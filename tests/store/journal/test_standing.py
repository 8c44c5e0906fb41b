"""The list of sessions on the database: what is open, what was countersigned, and the word that one shall end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from yiwang.blocks.journal import public as journal
from yiwang.blocks.journal.queries.standing import PAGE
from yiwang.blocks.journal.store import models
from yiwang.blocks.journal.store.session_models import SessionState, SessionStop

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


def opened(name: str, *, client: str = "lan-minzheng-1", ago: int = 60, number: int = 0) -> None:
    models.Session.objects.create(
        id=name, client=client, kid="k", log="gw1", index=number, opening="{}",
        opened=NOW - timedelta(seconds=ago),
    )  # fmt: skip


def state(name: str, **facts: object) -> None:
    values: dict[str, object] = {
        "calls": 5, "last_call": NOW - timedelta(seconds=2), "open": 0, "oldest": None, "suspended": "",
        "expires": NOW + timedelta(minutes=50), "ended": None, "reason": "",
    }  # fmt: skip
    SessionState.objects.create(session=name, **{**values, **facts})


def countersigned(name: str, number: int, calls: int) -> None:
    models.Countersignature.objects.create(
        session=name, number=number, log="gw1", size=100 * number, indexes=bytes(8 * calls), lost=b"",
        statement="{}", signature=b"", time=NOW - timedelta(seconds=10 - number),
    )  # fmt: skip


def test_a_session_tells_its_calls_what_is_countersigned_and_what_waits() -> None:
    opened("a" * 32)
    state("a" * 32, calls=12, open=3, oldest=NOW - timedelta(seconds=4), suspended="time")
    countersigned("a" * 32, 1, 4)
    countersigned("a" * 32, 2, 5)
    (row,) = journal.sessions_of(["lan-minzheng-1"], NOW).rows
    assert (row.state, row.why, row.calls, row.waiting, row.covered) == ("suspended", "time", 12, 3, 9)
    assert row.countersigned is not None
    assert (row.countersigned.number, row.countersigned.size) == (2, 200)
    assert row.oldest == NOW - timedelta(seconds=4)


def test_open_sessions_stand_first_and_other_applications_are_not_shown() -> None:
    opened("a" * 32, ago=10)
    state("a" * 32, ended=NOW - timedelta(seconds=5), reason="closed")
    opened("b" * 32, ago=500)
    state("b" * 32)
    opened("c" * 32, ago=900)
    state("c" * 32, last_call=NOW - timedelta(seconds=800))
    opened("d" * 32, client="ting-jiaotong-1")
    opened("e" * 32, ago=31 * 86400)
    found = journal.sessions_of(["lan-minzheng-1"], NOW)
    assert [(one.id[0], one.state, one.why) for one in found.rows] == [
        ("b", "open", ""), ("a", "ended", "closed"), ("c", "ended", "idle"),
    ]  # fmt: skip
    assert (found.total, found.live, found.pages) == (3, 1, 1)
    assert journal.sessions_of([], NOW).rows == ()


def test_a_long_list_is_turned_page_by_page() -> None:
    for number in range(PAGE + 1):
        opened(f"{number:032x}", ago=7200 + number)
    assert len(journal.sessions_of(["lan-minzheng-1"], NOW).rows) == PAGE
    second = journal.sessions_of(["lan-minzheng-1"], NOW, 2)
    assert ([one.id for one in second.rows], second.page, second.pages) == ([f"{PAGE:032x}"], 2, 2)
    assert journal.sessions_of(["lan-minzheng-1"], NOW, 9).page == 1


def test_an_open_session_is_stopped_once_and_nobody_elses() -> None:
    opened("a" * 32)
    state("a" * 32)
    journal.stop_session("lan-minzheng-1", "a" * 32, by="周航", reason="测试", now=NOW)
    journal.stop_session("lan-minzheng-1", "a" * 32, by="郑运", reason="再次", now=NOW)
    assert SessionStop.objects.get().by == "周航"
    assert journal.session_standing("lan-minzheng-1", "a" * 32, NOW).stopped_by == "周航"  # type: ignore[union-attr]
    opened("b" * 32)
    state("b" * 32, ended=NOW, reason="closed")
    for client, name in (("ting-jiaotong-1", "a"), ("lan-minzheng-1", "b"), ("lan-minzheng-1", "c")):
        with pytest.raises(journal.SessionOver):
            journal.stop_session(client, name * 32, by="赵静", reason="测试", now=NOW)
    assert SessionStop.objects.count() == 1
