"""Accounts and roles in the database: created, given, taken, closed, and written down."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone
from pytest_django import Settings

from tests.store.identity import cast
from tests.store.identity.cast import (
    AUDIT,
    CITY,
    CIVIL,
    ELSEWHERE,
    FAR_SECURITY,
    FAR_SYSTEM,
    LI_WEI,
    MARKET,
    SECURITY,
    SYSTEM,
    WANG_MIN,
    ZHAO_JING,
)  # fmt: skip
from yiwang.blocks.identity import public as identity
from yiwang.blocks.identity.domain.errors import (
    AlreadyInstalled,
    DemoOnly,
    HatsConflict,
    RoleNotHeld,
    SelfGrant,
)  # fmt: skip
from yiwang.blocks.identity.store.models import AccountEvent, RoleGrant, User

pytestmark = pytest.mark.usefixtures("node")


def install() -> tuple[tuple[str, str], ...]:
    return identity.install_administrators(
        identity.node_actor(CITY), agency_uscc=MARKET, system=("a.aa", "甲"), security=("b.bb", "乙"),
        audit=("c.cc", "丙"), now=timezone.now(),
    )  # fmt: skip


def test_a_new_account_has_no_role_and_a_password_to_change() -> None:
    now = timezone.now()
    number, password = identity.create_account(
        SYSTEM.actor, username="He.Jie", name="何洁", agency_uscc=CIVIL, now=now
    )
    made = identity.account(SYSTEM.actor, number, now)
    assert (made.username, made.roles, made.must_change_password) == ("he.jie", (), True)
    assert User.objects.get(pk=number).check_password(password)


def test_an_account_is_made_by_the_system_administrator_of_the_region_only() -> None:
    for who in (SECURITY, AUDIT, WANG_MIN):
        with pytest.raises(identity.NotAllowed):
            identity.create_account(
                who.actor, username="he.jie", name="何洁", agency_uscc=CIVIL, now=timezone.now()
            )
    with pytest.raises(identity.AgencyOutOfReach):
        identity.create_account(
            FAR_SYSTEM.actor, username="he.jie", name="何洁", agency_uscc=CIVIL, now=timezone.now()
        )


def test_a_username_is_given_once_whatever_its_letters() -> None:
    with pytest.raises(identity.UsernameTaken):
        identity.create_account(
            SYSTEM.actor, username="WANG.MIN", name="王民", agency_uscc=CIVIL, now=timezone.now()
        )


def test_a_role_is_given_and_signs_the_person_out() -> None:
    browser = cast.enter(LI_WEI)
    identity.grant_role(SECURITY.actor, LI_WEI.actor.user_id, "reviewer", now=timezone.now())
    assert LI_WEI.actor.roles == {"reviewer"}
    assert identity.signed_in(browser.session["yw_sign_in"], address="127.0.0.1", now=timezone.now()) is None


def test_nobody_gives_a_role_to_oneself() -> None:
    with pytest.raises(SelfGrant):
        identity.grant_role(SECURITY.actor, SECURITY.actor.user_id, "data_officer", now=timezone.now())
    assert SECURITY.actor.roles == {"security_admin"}


def test_the_database_itself_refuses_a_self_granted_role() -> None:
    number = SECURITY.actor.user_id
    with pytest.raises(Exception, match="identity_role_grant_by_another"):
        RoleGrant.objects.create(
            user_id=number, role="operator", agency_id=MARKET, since=timezone.now(), granted_by_id=number,
            granted_at=timezone.now(),
        )  # fmt: skip


def test_two_hats_never_sit_on_one_head() -> None:
    with pytest.raises(HatsConflict):
        identity.grant_role(SECURITY.actor, SYSTEM.actor.user_id, "audit_admin", now=timezone.now())
    assert SYSTEM.actor.roles == {"system_admin"}


def test_a_system_administrator_gives_no_roles() -> None:
    with pytest.raises(identity.NotAllowed):
        identity.grant_role(SYSTEM.actor, LI_WEI.actor.user_id, "operator", now=timezone.now())


def test_a_security_administrator_of_another_city_gives_no_roles_here() -> None:
    with pytest.raises(identity.AgencyOutOfReach):
        identity.grant_role(FAR_SECURITY.actor, LI_WEI.actor.user_id, "operator", now=timezone.now())


def test_a_role_is_taken_away_once() -> None:
    grant = RoleGrant.objects.get(user_id=WANG_MIN.actor.user_id)
    identity.end_role(SECURITY.actor, grant.pk, reason="moved", now=timezone.now())
    assert WANG_MIN.actor.roles == frozenset()
    with pytest.raises(RoleNotHeld):
        identity.end_role(SECURITY.actor, grant.pk, now=timezone.now())


def test_a_closed_account_has_no_roles_and_no_way_in() -> None:
    number = WANG_MIN.actor.user_id
    browser = cast.enter(WANG_MIN)
    identity.close_account(SYSTEM.actor, number, now=timezone.now())
    with pytest.raises(identity.UnknownAccount):
        identity.actor_for("wang.min", timezone.now())
    assert browser.get("/account/").status_code in (302, 404)
    assert not RoleGrant.objects.filter(user_id=number, until__isnull=True).exists()


def test_people_of_another_region_are_neither_listed_nor_found() -> None:
    now = timezone.now()
    seen = {one.agency for one in identity.accounts(SYSTEM.actor, now)}
    assert ELSEWHERE not in seen
    assert seen == {MARKET, CIVIL}
    assert identity.accounts(SYSTEM.actor, now, agency=ELSEWHERE) == []
    with pytest.raises(identity.UnknownAccount):
        identity.account(SYSTEM.actor, ZHAO_JING.actor.user_id, now)


def test_a_data_officer_sees_no_accounts() -> None:
    with pytest.raises(identity.NotAllowed):
        identity.accounts(WANG_MIN.actor, timezone.now())


def test_the_log_is_read_by_the_audit_administrator_only() -> None:
    identity.grant_role(SECURITY.actor, LI_WEI.actor.user_id, "reviewer", now=timezone.now())
    latest = identity.events(AUDIT.actor).events[0]
    assert (latest.event, latest.by, latest.of, latest.facts["role"]) == (
        "role-granted",
        "钱安",
        "李维",
        "reviewer",
    )
    for who in (SYSTEM, SECURITY, WANG_MIN):
        with pytest.raises(identity.NotAllowed):
            identity.events(who.actor)


def test_lines_of_the_log_are_neither_changed_nor_deleted() -> None:
    identity.grant_role(SECURITY.actor, LI_WEI.actor.user_id, "reviewer", now=timezone.now())
    with pytest.raises(DatabaseError, match="only added"):
        AccountEvent.objects.update(event="nothing")


def test_the_evidence_names_accounts_by_number_only() -> None:
    identity.grant_role(
        SECURITY.actor, LI_WEI.actor.user_id, "reviewer", reason="李维接任", now=timezone.now()
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(entry::text, ' ') FROM journal_outbox")
        written = cursor.fetchone()[0]
    assert "role-granted" in written
    assert "李维" not in written
    assert "li.wei" not in written


def test_the_first_administrators_are_appointed_once() -> None:
    with pytest.raises(AlreadyInstalled):
        install()


def test_demo_accounts_are_refused_outside_demo_mode(settings: Settings) -> None:
    settings.YW_MODE = "production"
    with pytest.raises(DemoOnly):
        identity.create_demo_account(
            identity.node_actor(CITY), username="demo", name="演示", agency_uscc=MARKET, password="x", roles=frozenset(),
            now=timezone.now(),
        )  # fmt: skip


def test_an_own_password_needs_the_present_one_and_the_rules() -> None:
    now = timezone.now()
    with pytest.raises(identity.PasswordRefused):
        identity.change_password(
            WANG_MIN.actor, present="x", new="another river in may", keep_sign_in=None, now=now
        )
    for weak in ("short", "wang.min", "password1234", cast.PASSWORD):
        with pytest.raises(identity.PasswordWeak):
            identity.change_password(
                WANG_MIN.actor, present=cast.PASSWORD, new=weak, keep_sign_in=None, now=now
            )
    identity.change_password(
        WANG_MIN.actor, present=cast.PASSWORD, new="another river in may", keep_sign_in=None, now=now
    )
    assert User.objects.get(username="wang.min").check_password("another river in may")


def test_a_new_first_password_signs_out_everywhere() -> None:
    cast.enter(WANG_MIN)
    cast.enter(WANG_MIN)
    assert len(identity.open_sign_ins(WANG_MIN.actor, timezone.now())) == 2
    password = identity.give_new_password(SYSTEM.actor, WANG_MIN.actor.user_id, now=timezone.now())
    assert identity.open_sign_ins(WANG_MIN.actor, timezone.now()) == []
    user = User.objects.get(username="wang.min")
    assert user.check_password(password)
    assert user.must_change_password


def test_a_role_with_an_end_stops_counting_by_itself() -> None:
    now = timezone.now()
    identity.grant_role(
        SECURITY.actor, LI_WEI.actor.user_id, "reviewer", until=now + timedelta(days=1), now=now
    )
    assert identity.actor_for("li.wei", now).roles == {"reviewer"}
    assert identity.actor_for("li.wei", now + timedelta(days=1)).roles == frozenset()


def test_people_with_a_role_are_found_for_notices() -> None:
    assert identity.people_with_role("data_officer", MARKET, timezone.now()) == [WANG_MIN.actor.user_id]
