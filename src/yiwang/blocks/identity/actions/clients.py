"""Client applications: registered by the data officer of their agency, suspended by the agency or the platform."""

from __future__ import annotations

from datetime import datetime
from itertools import count

from django.db import transaction

from yiwang.blocks.identity.actions.publishing import publish
from yiwang.blocks.identity.actions.recording import record
from yiwang.blocks.identity.domain.actor import Actor
from yiwang.blocks.identity.domain.client_errors import BadClientName, UnknownClient
from yiwang.blocks.identity.domain.clients import (
    ACTIVE,
    APPLICATION,
    SUSPENDED,
    decide_end_session,
    decide_keep,
    decide_resume,
    decide_suspend,
    sees_client,
)
from yiwang.blocks.identity.domain.roles import DATA_OFFICER, OPERATOR
from yiwang.blocks.identity.store.models import ClientApplication
from yiwang.blocks.journal.public import stop_session
from yiwang.blocks.organisation.public import AgencyFacts, agency, covers


@transaction.atomic
def register_client(actor: Actor, *, name: str, now: datetime) -> str:
    """Register a client application of the actor's agency; returns its id, for example `lan-minzheng-1`.

    Raises: NotAllowed, BadClientName.
    """
    decide_keep(actor, actor.agency)
    title = " ".join(name.split())
    if not 2 <= len(title) <= 100:
        raise BadClientName()
    client = _create(agency(actor.agency), title, actor, now)
    publish(client, now)
    record("client-registered", actor, now, agency=actor.agency, client=client.pk)
    return client.pk


@transaction.atomic
def suspend_client(actor: Actor, client_id: str, *, reason: str, now: datetime) -> None:
    """Stop a client at once, with a reason; its keys stay as they are.

    Raises: UnknownClient, NotAllowed, ReasonMissing, ClientNotActive.
    """
    client = locked_client(actor, client_id)
    level = decide_suspend(actor, client.agency_id, client.state, reason, in_reach=_reaches(actor, client))
    client.state, client.reason, client.suspended_by_role = SUSPENDED, reason.strip()[:300], level
    client.save(update_fields=["state", "reason", "suspended_by_role"])
    publish(client, now)
    record(
        "client-suspended",
        actor,
        now,
        agency=client.agency_id,
        client=client.pk,
        note=reason[:300],
        level=level,
    )


@transaction.atomic
def resume_client(actor: Actor, client_id: str, *, reason: str, now: datetime) -> None:
    """Let a suspended client go on, with a reason; what the platform suspended, only the platform resumes.

    Raises: UnknownClient, NotAllowed, ReasonMissing, ClientNotSuspended.
    """
    client = locked_client(actor, client_id)
    decide_resume(
        actor, client.agency_id, client.state, client.suspended_by_role, reason,
        in_reach=_reaches(actor, client),
    )  # fmt: skip
    client.state, client.reason, client.suspended_by_role = ACTIVE, reason.strip()[:300], ""
    client.save(update_fields=["state", "reason", "suspended_by_role"])
    publish(client, now)
    record("client-resumed", actor, now, agency=client.agency_id, client=client.pk, note=reason[:300])


@transaction.atomic
def end_session(actor: Actor, client_id: str, session: str, *, reason: str, now: datetime) -> None:
    """End a session of a client at its gateway, with a reason; it may open another one at once.

    Raises: UnknownClient, NotAllowed, ReasonMissing, journal.SessionOver.
    """
    client = locked_client(actor, client_id)
    decide_end_session(actor, client.agency_id, reason, in_reach=_reaches(actor, client))
    note = reason.strip()[:300]
    stop_session(client.pk, session, by=actor.signature(DATA_OFFICER, OPERATOR), reason=note, now=now)
    record(
        "session-stopped", actor, now, agency=client.agency_id, client=client.pk, note=note, session=session
    )


def locked_client(actor: Actor, client_id: str) -> ClientApplication:
    """A client that the actor may know of, locked until the transaction ends. Raises: UnknownClient."""
    client = (
        ClientApplication.objects.select_for_update(of=("self",))
        .select_related("agency")
        .filter(pk=client_id)
        .first()
    )
    if client is None or not sees_client(actor, client.agency_id, in_reach=_reaches(actor, client)):
        raise UnknownClient()
    return client


def _create(owner: AgencyFacts, name: str, actor: Actor, now: datetime) -> ClientApplication:
    taken = ClientApplication.objects.filter(agency_id=owner.uscc, kind=APPLICATION).count()
    facts = {"agency_id": owner.uscc, "name": name, "created_at": now, "created_by_id": actor.user_id}
    # somebody else may take the number at the same moment: then the next one
    for number in count(taken + 1):
        client, made = ClientApplication.objects.get_or_create(pk=f"{owner.slug}-{number}", defaults=facts)
        if made:
            return client
    raise BadClientName()


def _reaches(actor: Actor, client: ClientApplication) -> bool:
    return covers(actor.region, client.agency.region_id)
