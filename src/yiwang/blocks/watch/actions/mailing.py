"""Mails: gathered from a person's notices, sent later, tried again when the server did not take them."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Sequence
from datetime import datetime

from django.core.mail import EmailMessage
from django.utils import timezone

from yiwang.blocks.exchange.public import NoticeView, notices_after
from yiwang.blocks.identity.public import IdentityError, acting, actor_for
from yiwang.blocks.watch.actions.preferences import unsubscribe_token
from yiwang.blocks.watch.domain.mail import digest_due, group_of, next_try
from yiwang.blocks.watch.queries.seeing import choice_of
from yiwang.blocks.watch.store.models import Mail, Preference
from yiwang.blocks.watch.store.seeing import SYSTEM

Compose = Callable[[Sequence[NoticeView], str, str], tuple[str, str, str]]
"""Makes (subject, body, unsubscribe address) of notices, a language and the token of the link to unsubscribe."""
AT_ONCE = 100


def gather(compose: Compose, now: datetime) -> int:
    """Make mails of what is new for each person who wants them; returns how many.

    A mail holds what the person would see in their own notices, and only notices they have not read.
    """
    with acting(SYSTEM):
        people = list(Preference.objects.exclude(address="").values_list("user", flat=True))
    return sum(_gather_for(user, compose, now) for user in people)


def _gather_for(user: int, compose: Compose, now: datetime) -> int:
    made = 0
    with acting(SYSTEM):
        row = (
            Preference.objects.select_for_update(skip_locked=True)
            .filter(user=user)
            .exclude(address="")
            .first()
        )
        if row is None:
            return 0
        try:
            person = actor_for(row.username, now)
        except IdentityError:  # the account was closed
            row.address = ""
            row.save(update_fields=["address"])
            return 0
        choice = choice_of(row)
        fresh = notices_after(person, row.last_notice)
        urgent = [one for one in fresh if choice.how(group_of(one.kind)) == "now" and not one.read]
        if fresh:
            row.last_notice = fresh[-1].id
        made += _put(row, urgent, compose, now)
        if digest_due(timezone.localtime(row.digest_at) if row.digest_at else None, timezone.localtime(now)):
            gathered = notices_after(person, row.last_digest)
            daily = [one for one in gathered if choice.how(group_of(one.kind)) == "daily" and not one.read]
            if gathered:
                row.last_digest = gathered[-1].id
            row.digest_at = now
            made += _put(row, daily, compose, now)
        row.save(update_fields=["last_notice", "last_digest", "digest_at"])
    return made


def _put(row: Preference, notices: Sequence[NoticeView], compose: Compose, now: datetime) -> int:
    if not notices:
        return 0
    subject, body, address = compose(notices, row.language, unsubscribe_token(row.user))
    Mail.objects.create(
        user=row.user, address=row.address, subject=subject[:200], body=body, unsubscribe=address,
        created_at=now, next_at=now,
    )  # fmt: skip
    return 1


def send_waiting(now: datetime) -> int:
    """Send what waits, each in a transaction of its own; returns how many were taken by the server."""
    with acting(SYSTEM):
        ids = list(
            Mail.objects.filter(state="waiting", next_at__lte=now)
            .order_by("next_at")
            .values_list("pk", flat=True)[:AT_ONCE]
        )
    return sum(_send(number, now) for number in ids)


def _send(number: int, now: datetime) -> bool:
    with acting(SYSTEM):
        row = Mail.objects.select_for_update(skip_locked=True).filter(pk=number, state="waiting").first()
        if row is None:
            return False
        message = EmailMessage(
            row.subject, row.body, to=[row.address], headers={"List-Unsubscribe": f"<{row.unsubscribe}>"}
        )
        row.tries += 1
        try:
            message.send()
        except (smtplib.SMTPException, OSError) as problem:
            row.fault = type(problem).__name__
            again = next_try(row.tries, now)
            row.state, row.next_at = ("waiting", again) if again else ("given-up", now)
        else:
            row.state, row.sent_at, row.fault = "sent", now, ""
        row.save()
        return row.state == "sent"
