"""Signed queries about the tables of real packages give what a served service names of the rows that it shows, no more.

Every served entity of every package is mounted as its declaration says, on the gateways that all tests here share. Of
each there are two records: one that every service shows, and one that the conditions on rows keep back, where there are any.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from msgspec.structs import replace

from tests.gateway.stage import PROVIDER, Stage
from tests.store.registry.applied import SYSTEMS
from yiwang.blocks.exchange.domain.compiled import (
    CompiledField,
    CompiledGrant,
    CompiledResource,
    CompiledSource,
    GrantedField,
    GrantedPredicate,
    RowCondition,
)
from yiwang.blocks.registry.domain.compiling.packages import compile_package
from yiwang.blocks.registry.domain.quoting import name
from yiwang.blocks.registry.domain.releasing.installing import install
from yiwang.blocks.registry.public import Entity, Roles, System, share_schema
from yiwang.bootstrap.systems.applying import checked
from yiwang.bootstrap.systems.entries import drafted, mounted
from yiwang.systems.loading import load_package
from yiwang.systems.model.package import Package

PURPOSE = "item:000114002000"
PACKAGES = ("divisions", "population", "hotline", "social_assistance")
_FILLED = {
    "bigint": 7, "boolean": False, "date": "2026-01-02", "timestamptz": "2026-01-02T08:00:00+08:00", "text[]": ["x"],
    "point": "(1,2)", "jsonb": "{}", "bytea": b"\x00",
}  # fmt: skip


@dataclass(frozen=True)
class Table:
    """A mounted entity. `kept`: the key of the record that no query may show, None where there is no such one."""

    system: System
    entity: Entity
    resource: CompiledResource
    key: dict[str, str]
    kept: dict[str, str] | None
    masks: dict[str, str]

    def compared(self) -> set[str]:
        """Columns that are for checks alone, by a naive reading of the services."""
        given = {one for s in self.services() for one in (*s.fields, *s.by)} | set(self.entity.key)
        return {f.name for f in self.resource.fields if f.name.partition("__")[0] not in given}

    def services(self) -> list[Any]:
        """Services by row that ask for no more leave than the entry; those of whole tables where there is no other."""
        allowed = [
            one for one in self.entity.services
            if one.share_type in ("unconditional", self.entity.share_type)
        ]  # fmt: skip
        return [one for one in allowed if one.mode in ("query", "verify")] or [
            one for one in allowed if one.mode == "table"
        ]


def raised(stage: Stage) -> list[Table]:
    """The packages in a database of their own, read by the gateways through the shared views."""
    url = stage.node.database("declared")
    done: dict[str, Package] = {}
    tables: list[Table] = []
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "CREATE ROLE declared_app; CREATE ROLE declared_quality; CREATE SEQUENCE registry_record_number"
        )
        for what in ("registry_told(what text) RETURNS text", "registry_purpose() RETURNS text",
                     "registry_case() RETURNS text", "registry_holds(wanted text[]) RETURNS boolean"):  # fmt: skip
            connection.execute(
                f"CREATE FUNCTION {what} LANGUAGE sql AS $$ SELECT NULL::{what.split()[-1]} $$".encode()
            )
        for package in PACKAGES:
            loaded = checked(load_package(SYSTEMS / package), done)
            assert loaded.package is not None
            system = compile_package(loaded.package, done, PROVIDER)
            done[package] = loaded.package
            for step in install(system, Roles("declared_app", "reader", "declared_quality")):
                for statement in step.do:
                    connection.execute(statement.encode())
            source = stage.node.source("declared")
            tables += [made for one in system.entities if (made := _table(connection, system, one, source))]
    return tables


def _table(
    connection: psycopg.Connection[Any], system: System, entity: Entity, source: CompiledSource
) -> Table | None:
    draft = drafted(system, entity)
    form = mounted(system, entity, f"306001900/{len(entity.id)}{system.id}{entity.id}", "declared")
    if draft is None or form is None or any(one.encrypted and one.required for one in entity.fields):
        return None
    items = {item.wire: item for item in draft.items}
    fields = tuple(
        CompiledField(one.item, one.column, one.type, one.database_type, subject=items[one.item].subject)
        for one in form.columns
    )
    resource = CompiledResource(
        form.resource,
        entity.title.zh,
        entity.title.en,
        1,
        PROVIDER,
        fields,
        form.key,
        form.schema,
        form.relation,
        source,
    )
    limited = any(service.rows is not None for service in entity.services)
    key = _put(connection, system, entity, "1", confidential=False)
    kept = (
        _put(connection, system, entity, "2", confidential=True)
        if limited and "confidential" in _ids(entity)
        else None
    )
    masks = {wire: item.mask for wire, item in items.items() if item.mask}
    return Table(system, entity, resource, key, kept, masks)


def _ids(entity: Entity) -> set[str]:
    return {one.id for one in entity.fields}


def _put(
    connection: psycopg.Connection[Any], system: System, entity: Entity, number: str, *, confidential: bool
) -> dict[str, str]:
    table = entity.table(system.id)
    values: dict[str, object] = {
        "_by": "owner",
        "_known": "2026-01-01",
        **({"_from": "2000-01-01"} if table.dated else {}),
    }
    for column in table.columns:
        text = f"{number}{column.name[:6]}-secret"
        values[column.name] = _FILLED.get(column.sql, 7 if column.sql.startswith("numeric") else text)
    values |= {one: f"K{number}" for one in entity.key if table.column(one).sql == "text"}
    if "confidential" in values:
        values["confidential"] = confidential
    connection.execute(
        f"INSERT INTO {name(table.schema, table.name)} ({', '.join(map(name, values))})"
        f" VALUES ({', '.join(['%s'] * len(values))})".encode(),
        list(values.values()),
    )
    return {one: str(values[one]) for one in entity.key}


@pytest.fixture(scope="module")
def tables(stage: Stage) -> list[Table]:
    made = raised(stage)
    stage.publish(*(one.resource for one in made))
    return made


def grant_on(stage: Stage, table: Table, **changed: Any) -> CompiledGrant:
    """A grant of everything that may be received, with the masks of the entry."""
    compared = table.compared()
    columns = [one.name for one in table.resource.fields if one.name not in compared]
    keys = tuple(one for one in table.resource.key)
    terms: dict[str, Any] = {
        "resource": table.resource.code, "fields": tuple(GrantedField(one, table.masks.get(one)) for one in columns),
        "predicates": tuple(GrantedPredicate(one, ("eq", "in")) for one in keys), "required": keys, "claims": (),
        "modes": ("query",), "purposes": (PURPOSE,),
    }  # fmt: skip
    return stage.grant(**{**terms, **changed})


def test_the_mount_serves_what_its_services_name(tables: list[Table]) -> None:
    assert {table.entity.id for table in tables} >= {"division", "person", "order", "family"}
    for table in tables:
        services = table.services()
        named = {one for s in services for one in (*s.fields, *s.claims, *s.by)} | set(table.entity.key)
        served = {field.name.partition("__")[0] for field in table.resource.fields}
        assert served <= named, table.entity.id
        form = mounted(table.system, table.entity, "x", "declared")
        assert form is not None
        assert {one.item for one in form.columns if not one.readable} == table.compared(), table.entity.id
        assert form.schema == share_schema(table.system.id)
    person = next(one for one in tables if one.entity.id == "person")
    assert "marital" in person.compared()
    assert "employer" not in {one.name for one in person.resource.fields}, (
        "asked for by a service that needs leave"
    )


def test_a_signed_query_gives_the_granted_fields_of_the_row_with_their_masks(
    stage: Stage, tables: list[Table]
) -> None:
    for table in tables:
        grant = grant_on(stage, table)
        answer = stage.query(table.key, grant=grant.id, code=table.resource.code, purpose=PURPOSE)
        assert answer.status == 200, (table.entity.id, answer.json)
        (row,) = answer.json["rows"]
        assert set(row) == {one.name for one in grant.fields}
        for field, mask in table.masks.items():
            if row.get(field) is not None:
                assert not str(row[field]).endswith("-secret"), (table.entity.id, field, mask)
        stage.proves(answer)


def test_a_row_that_no_service_shows_is_not_found_under_any_grant(stage: Stage, tables: list[Table]) -> None:
    hidden = [one for one in tables if one.kept is not None]
    assert [one.entity.id for one in hidden] == ["order"]
    for table in hidden:
        assert table.kept is not None
        answer = stage.query(
            table.kept, grant=grant_on(stage, table).id, code=table.resource.code, purpose=PURPOSE
        )
        assert (answer.status, answer.json["rows"]) == (200, [])


def test_a_narrower_grant_narrows_fields_rows_and_purposes(stage: Stage, tables: list[Table]) -> None:
    for table in tables:
        code, keys = table.resource.code, table.resource.key
        first, *others = [one.name for one in table.resource.fields if one.name not in table.compared()]
        one = grant_on(stage, table, fields=(GrantedField(first),))
        (row,) = stage.query(table.key, grant=one.id, code=code, purpose=PURPOSE).json["rows"]
        assert set(row) == {first}
        for other in others[:2]:
            asked = stage.query(table.key, grant=one.id, code=code, purpose=PURPOSE, more={"fields": [other]})
            assert asked.status in (400, 403, 422), (table.entity.id, other)
        refused = stage.query(table.key, grant=one.id, code=code, purpose="item:000114009999")
        assert refused.status == 403
        strange = stage.query(table.key, grant=one.id, code=code, purpose=PURPOSE, key=stage.stranger)
        assert strange.status in (403, 404)
        limited = grant_on(stage, table, rows=(RowCondition(keys[0], "eq", "K-none"),))
        assert stage.query(table.key, grant=limited.id, code=code, purpose=PURPOSE).json["rows"] == []
        late = replace(one, not_after=int(time.time()) - 10)
        stage.publish(late)
        assert stage.query(table.key, grant=one.id, code=code, purpose=PURPOSE).status == 403


def test_the_reader_of_the_exchange_sees_no_more_by_sql(stage: Stage, tables: list[Table]) -> None:
    url = stage.node.source("declared")
    with psycopg.connect(
        host=url.host, port=url.port, dbname="declared", user="reader", password="reader-password"
    ) as connection:
        for table in tables:
            view = name(table.resource.schema, table.resource.relation)
            cursor = connection.execute(f"SELECT * FROM {view}".encode())
            shown = {one.name for one in cursor.description or ()} - {"changed"}
            assert shown == {one.column for one in table.resource.fields}, table.entity.id
            assert len(cursor.fetchall()) == 1
            base = table.entity.table(table.system.id)
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(f"SELECT 1 FROM {name(base.schema, base.name)}".encode())
