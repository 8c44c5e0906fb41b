"""Needs of the demo city in every state, made by the same actions as a person's clicks, with earlier dates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from yiwang.blocks.demand import public as demand
from yiwang.blocks.demand.public import Answer, Statement, WantedItem
from yiwang.blocks.identity.public import Actor, acting, actor_for

T = TypeVar("T")


@dataclass(frozen=True)
class Wish:
    """One need: who states it `days` ago, and how far it gets."""

    username: str
    said: Statement
    days: int
    ends: str


def _said(title: str, reason: str, code: str, purpose: str, *items: str) -> Statement:
    return Statement(
        title, reason, f"item:{code}", purpose, tuple(WantedItem(name) for name in items), coverage="全市",
        contact_post="数据专班", contact_phone="内线 6210",
    )  # fmt: skip


AID, PENSION = ("000111004000", "最低生活保障对象认定"), ("000114006000", "城乡居民养老保险待遇核定")
PERMIT = ("000118012000", "道路货物运输经营许可")
WISHES = (
    Wish("zhouhang", _said("企业股权出质登记", "核对低保家庭成员持有的股权。", *AID, "统一社会信用代码", "出质股权数额"), 4, "routed"),
    Wish("sunli", _said("企业注销登记", "核定待遇时查看单位是否已注销。", *PENSION, "统一社会信用代码", "注销日期"), 12, "promised"),
    Wish("zhaojing", _said("居民户籍迁移", "核对从业人员的户籍所在地。", *PERMIT, "公民身份号码", "迁入日期"), 24, "silent"),
    Wish("zhouhang", _said("商业银行存款余额", "核对低保家庭的财产。", *AID, "账户余额"), 6, "unmatched"),
    Wish("sunli", _said("企业经营状态", "核对参保单位是否存续。", *PENSION, "统一社会信用代码", "经营状态"), 30, "met"),
    Wish("zhouhang", _said("通话记录", "查找失联的救助对象。", *AID, "通话时间"), 28, "declined"),
    Wish("zhaojing", _said("企业年报从业人数", "不再需要。", *PERMIT, "统一社会信用代码", "从业人数"), 15, "withdrawn"),
    Wish("zhouhang", _said("企业分支机构", "核对家庭成员开办的分支机构。", *AID, "统一社会信用代码", "分支机构名称"), 1, "draft"),
)  # fmt: skip


def tell(now: datetime) -> None:
    """Bring every need to its end."""
    for wish in WISHES:
        _tell(wish, now)


def _tell(wish: Wish, now: datetime) -> None:
    start = now - timedelta(days=wish.days)

    def as_(username: str, hours: float, action: Callable[[Actor, datetime], T]) -> T:
        at = min(start + timedelta(hours=hours), now)
        actor = actor_for(username, at)
        with acting(actor):
            return action(actor, at)

    asker = wish.username
    number = as_(asker, 0, lambda actor, at: demand.state_need(actor, wish.said, at))
    if wish.ends == "draft":
        return
    as_(asker, 1, lambda actor, at: demand.submit_need(actor, number, at))
    match wish.ends:
        case "promised":
            reply = Answer("will", "注销信息在业务库中，本月编入目录。", by=(now + timedelta(days=9)).date())
            as_("wangmin", 30, lambda actor, at: demand.answer_need(actor, number, reply, at))
        case "met":
            view = as_("wangmin", 2, lambda actor, at: demand.need(actor, number, at))
            found = Answer("have", "已有目录包含经营状态。", resource=view.row.best)
            as_("wangmin", 30, lambda actor, at: demand.answer_need(actor, number, found, at))
        case "declined":
            text, basis = "通信内容和记录受法律保护，不得共享。", "《中华人民共和国宪法》第四十条"
            as_("heqing", 60, lambda actor, at: demand.decline_need(actor, number, "law", text, basis, at))
        case "withdrawn":
            as_(asker, 40, lambda actor, at: demand.withdraw_need(actor, number, at, text="改由企业自报。"))
