"""The next release of a system: what was entered stays, under the new names, with what is new filled in."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection, transaction

from tests.store.registry import shops
from tests.store.registry.applied import NOW, OWNER, ROLES, applied, as_application, holder, owner
from yiwang.blocks.registry.public import (
    ApplyUnfinished,
    ChangeUnsupported,
    ConfirmationMissing,
    Release,
    Step,
    StepFailed,
    VersionTooLow,
    Wanted,
    apply_release,
    change_record,
    create_record,
    history,
    records,
    resume_application,
    system_of,
    undo_application,
)
from yiwang.blocks.registry.store.models import Apply, ApplyStep
from yiwang.blocks.registry.store.shape import shape_of
from yiwang.bootstrap.systems.applying import checked
from yiwang.systems.loading import load_package

pytestmark = pytest.mark.django_db
HISTORIES = ("none", "versions", "bitemporal")


def entered(count: int = 3) -> list[int]:
    clerk = holder(1, "shops.clerk", purpose="upkeep")
    numbers = []
    for at in range(count):
        values = {"number": f"S{at}", "name": f"店铺{'大' * at}", "kind": ("shop", "stall", "mall")[at % 3],
                  "size": str(at * 10), "address": f"街{at}号", "phone": "1", "secret": f"账{at}"}  # fmt: skip
        numbers.append(create_record(clerk, "shops", "shop", values, NOW))
    return numbers


@pytest.mark.parametrize("kept", HISTORIES)
def test_rename_new_field_narrowed_list_and_split_lose_nothing(tmp_path: Path, kept: str) -> None:
    applied(shops.first(tmp_path, kept))
    numbers = entered()
    clerk = holder(1, "shops.clerk", purpose="upkeep")
    change_record(clerk, "shops", "shop", numbers[1], {"phone": "2"}, NOW)
    applied(shops.second(tmp_path, kept), confirmation="并类，摊归店")
    as_application()
    found = records(clerk, "shops", "shop", Wanted({}), NOW).records
    assert [(one.values["title"], one.values["kind"], one.values["size"]) for one in found] == [
        ("店铺", "shop", 0), ("店铺大", "shop", 10), ("店铺大大", "mall", 20)
    ]  # fmt: skip
    assert [one.values["letters"] for one in found] == [2, 3, 4]
    assert {one.values["open"] for one in found} == {True}
    assert [one.values["account"] for one in found] == ["账0", "账1", "账2"]
    places = records(clerk, "shops", "place", Wanted({}), NOW).records
    assert [(one.values["number"], one.values["address"]) for one in places] == [
        ("S0", "街0号"), ("S1", "街1号"), ("S2", "街2号")
    ]  # fmt: skip
    create_record(
        clerk, "shops", "shop", {"number": "S9", "title": "新店", "kind": "mall", "letters": 2}, NOW
    )
    change_record(clerk, "shops", "shop", numbers[0], {"title": "改名店"}, NOW)
    if kept != "none":
        past = history(clerk, "shops", "shop", numbers[1], NOW)
        assert {one.values["kind"] for one in past} == {"shop", "stall"}
        assert {one.values["size"] for one in past} == {10}


def test_what_is_declared_no_more_stays_in_the_database(tmp_path: Path) -> None:
    applied(shops.first(tmp_path))
    entered()
    applied(shops.second(tmp_path), confirmation="并类")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'sys_shops'"
            " AND table_name = 'shop' AND column_name LIKE '%%\\_\\_was\\_%%' ORDER BY 1"
        )
        kept = [name for (name,) in cursor.fetchall()]
        assert [name.partition("__was_")[0] for name in kept] == ["address", "kind", "phone", "size"]
        cursor.execute(f'SELECT "{kept[1]}", "{kept[2]}" FROM sys_shops.shop ORDER BY number')
        assert cursor.fetchall() == [("shop", "1"), ("stall", "1"), ("mall", "1")]


def test_a_narrowing_release_needs_a_reason(tmp_path: Path) -> None:
    applied(shops.first(tmp_path))
    with pytest.raises(ConfirmationMissing):
        applied(shops.second(tmp_path))
    assert system_of("shops").version == "1.0.0"


def test_a_version_that_says_too_little_is_refused(tmp_path: Path) -> None:
    applied(shops.first(tmp_path))
    fields = shops.FIRST.replace("phone, type: text(20)", "phone, type: text(30)")
    with pytest.raises(VersionTooLow):
        applied(shops.other(tmp_path / "x", fields, "1.0.0"))


def test_a_required_field_that_stays_empty_takes_the_release_back(tmp_path: Path) -> None:
    applied(shops.first(tmp_path))
    entered()
    before = shape_of(owner(), "sys_shops")
    fields = shops.FIRST + "    - {id: owner, type: text(20), title: 店主, required: true}\n"
    with pytest.raises(StepFailed) as failed:
        applied(shops.other(tmp_path, fields))
    assert "3" in str(failed.value.facts["reason"])
    assert shape_of(owner(), "sys_shops") == before
    assert Apply.objects.order_by("-id")[0].state == "undone"
    assert system_of("shops").version == "1.0.0"


def test_values_that_cannot_be_converted_take_the_release_back(tmp_path: Path) -> None:
    applied(shops.first(tmp_path))
    clerk = holder(1, "shops.clerk", purpose="upkeep")
    create_record(clerk, "shops", "shop", {"number": "1", "name": "甲", "kind": "shop", "size": "很大"}, NOW)
    before = shape_of(owner(), "sys_shops")
    fields = shops.FIRST.replace("size, type: text(10)", "size, type: integer")
    with pytest.raises(StepFailed):
        applied(shops.other(tmp_path, fields), confirmation="改为数字")
    assert shape_of(owner(), "sys_shops") == before


def test_a_change_of_the_key_is_refused_in_words(tmp_path: Path) -> None:
    applied(shops.first(tmp_path))
    text = (shops.first(tmp_path / "b") / "entities.yaml").read_text(encoding="utf-8")
    changed = shops.written(
        tmp_path, "2.0.0", shops.CODES, text.replace("key: [number]", "key: [number, kind]")
    )
    with pytest.raises(ChangeUnsupported) as refused:
        applied(changed, confirmation="改主键")
    assert "主键" in refused.value.text("zh")


class Killed(BaseException):
    """The process ends in the middle of a step."""


def broken_off(tmp_path: Path, at: int, moment: str, kept: str = "bitemporal") -> bool:
    """Apply the second release and die at a step; False where the application ended before."""

    def watch(position: int, _step: Step, now: str) -> None:
        if position == at and now == moment:
            raise Killed

    raw = owner()
    loaded = checked(load_package(shops.second(tmp_path, kept)), {})
    release = Release(loaded=loaded, others={}, owner=OWNER, by="operator", confirmation="并类")
    try:
        apply_release(raw, release, ROLES, NOW, watch)
    except Killed:
        return True
    return False


@pytest.mark.parametrize("how", ["resume", "undo"])
@pytest.mark.parametrize("moment", ["begun", "doing", "done"])
def test_an_application_killed_at_any_step_is_resumed_or_undone(
    tmp_path: Path, how: str, moment: str
) -> None:
    applied(shops.first(tmp_path, "bitemporal"))
    entered()
    before = shape_of(owner(), "sys_shops")
    at, tried = 0, 0
    while True:
        with transaction.atomic():
            killed = broken_off(tmp_path, at, moment)
            application = Apply.objects.order_by("-id")[0]
            steps = application.steps.count()
            if killed:
                tried += 1
                with pytest.raises(ApplyUnfinished):
                    applied(shops.second(tmp_path, "bitemporal"), confirmation="并类")
                switched = application.steps.filter(phase="switch", state="done").exists()
                if how == "resume" or switched:
                    resume_application(owner(), "shops")
                    assert system_of("shops").version == "2.0.0"
                    clerk = holder(1, "shops.clerk", purpose="upkeep")
                    found = records(clerk, "shops", "shop", Wanted({}), NOW).records
                    assert [one.values["letters"] for one in found] == [2, 3, 4]
                    assert not ApplyStep.objects.filter(apply=application).exclude(state="done").exists()
                else:
                    undo_application(owner(), "shops")
                    assert shape_of(owner(), "sys_shops") == before
                    assert Apply.objects.get(pk=application.pk).state == "undone"
                    assert system_of("shops").version == "1.0.0"
            transaction.set_rollback(True)
        at += 1
        if at >= steps:
            break
    assert tried >= (1 if moment == "doing" else steps - 1)
