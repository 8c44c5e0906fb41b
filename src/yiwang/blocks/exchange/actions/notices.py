"""Reading notices."""

from __future__ import annotations

from datetime import datetime

from yiwang.blocks.exchange.domain import errors
from yiwang.blocks.exchange.store.acting import as_actor
from yiwang.blocks.exchange.store.models import NoticeRead
from yiwang.blocks.exchange.store.notices import notices_for
from yiwang.blocks.identity.public import Actor


@as_actor
def read_notice(actor: Actor, notice_id: int, now: datetime) -> None:
    """Mark one notice read by the actor; reading twice changes nothing. Raises: NoticeUnknown."""
    row = notices_for(actor).filter(pk=notice_id).first()
    if row is None:
        raise errors.NoticeUnknown()
    NoticeRead.objects.get_or_create(notice=row, user=actor.user_id, defaults={"at": now})


@as_actor
def read_all_notices(actor: Actor, now: datetime) -> int:
    """Mark all notices read by the actor; returns how many were not."""
    waiting = notices_for(actor).exclude(readings__user=actor.user_id)
    made = [NoticeRead(notice=row, user=actor.user_id, at=now) for row in waiting]
    NoticeRead.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)
