"""What would change, what it costs, and whom it breaks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from yiwang.systems.loading import load_package, load_texts, package_from_snapshot
from yiwang.systems.model.package import Package
from yiwang.systems.planning.changes import Change
from yiwang.systems.planning.compare import compatibility, plan
from yiwang.systems.planning.snapshots import digest_of, snapshot_of
from yiwang.systems.starting import new_package


@pytest.fixture
def texts(tmp_path: Path) -> dict[str, str]:
    written = new_package("office", tmp_path)
    root = tmp_path / "office"
    return {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in written}


def built(texts: dict[str, str]) -> Package:
    return load_texts("office", {name: text.encode() for name, text in texts.items()}, {}).require()


def changed(texts: dict[str, str], file: str, old: str, new: str) -> tuple[Change, ...]:
    assert old in texts[file]
    return plan(built(texts), built({**texts, file: texts[file].replace(old, new, 1)})).changes


@pytest.mark.parametrize(
    ("old", "new", "kind", "effect", "breaking"),
    [
        ("type: text(50)", "type: text(80)", "widen_column", "additive", False),
        ("type: text(50)", "type: text(20)", "narrow_column", "confirm", True),
        ("type: date,", "type: integer,", "change_type", "confirm", True),
        ("{id: visitor,", "{id: guest, was: visitor,", "rename_column", "additive", True),
        ("grade: 3, mask: phone}", "grade: 3, mask: phone, required: true}", "require", "backfill", False),
        ("grade: 3, mask: name", "grade: 3, protect: encrypt, mask: name", "encrypt", "backfill", False),
        ("grade: 3, mask: name", "grade: 2, mask: name", "lower_grade", "confirm", False),
        ("history: versions", "history: none", "change_history", "confirm", False),
        ("history: versions", "history: bitemporal", "change_history", "backfill", False),
        ("    - {id: phone", "    - {id: floor, type: integer, title: 楼层, required: true}\n    - {id: phone",
         "create_column", "backfill", False),
        ("    - {id: phone", "    - {id: floor, type: integer, title: 楼层}\n    - {id: phone", "create_column", "additive", False),
        ("- id: visit\n", "- id: call\n  was: visit\n", "rename_table", "additive", True),
        ("- id: visit\n", "- id: call\n", "drop_table", "confirm", True),
    ],
)  # fmt: skip
def test_a_change_of_a_table_is_classed(
    texts: dict[str, str], old: str, new: str, kind: str, effect: str, breaking: bool
) -> None:
    found = [one for one in changed(texts, "entities.yaml", old, new) if one.kind == kind]
    assert [(one.effect, one.breaking) for one in found] == [(effect, breaking)]


def test_a_code_that_goes_needs_a_successor(texts: dict[str, str]) -> None:
    row = "[done, 已办结, Done]]"
    gone = changed(texts, "codes.yaml", ", " + row, "]")
    assert [(one.kind, one.effect) for one in gone] == [("drop_code", "confirm")]
    named = changed(
        texts,
        "codes.yaml",
        ", " + row,
        ", [over, 办结]], retired: [{code: done, zh: 已办结, until: 2026-01-01, successor: [over]}]",
    )
    assert {(one.kind, one.effect) for one in named if one.thing == "code"} == {
        ("add_code", "additive"),
        ("retire_code", "backfill"),
    }


def test_a_split_moves_its_fields(texts: dict[str, str]) -> None:
    line = next(one for one in texts["entities.yaml"].splitlines() if "id: phone" in one) + "\n"
    after = texts["entities.yaml"].replace(line, "") + (
        "- id: contact\n  was: visit\n  title: 联系方式\n  key: [visit]\n  history: versions\n  fields:\n"
        "    - {id: visit, type: ref(visit), title: 预约, required: true}\n" + line
        + "  share: {type: none, basis: 个人信息保护法}\n  open: {type: none}\n"
    )  # fmt: skip
    made = plan(built(texts), built({**texts, "entities.yaml": after})).changes
    kinds = {(one.kind, one.path) for one in made}
    assert ("split_table", "contact") in kinds
    assert ("move_column", "contact.phone") in kinds
    assert not [one for one in made if one.kind == "drop_column"]


def test_a_service_that_loses_a_field_breaks_its_users_and_asks_for_a_major_version(
    texts: dict[str, str],
) -> None:
    before = built(texts)
    after = built(
        {
            **texts,
            "entities.yaml": texts["entities.yaml"].replace(
                "fields: [number, day, state]}", "fields: [number, day]}"
            ),
        }
    )
    found = compatibility(before, after)
    assert (found.least, found.sound) == ("1.0.0", False)
    assert [one.path for one in found.breaking] == ["visit.by_number"]


def test_nothing_applied_yet_means_everything_is_created(texts: dict[str, str]) -> None:
    made = plan(None, built(texts))
    assert {one.effect for one in made.changes} == {"additive"}
    assert "create_table" in {one.kind for one in made.changes}
    assert json.dumps(made.as_json())


@pytest.mark.parametrize("name", ["divisions", "hotline", "population", "social_assistance"])
def test_a_snapshot_gives_the_package_back(name: str) -> None:
    loaded = load_package(Path(__file__).resolve().parents[3] / "systems" / name)
    snapshot = snapshot_of(loaded)
    again = package_from_snapshot(json.loads(json.dumps(snapshot))).require()
    assert again == loaded.package
    assert plan(loaded.package, again).changes == ()
    assert digest_of(snapshot) == digest_of(snapshot_of(loaded))
