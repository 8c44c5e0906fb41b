"""A slot at somebody else's database: made only by right, never where it could fill the disk, and gone with its right."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.store.capturing.cast import SLOTS, WANTED, again, published
from tests.store.delivery.cast import Stage, granted
from tests.store.exchange.cast import NOW, WANG_MIN, ZHAO_JING, ZHOU_HANG
from yiwang.blocks.delivery import public as delivery
from yiwang.blocks.delivery import tasks
from yiwang.blocks.delivery.actions.watching import Watch
from yiwang.blocks.delivery.store import models
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import SYSTEM, Delivery
from yiwang.blocks.identity.public import acting
from yiwang.dataplane.transfer.keeping import Wish
from yiwang.vocabulary.errors import YwError


def test_cancelling_drops_slot_and_publication_and_the_next_run_compares(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    job = stage.job(mode="cdc", follow=True)
    honest = Watch.wish

    def cancelled(self: Watch) -> Wish:
        if delivery.job(ZHOU_HANG, job).runs[0].lag == 0:
            delivery.cancel_run(ZHOU_HANG, job, stage.clock())
        return honest(self)

    with monkeypatch.context() as patched:
        patched.setattr(Watch, "wish", cancelled)
        assert stage.run() == ["cancelled"]
    assert (stage.sql(SLOTS), published(stage)) == ([], [])
    assert not (folder / job).exists()
    view = delivery.job(ZHOU_HANG, job)
    assert (view.row.state, view.slot) == ("paused", "")
    stage.sql("DELETE FROM kb.qy WHERE bh = 'B000002'; UPDATE kb.qy SET mc = '补' WHERE bh = 'B000003'")
    delivery.change_job(
        ZHOU_HANG, job, delivery.ChangeForm("按时", "", workdays=False, priority=5, rate=0), stage.clock()
    )
    delivery.resume_job(ZHOU_HANG, job, stage.clock())
    assert again(stage, job) == ["done"]
    assert stage.delivered() == stage.sql(WANTED)
    report = delivery.report(ZHOU_HANG, job, delivery.job(ZHOU_HANG, job).runs[0].id).report
    assert report["capture"]["compared"] == ["slot-missing"]  # type: ignore[index]


def test_ending_the_job_leaves_nothing_at_the_source(stage: Stage, folder: Path) -> None:
    job = stage.job(mode="cdc")
    stage.run()
    assert len(published(stage)) == 1
    delivery.end_job(ZHOU_HANG, job, stage.clock())
    stage.run()
    assert (stage.sql(SLOTS), published(stage), delivery.job(ZHOU_HANG, job).slot) == ([], [], "")
    assert not (folder / job).exists()


def test_a_grant_revoked_in_the_middle_of_a_run_stops_it_and_takes_the_slot_away(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = stage.job(mode="cdc", follow=True)
    honest, asked = Watch.wish, list[int]()

    def revoked(self: Watch) -> Wish:
        asked.append(1)
        if len(asked) == 3:
            assert len(stage.sql(SLOTS)) == 1
            exchange.revoke_grant(WANG_MIN, stage.grant, "不再需要", stage.clock())
        return honest(self)

    monkeypatch.setattr(Watch, "wish", revoked)
    assert stage.run(chunk_rows=50) == ["failed"]
    view = delivery.job(ZHOU_HANG, job)
    assert (view.runs[0].error, view.row.state) == ("delivery-grant-over", "failed")
    assert (stage.sql(SLOTS), published(stage)) == ([], [])


def test_a_grant_revoked_while_no_run_is_under_way_takes_the_slot_away_too(stage: Stage) -> None:
    stage.job(mode="cdc")
    stage.run()
    exchange.revoke_grant(WANG_MIN, stage.grant, "不再需要", stage.clock())
    stage.run()
    assert (stage.sql(SLOTS), published(stage)) == ([], [])


def test_a_withdrawn_resource_takes_the_slot_away_too(stage: Stage) -> None:
    stage.job(mode="cdc")
    stage.run()
    exchange.withdraw_resource(WANG_MIN, stage.code, "停止服务", stage.clock())
    stage.run()
    assert (stage.sql(SLOTS), published(stage)) == ([], [])


def test_a_suspended_grant_takes_the_slot_away_and_once_it_holds_again_the_table_is_compared(
    stage: Stage,
) -> None:
    job = stage.job(mode="cdc")
    stage.run()
    exchange.suspend_grant(WANG_MIN, stage.grant, "核查", stage.clock())
    assert again(stage, job) == ["failed"]
    assert (stage.sql(SLOTS), published(stage)) == ([], [])
    stage.sql("DELETE FROM kb.qy WHERE bh = 'B000002'; UPDATE kb.qy SET mc = '补' WHERE bh = 'B000003'")
    assert len(stage.delivered()) == 200, "nothing is read meanwhile"
    exchange.resume_grant(WANG_MIN, stage.grant, stage.clock())
    assert again(stage, job) == ["done"]
    assert stage.delivered() == stage.sql(WANTED)
    assert delivery.job(ZHOU_HANG, job).runs[0].proven


def test_a_slot_that_cannot_be_dropped_now_is_dropped_later(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = stage.job(mode="cdc")
    stage.run()
    delivery.end_job(ZHOU_HANG, job, stage.clock())
    with monkeypatch.context() as patched:
        patched.setenv("YW_SOURCE_HOSTS", "10.9.9.9")  # the source is out of reach
        tasks.release_over(stage.clock())
        assert delivery.job(ZHOU_HANG, job).slot
    assert len(stage.sql(SLOTS)) == 1
    tasks.release_over(stage.clock())
    assert stage.sql(SLOTS) == []


def test_whoever_owns_the_target_cannot_name_another_jobs_slot(stage: Stage) -> None:
    job = stage.job(mode="cdc")
    stage.run()
    stage.sql("SELECT pg_create_logical_replication_slot('another', 'pgoutput')")
    stage.sql(
        "UPDATE jobs_target.public.yw_transfer_job SET state = jsonb_set(state::jsonb, '{slot}', '\"another\"')::text"
    )
    stage.sql("UPDATE kb.qy SET mc = '改' WHERE bh = 'B000001'")
    assert again(stage, job) == ["done"]
    assert stage.delivered() == stage.sql(WANTED)
    assert ("another",) in stage.sql(SLOTS)
    delivery.end_job(ZHOU_HANG, job, stage.clock())
    stage.run()
    assert stage.sql(SLOTS) == [("another",)]


def refused(stage: Stage, **changes: object) -> dict[str, str]:
    with pytest.raises(delivery.DeliveryInvalid) as error:
        stage.job(mode="cdc", **changes)
    return {problem.where: problem.en for problem in error.value.problems}


def test_a_source_that_cannot_be_captured_is_refused_with_what_to_do(stage: Stage) -> None:
    stage.sql("ALTER ROLE ext_logged NOREPLICATION")
    assert "REPLICATION" in refused(stage)["mode"]
    stage.sql("ALTER ROLE ext_logged REPLICATION")
    stage.sql("ALTER SYSTEM SET max_slot_wal_keep_size = -1")
    stage.sql("SELECT pg_reload_conf()")
    stage.sql("SELECT pg_sleep(0.3)")
    assert "max_slot_wal_keep_size" in refused(stage)["mode"]
    stage.sql("ALTER SYSTEM SET max_slot_wal_keep_size = '512MB'")
    stage.sql("SELECT pg_reload_conf()")
    stage.sql("SELECT pg_sleep(0.3)")
    stage.sql("ALTER TABLE kb.qy REPLICA IDENTITY FULL")
    assert "FULL" in refused(stage)["mode"]
    stage.sql("ALTER TABLE kb.qy REPLICA IDENTITY DEFAULT; ALTER TABLE kb.qy DROP CONSTRAINT qy_pkey")
    assert "replica identity" in refused(stage)["mode"]
    assert (stage.sql(SLOTS), published(stage)) == ([], [])


def test_the_right_that_is_lost_between_two_runs_stops_the_job_and_tells_both_sides(stage: Stage) -> None:
    job = stage.job(mode="cdc")
    stage.run()
    stage.sql("ALTER ROLE ext_logged NOREPLICATION")
    assert again(stage, job) == ["failed"]
    for person in (ZHOU_HANG, WANG_MIN):
        row = delivery.job(person, job).row
        assert (row.state, row.reason) == ("failed", "transfer-capture-right-missing")
        assert "REPLICATION" in row.reason_en
        assert "table-failed" in [one.kind for one in exchange.notices(person).rows]


def test_a_source_whose_log_is_bounded_no_more_loses_the_slot(stage: Stage) -> None:
    job = stage.job(mode="cdc")
    stage.run()
    stage.sql("ALTER SYSTEM SET max_slot_wal_keep_size = -1")
    stage.sql("SELECT pg_reload_conf()")
    stage.sql("SELECT pg_sleep(0.3)")
    assert again(stage, job) == ["failed"]
    assert delivery.job(ZHOU_HANG, job).runs[0].error == "changes-wal-unbounded"
    assert stage.sql(SLOTS) == []


@pytest.mark.parametrize("only_reads", [False, True])
def test_a_publication_that_only_the_owner_may_make_is_told_to_the_provider(
    stage: Stage, only_reads: bool
) -> None:
    stage.sql("ALTER TABLE kb.qy OWNER TO CURRENT_USER; GRANT SELECT ON kb.qy TO ext_logged")
    if only_reads:  # as a careful administrator gives a role away
        stage.sql("ALTER ROLE ext_logged SET default_transaction_read_only = on")
    job = stage.job(mode="cdc")
    assert stage.run() == ["failed"]
    row = delivery.job(WANG_MIN, job).row
    assert row.reason == "transfer-capture-publication-missing"
    with acting(SYSTEM):
        facts = models.Job.objects.get(pk=job).facts
    stage.sql(str(facts["statement"]))
    assert again(stage, job) == ["done"]
    stage.sql("UPDATE kb.qy SET mc = '改' WHERE bh = 'B000001'")
    assert again(stage, job) == ["done"]
    assert stage.delivered() == stage.sql(WANTED)
    delivery.end_job(ZHOU_HANG, job, stage.clock.on(minutes=5))
    stage.run()
    assert stage.sql(SLOTS) == []


def test_capture_needs_a_grant_of_changes_and_the_step_of_its_consumer(stage: Stage) -> None:
    grant = granted(stage.code, delivery=Delivery(("full", "diff"), "daily"))
    assert set(refused(replace(stage, grant=grant))) == {"mode"}
    assert set(refused(stage, follow=True, cron="0 1 * * *")) == {"cron"}
    with pytest.raises(delivery.DeliveryInvalid) as error:
        stage.job(mode="full", follow=True)
    assert "cron" in {problem.where for problem in error.value.problems}
    with pytest.raises(YwError):
        delivery.create_job(
            ZHAO_JING, delivery.JobForm(stage.grant, stage.target, "试", "qy", mode="cdc"), NOW
        )
    assert stage.sql(SLOTS) == []
