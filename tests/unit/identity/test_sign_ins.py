"""How long a browser stays signed in, and what must come before any work."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from yiwang.blocks.identity.domain.sign_ins import (
    address_of,
    browser_words,
    is_loopback,
    pending_step,
    still_open,
)

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


def test_a_sign_in_ends_after_half_an_hour_without_use() -> None:
    assert still_open(NOW, NOW, NOW + timedelta(minutes=29, seconds=59))
    assert not still_open(NOW, NOW, NOW + timedelta(minutes=30))


def test_a_sign_in_ends_after_eight_hours_in_any_case() -> None:
    busy = NOW + timedelta(hours=7, minutes=59)
    assert still_open(NOW, busy, busy)
    assert not still_open(NOW, busy, NOW + timedelta(hours=8))


@pytest.mark.parametrize(
    ("strong", "shown", "bound", "must", "step"),
    [
        (False, False, False, False, None),
        (False, False, True, False, "second-factor"),
        (True, False, False, False, "enrol"),
        (True, False, True, True, "second-factor"),
        (True, True, True, True, "password"),
        (True, False, False, True, "password"),
        (True, True, True, False, None),
    ],
)
def test_steps_come_in_their_order(
    strong: bool, shown: bool, bound: bool, must: bool, step: str | None
) -> None:
    found = pending_step(
        strong=strong, second_factor=shown, has_authenticator=bound, must_change_password=must
    )
    assert found == step


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1:4711", "127.0.0.1"),
        ("[::1]:4711", "::1"),
        ("::1", "::1"),
        ("unix", None),
        ("", None),
    ],
)
def test_a_peer_has_an_address_or_none(remote: str, address: str | None) -> None:
    assert address_of(remote) == address


def test_only_this_machine_is_loopback() -> None:
    assert is_loopback("127.0.0.53")
    assert is_loopback("::1")
    assert not is_loopback("10.0.0.1")
    assert not is_loopback(None)


def test_a_browser_is_named_in_two_words() -> None:
    agent = (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0"
    )
    assert browser_words(agent) == "Edge · Windows"
    assert browser_words("curl/8") == ""
