"""Webhooks: signed, in order, at least once, whatever the receiver does; nothing after a revocation."""

from __future__ import annotations

import itertools
import socket
from datetime import timedelta

import pytest

from tests.store.exchange.cast import WANG_MIN, ZHAO_JING, ZHOU_HANG
from tests.store.subscriptions.cast import URL, Receiver, Stage
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import SYSTEM
from yiwang.blocks.identity.public import acting
from yiwang.blocks.subscriptions import public as subs
from yiwang.blocks.subscriptions.actions.sending import due_hooks, send
from yiwang.blocks.subscriptions.domain import errors
from yiwang.blocks.subscriptions.domain.retrying import DEAD_AFTER
from yiwang.blocks.subscriptions.store.here import signing_key
from yiwang.blocks.subscriptions.store.models import Hook, Subscription
from yiwang.dataplane.connectors.errors import ConnectorError
from yiwang.vocabulary.webhooks import WebhookInvalid, verify_delivery


@pytest.fixture
def number(stage: Stage) -> str:
    made = stage.subscribe()
    subs.set_hook(ZHOU_HANG, made, URL, stage.clock())
    return made


def change(stage: Stage, name: str, row: str = "B000001") -> None:
    stage.sql(f"UPDATE kb.qy SET mc = '{name}' WHERE bh = '{row}'")
    stage.turn()


def names(receiver: Receiver) -> list[object]:
    return [one["values"]["名称"] for one in receiver.events]  # type: ignore[index]


def test_a_delivery_is_signed_by_the_node_over_its_body_and_address(stage: Stage, number: str) -> None:
    receiver = Receiver()
    change(stage, "一")
    stage.send(number, receiver)
    assert receiver.pinned == ["93.184.215.14"]
    keys = {signing_key().kid: signing_key().public}
    now = int(stage.clock().timestamp())
    headers, body = receiver.headers[0], receiver.bodies[0]
    assert verify_delivery(keys, URL, headers, body, now=now) == headers["yw-delivery"]
    for harmed in (
        (keys, URL + "&x=1", headers, body, now),
        (keys, URL, headers, body.replace("一".encode(), "二".encode()), now),
        (keys, URL, {**headers, "yw-subscription": "sub-other"}, body, now),
        (keys, URL, {**headers, "signature": "yw=:AAAAAAAAAAAA:"}, body, now),
        (keys, URL, headers, body, now + 301),
        ({}, URL, headers, body, now),
        (keys, URL, {}, body, now),
    ):
        with pytest.raises(WebhookInvalid):
            verify_delivery(*harmed[:4], now=harmed[4])
    stage.send(number, receiver)
    assert len(receiver.came) == 1, "what was taken is not sent again"
    view = subs.subscription(ZHOU_HANG, number)
    assert (view.lag, view.hook is not None and view.hook.last_status) == (0, 200)


def test_a_receiver_that_is_down_gets_everything_in_order_when_it_is_back(stage: Stage, number: str) -> None:
    receiver = Receiver(status=0)
    for count in itertools.count():
        if count < 5:
            change(stage, f"第{count}")
        stage.clock.on(hours=3)
        stage.send(number, receiver)
        subs.tick(stage.clock())
        if stage.clock() - subs.subscription(ZHOU_HANG, number).created_at > timedelta(days=9):
            break
        if count == 20:
            receiver.status = 503
    view = subs.subscription(ZHOU_HANG, number)
    assert view.hook is not None
    assert (view.hook.dead, view.state, view.hook.error is not None) == (True, "active", True)
    assert [one.kind for one in exchange.notices(ZHOU_HANG).rows].count("subscription-receiver-dead") == 1
    receiver.came.clear()
    receiver.status = 204
    stage.clock.on(hours=3)
    stage.send(number, receiver)
    assert len(receiver.came) == 2, "one event to see whether it lives, then the rest"
    assert names(receiver) == [f"第{count}" for count in range(5)]
    assert subs.subscription(ZHOU_HANG, number).lag == 0


def test_pauses_grow_and_a_failing_receiver_stands_apart_from_those_that_work(
    stage: Stage, number: str
) -> None:
    receiver = Receiver(status=500)
    change(stage, "一")
    waits = []
    for _ in range(DEAD_AFTER):
        stage.send(number, receiver)
        hook = subs.subscription(ZHOU_HANG, number).hook
        assert hook is not None
        waits.append((hook.due_at - stage.clock()).total_seconds())
        assert number not in due_hooks(stage.clock(), failing=True), "it is not tried before its time"
        stage.clock.on(seconds=waits[-1])
        assert due_hooks(stage.clock(), failing=False) == []
        assert due_hooks(stage.clock(), failing=True) == [number]
    assert waits == [5.0 * 2**n for n in range(DEAD_AFTER)]


def test_a_worker_that_dies_after_sending_sends_the_same_again(stage: Stage, number: str) -> None:
    receiver = Receiver()
    change(stage, "一")

    def killed() -> None:
        raise KeyboardInterrupt

    first = Receiver(during=killed)
    with pytest.raises(KeyboardInterrupt):
        send(number, stage.clock, lambda: 1.0, first)
    assert not send(number, stage.clock, lambda: 1.0, receiver), "the claim is another worker's"
    stage.clock.on(seconds=61)
    stage.send(number, receiver)
    assert names(receiver) == ["一"]
    change(stage, "二")

    def late() -> None:  # its claim ran out while the receiver was slow, and another worker delivered
        receiver.during = lambda: None
        stage.clock.on(seconds=61)
        stage.send(number, receiver)

    receiver.during = late
    send(number, stage.clock, lambda: 1.0, receiver)
    ids = [one["id"] for one in receiver.events]
    assert ids[1:] == [ids[1]] * 2, "twice under one id, never lost"
    assert subs.subscription(ZHOU_HANG, number).lag == 0


def test_nothing_is_sent_once_the_grant_is_revoked_or_suspended(stage: Stage, number: str) -> None:
    receiver = Receiver()
    change(stage, "一")
    exchange.suspend_grant(WANG_MIN, stage.grant, "核查", stage.clock())
    stage.send(number, receiver)
    assert receiver.came == []
    exchange.resume_grant(WANG_MIN, stage.grant, stage.clock())
    stage.clock.on(seconds=31)
    stage.send(number, receiver)
    assert names(receiver) == ["一"]
    change(stage, "二")
    exchange.revoke_grant(WANG_MIN, stage.grant, "不再需要", stage.clock())
    stage.clock.on(seconds=31)
    stage.send(number, receiver)
    assert names(receiver) == ["一"]


def test_redirects_and_410_are_no_delivery(stage: Stage, number: str) -> None:
    receiver = Receiver(status=307)
    change(stage, "一")
    stage.send(number, receiver)
    assert subs.subscription(ZHOU_HANG, number).lag == 1
    receiver.status = 410
    stage.clock.on(seconds=10)
    stage.send(number, receiver)
    assert "subscription-unwanted" in [one.kind for one in exchange.notices(ZHOU_HANG).rows]
    stage.clock.on(days=1)
    assert due_hooks(stage.clock(), failing=True) == []
    receiver.status = 200
    subs.try_hook(ZHOU_HANG, number, stage.clock(), test=False)
    stage.send(number, receiver)
    assert subs.subscription(ZHOU_HANG, number).lag == 0


def test_a_test_delivery_holds_no_data_and_moves_nothing(stage: Stage, number: str) -> None:
    receiver = Receiver()
    change(stage, "一")
    subs.try_hook(ZHOU_HANG, number, stage.clock(), test=True)
    assert send(number, stage.clock, lambda: 1.0, receiver)
    assert (receiver.came[0]["test"], receiver.came[0]["events"]) == (True, [])
    assert subs.subscription(ZHOU_HANG, number).lag == 1
    stage.send(number, receiver)
    assert names(receiver) == ["一"]


def test_a_paused_subscription_sends_nothing_until_it_is_resumed(stage: Stage, number: str) -> None:
    receiver = Receiver()
    subs.pause(ZHOU_HANG, number, stage.clock())
    with pytest.raises(errors.SubscriptionStateWrong):
        subs.pause(ZHOU_HANG, number, stage.clock())
    change(stage, "一")
    stage.send(number, receiver)
    assert receiver.came == []
    subs.resume(ZHOU_HANG, number, stage.clock())
    stage.send(number, receiver)
    assert names(receiver) == ["一"]


HOSTILE = (
        "http://example.cn/hook", "https://user:word@example.cn/", "https://example.cn/#part", "ftp://example.cn/",
        "https://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://10.1.2.3/", "https://192.168.1.9:8443/",
        "https://169.254.169.254/latest/meta-data/", "https://[fe80::1]/", "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://100.100.100.200/", "https://0.0.0.0/",
        "https://2130706433/", "https://0x7f.1/", "https://224.0.0.1/", "https://172.16.0.1/", "file:///etc/passwd",
        "https:///nowhere", "https://exa mple.cn/", "https://[fd00::1]/", "https://198.18.0.1/", "gopher://127.0.0.1/",
)  # fmt: skip


def test_hostile_addresses_are_refused_when_they_are_registered(stage: Stage) -> None:
    number = stage.subscribe()
    for url in HOSTILE:
        with pytest.raises((errors.HookAddressWrong, ConnectorError)):
            subs.set_hook(ZHOU_HANG, number, url, stage.clock())
    with acting(SYSTEM):
        assert not Hook.objects.exists()


def test_a_name_that_comes_to_mean_an_inner_address_is_refused_when_something_is_sent(
    stage: Stage, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {"hook.example.cn": ["93.184.215.14"]}
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda name, port, **_: [(0, 0, 0, "", (one, port)) for one in answers[name]],
    )
    subs.set_hook(ZHOU_HANG, number, "https://hook.example.cn/x", stage.clock())
    receiver = Receiver()
    change(stage, "一")
    for answer in (
        ["127.0.0.1"],
        ["10.0.0.1"],
        ["93.184.215.14", "169.254.169.254"],
        ["::ffff:10.0.0.1"],
        [],
    ):
        answers["hook.example.cn"] = answer
        stage.send(number, receiver)
        hook = subs.subscription(ZHOU_HANG, number).hook
        assert hook is not None
        assert hook.error is not None
        assert hook.error.code == "connector-host-not-public"
        stage.clock.on(hours=3)
    assert receiver.pinned == []
    answers["hook.example.cn"] = ["93.184.215.15"]
    stage.send(number, receiver)
    assert receiver.pinned == ["93.184.215.15"], "the address that was looked at is the one that is used"


def test_an_inner_receiver_is_reached_where_the_operator_listed_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = stage.subscribe()
    monkeypatch.setenv("YW_WEBHOOK_HOSTS", "127.0.0.1:9000,10.20.0.0/16")
    subs.set_hook(ZHOU_HANG, number, "http://127.0.0.1:9000/hook", stage.clock())
    subs.set_hook(ZHOU_HANG, number, "https://10.20.3.4/hook", stage.clock())
    with pytest.raises((errors.HookAddressWrong, ConnectorError)):
        subs.set_hook(ZHOU_HANG, number, "http://127.0.0.1:9001/hook", stage.clock())


def test_a_token_in_the_address_stands_in_no_log_and_on_no_page_of_others(
    stage: Stage, number: str, caplog: pytest.LogCaptureFixture
) -> None:
    change(stage, "一")
    with caplog.at_level("DEBUG"):
        stage.send(number, Receiver(status=500))
    assert "secret" not in caplog.text
    view = subs.subscription(WANG_MIN, number)
    assert view.hook is None
    for stranger in (ZHAO_JING, WANG_MIN):
        with acting(stranger):
            assert not Hook.objects.exists(), "the database says the same"


def test_somebody_elses_webhook_is_not_to_be_changed(stage: Stage, number: str) -> None:
    now = stage.clock()
    for stranger in (ZHAO_JING, WANG_MIN):
        with pytest.raises(errors.SubscriptionUnknown):
            subs.set_hook(stranger, number, URL, now)
        with pytest.raises(errors.SubscriptionUnknown):
            subs.drop_hook(stranger, number, now)
        with pytest.raises(errors.SubscriptionUnknown):
            subs.try_hook(stranger, number, now, test=True)
    subs.drop_hook(ZHOU_HANG, number, stage.clock())
    with acting(SYSTEM):
        assert Subscription.objects.count() == 1
        assert not Hook.objects.exists()
