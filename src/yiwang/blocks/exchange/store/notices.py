"""Which notices are for whom."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from yiwang.blocks.exchange.store.models import Notice
from yiwang.blocks.identity.public import Actor


def notices_for(actor: Actor) -> QuerySet[Notice]:
    """Notices to the actor in person, or to their agency (or any) and a role they hold."""
    by_role = Q(roles=[])
    for role in actor.roles:
        by_role |= Q(roles__contains=[role])
    own = Q(agency="", roles__gt=[]) | Q(agency=actor.agency) if actor.agency else Q(agency="", roles__gt=[])
    return Notice.objects.filter(Q(user=actor.user_id) | (Q(user__isnull=True) & by_role & own))
