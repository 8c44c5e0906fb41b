"""Pages of usage: each party its own numbers, the data bureau all, an outsider none; the files say the same."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.http import QueryDict
from django.utils import timezone
from pytest_django import Settings

from tests.portal.conftest import Browser
from tests.portal.leaves import leaf, record
from tests.portal.test_finding import words
from tests.store.exchange.cast import (
    AUDITOR,
    CLERK,
    CONSUMER,
    HE_QING,
    OPERATOR,
    PROVIDER,
    WANG_MIN,
    ZHAO_JING,
    ZHOU_HANG,
)
from yiwang.blocks.journal.store.models import ItemUse
from yiwang.dataplane.spreadsheets.reading import read_workbook
from yiwang.portal.usage.period import LONGEST, span_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def calls(tmp_path: Path, settings: Settings) -> None:
    """Two answers and a refusal yesterday, one answer in the days before those of a week."""
    settings.YW_DATA = tmp_path

    def at(days: int) -> str:
        return (timezone.now() - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.000Z")

    record(
        leaf(time=at(9), request_id="req-0", grant="G1"),
        leaf(time=at(1), grant="G1", rows=1200), leaf(time=at(1), request_id="req-2", grant="G1"),
        leaf(time=at(1), request_id="req-3", kind="refusal", status=403, code="field-not-granted", rows=None, response=None, grant="G1"),
    )  # fmt: skip


@pytest.mark.parametrize("who", [WANG_MIN, ZHOU_HANG, HE_QING, AUDITOR, OPERATOR])
def test_the_parties_and_the_bureau_read_the_numbers(browser: Browser, who: object) -> None:
    html = browser(who).get("/usage/", {"days": "7"}).content.decode()
    assert "比之前的 1 +200.0%" in words(html.encode())
    assert 'data-chart="line"' in html
    assert 'data-value="3"' in html
    assert "授权不含所要字段" in html


def test_an_outsider_reads_nothing_by_any_address(browser: Browser) -> None:
    outside = browser(ZHAO_JING)
    for path in ("/usage/", "/usage/resources/306001003/1/"):
        text = words(outside.get(path).content)
        assert "这段时间没有调用" in text
        assert "市民政局" not in text
    assert outside.get(f"/usage/departments/{CONSUMER}/").status_code == 404
    assert outside.get("/usage/grants/G1/").status_code == 404
    body = outside.get("/usage/", {"as": "csv"}).content.decode("utf-8-sig")
    assert CONSUMER not in body


def test_a_department_reads_its_own_and_no_others_page(browser: Browser) -> None:
    assert browser(ZHOU_HANG).get(f"/usage/departments/{CONSUMER}/").status_code == 200
    assert browser(ZHOU_HANG).get(f"/usage/departments/{PROVIDER}/").status_code == 404
    assert browser(HE_QING).get(f"/usage/departments/{PROVIDER}/").status_code == 200


def test_who_holds_no_role_opens_no_usage(browser: Browser) -> None:
    for path in ("/usage/", "/usage/resources/306001003/1/", f"/usage/departments/{PROVIDER}/"):
        assert browser(CLERK).get(path).status_code == 403
        assert browser(None).get(path).status_code == 302


def test_the_files_hold_every_dimension(browser: Browser) -> None:
    answer = browser(WANG_MIN).get("/usage/", {"days": "7", "as": "csv"})
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    named = [row[0] for row in rows if len(row) == 1]
    assert named == ["按日", "按使用方", "按提供方", "按资源", "按授权", "按用途", "按拒绝原因"]
    assert [CONSUMER, "3", "1201", "1", "0", "1"] in [[row[0], *row[2:]] for row in rows if len(row) > 2]
    sheet = browser(WANG_MIN).get("/usage/", {"days": "7", "as": "xlsx"})
    assert sheet.content[:2] == b"PK"
    assert [one.name for one in read_workbook(sheet.content)] == named


@pytest.mark.parametrize(
    "asked", ["days=0", "days=x", "since=2026-13-01&until=2026-01-01", "since=2026-02-01&until=2026-01-01",
              "since=&until=", "since=2026-01-01&until=9999-01-01", ""],
)  # fmt: skip
def test_an_odd_period_is_thirty_days(asked: str) -> None:
    span = span_of(QueryDict(asked))
    assert (span.days, span.until) == (30, timezone.localdate())


def test_typed_days_are_taken_and_cut_to_a_year() -> None:
    span = span_of(QueryDict("since=2026-01-05&until=2026-01-07"))
    assert (span.since, span.until, span.days) == (date(2026, 1, 5), date(2026, 1, 7), 3)
    assert (span.before.since, span.before.until) == (date(2026, 1, 2), date(2026, 1, 4))
    assert len(span.dates) == 3
    assert span_of(QueryDict("since=1990-01-01&until=2026-01-07")).days == LONGEST


def test_items_are_counted_by_what_answers_held_and_never_asked_ones_show_as_such(browser: Browser) -> None:
    day = timezone.localdate() - timedelta(days=1)
    for item, calls in (("名称", 5), ("信用代码", 3)):
        ItemUse.objects.create(
            day=day, consumer=CONSUMER, provider=PROVIDER, resource="306001003/1", grant_id="G1", item=item,
            calls=calls, rows=calls,
        )  # fmt: skip
    page = words(browser(WANG_MIN).get("/usage/resources/306001003/1/", {"days": "7"}).content)
    assert f"取到这一项的次数，自{day.isoformat()}起统计" in page
    assert page.index("名称") < page.index("信用代码")
    assert f"自{day.isoformat()}" not in words(
        browser(WANG_MIN)
        .get("/usage/resources/306001003/1/", {"since": day.isoformat(), "until": day.isoformat()})
        .content
    )
    outside = words(browser(ZHAO_JING).get("/usage/resources/306001003/1/", {"days": "7"}).content)
    assert "取到这一项的次数" not in outside
