"""What another node says against a step is read in the reader's language: on pages, in notices, and by programmes."""

from __future__ import annotations

import json
from html import unescape

import pytest
from django.utils import timezone

from tests.portal.conftest import Browser
from tests.portal.test_beyond import CODE, asked, city, heard
from tests.portal.test_finding import words
from tests.store.exchange.cast import AUDITOR, OPERATOR, ZHAO_JING, ZHOU_HANG
from tests.store.exchange.test_visibility import as_app
from yiwang.blocks.cascade.domain.bodies import AnswerBody, DecisionBody
from yiwang.blocks.cascade.domain.errors import NotARecipient, NotGivenBack
from yiwang.blocks.cascade.domain.refusal import Refusal, refusal_of
from yiwang.blocks.cascade.store.models import Dispute
from yiwang.blocks.exchange.public import SYSTEM
from yiwang.blocks.identity.public import acting
from yiwang.vocabulary.errors import YwError

__all__ = ["as_app", "asked", "city"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("node")]
PROBLEM = NotGivenBack(resource=CODE, node="lanzhou")


def decided(number: str, text: str, refusal: object, state: str = "rejected") -> None:
    body = DecisionBody(state, "", text, refusal=refusal)
    assert heard("nation", "decision", number, body, "lanzhou").reasons == {}


def refused(number: str, problem: YwError = PROBLEM) -> None:
    refusal = refusal_of(problem, "nation")
    decided(number, refusal.zh, refusal.document())


def shown(browser: Browser, path: str, language: str) -> str:
    page = browser(ZHOU_HANG, language).get(path)
    assert page.status_code == 200
    return unescape(words(page.content))


def test_page_and_notice_speak_the_language_of_their_reader(browser: Browser, asked: str) -> None:
    refused(asked)
    for language, other in (("zh-hans", "en"), ("en", "zh")):
        page = shown(browser, f"/share/nodes/requests/{asked}/", language)
        assert page.count(PROBLEM.text(language)) == 1, "once, not again as the fallback beside it"
        assert PROBLEM.mend(language) in page
        assert PROBLEM.code in page
        assert PROBLEM.text(other) not in page
        notices = shown(browser, "/share/notices/", language)
        assert PROBLEM.text(language) in notices
        assert PROBLEM.text(other) not in notices


def test_what_a_person_wrote_stands_beside_it_as_written(browser: Browser, asked: str) -> None:
    decided(asked, "超出职责", refusal_of(PROBLEM, "nation").document(), "refused")
    for language in ("zh-hans", "en"):
        page = shown(browser, f"/share/nodes/requests/{asked}/", language)
        assert "超出职责" in page
        assert PROBLEM.text(language) in page
        assert "超出职责" in shown(browser, "/share/notices/", language)


@pytest.mark.parametrize("refusal", [None, {"code": "new", "facts": {"a": {}}}, "x"])
def test_an_earlier_release_sends_a_sentence_and_it_stands_as_it_came(
    browser: Browser, asked: str, refusal: object
) -> None:
    decided(asked, "没有向节点 lanzhou 提供。", refusal)
    for language in ("zh-hans", "en"):
        assert "没有向节点 lanzhou 提供。" in shown(browser, f"/share/nodes/requests/{asked}/", language)
        assert "没有向节点 lanzhou 提供。" in shown(browser, "/share/notices/", language)


def test_a_cause_of_a_later_release_is_told_in_its_own_words_and_escaped(
    browser: Browser, asked: str
) -> None:
    later = Refusal("later-cause", {}, "<b>配额</b>已用完。", "The <b>quota</b> is used up.")
    decided(asked, later.zh, later.document())
    for language, said in (("zh-hans", "配额</b>已用完。"), ("en", "quota</b> is used up.")):
        page = browser(ZHOU_HANG, language).get(f"/share/nodes/requests/{asked}/").content.decode()
        assert said not in page
        assert said.replace("<", "&lt;").replace(">", "&gt;") in page
        assert "later-cause" in page


def test_programmes_get_code_and_both_languages_and_others_nothing(browser: Browser, asked: str) -> None:
    refused(asked)
    path = f"/api/v1/node-requests/{asked}"
    told = json.loads(browser(ZHOU_HANG).get(path).content)
    assert (told["state"], told["answer"]) == ("rejected", "")
    assert told["refusal"] == {
        "code": PROBLEM.code, "zh": PROBLEM.text("zh"), "en": PROBLEM.text("en"), "mend_zh": PROBLEM.mend("zh"),
        "mend_en": PROBLEM.mend("en"),
    }  # fmt: skip
    (row,) = json.loads(browser(AUDITOR).get("/api/v1/node-requests").content)["rows"]
    assert row == told
    assert browser(OPERATOR).get(path).status_code == 403
    assert browser(None).get(path).status_code == 401


def test_a_dispute_that_is_not_taken_up_says_why(browser: Browser, asked: str) -> None:
    now, problem = timezone.now(), NotARecipient(resource=CODE)
    with acting(SYSTEM):
        row = Dispute.objects.create(
            id="lanzhou-J-1", origin="lanzhou", owner="nation", resource=CODE, title="登记", provider="9" * 18,
            consumer=ZHOU_HANG.agency, consumer_name="民政局", key={"信用代码": "1"}, field="名称", given="甲",
            reason="不对", state="sent", raised_by="周航", created_at=now, updated_at=now,
        )  # fmt: skip
    refusal = refusal_of(problem, "nation")
    body = AnswerBody("rejected", refusal.zh, refusal=refusal.document())
    assert heard("nation", "answer", row.id, body, "lanzhou").reasons == {}
    for language in ("zh-hans", "en"):
        page = shown(browser, f"/share/disputes/{row.id}/", language)
        assert page.count(problem.text(language)) == 1
        assert problem.text(language) in shown(browser, "/share/notices/", language)
    told = json.loads(browser(ZHOU_HANG).get(f"/api/v1/disputes/{row.id}").content)
    assert (told["state"], told["refusal"]["code"]) == ("rejected", problem.code)
    assert "甲" not in json.dumps(told, ensure_ascii=False), "values stay on the page"
    (listed,) = json.loads(browser(ZHOU_HANG).get("/api/v1/disputes").content)["rows"]
    assert listed == told


def test_another_agency_sees_neither(browser: Browser, asked: str, request: pytest.FixtureRequest) -> None:
    refused(asked)
    request.getfixturevalue("as_app")
    for path in ("node-requests", "disputes"):
        answer = browser(ZHAO_JING).get(f"/api/v1/{path}")
        assert json.loads(answer.content) == {"rows": []}
    assert browser(ZHAO_JING).get(f"/api/v1/node-requests/{asked}").status_code == 404
    assert browser(ZHAO_JING).get(f"/share/nodes/requests/{asked}/").status_code == 404
    assert browser(ZHOU_HANG).get(f"/api/v1/node-requests/{asked}").status_code == 200
