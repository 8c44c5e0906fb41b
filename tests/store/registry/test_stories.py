"""Stories of the packages run against copies of their systems, and nothing of them stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from yiwang.blocks.registry.actions.stories.running import run_stories
from yiwang.blocks.registry.domain.stories.report import PackageReport
from yiwang.blocks.registry.public import Roles
from yiwang.blocks.registry.store import models
from yiwang.systems.checking.packages import check_package
from yiwang.systems.loading import load_package
from yiwang.systems.model.package import Package
from yiwang.systems.starting import new_package
from yiwang.vocabulary.crypto import FileKeyProvider, use_key_provider

pytestmark = pytest.mark.django_db
SYSTEMS = Path(__file__).resolve().parents[3] / "systems"
ROLES = Roles("yw_story_app", "yw_story_share", "yw_story_quality")
PACKAGES = sorted(path.name for path in SYSTEMS.iterdir() if path.is_dir())


@pytest.fixture(autouse=True)
def _roles(tmp_path: Path) -> None:
    use_key_provider(FileKeyProvider(tmp_path / "keys", create=True))
    with connection.cursor() as cursor:
        for role in (ROLES.app, ROLES.share, ROLES.quality):
            cursor.execute(
                f"DO $$ BEGIN CREATE ROLE {role}; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
            )


@pytest.fixture(scope="module")
def packages() -> dict[str, Package]:
    found = {name: load_package(SYSTEMS / name) for name in PACKAGES}
    sound = {one.require().id: one.require() for one in found.values()}
    for one in found.values():
        assert not [str(f) for f in check_package(one, sound) if not f.warning]
    return sound


@pytest.mark.parametrize("name", PACKAGES)
def test_a_story_of_every_package_runs_whole_and_none_fails(name: str, packages: dict[str, Package]) -> None:
    report = run_stories(packages[name], packages, ROLES)
    assert report.passed, "\n".join(report.lines("en"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'sys\\_t%%'", [])
        assert cursor.fetchone()[0] == 0
    assert not models.System.objects.exists()
    assert not models.RoleHolder.objects.exists()


def told(tmp_path: Path, steps: str) -> PackageReport:
    """The report of the small package that `yw system new` writes, with other steps."""
    folder = tmp_path / "office"
    new_package("office", tmp_path)
    story = folder / "stories" / "first.yaml"
    head = story.read_text(encoding="utf-8").partition("steps:")[0]
    story.write_text(f"{head}steps:\n{steps}", encoding="utf-8")
    loaded = load_package(folder)
    assert not [str(one) for one in check_package(loaded) if not one.warning]
    return run_stories(loaded.require(), {}, ROLES)


def test_the_new_package_has_a_story_that_passes(tmp_path: Path) -> None:
    new_package("office", tmp_path)
    assert run_stories(load_package(tmp_path / "office").require(), {}, ROLES).passed


WRONG = "  - {who: clerk, does: create, entity: visit, with: {visitor: 乙, day: 明天},"
MADE = "  - {who: clerk, does: create, as: made, entity: visit, with: {visitor: 市民甲, day: 2026-03-02}}\n"


@pytest.mark.parametrize(
    ("step", "found"),
    [
        ("  - expect: [\"made.state == 'done'\"]", "it is false"),
        ("  - {who: clerk, does: create, entity: visit, with: {visitor: 市民乙, day: 明天}}", "day"),
        ("  - {who: clerk, does: read, entity: visit, refused: 无权查看}", "not refused"),
        ("  - {who: clrek, does: read, entity: visit}", "clrek"),
        (f"{WRONG} refused: 无权}}", "registry-record-invalid"),
        (f"{WRONG} refused: registry-key-taken}}", "registry-record-invalid"),
        (f"{WRONG} refused: \"registry-record-invalid: state\"}}", "registry-record-invalid"),
        ("  - {who: clerk, purpose: curiosity, does: read, entity: visit, expect: [\"answer.size() == 1\"]}", "false"),
        ("  - {who: outsider, does: change, entity: visit, use: made, with: {state: done}}", "outsider"),
        ("  - {expect: [\"figures.done_share.value == 100.0\"]}", "false"),
        ("  - {expect: [\"quality.visit.done_not_ahead == 1\"]}", "false"),
    ],
)  # fmt: skip
def test_a_step_that_comes_out_otherwise_is_told_with_its_line_and_the_mend(
    tmp_path: Path, step: str, found: str
) -> None:
    report = told(tmp_path, MADE + step + "\n")
    last = report.stories[0].steps[-1]
    assert (report.passed, report.failed, last.state) == (False, ("first",), "failed")
    assert (last.place.file, last.place.line) == ("stories/first.yaml", 7)
    assert found in last.found.text("en")
    assert last.expected.zh
    assert last.mend.zh
    lines = "\n".join(report.lines("zh"))
    assert "不符 stories/first.yaml:7" in lines
    assert report.as_json()["passed"] is False


def test_a_step_that_waits_is_not_passed_and_nothing_after_it_is_run(tmp_path: Path) -> None:
    report = told(
        tmp_path, MADE + "  - {who: clerk, does: approve, task: x}\n  - expect: [\"made.state == 'done'\"]\n"
    )
    assert [one.state for one in report.stories[0].steps] == ["passed", "waits", "waits"]
    assert (report.passed, report.failed) == (False, ("first",))
    assert "waits for the engine of cases" in "\n".join(report.lines("en"))
