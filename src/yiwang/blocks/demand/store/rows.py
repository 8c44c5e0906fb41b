"""Between rows and demand's own values, and which rows an actor may see."""

from __future__ import annotations

import msgspec
from django.db.models import Q, QuerySet

from yiwang.blocks.demand.domain.need import By, Need
from yiwang.blocks.demand.domain.stating import Statement
from yiwang.blocks.demand.store import models
from yiwang.blocks.exchange.public import SYSTEM
from yiwang.blocks.identity.public import APPROVER, AUDITOR, DATA_OFFICER, REVIEWER, Actor

OFFICE = (DATA_OFFICER, APPROVER, AUDITOR)
OVERSIGHT = (REVIEWER, AUDITOR)


def by_of(actor: Actor) -> By:
    """The actor as decisions know people."""
    return By(actor.user_id, actor.agency, actor.roles)


def statement_of(row: models.Need) -> Statement:
    """What a need says; contacts are kept apart."""
    return msgspec.convert(row.statement, Statement)


def need_of(row: models.Need) -> Need:
    """The facts of a need that a decision takes; its candidates are read as whoever the transaction says."""
    return msgspec.convert(
        {
            "id": row.id, "agency": row.agency, "author": row.author, "state": row.state, "why": row.why,
            "askers": row.askers, "resources": row.resources,
            "candidates": [
                {"agency": one.agency, "answer": one.answer, "resource": one.resource}
                for one in row.candidates.all()
            ],
        },
        Need,
    )  # fmt: skip


def needs_in_reach(actor: Actor) -> QuerySet[models.Need]:
    """What was submitted, for everybody whose trade is data; drafts for the author's agency alone."""
    rows = models.Need.objects.all()
    if actor == SYSTEM:
        return rows
    reach = Q(pk__in=[])
    if actor.agency and actor.has(*OFFICE):
        reach |= Q(agency=actor.agency) | Q(submitted_at__isnull=False)
    if actor.has(*OVERSIGHT):
        reach |= Q(submitted_at__isnull=False)
    return rows.filter(reach)


def is_party(actor: Actor, row: models.Need) -> bool:
    """Whether the actor may see more than what every department may: contacts and answers."""
    officer = bool(actor.agency) and actor.has(*OFFICE)
    mine = officer and actor.agency in (row.agency, *row.askers, *row.holders)
    return actor == SYSTEM or mine or (row.submitted_at is not None and actor.has(*OVERSIGHT))
