"""What goes wrong in the middle of a run on the server: it goes on by itself, or says to whom it matters what to do."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from tests.store.delivery.cast import Stage
from tests.store.exchange.cast import WANG_MIN, ZHOU_HANG
from yiwang.blocks.delivery import public as delivery
from yiwang.blocks.delivery.actions.watching import Watch
from yiwang.blocks.exchange import public as exchange
from yiwang.dataplane.transfer.keeping import Wish

WANTED = "SELECT bh, mc, '王**', zczb, gxsj FROM kb.qy WHERE qh LIKE '2901%' ORDER BY bh"
Between = Callable[[Callable[[], object]], None]


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch) -> Between:
    """Have something happen between the first chunk and the second."""

    def planned(happens: Callable[[], object]) -> None:
        asked: list[int] = []
        honest = Watch.wish

        def wish(self: Watch) -> Wish:
            asked.append(1)
            if len(asked) == 2:
                happens()
            return honest(self)

        monkeypatch.setattr(Watch, "wish", wish)

    return planned


def test_a_source_that_restarts_within_a_run_is_tried_again_by_the_clock(
    stage: Stage, both: psycopg.Connection, between: Between
) -> None:
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'ext_reader'"
    between(lambda: both.execute(ended))
    job = stage.job()
    assert stage.run(chunk_rows=20) == ["failed"], "more chunks than the one that is read ahead"
    row = delivery.job(ZHOU_HANG, job).row
    assert row.state == "active"
    assert row.next_at == stage.clock.on(minutes=1)
    assert stage.run(chunk_rows=20) == ["done"]
    run = delivery.job(ZHOU_HANG, job).runs[0]
    assert (run.cause, run.proven, run.passed) == ("retry", True, 200)
    assert stage.delivered() == stage.sql(WANTED)


def test_a_target_without_room_keeps_whole_chunks_and_the_job_tries_again_then_tells(
    stage: Stage, between: Between
) -> None:
    full = (
        "CREATE FUNCTION jobs_target.public.full_disk() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN RAISE EXCEPTION USING ERRCODE = '53100'; END$$;"
        "CREATE TRIGGER full_disk BEFORE INSERT ON jobs_target.public.qy FOR EACH ROW EXECUTE FUNCTION full_disk()"
    )
    between(lambda: stage.sql(full))
    job = stage.job()
    assert stage.run() == ["failed"]
    view = delivery.job(ZHOU_HANG, job)
    assert (view.runs[0].error, len(stage.delivered())) == ("transfer-target-refused", 100)
    assert "53100" in view.runs[0].error_zh
    for wait in (1, 5, 15):
        assert delivery.job(ZHOU_HANG, job).row.state == "active"
        stage.clock.on(minutes=wait)
        assert stage.run() == ["failed"]
    assert delivery.job(ZHOU_HANG, job).row.state == "failed"
    assert "table-failed" in [one.kind for one in exchange.notices(ZHOU_HANG).rows]
    assert len(stage.delivered()) == 100
    stage.sql("DROP TRIGGER full_disk ON jobs_target.public.qy")
    delivery.run_job(ZHOU_HANG, job, stage.clock())
    assert stage.run() == ["done"]
    assert stage.delivered() == stage.sql(WANTED)


def test_a_source_that_is_altered_within_a_run_gives_one_state(stage: Stage, between: Between) -> None:
    before = stage.sql(WANTED)
    between(
        lambda: stage.sql(
            "UPDATE kb.qy SET zczb = -1 WHERE bh > 'B000100'; DELETE FROM kb.qy WHERE bh = 'B000200'"
        )
    )
    job = stage.job()
    assert stage.run() == ["done"]
    assert stage.delivered() == before
    stage.clock.on(days=1)
    delivery.run_job(ZHOU_HANG, job, stage.clock())
    assert stage.run() == ["done"]
    assert stage.delivered() == stage.sql(WANTED)


def test_a_source_that_is_narrowed_while_a_run_is_half_done_pauses_it_and_tells_both(
    stage: Stage, between: Between
) -> None:
    job = stage.job()
    between(lambda: delivery.pause_job(ZHOU_HANG, job, stage.clock()))
    assert stage.run() == ["paused"]
    stage.sql("ALTER TABLE kb.qy ALTER COLUMN mc TYPE varchar(20)")
    delivery.resume_job(ZHOU_HANG, job, stage.clock())
    assert stage.run() == ["failed"]
    row = delivery.job(ZHOU_HANG, job).row
    assert (row.state, row.reason, len(stage.delivered())) == ("paused", "schema", 100)
    assert "名称" in row.reason_zh
    for person in (ZHOU_HANG, WANG_MIN):
        assert "table-schema-narrowed" in [one.kind for one in exchange.notices(person).rows]
    assert stage.run() == []  # nothing runs until a person decides
    delivery.accept_schema(ZHOU_HANG, job, stage.clock())
    assert stage.run() == ["done"]
    assert stage.delivered() == stage.sql(WANTED)
