"""Quality through the pages: an officer's resource and tickets, the bureau's view, what an outsider does not see."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.portal.conftest import Browser
from tests.portal.test_finding import words
from tests.store.exchange.cast import AUDITOR, CHEN_CHEN, HE_QING, PROVIDER, WANG_MIN, ZHAO_JING, ZHOU_HANG
from tests.store.quality.cast import watched
from tests.store.quality.conftest import Mend, mend
from yiwang.blocks.exchange.public import SourceForm
from yiwang.blocks.quality import public as quality
from yiwang.vocabulary.crypto import FileKeyProvider, use_key_provider

pytestmark = pytest.mark.django_db
__all__ = ["mend"]


@pytest.fixture(autouse=True)
def keys(key_folder: Path) -> None:
    use_key_provider(FileKeyProvider(key_folder, create=True))


def judged(source: SourceForm) -> str:
    code = watched(source)
    quality.run_rules(code, timezone.now())
    return code


def first_ticket(rule: str = "check_digit.信用代码") -> str:
    found = quality.tickets(HE_QING, timezone.now(), tab="open").rows
    return next(row.id for row in found if row.rule == rule)


def test_score_findings_and_rules_stand_on_one_page(browser: Browser, source: SourceForm, mend: Mend) -> None:
    code = judged(source)
    wang = browser(WANG_MIN)
    page = words(wang.get(f"/quality/resources/{code}/").content)
    for told in ("统一社会信用代码 校验码错误", "成立日期 晚于今天", "规范性", "2 级", "只带出计数"):
        assert told in page, told
    assert "914403001922038217" not in page
    english = words(browser(WANG_MIN, "en").get(f"/quality/resources/{code}/").content)
    assert "fails its check character" in english
    assert "level 2 of 5" in english
    assert "企业质量样本" in words(wang.get("/quality/").content)


def test_the_entry_and_the_list_show_the_level_to_everybody_but_findings_to_few(
    browser: Browser, source: SourceForm, mend: Mend
) -> None:
    code = judged(source)
    zhou = browser(ZHOU_HANG)
    page = zhou.get(f"/share/resources/{code}/").content.decode()
    assert "规则覆盖 100% 的数据项" in words(page.encode())
    assert f"/quality/resources/{code}/" not in page
    assert (
        f"/quality/resources/{code}/" in browser(WANG_MIN).get(f"/share/resources/{code}/").content.decode()
    )
    listed = words(zhou.get("/share/resources/?quality=2").content)
    assert "企业质量样本" in listed
    assert "企业质量样本" not in words(zhou.get("/share/resources/?quality=5").content)


def test_a_ticket_goes_through_the_hands_of_its_officer(
    browser: Browser, source: SourceForm, mend: Mend
) -> None:
    code = judged(source)
    number = first_ticket()
    wang = browser(WANG_MIN)
    assert number in wang.get("/quality/tickets/").content.decode()
    page = words(wang.get(f"/quality/tickets/{number}/").content)
    assert "在本部门数据库中查找" in page
    assert wang.post(f"/quality/tickets/{number}/take/").status_code == 302
    empty = wang.post(f"/quality/tickets/{number}/mended/", {"text": " "})
    assert empty.status_code == 422
    assert "请写明情况" in words(empty.content)
    assert wang.post(f"/quality/tickets/{number}/mended/", {"text": "已更正"}).status_code == 302
    mend("DELETE FROM zl.qyxx WHERE xydm = '914403001922038217'")
    quality.run_rules(code, timezone.now())
    assert "检查全部合格，自动关闭" in words(wang.get(f"/quality/tickets/{number}/").content)
    assert number in wang.get("/quality/tickets/?tab=closed").content.decode()


def test_an_exemption_is_asked_for_on_one_page_and_granted_on_another(
    browser: Browser, source: SourceForm, mend: Mend
) -> None:
    judged(source)
    number = first_ticket()
    until = (timezone.localdate() + timedelta(days=30)).isoformat()
    wang, he = browser(WANG_MIN), browser(HE_QING)
    asking = f"/quality/tickets/{number}/ask-exemption/"
    assert wang.post(asking, {"text": "旧系统", "until": "2001-01-01"}).status_code == 422
    assert wang.post(asking, {"text": "旧系统", "until": "nonsense"}).status_code == 422
    assert wang.post(asking, {"text": "旧系统下月停用", "until": until}).status_code == 302
    assert "旧系统下月停用" in words(he.get(f"/quality/tickets/{number}/").content)
    assert wang.post(f"/quality/tickets/{number}/exempt/").status_code == 403
    assert he.post(f"/quality/tickets/{number}/exempt/").status_code == 302
    assert "已豁免" in words(wang.get(f"/quality/tickets/{number}/").content)


def test_rules_are_changed_one_at_a_time(browser: Browser, source: SourceForm, mend: Mend) -> None:
    code = judged(source)
    wang = browser(WANG_MIN)
    rules = f"/quality/resources/{code}/rules/"
    assert "自动生成" in words(wang.get(rules).content)
    before = len(quality.resource_quality(WANG_MIN, code, timezone.now()).entries)
    wang.post(rules, {"do": "drop", "n": "0", "seen": "0"})
    view = quality.resource_quality(WANG_MIN, code, timezone.now())
    assert (len(view.entries), view.origin) == (before - 1, "edited")
    stale = wang.post(rules, {"do": "drop", "n": "0", "seen": "0"}, follow=True)
    assert "刚改过这些规则" in words(stale.content)
    wang.post(rules, {"do": "severity", "n": "0", "severity": "minor", "seen": "1"})
    wang.post(rules, {"do": "settings", "cadence": "weekly", "timeout_s": "30", "seen": "2"})
    view = quality.resource_quality(WANG_MIN, code, timezone.now())
    assert (view.entries[0].severity, view.cadence, view.timeout_s) == ("minor", "weekly", 30)
    wang.post(rules, {"do": "settings", "cadence": "weekly", "timeout_s": "999999", "seen": "3"})
    assert quality.resource_quality(WANG_MIN, code, timezone.now()).timeout_s == 30
    wang.post(rules, {"do": "propose", "seen": "3"})
    assert len(quality.resource_quality(WANG_MIN, code, timezone.now()).entries) == before


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("not_null", {"items": ["名称", "资本"]}),
        ("unique", {"items": ["名称", "性别"]}),
        ("in_list", {"items": ["性别"], "code_list": "sex"}),
        ("check_digit", {"item": "名称", "check": "uscc"}),
        ("pattern", {"item": "名称", "pattern": ".+公司"}),
        ("length", {"item": "名称", "min": "2", "max": "50"}),
        ("range", {"item": "资本", "min": "0"}),
        ("recent", {"item": "更新", "within": "7d"}),
        ("fresh", {"item": "更新", "within": "1y", "when": "row.资本 > 1.0"}),
        ("refers", {"item": "信用代码", "target": "zl.qyxx", "keys": "xydm"}),
        ("expr", {"id": "dear", "expr": "row.资本 >= 0.5", "message": "资本太少"}),
    ],
)
def test_every_kind_of_rule_has_a_form_and_runs(
    browser: Browser, source: SourceForm, mend: Mend, kind: str, given: dict[str, object]
) -> None:
    code = watched(source)
    quality.keep_rules(WANG_MIN, code, [], timezone.now())
    wang = browser(WANG_MIN)
    place = f"/quality/resources/{code}/rules/new/{kind}/"
    assert wang.get(place).status_code == 200
    assert wang.post(place, {"severity": "major"}).status_code == 422 or kind in {"length", "range"}
    quality.keep_rules(WANG_MIN, code, [], timezone.now())
    answer = wang.post(place, {**given, "severity": "major"})
    assert answer.status_code == 302, words(answer.content)
    quality.run_rules(code, timezone.now())
    results = quality.resource_quality(WANG_MIN, code, timezone.now()).results
    assert results
    assert all(one.reason == "" and one.tested for one in results)
    assert wang.get(f"/quality/resources/{code}/rules/").status_code == 200


def test_a_wrong_condition_is_told_beside_the_form(browser: Browser, source: SourceForm, mend: Mend) -> None:
    code = watched(source)
    place = f"/quality/resources/{code}/rules/new/expr/"
    answer = browser(WANG_MIN).post(place, {"id": "x", "expr": "row.资本 >>> 1", "severity": "major"})
    assert answer.status_code == 422
    assert "row.资本 &gt;&gt;&gt; 1" in answer.content.decode()


def test_a_contract_is_given_away_and_taken_back(browser: Browser, source: SourceForm, mend: Mend) -> None:
    code = judged(source)
    wang = browser(WANG_MIN)
    given = wang.get(f"/quality/resources/{code}/contract.json")
    assert json.loads(given.content)["kind"] == "DataContract"
    file = SimpleUploadedFile("c.json", given.content)
    answer = wang.post(f"/quality/resources/{code}/contract/", {"contract": file}, follow=True)
    assert "已采用合同中的规则" in words(answer.content)
    broken = wang.post(
        f"/quality/resources/{code}/contract/", {"contract": SimpleUploadedFile("c", b"{")}, follow=True
    )
    assert "这不是一份开放数据合同" in words(broken.content)
    assert wang.post(f"/quality/resources/{code}/contract/", follow=True).status_code == 200


def test_the_bureau_sees_departments_in_order(browser: Browser, source: SourceForm, mend: Mend) -> None:
    judged(source)
    page = words(browser(HE_QING).get("/quality/").content)
    assert "企业质量样本" in page
    assert "企业质量样本" in words(browser(AUDITOR).get(f"/quality/?agency={PROVIDER}").content)
    assert "没有检查过" in words(browser(HE_QING).get("/quality/?agency=nobody").content)


def test_outsiders_citizens_and_visitors_see_no_rule_and_no_ticket(
    browser: Browser, source: SourceForm, mend: Mend
) -> None:
    code = judged(source)
    number = first_ticket()
    zhao, chen, nobody = browser(ZHAO_JING), browser(CHEN_CHEN), browser(None)
    for place in (
        f"resources/{code}/",
        f"resources/{code}/rules/",
        f"resources/{code}/contract.json",
        f"tickets/{number}/",
    ):
        assert zhao.get(f"/quality/{place}").status_code == 404, place
        assert chen.get(f"/quality/{place}").status_code == 403, place
        assert nobody.get(f"/quality/{place}").status_code == 302, place
    for place in (f"resources/{code}/run/", f"tickets/{number}/take/", f"resources/{code}/contract/"):
        assert zhao.post(f"/quality/{place}").status_code == 404, place
    assert "企业质量样本" not in words(zhao.get("/quality/").content)
    assert number not in zhao.get("/quality/tickets/?tab=open").content.decode()
    he = browser(HE_QING)
    assert he.post(f"/quality/resources/{code}/run/").status_code == 403
    assert he.get(f"/quality/resources/{code}/rules/").status_code == 403
    assert he.post(f"/quality/tickets/{number}/take/").status_code == 403
