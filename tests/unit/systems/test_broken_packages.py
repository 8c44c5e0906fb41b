"""Each broken package gives a fault that names file, line and column, what was expected and found, and the mend."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from yiwang.systems.checking.packages import check_package
from yiwang.systems.errors import PackageFault
from yiwang.systems.loading import load_package
from yiwang.systems.starting import new_package

BROKEN = Path(__file__).parent / "broken"
EXPECTED = json.loads((BROKEN / "expected.json").read_text(encoding="utf-8"))


def faults_of(name: str, folder: Path) -> list[PackageFault]:
    """The new package with the files of the case laid over it."""
    new_package("office", folder)
    shutil.copytree(BROKEN / name, folder / "office", dirs_exist_ok=True)
    return [one for one in check_package(load_package(folder / "office")) if not one.warning]


def test_there_are_at_least_thirty() -> None:
    assert len(EXPECTED) >= 30
    assert sorted(EXPECTED) == sorted(path.name for path in BROKEN.iterdir() if path.is_dir())


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_the_fault_is_named_with_its_place_and_mend(name: str, tmp_path: Path) -> None:
    faults = faults_of(name, tmp_path)
    wanted = EXPECTED[name]
    told = {(one.code, str(one.place), one.facts.get("found")) for one in faults}
    assert (wanted["code"], wanted["at"], wanted["found"]) in told
    for one in faults:
        for language in ("zh", "en"):
            assert "—" not in one.text(language).replace("实为 —", "").replace("found —", "")
            assert one.mend(language)
        assert one.place.file


def test_the_new_package_itself_is_sound(tmp_path: Path) -> None:
    new_package("office", tmp_path)
    assert check_package(load_package(tmp_path / "office")) == ()
