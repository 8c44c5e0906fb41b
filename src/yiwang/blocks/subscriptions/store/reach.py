"""Whose subscriptions are whose. Row-level security says the same again."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from yiwang.blocks.identity.public import APPROVER, AUDITOR, DATA_OFFICER, Actor, NotAllowed
from yiwang.blocks.subscriptions.domain.errors import SubscriptionUnknown
from yiwang.blocks.subscriptions.store.models import Subscription


def in_reach(actor: Actor) -> QuerySet[Subscription]:
    """Subscriptions that the actor may see."""
    rows = Subscription.objects.select_related("feed")
    if actor.has("system") or actor.has(AUDITOR):
        return rows
    if not actor.agency or not actor.has(DATA_OFFICER, APPROVER):
        return rows.none()
    return rows.filter(Q(consumer=actor.agency) | Q(provider=actor.agency))


def own(actor: Actor, subscription: str) -> Subscription:
    """A subscription of the actor's agency, to be changed. Raises: SubscriptionUnknown, NotAllowed."""
    row = in_reach(actor).select_for_update(of=("self",)).filter(pk=subscription).first()
    if row is None or (row.consumer != actor.agency and not actor.has("system")):
        raise SubscriptionUnknown(subscription=subscription[:40])
    check_officer(actor)
    return row


def check_officer(actor: Actor) -> None:
    """Raises: NotAllowed, for everybody but data officers and the platform itself."""
    if not actor.has(DATA_OFFICER) and not actor.has("system"):
        raise NotAllowed(roles=[DATA_OFFICER])
