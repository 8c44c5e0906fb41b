"""Client applications and keys in the database, and what the gateways are told after each action."""

from __future__ import annotations

import base64
from datetime import timedelta

import msgspec
import pytest
from django.utils import timezone

from tests.store.identity.cast import (
    CIVIL,
    LI_WEI,
    MARKET,
    OPERATOR,
    SECURITY,
    WANG_MIN,
    ZHAO_JING,
    ZHOU_HANG,
)
from yiwang.blocks.identity import public as identity
from yiwang.blocks.identity.domain.compiled import CompiledClient
from yiwang.blocks.identity.store import models
from yiwang.vocabulary.crypto import BadKey, generate, load_private, load_public

pytestmark = pytest.mark.usefixtures("node")


def compiled(client: str) -> tuple[int, str, CompiledClient]:
    row = models.CompiledClient.objects.get(pk=client)
    return row.epoch, row.state, msgspec.json.decode(row.doc, type=CompiledClient)


def registered() -> str:
    return identity.register_client(ZHOU_HANG.actor, name="低保审核系统", now=timezone.now())


def with_key(suite: str = "ed25519") -> tuple[str, str]:
    client = registered()
    public = generate(suite).public
    return client, identity.add_key(ZHOU_HANG.actor, client, public.to_pem(), now=timezone.now())


def test_clients_of_an_agency_are_numbered() -> None:
    assert [registered(), registered()] == ["lan-minzheng-1", "lan-minzheng-2"]
    assert identity.register_client(WANG_MIN.actor, name="监管平台", now=timezone.now()) == "lan-shichang-1"
    assert identity.agency_of_client("lan-minzheng-2") == CIVIL
    assert identity.clients_of_agency(CIVIL) == ["lan-minzheng-1", "lan-minzheng-2"]


def test_a_registered_client_is_known_to_the_gateways_without_keys() -> None:
    _, state, document = compiled(registered())
    assert state == "active"
    assert document == CompiledClient("lan-minzheng-1", CIVIL, (), "application")


@pytest.mark.parametrize("suite", ["sm2-sm3", "ed25519"])
def test_an_uploaded_key_reaches_the_gateways(suite: str) -> None:
    client = registered()
    before = compiled(client)[0]
    public = generate(suite).public
    now = timezone.now()
    kid = identity.add_key(ZHOU_HANG.actor, client, public.to_pem(), validity=timedelta(days=90), now=now)
    epoch, _, document = compiled(client)
    (key,) = document.keys
    assert epoch > before
    assert (key.kid, key.suite, load_public(base64.b64decode(key.spki))) == (kid, suite, public)
    assert kid == public.kid
    assert key.not_before == int(now.timestamp())
    assert key.not_after == int((now + timedelta(days=90)).timestamp())


def test_a_private_key_or_rubbish_is_not_taken_as_a_public_key() -> None:
    client = registered()
    for wrong in (
        generate("ed25519").to_pem(),
        b"",
        b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
    ):
        with pytest.raises(BadKey):
            identity.add_key(ZHOU_HANG.actor, client, wrong, now=timezone.now())
    assert compiled(client)[2].keys == ()


def test_a_key_is_registered_once_on_the_whole_node() -> None:
    pem = generate("ed25519").public.to_pem()
    ours = identity.register_client(WANG_MIN.actor, name="监管平台", now=timezone.now())
    identity.add_key(WANG_MIN.actor, ours, pem, now=timezone.now())
    with pytest.raises(identity.KeyTaken):
        identity.add_key(ZHOU_HANG.actor, registered(), pem, now=timezone.now())


def test_a_rotation_lets_the_old_key_end_after_the_overlap() -> None:
    client, old = with_key()
    now = timezone.now()
    new = identity.add_key(
        ZHOU_HANG.actor,
        client,
        generate("ed25519").public.to_pem(),
        replace_within=timedelta(days=7),
        now=now,
    )
    ends = {key.kid: key.not_after for key in compiled(client)[2].keys}
    assert ends[old] == int((now + timedelta(days=7)).timestamp())
    assert ends[new] == int((now + timedelta(days=365)).timestamp())
    shown = {key.kid: key.standing for key in identity.client(ZHOU_HANG.actor, client, now).keys}
    assert shown == {old: "expiring", new: "active"}


def test_a_rotation_without_overlap_ends_the_old_key_at_once() -> None:
    client, old = with_key()
    now = timezone.now()
    new = identity.add_key(
        ZHOU_HANG.actor, client, generate("ed25519").public.to_pem(), replace_within=timedelta(0), now=now
    )
    assert [key.kid for key in compiled(client)[2].keys] == [new]
    assert {key.kid: key.standing for key in identity.client(ZHOU_HANG.actor, client, now).keys}[
        old
    ] == "expired"


def test_a_revoked_key_leaves_the_gateways_and_never_returns() -> None:
    client, kid = with_key()
    before = compiled(client)[0]
    spki = bytes(models.ClientKey.objects.get(pk=kid).spki)
    identity.revoke_key(ZHOU_HANG.actor, client, kid, reason="lost laptop", now=timezone.now())
    epoch, _, document = compiled(client)
    assert epoch > before
    assert document.keys == ()
    with pytest.raises(identity.KeyTaken):
        identity.add_key(ZHOU_HANG.actor, client, spki, now=timezone.now())


def test_a_generated_key_is_handed_over_once() -> None:
    client = registered()
    handed = identity.generate_key(ZHOU_HANG.actor, client, now=timezone.now())
    assert identity.handover(handed.token, timezone.now()).kid == handed.kid
    taken = identity.take_key(handed.token, now=timezone.now())
    assert load_private(taken.pem).kid == handed.kid == compiled(client)[2].keys[0].kid
    with pytest.raises(identity.HandoverGone):
        identity.take_key(handed.token, now=timezone.now())
    row = models.KeyHandover.objects.get(key_id=handed.kid)
    assert row.sealed_private is None


def test_a_link_expires_and_its_key_is_destroyed() -> None:
    handed = identity.generate_key(ZHOU_HANG.actor, registered(), now=timezone.now())
    late = timezone.now() + timedelta(hours=24)
    with pytest.raises(identity.HandoverGone):
        identity.take_key(handed.token, now=late)
    assert identity.purge_handovers(late) == 1
    assert models.KeyHandover.objects.get().sealed_private is None


def test_neither_the_token_nor_the_key_lies_readable_in_the_database() -> None:
    handed = identity.generate_key(ZHOU_HANG.actor, registered(), now=timezone.now())
    row = models.KeyHandover.objects.get()
    assert handed.token not in row.token_digest
    assert row.sealed_private is not None
    assert b"PRIVATE KEY" not in bytes(row.sealed_private)


def test_a_wrong_token_and_a_revoked_key_give_the_same_answer() -> None:
    client = registered()
    handed = identity.generate_key(ZHOU_HANG.actor, client, now=timezone.now())
    identity.revoke_key(ZHOU_HANG.actor, client, handed.kid, reason="mistake", now=timezone.now())
    said = set()
    for token in (handed.token, "x" * 43, "", "王"):
        with pytest.raises(identity.HandoverGone) as caught:
            identity.take_key(token, now=timezone.now())
        said.add(str(caught.value))
    assert len(said) == 1


def test_suspending_and_resuming_reach_the_gateways() -> None:
    client, kid = with_key()
    epochs = [compiled(client)[0]]
    identity.suspend_client(OPERATOR.actor, client, reason="too many calls", now=timezone.now())
    assert compiled(client)[1] == "suspended"
    epochs.append(compiled(client)[0])
    with pytest.raises(identity.NotAllowed):
        identity.resume_client(ZHOU_HANG.actor, client, reason="we are in a hurry", now=timezone.now())
    identity.resume_client(SECURITY.actor, client, reason="solved", now=timezone.now())
    epochs.append(compiled(client)[0])
    assert compiled(client)[1] == "active"
    assert [key.kid for key in compiled(client)[2].keys] == [kid]
    assert epochs == sorted(set(epochs))


def test_a_suspended_client_gets_no_new_keys() -> None:
    client = registered()
    identity.suspend_client(ZHOU_HANG.actor, client, reason="rest", now=timezone.now())
    with pytest.raises(identity.ClientNotActive):
        identity.generate_key(ZHOU_HANG.actor, client, now=timezone.now())


def test_an_outsider_neither_sees_nor_touches_a_client() -> None:
    client, kid = with_key()
    now = timezone.now()
    assert identity.clients(ZHAO_JING.actor, now) == []
    for who in (ZHAO_JING, WANG_MIN, LI_WEI):
        actor = who.actor
        with pytest.raises(identity.UnknownClient):
            identity.client(actor, client, now)
        for deed in (
            lambda actor=actor: identity.suspend_client(actor, client, reason="because", now=now),
            lambda actor=actor: identity.revoke_key(actor, client, kid, reason="because", now=now),
            lambda actor=actor: identity.generate_key(actor, client, now=now),
        ):
            with pytest.raises(identity.UnknownClient):
                deed()


def test_operators_see_clients_and_handle_no_keys() -> None:
    client, kid = with_key()
    assert not identity.client(OPERATOR.actor, client, timezone.now()).keeps
    with pytest.raises(identity.NotAllowed):
        identity.revoke_key(OPERATOR.actor, client, kid, reason="because", now=timezone.now())


def test_the_console_key_is_made_once_and_signs() -> None:
    now = timezone.now()
    client, key = identity.console_key(MARKET, now=now)
    again, same = identity.console_key(MARKET, now=now + timedelta(hours=1))
    assert (client, again, key.kid) == ("lan-shichang-console", "lan-shichang-console", same.kid)
    assert key.public.verify(b"message", same.sign(b"message"))
    _, state, document = compiled(client)
    assert (state, document.kind, [one.kid for one in document.keys]) == ("active", "console", [key.kid])


def test_the_console_key_is_renewed_before_it_runs_out() -> None:
    now = timezone.now()
    _, key = identity.console_key(MARKET, now=now)
    _, next_key = identity.console_key(MARKET, now=now + timedelta(days=364, hours=12))
    assert key.kid != next_key.kid


def test_nobody_handles_the_consoles_keys_by_hand() -> None:
    client, key = identity.console_key(MARKET, now=timezone.now())
    with pytest.raises(identity.ConsoleClient):
        identity.generate_key(WANG_MIN.actor, client, now=timezone.now())
    with pytest.raises(identity.ConsoleClient):
        identity.revoke_key(WANG_MIN.actor, client, key.kid, reason="because", now=timezone.now())


def test_a_suspended_console_does_not_sign() -> None:
    client, _ = identity.console_key(MARKET, now=timezone.now())
    identity.suspend_client(SECURITY.actor, client, reason="misused", now=timezone.now())
    with pytest.raises(identity.ClientNotActive):
        identity.console_key(MARKET, now=timezone.now())
