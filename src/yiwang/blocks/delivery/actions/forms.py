"""What people hand in: plain frozen values, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from yiwang.blocks.delivery.domain.job import PRIORITIES
from yiwang.blocks.delivery.domain.schedule import is_cron
from yiwang.dataplane.connectors.places import TARGETS
from yiwang.vocabulary.delivering import CAPTURE, JOB_WAYS, JobWay
from yiwang.vocabulary.forms import Problem

MOST_RATE: Final = 10_000_000
LARGEST_RULES: Final = 64 * 1024
"""Characters of a file of rules."""
_TABLE: Final = re.compile(r"[^\s\"'`;\\\0.]{1,63}(\.[^\s\"'`;\\\0.]{1,63})?")
_OWN: Final = "yw_transfer_"


@dataclass(frozen=True)
class TargetForm:
    """A database of the consumer. `server` is `postgresql` or `mysql`."""

    name: str
    host: str
    database: str
    user: str
    password: str
    server: str = "postgresql"
    port: int = 5432


@dataclass(frozen=True)
class JobForm:
    """A job under a grant.

    Attributes:
        grant: its number; NUMBER@NODE of one that another node gave.
        mode: `full`, `incremental` or `diff`, of those granted; `cdc` where changes are granted, of this node's tables alone.
        cursor: the field that only grows, of an incremental job.
        cron: five fields in the node's zone; empty: only when somebody says so.
        workdays: on working days alone.
        priority: 1 goes first, 9 last.
        rate: rows a second, 0 without limit.
        check: `none`, `resource` (the rules of the resource's quality) or `own` (`rules`).
        rules: the text of a file of rules.
        replace: the target table may hold other rows, which go.
        follow: a job of mode `cdc` goes on without a clock.
        case: number of the case that the rows are needed for, where the grant asks for one.
    """

    grant: str
    target: str
    name: str
    table: str
    mode: JobWay = "full"
    cursor: str = ""
    cron: str = ""
    workdays: bool = False
    priority: int = 5
    rate: int = 0
    check: str = "none"
    rules: str = ""
    replace: bool = False
    follow: bool = False
    case: str = ""


@dataclass(frozen=True)
class ChangeForm:
    """What may change of a job that there is: its clock, its turn, its pace, its case.

    Attributes:
        follow: without a clock, of mode `cdc`.
        case: the number of its case; None leaves it as it is.
    """

    name: str
    cron: str
    workdays: bool
    priority: int
    rate: int
    follow: bool = False
    case: str | None = None


def target_problems(form: TargetForm) -> Iterator[Problem]:
    """Everything wrong with a target."""
    for where, text, most in (
        ("name", form.name, 100), ("host", form.host, 255), ("database", form.database, 128), ("user", form.user, 128),
    ):  # fmt: skip
        if not text.strip():
            yield Problem(where, "请填写。", "This is needed.")
        elif len(text) > most:
            yield Problem(where, f"最多 {most} 个字符。", f"At most {most} characters.")
    if not form.password:
        yield Problem("password", "请填写口令。", "The password is needed.")
    if form.server not in TARGETS:
        yield Problem("server", "请选择数据库类型。", "Choose the kind of database.")
    if not 1 <= form.port <= 65535:
        yield Problem("port", "端口应在 1 到 65535 之间。", "A port is between 1 and 65535.")


def job_problems(form: JobForm) -> Iterator[Problem]:
    """Everything wrong with a job that its form alone can tell."""
    clock = ChangeForm(form.name, form.cron, form.workdays, form.priority, form.rate, form.follow)
    yield from change_problems(clock, form.mode)
    if not _TABLE.fullmatch(form.table) or _OWN in form.table:
        yield Problem("table", "写作 表名 或 模式名.表名。", "Write TABLE or SCHEMA.TABLE.")
    if form.mode not in JOB_WAYS:
        yield Problem("mode", "请选择方式。", "Choose how.")
    if form.mode == "incremental" and not form.cursor:
        yield Problem(
            "cursor",
            "增量要选一个只增不减的字段。",
            "Choose a field that only grows for incremental delivery.",
        )
    if form.check not in {"none", "resource", "own"}:
        yield Problem("check", "请选择检查方式。", "Choose how rows are checked.")
    if form.check == "own" and not form.rules.strip():
        yield Problem("rules", "请粘贴规则文件。", "Paste the file of rules.")
    if len(form.rules) > LARGEST_RULES:
        yield Problem("rules", "规则文件过长。", "The file of rules is too long.")


def change_problems(form: ChangeForm, mode: str) -> Iterator[Problem]:
    """Everything wrong with what may change of a job of this mode."""
    if not form.name.strip() or len(form.name) > 100:
        yield Problem("name", "请填写名称，最多 100 字。", "Give it a name of at most 100 characters.")
    if form.cron and not is_cron(form.cron):
        yield Problem(
            "cron", "写作五段：分 时 日 月 周，例如 30 22 * * *。", "Write five fields, such as 30 22 * * *."
        )
    if form.follow and (mode != CAPTURE or form.cron):
        yield Problem(
            "cron",
            "只有变更捕获的作业可以不间断运行，并且不设时刻。",
            "Only a job that captures changes goes on without a clock.",
        )
    if form.priority not in PRIORITIES:
        yield Problem("priority", "优先级是 1 到 9。", "A priority is between 1 and 9.")
    if not 0 <= form.rate <= MOST_RATE:
        yield Problem("rate", f"速率在 0 到 {MOST_RATE} 之间。", f"A rate is between 0 and {MOST_RATE}.")
