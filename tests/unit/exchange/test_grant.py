"""A grant only ever narrows after its birth, and ends once."""

from __future__ import annotations

import pytest

from tests.unit.exchange.cases import HE_QING, OPERATOR, WANG_MIN, ZHAO_JING, ZHOU_HANG, grant
from yiwang.blocks.exchange.domain import errors
from yiwang.blocks.exchange.domain.grant import (
    STATES,
    Expire,
    GrantCommand,
    GrantState,
    Resume,
    Revoke,
    Suspend,
    allowed_on_grant,
    decide_grant,
)
from yiwang.blocks.exchange.domain.request import Person

OVER = 2_000_000_000
COMMANDS: dict[GrantCommand, frozenset[str]] = {
    Suspend("异常调用"): frozenset({"active"}),
    Resume(): frozenset({"suspended"}),
    Revoke("用途不再存在"): frozenset({"active", "suspended"}),
    Expire(OVER): frozenset({"active", "suspended"}),
}


@pytest.mark.parametrize("state", list(STATES))
@pytest.mark.parametrize("command", list(COMMANDS), ids=lambda c: type(c).__name__)
def test_each_step_fits_its_states_and_no_other(state: GrantState, command: GrantCommand) -> None:
    if state in COMMANDS[command]:
        assert decide_grant(grant(state), command, WANG_MIN).grant.version == 2
        return
    with pytest.raises(errors.GrantStateWrong):
        decide_grant(grant(state), command, WANG_MIN)


def test_revoking_twice_is_told() -> None:
    revoked = decide_grant(grant(), Revoke("用途不再存在"), WANG_MIN).grant
    with pytest.raises(errors.GrantStateWrong):
        decide_grant(revoked, Revoke("再来一次"), WANG_MIN)


@pytest.mark.parametrize("by", [ZHOU_HANG, ZHAO_JING, OPERATOR])
@pytest.mark.parametrize("command", [Suspend("x"), Resume(), Revoke("x")], ids=lambda c: type(c).__name__)
def test_only_provider_and_bureau_touch_a_grant(by: Person, command: GrantCommand) -> None:
    with pytest.raises(errors.NotAllowed):
        decide_grant(grant(), command, by)


def test_the_bureau_may_stop_a_grant() -> None:
    assert decide_grant(grant(), Suspend("异常调用"), HE_QING).grant.state == "suspended"


@pytest.mark.parametrize("command", [Suspend(""), Revoke("  ")], ids=lambda c: type(c).__name__)
def test_stopping_needs_a_reason(command: GrantCommand) -> None:
    with pytest.raises(errors.ReasonMissing):
        decide_grant(grant(), command, WANG_MIN)


def test_a_grant_does_not_expire_early() -> None:
    with pytest.raises(errors.GrantStateWrong):
        decide_grant(grant(), Expire(OVER - 1), WANG_MIN)
    assert decide_grant(grant(), Expire(OVER), WANG_MIN).step == "expired"


def test_the_consumer_may_renew_unless_it_was_revoked() -> None:
    assert allowed_on_grant(grant("expired"), ZHOU_HANG) == {"renew"}
    assert allowed_on_grant(grant("revoked"), ZHOU_HANG) == frozenset()
    assert allowed_on_grant(grant(), WANG_MIN) == {"suspend", "revoke"}
    assert allowed_on_grant(grant(), ZHAO_JING) == frozenset()
