"""A need on the database: routed, answered, arbitrated, met; what each person may see of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from tests.store.demand.cast import LIN_FENG, WANTED, near_entry, routed, stated
from tests.store.exchange.cast import (
    CHEN_CHEN,
    CLERK,
    HE_QING,
    NOW,
    OPERATOR,
    PROVIDER,
    WANG_MIN,
    ZHAO_JING,
    ZHOU_HANG,
)
from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.demand import public as demand
from yiwang.blocks.demand.domain import errors
from yiwang.blocks.demand.store import models
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import Actor, acting

pytestmark = pytest.mark.django_db
WILL = demand.Answer("will", "在本局业务库中", by=date(2026, 12, 10))


def kinds(actor: Actor) -> list[str]:
    return [one.kind for one in exchange.notices(actor).rows]


def test_a_need_is_routed_to_the_agency_whose_entry_comes_near_with_reasons_and_a_day() -> None:
    code = near_entry()
    view = demand.need(ZHOU_HANG, routed(), NOW)
    assert (view.row.state, view.row.best, view.row.best_agency) == ("routed", code, PROVIDER)
    assert view.row.due is not None
    assert view.row.due.total == 10
    (holder,) = view.candidates
    assert holder.match is not None
    assert holder.match.items == ("统一社会信用代码",)
    assert "股权" in holder.match.words
    assert kinds(WANG_MIN) == ["need-routed"]


def test_a_need_that_nothing_comes_near_goes_to_the_bureau() -> None:
    view = demand.need(ZHOU_HANG, routed(), NOW)
    assert (view.row.state, view.row.why) == ("arbitration", "unmatched")
    assert "need-arbitration" in kinds(HE_QING)


def test_a_promise_becomes_an_entry_whose_publication_meets_the_need_and_tells_the_asker() -> None:
    near_entry()
    number = routed()
    demand.answer_need(WANG_MIN, number, WILL, NOW)
    assert demand.need(ZHOU_HANG, number, NOW).row.state == "promised"
    code = demand.start_entry(WANG_MIN, number, "306001003", NOW)
    assert demand.start_entry(WANG_MIN, number, "306001003", NOW) == code
    draft = catalogue.draft(WANG_MIN, code)
    assert [item.title for item in draft.items] == ["统一社会信用代码", "出质股权数额"]
    exchange.publish_resource(WANG_MIN, code, NOW)
    view = demand.need(ZHOU_HANG, number, NOW)
    assert (view.row.state, view.row.resources, view.row.due) == ("met", (code,), None)
    assert kinds(ZHOU_HANG)[:2] == ["need-met", "need-promised"]


def test_publishing_that_fails_leaves_the_need_promised() -> None:
    near_entry()
    number = routed()
    demand.answer_need(WANG_MIN, number, WILL, NOW)
    code = demand.start_entry(WANG_MIN, number, "306001003", NOW)
    unwire = catalogue.use_listener(lambda *_: (_ for _ in ()).throw(RuntimeError("listener down")))
    try:
        with pytest.raises(RuntimeError):
            exchange.publish_resource(WANG_MIN, code, NOW)
    finally:
        unwire()
    assert demand.need(ZHOU_HANG, number, NOW).row.state == "promised"
    assert catalogue.resource(WANG_MIN, code).state == "draft"


def test_an_entry_that_exists_meets_it_at_once_and_must_be_the_answerers_own() -> None:
    code = near_entry()
    number = routed()
    with pytest.raises(errors.ResourceNotYours):
        demand.answer_need(WANG_MIN, number, demand.Answer("have", resource="306001003/999999"), NOW)
    demand.answer_need(WANG_MIN, number, demand.Answer("have", resource=code), NOW)
    assert demand.need(ZHOU_HANG, number, NOW).row.resources == (code,)


def test_silence_is_escalated_once_and_is_no_consent() -> None:
    near_entry()
    number = routed()
    late = NOW + timedelta(days=30)
    assert demand.tick(NOW) == 0
    assert demand.tick(late) == 1
    assert demand.tick(late) == 0
    view = demand.need(ZHOU_HANG, number, late)
    assert (view.row.state, view.row.why, view.candidates[0].answer) == ("arbitration", "silent", "")
    assert "need-overdue" in kinds(WANG_MIN)
    assert "need-overdue" in kinds(HE_QING)


def test_a_broken_promise_comes_before_the_bureau_which_may_decline_with_a_reason() -> None:
    near_entry()
    number = routed()
    demand.answer_need(WANG_MIN, number, WILL, NOW)
    assert demand.tick(NOW + timedelta(days=40)) == 1
    assert demand.need(HE_QING, number, NOW).row.why == "broken"
    with pytest.raises(errors.NeedInvalid):
        demand.decline_need(HE_QING, number, "law", "不得共享", " ", NOW)
    demand.decline_need(HE_QING, number, "law", "不得共享", "某法第三条", NOW)
    view = demand.need(ZHAO_JING, number, NOW)
    assert (view.row.state, view.answer, view.answer_basis) == ("declined", "不得共享", "某法第三条")


def test_an_outsider_sees_the_need_but_neither_contact_nor_answers_nor_steps() -> None:
    near_entry()
    number = routed()
    demand.answer_need(WANG_MIN, number, demand.Answer("cannot", "涉密", basis="保密法"), NOW)
    view = demand.need(ZHAO_JING, number, NOW)
    assert view.said.title == WANTED.title
    assert (view.party, view.said.contact_phone, view.author_name, view.candidates, view.steps) == (
        False, "", "", (), (),
    )  # fmt: skip
    assert view.allowed == {"join"}
    with acting(ZHAO_JING):
        assert not models.Contact.objects.exists()
        assert not models.Candidate.objects.exists()
        assert not models.Step.objects.exists()


def test_drafts_are_seen_by_the_authors_agency_alone() -> None:
    number = stated()
    for other in (ZHAO_JING, WANG_MIN, HE_QING, CHEN_CHEN):
        with pytest.raises(errors.NeedUnknown):
            demand.need(other, number, NOW)
        with acting(other):
            assert not models.Need.objects.exists()
    assert demand.need(ZHOU_HANG, number, NOW).said.contact_phone == "0931-5550000"


def test_people_without_a_trade_in_data_see_no_need() -> None:
    number = routed()
    for nobody in (CHEN_CHEN, CLERK, OPERATOR):
        with pytest.raises(errors.NeedUnknown):
            demand.need(nobody, number, NOW)
    with pytest.raises(errors.NeedNotAllowed):
        demand.state_need(CHEN_CHEN, WANTED, NOW)


def test_a_holder_sees_who_to_call_and_its_own_answer_alone() -> None:
    near_entry()
    number = routed()
    with acting(WANG_MIN):
        assert {one.agency for one in models.Candidate.objects.all()} == {PROVIDER}
    assert demand.need(WANG_MIN, number, NOW).said.contact_post == "社会救助科"


def test_joining_makes_a_party_and_is_told_the_end() -> None:
    code = near_entry()
    number = routed()
    demand.join_need(ZHAO_JING, number, NOW)
    with pytest.raises(errors.JoinedAlready):
        demand.join_need(ZHAO_JING, number, NOW)
    assert demand.need(ZHAO_JING, number, NOW).party
    demand.answer_need(WANG_MIN, number, demand.Answer("have", resource=code), NOW)
    assert "need-met" in kinds(ZHAO_JING)
    with pytest.raises(errors.NeedNotAllowed):
        demand.withdraw_need(ZHAO_JING, number, NOW)


@pytest.mark.parametrize("actor", [ZHAO_JING, LIN_FENG, HE_QING, CHEN_CHEN, ZHOU_HANG])
def test_only_the_agency_it_was_routed_to_can_answer(actor: Actor) -> None:
    near_entry()
    number = routed()
    with pytest.raises((errors.NeedNotAllowed, errors.NeedUnknown)):
        demand.answer_need(actor, number, WILL, NOW)
    assert demand.need(ZHOU_HANG, number, NOW).row.state == "routed"


def test_the_one_who_comes_second_is_told() -> None:
    near_entry()
    number = routed()
    seen = demand.need(WANG_MIN, number, NOW).revision
    demand.withdraw_need(ZHOU_HANG, number, NOW)
    with pytest.raises(errors.NeedChanged):
        demand.answer_need(WANG_MIN, number, WILL, NOW, seen=seen)


def test_similar_open_needs_are_found_by_their_words() -> None:
    number = routed()
    alike = replace(WANTED, title="股权出质信息")
    assert [one.id for one in demand.similar(ZHAO_JING, alike, NOW)] == [number]
    assert demand.similar(ZHAO_JING, replace(WANTED, title="公交线路"), NOW) == ()
    assert demand.similar(ZHAO_JING, replace(WANTED, title=" "), NOW) == ()


def test_lists_count_what_is_mine_routed_to_me_and_before_the_bureau() -> None:
    near_entry()
    routed()
    routed(title="公交刷卡记录", items=(demand.WantedItem("卡号"),))
    assert demand.needs(WANG_MIN, NOW).counts == {"open": 2, "mine": 0, "routed": 1, "bureau": 0, "done": 0}
    assert demand.needs(ZHOU_HANG, NOW).counts["mine"] == 2
    assert [one.why for one in demand.needs(HE_QING, NOW, tab="bureau").rows] == ["unmatched"]
    assert demand.needs(ZHAO_JING, NOW, text="公交").total == 1


def test_figures_are_for_the_bureau_and_for_ones_own_agency() -> None:
    code = near_entry()
    demand.answer_need(WANG_MIN, routed(), demand.Answer("have", resource=code), NOW + timedelta(days=4))
    routed(title="公交刷卡记录")
    (mine,) = demand.standing(HE_QING, NOW + timedelta(days=60))
    assert (mine.stated, mine.met, mine.met_percent, mine.median_days, mine.overdue) == (2, 1, 100, 4.0, 1)
    assert demand.standing(WANG_MIN, NOW) == ()


def test_the_ledger_only_grows() -> None:
    number = routed()
    with pytest.raises(DatabaseError), transaction.atomic(), acting(ZHOU_HANG):
        models.Step.objects.filter(need=number).update(text="")
