"""Who is behind a browser, and the browsers of a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from yiwang.blocks.identity.domain.accounts import DEMO
from yiwang.blocks.identity.domain.actor import Actor
from yiwang.blocks.identity.domain.roles import needs_second_factor
from yiwang.blocks.identity.domain.sign_ins import (
    IDLE,
    LIFETIME,
    SignedIn,
    is_loopback,
    pending_step,
    still_open,
)
from yiwang.blocks.identity.queries.actors import actor_of_user
from yiwang.blocks.identity.store.models import Authenticator, RecoveryCode, SignIn, User
from yiwang.blocks.identity.store.roles import held_roles


@dataclass(frozen=True)
class SignInFacts:
    """One open sign-in, as its owner sees it."""

    id: int
    started_at: datetime
    seen_at: datetime
    address: str | None
    browser: str
    second_factor: bool


@dataclass(frozen=True)
class FactorFacts:
    """Whether a person has an authenticator, and how many recovery codes are left."""

    bound: bool
    recovery_codes: int


def signed_in(sign_in: int, *, address: str | None, now: datetime) -> SignedIn | None:
    """The person behind a sign-in, or None when it was ended, ran out or is not allowed from this address."""
    row = (
        SignIn.objects.select_related("user__person__agency", "user__authenticator")
        .filter(pk=sign_in, ended_at__isnull=True, user__is_active=True)
        .first()
    )
    if row is None or not still_open(row.started_at, row.seen_at, now):
        return None
    user = row.user
    if user.is_demo and not demo_may_enter(address):
        return None
    held = held_roles(user.pk)
    actor = actor_of_user(user, held, now, second_factor=row.second_factor)
    pending = pending_step(
        strong=needs_second_factor(held, now),
        second_factor=row.second_factor,
        has_authenticator=_bound(user),
        must_change_password=user.must_change_password,
    )
    return SignedIn(row.pk, actor, pending)


def demo_may_enter(address: str | None) -> bool:
    """Whether demo accounts count here: demo mode, and a caller on this machine itself."""
    return settings.YW_MODE == DEMO and is_loopback(address)


def open_sign_ins(actor: Actor, now: datetime) -> list[SignInFacts]:
    """The actor's own open sign-ins, the latest first."""
    rows = SignIn.objects.filter(
        user_id=actor.user_id, ended_at__isnull=True, started_at__gt=now - LIFETIME, seen_at__gt=now - IDLE
    )
    return [
        SignInFacts(row.pk, row.started_at, row.seen_at, row.address, row.browser, row.second_factor)
        for row in rows.order_by("-seen_at")
    ]


def second_factor_of(actor: Actor) -> FactorFacts:
    """The actor's own second factor."""
    return FactorFacts(
        Authenticator.objects.filter(user_id=actor.user_id, confirmed=True).exists(),
        RecoveryCode.objects.filter(user_id=actor.user_id, used_at__isnull=True).count(),
    )


def _bound(user: User) -> bool:
    device = getattr(user, "authenticator", None)
    return isinstance(device, Authenticator) and device.confirmed
