"""Whole tables in the demo city: two departments with a database of their own to receive them, three jobs, one with rows
in quarantine, made and run by the same actions as a person's clicks."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import psycopg
from psycopg import sql

from yiwang.blocks.delivery import public as delivery
from yiwang.blocks.delivery.public import JobForm, TargetForm
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import Delivery, Purpose, RequestInput
from yiwang.blocks.identity.public import Actor, acting, actor_for
from yiwang.bootstrap.database import with_part
from yiwang.bootstrap.demo.resources import ENTERPRISE
from yiwang.bootstrap.demo.sharing import AID, PENSION
from yiwang.vocabulary.delivering import GrantedWay

T = TypeVar("T")


@dataclass(frozen=True)
class Receiver:
    """A department's database for what it receives."""

    username: str
    database: str
    title: str


@dataclass(frozen=True)
class Wanted:
    """A table that a department asks for, and the jobs that bring it."""

    receiver: Receiver
    title: str
    fields: tuple[str, ...]
    purpose: Purpose
    reason: str
    jobs: tuple[JobForm, ...]


AID_DATABASE = Receiver("zhouhang", "minzheng_qz", "民政前置库")
PENSION_DATABASE = Receiver("sunli", "renshe_qz", "社保前置库")
WANTED = (
    Wanted(
        AID_DATABASE, ENTERPRISE,
        ("统一社会信用代码", "企业名称", "企业类型", "注册资本", "成立日期", "经营状态", "行业代码", "住所", "联系电话", "更新时间"),
        AID, "低保审核要批量比对家庭成员任职的企业，接口逐条查询太慢。",
        (
            JobForm("", "", "企业登记信息整表", "jieshou.qy_jbxx", cron="30 22 * * *", workdays=True, check="resource", priority=2),
            JobForm("", "", "企业变更增量", "jieshou.qy_bg", mode="incremental", cursor="更新时间", cron="0 6 * * *"),
        ),
    ),
    Wanted(
        PENSION_DATABASE, ENTERPRISE, ("统一社会信用代码", "企业名称", "经营状态", "成立日期"), PENSION,
        "每月核对参保单位是否存续。", (JobForm("", "", "参保单位存续核对", "jieshou.qy_zt", mode="diff", cron="0 2 1 * *"),),
    ),
)  # fmt: skip


def tell(admin: str, codes: dict[str, str], port: int, now: datetime) -> None:
    """Ask, grant, register the targets, make the jobs and run them once. `admin` is a superuser's URL."""
    asked, ran = now - timedelta(days=6), now - timedelta(hours=1)
    for wanted in WANTED:
        user = wanted.receiver.username
        grant = granted(wanted, codes[wanted.title], asked)
        form = _target(admin, wanted.receiver, port)
        target = acting_as(user, ran, partial(_registered, form))
        for job in wanted.jobs:
            acting_as(user, ran, partial(_made, replace(job, grant=grant, target=target)))
    run_waiting(Clock(ran))


def run_waiting(clock: Clock) -> None:
    """Run in this process what waits."""
    delivery.deliver(clock, lambda run: _Ran(delivery.run_one(run, clock)), lambda: False, 1)


def _registered(form: TargetForm, actor: Actor, at: datetime) -> str:
    return delivery.add_target(actor, form, at)


def _made(form: JobForm, actor: Actor, at: datetime) -> str:
    return delivery.create_job(actor, form, at, run=True)


class Clock:
    """Two seconds later with every look."""

    def __init__(self, at: datetime) -> None:
        """Where it begins."""
        self._at = at

    def __call__(self) -> datetime:
        """The time of this look."""
        self._at += timedelta(seconds=2)
        return self._at


@dataclass
class _Ran:
    """A run that was done in this process."""

    state: str

    def poll(self) -> int:
        """Ended."""
        return 0

    def terminate(self) -> None:
        """It has ended."""


def granted(
    wanted: Wanted, code: str, at: datetime, ways: tuple[GrantedWay, ...] = ("full", "incremental", "diff")
) -> str:
    """Ask for whole tables and be granted them; gives the grant."""
    user = wanted.receiver.username
    form = RequestInput(
        reason=wanted.reason, modes=("table",), fields=wanted.fields, lookups=(), purposes=(wanted.purpose,),
        delivery=Delivery(ways, "daily"),
    )  # fmt: skip
    number = acting_as(user, at, lambda actor, when: exchange.create_request(actor, code, form, when))
    acting_as(user, at, lambda actor, when: exchange.submit_request(actor, number, when))
    grant = acting_as(
        "heqing", at, lambda actor, when: exchange.accept_request(actor, number, when, text="要件齐全。")
    )
    if grant is not None:
        return grant
    approval = exchange.Approval(text="同意，按授权频率交换。")
    return acting_as(
        "wangmin", at, lambda actor, when: exchange.approve_request(actor, number, approval, when)
    )


def _target(admin: str, receiver: Receiver, port: int) -> TargetForm:
    """A database with a role that owns one schema of it."""
    password, role = secrets.token_urlsafe(18), f"{receiver.database}_writer"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(receiver.database))
        )
        connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))
        connection.execute(
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(role), sql.Literal(password))
        )
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(receiver.database)))
    with psycopg.connect(with_part(admin, database=receiver.database), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE SCHEMA jieshou AUTHORIZATION {}").format(sql.Identifier(role)))
    return TargetForm(receiver.title, "127.0.0.1", receiver.database, role, password, port=port)


def acting_as(username: str, at: datetime, action: Callable[[Actor, datetime], T]) -> T:
    """What somebody does at a time."""
    actor = actor_for(username, at)
    with acting(actor):
        return action(actor, at)
