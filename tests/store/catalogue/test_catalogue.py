"""Entries from draft to edition to withdrawal; who sees which."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.catalogue.public import ItemDraft, ResourceDraft
from yiwang.blocks.identity.public import Actor, NotAllowed

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


def person(number: int, agency: str, name: str, *roles: str) -> Actor:
    return Actor(number, f"u{number}", f"人{number}", agency, name, "290100", frozenset(roles))


WANG_MIN = person(1, "11290100MB0000001A", "市市场监督管理局", "data_officer")
ZHOU_HANG = person(2, "11290100MB0000002B", "市民政局", "data_officer")
CLERK = person(3, "11290100MB0000001A", "市市场监督管理局", "auditor")
DRAFT = ResourceDraft(
    title="企业登记信息", title_en="Enterprises", classification="306001003", summary="全市企业。",
    items=(ItemDraft("dm", "统一社会信用代码", subject="organisation", check="uscc"), ItemDraft("mc", "企业名称")),
    share_condition="作为行政依据",
)  # fmt: skip


def test_codes_are_counted_by_classification_and_never_come_back() -> None:
    first = catalogue.create_resource(WANG_MIN, DRAFT, NOW)
    assert first == "306001003/1"
    catalogue.withdraw_resource(WANG_MIN, first, "重复", NOW)
    assert catalogue.create_resource(WANG_MIN, DRAFT, NOW) == "306001003/2"
    assert (
        catalogue.create_resource(ZHOU_HANG, replace(DRAFT, classification="306002001"), NOW) == "306002001/1"
    )


def test_a_draft_is_seen_by_its_own_agency_alone() -> None:
    code = catalogue.create_resource(WANG_MIN, DRAFT, NOW)
    assert catalogue.resource(WANG_MIN, code).state == "draft"
    for call in (catalogue.resource, catalogue.draft, catalogue.versions):
        with pytest.raises(catalogue.ResourceUnknown):
            call(ZHOU_HANG, code)
    assert catalogue.search_resources(ZHOU_HANG).total == 0
    assert catalogue.search_resources(ZHOU_HANG, mine=True, state="").total == 0
    assert catalogue.search_resources(WANG_MIN, mine=True, state="draft").total == 1


def test_a_published_entry_keeps_its_edition_while_the_next_is_written() -> None:
    code = catalogue.create_resource(WANG_MIN, DRAFT, NOW)
    assert catalogue.publish_resource(WANG_MIN, code, NOW, "首次发布") == 1
    with pytest.raises(catalogue.ResourceStateWrong):
        catalogue.publish_resource(WANG_MIN, code, NOW)
    longer = replace(DRAFT, items=(*DRAFT.items, ItemDraft("zt", "经营状态")), classification="101001")
    catalogue.edit_resource(WANG_MIN, code, longer, NOW)
    assert len(catalogue.resource(ZHOU_HANG, code).items) == 2
    assert not catalogue.resource(ZHOU_HANG, code).has_draft
    assert catalogue.resource(WANG_MIN, code).has_draft
    assert catalogue.draft(WANG_MIN, code).classification == "306001003"
    assert catalogue.publish_resource(WANG_MIN, code, NOW) == 2
    assert len(catalogue.resource(ZHOU_HANG, code).items) == 3
    assert [(v.version, v.note, v.current) for v in catalogue.versions(ZHOU_HANG, code)] == [
        (2, "", True),
        (1, "首次发布", False),
    ]
    assert [c.zh for c in catalogue.difference(ZHOU_HANG, code, 1, 2)] == ["增加数据项“经营状态”。"]
    with pytest.raises(catalogue.VersionUnknown):
        catalogue.difference(ZHOU_HANG, code, 1, 9)


def test_a_later_draft_can_be_dropped() -> None:
    code = catalogue.create_resource(WANG_MIN, DRAFT, NOW)
    catalogue.publish_resource(WANG_MIN, code, NOW)
    catalogue.edit_resource(WANG_MIN, code, replace(DRAFT, title="别名"), NOW)
    catalogue.discard_draft(WANG_MIN, code, NOW)
    assert catalogue.draft(WANG_MIN, code).title == "企业登记信息"


def test_only_the_providers_data_officer_writes() -> None:
    code = catalogue.create_resource(WANG_MIN, DRAFT, NOW)
    with pytest.raises(NotAllowed):
        catalogue.create_resource(CLERK, DRAFT, NOW)
    with pytest.raises(catalogue.ResourceUnknown):
        catalogue.edit_resource(ZHOU_HANG, code, DRAFT, NOW)
    catalogue.publish_resource(WANG_MIN, code, NOW)
    for actor in (ZHOU_HANG, CLERK):
        with pytest.raises(catalogue.ResourceNotYours):
            catalogue.edit_resource(actor, code, DRAFT, NOW)
        with pytest.raises(catalogue.ResourceNotYours):
            catalogue.withdraw_resource(actor, code, "x", NOW)


def test_a_draft_with_mistakes_is_not_saved_and_a_name_is_once_an_agency() -> None:
    with pytest.raises(catalogue.ResourceInvalid) as caught:
        catalogue.create_resource(WANG_MIN, replace(DRAFT, title="", items=()), NOW)
    assert [p.where for p in caught.value.problems] == ["title", "items"]
    catalogue.create_resource(WANG_MIN, DRAFT, NOW)
    with pytest.raises(catalogue.TitleTaken):
        catalogue.create_resource(WANG_MIN, DRAFT, NOW)
    catalogue.create_resource(ZHOU_HANG, DRAFT, NOW)


def test_a_withdrawn_entry_disappears_and_stays_withdrawn() -> None:
    code = catalogue.create_resource(WANG_MIN, DRAFT, NOW)
    catalogue.publish_resource(WANG_MIN, code, NOW)
    catalogue.withdraw_resource(WANG_MIN, code, "职能调整", NOW)
    with pytest.raises(catalogue.ResourceUnknown):
        catalogue.resource(ZHOU_HANG, code)
    assert catalogue.resource(WANG_MIN, code).withdrawn_reason == "职能调整"
    with pytest.raises(catalogue.ResourceStateWrong):
        catalogue.edit_resource(WANG_MIN, code, DRAFT, NOW)
    assert catalogue.resources_by_code({code})[code].state == "withdrawn"


@pytest.fixture
def many() -> None:
    for index, (actor, title, share) in enumerate(
        [
            (WANG_MIN, "企业登记信息", "conditional"),
            (WANG_MIN, "个体户登记信息", "unconditional"),
            (ZHOU_HANG, "婚姻登记信息", "conditional"),
        ]
    ):
        made = replace(DRAFT, title=title, summary=f"摘要{index} 50%_off", title_en=f"Entry {index}")
        made = replace(made, share_type="unconditional") if share == "unconditional" else made
        catalogue.publish_resource(actor, catalogue.create_resource(actor, made, NOW), NOW)


@pytest.mark.parametrize(
    ("text", "total"),
    [("", 3), ("登记", 3), ("婚姻", 1), ("企业名称", 3), ("民政局", 1), ("登记 企业登记", 1), ("ENTRY 1", 1), ("306001003/2", 1),
     ("50%_", 3), ("没有这个", 0), ("%", 3), ("\\", 0), ("'; DROP TABLE catalogue_resource; --", 0)],
)  # fmt: skip
def test_words_are_found_wherever_they_stand(many: None, text: str, total: int) -> None:
    assert catalogue.search_resources(ZHOU_HANG, text=text).total == total


def test_facets_count_what_choosing_them_would_show(many: None) -> None:
    page = catalogue.search_resources(ZHOU_HANG, provider=WANG_MIN.agency, per_page=1, page=9)
    assert (page.total, page.page, page.pages, len(page.rows)) == (2, 2, 2, 1)
    assert {(f.value, f.count) for f in page.providers} == {(WANG_MIN.agency, 2), (ZHOU_HANG.agency, 1)}
    assert {(f.value, f.count) for f in page.share_types} == {("conditional", 1), ("unconditional", 1)}
    totals = catalogue.totals(ZHOU_HANG)
    assert (totals.resources, totals.providers) == (3, 2)
