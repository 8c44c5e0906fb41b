"""What the catalogue workbench of the demo shows: scans with proposals, a drift, entries under review, a feed."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl

from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import Actor, acting, actor_for
from yiwang.bootstrap.demo.resources import RESIDENT

SHEET = "信息资源目录"
_WRITTEN = (
    ("个体工商户登记信息", "个体工商户的登记与变更。", ("统一社会信用代码", "字号名称", "经营者姓名")),
    ("企业年度报告公示信息", "企业年报的公示内容，每年更新。", ("统一社会信用代码", "报告年度", "从业人数")),
    (
        "经营异常名录信息",
        "列入、移出经营异常名录的企业与原因。",
        ("统一社会信用代码", "列入原因", "列入日期"),
    ),
    (
        "特种设备使用登记信息",
        "锅炉、电梯等特种设备的使用登记。",
        ("设备注册代码", "使用单位", "下次检验日期"),
    ),
)


def write(sources: dict[str, str], codes: dict[str, str], past: datetime, now: datetime) -> None:
    """Through the same actions as the pages; nothing here writes a row by itself."""
    wang, lin = actor_for("wangmin", now), actor_for("linfeng", now)
    narrowed(lin, codes[RESIDENT], past)
    for actor, department in ((wang, "shichang"), (lin, "gongan")):
        number = exchange.scan_source(actor, sources[department], exchange.ScanOrder(rate=100), now)
        exchange.run_scan(number)
    under_review(wang, now)
    feed(wang, now)


def narrowed(actor: Actor, code: str, now: datetime) -> None:
    """An edition that says less of the addresses than the table holds by now: the scan tells of it."""
    draft = catalogue.draft(actor, code)
    items = tuple(replace(one, length=100) if one.wire == "户籍地址" else one for one in draft.items)
    with acting(actor):
        catalogue.edit_resource(actor, code, replace(draft, items=items), now)
        exchange.publish_resource(actor, code, now)


def under_review(wang: Actor, now: datetime) -> None:
    """One text in each hand: being written, under review, under secrecy review, returned."""
    approver = actor_for("hanbing", now)
    made = [catalogue.create_resource(wang, _draft(*facts), now - timedelta(days=3)) for facts in _WRITTEN]
    _first, second, third, fourth = made
    for code in (second, third, fourth):
        catalogue.submit_for_review(wang, code, now - timedelta(days=2))
    catalogue.pass_review(approver, third, now - timedelta(days=1), "信息项与登记系统一致。")
    catalogue.return_from_review(
        approver, fourth, "缺少设备所在区划，请补充后再提交。", now - timedelta(days=1)
    )


def feed(wang: Actor, now: datetime) -> None:
    """A folder into which two spreadsheets were dropped: one good, one with a cell to correct."""
    operator = actor_for("zhouyan", now)
    number = catalogue.add_feed(operator, catalogue.FeedForm("市场监管局旧目录系统", wang.username), now)
    drop = Path(catalogue.feed(operator, number).folder)
    (drop / "十一月更新.xlsx").write_bytes(_sheet(wang, "摘要", "个体工商户的登记、变更与注销，每日更新。"))
    (drop / "待核对.xlsx").write_bytes(_sheet(wang, "更新周期", "偶尔"))
    catalogue.run_due_feeds(now)


def _draft(title: str, summary: str, names: tuple[str, ...]) -> catalogue.ResourceDraft:
    return catalogue.ResourceDraft(
        title=title, classification="306001", summary=summary,
        items=tuple(catalogue.ItemDraft(name, name, length=100, level="1") for name in names),
        share_condition="用于行政许可和监管。", share_condition_en="For permits and supervision.",
        format_class="database", format_type="PostgreSQL",
        share_channel="platform", share_ways=("api",), duty="市场监督管理（三定规定）", office="登记注册处",
    )  # fmt: skip


def _sheet(actor: Actor, head: str, value: str) -> bytes:
    """The department's census sheet with one cell of its first draft changed."""
    book = openpyxl.load_workbook(io.BytesIO(catalogue.export_sheet(actor)))
    page = book[SHEET]
    column = next(
        cell.column
        for row in page.iter_rows(max_row=2)
        for cell in row
        if cell.value and head in str(cell.value)
    )
    row = next(cell.row for cells in page.iter_rows() for cell in cells if cell.value == _WRITTEN[0][0])
    page.cell(row=row, column=column).value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
