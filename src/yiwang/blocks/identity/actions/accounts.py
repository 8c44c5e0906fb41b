"""Accounts: created without roles by a system administrator, closed, given new first passwords."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext

from yiwang.blocks.identity.actions.recording import record
from yiwang.blocks.identity.actions.sign_ins import close_sign_ins
from yiwang.blocks.identity.domain.accounts import (
    decide_create,
    decide_demo,
    decide_first_roles,
    decide_new_password,
    decide_username,
    first_password,
)
from yiwang.blocks.identity.domain.actor import Actor
from yiwang.blocks.identity.domain.errors import (
    AlreadyInstalled,
    PasswordRefused,
    PasswordWeak,
    UnknownAccount,
    UsernameTaken,
)
from yiwang.blocks.identity.domain.roles import AUDIT_ADMIN, SECURITY_ADMIN, SYSTEM_ADMIN
from yiwang.blocks.identity.store.models import Authenticator, RoleGrant, User
from yiwang.blocks.identity.store.sealing import seal_secret
from yiwang.blocks.organisation.public import Doer, agency, covers, register_person


@transaction.atomic
def create_account(
    actor: Actor, *, username: str, name: str, agency_uscc: str, staff_number: str = "", now: datetime
) -> tuple[int, str]:
    """Create an account without roles for a person of an agency; returns its number and the first password.

    Raises: NotAllowed, AgencyOutOfReach, UnknownAgency, BadUsername, UsernameTaken, PersonExists.
    """
    decide_create(actor, in_reach=covers(actor.region, agency(agency_uscc).region.code))
    password = first_password()
    user = _create(
        actor,
        username,
        name,
        agency_uscc,
        staff_number=staff_number,
        password=password,
        by=actor.user_id,
        now=now,
    )
    record("account-created", actor, now, of_user=user.pk, agency=agency_uscc)
    return user.pk, password


@transaction.atomic
def close_account(actor: Actor, user_id: int, *, now: datetime) -> None:
    """Close an account: its roles end, its browsers are signed out, its username stays taken.

    Raises: NotAllowed, AgencyOutOfReach, SelfReset, UnknownAccount.
    """
    user = locked_account(user_id)
    decide_new_password(actor, user.pk, in_reach=_reaches(actor, user))
    user.is_active, user.closed_at = False, now
    user.save(update_fields=["is_active", "closed_at"])
    for grant in user.role_grants.all():
        if grant.until is None or grant.until > now:
            grant.until, grant.ended_by_id = max(grant.since, now), actor.user_id
            grant.save(update_fields=["until", "ended_by"])
    close_sign_ins(user.pk, "closed", now)
    record("account-closed", actor, now, of_user=user.pk, agency=user.person.agency_id)


@transaction.atomic
def give_new_password(actor: Actor, user_id: int, *, now: datetime) -> str:
    """Give somebody a new first password, to be changed at the next login; every browser is signed out.

    Raises: NotAllowed, AgencyOutOfReach, SelfReset, UnknownAccount.
    """
    user = locked_account(user_id)
    decide_new_password(actor, user.pk, in_reach=_reaches(actor, user))
    password = first_password()
    user.password, user.must_change_password, user.password_changed_at = make_password(password), True, now
    user.save(update_fields=["password", "must_change_password", "password_changed_at"])
    close_sign_ins(user.pk, "password", now)
    record("password-reset", actor, now, of_user=user.pk, agency=user.person.agency_id)
    return password


@transaction.atomic
def change_password(actor: Actor, *, present: str, new: str, keep_sign_in: int | None, now: datetime) -> None:
    """Change one's own password; all browsers but `keep_sign_in` are signed out.

    Raises: PasswordRefused, PasswordWeak.
    """
    user = locked_account(actor.user_id)
    if not user.check_password(present):
        raise PasswordRefused()
    if present == new:
        raise PasswordWeak(reasons=gettext("The new password is the same as the present one."))
    try:
        validate_password(new, user)
    except ValidationError as error:
        raise PasswordWeak(reasons=" ".join(error.messages)) from error
    user.password, user.must_change_password, user.password_changed_at = make_password(new), False, now
    user.save(update_fields=["password", "must_change_password", "password_changed_at"])
    close_sign_ins(user.pk, "password", now, but=keep_sign_in)
    record("password-changed", actor, now, of_user=user.pk, agency=actor.agency)


@transaction.atomic
def install_administrators(
    doer: Doer, *, agency_uscc: str, system: tuple[str, str], security: tuple[str, str], audit: tuple[str, str],
    now: datetime,
) -> tuple[tuple[str, str], ...]:  # fmt: skip
    """Appoint the first three administrators of a node, each given as (username, name); returns (username, password)s.

    Raises: AlreadyInstalled, UnknownAgency, BadUsername.
    """
    if User.objects.exists():
        raise AlreadyInstalled()
    made = []
    for (username, name), role in ((system, SYSTEM_ADMIN), (security, SECURITY_ADMIN), (audit, AUDIT_ADMIN)):
        password = first_password()
        user = _create(doer, username, name, agency_uscc, password=password, now=now)
        _first_role(user, role, agency_uscc, now)
        made.append((user.username, password))
    return tuple(made)


@transaction.atomic
def create_demo_account(
    doer: Doer, *, username: str, name: str, agency_uscc: str, password: str, roles: frozenset[str],
    totp_secret: bytes | None = None, now: datetime,
) -> int:  # fmt: skip
    """Create an account for a demonstration, with its roles and, where given, a confirmed authenticator.

    It signs in from this machine only, and not at all once the node leaves demo mode.

    Raises: DemoOnly, HatsConflict, UnknownAgency, BadUsername, UsernameTaken.
    """
    decide_demo(settings.YW_MODE)
    wanted = decide_first_roles(roles)
    user = _create(doer, username, name, agency_uscc, password=password, now=now)
    user.is_demo, user.must_change_password = True, False
    user.save(update_fields=["is_demo", "must_change_password"])
    for role in sorted(wanted):
        _first_role(user, role, agency_uscc, now)
    if totp_secret is not None:
        Authenticator.objects.create(
            user=user, secret=seal_secret(totp_secret, f"identity_authenticator/{user.pk}"),
            confirmed=True, created_at=now,
        )  # fmt: skip
    return user.pk


def locked_account(user_id: int) -> User:
    """An account with its person, locked until the transaction ends. Raises: UnknownAccount."""
    user = (
        User.objects.select_for_update(of=("self",))
        .select_related("person__agency")
        .filter(pk=user_id, is_active=True)
        .first()
    )
    if user is None:
        raise UnknownAccount()
    return user


def _create(
    doer: Doer, username: str, name: str, uscc: str, *, password: str, now: datetime, staff_number: str = "",
    by: int | None = None,
) -> User:  # fmt: skip
    chosen = decide_username(username)
    if User.objects.filter(username=chosen).exists():
        raise UsernameTaken(username=chosen)
    person = register_person(doer, uscc, name=name, staff_number=staff_number)
    return User.objects.create(
        username=chosen, person_id=person.id, password=make_password(password), password_changed_at=now,
        created_at=now, created_by_id=by,
    )  # fmt: skip


def _first_role(user: User, role: str, uscc: str, now: datetime) -> None:
    RoleGrant.objects.create(user=user, role=role, agency_id=uscc, since=now, granted_at=now)
    record("role-granted", None, now, of_user=user.pk, agency=uscc, role=role)


def _reaches(actor: Actor, user: User) -> bool:
    return covers(actor.region, user.person.agency.region_id)
