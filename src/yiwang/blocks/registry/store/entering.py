"""The transaction in which somebody reads or writes records: the views and functions are told who it is and why."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from django.db import connection

from yiwang.blocks.identity.public import Actor, acting

APPLICANT: Final = "applicant"
"""The role of a person who acts for themselves; it is in every system and nobody is given it."""
Way = Literal["page", "api", "export", "import", "command"]
ACTOR: Final = (
    "set_config('yw.agency', %s, true), set_config('yw.region', %s, true), set_config('yw.user', %s, true),"
    " set_config('yw.roles', %s, true)"
)
"""What row-level security reads, in the order of `actor_values`."""
ERRAND: Final = (
    "set_config('yw.purpose', %s, true), set_config('yw.case', %s, true), set_config('yw.division', %s, true),"
    " set_config('yw.person', %s, true), set_config('yw.phone', %s, true),"
    " set_config('yw.system_roles', concat_ws(',', nullif(%s, ''),"
    " (SELECT string_agg(system || '.' || role, ',' ORDER BY system, role) FROM registry_role_holder"
    ' WHERE "user" = %s AND agency = %s AND since <= %s AND (until IS NULL OR until > %s))), true) AS roles'
)
"""What the views and write functions read, in the order of `errand_values`; the last is the roles that count."""
_FORGET: Final = (
    "SELECT set_config('yw.purpose', '', true), set_config('yw.case', '', true), set_config('yw.division', '', true),"
    " set_config('yw.person', '', true), set_config('yw.phone', '', true), set_config('yw.system_roles', '', true)"
)


@dataclass(frozen=True, slots=True)
class Errand:
    """Who acts on records, under which purpose, and for which case where there is one.

    `division` is the actor's place, as codes of rows begin with it; `person` the actor's own 公民身份号码 where a
    person acts for themselves, `phone` their own number that was confirmed; `way` how the records leave, as it is
    written down of reads by other agencies.
    """

    actor: Actor
    purpose: str = ""
    case: str = ""
    division: str = ""
    person: str = ""
    way: Way = "page"
    phone: str = ""


@contextmanager
def entering(errand: Errand, now: datetime) -> Iterator[frozenset[str]]:
    """A transaction under an errand; gives the full names of the system roles that count."""
    nested = connection.in_atomic_block
    with acting(errand.actor):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {ERRAND}", errand_values(errand, now))
            told = str(cursor.fetchone()[-1])
        yield frozenset(told.split(",") if told else ())
        if nested:  # an outermost transaction forgets by itself
            with connection.cursor() as cursor:
                cursor.execute(_FORGET)


def actor_values(errand: Errand) -> list[str]:
    """Values of `ACTOR`."""
    actor = errand.actor
    return [actor.agency, actor.region, str(actor.user_id), ",".join(sorted(actor.roles))]


def errand_values(errand: Errand, now: datetime) -> list[str | int | datetime]:
    """Values of `ERRAND`."""
    actor = errand.actor
    return [
        errand.purpose, errand.case, errand.division or actor.region, errand.person, errand.phone,
        APPLICANT if errand.person else "", actor.user_id, actor.agency, now, now,
    ]  # fmt: skip


def system_roles(actor: Actor, now: datetime) -> frozenset[str]:
    """Roles of systems that a person holds in the agency that they act for, as `system.role`."""
    with entering(Errand(actor), now) as roles:
        return roles
