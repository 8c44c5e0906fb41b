"""A resource that is exchanged by file: offered, asked for and granted. `file_delivery` delivers its file."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from yiwang.blocks.catalogue.public import ItemDraft, ResourceDraft
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.files import public as files
from yiwang.blocks.identity.public import acting, actor_for
from yiwang.bootstrap.demo.sharing import AID

TITLE: Final = "企业年度报告汇总"


def draft() -> ResourceDraft:
    """Its catalogue entry."""
    return ResourceDraft(
        title=TITLE, title_en="Annual reports of enterprises, compiled", classification="102001",
        summary="每年一份，含各企业年报的主要指标，以文件交付。",
        summary_en="Once a year: the main figures of all annual reports, delivered as a file.",
        items=tuple(
            ItemDraft(wire=wire, title=wire, title_en=english, level="1")
            for wire, english in (
                ("统一社会信用代码", "Unified social credit code"), ("报告年度", "Year"), ("资产总额", "Total assets"),
            )
        ),
        format_class="spreadsheet", format_type="CSV", share_channel="platform", share_ways=("file",),
        duty="企业年度报告公示管理（《企业信息公示暂行条例》第八条）", office="信用监管处",
        share_type="unconditional", update_cycle="yearly",
    )  # fmt: skip


def tell(code: str, past: datetime, now: datetime) -> None:
    """Offer it by file, and have the department of civil affairs ask for it."""
    wangmin, zhouhang, heqing = (actor_for(name, now) for name in ("wangmin", "zhouhang", "heqing"))
    with acting(wangmin):
        files.open_shelf(wangmin, code, files.ShelfForm(largest=20 << 30), past)
    with acting(zhouhang):
        number = exchange.create_request(
            zhouhang, code,
            exchange.RequestInput(
                reason="核对低保家庭成员名下企业的资产规模。", modes=("file",), fields=(), lookups=(), purposes=(AID,),
                calls_per_day=50, days=365,
            ),
            now,
        )  # fmt: skip
        exchange.submit_request(zhouhang, number, now)
    with acting(heqing):
        exchange.accept_request(heqing, number, now, text="要件齐全。")
