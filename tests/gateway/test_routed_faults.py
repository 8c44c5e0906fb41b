"""Lines between nodes that are cut, and that repeat, exchange, shorten and change what they carry, in the middle of routed calls.

Each ends the same way: what a caller got is the row as it is at its owner, proven by every log; what went wrong was said;
nothing was charged twice, and every log is whole.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.gateway.cascade_stage import CITY, FIRM, NATION, PROVINCE, CascadeStage, until
from tests.gateway.line import Cut, Line
from tests.gateway.stage import Answer

ROW = [{"code": FIRM, "name": "兰州某厂"}]
SAID = {
    "peer-silent",
    "peer-unproven",
    "peer-turned-away",
    "nonce-replayed",
    "body-malformed",
    "route-unknown",
}
"""What may be said of a call whose line was bad."""


@pytest.fixture(scope="module")
def grant(cascade: CascadeStage) -> str:
    return cascade.grant()


def right(cascade: CascadeStage, answer: Answer) -> bool:
    """Whether it is the row; what is no row is an error that says so. Both are proven by the caller's node."""
    cascade.proves(answer)
    if answer.status == 200:
        assert answer.json["rows"] == ROW
        return True
    assert answer.code in SAID, answer.response.text
    assert "兰州某厂" not in answer.response.text
    return False


@pytest.mark.parametrize("place", [NATION, PROVINCE])
def test_a_line_that_is_cut_in_an_answer_costs_the_answer_and_nothing_else(
    cascade: CascadeStage, place: str
) -> None:
    number = cascade.grant()

    def half(message: bytes) -> bytes:
        raise Cut(message[: len(message) // 2])

    with cascade.lines[place].changing(answer=half):
        answer = cascade.ask(number, once="the-same")
    assert (answer.status, answer.code) == (504, "peer-silent")
    assert not right(cascade, answer)
    assert cascade.leaves(NATION, number)[-1]["status"] == 200, "the owner answered, and its log says so"
    assert right(cascade, cascade.ask(number, once="the-same"))
    assert cascade.calls(number) == 1, "a call that is repeated after the cut is not charged twice"
    assert cascade.damages() == []


def test_a_line_that_is_cut_in_a_call_leaves_nothing_behind_it(cascade: CascadeStage, grant: str) -> None:
    before = len(cascade.leaves(NATION))

    def half(message: bytes) -> bytes:
        raise Cut(message[: len(message) // 2])

    with cascade.lines[NATION].changing(request=half):
        assert cascade.ask(grant).code == "peer-silent"
    assert len(cascade.leaves(NATION)) == before
    cascade.lines[NATION].cut()
    assert cascade.ask(grant).code == "peer-silent"
    cascade.lines[NATION].mend()
    assert right(cascade, cascade.ask(grant))


def test_a_call_that_arrives_twice_is_answered_once(cascade: CascadeStage) -> None:
    number = cascade.grant()
    with cascade.lines[NATION].changing(request=lambda message: message + message):
        answer = cascade.ask(number)
    assert right(cascade, answer)
    until(lambda: cascade.leaves(NATION)[-1].get("code") == "nonce-replayed")
    assert cascade.calls(number) == 1
    for _ in range(3):
        assert right(cascade, cascade.ask(number)), "the second answer is taken for nobody's"


def test_answers_that_are_exchanged_between_calls_are_both_thrown_away(
    cascade: CascadeStage, grant: str
) -> None:
    met, held = threading.Barrier(2, timeout=60), {}

    def exchanged(message: bytes) -> bytes:
        me = threading.get_ident()
        held[me] = message
        met.wait()
        return next(one for other, one in held.items() if other != me)

    with cascade.lines[PROVINCE].changing(answer=exchanged), ThreadPoolExecutor(2) as both:
        answers = list(both.map(lambda _: cascade.ask(grant), range(2)))
    assert [answer.code for answer in answers] == ["peer-unproven", "peer-unproven"]
    assert not any(right(cascade, answer) for answer in answers)


def shaken(cascade: CascadeStage, grant: str, seed: int) -> bool:
    """One call during which one bit is changed, or the end is cut off, somewhere on the way."""
    drawn = random.Random(seed)
    line = cascade.lines[drawn.choice([NATION, PROVINCE])]

    def change(message: bytes) -> bytes:
        place = drawn.randrange(len(message))
        if drawn.random() < 0.25:
            raise Cut(message[:place])
        return message[:place] + bytes([message[place] ^ (1 << drawn.randrange(8))]) + message[place + 1 :]

    way = drawn.choice(["request", "answer"])
    with line.changing(**{way: change}):
        return right(cascade, cascade.ask(grant))


@pytest.mark.parametrize("seed", range(24))
def test_a_flipped_bit_or_a_lost_end_gives_the_right_row_or_an_error(
    cascade: CascadeStage, grant: str, seed: int
) -> None:
    shaken(cascade, grant, seed)
    assert right(cascade, cascade.ask(grant))


@pytest.mark.long
def test_a_thousand_flipped_bits_give_no_wrong_row(cascade: CascadeStage, grant: str) -> None:
    told = Counter(shaken(cascade, grant, seed) for seed in range(1000, 2000))
    assert told[False] > 100
    assert cascade.damages() == []


def under_cuts(cascade: CascadeStage, number: str, calls: int, cuts: int) -> None:
    """Many callers at a time, each repeating its call until it is answered, while lines are cut again and again."""
    over = threading.Event()

    def cutting() -> None:
        drawn = random.Random(cuts)
        for _ in range(cuts):
            line: Line = cascade.lines[drawn.choice([NATION, PROVINCE])]
            line.cut()
            time.sleep(drawn.uniform(0.0, 0.1))
            line.mend()
            if over.wait(drawn.uniform(0.05, 0.3)):
                return

    def asking(one: int) -> int:
        deadline = time.monotonic() + 120
        tries = 1
        while not right(cascade, cascade.ask(number, once=f"call-{one}")):
            assert time.monotonic() < deadline
            tries += 1
        return tries

    cutter = threading.Thread(target=cutting)
    cutter.start()
    with ThreadPoolExecutor(8) as callers:
        tries = list(callers.map(asking, range(calls)))
    over.set()
    cutter.join()
    assert cascade.calls(number) == calls, "every call was charged once, however often it was sent"
    answered = [one for one in cascade.leaves(CITY, number) if one["status"] == 200]
    assert len(answered) == calls
    served = {one["request"] for one in cascade.leaves(NATION, number) if one["status"] == 200}
    assert len(served) >= calls
    assert sum(tries) >= calls
    assert cascade.damages() == []


def test_calls_that_are_repeated_through_cuts_are_each_answered_and_charged_once(
    cascade: CascadeStage,
) -> None:
    under_cuts(cascade, cascade.grant(), calls=60, cuts=6)


@pytest.mark.long
def test_many_calls_through_many_cuts(cascade: CascadeStage) -> None:
    under_cuts(cascade, cascade.grant(calls_per_day=1_000_000), calls=3000, cuts=400)


@pytest.mark.parametrize("skew", [300, -300])
def test_clocks_that_differ_by_five_minutes_stop_nothing_and_by_more_are_said(
    cascade: CascadeStage, grant: str, skew: int
) -> None:
    try:
        cascade.restart(PROVINCE, module="tests.gateway.skewed", YW_TEST_SKEW=str(skew))
        cascade.leases()
        assert right(cascade, cascade.ask(grant))
        cascade.restart(PROVINCE, module="tests.gateway.skewed", YW_TEST_SKEW=str(3 * skew))
        answer = cascade.ask(grant)
        assert answer.code == "peer-turned-away"
        assert "signature-stale" in answer.json["detail_en"]
    finally:
        cascade.restart(PROVINCE)
    assert right(cascade, cascade.ask(grant))


def test_a_gateway_that_is_killed_on_the_way_costs_the_calls_under_way_and_nothing_else(
    cascade: CascadeStage,
) -> None:
    number = cascade.grant()
    assert right(cascade, cascade.ask(number, once="a"))
    for name in (PROVINCE, NATION):
        cascade.gateways[name].process.kill()
        answer = cascade.ask(number, once=f"killed-{name}")
        assert not right(cascade, answer)
        cascade.restart(name)
        assert right(cascade, cascade.ask(number, once=f"killed-{name}"))
    assert cascade.calls(number) == 3
    assert cascade.damages() == []


def test_a_node_whose_disk_is_full_answers_nothing_that_it_could_not_log(cascade: CascadeStage) -> None:
    number = cascade.grant()
    url = cascade.nodes[PROVINCE].urls.owner
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53100', MESSAGE = 'no space left on device'; END $$"
        )
        connection.execute(
            "CREATE TRIGGER full_disk BEFORE INSERT ON journal_leaf EXECUTE FUNCTION full_disk()"
        )
        answer = cascade.ask(number, once="full")
        assert not right(cascade, answer)
        assert "journal-unavailable" in answer.json["detail_en"]
        connection.execute("DROP TRIGGER full_disk ON journal_leaf")
        connection.execute("DROP FUNCTION full_disk")
    until(lambda: right(cascade, cascade.ask(number, once="full")))
    assert cascade.calls(number) == 1
    assert cascade.damages() == []
