"""Signed-in browsers: begun after the password, confirmed by the second factor, ended by people, time or change."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from yiwang.blocks.identity.domain.actor import Actor
from yiwang.blocks.identity.domain.errors import UnknownAccount
from yiwang.blocks.identity.domain.sign_ins import IDLE, LIFETIME, NOTICE
from yiwang.blocks.identity.store.models import SignIn, User


@transaction.atomic
def begin_sign_in(user_id: int, *, address: str | None, browser: str, now: datetime) -> int:
    """Note a browser whose user just gave the right password; returns the number that its cookie's state keeps.

    Raises: UnknownAccount.
    """
    if not User.objects.filter(pk=user_id, is_active=True).update(last_login=now):
        raise UnknownAccount()
    SignIn.objects.filter(user_id=user_id, ended_at__isnull=True, started_at__lt=now - LIFETIME).update(
        ended_at=now, ended_why="time"
    )
    SignIn.objects.filter(user_id=user_id, ended_at__isnull=True, seen_at__lt=now - IDLE).update(
        ended_at=now, ended_why="idle"
    )
    row = SignIn.objects.create(
        user_id=user_id, started_at=now, seen_at=now, address=address, browser=browser[:80]
    )
    return row.pk


def note_seen(sign_in: int, *, now: datetime) -> None:
    """Note that a browser was used, once a minute at most."""
    SignIn.objects.filter(pk=sign_in, seen_at__lt=now - NOTICE).update(seen_at=now)


def end_sign_in(actor: Actor, sign_in: int, *, now: datetime) -> bool:
    """Sign one of one's own browsers out; False when there was none open."""
    return close_sign_ins(actor.user_id, "user", now, only=sign_in) > 0


def end_other_sign_ins(actor: Actor, *, keep: int | None, now: datetime) -> int:
    """Sign all of one's own browsers out but one; returns how many."""
    return close_sign_ins(actor.user_id, "user", now, but=keep)


def close_sign_ins(
    user_id: int, why: str, now: datetime, *, but: int | None = None, only: int | None = None
) -> int:
    """Sign browsers of an account out, for actions that change what it may do."""
    rows = SignIn.objects.filter(user_id=user_id, ended_at__isnull=True)
    if only is not None:
        rows = rows.filter(pk=only)
    if but is not None:
        rows = rows.exclude(pk=but)
    return rows.update(ended_at=now, ended_why=why)
