"""Deputies: named by the person who goes on leave, approved by a security administrator, ended early by either."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from yiwang.blocks.identity.actions.accounts import locked_account
from yiwang.blocks.identity.actions.recording import record
from yiwang.blocks.identity.domain.actor import Actor
from yiwang.blocks.identity.domain.deputies import decide_answer, decide_ending, decide_naming
from yiwang.blocks.identity.domain.deputy_errors import DeputyUnfit, UnknownDeputy
from yiwang.blocks.identity.store.deputies import colleague_of, deputyship_of
from yiwang.blocks.identity.store.models import Deputy, User
from yiwang.blocks.organisation.public import covers


@transaction.atomic
def name_deputy(
    actor: Actor,
    deputy_id: int,
    roles: frozenset[str],
    *,
    since: datetime,
    until: datetime,
    reason: str = "",
    now: datetime,
) -> int:
    """Let a colleague act with some of the actor's own roles from `since` until `until` (not included); its number.

    Raises: UnknownAccount, DeputyUnfit, DeputyRoleBad, DeputyPeriodBad, DeputySeparated, DeputyOverlaps.
    """
    # the person's row is locked, so that two browsers do not name two deputies for one role
    person = locked_account(actor.user_id)
    deputy = User.objects.select_related("person").filter(pk=deputy_id).first()
    if deputy is None:
        raise DeputyUnfit()
    others = [deputyship_of(row) for row in Deputy.objects.filter(person=person)]
    matter = decide_naming(colleague_of(person), colleague_of(deputy), roles, since, until, others, now)
    row = Deputy.objects.create(
        person=person, deputy=deputy, agency_id=matter.agency, roles=sorted(matter.roles), since=matter.since,
        until=matter.until, reason=reason.strip()[:200], state=matter.state, named_at=now,
    )  # fmt: skip
    _record("deputy-named", row, actor, now, note=row.reason)
    return row.pk


def approve_deputy(actor: Actor, number: int, *, now: datetime) -> None:
    """Let the deputy act as approver or reviewer too.

    Raises: UnknownDeputy, NotAllowed, DeputyOwnMatter, AgencyOutOfReach, DeputySettled.
    """
    _answer(actor, number, approve=True, reason="", now=now)


def refuse_deputy(actor: Actor, number: int, *, reason: str = "", now: datetime) -> None:
    """Refuse the deputy, which ends what counted at once too.

    Raises: UnknownDeputy, NotAllowed, DeputyOwnMatter, AgencyOutOfReach, DeputySettled.
    """
    _answer(actor, number, approve=False, reason=reason, now=now)


@transaction.atomic
def end_deputy(actor: Actor, number: int, *, now: datetime) -> None:
    """End it now, by the person or the deputy; one that has not begun never does.

    Raises: UnknownDeputy, DeputySettled.
    """
    row = _locked(number)
    if actor.user_id not in {row.person_id, row.deputy_id}:
        raise UnknownDeputy()
    matter = decide_ending(actor.user_id, deputyship_of(row), now)
    row.state, row.until, row.ended_by_id, row.ended_at = matter.state, matter.until, actor.user_id, now
    row.save(update_fields=["state", "until", "ended_by", "ended_at"])
    _record("deputy-ended", row, actor, now)


@transaction.atomic
def _answer(actor: Actor, number: int, *, approve: bool, reason: str, now: datetime) -> None:
    row = _locked(number)
    in_reach = covers(actor.region, row.agency.region_id)
    matter = decide_answer(
        actor.user_id, actor.roles, deputyship_of(row), now, approve=approve, in_reach=in_reach
    )
    row.state, row.until, row.answer = matter.state, matter.until, reason.strip()[:200]
    row.answered_by_id, row.answered_at = actor.user_id, now
    row.save(update_fields=["state", "until", "answer", "answered_by", "answered_at"])
    _record(f"deputy-{matter.state}", row, actor, now, note=row.answer)


def _locked(number: int) -> Deputy:
    row = Deputy.objects.select_for_update(of=("self",)).select_related("agency").filter(pk=number).first()
    if row is None:
        raise UnknownDeputy()
    return row


def _record(event: str, row: Deputy, actor: Actor, now: datetime, *, note: str = "") -> None:
    record(
        event, actor, now, of_user=row.deputy_id, agency=row.agency_id, note=note, deputyship=row.pk,
        principal=row.person_id, roles=",".join(row.roles), since=row.since.isoformat(),
        until=row.until.isoformat(),
    )  # fmt: skip
