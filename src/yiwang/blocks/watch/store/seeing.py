"""Which alerts and states a person may see. Row-level security says the same again in the database."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.db.models import Q, QuerySet

from yiwang.blocks.identity.public import APPROVER, AUDITOR, DATA_OFFICER, OPERATOR, Actor, acting
from yiwang.blocks.watch.store.models import Alert, SourceState

P = ParamSpec("P")
R = TypeVar("R")
WATCHERS = (OPERATOR, AUDITOR)
SYSTEM = Actor(0, "system", "平台", "", "", "", frozenset({"system"}), True)
"""The context of the platform's own work; no account can hold the role."""


def as_actor(function: Callable[Concatenate[Actor, P], R]) -> Callable[Concatenate[Actor, P], R]:
    """Run the whole function in one transaction as its first argument."""

    @wraps(function)
    def run(actor: Actor, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with acting(actor):
            return function(actor, *args, **kwargs)

    return run


def alerts_in_reach(actor: Actor) -> QuerySet[Alert]:
    """Alerts to the actor's agency, or to those who run the node, with a role the actor holds; watchers see all."""
    rows = Alert.objects.all()
    if actor.has("system", *WATCHERS):
        return rows
    places = [actor.agency, ""] if actor.agency else [""]
    return rows.filter(Q(agency__in=places), roles__overlap=sorted(actor.roles))


def states_in_reach(actor: Actor) -> QuerySet[SourceState]:
    """States of the sources of the actor's agency; watchers see all."""
    rows = SourceState.objects.all()
    if actor.has("system", *WATCHERS):
        return rows
    if not actor.agency or not actor.has(DATA_OFFICER, APPROVER):
        return rows.none()
    return rows.filter(agency=actor.agency)
