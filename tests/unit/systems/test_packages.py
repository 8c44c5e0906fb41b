"""The four packages of the repository, and that schema, model and engine agree about them."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from tests.unit.systems.declared import statements, tables, worlds
from yiwang.bootstrap.cli.system import command
from yiwang.systems.cel.declaring import World
from yiwang.systems.cel.layout import Layout
from yiwang.systems.cel.sql import Compiler, NotSql
from yiwang.systems.checking.expressions import uses_of
from yiwang.systems.checking.packages import check_package
from yiwang.systems.loading import load_package, load_texts
from yiwang.systems.model.package import Package

SYSTEMS = Path(__file__).resolve().parents[3] / "systems"
NAMES = ("divisions", "hotline", "population", "social_assistance")


@pytest.fixture(scope="module")
def packages() -> dict[str, Package]:
    return {name: load_package(SYSTEMS / name).require() for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_a_package_has_no_fault(name: str, packages: dict[str, Package]) -> None:
    assert check_package(load_package(SYSTEMS / name), packages) == ()


def test_every_expression_of_the_packages_is_checked(packages: dict[str, Package]) -> None:
    counted = {name: sum(1 for _ in uses_of(World(packages[name], packages))) for name in NAMES}
    assert counted["social_assistance"] >= 236
    assert counted["hotline"] >= 180
    assert counted["population"] >= 30


@pytest.mark.parametrize("dialect", ["postgresql", "duckdb"])
def test_every_expression_that_filters_rows_compiles(dialect: str, packages: dict[str, Package]) -> None:
    context = {
        f"actor.{name}": "NULL" for name in ("id", "person", "org", "division", "phone", "roles", "tickets")
    } | {
        "today": "CURRENT_DATE",
        "now": "CURRENT_TIMESTAMP",
        "purpose": "NULL",
        "county": "NULL",
        "form.phone": "NULL",
    }
    refused = []
    for name in NAMES:
        world = World(packages[name], packages)
        for use in uses_of(world):
            if (
                not use.sql or not use.scope["row"].name
            ):  # tables that the fusion engine keeps are not declared
                continue
            layout = Layout("postgresql" if dialect == "postgresql" else "duckdb")
            try:
                Compiler(world, layout, use.scope["row"].name, context).condition(use.expr.text, use.scope)
            except NotSql as error:
                refused.append((use.expr.text, error.what))
    assert refused == [
        ("row.death_date <= row.as_of", "as_of")
    ]  # as_of is of landing rows, which fusion compiles


def test_the_dependency_must_be_there_and_of_the_range(packages: dict[str, Package]) -> None:
    loaded = load_package(SYSTEMS / "social_assistance")
    codes = {one.code for one in check_package(loaded, {})}
    assert "package-version" in codes


def test_the_id_of_a_system_of_another_owner_is_refused(packages: dict[str, Package], tmp_path: Path) -> None:
    for name in ("system.yaml", "entities.yaml", "access.yaml", "codes.yaml"):
        text = (SYSTEMS / "divisions" / name).read_text(encoding="utf-8")
        text = text.replace("id: divisions\n", "id: population\n")
        (tmp_path / name).write_text(text, encoding="utf-8")
    faults = check_package(load_package(tmp_path), packages)
    assert ("package-foreign", "system.yaml:1:5") in {(one.code, str(one.place)) for one in faults}


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "secret.yaml").write_text("id: x", encoding="utf-8")
    (tmp_path / "p" / "system.yaml").symlink_to(tmp_path / "secret.yaml")
    assert [one.code for one in load_package(tmp_path / "p").faults] == ["package-file"]


def test_an_empty_file_is_an_empty_list() -> None:
    assert "package-value" in {
        one.code for one in load_texts("x", {"entities.yaml": b"# nothing\n"}, {}).faults
    }


def test_the_command_begins_checks_and_plans(tmp_path: Path) -> None:
    run = CliRunner()
    assert run.invoke(command, ["new", "office", "--in", str(tmp_path)]).exit_code == 0
    folder = str(tmp_path / "office")
    assert run.invoke(command, ["check", folder, "--json"]).exit_code == 0
    snapshot = str(tmp_path / "snapshot.json")
    assert "visit" in run.invoke(command, ["plan", folder, "--snapshot", snapshot, "--lang", "en"]).output
    assert (
        "Nothing changes"
        in run.invoke(command, ["plan", folder, "--against", snapshot, "--lang", "en"]).output
    )
    (tmp_path / "office" / "codes.yaml").write_text("- {id: visit_state}\n", encoding="utf-8")
    broken = run.invoke(command, ["check", folder, "--lang", "zh"])
    assert broken.exit_code == 1
    assert "codes.yaml:1:3" in broken.output


@pytest.mark.parametrize("name", ["select", "pg_x", "public", "Aa", "x" * 50, "../up", "a"])
def test_a_name_that_no_system_can_have_is_refused(name: str, tmp_path: Path) -> None:
    made = CliRunner().invoke(command, ["new", name, "--in", str(tmp_path)])
    assert made.exit_code != 0
    assert list(tmp_path.iterdir()) == []


def test_duckdb_understands_every_compiled_expression(packages: dict[str, Package]) -> None:
    count = 0
    with duckdb.connect() as database:
        for world in worlds(packages):
            database.execute(f'CREATE SCHEMA "sys_{world.package.id}"')
            for statement in tables(world):
                database.execute(statement)
        for world in worlds(packages):
            for _, statement in statements(world, "duckdb"):
                assert database.execute(statement).fetchall() == []
                count += 1
    assert count >= 60
