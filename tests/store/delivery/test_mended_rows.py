"""Rows that the target refuses, on the node: mended and replayed once, they stay so with every later run."""

from __future__ import annotations

import pytest

from tests.store.delivery.cast import Stage, dies_at_the_second_look
from tests.store.exchange.cast import ZHOU_HANG
from yiwang.blocks.delivery import public as delivery
from yiwang.blocks.delivery.queries.views import HeldView, RunRow

BAD = "B000249"
"""The granted row that was written last, which an incremental run reads again."""
MODES = {"full": {}, "diff": {}, "incremental": {"cursor": "更新"}}


@pytest.fixture(params=MODES)
def mended(request: pytest.FixtureRequest, stage: Stage) -> tuple[Stage, str]:
    """A job in each mode, and its one row that the target refuses as the source holds it and takes as mended."""
    job = stage.job(mode=request.param, **MODES[request.param])
    assert stage.run() == ["done"]
    stage.sql('ALTER TABLE jobs_target.public.qy ADD CONSTRAINT small CHECK ("资本" < 1000) NOT VALID')
    stage.sql(f"UPDATE kb.qy SET zczb = 5000, fr = '欧阳某某' WHERE bh = '{BAD}'")
    assert again(stage, job).quarantined == 1
    (held,) = delivery.job(ZHOU_HANG, job).held
    assert held.reasons == ("target:23514 small",)
    assert (held.values["编号"], held.values["法人"]) == (BAD, "***")
    delivery.mend_row(ZHOU_HANG, job, held.id, {"资本": "500"}, stage.clock())
    delivery.replay_rows(ZHOU_HANG, job, stage.clock())
    assert stage.run() == ["done"]
    assert capital(stage) == [("欧***", 500)]
    return stage, job


def again(stage: Stage, job: str) -> RunRow:
    """The next day's run."""
    stage.clock.on(days=1)
    delivery.run_job(ZHOU_HANG, job, stage.clock())
    assert stage.run() == ["done"]
    run = delivery.job(ZHOU_HANG, job).runs[0]
    assert run.proven
    return run


def with_one_refused(stage: Stage) -> tuple[str, HeldView]:
    """A job, and its one row that the target refuses."""
    job = stage.job()
    stage.run()
    stage.sql('ALTER TABLE jobs_target.public.qy ADD CONSTRAINT small CHECK ("资本" < 1000) NOT VALID')
    stage.sql(f"UPDATE kb.qy SET zczb = 5000 WHERE bh = '{BAD}'")
    again(stage, job)
    (row,) = rows(job)
    return job, row


def capital(stage: Stage) -> list[tuple[object, ...]]:
    return stage.sql(f'SELECT "法人", "资本" FROM jobs_target.public.qy WHERE "编号" = \'{BAD}\'')


def rows(job: str) -> list[HeldView]:
    return list(delivery.job(ZHOU_HANG, job).held)


def test_the_mended_row_stays_in_every_later_run(mended: tuple[Stage, str]) -> None:
    stage, job = mended
    for _ in range(2):
        assert again(stage, job).quarantined == 0
        assert capital(stage) == [("欧***", 500)]
        assert len(stage.delivered()) == 200
        assert ([row.state for row in rows(job)], delivery.job(ZHOU_HANG, job).row.held) == (["replayed"], 0)


def test_a_row_that_its_source_mends_is_delivered_as_the_source_holds_it(mended: tuple[Stage, str]) -> None:
    stage, job = mended
    stage.sql(f"UPDATE kb.qy SET zczb = 900 WHERE bh = '{BAD}'")
    assert again(stage, job).quarantined == 0
    assert capital(stage) == [("欧***", 900)]
    if delivery.job(ZHOU_HANG, job).row.mode != "incremental":
        assert rows(job) == []


def test_a_mending_that_the_target_refuses_later_waits_for_a_person_again(mended: tuple[Stage, str]) -> None:
    stage, job = mended
    stage.sql('ALTER TABLE jobs_target.public.qy ADD CONSTRAINT smaller CHECK ("资本" < 400) NOT VALID')
    assert again(stage, job).quarantined == 1
    assert capital(stage) == []
    (row,) = rows(job)
    assert (row.state, row.reasons) == ("mended", ("target:23514 smaller",))
    assert delivery.job(ZHOU_HANG, job).row.held == 1
    delivery.mend_row(ZHOU_HANG, job, row.id, {"资本": "300"}, stage.clock())
    delivery.replay_rows(ZHOU_HANG, job, stage.clock())
    assert stage.run() == ["done"]
    assert again(stage, job).quarantined == 0
    assert capital(stage) == [("欧***", 300)]


def test_a_row_that_is_left_out_stays_out(stage: Stage) -> None:
    job, row = with_one_refused(stage)
    delivery.discard_row(ZHOU_HANG, job, row.id, "来源已注销", stage.clock())
    assert again(stage, job).quarantined == 1
    assert (rows(job)[0].state, capital(stage)) == ("discarded", [])


def test_a_key_cannot_be_mended(stage: Stage) -> None:
    job, row = with_one_refused(stage)
    delivery.mend_row(ZHOU_HANG, job, row.id, {"编号": "B000001", "资本": "5"}, stage.clock())
    delivery.replay_rows(ZHOU_HANG, job, stage.clock())
    stage.run()
    assert (rows(job)[0].state, rows(job)[0].reasons) == ("mended", ("mend:key",))
    assert ("B000001", "企业%1") in [one[:2] for one in stage.delivered()]


def test_a_worker_that_dies_midway_loses_no_mended_row(
    mended: tuple[Stage, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, job = mended
    stage.sql("UPDATE kb.qy SET gxsj = (SELECT max(gxsj) FROM kb.qy), zczb = zczb + 1 WHERE bh < 'B000200'")
    dies_at_the_second_look(monkeypatch)
    delivery.run_job(ZHOU_HANG, job, stage.clock.on(days=1))
    with pytest.raises(KeyboardInterrupt):
        stage.run()
    assert stage.run() == ["done"]
    run = delivery.job(ZHOU_HANG, job).runs[0]
    assert (run.attempts, run.proven, run.quarantined) == (2, True, 0)
    assert capital(stage) == [("欧***", 500)]
    assert [row.state for row in rows(job)] == ["replayed"]
