"""Why a node is not heard of, or what it sent cannot be used: each cause reads well in both languages."""

from __future__ import annotations

import re

import pytest

from tests.unit.cascade.saying import reads_well
from yiwang.blocks.cascade.domain import reasons as why
from yiwang.blocks.cascade.domain.errors import CardMalformed, EventMalformed, PageRefused
from yiwang.blocks.cascade.domain.reasons import Reason, told_by, unreachable
from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.kept_errors import kept_error

NAMED = re.compile(r"gansu|nation|abc123|http://x|Expected `int`|\./yw cascade card|need")
REASONS = (
    why.SIGNATURE, why.DIGEST, why.INCOMPLETE, why.OTHER_REQUEST, why.NOT_CANONICAL, why.FIXED, why.UNKNOWN_KIND,
    why.NO_NEED_BELOW, why.NO_SUCH_DAY, why.NO_ENTRY_OF_ANOTHER, why.NOT_ON_THIS_WAY, why.stands("suspended"),
    why.form(ValueError("Expected `int`")), why.addressed("gansu", "nation"), why.not_pinned("abc123"), why.not_in_force("abc123"),
    why.out_of_sequence(7), why.bad_key("abc123"), why.not_in_card("abc123"), why.not_later(1, 2),
    why.bad_address("http://x"), why.not_for("gansu", "nation"), why.not_above("gansu"), why.another_way("gansu"),
    why.no_agency("abc123", "gansu"), why.nothing_of(why.REQUEST, "7", "gansu"), why.nothing_of(why.GRANT, "7", "gansu"),
    why.nothing_of(why.NEED, "7", "gansu"), why.nothing_of(why.DISPUTE, "7", "gansu"),
)  # fmt: skip


@pytest.mark.parametrize("reason", REASONS, ids=lambda one: one.en)
def test_every_cause_is_said_in_the_readers_language_by_every_error_that_may_hold_it(reason: Reason) -> None:
    for problem in (
        PageRefused(node="gansu", first=1, **reason.facts),
        CardMalformed(**reason.facts),
        EventMalformed(event="1", kind="need", **reason.facts),
    ):
        reads_well(problem, NAMED)
        assert reason.zh in problem.text("zh")
        assert reason.en in problem.text("en")
        assert told_by(problem) == reason


@pytest.mark.parametrize(
    "kind", ["ConnectError", "ConnectTimeout", "ReadTimeout", "WriteTimeout", "PoolTimeout", "RemoteProtocolError", "ReadError", ""],
)  # fmt: skip
def test_a_silent_node_is_told_in_words_and_what_the_transport_met_is_kept_beside_them(kind: str) -> None:
    problem = unreachable("gansu", kind)
    reads_well(problem, NAMED)
    assert problem.facts["reason"] == kind
    assert kind not in problem.text("en") or not kind


def test_a_state_that_is_not_known_here_stands_as_it_is() -> None:
    assert why.stands("other") == Reason("该节点other", "the peer is other")


def test_an_error_that_was_kept_is_the_same_error_again() -> None:
    told = unreachable("gansu", "ReadTimeout")
    again = kept_error(told.code, dict(told.facts))
    assert type(again) is type(told)
    assert (again.text("zh"), again.mend("en"), again.facts) == (told.text("zh"), told.mend("en"), told.facts)


def test_an_error_of_a_code_that_nobody_knows_any_more_says_no_more_than_that() -> None:
    assert type(kept_error("gone-long-ago", {"a": 1})) is YwError
