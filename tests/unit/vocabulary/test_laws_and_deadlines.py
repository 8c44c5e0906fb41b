"""Law references, and how long each step of sharing may take."""

from __future__ import annotations

import datetime as dt

import pytest

from yiwang.vocabulary import laws
from yiwang.vocabulary import sharing_deadlines as sd
from yiwang.vocabulary.tables import TableError, parse_table

TODAY = dt.date(2026, 11, 21)
HEAD = "# title: t\n# source: s\n# edition: e\n# verified: false\n"
DEADLINES = HEAD + "jurisdiction,valid_from,valid_to," + ",".join(sd.Step) + ",law,article,source,verified\n"


def test_the_regulation_on_sharing_is_registered_with_its_number_and_day() -> None:
    found = laws.law("decree-809")
    assert (found.title, found.document) == ("政务数据共享条例", "国务院令第809号")
    assert not found.in_force(dt.date(2025, 7, 31))
    assert found.in_force(dt.date(2025, 8, 1))


@pytest.mark.parametrize(
    "law_id", ["gf-2016-51", "shehui-jiuzhu", "pipl", "dsl", "admin-licence", "gov-info"]
)
def test_what_the_rules_of_sharing_refer_to_is_registered(law_id: str) -> None:
    found = laws.law(law_id)
    assert found.articles
    assert found.title
    assert found.title_en
    assert found.in_force(TODAY)


def test_nothing_is_called_verified_that_nobody_compared() -> None:
    assert not any(found.verified for found in laws.laws().values())


def test_a_purpose_s_reference_is_read() -> None:
    found = laws.law_reference("law:pipl#34", TODAY)
    assert found.article is not None
    assert found.text("zh") == "《中华人民共和国个人信息保护法》（主席令第91号）第34条"
    assert found.text("en") == "Personal Information Protection Law, art. 34"
    assert laws.law_reference("decree-809").article is None


def test_wrong_references_are_named() -> None:
    with pytest.raises(laws.LawUnknown):
        laws.law_reference("law:magna-carta#1")
    with pytest.raises(laws.LawArticleUnknown) as article:
        laws.law_reference("pipl#999")
    assert "999" in article.value.text("zh")
    with pytest.raises(laws.LawNotInForce):
        laws.law_reference("decree-809", dt.date(2025, 1, 1))


def test_the_defaults_of_the_regulation_hold_everywhere_today() -> None:
    found = sd.sharing_deadlines("370100", TODAY)
    days = {step: found.find(step).working_days for step in sd.Step if step in found.by_step}
    assert days == {
        sd.Step.FORMAL_REVIEW: 2,
        sd.Step.UNCONDITIONAL_REPLY: 1,
        sd.Step.CONDITIONAL_REPLY: 10,
        sd.Step.EXTENSION: 10,
        sd.Step.DELIVERY: 20,
        sd.Step.CATALOGUE_CHANGE: 10,
        sd.Step.CORRECTION: 10,
        sd.Step.DEMAND_REPLY: 10,
        sd.Step.DEMAND_ARBITRATION: 5,
        sd.Step.DEMAND_CATALOGUING: 20,
    }
    assert not found.conditional_reply.verified
    assert not found.find(sd.Step.DEMAND_REPLY).verified
    assert found.find(sd.Step.DEMAND_REPLY).basis is None
    assert found.conditional_reply.basis is not None
    assert found.conditional_reply.basis.law.id == "decree-809"


def test_a_province_s_shorter_term_wins_and_the_rest_stays() -> None:
    found = sd.sharing_deadlines("140105", TODAY)
    assert (found.conditional_reply.working_days, found.conditional_reply.jurisdiction) == (5, "140000")
    assert (found.extension.working_days, found.extension.jurisdiction) == (10, "CN")
    assert found.find(sd.Step.UNPUBLISHED_REPLY).working_days == 10


def test_before_the_regulation_the_interim_measures_held() -> None:
    found = sd.sharing_deadlines("CN", dt.date(2020, 1, 1))
    assert found.conditional_reply.working_days == 10
    assert found.conditional_reply.basis is not None
    assert found.conditional_reply.basis.text("zh").startswith(
        "《政务信息资源共享管理暂行办法》（国发〔2016〕51号）第12条"
    )
    with pytest.raises(sd.SharingDeadlineMissing) as raised:
        _ = found.unconditional_reply
    assert "无条件共享答复" in raised.value.text("zh")


def test_a_deadline_becomes_a_term_with_its_ledger() -> None:
    term = sd.sharing_deadlines("370100", dt.date(2026, 2, 12)).conditional_reply.term(dt.date(2026, 2, 12))
    assert term.due == dt.date(2026, 3, 4)


def test_the_nearest_jurisdiction_wins_whatever_the_order_of_the_rows() -> None:
    rows = (
        "290102,2020-01-01,,,,3,,,,,,,,,,,county,true\n"
        "CN,2020-01-01,,,,10,,,,,,,,,,,state,true\n"
        "290100,2020-01-01,,,,5,7,,,,,,,,,,city,true\n"
        "290100,2030-01-01,,,,1,,,,,,,,,,,later,true\n"
    )
    table = sd.read_deadlines(parse_table("d.csv", (DEADLINES + rows).encode(), ()))
    county = sd.deadlines_of(table, "290102", TODAY)
    assert (county.conditional_reply.working_days, county.extension.working_days) == (3, 7)
    assert sd.deadlines_of(table, "290199", TODAY).conditional_reply.working_days == 5
    assert sd.deadlines_of(table, "370000", TODAY).conditional_reply.working_days == 10
    assert sd.deadlines_of(table, "290102001", TODAY).conditional_reply.working_days == 3


@pytest.mark.parametrize(
    "row", ["CN,2020-01-01,,,,ten,,,,,,,,,,,x,true\n", "CN,2020-02-30,,,,1,,,,,,,,,,,x,true\n"]
)
def test_a_broken_row_is_named_with_its_line(row: str) -> None:
    with pytest.raises(TableError) as raised:
        sd.read_deadlines(parse_table("d.csv", (DEADLINES + row).encode(), ()))
    assert raised.value.facts["line"] == 6


def test_an_article_of_an_unregistered_law_is_named_with_its_line() -> None:
    entries = parse_table("laws.csv", (HEAD + "id\n").encode(), ())
    articles = parse_table("law_articles.csv", (HEAD + "law,article,gist,gist_en\nx,1,a,b\n").encode(), ())
    with pytest.raises(TableError) as raised:
        laws.read_laws(entries, articles)
    assert raised.value.facts["file"] == "law_articles.csv"
