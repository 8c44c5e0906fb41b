"""Keys of client applications: uploaded, or generated and handed over by a one-time link; rotated; revoked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from yiwang.blocks.identity.actions.clients import locked_client
from yiwang.blocks.identity.actions.publishing import key_of, publish
from yiwang.blocks.identity.actions.recording import record
from yiwang.blocks.identity.domain.actor import Actor
from yiwang.blocks.identity.domain.client_errors import (
    ClientNotActive,
    ConsoleClient,
    HandoverGone,
    UnknownKey,
)
from yiwang.blocks.identity.domain.clients import (
    ACTIVE,
    APPLICATION,
    CONSOLE,
    GENERATED,
    HANDOVER_LIFE,
    JOBS,
    NODE,
    UPLOADED,
    USUAL_VALIDITY,
    decide_add_key,
    decide_keep,
    decide_overlap,
    decide_revoke,
    new_token,
    token_digest,
)
from yiwang.blocks.identity.store.models import ClientApplication, ClientKey, KeyHandover
from yiwang.blocks.identity.store.sealing import open_secret, seal_secret
from yiwang.blocks.organisation.public import agency as agency_facts
from yiwang.vocabulary.crypto import SM2_SM3, PublicKey, SigningKey, generate, load_private, load_public

CONSOLE_MARGIN = timedelta(days=1)


@dataclass(frozen=True)
class Handover:
    """A generated key: its kid, and the token of the one-time link, shown this once."""

    kid: str
    token: str
    expires_at: datetime


@dataclass(frozen=True)
class HandedKey:
    """A private key as it leaves the node for ever: PKCS#8 PEM."""

    client: str
    kid: str
    suite: str
    pem: bytes


@transaction.atomic
def add_key(
    actor: Actor, client_id: str, public_key: bytes, *, validity: timedelta = USUAL_VALIDITY,
    replace_within: timedelta | None = None, now: datetime,
) -> str:  # fmt: skip
    """Add a public key (PEM or DER) whose private key stays with the agency; returns its kid.

    With `replace_within` this is a rotation: the keys in force stay valid for that long at most.

    Raises: UnknownClient, NotAllowed, ConsoleClient, ClientNotActive, BadKey, KeyTaken, KeyValidityBad, TooManyKeys,
        OverlapBad.
    """
    client = _own(actor, client_id)
    public = load_public(public_key)
    _store(actor, client, public, UPLOADED, validity=validity, replace_within=replace_within, now=now)
    publish(client, now)
    return public.kid


@transaction.atomic
def generate_key(
    actor: Actor, client_id: str, *, suite: str = SM2_SM3, validity: timedelta = USUAL_VALIDITY,
    replace_within: timedelta | None = None, now: datetime,
) -> Handover:  # fmt: skip
    """Make a key pair; the private key waits sealed for one download within 24 hours, then is destroyed.

    Raises: UnknownClient, NotAllowed, ConsoleClient, ClientNotActive, UnknownSuite, KeyValidityBad, TooManyKeys,
        OverlapBad, KeysNotWired.
    """
    client = _own(actor, client_id)
    purge_handovers(now)
    pair = generate(suite)
    row = _store(
        actor, client, pair.public, GENERATED, validity=validity, replace_within=replace_within, now=now
    )
    token = new_token()
    sealed = seal_secret(pair.to_pem(), f"identity_key_handover/{pair.kid}")
    expires = now + HANDOVER_LIFE
    KeyHandover.objects.create(
        key=row, token_digest=token_digest(token), sealed_private=sealed, created_at=now, expires_at=expires
    )
    publish(client, now)
    return Handover(pair.kid, token, expires)


@transaction.atomic
def take_key(token: str, *, now: datetime) -> HandedKey:
    """Take the private key behind a one-time link; whoever holds the link takes it, once.

    Raises: HandoverGone.
    """
    row = (
        KeyHandover.objects.select_for_update(of=("self",))
        .select_related("key__client")
        .filter(token_digest=token_digest(token))
        .first()
    )
    if row is None or row.sealed_private is None or now >= row.expires_at or row.key.state != ACTIVE:
        raise HandoverGone()
    pem = open_secret(row.sealed_private, f"identity_key_handover/{row.key_id}")
    row.sealed_private, row.taken_at = None, now
    row.save(update_fields=["sealed_private", "taken_at"])
    owner = row.key.client.agency_id
    record("client-key-taken", None, now, agency=owner, client=row.key.client_id, kid=row.key_id)
    return HandedKey(row.key.client_id, row.key_id, row.key.suite, pem)


@transaction.atomic
def revoke_key(actor: Actor, client_id: str, kid: str, *, reason: str, now: datetime) -> None:
    """Revoke a key at once and for good. Raises: UnknownClient, NotAllowed, UnknownKey, ReasonMissing, KeyNotActive."""
    client = locked_client(actor, client_id)
    decide_keep(actor, client.agency_id)
    if client.kind != APPLICATION:
        raise ConsoleClient()
    row = ClientKey.objects.select_for_update().filter(client=client, kid=kid).first()
    if row is None:
        raise UnknownKey()
    revoked = decide_revoke(key_of(row), reason, now)
    row.state, row.revoked_at, row.reason = revoked.state, now, reason.strip()[:300]
    row.save(update_fields=["state", "revoked_at", "reason"])
    KeyHandover.objects.filter(key=row).update(sealed_private=None)
    publish(client, now)
    record(
        "client-key-revoked",
        actor,
        now,
        agency=client.agency_id,
        client=client.pk,
        note=reason[:300],
        kid=kid,
    )


def purge_handovers(now: datetime) -> int:
    """Destroy the private keys that nobody took in time; returns how many. For the worker's clock and on the way."""
    return KeyHandover.objects.filter(expires_at__lte=now, sealed_private__isnull=False).update(
        sealed_private=None
    )


def console_key(agency: str, *, now: datetime) -> tuple[str, SigningKey]:
    """The id and the key with which the portal's test console signs for an agency; made on first use.

    The caller has checked that the person belongs to the agency. Raises: UnknownAgency, ClientNotActive, KeysNotWired.
    """
    return _kept_key(agency, CONSOLE, "测试台", now)


def jobs_key(agency: str, *, now: datetime) -> tuple[str, SigningKey]:
    """The id and the key with which the node signs what an agency's table jobs read at other nodes; made on first use.

    The caller has checked that a data officer of the agency made the job. Raises: UnknownAgency, ClientNotActive,
        KeysNotWired.
    """
    return _kept_key(agency, JOBS, "库表作业", now)


@transaction.atomic
def _kept_key(agency: str, kind: str, title: str, now: datetime) -> tuple[str, SigningKey]:
    """The agency's one client of a kind whose key never leaves the node."""
    owner = agency_facts(agency)
    name = f"{owner.slug}-{kind}"
    facts = {"agency_id": agency, "name": f"{owner.short_zh}{title}", "kind": kind, "created_at": now}
    ClientApplication.objects.get_or_create(pk=name, defaults=facts)
    client = ClientApplication.objects.select_for_update().get(pk=name)
    if client.state != ACTIVE:
        raise ClientNotActive()
    for row in ClientKey.objects.filter(client=client, state=ACTIVE):
        if row.sealed_private is not None and key_of(row).usable(now + CONSOLE_MARGIN):
            return client.pk, load_private(open_secret(row.sealed_private, f"identity_client_key/{row.kid}"))
    pair = generate(SM2_SM3)
    ClientKey.objects.create(
        kid=pair.kid, client=client, suite=pair.suite.name, spki=pair.public.spki_der, not_before=now,
        not_after=now + USUAL_VALIDITY, origin=NODE, created_at=now,
        sealed_private=seal_secret(pair.to_pem(), f"identity_client_key/{pair.kid}"),
    )  # fmt: skip
    publish(client, now)
    record(f"{kind}-key-made", None, now, agency=agency, client=client.pk, kid=pair.kid)
    return client.pk, pair


def _own(actor: Actor, client_id: str) -> ClientApplication:
    client = locked_client(actor, client_id)
    decide_keep(actor, client.agency_id)
    if client.kind != APPLICATION:
        raise ConsoleClient()
    if client.state != ACTIVE:
        raise ClientNotActive()
    return client


def _store(
    actor: Actor, client: ClientApplication, public: PublicKey, origin: str, *, validity: timedelta,
    replace_within: timedelta | None, now: datetime,
) -> ClientKey:  # fmt: skip
    held = tuple(key_of(row) for row in ClientKey.objects.select_for_update().filter(client=client))
    taken = ClientKey.objects.filter(kid=public.kid).exists()
    key = decide_add_key(held, public.kid, public.suite.name, validity, now, taken=taken)
    if replace_within is not None:
        for old in decide_overlap(held, replace_within, now):
            ClientKey.objects.filter(kid=old.kid).update(not_after=old.not_after)
    row = ClientKey.objects.create(
        kid=key.kid, client=client, suite=key.suite, spki=public.spki_der, not_before=key.not_before,
        not_after=key.not_after, origin=origin, created_at=now, created_by_id=actor.user_id,
    )  # fmt: skip
    event = "client-key-added" if replace_within is None else "client-key-rotated"
    record(event, actor, now, agency=client.agency_id, client=client.pk, kid=key.kid, origin=origin)
    return row
