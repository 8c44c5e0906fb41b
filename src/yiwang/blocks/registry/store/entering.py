"""The transaction in which somebody reads or writes records: the views and functions are told who it is and why."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q

from yiwang.blocks.identity.public import Actor, acting
from yiwang.blocks.registry.store.models import RoleHolder

APPLICANT = "applicant"
"""The role of a person who acts for themselves; it is in every system and nobody is given it."""


@dataclass(frozen=True, slots=True)
class Errand:
    """Who acts on records, under which purpose, and for which case where there is one.

    `division` is the actor's place, as codes of rows begin with it; `person` the actor's own 公民身份号码 where a
    person acts for themselves.
    """

    actor: Actor
    purpose: str = ""
    case: str = ""
    division: str = ""
    person: str = ""


@contextmanager
def entering(errand: Errand, now: datetime) -> Iterator[frozenset[str]]:
    """A transaction under an errand; gives the full names of the system roles that count."""
    nested = connection.in_atomic_block
    with acting(errand.actor):
        roles = system_roles(errand.actor, now)
        if errand.person:
            roles |= {APPLICANT}
        _tell(
            ",".join(sorted(roles)),
            errand.purpose,
            errand.case,
            errand.division or errand.actor.region,
            errand.person,
        )
        yield roles
        if nested:  # an outermost transaction forgets by itself
            _tell("", "", "", "", "")


def _tell(roles: str, purpose: str, case: str, division: str, person: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('yw.system_roles', %s, true), set_config('yw.purpose', %s, true),"
            " set_config('yw.case', %s, true), set_config('yw.division', %s, true), set_config('yw.person', %s, true)",
            [roles, purpose, case, division, person],
        )


def system_roles(actor: Actor, now: datetime) -> frozenset[str]:
    """Roles of systems that a person holds in the agency that they act for, as `system.role`."""
    held = RoleHolder.objects.filter(
        Q(until__isnull=True) | Q(until__gt=now), user=actor.user_id, agency=actor.agency, since__lte=now
    )
    return frozenset(f"{system}.{role}" for system, role in held.values_list("system", "role"))
