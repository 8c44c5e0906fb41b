"""Change capture as a job of the node: what was granted of every change reaches the target, nothing else, each run proven."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.store.capturing.cast import SLOTS, WANTED, again
from tests.store.delivery.cast import RULES, Ended, Stage, granted
from tests.store.exchange.cast import ZHOU_HANG
from yiwang.blocks.delivery import public as delivery
from yiwang.blocks.delivery.actions import capturing
from yiwang.blocks.delivery.actions.watching import Watch
from yiwang.blocks.delivery.store import models
from yiwang.blocks.exchange.public import SYSTEM, Delivery, RowCondition
from yiwang.blocks.identity.public import acting
from yiwang.dataplane.transfer.capture import job as engine
from yiwang.dataplane.transfer.capture.job import CaptureJob
from yiwang.dataplane.transfer.keeping import Wish
from yiwang.dataplane.transfer.report import Report


def test_every_granted_change_reaches_the_target_and_each_run_proves_it(stage: Stage) -> None:
    job = stage.job(mode="cdc")
    assert stage.run() == ["done"]
    assert stage.delivered() == stage.sql(WANTED)
    assert len(stage.sql(SLOTS)) == 1
    stage.sql(
        "UPDATE kb.qy SET mc = '改名' WHERE bh = 'B000001'; DELETE FROM kb.qy WHERE bh = 'B000002';"
        "INSERT INTO kb.qy VALUES ('C1', '新', '王小明', '290105', 1, '2026-12-01', ''),"
        " ('C2', '外地', '王小明', '110101', 1, '2026-12-01', '');"
        "UPDATE kb.qy SET bh = 'C3' WHERE bh = 'B000003'; UPDATE kb.qy SET bz = '没有授权' WHERE bh = 'B000004'"
    )
    assert again(stage, job) == ["done"]
    assert stage.delivered() == stage.sql(WANTED)
    run = delivery.job(ZHOU_HANG, job).runs[0]
    assert (run.proven, run.lag) == (True, 0)
    # a rename, a deletion, a row that came, one under a new key; of the row elsewhere nothing
    assert run.rows == 6
    report = delivery.report(ZHOU_HANG, job, run.id)
    assert (report.digest, report.report["mode"]) == (run.digest, "cdc")
    assert again(stage, job) == ["done"], "the frequency of the grant binds no changes"
    assert delivery.job(ZHOU_HANG, job).runs[0].rows == 0, "what stands is not delivered again"


def test_rows_move_in_and_out_of_the_granted_ones_and_no_other_key_is_named_to_the_target(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = stage.job(mode="cdc")
    stage.run()
    asked: list[str] = []

    class Listening(CaptureJob):
        """Writes down every statement to the target."""

        def run(self) -> Report:
            for name in ("query", "execute", "stream"):
                self._told(name)
            return super().run()

        def _told(self, name: str) -> None:
            way = getattr(self._target, name)

            def through(statement: str, values: Sequence[object] = ()) -> object:
                asked.append(f"{statement} {values}")
                return way(statement, values)

            monkeypatch.setattr(self._target, name, through)

    monkeypatch.setattr(capturing, "CaptureJob", Listening)
    stage.sql(
        "UPDATE kb.qy SET qh = '110101' WHERE bh = 'B000001';"  # out
        "UPDATE kb.qy SET qh = '290102' WHERE bh = 'B000005';"  # in
        "UPDATE kb.qy SET mc = '外' WHERE bh = 'B000010'; DELETE FROM kb.qy WHERE bh = 'B000015';"
        "UPDATE kb.qy SET bh = 'X9' WHERE bh = 'B000020'; INSERT INTO kb.qy VALUES ('X8', '外', 'a', NULL, 1, NULL, '')"
    )
    assert again(stage, job) == ["done"]
    assert stage.delivered() == stage.sql(WANTED)
    told = "\n".join(asked)
    assert "B000001" in told
    assert "B000005" in told
    for other in ("B000010", "B000015", "B000020", "X9", "X8"):
        assert other not in told
    run = delivery.job(ZHOU_HANG, job).runs[0]
    assert (run.rows, run.proven) == (2, True)


def test_one_transaction_larger_than_what_is_held_in_memory_is_written_whole(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "PIECE", 7)
    job = stage.job(mode="cdc")
    stage.run()
    stage.sql(
        "UPDATE kb.qy SET qh = CASE WHEN qh LIKE '11%' THEN '290109' ELSE '110109' END WHERE bh < 'B000120';"
        "UPDATE kb.qy SET mc = mc || '改' WHERE bh > 'B000100'; DELETE FROM kb.qy WHERE bh BETWEEN 'B000110' AND 'B000130'"
    )
    assert again(stage, job) == ["done"]
    assert stage.delivered() == stage.sql(WANTED)
    assert delivery.job(ZHOU_HANG, job).runs[0].proven


def test_large_values_that_did_not_travel_and_conditions_on_them_are_told_right(stage: Stage) -> None:
    stage.sql("ALTER TABLE kb.qy ALTER mc TYPE text, ALTER qh TYPE text")
    stage.sql("ALTER TABLE kb.qy ALTER mc SET STORAGE EXTERNAL, ALTER qh SET STORAGE EXTERNAL")
    stage.sql(
        "UPDATE kb.qy SET mc = repeat('长', 3000), qh = '2901' || repeat('x', 5000) WHERE bh = 'B000001'"
    )
    stage.sql("UPDATE kb.qy SET qh = '11' || repeat('x', 5000) WHERE bh = 'B000002'")
    job = stage.job(mode="cdc")
    assert stage.run() == ["done"]
    stage.sql("UPDATE kb.qy SET zczb = 7 WHERE bh IN ('B000001', 'B000002', 'B000003')")
    stage.sql(
        "UPDATE kb.qy SET qh = '2901' || repeat('y', 5000), mc = repeat('入', 3000) WHERE bh = 'B000005'"
    )
    stage.sql("UPDATE kb.qy SET zczb = 8 WHERE bh = 'B000005'")
    assert again(stage, job) == ["done"]
    assert stage.delivered() == stage.sql(WANTED)
    assert delivery.job(ZHOU_HANG, job).runs[0].proven


@pytest.mark.parametrize(
    "condition",
    [
        RowCondition("资本", "gte", "100"), RowCondition("区划", "in", ("290102", "11%'\"")), RowCondition("名称", "eq", "企业%7"),
        RowCondition("更新", "lte", "2026-11-05 00:00:00"),
    ],
)  # fmt: skip
def test_conditions_of_every_kind_hold_for_changes_as_they_do_for_rows(
    stage: Stage, condition: RowCondition
) -> None:
    grant = granted(stage.code, delivery=Delivery(("changes",), "daily"), rows=(condition,))
    job = replace(stage, grant=grant).job(mode="cdc")
    assert stage.run() == ["done"]
    stage.sql("UPDATE kb.qy SET zczb = 250 - zczb, gxsj = gxsj - interval '3 days'")
    stage.sql(
        "UPDATE kb.qy SET mc = '企业%7' WHERE bh < 'B000004'; UPDATE kb.qy SET qh = NULL WHERE bh > 'B000200'"
    )
    assert again(stage, job) == ["done"]
    wanted = {
        "资本": "zczb >= 100", "区划": "qh = '290102'", "名称": "mc = '企业%7'", "更新": "gxsj <= '2026-11-05'",
    }[condition.name]  # fmt: skip
    expected = WANTED.replace("qh LIKE '2901%'", wanted)
    assert stage.delivered() == stage.sql(expected)
    assert delivery.job(ZHOU_HANG, job).runs[0].proven


def test_what_is_published_is_what_is_granted_and_asked_about(stage: Stage) -> None:
    stage.job(mode="cdc")
    stage.run()
    ((columns,),) = stage.sql("SELECT attnames FROM pg_publication_tables")
    assert set(columns) == {"bh", "mc", "fr", "zczb", "gxsj", "qh"}  # type: ignore[call-overload]


def test_a_grant_that_changed_is_compared_before_anything_flows(stage: Stage) -> None:
    job = stage.job(mode="cdc")
    stage.run()
    with acting(SYSTEM):
        import msgspec

        from yiwang.blocks.exchange.store.models import Grant
        from yiwang.blocks.exchange.store.rows import json_of, terms_of

        row = Grant.objects.get(pk=stage.grant)
        terms = terms_of(row.terms)
        narrower = msgspec.structs.replace(terms, rows=(*terms.rows, RowCondition("资本", "gte", "100")))
        Grant.objects.filter(pk=stage.grant).update(terms=json_of(narrower))
    assert again(stage, job) == ["done"]
    expected = WANTED.replace("WHERE", "WHERE zczb >= 100 AND")
    assert stage.delivered() == stage.sql(expected)
    run = delivery.job(ZHOU_HANG, job).runs[0]
    report = delivery.report(ZHOU_HANG, job, run.id).report
    assert report["capture"]["compared"] == ["terms"]  # type: ignore[index]


def test_rows_that_break_a_rule_wait_and_leave_quarantine_by_themselves_or_by_a_person(stage: Stage) -> None:
    job = stage.job(mode="cdc", check="own", rules=RULES)
    stage.run()
    stage.sql("UPDATE kb.qy SET zczb = -1 WHERE bh IN ('B000001', 'B000002', 'B000003', 'B000005')")
    assert again(stage, job) == ["done"]
    view = delivery.job(ZHOU_HANG, job)
    assert sorted(row.values["编号"] for row in view.held) == ["B000001", "B000002", "B000003"]
    assert len(stage.delivered()) == 197
    first = next(row for row in view.held if row.values["编号"] == "B000001")
    delivery.mend_row(ZHOU_HANG, job, first.id, {"资本": "5"}, stage.clock())
    delivery.replay_rows(ZHOU_HANG, job, stage.clock())
    assert stage.run() == ["done"]
    stage.sql(
        "UPDATE kb.qy SET zczb = 9 WHERE bh = 'B000002'; UPDATE kb.qy SET qh = '11' WHERE bh = 'B000003'"
    )
    assert again(stage, job) == ["done"]
    view = delivery.job(ZHOU_HANG, job)
    assert [(row.values["编号"], row.state) for row in view.held] == [("B000001", "replayed")]
    rows = {row[0]: row[3] for row in stage.delivered()}
    assert (rows["B000001"], rows["B000002"], "B000003" in rows) == (5, 9, False)
    assert view.runs[0].proven
    stage.sql("TRUNCATE kb.qy")
    assert again(stage, job) == ["done"]
    view = delivery.job(ZHOU_HANG, job)
    assert (stage.delivered(), view.held, view.runs[0].proven) == ([], (), True)


def test_a_job_that_follows_goes_on_until_it_is_paused_and_resumes_where_it_stopped(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = stage.job(mode="cdc", follow=True)
    turns: list[int] = []
    honest = Watch.wish

    def wish(self: Watch) -> Wish:
        if delivery.job(ZHOU_HANG, job).runs[0].lag == 0:
            turns.append(1)
            if len(turns) == 1:
                stage.sql("UPDATE kb.qy SET mc = '随到随写' WHERE bh = 'B000001'")
            elif stage.delivered()[0][1] == "随到随写":
                with acting(SYSTEM):
                    models.Run.objects.filter(state="running").update(wish="pause")
                    models.Job.objects.update(state="paused", reason="person", next_at=None)
        return honest(self)

    monkeypatch.setattr(Watch, "wish", wish)
    assert stage.run() == ["paused"]
    assert len(stage.sql(SLOTS)) == 1, "a paused job keeps its place in the log"
    stage.sql("DELETE FROM kb.qy WHERE bh = 'B000002'")
    monkeypatch.setattr(Watch, "wish", honest)
    monkeypatch.setattr(capturing, "FOLLOW_S", 1)
    delivery.change_job(
        ZHOU_HANG,
        job,
        delivery.ChangeForm("跟随", "", workdays=False, priority=5, rate=0, follow=True),
        stage.clock(),
    )
    delivery.resume_job(ZHOU_HANG, job, stage.clock())
    ended: list[str] = []

    def once() -> bool:
        return bool(ended)

    class Stopped(Ended):
        def terminate(self) -> None:
            """It has ended."""

    def here(run: int) -> Stopped:
        ended.append(delivery.run_one(run, stage.clock))
        return Stopped()

    delivery.deliver(stage.clock, here, once, 2)
    assert ended == ["done"]
    assert stage.delivered() == stage.sql(WANTED)
    view = delivery.job(ZHOU_HANG, job)
    assert view.runs[0].proven
    assert view.row.next_at == stage.clock(), "after its report it goes on"


def test_a_target_that_is_down_keeps_no_log_at_the_source(stage: Stage) -> None:
    job = stage.job(mode="cdc")
    stage.run()
    before = stage.sql("SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE database = 'ext_market'")
    stage.sql("UPDATE kb.qy SET mc = '停机期间' WHERE bh = 'B000001'")
    stage.sql(
        "CREATE FUNCTION jobs_target.public.full_disk() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN RAISE EXCEPTION USING ERRCODE = '53100'; END$$;"
        "CREATE TRIGGER full_disk BEFORE INSERT ON jobs_target.public.qy FOR EACH ROW EXECUTE FUNCTION full_disk()"
    )
    assert again(stage, job) == ["failed"]
    stage.sql("UPDATE kb.qy SET mc = '又一次' WHERE bh = 'B000003'")
    stage.clock.on(minutes=1)
    assert stage.run() == ["failed"]
    after = stage.sql("SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE database = 'ext_market'")
    assert before != after
    stage.sql("DROP TRIGGER full_disk ON jobs_target.public.qy")
    stage.clock.on(minutes=5)
    assert stage.run() == ["done"]
    assert stage.delivered() == stage.sql(WANTED)
    assert delivery.job(ZHOU_HANG, job).runs[0].proven


def test_a_slot_that_the_source_gave_up_and_a_folder_that_was_lost_are_compared(
    stage: Stage, folder: Path
) -> None:
    job = stage.job(mode="cdc")
    stage.run()
    stage.sql(f"SELECT pg_drop_replication_slot(slot_name) FROM ({SLOTS}) AS s")
    stage.sql("DELETE FROM kb.qy WHERE bh = 'B000002'")
    assert again(stage, job) == ["done"]
    assert stage.delivered() == stage.sql(WANTED)
    shutil.rmtree(folder / job)
    stage.sql("DELETE FROM kb.qy WHERE bh = 'B000003'; UPDATE kb.qy SET mc = '外' WHERE bh = 'B000005'")
    assert again(stage, job) == ["done"]
    assert stage.delivered() == stage.sql(WANTED)
    assert delivery.job(ZHOU_HANG, job).runs[0].proven
