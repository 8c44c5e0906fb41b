"""The keys of targets and quarantine are replaced while jobs run: nothing is lost, nothing kept twice, the old key goes."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from tests.store.capturing.cast import WANTED, again
from tests.store.delivery.cast import RULES, Stage
from tests.store.exchange.cast import ZHOU_HANG
from yiwang.blocks.delivery import public as delivery
from yiwang.blocks.delivery.actions import resealing
from yiwang.blocks.delivery.actions.watching import Watch
from yiwang.blocks.delivery.store import models, quarantine
from yiwang.blocks.exchange.public import SYSTEM
from yiwang.blocks.identity.public import acting
from yiwang.blocks.sealing import public as sealing
from yiwang.bootstrap import keys
from yiwang.bootstrap.node import DatabaseUrls
from yiwang.dataplane.transfer.keeping import Wish
from yiwang.dataplane.transfer.shape import BadRow
from yiwang.vocabulary.crypto import FileKeyProvider, KeyRetired, use_key_provider

STRICT = RULES.replace("min: 0", "min: 100")
NAMES = ("targets", "quarantine")


def told(_: int) -> None:
    """Progress."""


def found() -> dict[str, keys.Keeper]:
    return dict(keys.wired(DatabaseUrls("", "", "")))


def rotate(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    keys.rotate(found(), name, timezone.now())


@pytest.fixture
def key_folder(tmp_path: Path) -> Path:
    """Keys of one test alone: some are destroyed."""
    return tmp_path / "own"


@pytest.fixture
def job(stage: Stage) -> str:
    """53 of its 200 rows wait, one of them replayed as a person mended it."""
    job = stage.job(check="own", rules=STRICT)
    assert stage.run() == ["done"]
    first = delivery.job(ZHOU_HANG, job).held[0]
    delivery.mend_row(ZHOU_HANG, job, first.id, {"资本": "100"}, stage.clock())
    delivery.replay_rows(ZHOU_HANG, job, stage.clock())
    assert stage.run() == ["done"]
    return job


def states(stage: Stage, job: str) -> tuple[int, int, int]:
    with acting(SYSTEM):
        rows = models.HeldRow.objects.filter(job=job)
        return rows.count(), rows.filter(state="replayed").count(), len(stage.delivered())


def next_month(stage: Stage, job: str) -> list[str]:
    stage.clock.on(days=32)
    return again(stage, job)


def test_rows_sealed_by_an_older_key_are_known_again_and_sealed_anew(
    stage: Stage, job: str, key_folder: Path
) -> None:
    before = states(stage, job)
    assert before == (53, 1, 148)
    for name in NAMES:
        rotate(name)
    assert next_month(stage, job) == ["done"]
    assert states(stage, job) == before, "nothing is kept twice under another digest"
    stage.sql("UPDATE kb.qy SET zczb = 1 WHERE bh = 'B000249'")
    assert next_month(stage, job) == ["done"], delivery.job(ZHOU_HANG, job).runs[0]
    assert delivery.sealed_rows() == {1: 53, 2: 1}
    for name in NAMES:
        with pytest.raises(sealing.GenerationInUse):
            keys.retire(found(), name, 1, timezone.now())
    for name, done in (("targets", 1), ("quarantine", 53)):
        assert keys.reseal(found(), name, timezone.now(), told) == (done, 0)
        assert keys.reseal(found(), name, timezone.now(), told) == (0, 0)
        keys.retire(found(), name, 1, timezone.now())
    assert (delivery.sealed_targets(), delivery.sealed_rows()) == ({2: 1}, {2: 54})
    use_key_provider(FileKeyProvider(key_folder))
    with pytest.raises(KeyRetired):
        FileKeyProvider(key_folder).sealing_key("quarantine-1", existing=True)
    assert next_month(stage, job) == ["done"]
    assert states(stage, job) == (54, 1, 147)
    held = delivery.job(ZHOU_HANG, job).held
    assert all(row.values["编号"].startswith("B") for row in held), "they open"


def test_a_row_mended_after_the_key_was_replaced_needs_the_old_one_for_nothing(
    stage: Stage, job: str
) -> None:
    rotate("quarantine")
    second = next(row for row in delivery.job(ZHOU_HANG, job).held if row.state == "held")
    delivery.mend_row(ZHOU_HANG, job, second.id, {"资本": "200"}, stage.clock())
    keys.reseal(found(), "quarantine", timezone.now(), told)
    keys.retire(found(), "quarantine", 1, timezone.now())
    delivery.replay_rows(ZHOU_HANG, job, stage.clock())
    assert stage.run() == ["done"]
    assert next_month(stage, job) == ["done"]
    assert states(stage, job) == (53, 2, 149)


def test_the_key_is_replaced_and_all_is_sealed_anew_between_two_chunks_of_a_run(
    stage: Stage, job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest, asked = Watch.wish, list[int]()

    def wish(self: Watch) -> Wish:
        asked.append(1)
        if len(asked) == 2:
            for name in NAMES:
                rotate(name)
                keys.reseal(found(), name, timezone.now(), told)
                keys.retire(found(), name, 1, timezone.now())
        return honest(self)

    monkeypatch.setattr(Watch, "wish", wish)
    assert next_month(stage, job) == ["done"]
    assert states(stage, job) == (53, 1, 148)
    assert set(delivery.sealed_rows()) == {2}


def test_killed_half_way_it_goes_on_where_it_is_begun_again(
    stage: Stage, job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rotate("quarantine")
    honest, sealed = quarantine.renewed, list[int]()

    def killed(row: models.HeldRow) -> bool:
        sealed.append(row.pk)
        if len(sealed) == 21:
            raise KeyboardInterrupt
        return honest(row)

    with monkeypatch.context() as patched:
        patched.setattr(resealing, "renewed", killed)
        with pytest.raises(KeyboardInterrupt):
            keys.reseal(found(), "quarantine", timezone.now(), told)
    assert delivery.sealed_rows() == {1: 33, 2: 20}
    with pytest.raises(sealing.GenerationInUse):
        keys.retire(found(), "quarantine", 1, timezone.now())
    assert keys.reseal(found(), "quarantine", timezone.now(), told) == (33, 0)
    assert next_month(stage, job) == ["done"]
    assert states(stage, job) == (53, 1, 148)


def test_what_does_not_open_is_counted_stays_and_keeps_the_old_key(stage: Stage, job: str) -> None:
    with acting(SYSTEM):
        row = models.HeldRow.objects.filter(job=job).order_by("pk").first()
        assert row is not None
        broken = bytearray(bytes(row.sealed))
        broken[-1] ^= 1
        models.HeldRow.objects.filter(pk=row.pk).update(sealed=bytes(broken))
    rotate("quarantine")
    assert keys.reseal(found(), "quarantine", timezone.now(), told) == (52, 1)
    with pytest.raises(sealing.GenerationInUse):
        keys.retire(found(), "quarantine", 1, timezone.now())
    del stage


def test_rows_put_again_and_again_while_keys_are_replaced_are_kept_once(stage: Stage, job: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    bad = [BadRow((f"X{n}",), {"编号": f"X{n}", "资本": n}, ("rule:capital",)) for n in range(30)]
    wrong: list[BaseException] = []
    stop = threading.Event()

    def puts() -> None:
        try:
            run = 100
            while not stop.is_set():
                run += 1
                quarantine.Quarantine(job).put(bad, run)
        except BaseException as error:
            wrong.append(error)
        finally:
            connection.close()

    writer = threading.Thread(target=puts)
    writer.start()
    try:
        for _ in range(4):
            rotate("quarantine")
            keys.reseal(found(), "quarantine", timezone.now(), told)
    finally:
        stop.set()
        writer.join(60)
    assert wrong == []
    keys.reseal(found(), "quarantine", timezone.now(), told)
    assert delivery.sealed_rows() == {5: 53 + 30}
    for old in (1, 2, 3, 4):
        keys.retire(found(), "quarantine", old, timezone.now())
    kept = quarantine.Quarantine(job)
    assert all(kept.found(row.key) == row.values for row in bad)
    del stage


def test_passwords_and_rows_lie_sealed_and_the_clear_values_nowhere(stage: Stage, job: str) -> None:
    rotate("targets")
    keys.reseal(found(), "targets", timezone.now(), told)
    with acting(SYSTEM):
        target = models.Target.objects.get()
        sealed = b"".join(bytes(row.sealed) for row in models.HeldRow.objects.filter(job=job))
    assert "writes" not in target.sealed_password
    assert "王小明".encode() not in sealed
    assert next_month(stage, job) == ["done"], "its password opens"
    assert len(stage.sql(WANTED)) == 200
