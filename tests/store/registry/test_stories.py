"""Stories of the packages run against copies of their systems, and nothing of them stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from yiwang.blocks.registry import public as registry
from yiwang.blocks.registry.actions.stories.running import run_stories
from yiwang.blocks.registry.store import models
from yiwang.systems.checking.packages import check_package
from yiwang.systems.loading import load_package
from yiwang.systems.model.package import Package
from yiwang.vocabulary.crypto import FileKeyProvider

pytestmark = pytest.mark.django_db
SYSTEMS = Path(__file__).resolve().parents[3] / "systems"
APP, SHARE = "yw_story_app", "yw_story_share"
PACKAGES = sorted(path.name for path in SYSTEMS.iterdir() if path.is_dir())


@pytest.fixture(autouse=True)
def _roles(tmp_path: Path) -> None:
    registry.use_key_provider(FileKeyProvider(tmp_path / "keys", create=True))
    with connection.cursor() as cursor:
        for role in (APP, SHARE):
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
    report = run_stories(packages[name], packages, APP, SHARE)
    assert report.passed, "\n".join(report.lines("en"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'sys\\_t%%'", [])
        assert cursor.fetchone()[0] == 0
    assert not models.System.objects.exists()
    assert not models.RoleHolder.objects.exists()
