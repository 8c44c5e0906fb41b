"""Runs with the real engine: what the grant allows reaches the target, proven; nothing else does, and nothing twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from tests.store.delivery.cast import RULES, Clock, Ended, Stage, dies_at_the_second_look
from tests.store.exchange.cast import WANG_MIN, ZHOU_HANG
from yiwang.blocks.delivery import public as delivery
from yiwang.blocks.delivery import tasks
from yiwang.blocks.delivery.actions import running
from yiwang.blocks.delivery.actions.watching import Watch
from yiwang.blocks.delivery.store import models
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import SYSTEM
from yiwang.blocks.identity.public import acting
from yiwang.dataplane.transfer.keeping import Wish


def events(name: str) -> list[dict[str, object]]:
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("SELECT entry FROM journal_outbox ORDER BY id")
        import msgspec

        found = [msgspec.json.decode(text, type=dict[str, object]) for (text,) in cursor.fetchall()]
        cursor.execute("SET LOCAL ROLE delivery_test_app")
    return [one for one in found if one["event"] == name]


def test_a_job_delivers_the_granted_fields_and_rows_masked_and_proves_it(stage: Stage) -> None:
    job = stage.job()
    assert stage.run() == ["done"]
    rows = stage.delivered()
    assert len(rows) == 200
    assert rows[0][:3] == ("B000001", "企业%1", "王**")
    assert stage.sql(
        "SELECT count(*) FROM jobs_target.information_schema.columns WHERE table_name = 'qy'"
    ) == [(5,)]
    run = delivery.job(ZHOU_HANG, job).runs[0]
    assert (run.state, run.proven, run.passed, run.quarantined, run.chunk) == ("done", True, 200, 0, 3)
    report = delivery.report(ZHOU_HANG, job, run.id)
    assert report.digest == run.digest
    (leaf,) = events("table-delivered")
    assert leaf["request_id"] == report.evidence
    assert (leaf["consumer"], leaf["provider"], leaf["grant"], leaf["purpose"]) == (
        ZHOU_HANG.agency, WANG_MIN.agency, stage.grant, "item:1001",
    )  # fmt: skip
    detail = leaf["detail"]
    assert isinstance(detail, dict)
    assert (detail["rows"], detail["report"]) == (200, run.digest)


def test_the_provider_sees_the_job_and_its_proof_but_neither_target_nor_quarantine(stage: Stage) -> None:
    job = stage.job(check="own", rules=RULES.replace("min: 0", "min: 100"))
    stage.run()
    view = delivery.job(WANG_MIN, job)
    assert (view.row.held, view.held, view.target, view.target_table) == (53, (), "", "")
    report = delivery.report(WANG_MIN, job, view.runs[0].id).report
    assert (report["target"], report["target_table"]) == ("", "")


def test_incremental_delivery_moves_only_what_is_new(stage: Stage) -> None:
    job = stage.job(mode="incremental", cursor="更新")
    stage.run()
    stage.sql(
        "INSERT INTO kb.qy VALUES ('C1', '新企业', '李', '290102', 1, '2026-12-01', ''),"
        " ('C2', '外地', '李', '110101', 1, '2026-12-01', '')"
    )
    stage.clock.on(days=1)
    delivery.run_job(ZHOU_HANG, job, stage.clock())
    stage.run()
    assert [row[0] for row in stage.delivered()][-1] == "C1"
    assert delivery.job(ZHOU_HANG, job).runs[0].passed == 2  # the row at the cursor is read again


def test_a_row_that_breaks_a_rule_waits_and_is_mended_and_replayed(stage: Stage) -> None:
    stage.sql("UPDATE kb.qy SET zczb = -5 WHERE bh = 'B000003'")
    job = stage.job(check="own", rules=RULES)
    stage.run()
    (held,) = delivery.job(ZHOU_HANG, job).held
    assert held.reasons == ("rule:capital",)
    assert held.values["编号"] == "B000003"
    assert held.values["法人"] == "***"
    assert held.values["名称"] == "企***（4）"
    delivery.mend_row(ZHOU_HANG, job, held.id, {"资本": "-1"}, stage.clock())
    delivery.replay_rows(ZHOU_HANG, job, stage.clock())
    stage.run()
    assert len(stage.delivered()) == 199  # it still breaks the rule
    delivery.mend_row(ZHOU_HANG, job, held.id, {"资本": "5"}, stage.clock())
    delivery.replay_rows(ZHOU_HANG, job, stage.clock())
    assert stage.run() == ["done"]
    assert len(stage.delivered()) == 200
    assert delivery.job(ZHOU_HANG, job).row.held == 0
    stage.clock.on(days=1)
    delivery.run_job(ZHOU_HANG, job, stage.clock())
    stage.run()
    run = delivery.job(ZHOU_HANG, job).runs[0]
    assert (run.proven, run.passed, run.quarantined) == (True, 200, 0)  # what was mended stays so


def test_the_resources_own_quality_rules_are_judged_on_the_way(stage: Stage) -> None:
    from yiwang.blocks.quality import public as quality

    stage.sql("UPDATE kb.qy SET gxsj = '2099-01-01' WHERE bh = 'B000003'")
    quality.follow_mounts(stage.clock())
    job = stage.job(check="resource")
    assert stage.run() == ["done"], delivery.job(ZHOU_HANG, job).runs[0].error
    assert delivery.job(ZHOU_HANG, job).runs[0].proven


def test_a_row_in_quarantine_is_sealed_in_the_database(stage: Stage) -> None:
    stage.sql("UPDATE kb.qy SET zczb = -5, fr = '欧阳某某' WHERE bh = 'B000003'")
    stage.job(check="own", rules=RULES)
    stage.run()
    with acting(SYSTEM):
        row = models.HeldRow.objects.get()
        assert "欧阳".encode() not in bytes(row.sealed)
        assert b"B000003" not in bytes(row.sealed)


def test_a_discarded_row_stays_out_with_its_reason(stage: Stage) -> None:
    stage.sql("UPDATE kb.qy SET zczb = -5 WHERE bh = 'B000003'")
    job = stage.job(check="own", rules=RULES)
    stage.run()
    (held,) = delivery.job(ZHOU_HANG, job).held
    with pytest.raises(delivery.DeliveryInvalid):
        delivery.discard_row(ZHOU_HANG, job, held.id, " ", stage.clock())
    delivery.discard_row(ZHOU_HANG, job, held.id, "来源已注销", stage.clock())
    (left,) = delivery.job(ZHOU_HANG, job).held
    assert (left.state, left.text, delivery.job(ZHOU_HANG, job).row.held) == ("discarded", "来源已注销", 0)


def test_a_revoked_grant_stops_the_job_at_the_next_chunk(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = stage.job()
    asked: list[int] = []
    honest = Watch.wish

    def wish(self: Watch) -> Wish:
        asked.append(1)
        if len(asked) == 2:
            exchange.revoke_grant(WANG_MIN, stage.grant, "用途不再存在", stage.clock())
        return honest(self)

    monkeypatch.setattr(Watch, "wish", wish)
    assert stage.run() == ["failed"]
    view = delivery.job(ZHOU_HANG, job)
    assert (view.row.state, view.runs[0].error) == ("failed", "delivery-grant-over")
    assert len(stage.delivered()) == 100  # one chunk stands, and is in the evidence
    (leaf,) = events("table-delivered")
    detail = leaf["detail"]
    assert isinstance(detail, dict)
    assert (detail["rows"], detail["error"]) == (100, "delivery-grant-over")


def test_a_suspended_service_lets_the_job_wait(stage: Stage) -> None:
    job = stage.job()
    with acting(WANG_MIN):
        (source,) = [row.id for row in exchange.sources(WANG_MIN)]
    exchange.suspend_source(WANG_MIN, source, "维护", stage.clock())
    assert stage.run() == ["failed"]
    row = delivery.job(ZHOU_HANG, job).row
    assert (row.state, row.reason, row.next_at) == (
        "active", "delivery-resource-stopped", stage.clock() + timedelta(hours=1),
    )  # fmt: skip


def test_a_person_pauses_between_chunks_and_the_job_goes_on_where_it_was(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = stage.job()
    asked: list[int] = []
    honest = Watch.wish

    def wish(self: Watch) -> Wish:
        asked.append(1)
        if len(asked) == 2:
            delivery.pause_job(ZHOU_HANG, job, stage.clock())
        return honest(self)

    monkeypatch.setattr(Watch, "wish", wish)
    assert stage.run() == ["paused"]
    assert len(stage.delivered()) == 100
    delivery.resume_job(ZHOU_HANG, job, stage.clock())
    assert stage.run() == ["done"]
    run = delivery.job(ZHOU_HANG, job).runs[0]
    assert (run.proven, len(stage.delivered())) == (True, 200)
    chunks = delivery.report(ZHOU_HANG, job, run.id).report["chunks"]
    assert isinstance(chunks, list)
    assert [one["action"] for one in chunks] == ["compared", "written", "written"]


def test_a_worker_that_dies_goes_on_at_the_checkpoint_and_writes_nothing_twice(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = stage.job()
    dies_at_the_second_look(monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        stage.run()
    assert delivery.job(ZHOU_HANG, job).runs[0].state == "running"
    assert stage.run() == ["done"]
    run = delivery.job(ZHOU_HANG, job).runs[0]
    assert (run.attempts, run.proven, run.passed) == (2, True, 200)
    assert stage.sql("SELECT count(*), count(DISTINCT 编号) FROM jobs_target.public.qy") == [(200, 200)]


def test_a_job_whose_process_lives_is_not_started_again(stage: Stage) -> None:
    job = stage.job()
    with acting(SYSTEM):
        models.Run.objects.update(state="running")
    import psycopg

    settings = connection.settings_dict
    with psycopg.connect(
        host=settings["HOST"], port=settings["PORT"], user=settings["USER"], password=settings["PASSWORD"],
        dbname=settings["NAME"], autocommit=True,
    ) as other:  # fmt: skip
        other.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", (running.LOCK, job))
        assert stage.run() == []
    assert stage.run() == ["done"]


def test_a_run_that_never_begins_ends_as_a_fault(stage: Stage) -> None:
    job = stage.job()

    def broken(run: int) -> Ended:
        del run
        return Ended()

    delivery.deliver(stage.clock, broken, lambda: False, 1)
    assert delivery.job(ZHOU_HANG, job).row.state == "failed"


def test_a_narrowed_source_pauses_the_job_and_tells_both_sides(stage: Stage) -> None:
    job = stage.job()
    stage.run()
    stage.sql("ALTER TABLE kb.qy DROP COLUMN zczb")
    stage.clock.on(days=1)
    delivery.run_job(ZHOU_HANG, job, stage.clock())
    assert stage.run() == ["failed"]
    row = delivery.job(ZHOU_HANG, job).row
    assert (row.state, row.reason) == ("paused", "schema")
    assert "资本" in row.reason_zh
    for person in (ZHOU_HANG, WANG_MIN):
        kinds = [one.kind for one in exchange.notices(person).rows]
        assert "table-schema-narrowed" in kinds
    with pytest.raises(delivery.DeliveryError):
        delivery.resume_job(ZHOU_HANG, job, stage.clock())
    delivery.accept_schema(ZHOU_HANG, job, stage.clock())
    assert stage.run() == ["done"]


def test_an_additive_change_does_not_widen_what_was_granted(stage: Stage) -> None:
    job = stage.job()
    stage.run()
    stage.sql("ALTER TABLE kb.qy ADD COLUMN sjh varchar(20) DEFAULT '13800000000'")
    stage.sql("ALTER TABLE kb.qy ALTER COLUMN mc TYPE varchar(300)")
    stage.clock.on(days=1)
    delivery.run_job(ZHOU_HANG, job, stage.clock())
    assert stage.run() == ["done"]
    assert len(stage.delivered()[0]) == 5


def test_the_clock_runs_what_is_due_once_and_the_most_urgent_first(stage: Stage) -> None:
    late = stage.job(cron="30 22 * * *", workdays=True, priority=8)
    form = delivery.JobForm(stage.grant, stage.target, "急", "qy2", cron="30 22 * * *", priority=1)
    first = delivery.create_job(ZHOU_HANG, form, stage.clock())
    stage.run()
    due = delivery.job(ZHOU_HANG, late).row.next_at
    assert due is not None
    assert due.isoformat() == "2026-11-20T14:30:00+00:00"  # 22:30 in China
    stage.clock.at = due + timedelta(minutes=1)
    with acting(SYSTEM):
        models.Job.objects.update(delivered_at=stage.clock.at - timedelta(days=1))
    order: list[str] = []

    def here(run: int) -> Ended:
        with acting(SYSTEM):
            order.append(models.Run.objects.get(pk=run).job_id)
        delivery.run_one(run, stage.clock)
        return Ended()

    delivery.deliver(stage.clock, here, lambda: False, 1)
    assert order == [first, late]
    # Saturday and Sunday are off, for the job that keeps working days
    again = delivery.job(ZHOU_HANG, late).row.next_at
    assert again is not None
    assert again.isoformat() == "2026-11-23T14:30:00+00:00"


def test_a_second_delivery_in_the_granted_period_is_refused(stage: Stage) -> None:
    job = stage.job()
    stage.run()
    delivery.run_job(ZHOU_HANG, job, stage.clock.on(hours=1))
    assert stage.run() == ["failed"]
    view = delivery.job(ZHOU_HANG, job)
    assert (view.runs[0].error, view.row.state) == ("delivery-too-often", "active")


def test_two_dispatchers_are_one(stage: Stage) -> None:
    stage.job()
    import psycopg

    settings = connection.settings_dict
    with psycopg.connect(
        host=settings["HOST"], port=settings["PORT"], user=settings["USER"], password=settings["PASSWORD"],
        dbname=settings["NAME"], autocommit=True,
    ) as other:  # fmt: skip
        other.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", (tasks.DISPATCHING, ""))
        assert delivery.deliver(Clock(), lambda run: Ended(), lambda: False, 1) == 0
