"""Changes that wait on the node's disk are sealed by a key of the job, which turns with the node's keys and goes with the slot."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone

from tests.store.capturing.cast import WANTED, again
from tests.store.capturing.test_resealing import found, rotate, told
from tests.store.delivery.cast import Stage
from tests.store.exchange.cast import ZHOU_HANG
from yiwang.blocks.delivery import public as delivery
from yiwang.blocks.delivery.store import models
from yiwang.blocks.exchange.public import SYSTEM
from yiwang.blocks.identity.public import acting
from yiwang.blocks.sealing import public as sealing
from yiwang.bootstrap import keys

NAME = "停机期间的企业"


@pytest.fixture
def key_folder(tmp_path: Path) -> Path:
    """Keys of one test alone: some are destroyed."""
    return tmp_path / "own"


@pytest.fixture
def waiting(stage: Stage) -> str:
    """A job whose target takes nothing, so that a change waits here."""
    job = stage.job(mode="cdc")
    assert stage.run() == ["done"]
    stage.sql(
        "CREATE FUNCTION jobs_target.public.full_disk() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN RAISE EXCEPTION USING ERRCODE = '53100'; END$$;"
        "CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON jobs_target.public.qy FOR EACH ROW EXECUTE FUNCTION full_disk()"
    )
    stage.sql(f"UPDATE kb.qy SET mc = '{NAME}', fr = '王大路' WHERE bh = 'B000001'")
    assert again(stage, job) == ["failed"]
    return job


def goes_on(stage: Stage) -> None:
    stage.sql("DROP TRIGGER full_disk ON jobs_target.public.qy")
    stage.clock.on(minutes=5)
    assert stage.run() == ["done"]
    assert stage.delivered() == stage.sql(WANTED)


def spool_key(job: str) -> str:
    with acting(SYSTEM):
        return models.Job.objects.get(pk=job).spool_key


def compared(job: str) -> object:
    report = delivery.report(ZHOU_HANG, job, delivery.job(ZHOU_HANG, job).runs[0].id).report
    return report["capture"]["compared"]  # type: ignore[index]


def test_what_waits_cannot_be_read_from_the_disk_and_is_applied_all_the_same(
    stage: Stage, waiting: str, folder: Path
) -> None:
    held = b"".join(file.read_bytes() for file in (folder / waiting).iterdir() if file.is_file())
    assert len(held) > 1000
    for value in (NAME, "王大路", "B000001"):
        assert value.encode() not in held
    goes_on(stage)
    assert compared(waiting) == []


def test_its_key_turns_with_the_nodes_while_changes_wait(stage: Stage, waiting: str) -> None:
    before = spool_key(waiting)
    rotate("quarantine")
    with pytest.raises(sealing.GenerationInUse):
        keys.retire(found(), "quarantine", 1, timezone.now())
    assert delivery.sealed_rows() == {1: 1}
    assert keys.reseal(found(), "quarantine", timezone.now(), told) == (1, 0)
    assert keys.reseal(found(), "quarantine", timezone.now(), told) == (0, 0)
    keys.retire(found(), "quarantine", 1, timezone.now())
    assert delivery.sealed_rows() == {2: 1}
    assert spool_key(waiting) != before
    goes_on(stage)
    assert compared(waiting) == [], "what waited was read"


def test_a_key_that_was_altered_is_counted_and_the_table_is_compared(stage: Stage, waiting: str) -> None:
    text = spool_key(waiting)
    with acting(SYSTEM):
        models.Job.objects.filter(pk=waiting).update(spool_key=text[:-8] + "AAAAAAA=")
    rotate("quarantine")
    assert keys.reseal(found(), "quarantine", timezone.now(), told) == (0, 1)
    goes_on(stage)
    assert compared(waiting) == ["spool-gap"]
    assert delivery.sealed_rows() == {2: 1}, "a new key"


def test_the_key_goes_with_the_slot(stage: Stage, waiting: str, folder: Path) -> None:
    delivery.end_job(ZHOU_HANG, waiting, stage.clock())
    stage.run()
    assert spool_key(waiting) == ""
    assert not (folder / waiting).exists()
    assert delivery.sealed_rows() == {}
