"""Pages, cursors, pauses and keeping, against plain models: nothing lost, in order, whatever breaks in between."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.subscriptions.test_projecting import view
from yiwang.blocks.exchange.domain.compiled import CompiledGrant
from yiwang.blocks.subscriptions.domain import errors
from yiwang.blocks.subscriptions.domain.addresses import hook_address, shown_address
from yiwang.blocks.subscriptions.domain.cursors import cursor, position_of
from yiwang.blocks.subscriptions.domain.events import Event
from yiwang.blocks.subscriptions.domain.keeping import Holding, may_go, overdue
from yiwang.blocks.subscriptions.domain.paging import Reader, Stored
from yiwang.blocks.subscriptions.domain.retrying import LONGEST, again_at, batch_size, is_taken
from yiwang.blocks.subscriptions.domain.standing import standing
from yiwang.blocks.subscriptions.domain.wire import Row
from yiwang.dataplane.connectors.errors import ConnectorError
from yiwang.dataplane.connectors.hosts import AllowedHosts, is_public

NOW = datetime(2026, 11, 20, 1, tzinfo=UTC)
KEY = b"k" * 32


def stored(number: int, key: int, visible: bool) -> Stored:
    row: Row = {"k": key, "名": f"{number % 7}{key}"}
    event = Event("insert", f"[{key}]", None, row) if visible else Event("update", f"[{key}]", row, row)
    return Stored(number, event, 1, NOW)


@given(
    st.lists(st.tuples(st.integers(1, 3), st.booleans()), max_size=30),
    st.lists(st.sampled_from(["pull", "ack", "crash", "both"]), max_size=40),
    st.integers(1, 4),
)
def test_every_event_comes_at_least_once_and_in_order_whatever_breaks(
    happened: list[tuple[int, bool]], steps: list[str], limit: int
) -> None:
    log = [stored(number, key, seen) for number, (key, seen) in enumerate(happened, 1)]
    reader = Reader(KEY, "sub-1", "tag", view())
    acked, handled = 0, 0
    pending: int | None = None
    first_seen: list[str] = []
    for step in [*steps, *["both"] * (len(log) + 1)]:
        if step == "crash":
            pending = None
            continue
        if step in ("pull", "both"):
            page = reader.page((one for one in log if one.position > acked), acked, limit, lost=False)
            ids = [str(event["id"]) for event in page.events]
            assert len(ids) <= limit
            positions = [int(one.rsplit("-", 1)[1]) for one in ids]
            assert positions == sorted(positions)
            first_seen += [one for one in ids if one not in first_seen]
            pending, handled = page.last, max(handled, page.last)
        if step in ("ack", "both") and pending is not None:
            position = position_of(KEY, "sub-1", reader.cursor(pending))
            acked = max(acked, position)
    expected = [f"tag-{one.position}" for one in log if one.event.op == "insert"]
    assert first_seen == expected, "all of them, and new ones in their order"
    assert acked == len(log)


@given(st.integers(0, 10**15), st.text(max_size=20), st.text(max_size=20))
def test_a_cursor_is_good_for_its_own_subscription_alone(position: int, mine: str, other: str) -> None:
    made = cursor(KEY, mine, position)
    assert position_of(KEY, mine, made) == position
    wrong = [made[:-1], made + "0", f"{position + 1}-{made.partition('-')[2]}", "", f"0{made}"]
    for text in wrong:
        with pytest.raises(errors.CursorForeign):
            position_of(KEY, mine, text)
    if other != mine:
        with pytest.raises(errors.CursorForeign):
            position_of(KEY, other, made)


@given(st.integers(1, 5000), st.floats(0, 1))
def test_pauses_grow_to_their_limit_and_never_stop(failures: int, chance: float) -> None:
    wait = again_at(NOW, failures, chance) - NOW
    assert timedelta(seconds=2.5) <= wait <= LONGEST
    assert again_at(NOW, failures + 1, chance) - NOW >= wait
    assert batch_size(failures) >= 1
    assert not any(map(is_taken, (100, 199, 301, 302, 304, 307, 308, 400, 410, 500)))


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 40)), max_size=6),
    st.integers(0, 50),
    st.integers(1, 39),
)
def test_no_event_goes_that_somebody_who_is_waited_for_has_not_acknowledged(
    held: list[tuple[int, int]], last_old: int, most: int
) -> None:
    holdings = [Holding(str(n), acked, NOW - timedelta(days=age)) for n, (acked, age) in enumerate(held)]
    late = overdue(holdings, NOW, most)
    assert set(late) == {str(n) for n, (_, age) in enumerate(held) if age > most}
    upto = may_go([one for one in holdings if one.id not in late], last_old)
    assert upto <= last_old
    assert all(upto <= one.acked for one in holdings if one.id not in late)


@pytest.mark.parametrize(
    ("changed", "state", "at", "expected"),
    [
        ({}, "active", NOW, "open"), ({}, "suspended", NOW, "waits"), ({}, "revoked", NOW, "over"), ({}, "expired", NOW, "over"),
        ({"not_after": int(NOW.timestamp())}, "active", NOW, "over"), ({"not_before": int(NOW.timestamp()) + 1}, "active", NOW, "waits"),
        ({"zone": "internet"}, "active", NOW, "over"), ({"purposes": ("item:2",)}, "active", NOW, "over"),
        ({"modes": ("table",)}, "active", NOW, "over"), ({"hours": (120, 180)}, "active", NOW, "waits"),
        ({"hours": (60, 61)}, "active", NOW, "open"), ({"hours": (1380, 90)}, "active", NOW, "open"),
        ({"workdays_only": True}, "active", NOW + timedelta(days=1), "waits"), ({"workdays_only": True}, "active", NOW, "open"),
    ],
)  # fmt: skip
def test_a_grant_is_judged_anew_for_every_delivery(
    changed: dict[str, object], state: str, at: datetime, expected: str
) -> None:
    facts: dict[str, object] = {
        "id": "G", "version": 1, "resource": "r", "consumer": "c", "modes": ("table", "changes"), "fields": (), "predicates": (),
        "required": (), "purposes": ("item:1",), "not_before": 0, "not_after": 4_000_000_000, **changed,
    }  # fmt: skip
    grant = CompiledGrant(**facts)  # type: ignore[arg-type]
    assert standing(grant, state, "item:1", at, "extranet", lambda day: day.weekday() < 5) == expected
    assert standing(None, "", "item:1", at, "extranet", lambda _: True) == "over"


def wrapped(inner: int) -> tuple[int, ...]:
    """An IPv4 address as IPv6 addresses carry it: mapped, NAT64, 6to4 and Teredo."""
    return (
        0xFFFF << 32 | inner,
        0x64FF9B << 96 | inner,
        0x2002 << 112 | inner << 80,
        0x20010000 << 96 | inner ^ 0xFFFFFFFF,
    )


WRAPPED = st.ip_addresses(v=4).flatmap(
    lambda inner: st.sampled_from(wrapped(int(inner))).map(ipaddress.IPv6Address)
)


# which addresses are drawn at random depends on the numbers in all modules that are loaded: those that were once judged
# wrongly (global inside, not outside, and the other way round) stand here
@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6), WRAPPED))
@example(ipaddress.IPv6Address(wrapped(0x01010101)[3]))
@example(ipaddress.IPv6Address(wrapped(0x01010101)[1]))
@example(ipaddress.IPv6Address(wrapped(0x0A000001)[2]))
@example(ipaddress.IPv6Address(wrapped(0x7F000001)[0]))
def test_an_address_that_is_not_global_is_never_sent_to_without_a_listing(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    host = f"[{address}]" if address.version == 6 else str(address)
    if is_public(address):
        assert address.is_global
        assert AllowedHosts(()).pin_public(host, 443) == str(address)
        return
    with pytest.raises(ConnectorError):
        AllowedHosts(()).pin_public(host, 443)
    assert AllowedHosts((f"{address}/{address.max_prefixlen}",)).pin_public(host, 443) == str(address)


@given(st.ip_addresses(v=4))
def test_an_inner_address_inside_of_another_one_is_found(address: ipaddress.IPv4Address) -> None:
    for outer in wrapped(int(address)):
        if not address.is_global:
            assert not is_public(ipaddress.IPv6Address(outer))


def test_a_secret_in_an_address_is_not_shown() -> None:
    assert shown_address("https://hook.example.cn:8443/a/secret?token=x") == "https://hook.example.cn:8443/…"
    assert shown_address("https://[broken") == "—"
    assert hook_address("https://hook.example.cn/a?token=x").hostname == "hook.example.cn"
    with pytest.raises(errors.HookAddressWrong):
        hook_address("https://hook.example.cn/" + "a" * 500)
