"""Census sheets go in whole or not at all, as drafts, and do what their preview said."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest

from tests.store.catalogue.test_reviewing import DRAFT, HE_QING, LI_NA, WANG_MIN, ZHAO_JING
from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.identity.public import NotAllowed

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


def edited(data: bytes, **cells: object) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(data))
    for place, value in cells.items():
        book["信息资源目录"][place] = value  # type: ignore[assignment]
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@pytest.fixture
def two() -> tuple[str, str]:
    first = catalogue.create_resource(WANG_MIN, DRAFT, NOW)
    catalogue.publish_resource(WANG_MIN, first, NOW)
    return first, catalogue.create_resource(WANG_MIN, replace(DRAFT, title="个体户登记信息"), NOW)


def test_an_export_taken_in_again_changes_nothing(two: tuple[str, str]) -> None:
    plan = catalogue.plan_import(WANG_MIN, catalogue.export_sheet(WANG_MIN))
    assert (plan.new, plan.changed, plan.unchanged, plan.absent, plan.defects) == ((), (), 2, 0, ())


def test_new_and_changed_entries_become_drafts(two: tuple[str, str]) -> None:
    data = edited(catalogue.export_sheet(WANG_MIN), I3="更完整的摘要。", F5=None, E5="另一资源")
    plan = catalogue.plan_import(WANG_MIN, data)
    assert [entry.title for entry in plan.new] == ["另一资源"]
    assert [c.zh for c in plan.changed[0].changes] == ["摘要由“全市企业。”改为“更完整的摘要。”。"]
    assert plan.absent == 1
    done = catalogue.import_sheet(WANG_MIN, data, NOW, digest=plan.digest)
    assert (done.created, done.changed) == (("306001003/3",), (two[0],))
    assert catalogue.resource(ZHAO_JING, two[0]).summary == "全市企业。"
    assert catalogue.draft(WANG_MIN, two[0]).summary == "更完整的摘要。"
    assert catalogue.resource(WANG_MIN, done.created[0]).state == "draft"
    assert catalogue.draft(WANG_MIN, done.created[0]) == replace(DRAFT, title="另一资源")


def test_one_wrong_cell_keeps_everything_out(two: tuple[str, str]) -> None:
    data = edited(catalogue.export_sheet(WANG_MIN), I3="更完整的摘要。", V5="看情况")
    with pytest.raises(catalogue.SheetDefective) as caught:
        catalogue.import_sheet(WANG_MIN, data, NOW)
    assert [(d.cell, d.kind) for d in caught.value.defects] == [("V5", "not-a-choice")]
    assert catalogue.draft(WANG_MIN, two[0]).summary == "全市企业。"


def test_a_preview_that_the_catalogue_outran_is_not_carried_out(two: tuple[str, str]) -> None:
    data = edited(catalogue.export_sheet(WANG_MIN), I3="更完整的摘要。")
    key = catalogue.keep_upload(WANG_MIN, "普查.xlsx", data, NOW)
    shown = catalogue.kept_upload(WANG_MIN, key)
    catalogue.edit_resource(WANG_MIN, two[1], replace(DRAFT, title="个体户登记信息", office="新处室"), NOW)
    with pytest.raises(catalogue.ImportOutdated):
        catalogue.import_upload(WANG_MIN, key, shown.plan.digest, NOW)
    catalogue.import_upload(WANG_MIN, key, catalogue.kept_upload(WANG_MIN, key).plan.digest, NOW)
    with pytest.raises(catalogue.UploadGone):
        catalogue.kept_upload(WANG_MIN, key)


def test_what_is_under_review_is_not_changed_by_a_sheet(two: tuple[str, str]) -> None:
    data = edited(catalogue.export_sheet(WANG_MIN), I5="更完整的摘要。")
    catalogue.submit_for_review(WANG_MIN, two[1], NOW)
    assert [(d.kind, d.cell) for d in catalogue.plan_import(WANG_MIN, data).defects] == [
        ("under-review", "E5")
    ]


def test_a_sheet_of_another_agency_is_told_so_and_only_officers_import(two: tuple[str, str]) -> None:
    data = catalogue.export_sheet(WANG_MIN)
    kinds = {d.kind for d in catalogue.plan_import(ZHAO_JING, data).defects}
    assert kinds == {"other-agency", "code-unknown"}
    with pytest.raises(NotAllowed):
        catalogue.plan_import(LI_NA, data)
    key = catalogue.keep_upload(WANG_MIN, "普查.xlsx", data, NOW)
    with pytest.raises(catalogue.UploadGone):
        catalogue.kept_upload(ZHAO_JING, key)


def test_hundreds_of_entries_go_in_at_once() -> None:
    from yiwang.blocks.catalogue.domain.census.writing import census_tables
    from yiwang.dataplane.spreadsheets.writing import write_workbook

    wanted = [("", replace(DRAFT, title=f"资源{n}")) for n in range(300)]
    data = write_workbook(census_tables(wanted, WANG_MIN.agency, "市市场监督管理局"))
    done = catalogue.import_sheet(WANG_MIN, data, NOW)
    assert len(set(done.created)) == 300
    assert catalogue.draft(WANG_MIN, done.created[299]) == wanted[299][1]


def test_another_catalogue_is_followed_by_its_own_codes() -> None:
    feed = "http://old.example/catalogue.json"
    first = catalogue.import_entries(
        WANG_MIN, feed, [("A-1", DRAFT), ("A-2", replace(DRAFT, title="乙"))], NOW
    )
    assert len(first.created) == 2
    again = catalogue.import_entries(
        WANG_MIN, feed, [("A-1", DRAFT), ("A-2", replace(DRAFT, title="丙"))], NOW
    )
    assert (again.created, again.changed, again.unchanged) == ((), (first.created[1],), 1)
    catalogue.withdraw_resource(WANG_MIN, first.created[0], "合并", NOW)
    assert catalogue.import_entries(WANG_MIN, feed, [("A-1", DRAFT)], NOW).created == ()
    with pytest.raises(catalogue.ResourceInvalid):
        catalogue.import_entries(
            WANG_MIN, feed, [("A-3", replace(DRAFT, title="丁")), ("A-4", replace(DRAFT, title=""))], NOW
        )
    assert catalogue.search_resources(WANG_MIN, text="丁", mine=True, state="").total == 0


def test_the_standing_of_a_department_counts_what_is_published(two: tuple[str, str]) -> None:
    own = catalogue.standing(WANG_MIN, frozenset(), {}, {}, NOW)
    assert [(d.entries, d.shareable, d.mounted, d.timely, d.waiting) for d in own] == [(1, 1, 0.0, None, 1)]
    assert own[0].complete is not None
    assert own[0].complete < 100
    late = catalogue.standing(HE_QING, frozenset(two), {two[0]: NOW - timedelta(days=3)}, {}, NOW)
    assert [(d.mounted, d.timely) for d in late] == [(100.0, 0.0)]
    still = {two[0]: NOW - timedelta(hours=3)}
    assert [d.timely for d in catalogue.standing(WANG_MIN, frozenset(), {}, still, NOW)] == [None]
    assert [
        d.timely for d in catalogue.standing(WANG_MIN, frozenset(), {}, still, NOW + timedelta(days=370))
    ] == [0.0]
    assert [d.timely for d in catalogue.standing(WANG_MIN, frozenset(), still, {}, NOW)] == [100.0]
    assert [(d.title, d.duty, d.terms) for d in catalogue.duties(ZHAO_JING)] == [
        ("企业登记信息", "企业登记管理", "作为行政依据")
    ]
    assert catalogue.standing(ZHAO_JING, frozenset(), {}, {}, NOW) == ()


def test_a_drop_folder_takes_what_fits_and_leaves_what_does_not(two: tuple[str, str], tmp_path: Path) -> None:
    from yiwang.bootstrap.cli.catalogue_sheets import _folder

    data = catalogue.export_sheet(WANG_MIN)
    (tmp_path / "a.xlsx").write_bytes(edited(data, I3="更完整的摘要。"))
    (tmp_path / "b.xlsx").write_bytes(edited(data, V3="看情况"))
    (tmp_path / "c.xlsx").write_bytes(b"no workbook")
    (tmp_path / "~$a.xlsx").write_bytes(b"lock")
    assert _folder(WANG_MIN, tmp_path) == 2
    assert sorted(file.name for file in tmp_path.glob("[a-z].xlsx")) == ["b.xlsx", "c.xlsx"]
    assert len(list((tmp_path / "done").iterdir())) == 1
    assert catalogue.draft(WANG_MIN, two[0]).summary == "更完整的摘要。"
