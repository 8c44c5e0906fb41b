"""Fitting resources to tables, noticing drift, and guessing items from columns."""

from __future__ import annotations

from datetime import date

import pytest

from yiwang.blocks.exchange.domain.drifting import drifts
from yiwang.blocks.exchange.domain.mount import ColumnMap, Drift
from yiwang.blocks.exchange.domain.mounting import MountPlan, fitted, key_is_declared
from yiwang.blocks.exchange.domain.proposing import propose
from yiwang.dataplane.connectors.facts import ColumnFacts, RelationFacts, RelationName

TABLE = RelationFacts(
    RelationName("public", "企业", "table", "", 10, True),
    (
        ColumnFacts("dm", "character(18)", "text", 18, False, "统一社会信用代码"),
        ColumnFacts("mc", "text", "text", 0, True, ""),
        ColumnFacts("zczb", "numeric(16,2)", "decimal", 0, True, ""),
        ColumnFacts("tags", "text[]", None, 0, True, ""),
    ),
    (("dm",),),
)
ITEMS = {"代码": "text", "名称": "text", "资本": "decimal", "年份": "integer", "成立": "date"}
COLUMNS = (ColumnMap("代码", "dm", "text", "character(18)"), ColumnMap("名称", "mc", "text", "text"))


def plan(
    *pairs: tuple[str, str], key: tuple[str, ...] = (), modes: tuple[str, ...] = ("query",)
) -> MountPlan:
    return MountPlan(
        [ColumnMap(item, column, "text", "") for item, column in pairs], key, modes, "immediate", ""
    )


def test_types_come_from_catalogue_and_table_whatever_the_form_says() -> None:
    columns, found = fitted(plan(("代码", "dm"), ("资本", "zczb"), key=("代码",)), ITEMS, TABLE)  # type: ignore[arg-type]
    assert found == ()
    assert [(c.type, c.database_type) for c in columns] == [
        ("text", "character(18)"),
        ("decimal", "numeric(16,2)"),
    ]


@pytest.mark.parametrize(
    ("given", "place"),
    [
        (plan(), "columns"),
        (plan(("没有", "dm")), "columns.0.item"),
        (plan(("代码", "dm"), ("代码", "mc")), "columns.1.item"),
        (plan(("代码", "没有")), "columns.0.column"),
        (plan(("代码", "tags")), "columns.0.column"),
        (plan(("成立", "mc")), "columns.0.column"),
        (plan(("代码", "dm"), key=("名称",)), "key"),
        (plan(("代码", "dm"), ("名称", "mc"), key=("名称",)), "key"),
        (plan(("代码", "dm"), modes=()), "modes"),
        (MountPlan(COLUMNS, (), ("query",), "withheld", ""), "disclosure_basis"),
        (MountPlan(COLUMNS, (), ("query",), "maybe", ""), "disclosure"),
    ],
)
def test_a_mount_that_does_not_fit_is_told_where(given: MountPlan, place: str) -> None:
    _, found = fitted(given, ITEMS, TABLE)  # type: ignore[arg-type]
    assert place in [problem.where for problem in found]


def test_a_key_of_a_view_is_only_declared() -> None:
    assert key_is_declared(("名称",), COLUMNS, TABLE)
    assert not key_is_declared(("代码",), COLUMNS, TABLE)


def test_an_unchanged_table_has_not_drifted() -> None:
    now = {"dm": "character(18)", "mc": "text", "new": "text"}
    assert drifts(COLUMNS, ("代码",), now, (("dm",),), declared=False) == ()


def test_each_drift_has_its_name() -> None:
    now = {"mc": "character varying(50)"}
    found = drifts(COLUMNS, ("代码",), now, (), declared=False)
    assert [drift.kind for drift in found] == ["dropped", "retyped", "key-gone"]
    assert found[1] == Drift("retyped", "名称", "mc", "text", "character varying(50)")
    assert drifts(COLUMNS, (), None, (), declared=False) == (Drift("relation-gone"),)
    assert drifts(COLUMNS, ("代码",), {"dm": "character(18)", "mc": "text"}, (), declared=True) == ()


def column(name: str, comment: str = "") -> ColumnFacts:
    return ColumnFacts(name, "text", "text", 0, True, comment)


RESIDENTS = ["11010519491231002X", "440524188001010014", "110101199003070011"]
COMPANIES = ["91350100M000100Y43", "91110000600037341L", "914403001922038216"]


def test_identity_numbers_are_found_by_their_check_digits_whatever_the_column_is_called() -> None:
    found = propose([column("c1"), column("c2")], {"c1": RESIDENTS, "c2": COMPANIES}, date(2026, 11, 21))
    assert [(i.subject, i.check, i.mask) for i in found] == [
        ("person", "resident_id", "id_number"), ("organisation", "uscc", None),
    ]  # fmt: skip


def test_a_name_alone_is_believed_only_while_the_values_agree() -> None:
    found = propose([column("身份证号"), column("sfzh")], {"sfzh": ["无", "不详", "x"]}, date(2026, 11, 21))
    assert [item.check for item in found] == ["resident_id", None]


def test_personal_columns_get_grades_and_masks_and_unknown_types_are_left_out() -> None:
    columns = [
        column("gmsfhm"), column("xm", "姓名"), column("lxdh", "联系电话"), column("dz", "家庭住址"),
        column("mz", "民族"), ColumnFacts("geom", "geometry", None, 0, True, ""),
    ]  # fmt: skip
    found = {
        item.column: (item.grade, item.mask)
        for item in propose(columns, {"gmsfhm": RESIDENTS}, date(2026, 11, 21))
    }
    assert found == {
        "gmsfhm": ("sensitive", "id_number"), "xm": ("personal", None), "lxdh": ("personal", "phone"),
        "dz": ("personal", "address"), "mz": ("sensitive", "hidden"),
    }  # fmt: skip
