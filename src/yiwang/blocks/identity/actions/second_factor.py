"""Second factors: enrolled by their owner, shown at each login, reset by a security administrator."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from yiwang.blocks.identity.actions.accounts import locked_account
from yiwang.blocks.identity.actions.recording import record
from yiwang.blocks.identity.actions.sign_ins import close_sign_ins
from yiwang.blocks.identity.domain.accounts import decide_reset_factor
from yiwang.blocks.identity.domain.actor import Actor
from yiwang.blocks.identity.domain.errors import CodeRefused, SecondFactorPresent
from yiwang.blocks.identity.domain.second_factor import (
    ENROLMENT_LIFE,
    FactorState,
    check_wait,
    decide_code,
    new_recovery_codes,
    new_secret,
    recovery_digest,
)
from yiwang.blocks.identity.store.models import Authenticator, RecoveryCode, SignIn
from yiwang.blocks.identity.store.sealing import open_secret, seal_secret
from yiwang.blocks.organisation.public import covers


@transaction.atomic
def begin_enrolment(actor: Actor, *, now: datetime) -> bytes:
    """The secret for a new authenticator, the same one for a quarter of an hour so that a page may be reloaded.

    Raises: SecondFactorPresent.
    """
    locked_account(actor.user_id)
    row = Authenticator.objects.filter(user_id=actor.user_id).first()
    if row is not None:
        if row.confirmed:
            raise SecondFactorPresent()
        if now < row.created_at + ENROLMENT_LIFE:
            return open_secret(row.secret, _place(actor.user_id))
        row.delete()
    secret = new_secret()
    Authenticator.objects.create(
        user_id=actor.user_id, secret=seal_secret(secret, _place(actor.user_id)), created_at=now
    )
    return secret


def confirm_enrolment(actor: Actor, sign_in: int, code: str, *, now: datetime) -> tuple[str, ...]:
    """Bind the authenticator by its first code; returns the recovery codes, shown once. The sign-in is confirmed.

    Raises: SecondFactorPresent, CodeRefused, CodeThrottled.
    """
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().filter(user_id=actor.user_id).first()
        if row is not None and row.confirmed:
            raise SecondFactorPresent()
        codes: tuple[str, ...] = ()
        if row is not None and _count(row, code, now):
            row.confirmed = True
            row.save(update_fields=["confirmed"])
            _confirm(actor, sign_in)
            close_sign_ins(actor.user_id, "second-factor", now, but=sign_in)
            codes = _replace_codes(actor.user_id)
            record("second-factor-enrolled", actor, now, of_user=actor.user_id, agency=actor.agency)
    # the wrong code must stay counted, so the refusal comes after the commit
    if not codes:
        raise CodeRefused()
    return codes


def show_code(actor: Actor, sign_in: int, code: str, *, now: datetime) -> None:
    """Confirm a sign-in by a code of the authenticator. Raises: CodeRefused, CodeThrottled."""
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().filter(user_id=actor.user_id, confirmed=True).first()
        accepted = row is not None and _count(row, code, now)
        if accepted:
            _confirm(actor, sign_in)
    if not accepted:
        raise CodeRefused()


def use_recovery_code(actor: Actor, sign_in: int, code: str, *, now: datetime) -> int:
    """Confirm a sign-in by a recovery code, which then is spent; returns how many are left.

    Raises: CodeRefused, CodeThrottled.
    """
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().filter(user_id=actor.user_id, confirmed=True).first()
        spent = 0
        if row is not None:
            state = FactorState(row.last_step, row.failures, row.failed_at)
            check_wait(state, now)
            unused = RecoveryCode.objects.filter(user_id=actor.user_id, used_at__isnull=True)
            spent = unused.filter(digest=recovery_digest(code)).update(used_at=now)
            if spent:
                _confirm(actor, sign_in)
                _remember(row, FactorState(row.last_step))
                record("recovery-code-used", actor, now, of_user=actor.user_id, agency=actor.agency)
            else:
                _remember(row, state.failed(now))
    if not spent:
        raise CodeRefused()
    return RecoveryCode.objects.filter(user_id=actor.user_id, used_at__isnull=True).count()


@transaction.atomic
def renew_recovery_codes(actor: Actor, *, now: datetime) -> tuple[str, ...]:
    """New recovery codes, shown once; the old ones are void. Needs a sign-in with the second factor.

    Raises: CodeRefused.
    """
    if not actor.second_factor:
        raise CodeRefused()
    locked_account(actor.user_id)
    codes = _replace_codes(actor.user_id)
    record("recovery-codes-renewed", actor, now, of_user=actor.user_id, agency=actor.agency)
    return codes


@transaction.atomic
def reset_second_factor(actor: Actor, user_id: int, *, now: datetime) -> None:
    """Unbind somebody's authenticator, for a lost phone; a new one is enrolled at the next login.

    Raises: UnknownAccount, NotAllowed, SelfReset, AgencyOutOfReach.
    """
    user = locked_account(user_id)
    decide_reset_factor(actor, user_id, in_reach=covers(actor.region, user.person.agency.region_id))
    Authenticator.objects.filter(user_id=user_id).delete()
    RecoveryCode.objects.filter(user_id=user_id).delete()
    close_sign_ins(user_id, "second-factor", now)
    record("second-factor-reset", actor, now, of_user=user_id, agency=user.person.agency_id)


def _count(row: Authenticator, code: str, now: datetime) -> bool:
    secret = open_secret(row.secret, _place(row.user_id))
    accepted, state = decide_code(secret, FactorState(row.last_step, row.failures, row.failed_at), code, now)
    _remember(row, state)
    return accepted


def _remember(row: Authenticator, state: FactorState) -> None:
    row.last_step, row.failures, row.failed_at = state.last_step, state.failures, state.failed_at
    row.save(update_fields=["last_step", "failures", "failed_at"])


def _confirm(actor: Actor, sign_in: int) -> None:
    SignIn.objects.filter(pk=sign_in, user_id=actor.user_id, ended_at__isnull=True).update(second_factor=True)


def _replace_codes(user_id: int) -> tuple[str, ...]:
    RecoveryCode.objects.filter(user_id=user_id).delete()
    codes = new_recovery_codes()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user_id=user_id, digest=recovery_digest(code)) for code in codes
    )
    return codes


def _place(user_id: int) -> str:
    return f"identity_authenticator/{user_id}"
