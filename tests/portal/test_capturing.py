"""Change capture through the pages: offered where the grant has changes, refused beside its field, watched, cancelled."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.utils import timezone

from tests.conftest import Server
from tests.portal.conftest import Browser
from tests.store.capturing.conftest import logged
from tests.store.delivery import cast
from tests.store.delivery.cast import granted, mounted, target_form
from tests.store.delivery.conftest import both
from tests.store.exchange.cast import WANG_MIN, ZHAO_JING, ZHOU_HANG
from yiwang.blocks.delivery import public as delivery
from yiwang.blocks.exchange.public import Delivery, SourceForm

__all__ = ["both", "logged"]
pytestmark = pytest.mark.django_db(transaction=True)
FORM = {
    "name": "随时同步", "table": "qy", "mode": "cdc", "when": "follow", "at": "22:30", "weekday": "1", "monthday": "1",
    "priority": "5", "check": "none", "do": "run",
}  # fmt: skip


@pytest.fixture
def code(
    logged: psycopg.Connection, external: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> str:
    del logged
    monkeypatch.setattr(settings, "YW_DATA", tmp_path)
    monkeypatch.setattr(cast, "NOW", timezone.now())
    source = SourceForm(
        "业务库", external.host, "ext_market", "ext_logged", "logs", external.port, accept_writable=True
    )
    return mounted(source)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_job_that_captures_is_made_watched_and_cancelled_on_the_pages(
    browser: Browser, code: str, external: Server, language: str
) -> None:
    grant = granted(code, delivery=Delivery(("changes",), "monthly"))
    target = delivery.add_target(ZHOU_HANG, target_form(external), timezone.now())
    me, new = browser(ZHOU_HANG, language), f"/jobs/new/?grant={grant}"
    form = me.get(new).content.decode()
    assert 'value="cdc"' in form
    assert 'value="full"' not in form
    assert ("不间断" if language == "zh-hans" else "Continuously") in form
    answer = me.post(new, FORM | {"target": target})
    assert answer.status_code == 302
    page = me.get(answer["location"]).content.decode()
    assert ("来源上的复制槽" if language == "zh-hans" else "Slot at the source") in page
    (row,) = delivery.jobs(ZHOU_HANG).rows
    assert (row.mode, row.follow, row.run is not None) == ("cdc", True, True)
    delivery.change_job(
        ZHOU_HANG,
        row.id,
        delivery.ChangeForm("随时同步", "", workdays=False, priority=5, rate=0),
        timezone.now(),
    )
    assert row.run is not None
    assert delivery.run_one(row.run.id, timezone.now) == "done"
    shown = browser(WANG_MIN, language).get(answer["location"]).content.decode()
    assert "yw_j_" in shown, "the provider sees which slot stands at its source"
    report = me.get(f"/jobs/{row.id}/runs/{row.run.id}/").content.decode()
    assert ("来自日志的变更" if language == "zh-hans" else "Changes from the log") in report
    change = f"/jobs/{row.id}/change/"
    assert 'value="follow"' in me.get(change).content.decode()
    assert me.post(change, FORM | {"when": "follow"}).status_code == 302
    assert delivery.job(ZHOU_HANG, row.id).row.follow
    assert browser(ZHAO_JING).get(answer["location"]).status_code == 404
    assert me.post(f"/jobs/{row.id}/end/").status_code == 302
    delivery.deliver(timezone.now, never, lambda: False, 1)
    page = me.get(answer["location"]).content.decode()
    assert "yw_j_" not in page


def never(run: int) -> cast.Ended:
    raise AssertionError(run)


def test_what_the_source_cannot_is_said_beside_the_mode_and_a_grant_without_changes_offers_none(
    browser: Browser, code: str, external: Server, logged: psycopg.Connection
) -> None:
    target = delivery.add_target(ZHOU_HANG, target_form(external), timezone.now())
    grant = granted(code, delivery=Delivery(("full", "changes"), "daily"))
    logged.execute("ALTER ROLE ext_logged NOREPLICATION")
    me = browser(ZHOU_HANG, "en")
    answer = me.post(f"/jobs/new/?grant={grant}", FORM | {"target": target})
    assert answer.status_code == 422
    assert "REPLICATION" in answer.content.decode()
    answer = me.post(f"/jobs/new/?grant={grant}", FORM | {"target": target, "mode": "full"})
    assert answer.status_code == 422
    assert "Only a job that captures changes" in answer.content.decode()
    plain = granted(code, delivery=Delivery(("full",), "daily"))
    page = me.get(f"/jobs/new/?grant={plain}").content.decode()
    assert 'value="cdc"' not in page
    assert 'value="follow"' not in page
    assert me.post(f"/jobs/new/?grant={plain}", FORM | {"target": target}).status_code == 422
    assert delivery.jobs(ZHOU_HANG).total == 0


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_run_that_failed_says_why_in_the_list_after_later_ones_went_through(
    browser: Browser, logged: psycopg.Connection, code: str, external: Server, language: str
) -> None:
    logged.execute("ALTER TABLE kb.qy OWNER TO CURRENT_USER; GRANT SELECT ON kb.qy TO ext_logged")
    grant = granted(code, delivery=Delivery(("full", "changes"), "monthly"))
    target = delivery.add_target(ZHOU_HANG, target_form(external), timezone.now())
    form = delivery.JobForm(grant, target, "随时同步", "qy", mode="cdc")
    job = delivery.create_job(ZHOU_HANG, form, timezone.now(), run=True)
    run = delivery.job(ZHOU_HANG, job).row.run
    assert run is not None
    assert delivery.run_one(run.id, timezone.now) == "failed"
    told = delivery.job(ZHOU_HANG, job).runs[0]
    statement = told.error_en[told.error_en.index("CREATE PUBLICATION") :].partition("; then")[0]
    logged.execute(statement.encode())
    delivery.run_job(ZHOU_HANG, job, timezone.now())
    run = delivery.job(ZHOU_HANG, job).row.run
    assert run is not None
    assert delivery.run_one(run.id, timezone.now) == "done"
    for person in (ZHOU_HANG, WANG_MIN):
        page = browser(person, language).get(f"/jobs/{job}/").content.decode()
        assert page.count("CREATE PUBLICATION") == 1
        assert ("不能为表" if language == "zh-hans" else "may not publish table") in page
