"""A person who acts for themselves sees their own records, as declared, and nobody else's: by page, file and SQL.

陈晨 and a stranger each have one record of every entity; what belongs to a family stands in the family's own record.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connection

from tests.store.registry.applied import NOW, applied, as_application
from tests.store.registry.expecting import plain_field
from tests.store.registry.planting import DIVISION, NEEDED, put
from yiwang.blocks.identity.public import Actor
from yiwang.blocks.registry import public as registry
from yiwang.blocks.registry.domain.quoting import name
from yiwang.blocks.registry.public import Entity, Errand, Rule, System, Wanted
from yiwang.vocabulary.crypto import FileKeyProvider, use_key_provider

pytestmark = pytest.mark.django_db
OWN, OTHER = ("370102199003071234", "13900000001"), ("370102198801012345", "13900000002")
CHEN_CHEN = Actor(4, "chenchen", "陈晨", "", "", DIVISION, frozenset({"citizen"}))
ERRANDS = (
    Errand(CHEN_CHEN, "self", division=DIVISION, person=OWN[0], phone=OWN[1]),
    Errand(CHEN_CHEN, "", division=DIVISION, person=OWN[0], phone=OWN[1]),
    Errand(CHEN_CHEN, "nothing_of_the_kind", division=DIVISION, person=OWN[0], phone=OWN[1]),
    Errand(CHEN_CHEN, "self", division=DIVISION),
)
"""For oneself and the purpose declared for it; under no purpose, under another; and as nobody in particular."""


@pytest.fixture(autouse=True)
def _keys(tmp_path: Path) -> None:
    use_key_provider(FileKeyProvider(tmp_path / "keys", create=True))


def marked(system: System, entity: Entity, who: tuple[str, str], number: str) -> dict[str, str]:
    """The columns that tell whose a record is: of a person, an applicant, a telephone, or the family's record."""
    values: dict[str, str] = {}
    for field in entity.fields:
        for column in () if field.encrypted or field.derived is not None else field.columns:
            if field.kind in ("resident_id",) or (field.kind == "ref" and field.argument.endswith("person")):
                values[column] = who[0]
            elif field.kind == "phone":
                values[column] = who[1]
            elif column in entity.key or (
                field.kind == "ref" and field.argument.rpartition(".")[2] == "family"
            ):
                values[column] = number
    kinds = {one.name: one.sql for one in entity.table(system.id).columns}
    return {column: value for column, value in values.items() if kinds.get(column) == "text"}


def planted(system: System) -> list[Entity]:
    """Entities in which both have a record."""
    entities = [e for e in system.entities if not any(f.encrypted and f.required for f in e.fields)]
    for entity in entities:
        put(system, entity, **marked(system, entity, OWN, "1"))
        put(system, entity, **marked(system, entity, OTHER, "2"))
    return entities


def declared(entity: Entity, errand: Errand) -> tuple[Rule, ...]:
    """The rules that count on an errand by the plain words of the declaration."""
    return tuple(
        rule for rule in entity.rules
        if errand.person and "applicant" in rule.roles and (not rule.purposes or errand.purpose in rule.purposes)
    )  # fmt: skip


def belongs(entity: Entity, values: dict[str, object]) -> bool:
    """Whether a shown record is 陈晨's."""
    told = {str(one) for one in values.values()}
    return not told & set(OTHER) and bool(told & {*OWN, "1"})


@pytest.mark.parametrize("package", [name for name in NEEDED if name != "divisions"])
def test_a_person_sees_their_own_records_and_takes_nothing_out(package: str, tmp_path: Path) -> None:
    applied(*NEEDED[package], package)
    system = registry.system_of(package)
    entities = planted(system)
    as_application()
    open_ones = 0
    for entity in entities:
        for errand in ERRANDS:
            rules = declared(entity, errand)
            fields = {
                one.id
                for one in entity.fields
                if plain_field(one) and any(rule.fields is None or one.id in rule.fields for rule in rules)
            }
            found = registry.records(errand, package, entity.id, Wanted({}), NOW)
            where = f"{entity.id}, purpose {errand.purpose!r}, for oneself {bool(errand.person)}"
            assert len(found.records) == bool(rules), where
            for record in found.records:
                assert belongs(entity, dict(record.values)), where
                seen = {
                    one.id for one in entity.fields if plain_field(one) and record.values[one.id] is not None
                }
                assert seen == fields, where
                told = registry.record(errand, package, entity.id, record.id, NOW)
                assert {k for k, v in told.values.items() if v is not None} >= seen
                for strange in (0, record.id - 1, record.id + 1):
                    with pytest.raises(registry.RecordUnknown):
                        registry.record(errand, package, entity.id, strange, NOW)
                with pytest.raises((registry.RecordRefused, registry.FusedElsewhere)):
                    registry.withdraw_record(errand, package, entity.id, record.id, NOW)
                open_ones += 1
            with pytest.raises(registry.ExportRefused):
                registry.export_records(
                    replace(errand, way="export"), package, entity.id, Wanted({}), NOW, tmp_path / "own.csv", "csv"
                )  # fmt: skip
    assert open_ones


def test_sql_of_the_application_on_a_persons_errand_sees_their_own_rows_alone() -> None:
    applied(*NEEDED["population"], "population")
    system = registry.system_of("population")
    person = next(one for one in planted(system) if one.id == "person")
    as_application()
    view = name(person.table("population").views, "person")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('yw.person', %s, true), set_config('yw.purpose', 'self', true)", [OWN[0]]
        )
        cursor.execute(f"SELECT count(*) FROM {view}")
        assert cursor.fetchone() == (0,), "the role is told with the person, not by the person alone"
        cursor.execute("SELECT set_config('yw.system_roles', 'applicant', true)")
        cursor.execute(f"SELECT id FROM {view}")
        assert cursor.fetchall() == [(OWN[0],)]
        cursor.execute(
            f"SELECT count(*) FROM {view} WHERE 1 / (length(id) - length(id)) > 0 AND id <> %s", [OWN[0]]
        )
        assert cursor.fetchone() == (0,)
