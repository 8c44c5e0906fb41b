"""The page of a row in quarantine: what is wrong is announced and stands beside its box, and what was typed is kept."""

from __future__ import annotations

from html import unescape

import pytest
from django.utils.translation import override

from tests.portal.conftest import Browser
from tests.store.delivery.cast import RULES, Stage
from tests.store.delivery.conftest import application, both, stage
from tests.store.exchange.cast import WANG_MIN, ZHAO_JING, ZHOU_HANG
from yiwang.blocks.delivery import public as delivery
from yiwang.portal.delivery.words import reason_words

__all__ = ["application", "both", "stage"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def row(stage: Stage) -> str:
    """The page of the one row that broke a rule."""
    stage.sql("UPDATE kb.qy SET zczb = -5 WHERE bh = 'B000003'")
    job = stage.job(check="own", rules=RULES)
    assert stage.run() == ["done"]
    (held,) = delivery.job(ZHOU_HANG, job).held
    return f"/jobs/{job}/quarantine/{held.id}/"


def text(content: bytes) -> str:
    return unescape(content.decode())


@pytest.mark.parametrize(
    ("language", "said"), [("zh-hans", "至少填写一项"), ("en", "Fill in at least one item")]
)
def test_nothing_filled_in_is_announced_and_stands_above_the_boxes(
    browser: Browser, row: str, language: str, said: str
) -> None:
    answer = browser(ZHOU_HANG, language).post(row, {"do": "mend"})
    page = text(answer.content)
    assert answer.status_code == 422
    assert 'role="alert" tabindex="-1" id="errors"' in page
    assert 'href="#v-1"' in page
    assert 'aria-describedby="values-error"' in page
    assert 'id="reason-error"' not in page
    assert page.count(said) == 2, "in the summary and at the boxes"


def test_items_are_called_as_people_call_them(browser: Browser, row: str) -> None:
    for language, title in (("zh-hans", "注册资本"), ("en", "Registered capital")):
        page = text(browser(ZHOU_HANG, language).get(row).content)
        assert 'name="v_资本"' in page
        assert f">{title}</label>" in page


def test_leaving_out_without_a_reason_says_so_at_the_reason_and_keeps_what_was_typed(
    browser: Browser, row: str
) -> None:
    answer = browser(ZHOU_HANG, "en").post(row, {"do": "discard", "reason": " "})
    page = text(answer.content)
    assert answer.status_code == 422
    assert 'href="#reason"' in page
    assert 'aria-describedby="reason-error"' in page
    assert 'id="values-error"' not in page
    assert page.count("Say why.") == 2
    refused = browser(ZHOU_HANG, "en").post(row, {"do": "discard", "v_资本": '5"><b>'})
    assert 'value="5&quot;&gt;&lt;b&gt;"' in refused.content.decode(), "typed beside it, kept, escaped"


def test_a_row_is_mended_or_left_out_by_its_own_agency_alone(browser: Browser, row: str) -> None:
    for other in (WANG_MIN, ZHAO_JING):
        for form in ({"do": "mend", "v_资本": "5"}, {"do": "discard", "reason": "x"}):
            assert browser(other).post(row, form).status_code in (403, 404)
    officer = browser(ZHOU_HANG)
    mended = officer.post(row, {"do": "mend", "v_资本": "5"})
    assert mended.status_code == 302
    assert mended.headers["Location"].endswith("#quarantine")
    assert officer.post(row, {"do": "discard", "reason": "测试数据"}).status_code == 302
    assert officer.post(row, {"do": "mend", "v_资本": "5"}).status_code == 404


def test_what_is_wrong_is_said_in_words_and_the_key_is_not_offered_as_if_it_could_change(
    browser: Browser, row: str
) -> None:
    for language, said in (("zh-hans", "主键不能在这里改"), ("en", "The key cannot be changed here")):
        assert said in text(browser(ZHOU_HANG, language).get(row).content)
    with override("zh-hans"):
        assert reason_words("rule:check_digit.统一社会信用代码") == "统一社会信用代码：校验码错误"
    with override("en"):
        assert reason_words("rule:check_digit.信用代码") == "信用代码 fails its check character"
        english = {"信用代码": "Credit code"}
        assert reason_words("rule:check_digit.信用代码", english) == "Credit code fails its check character"
        assert reason_words("信用代码:length", english) == "Credit code: the value does not fit"
        assert reason_words("rule:capital") == "breaks the rule capital"
        assert reason_words("rule:own.rule") == "breaks the rule own.rule"
