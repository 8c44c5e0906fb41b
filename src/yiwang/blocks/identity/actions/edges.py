"""The client applications under which the edge signs for old clients: their keys are the node's own."""

from __future__ import annotations

from datetime import datetime
from itertools import count

from django.db import transaction

from yiwang.blocks.identity.actions.publishing import publish
from yiwang.blocks.identity.actions.recording import record
from yiwang.blocks.identity.domain.actor import Actor
from yiwang.blocks.identity.domain.client_errors import UnknownClient
from yiwang.blocks.identity.domain.clients import ACTIVE, EDGE, NODE, REVOKED, WEAK_PREFIX
from yiwang.blocks.identity.domain.roles import OPERATOR
from yiwang.blocks.identity.store.models import ClientApplication, ClientKey
from yiwang.blocks.organisation.public import agency as agency_facts
from yiwang.vocabulary.crypto import PublicKey


@transaction.atomic
def open_edge_client(actor: Actor, agency: str, public: PublicKey, *, until: datetime, now: datetime) -> str:
    """A client of an agency whose calls come in weakly and are signed by the edge; returns its id.

    Its id begins with `WEAK_PREFIX`, so that evidence says so. Raises: NotAllowed, UnknownAgency.
    """
    actor.require(OPERATOR)
    owner = agency_facts(agency)
    facts = {
        "agency_id": agency, "name": f"{owner.short_zh}旧接口", "kind": EDGE, "created_at": now,
        "created_by_id": actor.user_id,
    }  # fmt: skip
    for number in count(1):
        client, made = ClientApplication.objects.get_or_create(
            pk=f"{WEAK_PREFIX}{owner.slug}-{number}", defaults=facts
        )
        if made:
            break
    ClientKey.objects.create(
        kid=public.kid, client=client, suite=public.suite.name, spki=public.spki_der, not_before=now,
        not_after=until, origin=NODE, created_at=now, created_by_id=actor.user_id,
    )  # fmt: skip
    publish(client, now)
    record("edge-client-opened", actor, now, agency=agency, client=client.pk, kid=public.kid)
    return client.pk


@transaction.atomic
def extend_edge_client(actor: Actor, client_id: str, *, until: datetime, now: datetime) -> None:
    """Move the last day of its key. Raises: NotAllowed, UnknownClient."""
    client = _locked(actor, client_id)
    ClientKey.objects.filter(client=client, state=ACTIVE).update(not_after=until)
    publish(client, now)
    record("edge-client-extended", actor, now, agency=client.agency_id, client=client.pk)


@transaction.atomic
def end_edge_client(actor: Actor, client_id: str, *, reason: str, now: datetime) -> None:
    """Revoke its key for good. Raises: NotAllowed, UnknownClient."""
    client = _locked(actor, client_id)
    ClientKey.objects.filter(client=client, state=ACTIVE).update(
        state=REVOKED, revoked_at=now, reason=reason.strip()[:300]
    )
    publish(client, now)
    record(
        "edge-client-ended", actor, now, agency=client.agency_id, client=client.pk, note=reason.strip()[:300]
    )


def _locked(actor: Actor, client_id: str) -> ClientApplication:
    actor.require(OPERATOR)
    client = ClientApplication.objects.select_for_update().filter(pk=client_id, kind=EDGE).first()
    if client is None:
        raise UnknownClient()
    return client
