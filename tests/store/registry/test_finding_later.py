"""An encrypted field with data becomes findable: its digests are made while people work, and nothing is lost on the way."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from tests.store.registry import shops
from tests.store.registry.applied import NOW, OWNER, ROLES, applied, holder
from tests.store.registry.reading_logs import end_of_log, everything_logged, logged
from tests.store.registry.test_encrypting import MARK, Killed, entered, killed_at, phones
from yiwang.blocks.registry import public as registry
from yiwang.blocks.registry.actions import enciphering
from yiwang.blocks.registry.public import (
    Errand,
    Owner,
    Release,
    Step,
    StepFailed,
    Wanted,
    apply_release,
    resume_application,
    undo_application,
)
from yiwang.blocks.registry.store.models import Apply
from yiwang.blocks.registry.store.shape import shape_of
from yiwang.blocks.sealing import public as sealing
from yiwang.bootstrap.systems.applying import checked
from yiwang.systems.loading import load_package
from yiwang.vocabulary.crypto import FileKeyProvider, use_key_provider

PLAIN = "phone, type: text(20)"
SEALED = "phone, type: text(20), protect: encrypt, grade: 3"
FOUND = "phone, type: text(20), protect: encrypt, lookup: true, grade: 3"


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys of this test alone, and batches of two records."""
    use_key_provider(FileKeyProvider(tmp_path / "keys", create=True))
    monkeypatch.setattr(enciphering, "BATCH", 2)


def nothing(_position: int, _step: Step, _moment: str) -> None:
    """Nobody watches."""


def release(folder: Path, version: str, field: str, kept: str = "versions", more: str = "") -> Release:
    fields = shops.FIRST.replace(PLAIN, field) + more
    loaded = checked(load_package(shops.other(folder, fields, version, kept)), {})
    return Release(loaded=loaded, others={}, owner=OWNER, by="operator", confirmation="查找")


def sealed(made: Owner, folder: Path, kept: str = "versions") -> tuple[Errand, list[int]]:
    """Five shops whose phone is encrypted and not to be found."""
    applied(shops.other(folder / "a", shops.FIRST.replace(PLAIN, SEALED), "1.0.0", kept), on=made)
    clerk = holder(1, "shops.clerk", purpose="upkeep")
    numbers = entered(clerk, 0, 5)
    registry.change_record(clerk, "shops", "shop", numbers[1], {"phone": f"{MARK}改"}, NOW)
    return clerk, numbers


def found(clerk: Errand, value: str, field: str = "phone") -> list[object]:
    wanted = Wanted({field: value})
    return [one.values["number"] for one in registry.records(clerk, "shops", "shop", wanted, NOW).records]


def lacking(made: Owner, column: str = "phone") -> int:
    """Values without a digest, present and past."""
    row = made.execute(
        " ".join(
            f"SELECT count(*) FILTER (WHERE {column} IS NOT NULL AND _find_{column} IS NULL)"
            f" + (SELECT count(*) FROM sys_shops.shop__past WHERE {column} IS NOT NULL AND _find_{column} IS NULL)"
            f" FROM sys_shops.shop".split()
        ).encode()
    ).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("kept", ["versions", "bitemporal", shops.PARTED])
def test_all_values_are_found_and_none_was_plain_in_the_database_on_the_way(
    separate: Owner, tmp_path: Path, kept: str
) -> None:
    clerk, numbers = sealed(separate, tmp_path, kept)

    def written(_position: int, step: Step, moment: str) -> None:
        # somebody enters and changes while the application works
        if moment == "done" and step.kind == "seal" and "__past" not in step.table:
            entered(clerk, 9, 1)
            registry.change_record(clerk, "shops", "shop", numbers[0], {"phone": f"{MARK}新"}, NOW)
            registry.change_record(clerk, "shops", "shop", numbers[2], {"name": "改"}, NOW)

    with everything_logged(separate):
        start = end_of_log(separate)
        apply_release(separate, release(tmp_path / "b", "1.1.0", FOUND, kept), ROLES, NOW, written)
        assert phones(clerk) == [f"{MARK}{one}" for one in ("新", "改", "2", "3", "4", "9")]
        for value, number in (("新", "S0"), ("改", "S1"), ("2", "S2"), ("4", "S4"), ("9", "S9")):
            assert found(clerk, f"{MARK}{value}") == [number]
        assert found(clerk, f"{MARK}0") == []
        assert MARK not in logged(separate, start)
    assert lacking(separate) == 0
    registry.change_record(clerk, "shops", "shop", numbers[3], {"phone": f"{MARK}再"}, NOW)
    assert found(clerk, f"{MARK}再") == ["S3"]
    assert separate.execute(
        "SELECT count(*) FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid WHERE relkind IN ('r', 'p') AND attname LIKE '%\\_\\_next'"
    ).fetchone() == (0,)
    # nothing was altered behind the ledger's back: the next release goes through
    more = "    - {id: more, type: text(9), title: 备注}\n"
    apply_release(separate, release(tmp_path / "c", "1.2.0", FOUND, kept, more), ROLES, NOW)


def test_killed_at_any_step_it_is_taken_back_or_gone_on_with(separate: Owner, tmp_path: Path) -> None:
    clerk, _ = sealed(separate, tmp_path)
    now = [f"{MARK}{one}" for one in ("0", "改", "2", "3", "4")]
    before = shape_of(separate, "sys_shops")
    undone = 0
    while True:
        with pytest.raises(Killed):
            apply_release(separate, release(tmp_path / "b", "1.1.0", FOUND), ROLES, NOW, killed_at(undone))
        if Apply.objects.order_by("-id")[0].steps.filter(phase="switch", state="done").exists():
            break
        # killed at the same moment once more, but gone on with, step by step
        if undone % 3 == 0:
            for moment in (2, 1):
                with suppress(Killed):
                    resume_application(separate, "shops", killed_at(moment))
                assert phones(clerk) == now
        if Apply.objects.order_by("-id")[0].state == "done":
            break
        undo_application(separate, "shops")
        undone += 1
        assert shape_of(separate, "sys_shops") == before
        assert phones(clerk) == now
    assert undone > 15
    while Apply.objects.order_by("-id")[0].state != "done":
        resume_application(separate, "shops", nothing)
    assert [found(clerk, value) for value in now] == [["S0"], ["S1"], ["S2"], ["S3"], ["S4"]]
    assert lacking(separate) == 0


def test_killed_at_each_step_and_gone_on_with_each_time_it_comes_to_its_end(
    separate: Owner, tmp_path: Path
) -> None:
    clerk, _ = sealed(separate, tmp_path)
    with pytest.raises(Killed):
        apply_release(separate, release(tmp_path / "b", "1.1.0", FOUND), ROLES, NOW, killed_at(1))
    resumed = 0
    while Apply.objects.order_by("-id")[0].state != "done":
        with suppress(Killed):
            resume_application(separate, "shops", killed_at(2))
        resumed += 1
        if resumed < 8:
            entered(clerk, 20 + resumed, 1)
    assert resumed > 8
    assert found(clerk, f"{MARK}改") == ["S1"]
    assert [found(clerk, f"{MARK}{20 + at}") for at in range(1, 8)] == [[f"S{20 + at}"] for at in range(1, 8)]
    assert lacking(separate) == 0


@pytest.mark.parametrize("spoilt", ["digest", "value"])
def test_a_digest_of_another_value_or_a_value_that_does_not_open_takes_the_release_back(
    separate: Owner, tmp_path: Path, spoilt: str
) -> None:
    clerk, _ = sealed(separate, tmp_path)
    before = shape_of(separate, "sys_shops")
    if spoilt == "value":  # as if it had been moved to another record by hand
        separate.execute(
            "UPDATE sys_shops.shop t SET phone = o.phone FROM sys_shops.shop o"
            " WHERE t.number = 'S3' AND o.number = 'S2'"
        )

    def by_hand(_position: int, step: Step, moment: str) -> None:
        if spoilt == "digest" and moment == "done" and step.kind == "seal" and "__past" not in step.table:
            separate.execute(
                "UPDATE sys_shops.shop t SET _find_phone__next = o._find_phone__next FROM sys_shops.shop o"
                " WHERE t.number = 'S3' AND o.number = 'S2'"
            )

    with pytest.raises(StepFailed) as failed:
        apply_release(separate, release(tmp_path / "b", "1.1.0", FOUND), ROLES, NOW, by_hand)
    assert str(failed.value.facts["reason"]).endswith(": 1")
    assert shape_of(separate, "sys_shops") == before
    one = registry.by_key(clerk, "shops", "shop", {"number": "S0"}, NOW)
    assert one.values["phone"] == f"{MARK}0"


def test_a_key_that_is_replaced_meanwhile_leaves_no_value_unfound(separate: Owner, tmp_path: Path) -> None:
    clerk, _ = sealed(separate, tmp_path)

    def replaced(_position: int, step: Step, moment: str) -> None:
        if moment == "done" and step.kind == "seal" and "__past" not in step.table:
            sealing.begin_generation("registry", "operator", NOW)
            sealing.close_older("registry", NOW)
            registry.reseal_fields(separate, 2, "shops")

    apply_release(separate, release(tmp_path / "b", "1.1.0", FOUND), ROLES, NOW, replaced)
    assert found(clerk, f"{MARK}4") == ["S4"]
    registry.reseal_fields(separate, 2, "shops")
    assert registry.sealed_values(separate, "shops").keys() == {2}
    assert found(clerk, f"{MARK}改") == ["S1"]


def test_a_field_that_was_found_once_and_is_renamed_is_found_again(separate: Owner, tmp_path: Path) -> None:
    applied(shops.other(tmp_path / "a", shops.FIRST.replace(PLAIN, FOUND), "1.0.0"), on=separate)
    clerk = holder(1, "shops.clerk", purpose="upkeep")
    numbers = entered(clerk, 0, 3)
    apply_release(separate, release(tmp_path / "b", "2.0.0", SEALED), ROLES, NOW)
    # the digest that is left of it is of the value before
    registry.change_record(clerk, "shops", "shop", numbers[0], {"phone": f"{MARK}新"}, NOW)
    apply_release(separate, release(tmp_path / "c", "2.1.0", FOUND), ROLES, NOW)
    assert found(clerk, f"{MARK}0") == []
    assert found(clerk, f"{MARK}新") == ["S0"]
    apply_release(separate, release(tmp_path / "d", "3.0.0", SEALED), ROLES, NOW)
    renamed = FOUND.replace("phone,", "mobile,") + ", was: phone"
    apply_release(separate, release(tmp_path / "e", "4.0.0", renamed), ROLES, NOW)
    assert found(clerk, f"{MARK}新", "mobile") == ["S0"]
    assert found(clerk, f"{MARK}2", "mobile") == ["S2"]
