"""Alerts and mail on the real database: raised once, closed by themselves, shown and mailed to the right people."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.db import connection
from pytest_django import Settings

from tests.store.exchange.cast import (
    AUDITOR,
    CHEN_CHEN,
    CLERK,
    NOW,
    OPERATOR,
    PROVIDER,
    WANG_MIN,
    ZHAO_JING,
    ZHOU_HANG,
)
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.store.models import Source
from yiwang.blocks.identity.public import Actor, NotAllowed, acting
from yiwang.blocks.watch import public as watch
from yiwang.blocks.watch.actions import mailing
from yiwang.blocks.watch.actions.preferences import unsubscribe_token
from yiwang.blocks.watch.domain.errors import AddressMalformed, AlertUnknown, LimitOutOfRange, LinkStale
from yiwang.blocks.watch.store.models import Alert, Mail, Preference, SourceState
from yiwang.blocks.watch.store.seeing import SYSTEM

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
DOWN = watch.NodeSeen(stopped=("worker",))


@pytest.fixture
def failing() -> str:
    """王敏's source, whose test failed; nobody connects to it here."""
    with acting(SYSTEM):
        row = Source.objects.create(
            id="S-2026-000001", agency=PROVIDER, agency_name="市市场监督管理局", name="业务库", host="127.0.0.1",
            database="x", user="x", sealed_password="", checked_at=NOW, check_code="source-unreachable",
            created_at=NOW, created_by="王敏",
        )  # fmt: skip
    return row.id


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch) -> None:
    """Accounts of the cast as identity would name them."""
    known = {one.username: one for one in (WANG_MIN, ZHOU_HANG, ZHAO_JING, OPERATOR)}

    def found(username: str, now: datetime) -> Actor:
        return known[username]

    monkeypatch.setattr(mailing, "actor_for", found)


def compose(notices: Sequence[exchange.NoticeView], language: str, token: str) -> tuple[str, str, str]:
    return f"{language} {len(notices)}", ",".join(one.kind for one in notices), f"http://127.0.0.1/{token}"


def test_an_alert_is_raised_once_and_closes_by_itself(failing: str) -> None:
    assert watch.look(watch.NodeSeen(), NOW).opened == ()
    first = watch.look(watch.NodeSeen(), NOW + 5 * MINUTE)
    assert {(one.kind, one.agency) for one in first.opened} == {
        ("source-down", PROVIDER),
        ("source-down", ""),
    }
    again = watch.look(watch.NodeSeen(), NOW + 6 * MINUTE)
    assert (again.opened, len(again.kept)) == ((), 2)
    assert [one.kind for one in exchange.notices(WANG_MIN).rows] == ["alert-source-down"]
    with acting(SYSTEM):
        Source.objects.filter(pk=failing).update(check_code="")
    assert len(watch.look(watch.NodeSeen(), NOW + 7 * MINUTE).closed) == 2
    assert watch.alert_counts(WANG_MIN) == {"closed": 1}


def test_the_history_of_a_source_names_each_change_and_its_eye(failing: str) -> None:
    watch.look(watch.NodeSeen(), NOW)
    watch.look(watch.NodeSeen(resting=(failing,)), NOW + MINUTE)
    with acting(SYSTEM):
        Source.objects.filter(pk=failing).update(check_code="source-denied")
    watch.look(watch.NodeSeen(), NOW + 2 * MINUTE)
    states = [(one.eye, one.state, one.code, one.since) for one in watch.source_states(WANG_MIN)]
    assert ("gateway", "resting", "", NOW + MINUTE) in states
    assert ("check", "failing", "source-denied", NOW) in states
    lasting = {one.eye: one.state for one in watch.source_states(OPERATOR, open_only=True)}
    assert lasting == {"check": "failing", "gateway": "well"}
    with acting(WANG_MIN):
        exchange.suspend_source(WANG_MIN, failing, "维护", NOW)
    watch.look(watch.NodeSeen(), NOW + 3 * MINUTE)
    assert watch.source_states(OPERATOR, open_only=True) == ()


def test_nobody_sees_the_alerts_and_sources_of_others(failing: str) -> None:
    watch.look(DOWN, NOW)
    watch.look(DOWN, NOW + 6 * MINUTE)
    assert {one.kind for one in watch.alerts(WANG_MIN)} == {"source-down"}
    assert len(watch.alerts(OPERATOR)) == 3
    assert len(watch.alerts(AUDITOR)) == 3
    for who in (ZHAO_JING, ZHOU_HANG, CHEN_CHEN, CLERK):
        assert watch.alerts(who) == ()
        assert watch.source_states(who) == ()
        with pytest.raises(AlertUnknown):
            watch.acknowledge(who, watch.alerts(OPERATOR)[0].id, NOW)


def test_the_database_hides_rows_that_a_query_would_forget(failing: str) -> None:
    watch.look(DOWN, NOW)
    watch.look(DOWN, NOW + 6 * MINUTE)
    watch.set_preference(WANG_MIN, "wang@example.cn", "zh-hans", {})
    with connection.cursor() as cursor:
        cursor.execute("DROP ROLE IF EXISTS yw_watch_reader")
        cursor.execute("CREATE ROLE yw_watch_reader")
        cursor.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO yw_watch_reader")
    with acting(ZHAO_JING):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE yw_watch_reader")
        seen = (Alert.objects.count(), SourceState.objects.count(), Preference.objects.count())
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
    assert seen == (0, 0, 0)


def test_whoever_takes_care_is_named_and_the_alert_stays_one(failing: str) -> None:
    watch.look(watch.NodeSeen(), NOW)
    watch.look(watch.NodeSeen(), NOW + 6 * MINUTE)
    watch.acknowledge(WANG_MIN, watch.alerts(WANG_MIN)[0].id, NOW + 7 * MINUTE)
    assert watch.look(watch.NodeSeen(), NOW + 8 * MINUTE).opened == ()
    assert [(one.state, one.acknowledged_by) for one in watch.alerts(WANG_MIN)] == [("acknowledged", "王敏")]


def test_only_an_operator_changes_a_rule_and_only_within_reason(failing: str) -> None:
    with pytest.raises(NotAllowed):
        watch.set_rule(WANG_MIN, "source-down", enabled=False, limit=5, now=NOW)
    for limit in (-1, 1441):
        with pytest.raises(LimitOutOfRange):
            watch.set_rule(OPERATOR, "source-down", enabled=True, limit=limit, now=NOW)
    with pytest.raises(AlertUnknown):
        watch.set_rule(OPERATOR, "nothing", enabled=True, limit=1, now=NOW)
    watch.set_rule(OPERATOR, "source-down", enabled=False, limit=5, now=NOW)
    watch.look(watch.NodeSeen(), NOW)
    assert watch.look(watch.NodeSeen(), NOW + 9 * MINUTE).opened == ()


def test_mail_goes_to_those_who_asked_and_may_see_it(people: None, failing: str) -> None:
    for who in (WANG_MIN, ZHAO_JING):
        watch.set_preference(who, f"{who.username}@example.cn", "en", {"alerts": "now"})
    watch.look(watch.NodeSeen(), NOW)
    watch.look(watch.NodeSeen(), NOW + 6 * MINUTE)
    assert watch.gather(compose, NOW + 6 * MINUTE) == 1
    assert watch.gather(compose, NOW + 7 * MINUTE) == 0
    assert watch.send_waiting(NOW + 8 * MINUTE) == 1
    assert watch.send_waiting(NOW + 9 * MINUTE) == 0
    assert [(one.to, one.subject, one.body) for one in mail.outbox] == [
        (["user1@example.cn"], "en 1", "alert-source-down")
    ]
    assert "unsubscribe" in str(mail.outbox[0].extra_headers).lower()


def test_a_digest_gathers_what_is_unread_and_never_means_never(people: None) -> None:
    watch.set_preference(WANG_MIN, "wang@example.cn", "zh-hans", {"alerts": "daily", "grants": "never"})
    for kind in ("alert-quota", "alert-refusals", "grant-expired"):
        exchange.announce(kind, NOW, agency=PROVIDER, roles=["data_officer"], link="", params={})
    exchange.read_notice(WANG_MIN, exchange.notices(WANG_MIN).rows[-1].id, NOW)
    assert watch.gather(compose, NOW) == 1  # 09:00 in China
    with acting(SYSTEM):
        assert Mail.objects.get().body == "alert-refusals"
    assert watch.gather(compose, NOW + timedelta(days=1)) == 0


def test_what_happened_before_an_address_was_given_is_not_mailed(people: None) -> None:
    exchange.announce("alert-quota", NOW, agency=PROVIDER, roles=["data_officer"], link="", params={})
    watch.set_preference(WANG_MIN, "wang@example.cn", "zh-hans", {"alerts": "now"})
    assert watch.gather(compose, NOW) == 0


@pytest.mark.parametrize("address", ["x", "a@b@c", "a b@example.cn", "a@example.cn\nBcc: b@example.cn"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(AddressMalformed):
        watch.set_preference(WANG_MIN, address, "en", {})
    assert watch.my_preference(WANG_MIN).address == ""


def test_unsubscribing_stops_also_what_waits(people: None) -> None:
    watch.set_preference(WANG_MIN, "wang@example.cn", "en", {"alerts": "now"})
    exchange.announce("alert-quota", NOW, agency=PROVIDER, roles=["data_officer"], link="", params={})
    assert watch.gather(compose, NOW) == 1
    with pytest.raises(LinkStale):
        watch.unsubscribe("1:forged:token")
    watch.unsubscribe(unsubscribe_token(WANG_MIN.user_id))
    assert watch.send_waiting(NOW) == 0
    exchange.announce("alert-quota", NOW, agency=PROVIDER, roles=["data_officer"], link="", params={})
    assert watch.gather(compose, NOW + timedelta(days=1)) == 0


def test_a_server_that_is_away_costs_no_mail(people: None, settings: Settings) -> None:
    watch.set_preference(WANG_MIN, "wang@example.cn", "en", {"alerts": "now"})
    exchange.announce("alert-quota", NOW, agency=PROVIDER, roles=["data_officer"], link="", params={})
    watch.gather(compose, NOW)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", port, False
    assert watch.send_waiting(NOW) == 0
    failed = watch.mails(OPERATOR)[0]
    assert (failed.state, failed.tries, failed.fault) == ("waiting", 1, "ConnectionRefusedError")
    assert watch.send_waiting(NOW) == 0, "it waits before it is tried again"
    with Sink() as sink:
        settings.EMAIL_PORT = sink.port
        assert watch.send_waiting(NOW + MINUTE) == 1
    assert "To: wang@example.cn" in sink.text
    assert "List-Unsubscribe: <http://127.0.0.1/" in sink.text.replace("\r\n ", "")
    assert watch.mails(OPERATOR)[0].state == "sent"


def test_mails_are_listed_for_operators_alone() -> None:
    for who in (WANG_MIN, AUDITOR, ZHAO_JING):
        with pytest.raises(NotAllowed):
            watch.mails(who)


class Sink:
    """A mail server on loopback that takes one mail, after RFC 5321."""

    def __enter__(self) -> Sink:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self.text = ""
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(timeout=10)
        self._server.close()

    def _serve(self) -> None:
        peer, _address = self._server.accept()
        with peer, peer.makefile("rwb") as stream:

            def say(line: bytes) -> None:
                stream.write(line + b"\r\n")
                stream.flush()

            say(b"220 sink")
            for line in iter(stream.readline, b""):
                word = line[:4].upper()
                if word == b"DATA":
                    say(b"354 go on")
                    self.text = b"".join(iter(stream.readline, b".\r\n")).decode()
                say(b"221 bye" if word == b"QUIT" else b"250 fine")
                if word == b"QUIT":
                    return
