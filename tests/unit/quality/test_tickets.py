"""A ticket's life, whatever happens to it in whatever order."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.blocks.quality.domain import errors
from yiwang.blocks.quality.domain import ticket as t

TODAY = date(2026, 11, 20)
OFFICER, BUREAU = t.By("A", frozenset({"data_officer"})), t.By("B", frozenset({"reviewer"}))
PLATFORM = t.By("", frozenset({"system"}))
FAILED, PASSED = t.Failed(10, 2, TODAY), t.Passed()


def after(ticket: t.Ticket, *commands: tuple[t.Command, t.By]) -> t.Ticket:
    for command, by in commands:
        ticket = t.decide(ticket, command, by).ticket
    return ticket


def test_a_known_source_is_told_at_once_an_unknown_one_waits() -> None:
    known, unknown = t.opened("Q-1", "A"), t.opened("Q-2", "")
    assert (known.ticket.state, known.clock) == ("dispatched", "start")
    assert (unknown.ticket.state, unknown.clock) == ("new", "keep")


def test_only_a_run_closes_a_ticket() -> None:
    mended = after(t.opened("Q", "A").ticket, (t.Take(), OFFICER), (t.Mended("改了"), OFFICER))
    assert mended.state == "review"
    assert t.decide(mended, PASSED, PLATFORM).ticket.state == "closed"
    assert t.decide(mended, FAILED, PLATFORM).ticket.state == "mending"
    for person in (OFFICER, BUREAU):
        with pytest.raises(errors.QualityNotAllowed):
            t.decide(mended, PASSED, person)


def test_an_exemption_ends_with_its_day() -> None:
    asked = after(
        t.opened("Q", "A").ticket, (t.AskExemption(TODAY + timedelta(days=5), TODAY, "旧系统"), OFFICER)
    )
    exempt = after(asked, (t.Exempt(), BUREAU))
    assert t.decide(exempt, t.Failed(10, 2, TODAY + timedelta(days=5)), PLATFORM).steps == ()
    over = t.decide(exempt, t.Failed(10, 2, TODAY + timedelta(days=6)), PLATFORM)
    assert (over.ticket.state, over.clock) == ("dispatched", "start")


def test_who_may_do_what_is_what_the_page_offers() -> None:
    ticket = t.opened("Q", "A").ticket
    assert t.allowed(ticket, OFFICER) == {"take", "mended", "ask-exemption"}
    assert t.allowed(ticket, BUREAU) == {"dispatch"}
    assert t.allowed(ticket, t.By("C", frozenset({"data_officer"}))) == frozenset()
    assert t.allowed(ticket, t.By("A", frozenset({"approver"}))) == frozenset()
    assert t.allowed(after(ticket, (PASSED, PLATFORM)), OFFICER) == frozenset()


_commands = st.sampled_from([
    (FAILED, PLATFORM), (PASSED, PLATFORM), (t.Dropped(), PLATFORM), (t.Take(), OFFICER), (t.Mended("x"), OFFICER),
    (t.AskExemption(TODAY + timedelta(days=9), TODAY, "x"), OFFICER), (t.Exempt(), BUREAU), (t.Decline("x"), BUREAU),
    (t.Dispatch("A"), BUREAU), (t.Dispatch("C"), BUREAU), (t.Escalate(), PLATFORM),
])  # fmt: skip


@given(st.lists(_commands, max_size=20))
def test_whatever_happens_a_passing_run_closes_and_a_failing_one_reopens(
    commands: list[tuple[t.Command, t.By]],
) -> None:
    ticket = t.opened("Q", "A").ticket
    for command, by in commands:
        try:
            decision = t.decide(ticket, command, by)
        except errors.DataQualityError:
            continue
        if not decision.steps:
            assert decision.ticket == ticket, "nothing is changed without a line in the story"
        ticket = decision.ticket
        assert (ticket.state == "exempt") == (ticket.exempt_until is not None)
    relapses = ticket.relapses
    closed = t.decide(ticket, PASSED, PLATFORM).ticket
    assert closed.state == "closed"
    assert t.decide(closed, PASSED, PLATFORM).steps == ()
    again = t.decide(closed, FAILED, PLATFORM).ticket
    assert (again.state, again.relapses) == ("dispatched", relapses + 1)
