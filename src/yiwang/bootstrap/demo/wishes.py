"""What departments of the demo city ask for of its declared systems, and for what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from yiwang.blocks.exchange.public import Purpose
from yiwang.bootstrap.demo.sharing import AID, PENSION, PERMIT, RULES

CARE: Final = Purpose(
    "item:000114014000", "困难群体代缴城乡居民养老保险费", "Pension contributions paid for families in need"
)
FARES: Final = Purpose("item:000118099000", "低保家庭公共交通优惠", "Reduced fares for assisted families")


@dataclass(frozen=True)
class Wish:
    """One department asks for one declared table.

    Attributes:
        lookup: the field it asks by.
        claims: fields that may be compared, with a value that its program compares.
        decides: who decides, where the reviewer's word is not enough.
        times: how many values its program looks up.
    """

    username: str
    system: str
    entity: str
    purpose: Purpose
    fields: tuple[str, ...]
    lookup: str
    reason: str
    claims: tuple[tuple[str, str], ...] = ()
    decides: str = ""
    times: int = 14


WISHES: Final = (
    Wish(
        "zhouhang", "population", "person", AID, ("id", "name", "sex", "birth_date", "hukou_division"), "id",
        "审核低保申请时核对申请人和家庭成员的身份信息。", (("name", "王芳"),), times=14,
    ),
    Wish(
        "sunli", "population", "person", PENSION, ("id", "name", "birth_date", "death_date"), "id",
        "核定养老保险待遇时核对领取人的身份信息。", (("name", "李伟"),), times=11,
    ),
    Wish(
        "zhaojing", "population", "person", PERMIT, ("id", "name"), "id", "办理道路运输从业资格时核对申请人身份。",
        (("name", "张敏"),), times=6,
    ),
    Wish(
        "sunli", "social_assistance", "family", CARE, ("number", "district", "state", "category"), "number",
        "困难群体由政府代缴养老保险费，核定前确认家庭是否在保。", (("state", "active"),), "zhouhang", times=13,
    ),
    Wish(
        "zhaojing", "social_assistance", "family", FARES, ("number", "state"), "number",
        "办理公交优惠卡时确认家庭是否在保。", (("state", "active"),), "zhouhang", times=7,
    ),
    Wish(
        "zhaojing", "hotline", "order", RULES, ("number", "category", "title", "division", "state", "satisfied"),
        "number", "分析交通出行类诉求的分布和办理结果。", (), "songqi", times=12,
    ),
    Wish(
        "wangmin", "hotline", "order", RULES, ("number", "category", "title", "division", "state", "solved"),
        "number", "分析市场监管类诉求的分布和办理结果。", (), "songqi", times=9,
    ),
    Wish(
        "wangmin", "divisions", "division", PERMIT, ("code", "name", "level"), "code", "核对企业住所的区划代码是否现行。",
        (("level", "county"),), times=8,
    ),
    Wish(
        "zhaojing", "divisions", "division", PERMIT, ("code", "name"), "code", "核对运输企业经营地的区划名称。",
        (("level", "city"),), times=5,
    ),
)  # fmt: skip
