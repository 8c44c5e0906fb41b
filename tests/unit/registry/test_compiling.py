"""A package compiled: what the registry runs says what the declaration says."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec
import pytest

from tests.store.registry import shops
from yiwang.blocks.registry.domain import statements
from yiwang.blocks.registry.domain.compiled import System
from yiwang.blocks.registry.domain.compiling.packages import compile_package
from yiwang.blocks.registry.domain.releasing.installing import install
from yiwang.blocks.registry.domain.releasing.roles import Roles
from yiwang.blocks.registry.domain.releasing.sharing import left_out, share_views
from yiwang.systems.loading import load_package
from yiwang.systems.model.package import Package

SYSTEMS = Path(__file__).resolve().parents[3] / "systems"
OWNER = "11290100MB00000011"


@cache
def packages() -> dict[str, Package]:
    return {folder.name: load_package(folder).require() for folder in sorted(SYSTEMS.iterdir())}


def compiled(name: str) -> System:
    others = {other: one for other, one in packages().items() if other != name}
    return compile_package(packages()[name], others, OWNER)


@pytest.mark.parametrize("name", ["divisions", "hotline", "population", "social_assistance"])
def test_a_compiled_system_is_stored_and_read_back_unchanged(name: str) -> None:
    system = compiled(name)
    assert msgspec.convert(msgspec.json.decode(msgspec.json.encode(system)), System) == system


@pytest.mark.parametrize("name", ["divisions", "hotline", "population", "social_assistance"])
def test_each_declared_field_is_in_its_table_or_worked_out(name: str) -> None:
    system = compiled(name)
    for entity in system.entities:
        declared = packages()[name].entity(entity.id)
        assert declared is not None
        table = entity.table(system.id)
        columns = {c.name for c in table.columns} | {c.name for c in table.worked}
        for field in declared.fields:
            found = entity.field(field.id)
            assert set(found.columns) <= columns
            assert (found.derived is not None) == (field.derived is not None)


def test_a_reference_has_the_types_of_the_keys_it_points_to() -> None:
    visit = compiled("hotline").entity("visit").table("hotline")
    assert visit.column("order").sql == "text"
    change = compiled("divisions").entity("change").table("divisions")
    assert change.key == ("division", "year", "successor")
    assert change.column("year").sql == "bigint"


def test_a_rule_that_names_a_part_asks_the_row_it_belongs_to() -> None:
    rules = compiled("social_assistance").entity("member").rules
    clerk = next(rule for rule in rules if "social_assistance.town_clerk" in rule.roles)
    assert clerk.rows is not None
    assert 'EXISTS (SELECT 1 FROM "sys_social_assistance"."family"' in clerk.rows
    assert clerk.open_case
    assert clerk.purposes == ("dibao",)


def test_denied_fields_are_all_others_and_owned_ones_are_nobodys_yet() -> None:
    order = compiled("hotline").entity("order")
    confidential = next(
        rule for rule in order.rules if rule.fields is not None and "caller" not in rule.fields
    )
    assert {order.field(name).id for name in confidential.fields or ()} == {
        one.id for one in order.fields
    } - {"caller", "phone", "caller_id", "recording"}
    person = compiled("population").entity("person")
    owned = next(rule for rule in person.rules if "population.source_officer" in rule.roles)
    assert owned.fields == ()


def test_what_nobody_was_told_about_the_actor_lets_nothing_through() -> None:
    person = compiled("population").entity("person")
    owned = next(rule for rule in person.rules if "population.source_officer" in rule.roles)
    assert owned.rows is not None
    assert "registry_told('tickets')" in owned.rows
    applicant = next(rule for rule in person.rules if rule.roles == ("applicant",))
    assert applicant.rows == """("row"."id" = registry_told('person'))"""


def test_encrypted_fields_are_in_no_shared_view() -> None:
    system = compiled("population")
    person = system.entity("person")
    text = " ".join(share_views(system, person, "app", "share"))
    sealed = [field.id for field in person.fields if field.encrypted]
    assert sealed
    assert not any(f'"{name}"' in text for name in sealed)
    assert left_out(person) == ("residence_address", "extended", "children")


def test_what_is_not_shared_has_no_view_for_the_exchange() -> None:
    system = compiled("hotline")
    assert len(share_views(system, system.entity("assist"), "app", "share")) == 1


def test_a_code_ends_on_the_day_after_its_last(tmp_path: Path) -> None:
    package = load_package(shops.second(tmp_path)).require()
    codes = {code.code: code for code in compile_package(package, {}, OWNER).codes["kind"]}
    assert (codes["stall"].until, codes["stall"].successor) == ("2026-01-01", "shop")
    assert codes["shop"].until is None


def test_views_keep_their_columns_and_drop_what_is_no_field() -> None:
    views = dict(compiled("hotline").views)["order"]
    mine = next(view for view in views if view.id == "mine")
    assert mine.columns == ("number", "urgency", "title", "division", "state")
    assert mine.where is not None
    assert "registry_told('agency')" in mine.where
    families = next(v for v in dict(compiled("social_assistance").views)["family"] if v.id == "families")
    assert "applicant.name" in families.columns


def test_quality_rules_stand_in_both_dialects_with_ids_of_their_own() -> None:
    order = compiled("hotline").entity("order")
    assert len({check.id for check in order.checks}) == len(order.checks)
    leaf = next(check for check in order.checks if check.id == "leaf_category")
    assert leaf.expr is not None
    assert leaf.expr.cel == "size(row.category) == 6"
    assert "char_length" in leaf.expr.postgres
    assert leaf.expr.duckdb is not None


def test_every_table_that_is_made_is_taken_from_the_application_again() -> None:
    system = compiled("social_assistance")
    steps = install(system, Roles("app", "share", "quality"))
    done = [statement for step in steps for statement in step.do]
    for entity in system.entities:
        table = entity.table(system.id)
        assert f'REVOKE ALL ON "{table.schema}"."{table.name}" FROM "app"' in done
    assert steps[-1].kind == "switch"
    assert all(step.undo for step in steps[:-1])


def test_columns_named_like_the_variables_of_the_write_function_do_not_clash() -> None:
    division = compiled("divisions").entity("division")
    texts = statements.write_functions(division.table("divisions"), division.access(), "app")
    # loads name columns in statements of their own alone, which see no variables
    written = [text for text in texts if text.startswith("CREATE OR REPLACE") and " EXECUTE " not in text]
    assert len(written) == 2
    assert all("#variable_conflict use_variable" in text for text in written)
