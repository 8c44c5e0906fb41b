"""The entries of the permits: each kind is a resource of its own, mounted on its view."""

from __future__ import annotations

from yiwang.blocks.catalogue.public import ItemDraft, ResourceDraft
from yiwang.blocks.exchange.public import ColumnMap, MountForm
from yiwang.bootstrap.demo.permits import COLUMNS, KINDS, SCHEMA, view_of


def draft(number: int) -> ResourceDraft:
    """The entry of a kind."""
    zh, en = KINDS[number - 1]
    return ResourceDraft(
        title=f"{zh}信息", title_en=en, classification="306001",
        summary=f"{zh}的持证单位、发证日期和状态。", summary_en=f"{en}: holder, date and state.",
        items=(
            ItemDraft("许可证编号", "许可证编号", title_en="Number", length=24),
            ItemDraft("统一社会信用代码", "统一社会信用代码", title_en="Unified social credit code", length=18,
                      subject="organisation", check="uscc"),
            ItemDraft("持证单位", "持证单位", title_en="Holder", length=200),
            ItemDraft("发证日期", "发证日期", title_en="Issued on", type="date"),
            ItemDraft("有效期至", "有效期至", title_en="Valid until", type="date"),
            ItemDraft("证件状态", "证件状态", title_en="State", length=10),
        ),
        format_class="database", format_type="PostgreSQL", share_channel="platform", share_ways=("api",),
        duty="行政许可和备案（《行政许可法》第三十条）", office="行政审批处", share_type="conditional",
        share_condition="用于行政审批、监管执法和社会救助核对。",
        share_condition_en="For permits, supervision and the checks of social assistance.", update_cycle="daily",
    )  # fmt: skip


def mount(number: int, code: str, source: str) -> MountForm:
    """Where the entry of a kind lives."""
    columns = tuple(ColumnMap(item, column, kind, database) for item, column, kind, database in COLUMNS)  # type: ignore[arg-type]
    return MountForm(code, source, SCHEMA, view_of(number), columns)
