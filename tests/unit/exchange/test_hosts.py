"""Only what the operator lists may be connected to, and names lead where they led when they were checked."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.dataplane.connectors.errors import HostNotAllowed, HostUnknown
from yiwang.dataplane.connectors.hosts import AllowedHosts


@pytest.mark.parametrize(
    ("setting", "host", "port", "pinned"),
    [
        ("127.0.0.1", "127.0.0.1", 5432, "127.0.0.1"),
        ("10.20.0.0/16", "10.20.3.4", 5432, "10.20.3.4"),
        ("10.20.0.0/16:5433", "10.20.3.4", 5433, "10.20.3.4"),
        ("::1", "[::1]", 5432, "::1"),
        ("[::1]:5432", "::1", 5432, "::1"),
        (" 10.1.1.1 , 127.0.0.1:5432 ", "127.0.0.1", 5432, "127.0.0.1"),
    ],
)
def test_a_listed_address_is_allowed(setting: str, host: str, port: int, pinned: str) -> None:
    assert AllowedHosts.parse(setting).pin(host, port) == pinned


@pytest.mark.parametrize(
    ("setting", "host", "port"),
    [
        ("", "127.0.0.1", 5432),
        ("10.20.0.0/16", "10.21.0.1", 5432),
        ("10.20.0.0/16:5433", "10.20.3.4", 5432),
        ("127.0.0.1", "169.254.169.254", 80),
        ("127.0.0.1", "/var/run/postgresql", 5432),
        ("127.0.0.1", "127.0.0.1,10.0.0.1", 5432),
        ("127.0.0.1", "@abstract", 5432),
        ("127.0.0.1", "", 5432),
        ("db.lan", "evil.lan", 5432),
    ],
)
def test_anything_else_is_not(setting: str, host: str, port: int) -> None:
    with pytest.raises(HostNotAllowed):
        AllowedHosts.parse(setting).pin(host, port)


def _names(monkeypatch: pytest.MonkeyPatch, **names: str) -> list[str]:
    asked: list[str] = []

    def answer(name: str, port: int, type: int) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        asked.append(name)
        if name not in names:
            raise socket.gaierror
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (names[name], port))]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return asked


def test_a_listed_name_is_resolved_once_and_pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = _names(monkeypatch, **{"db.lan": "10.9.9.9"})
    assert AllowedHosts.parse("db.lan:5432").pin("DB.lan", 5432) == "10.9.9.9"
    assert asked == ["db.lan"]


def test_a_name_that_leads_outside_the_listed_networks_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    _names(monkeypatch, **{"db.lan": "10.9.9.9", "inner.lan": "10.20.1.1"})
    allowed = AllowedHosts.parse("10.20.0.0/16")
    assert allowed.pin("inner.lan", 5432) == "10.20.1.1"
    with pytest.raises(HostNotAllowed):
        allowed.pin("db.lan", 5432)


def test_a_name_that_does_not_resolve_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    _names(monkeypatch)
    with pytest.raises(HostUnknown):
        AllowedHosts.parse("db.lan").pin("db.lan", 5432)


def test_a_name_that_cannot_be_allowed_is_not_even_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = _names(monkeypatch, **{"db.lan": "10.9.9.9"})
    with pytest.raises(HostNotAllowed):
        AllowedHosts.parse("other.lan").pin("db.lan", 5432)
    assert asked == []


@given(st.text(max_size=40), st.integers(0, 70000))
def test_nothing_is_allowed_by_an_empty_list(host: str, port: int) -> None:
    with pytest.raises(HostNotAllowed):
        AllowedHosts.parse("").pin(host, port)
