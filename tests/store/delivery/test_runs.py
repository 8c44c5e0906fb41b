"""Runs with the real engine: what the grant allows reaches the target, proven; nothing else does."""

from __future__ import annotations

from tests.store.delivery.cast import Stage
from tests.store.exchange.cast import ZHOU_HANG
from yiwang.blocks.delivery import public as delivery


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
    assert report.evidence.startswith("evt-")
