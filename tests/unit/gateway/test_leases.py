"""How long a lease holds when the clock of the gateway's machine is moved."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from yiwang.gateway.cascade.table import HeldLease

MOMENT = 1000.0


def test_a_clock_that_is_set_back_makes_no_lease_longer() -> None:
    lease = HeldLease.seen(5060.0, 5000.0, MOMENT, None)
    assert lease.holds(4700.0, MOMENT + 59)
    assert not lease.holds(4700.0, MOMENT + 61)
    again = HeldLease.seen(5060.0, 4730.0, MOMENT + 30, lease)
    assert not again.holds(4761.0, MOMENT + 61), "seen again, it is the same lease"


def test_a_clock_that_is_set_forward_ends_a_lease_until_it_is_renewed() -> None:
    lease = HeldLease.seen(5060.0, 5000.0, MOMENT, None)
    assert not lease.holds(5300.0, MOMENT + 1)
    assert HeldLease.seen(5361.0, 5301.0, MOMENT + 2, lease).holds(5301.0, MOMENT + 2)


@given(st.floats(-600, 600), st.floats(0, 3600), st.floats(0, 120))
def test_no_lease_holds_for_more_than_a_minute(moved: float, given_seconds: float, later: float) -> None:
    lease = HeldLease.seen(5000.0 + given_seconds, 5000.0, MOMENT, None)
    if lease.holds(5000.0 + moved + later, MOMENT + later):
        assert later < min(60.0, given_seconds + 1e-6)
