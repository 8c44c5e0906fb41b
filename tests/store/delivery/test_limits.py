"""Who may not: outsiders, other agencies, grants that are over or another's, hosts that are not listed, fields not granted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.store.delivery.cast import Stage, granted, target_form
from tests.store.exchange.cast import AUDITOR, CHEN_CHEN, NOW, OPERATOR, WANG_MIN, ZHAO_JING, ZHOU_HANG
from yiwang.blocks.delivery import public as delivery
from yiwang.blocks.delivery.public import JobForm
from yiwang.blocks.delivery.store import models
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import Delivery, GrantUnknown
from yiwang.blocks.identity.public import Actor, acting
from yiwang.dataplane.connectors.errors import HostNotAllowed
from yiwang.vocabulary.errors import YwError


def refused(error: pytest.ExceptionInfo[YwError]) -> str:
    return error.value.code


def form(stage: Stage, **changes: object) -> JobForm:
    return replace(JobForm(stage.grant, stage.target, "试", "qy"), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("person", [ZHAO_JING, CHEN_CHEN])
def test_an_outsider_sees_no_job_no_target_and_no_row(stage: Stage, person: Actor) -> None:
    job = stage.job()
    stage.run()
    run = delivery.job(ZHOU_HANG, job).runs[0].id
    for look in (
        lambda: delivery.job(person, job),
        lambda: delivery.report(person, job, run),
        lambda: delivery.held_row(person, job, 1),
        lambda: delivery.pause_job(person, job, NOW),
    ):
        with pytest.raises(YwError) as error:
            look()
        assert refused(error) == "delivery-job-unknown"
    assert delivery.jobs(person).rows == ()
    assert delivery.targets(person) == ()
    with acting(person):  # and the database says the same where a query forgot
        for model in (models.Job, models.Run, models.Target, models.HeldRow):
            assert not model.objects.exists()


def test_the_provider_watches_but_takes_no_step(stage: Stage) -> None:
    job = stage.job()
    for step in (
        delivery.run_job,
        delivery.pause_job,
        delivery.end_job,
        delivery.cancel_run,
        delivery.replay_rows,
    ):
        with pytest.raises(YwError) as error:
            step(WANG_MIN, job, NOW)
        assert refused(error) == "delivery-not-allowed"
    assert delivery.job(WANG_MIN, job).allowed == frozenset()
    with acting(WANG_MIN):
        assert not models.Target.objects.exists()


def test_operators_may_pause_and_auditors_may_look(stage: Stage) -> None:
    job = stage.job()
    assert delivery.job(AUDITOR, job).allowed == frozenset()
    assert delivery.job(OPERATOR, job).allowed == {"pause", "cancel"}
    delivery.pause_job(OPERATOR, job, NOW)
    assert delivery.job(OPERATOR, job).row.state == "paused"
    assert stage.run() == []


def test_another_agencys_grant_is_unknown_and_the_providers_own_is_refused(stage: Stage) -> None:
    with pytest.raises(GrantUnknown):
        delivery.create_job(ZHAO_JING, form(stage), NOW)
    with pytest.raises(YwError) as error:
        delivery.create_job(WANG_MIN, form(stage), NOW)
    assert refused(error) == "delivery-not-allowed"


def test_another_agencys_target_is_unknown(stage: Stage) -> None:
    with pytest.raises(YwError) as error:
        delivery.create_job(ZHOU_HANG, form(stage, target="T-2026-000099"), NOW)
    assert refused(error) == "delivery-target-unknown"


def test_no_job_is_made_under_a_revoked_or_expired_grant(stage: Stage) -> None:
    with pytest.raises(YwError) as error:
        delivery.create_job(ZHOU_HANG, form(stage), NOW + timedelta(days=366))
    assert refused(error) == "delivery-grant-over"
    exchange.revoke_grant(WANG_MIN, stage.grant, "收回", NOW)
    with pytest.raises(YwError) as error:
        delivery.create_job(ZHOU_HANG, form(stage), NOW)
    assert refused(error) == "delivery-grant-over"


def test_an_expired_grant_runs_no_job_although_nobody_marked_it(stage: Stage) -> None:
    job = stage.job()
    stage.clock.on(days=366)
    assert stage.run() == ["failed"]
    assert delivery.job(ZHOU_HANG, job).runs[0].error == "delivery-grant-over"


def test_a_grant_of_calls_alone_makes_no_job(stage: Stage) -> None:
    from yiwang.blocks.exchange.public import LookupForm

    calls = granted(stage.code, modes=("query",), lookups=(LookupForm("编号"),), delivery=None)
    with pytest.raises(YwError) as error:
        delivery.create_job(ZHOU_HANG, form(stage, grant=calls), NOW)
    assert refused(error) == "delivery-grant-not-table"


def test_a_job_goes_not_beyond_the_grant(stage: Stage) -> None:
    narrow = granted(stage.code, delivery=Delivery(("full", "incremental"), "weekly"))

    def places(**changes: object) -> set[str]:
        with pytest.raises(delivery.DeliveryInvalid) as error:
            delivery.create_job(ZHOU_HANG, form(stage, grant=narrow, **changes), NOW)
        return {problem.where for problem in error.value.problems}

    assert places(mode="diff") == {"mode"}
    assert places(mode="incremental", cursor="密级") == {"cursor"}  # an item that was not granted
    assert places(mode="incremental", cursor="法人") == {"cursor"}  # masked
    assert places(cron="30 22 * * *") == {"cron"}  # more often than weekly
    assert places(table='qy"; DROP TABLE x') == {"table"}
    assert places(table="public.yw_transfer_job") == {"table"}
    assert places(check="own", rules="rules: 3") == {"rules"}
    assert delivery.create_job(ZHOU_HANG, form(stage, grant=narrow, cron="0 6 * * 1"), NOW)


def test_a_masked_key_makes_no_job(stage: Stage) -> None:
    terms = exchange.grant(ZHOU_HANG, stage.grant, NOW).terms
    import msgspec

    from yiwang.blocks.exchange.public import GrantedField
    from yiwang.blocks.exchange.store.models import Grant
    from yiwang.blocks.exchange.store.rows import SYSTEM, json_of

    masked = msgspec.structs.replace(terms, fields=(GrantedField("编号", "hidden"), *terms.fields[1:]))
    with acting(SYSTEM):
        Grant.objects.filter(pk=stage.grant).update(terms=json_of(masked))
    with pytest.raises(YwError) as error:
        delivery.create_job(ZHOU_HANG, form(stage), NOW)
    assert refused(error) == "delivery-key-not-granted"


@pytest.mark.parametrize("host", ["169.254.169.254", "10.0.0.1", "/var/run/postgresql", "127.0.0.1,10.0.0.1"])
def test_a_target_off_the_operators_list_is_refused_before_any_connection(stage: Stage, host: str) -> None:
    with pytest.raises(HostNotAllowed):
        delivery.add_target(ZHOU_HANG, replace(target_form(stage.server), name="外", host=host), NOW)


def test_a_host_that_left_the_list_stops_the_next_run(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    job = stage.job()
    monkeypatch.setenv("YW_SOURCE_HOSTS", "10.9.9.9")
    assert stage.run() == ["failed"]
    assert delivery.job(ZHOU_HANG, job).runs[0].error == "connector-host-not-allowed"


def test_a_target_keeps_no_password_in_the_clear_and_is_removed_only_unused(stage: Stage) -> None:
    stage.job()
    with acting(ZHOU_HANG):
        assert "writes" not in models.Target.objects.get().sealed_password
    with pytest.raises(YwError) as error:
        delivery.remove_target(ZHOU_HANG, stage.target, NOW)
    assert refused(error) == "delivery-target-in-use"


def test_an_ended_job_takes_no_step_and_its_quarantine_is_destroyed(stage: Stage) -> None:
    job = stage.job()
    delivery.end_job(ZHOU_HANG, job, NOW)
    assert stage.run() == []
    with pytest.raises(YwError) as error:
        delivery.run_job(ZHOU_HANG, job, NOW)
    assert refused(error) == "delivery-job-state-wrong"
