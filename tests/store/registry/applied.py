"""Packages applied in the transaction of a test, and people who hold their roles."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from django.db import connection

from yiwang.blocks.identity.public import Actor
from yiwang.blocks.registry.public import (
    Errand,
    Owner,
    Prepared,
    Release,
    Roles,
    apply_release,
    packages_in_force,
)
from yiwang.blocks.registry.store.models import RoleHolder
from yiwang.bootstrap.systems.applying import checked
from yiwang.systems.loading import load_package

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
SYSTEMS = Path(__file__).resolve().parents[3] / "systems"
OWNER = "11290100MB00000011"
ROLES = Roles("yw_test_app", "yw_test_share", "yw_test_quality")


def owner() -> Owner:
    """The connection of the test, which is rolled back with it; a superuser's."""
    connection.ensure_connection()
    raw: Owner = connection.connection
    for role in (ROLES.app, ROLES.share, ROLES.quality):
        raw.execute(
            f"DO $$ BEGIN CREATE ROLE {role}; EXCEPTION WHEN duplicate_object THEN NULL; END $$".encode()
        )
    raw.execute(f"GRANT USAGE ON SCHEMA public TO {ROLES.app}".encode())
    raw.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {ROLES.app}".encode())
    return raw


def applied(*folders: str | Path, confirmation: str = "", on: Owner | None = None) -> Prepared:
    """Packages by their name in `systems/` or their folder, one after another; gives the last."""
    raw = on or owner()
    prepared: Prepared | None = None
    for folder in folders:
        path = SYSTEMS / folder if isinstance(folder, str) else folder
        others = packages_in_force(raw)
        loaded = checked(load_package(path), {name: one for name, one in others.items() if name != path.name})
        release = Release(loaded=loaded, others=others, owner=OWNER, by="operator", confirmation=confirmation)
        prepared = apply_release(raw, release, ROLES, NOW)
    assert prepared is not None
    return prepared


def as_application() -> None:
    """The rest of the test runs with no more rights than the application has."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {ROLES.app}")


def holder(
    number: int, role: str, *, division: str = "370102001", purpose: str = "", agency: str = OWNER
) -> Errand:
    """A person who holds a role, given as `system.role`."""
    system, _, name = role.partition(".")
    RoleHolder.objects.create(
        system=system, role=name, user=number, agency=agency, since=NOW, given_by="admin"
    )
    actor = Actor(number, f"user{number}", f"人员{number}", agency, "民政局", division, frozenset())
    return Errand(actor, purpose=purpose, division=division)
