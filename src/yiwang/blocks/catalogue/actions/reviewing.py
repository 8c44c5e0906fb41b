"""The steps of a text from its writer over review and secrecy review to publication; the node's rules for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from django.db import transaction

from yiwang.blocks.catalogue.actions.entries import own
from yiwang.blocks.catalogue.domain import errors
from yiwang.blocks.catalogue.domain.classes import ResourceClass
from yiwang.blocks.catalogue.domain.review import Move, decide
from yiwang.blocks.catalogue.store.models import Class, Policy, Resource, Step
from yiwang.blocks.catalogue.store.ways import pending_changes, policy, put_way, way_of
from yiwang.blocks.identity.public import APPROVER, DATA_OFFICER, REVIEWER, Actor
from yiwang.blocks.journal.public import record_event

LONGEST_NOTICE = 90


class Announcer(Protocol):
    """Tells those who use a resource of a change before it comes; exchange, which knows the grants, fills it in."""

    def __call__(self, resource: str, title: str, text: str, effective: datetime, now: datetime) -> int:
        """Tell every user of the resource; returns how many agencies use it (0: nobody needs notice)."""


def _nobody(resource: str, title: str, text: str, effective: datetime, now: datetime) -> int:
    del resource, title, text, effective, now
    return 0


_announcer: list[Announcer] = [_nobody]


def use_announcer(announcer: Announcer) -> Callable[[], None]:
    """Wire the one who knows the users of a resource; returns a function that unwires it."""
    _announcer.append(announcer)
    return lambda: _announcer.remove(announcer)


@transaction.atomic
def submit_for_review(actor: Actor, code: str, now: datetime, note: str = "") -> None:
    """Hand the text as saved to review; it is not written any more until it comes back.

    Raises: ResourceUnknown, ResourceNotYours, ResourceStateWrong (nothing new to review), StageWrong.
    """
    row = own(actor, code)
    if row.state == "published" and row.draft is None:
        raise errors.ResourceStateWrong(resource=code, state_zh="已发布", state_en="published")
    _move(row, actor, "submit", note, now)


@transaction.atomic
def recall_from_review(actor: Actor, code: str, now: datetime, note: str = "") -> None:
    """Take the text back to write on. Raises: ResourceUnknown, ResourceNotYours, StageWrong."""
    _move(own(actor, code), actor, "recall", note, now)


@transaction.atomic
def pass_review(actor: Actor, code: str, now: datetime, note: str = "") -> None:
    """An approver of the agency, who did not write the text, finds it right; secrecy review follows.

    Raises: ResourceUnknown, NotAllowed, StageWrong, SamePerson.
    """
    row = _in_review(actor, code)
    actor.require(APPROVER)
    _move(row, actor, "pass_review", note, now)


@transaction.atomic
def clear_secrecy(actor: Actor, code: str, conclusion: str, now: datetime) -> None:
    """保密审查: a third person states that nothing in it is secret. Users are told of what narrows.

    Raises: ResourceUnknown, NotAllowed, StageWrong, SamePerson, ConclusionMissing.
    """
    row = _in_review(actor, code)
    narrowing = [change for change in pending_changes(row) if change.narrowing]
    rules = policy()
    way = decide(
        way_of(row), "clear", actor.user_id, conclusion, now, apart=actor.apart,
        narrowing=bool(narrowing), notice_days=rules.notice_days,
    )  # fmt: skip
    if narrowing and way.effective_from is not None:
        text = "".join(change.zh for change in narrowing)
        if not _announcer[-1](row.code, row.title, text, way.effective_from, now):
            way = decide(way_of(row), "clear", actor.user_id, conclusion, now, apart=actor.apart)
    put_way(row, way)
    _kept(row, actor, "clear", conclusion, now)


@transaction.atomic
def return_from_review(actor: Actor, code: str, reason: str, now: datetime) -> None:
    """Either reviewer sends the text back to its writer, with a reason.

    Raises: ResourceUnknown, NotAllowed, StageWrong, SamePerson, ConclusionMissing.
    """
    _move(_in_review(actor, code), actor, "return", reason, now)


@transaction.atomic
def set_policy(actor: Actor, *, review_required: bool, notice_days: int, now: datetime) -> None:
    """The data bureau decides whether entries are reviewed before they are published. Raises: NotAllowed, PolicyWrong."""
    actor.require(REVIEWER)
    if not 0 <= notice_days <= LONGEST_NOTICE:
        raise errors.PolicyWrong()
    Policy(pk=1, review_required=review_required, notice_days=notice_days).save()
    record_event(
        "catalogue-policy-set", now, detail={"review": review_required, "notice_days": notice_days}
    )  # fmt: skip


@transaction.atomic
def set_class(actor: Actor, wanted: ResourceClass, now: datetime) -> None:
    """The data bureau adds, renames or retires a 类 or 项; codes given out keep theirs. Raises: NotAllowed, ClassUnknown."""
    actor.require(REVIEWER)
    code = wanted.code
    ours = code.isascii() and code.isdecimal() and len(code) in (1, 3) and code[0] in "123"
    if not ours or not wanted.zh.strip():
        raise errors.ClassUnknown(classification=code)
    Class(code=code, name_zh=wanted.zh.strip(), name_en=wanted.en.strip(), retired=wanted.retired).save()
    record_event("catalogue-class-set", now, detail={"class": code, "retired": wanted.retired})


def _in_review(actor: Actor, code: str) -> Resource:
    """An entry in the hands of reviewers: those of its agency, and the data bureau's."""
    row = Resource.objects.select_for_update().filter(code=code).first()
    if row is None or not (row.agency == actor.agency or actor.has(REVIEWER) or row.state == "published"):
        raise errors.ResourceUnknown(resource=code)
    if row.agency != actor.agency and not actor.has(REVIEWER):
        raise errors.ResourceNotYours(resource=code)
    if not actor.has(REVIEWER):
        actor.require(APPROVER)
    if row.agency != actor.agency and row.stage != "secrecy":
        raise errors.ResourceNotYours(resource=code)
    return row


def _move(row: Resource, actor: Actor, move: Move, note: str, now: datetime) -> None:
    put_way(row, decide(way_of(row), move, actor.user_id, note, now, apart=actor.apart))
    _kept(row, actor, move, note, now)


_SIGNS: dict[Move, tuple[str, ...]] = {
    "submit": (DATA_OFFICER,),
    "recall": (DATA_OFFICER,),
    "pass_review": (APPROVER,),
    "clear": (APPROVER, REVIEWER),
    "return": (APPROVER, REVIEWER),
}
"""The roles that take a move, for the name under it."""


def _kept(row: Resource, actor: Actor, move: Move, note: str, now: datetime) -> None:
    row.updated_at = now
    row.save()
    Step.objects.create(
        resource=row,
        kind=move,
        at=now,
        by=actor.user_id,
        by_name=actor.signature(*_SIGNS[move]),
        note=note.strip()[:2000],
    )
    names = {
        "submit": "submitted",
        "pass_review": "reviewed",
        "clear": "cleared",
        "return": "returned",
        "recall": "recalled",
    }
    record_event(f"resource-{names[move]}", now, provider=row.agency, resource=row.code, version=row.version)
