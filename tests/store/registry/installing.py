"""Puts a compiled system into the test database by hand, as an application of its package would."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec
from django.db import connection

from yiwang.blocks.identity.public import Actor
from yiwang.blocks.registry.domain import statements
from yiwang.blocks.registry.public import Field, System
from yiwang.blocks.registry.store import models

APP = "yw_registry_app"


def field(name: str, kind: str, **more: object) -> Field:
    """A field in one column of its name; its title is its name unless told otherwise."""
    facts = {"id": name, "title": {"zh": name}, "kind": kind, "columns": [name], **more}
    return msgspec.convert(facts, Field)


def install(system: System, holders: Iterable[tuple[Actor, str]], now: datetime) -> None:
    """The system's tables and its row, and who holds which role; from here on the application's own role acts."""
    with connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN CREATE ROLE {APP}; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {APP}")
        cursor.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {APP}")
        cursor.execute(f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {APP}")
        for entity in system.entities:
            table = entity.table(system.id)
            for statement in [
                *statements.schemas(table, APP), *statements.create(table),
                *statements.read_views(table, entity.access(), APP),
                *statements.write_functions(table, entity.access(), APP),
            ]:  # fmt: skip
                cursor.execute(statement.replace("%", "%%"))
        cursor.execute(f"SET LOCAL ROLE {APP}")
    models.System.objects.create(
        id=system.id, title=msgspec.to_builtins(system.title), owner=system.owner, version=system.version,
        package=msgspec.to_builtins(system), applied_at=now, applied_by="operator",
    )  # fmt: skip
    for actor, role in holders:
        models.RoleHolder.objects.create(
            system=system.id, role=role, user=actor.user_id, agency=actor.agency, since=now, given_by="admin"
        )
