"""Whom a request comes from, behind proxies that are trusted and behind others."""

from __future__ import annotations

import pytest

from yiwang.portal.proxies import caller_behind, read_networks

TRUSTED = read_networks("10.0.0.5, 10.1.0.0/16, fd00::/8")


@pytest.mark.parametrize(
    ("remote", "forwarded", "caller"),
    [
        ("10.0.0.5", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.5", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.5", "203.0.113.9, 10.1.2.3", "203.0.113.9"),
        ("::ffff:10.0.0.5", "::ffff:203.0.113.9", "203.0.113.9"),
        ("fd00::1", "2001:db8::7", "2001:db8::7"),
        ("10.0.0.6", "203.0.113.9", None),
        ("10.0.0.5", "10.1.2.3", None),
        ("10.0.0.5", "", None),
        ("10.0.0.5", "203.0.113.9, <script>", None),
        ("unix", "203.0.113.9", None),
    ],
)
def test_the_last_address_that_is_no_trusted_proxy_is_the_callers(
    remote: str, forwarded: str, caller: str | None
) -> None:
    found = caller_behind(remote, forwarded, TRUSTED)
    assert (str(found) if found else None) == caller


def test_what_is_no_network_is_named() -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0\.1/8"):
        read_networks("10.0.0.5,10.0.0.1/8")
