"""A grant that asks for a case number with each use: a job names one, and each of its runs has it in the evidence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.store.delivery.cast import Stage, granted
from tests.store.delivery.test_runs import events
from tests.store.exchange.cast import WANG_MIN, ZHOU_HANG
from yiwang.blocks.delivery import public as delivery
from yiwang.blocks.delivery.domain.casing import case_problems
from yiwang.blocks.delivery.store import models
from yiwang.blocks.exchange.public import SYSTEM
from yiwang.blocks.identity.public import acting

CASE = "低保〔2026〕123 号"


@pytest.fixture
def asking(stage: Stage) -> Stage:
    return replace(stage, grant=granted(stage.code, case_required=True))


def change(case: str | None) -> delivery.ChangeForm:
    return delivery.ChangeForm("每晚同步", "", workdays=False, priority=5, rate=0, case=case)


def wrong(stage: Stage, case: str) -> set[str]:
    with pytest.raises(delivery.DeliveryInvalid) as told:
        stage.job(case=case)
    return {problem.where for problem in told.value.problems}


def test_a_case_number_has_the_form_that_gateways_take() -> None:
    for good in ("DB-2026-000123", CASE, "a", "案" * 100):
        assert case_problems(good, "item:1001", required=True) == []
    for bad in ("a;b", "a;case=b", "a\nb", " a", "x" * 101, "\ud800", "\0"):
        assert [one.where for one in case_problems(bad, "item:1001", required=False)] == ["case"]
    assert case_problems("", "item:1001", required=False) == []
    assert case_problems("", "item:1001", required=True)


def test_a_job_without_a_case_or_with_a_wrong_one_is_not_made(asking: Stage) -> None:
    for case in ("", "  ", "a;b", "x" * 101):
        assert wrong(asking, case) == {"case"}
    with acting(SYSTEM):
        assert not models.Job.objects.exists()


def test_the_case_stands_in_the_evidence_of_each_run_and_can_be_changed(asking: Stage) -> None:
    job = asking.job(case=f" {CASE} ")
    assert asking.run() == ["done"]
    assert delivery.job(ZHOU_HANG, job).row.case == delivery.job(WANG_MIN, job).row.case == CASE
    with pytest.raises(delivery.DeliveryInvalid):
        delivery.change_job(ZHOU_HANG, job, change("a;b"), asking.clock())
    with pytest.raises(delivery.DeliveryInvalid):
        delivery.change_job(ZHOU_HANG, job, change(""), asking.clock())
    delivery.change_job(ZHOU_HANG, job, change(None), asking.clock())
    assert delivery.job(ZHOU_HANG, job).row.case == CASE
    delivery.change_job(ZHOU_HANG, job, change("DB-2"), asking.clock())
    delivery.run_job(ZHOU_HANG, job, asking.clock.on(days=1))
    assert asking.run() == ["done"]
    assert [leaf["purpose"] for leaf in events("table-delivered")] == [
        f"item:1001;case={CASE}", "item:1001;case=DB-2",
    ]  # fmt: skip


def test_a_job_that_has_no_case_stops_with_what_to_do(asking: Stage) -> None:
    """It was made before its grant came to ask for one."""
    job = asking.job(case=CASE)
    with acting(SYSTEM):
        models.Job.objects.update(case="")
    assert asking.run() == ["failed"]
    row = delivery.job(ZHOU_HANG, job).row
    assert (row.state, row.reason) == ("failed", "delivery-case-needed")
    assert asking.sql("SELECT count(*) FROM jobs_target.pg_tables WHERE tablename = 'qy'") == [(0,)]
    assert delivery.case_asked(ZHOU_HANG, job)
    delivery.change_job(ZHOU_HANG, job, change(CASE), asking.clock())
    delivery.run_job(ZHOU_HANG, job, asking.clock())
    assert asking.run() == ["done"]
    assert len(asking.delivered()) == 200


def test_a_case_may_be_named_where_none_is_asked_for(stage: Stage) -> None:
    job = stage.job(case="DB-1")
    assert not delivery.case_asked(ZHOU_HANG, job)
    assert stage.run() == ["done"]
    (leaf,) = events("table-delivered")
    assert leaf["purpose"] == "item:1001;case=DB-1"
    assert wrong(stage, "a;b") == {"case"}
