"""Every role × purpose × field of every entity of the real packages, through interface, export and SQL, is as declared.

The expected answer is worked out from the stored declaration by a naive reading of it: which rules name the role and
the purpose, which fields they list. Rows are put in by the owner of the tables, so that what is seen is decided by
the rules alone; rules about rows are asked with the row's own SQL as the owner, one row at a time.
"""

from __future__ import annotations

import csv
import io
import itertools
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from tests.store.registry import calling
from tests.store.registry.applied import NOW, OWNER, ROLES, applied, as_application
from tests.store.registry.calling import called
from tests.store.registry.expecting import expected, plain_field
from tests.store.registry.planting import DIVISION, NEEDED, put
from yiwang.blocks.identity.public import Actor
from yiwang.blocks.registry import public as registry
from yiwang.blocks.registry.api import calls
from yiwang.blocks.registry.domain.quoting import name, text
from yiwang.blocks.registry.public import Entity, System
from yiwang.blocks.registry.store.models import RoleHolder
from yiwang.bootstrap.systems.entries import served_columns
from yiwang.vocabulary.crypto import FileKeyProvider, use_key_provider

pytestmark = pytest.mark.django_db
PACKAGES = tuple(NEEDED)
CASE = "C-1"


def _in_sql(system: System, entity: Entity) -> tuple[set[str], set[str]]:
    """The fields whose value, and those whose mask, SQL under the application's role finds in the row."""
    table = entity.table(system.id)
    fields = [one for one in entity.fields if plain_field(one)]
    columns = ", ".join(name(one.columns[0]) for one in fields)
    view, base = name(table.views, table.name), name(table.schema, table.name)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {ROLES.app}")
        cursor.execute(f"SELECT _masked, {columns} FROM {view}")
        rows = cursor.fetchall()
        cursor.execute("RESET ROLE")
        cursor.execute(f"SELECT _by, {columns} FROM {base}")
        stored = cursor.fetchone()[1:]
    assert len(rows) <= 1
    if not rows:
        return set(), set()
    masked, *values = rows[0]
    found, behind = set(), set()
    for field, value, real in zip(fields, values, stored, strict=True):
        if field.columns[0] in masked:
            assert value != real, f"{entity.id}.{field.id} is not masked"
            behind.add(field.id)
        elif value is not None:
            assert value == real
            found.add(field.id)
    return found, behind


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_key_provider(FileKeyProvider(tmp_path / "keys", create=True))
    monkeypatch.setattr(calls, "signed_in_by", calling.signed_in_by)


@pytest.mark.parametrize("package", PACKAGES)
def test_each_role_sees_and_takes_out_what_is_declared_and_nothing_else(package: str, keys: None) -> None:
    applied(*NEEDED.get(package, ()), package)
    system = registry.system_of(package)
    asked = 0
    for entity in system.entities:
        if any(one.encrypted and one.required for one in entity.fields):
            continue  # its only row could not be opened
        put(system, entity)
        roles = [
            "divisions.nobody_of_the_kind",
            *sorted({role for rule in entity.rules for role in rule.roles}),
        ]
        purposes = ["nothing_of_the_kind", *sorted({one for rule in entity.rules for one in rule.purposes})]
        for number, (role, purpose, case) in enumerate(itertools.product(roles, purposes, ("", CASE)), 1):
            if "." not in role:
                continue  # a person who acts for themselves has no account here
            actor = Actor(number, f"u{number}", "人员", OWNER, "局", DIVISION, frozenset())
            RoleHolder.objects.update_or_create(
                user=number, agency=OWNER,
                defaults={"system": role.partition(".")[0], "role": role.partition(".")[2], "since": NOW, "given_by": "x"},
            )  # fmt: skip
            headers = {"YW-Case": case} if case else {}
            shown = expected(system, entity, "read", role, purpose, case, actor)
            plain, behind = _in_sql(system, entity)
            openly = expected(system, entity, "read", role, purpose, case, actor, masked=False) or set()
            plainly = {one.id: one for one in entity.fields if plain_field(one)}
            covered = {
                one for one in shown or set() if one not in openly and one in plainly and plainly[one].mask
            }
            assert behind == covered, f"masked in SQL: {entity.id} {role} {purpose} {case}"
            assert plain == {one for one in shown or set() if one in plainly} - covered, "shown in SQL"
            page = called(
                actor, "GET", f"/{package}/{entity.id}?_count=0", purpose=purpose, headers=headers
            ).json["records"]
            assert isinstance(page, list)
            where = f"{entity.id}: {role}, purpose {purpose!r}, case {case!r}"
            assert len(page) == (shown is not None), where
            if shown is not None:
                seen = {
                    one.id
                    for one in entity.fields
                    if plain_field(one) and page[0]["values"][one.id] is not None
                }
                assert seen == {one.id for one in entity.fields if plain_field(one) and one.id in shown}, (
                    where
                )
            taken = expected(system, entity, "export", role, purpose, case, actor)
            reply = called(actor, "GET", f"/{package}/{entity.id}/export", purpose=purpose, headers=headers)
            rows = (
                list(csv.DictReader(io.StringIO(reply.body.decode("utf-8-sig"))))
                if reply.status == 200
                else []
            )
            both = shown if taken is None or shown is None else shown & taken
            assert len(rows) == (taken is not None and shown is not None), where
            if rows and both is not None:
                out = {one.id for one in entity.fields if plain_field(one) and rows[0][one.id]}
                assert out == {one.id for one in entity.fields if plain_field(one) and one.id in both}, where
            asked += 1
    assert asked > 10


def test_sql_of_the_application_itself_sees_no_more(keys: None) -> None:
    applied("divisions", "hotline")
    system = registry.system_of("hotline")
    for entity in system.entities:
        if not any(one.encrypted and one.required for one in entity.fields):
            put(system, entity)
    as_application()
    for entity in system.entities:
        table = entity.table(system.id)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {name(table.views, table.name)}")
            assert cursor.fetchone() == (0,), entity.id
            cursor.execute("SELECT has_table_privilege(%s, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')",
                           [name(table.schema, table.name)])  # fmt: skip
            assert cursor.fetchone() == (False,), entity.id
        for leak in ("1 / (length(v::text) - length(v::text)) > 0", "v::text::int > 0"):
            # a condition that would tell a row by its failure is not asked of rows that are not shown
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT count(*) FROM {name(table.views, table.name)} AS v WHERE {leak}")
                assert cursor.fetchone() == (0,), entity.id
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {name(table.schema, table.name)} WHERE {text('a')} = {text('a')}")


@pytest.mark.parametrize("package", PACKAGES)
def test_by_exchange_only_what_a_service_names_can_be_granted_and_queried(package: str, keys: None) -> None:
    applied(*NEEDED.get(package, ()), package)
    system = registry.system_of(package)
    for entity in system.entities:
        serving = [one for one in entity.services if one.mode in ("query", "verify", "table")]
        named = {one for service in serving for one in (*service.fields, *service.claims, *service.by)}
        named |= set(entity.key) if serving else set()
        served = {one.column for one in served_columns(entity)}
        columns = {c for one in entity.fields if one.id in named and not one.encrypted for c in one.columns}
        assert served <= columns, entity.id
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM information_schema.column_privileges WHERE grantee = %s AND table_schema IN (%s, %s)",
                [ROLES.share, f"sys_{package}", f"sys_{package}_read"],
            )
            assert cursor.fetchone() == (0,), "the exchange reads shared views alone"
            cursor.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_schema = %s AND table_name = %s",
                [f"sys_{package}_share", entity.id],
            )
            shown = {row[0] for row in cursor.fetchall()}
        assert (shown == set()) == (entity.share_type == "none"), entity.id
        assert served <= shown
        assert shown.isdisjoint(c for one in entity.fields if one.encrypted for c in one.columns), entity.id
