"""Texts on their way to publication, for those who write and those who check."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.db.models import Q, QuerySet

from yiwang.blocks.catalogue.domain import errors
from yiwang.blocks.catalogue.domain.classes import ResourceClass
from yiwang.blocks.catalogue.domain.difference import Change
from yiwang.blocks.catalogue.domain.resource import ResourceDraft
from yiwang.blocks.catalogue.domain.review import Move, Stage, reviewed, wrote
from yiwang.blocks.catalogue.store.models import Class, Resource
from yiwang.blocks.catalogue.store.rows import current_of, draft_of
from yiwang.blocks.catalogue.store.ways import pending_changes, policy, way_of
from yiwang.blocks.identity.public import APPROVER, DATA_OFFICER, REVIEWER, Actor

MOST_WAITING = 500


@dataclass(frozen=True)
class StepView:
    """A step that was made. `by` is the person's name."""

    kind: Move
    at: datetime
    by: str
    note: str


@dataclass(frozen=True)
class Waiting:
    """A text in a queue. `mine`: the actor may do the next step."""

    code: str
    title: str
    title_en: str
    provider_name: str
    version: int
    stage: Stage
    since: datetime
    mine: bool


@dataclass(frozen=True)
class ReviewCase:
    """Everything a reviewer needs of one text: it, what it changes, and what was done before."""

    waiting: Waiting
    draft: ResourceDraft
    changes: tuple[Change, ...]
    steps: tuple[StepView, ...]
    revision: int
    edited_by: str
    effective_from: datetime | None


@dataclass(frozen=True)
class PublishingRules:
    """The node's policy."""

    review_required: bool
    notice_days: int


def review_queue(actor: Actor) -> tuple[Waiting, ...]:
    """Texts under review in the actor's reach, the longest waiting first."""
    rows = _reach(actor).exclude(stage="").exclude(state="withdrawn").order_by("updated_at", "code")
    return tuple(_waiting(row, actor) for row in rows[:MOST_WAITING])


def review_case(actor: Actor, code: str) -> ReviewCase:
    """One text with its history. Raises: ResourceUnknown."""
    row = _reach(actor).filter(code=code).first()
    if row is None:
        raise errors.ResourceUnknown(resource=code)
    draft = draft_of(row.draft) if row.draft is not None else current_of(row)
    steps = [
        msgspec.convert({"kind": s.kind, "at": s.at, "by": s.by_name, "note": s.note}, StepView)
        for s in row.steps.all()
    ]
    return ReviewCase(
        _waiting(row, actor), draft, pending_changes(row), tuple(steps), row.revision, row.edited_by,
        row.effective_from,
    )  # fmt: skip


def publishing_rules() -> PublishingRules:
    """The node's policy, for everybody."""
    row = policy()
    return PublishingRules(row.review_required, row.notice_days)


def classes(*, retired: bool = False) -> tuple[ResourceClass, ...]:
    """The node's list of 类 and 项, retired ones on request."""
    rows = Class.objects.all() if retired else Class.objects.filter(retired=False)
    return tuple(ResourceClass(row.code, row.name_zh, row.name_en, row.retired) for row in rows)


def _reach(actor: Actor) -> QuerySet[Resource]:
    own = Q(agency=actor.agency) if actor.has(DATA_OFFICER, APPROVER) else Q(pk__in=[])
    if actor.has(REVIEWER):
        own |= Q(stage__in=("secrecy", "approved"))
    return Resource.objects.filter(own)


def _waiting(row: Resource, actor: Actor) -> Waiting:
    way = way_of(row)
    own = wrote(way, actor.user_id, actor.apart)
    inside = row.agency == actor.agency
    mine = {
        "": inside and actor.has(DATA_OFFICER),
        "review": inside and actor.has(APPROVER) and not own,
        "secrecy": (actor.has(REVIEWER) or (inside and actor.has(APPROVER)))
        and not own and not reviewed(way, actor.user_id, actor.apart),
        "approved": inside and actor.has(DATA_OFFICER),
    }[row.stage]  # fmt: skip
    return msgspec.convert(
        {
            "code": row.code, "title": row.title, "title_en": row.title_en, "version": row.version,
            "provider_name": row.agency_name, "stage": row.stage, "since": row.updated_at, "mine": mine,
        },
        Waiting,
    )  # fmt: skip
