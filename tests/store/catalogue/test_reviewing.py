"""Entries on their way over review and secrecy review; two people writing one entry; the node's rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.catalogue.public import ItemDraft, ResourceClass, ResourceDraft, Volumes
from yiwang.blocks.identity.public import Actor, NotAllowed

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
AGENCY = "11290100MB0000001A"


def person(number: int, name: str, *roles: str, agency: str = AGENCY) -> Actor:
    return Actor(number, f"u{number}", name, agency, "市市场监督管理局", "290100", frozenset(roles))


WANG_MIN = person(1, "王敏", "data_officer", "approver")
LI_NA = person(2, "李娜", "approver")
SUN_LEI = person(3, "孙磊", "approver")
COLLEAGUE = person(4, "吴言", "data_officer")
HE_QING = person(5, "何青", "reviewer", agency="11290100MB0000004D")
ZHAO_JING = person(6, "赵静", "data_officer", "approver", agency="11290100MB0000003C")
DRAFT = ResourceDraft(
    title="企业登记信息", classification="306001003", summary="全市企业。", share_condition="作为行政依据",
    items=(
        ItemDraft("dm", "统一社会信用代码", subject="organisation", check="uscc", level="1", element="GB 32100"),
        ItemDraft("mc", "企业名称", level="2"),
    ),
    format_class="database", format_type="PostgreSQL", share_channel="platform", share_ways=("api", "file"),
    related=("102001/1",), released_on="2020-01-31", duty="企业登记管理", office="登记处",
    volumes=Volumes(stored=Decimal("1.5"), records=Decimal("12.25")),
)  # fmt: skip


@pytest.fixture
def told() -> Iterator[list[tuple[str, str, datetime]]]:
    calls: list[tuple[str, str, datetime]] = []

    def announce(resource: str, title: str, text: str, effective: datetime, now: datetime) -> int:
        calls.append((resource, text, effective))
        return 2

    unwire = catalogue.use_announcer(announce)
    yield calls
    unwire()


def cleared(code: str, now: datetime = NOW) -> None:
    catalogue.submit_for_review(WANG_MIN, code, now)
    catalogue.pass_review(LI_NA, code, now)
    catalogue.clear_secrecy(SUN_LEI, code, "不涉及国家秘密和工作秘密。", now)


def test_everything_the_guide_asks_for_is_kept() -> None:
    code = catalogue.create_resource(WANG_MIN, DRAFT, NOW)
    assert catalogue.draft(WANG_MIN, code) == DRAFT
    catalogue.publish_resource(WANG_MIN, code, NOW)
    view = catalogue.resource(ZHAO_JING, code)
    assert (view.level, view.share_ways, view.volumes.records) == ("2", ("api", "file"), Decimal("12.25"))
    assert (view.items[0].element, view.duty, view.related) == ("GB 32100", "企业登记管理", ("102001/1",))
    assert catalogue.completeness(DRAFT)[0] < catalogue.completeness(DRAFT)[1]


def test_an_entry_is_published_after_three_people_had_it_in_hand() -> None:
    catalogue.set_policy(HE_QING, review_required=True, notice_days=5, now=NOW)
    code = catalogue.create_resource(WANG_MIN, DRAFT, NOW)
    with pytest.raises(catalogue.ReviewMissing):
        catalogue.publish_resource(WANG_MIN, code, NOW)
    catalogue.submit_for_review(WANG_MIN, code, NOW)
    with pytest.raises(catalogue.SamePerson):
        catalogue.pass_review(WANG_MIN, code, NOW)
    with pytest.raises(catalogue.StageWrong):
        catalogue.edit_resource(COLLEAGUE, code, DRAFT, NOW)
    catalogue.pass_review(LI_NA, code, NOW, "齐全")
    with pytest.raises(catalogue.SamePerson):
        catalogue.clear_secrecy(LI_NA, code, "不涉密", NOW)
    assert [w.code for w in catalogue.review_queue(HE_QING) if w.mine] == [code]
    catalogue.clear_secrecy(HE_QING, code, "不涉密", NOW)
    assert catalogue.publish_resource(COLLEAGUE, code, NOW) == 1
    case = catalogue.review_case(WANG_MIN, code)
    assert [(s.kind, s.by) for s in case.steps] == [
        ("submit", "王敏"), ("pass_review", "李娜"), ("clear", "何青"),
    ]  # fmt: skip


def test_a_returned_text_is_written_again_with_its_reason_shown() -> None:
    code = catalogue.create_resource(WANG_MIN, DRAFT, NOW)
    catalogue.submit_for_review(WANG_MIN, code, NOW)
    with pytest.raises(catalogue.ConclusionMissing):
        catalogue.return_from_review(LI_NA, code, " ", NOW)
    catalogue.return_from_review(LI_NA, code, "摘要过短", NOW)
    assert catalogue.review_case(WANG_MIN, code).steps[-1].note == "摘要过短"
    catalogue.edit_resource(WANG_MIN, code, replace(DRAFT, summary="全市各类企业。"), NOW)


def test_users_are_told_before_a_change_that_touches_them(told: list[tuple[str, str, datetime]]) -> None:
    code = catalogue.create_resource(WANG_MIN, DRAFT, NOW)
    catalogue.publish_resource(WANG_MIN, code, NOW)
    catalogue.edit_resource(WANG_MIN, code, replace(DRAFT, items=DRAFT.items[:1]), NOW)
    cleared(code)
    later = NOW + timedelta(days=5)
    assert told == [(code, "取消数据项“企业名称”。", later)]
    with pytest.raises(catalogue.NoticeRunning):
        catalogue.publish_resource(WANG_MIN, code, NOW)
    assert len(catalogue.resource(ZHAO_JING, code).items) == 2
    assert catalogue.publish_resource(WANG_MIN, code, later) == 2


def test_a_change_that_takes_nothing_needs_no_notice(told: list[tuple[str, str, datetime]]) -> None:
    code = catalogue.create_resource(WANG_MIN, DRAFT, NOW)
    catalogue.publish_resource(WANG_MIN, code, NOW)
    catalogue.edit_resource(WANG_MIN, code, replace(DRAFT, summary="更完整的说明。"), NOW)
    cleared(code)
    assert told == []
    assert catalogue.publish_resource(WANG_MIN, code, NOW) == 2
    assert [c.zh for c in catalogue.difference(ZHAO_JING, code, 1, 2)] == [
        "摘要由“全市企业。”改为“更完整的说明。”。"
    ]


def test_the_second_of_two_editors_is_told_and_overwrites_nothing() -> None:
    code = catalogue.create_resource(WANG_MIN, DRAFT, NOW)
    seen = catalogue.review_case(WANG_MIN, code).revision
    catalogue.edit_resource(COLLEAGUE, code, replace(DRAFT, summary="吴言写的。"), NOW, seen=seen)
    with pytest.raises(catalogue.EditedMeanwhile) as caught:
        catalogue.edit_resource(WANG_MIN, code, replace(DRAFT, summary="王敏写的。"), NOW, seen=seen)
    assert caught.value.facts["name"] == "吴言"
    assert catalogue.draft(WANG_MIN, code).summary == "吴言写的。"
    now_seen = catalogue.review_case(WANG_MIN, code).revision
    catalogue.edit_resource(WANG_MIN, code, replace(DRAFT, summary="合并。"), NOW, seen=now_seen)


def test_outsiders_neither_see_nor_touch_a_text_under_review() -> None:
    code = catalogue.create_resource(WANG_MIN, DRAFT, NOW)
    catalogue.submit_for_review(WANG_MIN, code, NOW)
    assert catalogue.review_queue(ZHAO_JING) == ()
    for step in (catalogue.pass_review, catalogue.submit_for_review):
        with pytest.raises(catalogue.ResourceUnknown):
            step(ZHAO_JING, code, NOW)
    with pytest.raises(catalogue.ResourceUnknown):
        catalogue.review_case(ZHAO_JING, code)
    with pytest.raises(NotAllowed):
        catalogue.pass_review(COLLEAGUE, code, NOW)


def test_the_classification_is_data_of_the_bureau() -> None:
    with pytest.raises(catalogue.ClassUnknown):
        catalogue.create_resource(WANG_MIN, replace(DRAFT, classification="399001"), NOW)
    with pytest.raises(NotAllowed):
        catalogue.set_class(WANG_MIN, ResourceClass("399", "其他部门", "Others"), NOW)
    catalogue.set_class(HE_QING, ResourceClass("399", "其他部门", "Others"), NOW)
    assert catalogue.create_resource(WANG_MIN, replace(DRAFT, classification="399001"), NOW) == "399001/1"
    catalogue.set_class(HE_QING, ResourceClass("399", "其他部门", "Others", retired=True), NOW)
    with pytest.raises(catalogue.ClassUnknown):
        catalogue.create_resource(WANG_MIN, replace(DRAFT, classification="399001", title="另"), NOW)
    with pytest.raises(catalogue.PolicyWrong):
        catalogue.set_policy(HE_QING, review_required=True, notice_days=91, now=NOW)
