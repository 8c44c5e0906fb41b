"""No page of a real package shows a value that its declaration keeps from the role and purpose it is opened with.

Each field that can hold a text has a mark of its own in the one record there is; encrypted ones are sealed as the registry
seals them. Which marks a page may show is worked out by a naive reading of the declaration.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from tests.portal.conftest import Browser
from tests.store.registry.applied import NOW, OWNER, applied
from tests.store.registry.expecting import expected
from yiwang.blocks.identity.public import Actor
from yiwang.blocks.registry import public as registry
from yiwang.blocks.registry.domain.quoting import name
from yiwang.blocks.registry.public import KEY_SEPARATOR, Entity, System
from yiwang.blocks.registry.store.keys import protector
from yiwang.blocks.registry.store.models import RoleHolder
from yiwang.portal.systems import naming
from yiwang.vocabulary.crypto import FileKeyProvider, use_key_provider

pytestmark = pytest.mark.django_db
DIVISION, CASE = "370102001", "C-1"
NEEDED = {
    "hotline": ("divisions",),
    "population": ("divisions",),
    "social_assistance": ("divisions", "population"),
}
_FILLED: dict[str, str | int | bool | list[str]] = {
    "bigint": 7, "boolean": True, "date": "2026-01-02", "timestamptz": "2026-01-02", "text[]": ["x"],
    "point": "(1,2)", "jsonb": "{}",
}  # fmt: skip


def planted(system: System, entity: Entity) -> tuple[int, dict[str, str]]:
    """The record's number, and the mark of each field that has one."""
    table, marks = entity.table(system.id), dict[str, str]()
    values: dict[str, str | int | bool | bytes | list[str]] = {"_by": "owner", "_known": "2026-01-01"}
    if table.dated:
        values["_from"] = "2000-01-01"
    for at, field in enumerate(one for one in entity.fields if one.derived is None):
        for column, kind in zip(field.columns, field.stored_types(), strict=True):
            mark = f"zq{at:02d}{entity.id[:3]}{at * 7919 % 10007:05d}xj"
            if field.kind == "division":
                values[column] = DIVISION
            elif field.encrypted or (
                kind == "text" and field.kind not in ("code", "ref", "period", "file", "org")
            ):
                values[column] = marks[field.id] = mark
            else:
                values[column] = _FILLED.get(kind, 7 if kind.startswith("numeric") else "1")
    bound = KEY_SEPARATOR.join(str(values[one]) for one in table.key)
    for field in entity.fields:
        if field.encrypted:
            place = field.place(system.id, entity.id)
            values[field.columns[0]] = protector().seal(place, bound, marks[field.id])
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {name(table.schema, table.name)} ({', '.join(map(name, values))})"
            f" VALUES ({', '.join(['%s'] * len(values))}) RETURNING _id",
            list(values.values()),
        )
        return int(cursor.fetchone()[0]), marks


def chosen(system: System, role: str) -> list[str]:
    """The purposes that a page can be opened under; none is chosen where there are several, and the one where there is one."""
    rules = [rule for one in system.entities for rule in one.rules if role in rule.roles]
    named = sorted({one for rule in rules for one in rule.purposes})
    return named if len(named) == 1 else ["", *named]


def shown(
    system: System, entity: Entity, marks: dict[str, str], role: str, purpose: str, actor: Actor
) -> set[str]:
    """The marks of fields that are shown openly: by an open rule, or by a masked one where they have no mask."""
    some = expected(system, entity, "read", role, purpose, "", actor) or set()
    openly = expected(system, entity, "read", role, purpose, "", actor, masked=False) or set()
    return {
        mark for one, mark in marks.items() if one in openly or (one in some and not entity.field(one).mask)
    }


@pytest.mark.parametrize(
    "package", ["hotline", "population", pytest.param("social_assistance", marks=pytest.mark.long)]
)
def test_pages_show_no_mark_that_the_declaration_keeps_from_who_opens_them(
    package: str, browser: Browser, tmp_path: Path
) -> None:
    use_key_provider(FileKeyProvider(tmp_path / "keys", create=True))
    applied(*NEEDED[package], package)
    naming.forget()
    system = registry.system_of(package)
    planting = {entity.id: planted(system, entity) for entity in system.entities}
    every = {mark for _, marks in planting.values() for mark in marks.values()}
    roles = sorted(
        {role for one in system.entities for rule in one.rules for role in rule.roles if "." in role}
    )
    kept, seen = 0, 0
    asked = [(role, purpose) for role in roles for purpose in chosen(system, role)]
    for number, (role, purpose) in enumerate(asked, 1):
        actor = Actor(number, f"u{number}", "人员", OWNER, "局", DIVISION, frozenset())
        RoleHolder.objects.create(
            user=number,
            agency=OWNER,
            system=role.partition(".")[0],
            role=role.partition(".")[2],
            since=NOW,
            given_by="x",
        )
        client = browser(actor)
        home = f"/systems/{package}/"
        if purpose:
            client.post(home, {"purpose": purpose, "case": ""})
        for entity in system.entities:
            record = planting[entity.id][0]
            told = [client.get(f"{home}{entity.id}/{path}") for path in ("", f"{record}/")]
            if told[-1].status_code == 200:
                told.append(client.get(f"{home}{entity.id}/{record}/edit/"))
            text = "".join(one.content.decode() for one in told)
            allowed = {
                mark
                for other, (_, marks) in planting.items()
                for mark in shown(system, system.entity(other), marks, role, purpose, actor)
            }
            leaked = {mark for mark in every - allowed if mark in text}
            assert leaked == set(), f"{entity.id}: {role}, purpose {purpose!r}"
            kept += len(every - allowed)
            seen += any(mark in text for mark in allowed)
    assert kept
    assert seen, "the pages were not refused altogether"
