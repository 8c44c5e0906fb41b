"""A department of the demo follows the changes of enterprises, by an application that fetches them at the gateway."""

from __future__ import annotations

from datetime import datetime, timedelta

from yiwang.blocks.identity.public import actor_for, clients_of_agency
from yiwang.blocks.subscriptions import public as subs
from yiwang.bootstrap.demo.resources import ENTERPRISE
from yiwang.bootstrap.demo.sharing import AID
from yiwang.bootstrap.demo.tables import AID_DATABASE, Wanted, granted

WANTED = Wanted(
    AID_DATABASE, ENTERPRISE, ("统一社会信用代码", "企业名称", "经营状态", "成立日期", "更新时间"), AID,
    "企业注销或变更后及时复核低保家庭，每晚取全表太迟。", (),
)  # fmt: skip


def tell(codes: dict[str, str], now: datetime) -> None:
    """Ask, be granted, subscribe; the node's own process begins to follow when it comes up."""
    at = now - timedelta(days=2)
    grant = granted(WANTED, codes[WANTED.title], at, ("full", "changes"))
    actor = actor_for(WANTED.receiver.username, at)
    subs.subscribe(actor, grant, clients_of_agency(actor.agency)[0], WANTED.purpose.code, at)
