"""Time-based codes: the vectors of RFC 4226 and RFC 6238, no replay, growing waits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.blocks.identity.domain.errors import CodeThrottled
from yiwang.blocks.identity.domain.second_factor import (
    FREE_FAILURES,
    LONGEST_WAIT,
    FactorState,
    base32,
    code_at,
    decide_code,
    enrolment_uri,
    new_recovery_codes,
    recovery_digest,
    step_of,
)

SECRET = b"12345678901234567890"
NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("counter", "code"),
    list(
        enumerate(
            [
                "755224",
                "287082",
                "359152",
                "969429",
                "338314",
                "254676",
                "287922",
                "162583",
                "399871",
                "520489",
            ]
        )
    ),
)
def test_codes_are_those_of_rfc_4226_appendix_d(counter: int, code: str) -> None:
    assert code_at(SECRET, counter) == code


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_rfc_6238_appendix_b(seconds: int, code: str) -> None:
    assert code_at(SECRET, step_of(datetime.fromtimestamp(seconds, UTC))) == code


def test_a_code_counts_once() -> None:
    code = code_at(SECRET, step_of(NOW))
    accepted, state = decide_code(SECRET, FactorState(), code, NOW)
    assert accepted
    replayed, _ = decide_code(SECRET, state, code, NOW + timedelta(seconds=5))
    assert not replayed


def test_after_a_code_no_earlier_one_counts() -> None:
    _, state = decide_code(SECRET, FactorState(), code_at(SECRET, step_of(NOW)), NOW)
    earlier, _ = decide_code(SECRET, state, code_at(SECRET, step_of(NOW) - 1), NOW)
    later, _ = decide_code(SECRET, state, code_at(SECRET, step_of(NOW) + 1), NOW)
    assert (earlier, later) == (False, True)


@pytest.mark.parametrize(("steps", "counts"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_off(steps: int, counts: bool) -> None:
    accepted, _ = decide_code(SECRET, FactorState(), code_at(SECRET, step_of(NOW) + steps), NOW)
    assert accepted is counts


def test_wrong_codes_make_people_wait_longer_and_longer() -> None:
    state, now, waits = FactorState(), NOW, []
    for _ in range(14):
        _, state = decide_code(SECRET, state, "000000", now)
        wait = 0
        while True:
            try:
                decide_code(SECRET, state, "000000", now + timedelta(seconds=wait))
                break
            except CodeThrottled as error:
                seconds = error.facts["seconds"]
                assert isinstance(seconds, int)
                wait += seconds
        now += timedelta(seconds=wait)
        waits.append(wait)
    assert waits[:FREE_FAILURES] == [0] * FREE_FAILURES
    assert waits == sorted(waits)
    assert waits[-1] >= LONGEST_WAIT


def test_even_the_right_code_waits() -> None:
    state = FactorState(failures=8, failed_at=NOW)
    with pytest.raises(CodeThrottled):
        decide_code(SECRET, state, code_at(SECRET, step_of(NOW)), NOW)


def test_the_right_code_forgives_earlier_slips() -> None:
    accepted, state = decide_code(
        SECRET, FactorState(failures=2, failed_at=NOW), code_at(SECRET, step_of(NOW)), NOW
    )
    assert accepted
    assert state.failures == 0


@given(st.text(max_size=12))
def test_whatever_is_typed_is_only_right_or_wrong(text: str) -> None:
    accepted, state = decide_code(SECRET, FactorState(), text, NOW)
    plain = "".join(text.split())
    assert accepted is (plain in {code_at(SECRET, step_of(NOW) + n) for n in (-1, 0, 1)})
    assert accepted or state.failures == 1


def test_recovery_codes_differ_and_are_read_as_people_type_them() -> None:
    codes = new_recovery_codes()
    assert len(set(codes)) == 10
    assert recovery_digest(codes[0]) == recovery_digest(" " + codes[0].replace("-", " ").upper())


def test_the_enrolment_address_carries_the_secret_and_nothing_unescaped() -> None:
    address = enrolment_uri(SECRET, "wang.min", "Yiwang lanzhou")
    assert address.startswith("otpauth://totp/Yiwang%20lanzhou:wang.min?secret=" + base32(SECRET))
