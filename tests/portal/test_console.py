"""The console: what each role sees of the exchange, and files that no spreadsheet calculates."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from tests.portal.conftest import Browser
from tests.portal.leaves import leaf, record
from tests.portal.test_finding import words
from tests.store.exchange.cast import AUDITOR, CLERK, HE_QING, OPERATOR, WANG_MIN, ZHAO_JING, ZHOU_HANG
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import SourceForm
from yiwang.portal.console.export import safe
from yiwang.vocabulary.evidence import instant_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def calls(tmp_path: Path, settings: Settings) -> None:
    """Two answers, a refusal and a failure of the source, made within the last days."""
    settings.YW_DATA = tmp_path
    settings.YW_GATEWAY_URL = "http://127.0.0.1:1"
    at = instant_text(timezone.now() - timedelta(days=1))
    record(
        leaf(time=at), leaf(time=at, request_id="req-2"),
        leaf(time=at, request_id="req-3", kind="refusal", status=403, code="field-not-granted", rows=None, response=None),
        leaf(time=at, request_id="req-4", kind="refusal", status=503, code="source-unreachable", rows=None, response=None),
        folder=tmp_path,
    )  # fmt: skip


def test_the_operator_sees_everything_and_an_outsider_nothing(browser: Browser, calls: None) -> None:
    text = words(browser(OPERATOR).get("/console/").content)
    assert "本节点的全部交换" in text
    assert "失败 1 次，依规则拒绝 1 次" in text
    assert "授权不含所要字段，拒绝 1 次" in text
    assert "有 1 次在源端失败" in text
    outside = words(browser(ZHAO_JING).get("/console/").content)
    assert "这段时间没有交换" in outside
    assert "没有要处理的失败" in outside


def test_the_numbers_of_the_heat_stand_in_a_table_behind_it(browser: Browser, calls: None) -> None:
    html = browser(WANG_MIN).get("/console/").content.decode()
    assert "heat-flag" in html
    assert 'class="as-table"' in html


def test_who_holds_no_role_sees_no_console(browser: Browser) -> None:
    for path in (
        "/console/",
        "/console/node/",
        "/console/grants/",
        "/console/errors/",
        "/console/export.csv",
    ):
        assert browser(CLERK).get(path).status_code == 403
        assert browser(None).get(path).status_code == 302
    assert browser(WANG_MIN).get("/console/node/").status_code == 403
    assert browser(WANG_MIN).get("/console/grants/").status_code == 403
    assert browser(HE_QING).get("/console/grants/").status_code == 200


@pytest.mark.parametrize("days", ["7", "28", "0", "x", "99999999999999999999", ""])
def test_an_odd_period_is_four_weeks(browser: Browser, days: str) -> None:
    assert browser(AUDITOR).get("/console/", {"days": days}).status_code == 200


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+86", "'+86"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("市民政局", "市民政局"),
        (-1, -1),
    ],
)
def test_cells_that_a_spreadsheet_would_calculate_are_defused(cell: str | int, written: str | int) -> None:
    assert safe(cell) == written


def test_the_export_holds_what_the_person_may_see(browser: Browser, calls: None) -> None:
    answer = browser(ZHOU_HANG).get("/console/export.csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0][0] == "日期"
    assert rows[1][2:] == ["11290100MB0000002B", "4", "2"]
    assert "attachment" in answer.headers["Content-Disposition"]
    assert (
        len(list(csv.reader(io.StringIO(browser(ZHAO_JING).get("/console/export.csv").content.decode()))))
        == 1
    )
    services = browser(WANG_MIN).get("/console/export.csv", {"what": "services"}).content.decode("utf-8-sig")
    assert "306001003/1" in services


def test_an_error_is_looked_up_by_its_parties_and_watchers(browser: Browser, calls: None) -> None:
    for who in (ZHOU_HANG, WANG_MIN, AUDITOR, OPERATOR):
        text = words(browser(who).get("/console/errors/", {"q": "req-3"}).content)
        assert "授权不含所要字段" in text
        assert "field-not-granted" in text
    answer = browser(ZHAO_JING).get("/console/errors/", {"q": "req-3"})
    assert answer.status_code == 404
    assert "field-not-granted" not in answer.content.decode()
    assert "没有您能看的调用" in words(answer.content)


def test_the_latest_refusals_are_narrowed_by_code(browser: Browser, calls: None) -> None:
    every = words(browser(ZHOU_HANG).get("/console/errors/").content)
    assert "field-not-granted" in every
    assert "source-unreachable" in every
    one = words(browser(ZHOU_HANG).get("/console/errors/", {"code": "field-not-granted"}).content)
    assert "source-unreachable" not in one


def test_the_node_page_names_what_has_stopped(browser: Browser, calls: None, tmp_path: Path) -> None:
    rows = [
        {"name": "web", "running": True, "pid": 1, "restarts": 0, "last_exit": None},
        {"name": "worker", "running": False, "pid": None, "restarts": 3, "last_exit": 9},
    ]
    (tmp_path / "processes.json").write_text(json.dumps({"processes": rows}), encoding="utf-8")
    text = words(browser(AUDITOR).get("/console/node/").content)
    assert "有服务没有运行" in text
    assert "exit 9" in text
    assert "不应答" in text
    assert "进程 worker 已停" in words(browser(OPERATOR).get("/console/").content)


def test_a_source_that_does_not_answer_stands_first(
    browser: Browser, source: SourceForm, calls: None
) -> None:
    number = exchange.add_source(WANG_MIN, source, timezone.now())
    from yiwang.blocks.exchange.store.models import Source

    Source.objects.filter(pk=number).update(port=1)
    exchange.check_source(WANG_MIN, number, timezone.now())
    html = browser(WANG_MIN).get("/console/").content.decode()
    assert html.index("数据源 业务库 没有应答") < html.index("授权不含所要字段")
    assert f"/desk/sources/{number}/" in html
    assert f"/desk/sources/{number}/" not in browser(OPERATOR).get("/console/").content.decode()


def test_calls_of_another_nodes_resource_are_counted_and_lead_to_its_pages(browser: Browser) -> None:
    called = "306001003/1@nation"
    record(leaf(time=instant_text(timezone.now()), resource=called))
    usage = browser(HE_QING).get("/usage/").content.decode()
    assert f"/usage/resources/{called}/" in usage.replace("%40", "@")
    assert browser(HE_QING).get(f"/usage/resources/{called}/").status_code == 200
    page = "/share/nodes/nation/306001003/1/"
    assert page in browser(OPERATOR).get("/console/").content.decode()
    assert page in browser(OPERATOR).get("/console/errors/", {"q": "req-1"}).content.decode()
