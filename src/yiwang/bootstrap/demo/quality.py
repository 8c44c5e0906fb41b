"""Four weeks of quality in the demo city: planted flaws, runs, tickets in every state, made by the actions of a node.

The departments' own databases are changed between the runs, as their clerks would, so that scores move and a ticket
closes by itself and comes back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg

from yiwang.blocks.identity.public import Actor, acting, actor_for
from yiwang.blocks.quality import public as quality
from yiwang.bootstrap.database import with_part
from yiwang.bootstrap.demo.resources import ENTERPRISE, RESIDENT, STATUS

BAD_CODES = """
INSERT INTO scjg.qy_jbxx SELECT overlay(tyshxydm placing CASE right(tyshxydm, 1) WHEN '0' THEN '1' ELSE '0' END from 18),
  qymc, qylx, qylxmc, fddbr, zczb, clrq, jyzt, jyztmc, hydm, djjg, djqh, zs, jyfw, lxdh, gxsj
FROM scjg.qy_jbxx WHERE abs(hashtext(tyshxydm)) % 1000 < {share} ON CONFLICT DO NOTHING
"""
GOOD_CODES = """
DELETE FROM scjg.qy_jbxx a USING scjg.qy_jbxx b WHERE abs(hashtext(b.tyshxydm)) % 1000 < {share} AND a.tyshxydm =
  overlay(b.tyshxydm placing CASE right(b.tyshxydm, 1) WHEN '0' THEN '1' ELSE '0' END from 18)
"""


@dataclass(frozen=True)
class Night:
    """A night's run `days` ago, after the clerks of the departments changed their rows."""

    days: int
    changes: tuple[tuple[str, str], ...] = ()


def _people(column: str, value: str, share: int) -> tuple[str, str]:
    """A value for so many in a thousand residents, always the same ones for the same column."""
    where = f"abs(hashtext(gmsfhm || '{column}')) % 1000 < {share}"
    return "gongan", f"UPDATE hj.rk_jbxx SET {column} = {value} WHERE {where}"  # noqa: S608 - our own text


NIGHTS = (
    Night(28, (
        _people("hyzk", "'99'", 90), _people("whcd", "'00'", 60), _people("mz", "'00'", 25), _people("lxdh", "NULL", 150),
        ("shichang", BAD_CODES.format(share=12)),
        ("shichang", "UPDATE scjg.qy_jbxx SET lxdh = NULL WHERE abs(hashtext(zs)) % 1000 < 180"),
    )),
    Night(22), Night(18, (("shichang", GOOD_CODES.format(share=12)),)),
    Night(11, (("gongan", "UPDATE hj.rk_jbxx SET hyzk = '10' WHERE hyzk = '99'"),)),
    Night(8, (("shichang", "UPDATE scjg.qy_jbxx SET lxdh = '0938-5550100' WHERE lxdh IS NULL"),)),
    Night(5, (_people("xb", "'3'", 7),)), Night(1, (("shichang", BAD_CODES.format(share=3)),)),
)  # fmt: skip
QUIET = (1, 2, 4)
"""Nights on which the register of residents rests."""


@dataclass(frozen=True)
class Hand:
    """What somebody does to the ticket of a rule on the morning after a night (by its place in `NIGHTS`)."""

    night: int
    username: str
    title: str
    rule: str
    act: Callable[[Actor, str, datetime], None]


def _take(who: Actor, ticket: str, at: datetime) -> None:
    quality.take_ticket(who, ticket, at)


def _mended(text: str) -> Callable[[Actor, str, datetime], None]:
    return lambda who, ticket, at: quality.report_mended(who, ticket, text, at)


def _ask(days: int, text: str) -> Callable[[Actor, str, datetime], None]:
    return lambda who, ticket, at: quality.ask_exemption(
        who, ticket, (at + timedelta(days=days)).date(), text, at
    )


HANDS = (
    Hand(0, "linfeng", RESIDENT, "in_list.婚姻状况代码", _take),
    Hand(0, "wangmin", ENTERPRISE, "check_digit.统一社会信用代码", _take),
    Hand(1, "wangmin", ENTERPRISE, "check_digit.统一社会信用代码", _mended("系统割接时补录的测试数据，已清理。")),
    Hand(1, "linfeng", RESIDENT, "in_list.民族代码", _ask(120, "民族成分待甄别，明年一季度补录。")),
    Hand(1, "heqing", RESIDENT, "in_list.民族代码",
         lambda who, ticket, at: quality.grant_exemption(who, ticket, "同意，到期复查。", at)),
    Hand(2, "linfeng", RESIDENT, "in_list.婚姻状况代码", _mended("已按婚姻登记信息更正。")),
    Hand(5, "linfeng", RESIDENT, "in_list.性别代码", _take),
    Hand(5, "linfeng", RESIDENT, "in_list.性别代码", _ask(60, "来自旧系统的代码，换装时一并转换。")),
)  # fmt: skip


def tell(admin: str, codes: dict[str, str], now: datetime) -> None:
    """Write it all; `admin` is a superuser's URL of the server that holds the departments' databases."""
    quality.follow_mounts(now - timedelta(days=NIGHTS[0].days))
    for number, night in enumerate(NIGHTS):
        at = (now - timedelta(days=night.days)).replace(hour=2, minute=10)
        for database, statement in night.changes:
            _change(admin, database, statement)
        for title in (ENTERPRISE, STATUS) if number in QUIET else (ENTERPRISE, STATUS, RESIDENT):
            quality.run_rules(codes[title], at)
        quality.escalate_late(at)
        for hand in HANDS:
            if hand.night == number:
                _act(hand, codes[hand.title], at + timedelta(hours=7))


def _change(admin: str, database: str, statement: str) -> None:
    with psycopg.connect(with_part(admin, database=database), autocommit=True) as connection:
        connection.execute(statement.encode())


def _act(hand: Hand, resource: str, at: datetime) -> None:
    """Let a person act on the ticket, where it is open."""
    who = actor_for(hand.username, at)
    with acting(who):
        found = quality.tickets(who, at, tab="open", per_page=200).rows
        number = next((one.id for one in found if (one.resource, one.rule) == (resource, hand.rule)), "")
        if number:
            hand.act(who, number, at)
