"""The key of encrypted fields is replaced while they are read, found and written; nothing is lost at any point."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from django.db import connection

from tests.store.registry import shops
from tests.store.registry.applied import NOW, applied, holder, owner
from yiwang.blocks.registry import public as registry
from yiwang.blocks.registry.actions import resealing
from yiwang.blocks.registry.public import Errand, Wanted
from yiwang.blocks.sealing import public as sealing
from yiwang.bootstrap import keys
from yiwang.bootstrap.keys import Keeper
from yiwang.vocabulary.crypto import FileKeyProvider, KeyRetired, use_key_provider

pytestmark = pytest.mark.django_db
FOUND = shops.FIRST.replace("protect: encrypt", "protect: encrypt, lookup: true")


class Killed(Exception):
    """The process ends here."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    use_key_provider(FileKeyProvider(tmp_path / "keys", create=True))
    return tmp_path


@pytest.fixture
def clerk(folder: Path) -> Errand:
    applied(shops.other(folder, FOUND, "1.0.0"))
    return holder(1, "shops.clerk", purpose="upkeep")


@pytest.fixture
def keepers() -> dict[str, Keeper]:
    """As on a node, over the connection of the test."""

    def sealed(generation: int, tell: keys.Tell) -> tuple[int, int]:
        done = registry.reseal_fields(owner(), generation, watch=tell)
        return done.values, done.broken

    names = (registry.SEALING, registry.FINDING)
    return {registry.SEALING: Keeper(names, lambda: registry.sealed_values(owner()), sealed)}


def entered(clerk: Errand, first: int, count: int) -> list[int]:
    return [
        registry.create_record(
            clerk, "shops", "shop",
            {"number": f"S{at}", "name": "店", "kind": "shop", "size": "1", "secret": f"账{at}"}, NOW,
        )
        for at in range(first, first + count)
    ]  # fmt: skip


def secrets(clerk: Errand) -> list[object]:
    return [one.values["secret"] for one in registry.records(clerk, "shops", "shop", Wanted({}), NOW).records]


def found(clerk: Errand, secret: str) -> list[int]:
    return [
        one.id for one in registry.records(clerk, "shops", "shop", Wanted({"secret": secret}), NOW).records
    ]


def test_old_values_are_read_and_found_beside_new_ones_until_all_are_sealed_anew_and_the_old_key_goes(
    clerk: Errand, keepers: dict[str, Keeper], folder: Path
) -> None:
    old = entered(clerk, 0, 3)
    registry.change_record(clerk, "shops", "shop", old[0], {"secret": "改"}, NOW)
    assert keys.rotate(keepers, "registry", NOW) == 2
    new = entered(clerk, 3, 2)
    assert secrets(clerk) == ["改", "账1", "账2", "账3", "账4"]
    assert [found(clerk, one) for one in ("账1", "账3", "账0")] == [[old[1]], [new[0]], []]
    assert registry.sealed_values(owner()) == {1: 2 * 4, 2: 2 * 2}, "values and digests; one is of the past"
    with pytest.raises(sealing.GenerationInUse):
        keys.retire(keepers, "registry", 1, NOW)
    assert keys.reseal(keepers, "registry", NOW, lambda _: None) == (4, 0)
    assert registry.sealed_values(owner()) == {2: 2 * 6}
    keys.retire(keepers, "registry", 1, NOW)
    use_key_provider(FileKeyProvider(folder / "keys", create=True))  # another process, which remembers no key
    assert sorted(one.name for one in (folder / "keys").glob("registry*")) == [
        "registry-1.retired", "registry-2.seal", "registry-find-1.retired", "registry-find-2.seal",
    ]  # fmt: skip
    assert secrets(clerk) == ["改", "账1", "账2", "账3", "账4"]
    assert found(clerk, "账1") == [old[1]]
    past = registry.history(clerk, "shops", "shop", old[0], NOW)
    assert [one.values["secret"] for one in past] == ["改", "账0"]


def test_killed_at_any_batch_it_goes_on_where_it_was(
    clerk: Errand, keepers: dict[str, Keeper], monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = entered(clerk, 0, 7)
    for number in numbers[:3]:
        registry.change_record(clerk, "shops", "shop", number, {"name": "改"}, NOW)
    monkeypatch.setattr(resealing, "BATCH", 2)
    keys.rotate(keepers, "registry", NOW)

    def killed(_done: int) -> None:
        raise Killed

    left = [sum(registry.sealed_values(owner()).values())]
    while left[-1]:
        with suppress(Killed):
            keys.reseal(keepers, "registry", NOW, killed)
        assert secrets(clerk) == [f"账{at}" for at in range(7)]
        assert [found(clerk, f"账{at}") for at in range(7)] == [[number] for number in numbers]
        left.append(registry.sealed_values(owner()).get(1, 0))
        assert left[-1] < left[-2]
    assert len(left) > 5
    keys.retire(keepers, "registry", 1, NOW)


def test_a_change_that_comes_between_is_not_overwritten(
    clerk: Errand, keepers: dict[str, Keeper], monkeypatch: pytest.MonkeyPatch
) -> None:
    number = entered(clerk, 0, 1)[0]
    keys.rotate(keepers, "registry", NOW)
    opened = resealing._Walk._opened

    def meanwhile(walk: resealing._Walk, bound: str, value: bytes) -> object:
        if walk._of.table == "shop":
            registry.change_record(clerk, "shops", "shop", number, {"secret": "新"}, NOW)
        return opened(walk, bound, value)

    monkeypatch.setattr(resealing._Walk, "_opened", meanwhile)
    keys.reseal(keepers, "registry", NOW, lambda _: None)
    assert secrets(clerk) == ["新"]
    assert set(registry.sealed_values(owner())) == {2}


def test_values_of_fields_that_went_are_sealed_anew_too(
    clerk: Errand, keepers: dict[str, Keeper], folder: Path
) -> None:
    entered(clerk, 0, 2)
    kept = "\n".join(line for line in FOUND.splitlines() if "secret" not in line) + "\n"
    without = kept.replace("title: 电话", "title: 电话, grade: 2")
    applied(shops.other(folder, without), confirmation="不再登记账号")
    assert registry.sealed_values(owner()) == {1: 4}
    keys.rotate(keepers, "registry", NOW)
    assert keys.reseal(keepers, "registry", NOW, lambda _: None) == (2, 0)
    assert registry.sealed_values(owner()) == {2: 4}
    keys.retire(keepers, "registry", 1, NOW)


def test_what_cannot_be_opened_stays_and_keeps_its_key(clerk: Errand, keepers: dict[str, Keeper]) -> None:
    entered(clerk, 0, 2)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE sys_shops.shop SET secret = secret || '\\x00'::bytea WHERE number = 'S0'")
    keys.rotate(keepers, "registry", NOW)
    assert keys.reseal(keepers, "registry", NOW, lambda _: None) == (1, 1)
    with pytest.raises(sealing.GenerationInUse):
        keys.retire(keepers, "registry", 1, NOW)


def test_a_write_sealed_just_before_the_key_was_replaced_is_sealed_again(
    clerk: Errand, keepers: dict[str, Keeper], monkeypatch: pytest.MonkeyPatch
) -> None:
    from yiwang.blocks.registry.actions import records
    from yiwang.blocks.registry.store.keys import protector

    entered(clerk, 0, 1)
    keys.rotate(keepers, "registry", NOW)
    sealing.close_older("registry", NOW)
    monkeypatch.setattr(records, "sealing_protector", lambda: protector(1))
    with pytest.raises(sealing.SealingTurned):
        entered(clerk, 1, 1)


def test_a_name_that_is_no_key_is_refused(keepers: dict[str, Keeper]) -> None:
    with pytest.raises(sealing.KeyUnknown):
        keys.rotate(keepers, "../registry", NOW)


def test_a_destroyed_key_opens_nothing_of_an_older_backup(
    clerk: Errand, keepers: dict[str, Keeper], folder: Path
) -> None:
    entered(clerk, 0, 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM sys_shops.shop")
        backup = cursor.fetchone()[0]
    keys.rotate(keepers, "registry", NOW)
    keys.reseal(keepers, "registry", NOW, lambda _: None)
    keys.retire(keepers, "registry", 1, NOW)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE sys_shops.shop SET secret = %s", [backup])
    with pytest.raises(KeyRetired):
        secrets(clerk)
