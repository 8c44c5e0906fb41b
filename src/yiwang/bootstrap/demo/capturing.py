"""Change capture in the demo city: social security follows the register of enterprises by the log of its database.

What the register's administrator has to do is done as its pages say: the role may replicate, the log is bounded, and the
table's owner publishes what the job names. Then clerks of the register change rows, and the changes flow.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import psycopg
from psycopg import sql

from yiwang.blocks.delivery import public as delivery
from yiwang.blocks.delivery.public import ChangeForm, JobForm
from yiwang.blocks.identity.public import Actor
from yiwang.bootstrap.database import with_part
from yiwang.bootstrap.demo import people
from yiwang.bootstrap.demo.resources import ENTERPRISE, MOUNTS
from yiwang.bootstrap.demo.sharing import PENSION
from yiwang.bootstrap.demo.sources import DATABASES, SourceDatabase
from yiwang.bootstrap.demo.tables import PENSION_DATABASE, Clock, Wanted, acting_as, granted, run_waiting

KEPT_LOG: Final = "2GB"
"""So much of its log a source keeps for who has not read it."""
NAME: Final = "参保单位变更同步"
JOB: Final = JobForm("", "", NAME, "jieshou.qy_bgtb", mode="cdc", priority=3)
WANTED: Final = Wanted(
    PENSION_DATABASE, ENTERPRISE, ("统一社会信用代码", "企业名称", "经营状态", "更新时间"), PENSION,
    "参保单位注销或改名，当天就要停保复核，每月核对太迟。", (JOB,),
)  # fmt: skip
_CLOSED: Final = """
UPDATE scjg.qy_jbxx SET jyzt = '4', jyztmc = '注销', gxsj = localtimestamp(0) WHERE tyshxydm IN (
  SELECT tyshxydm FROM scjg.qy_jbxx WHERE jyzt = '1' AND tyshxydm <> %(example)s
  ORDER BY tyshxydm DESC LIMIT %(count)s OFFSET %(after)s)
"""
_RENAMED: Final = """
UPDATE scjg.qy_jbxx SET qymc = regexp_replace(qymc, '^澜州', '澜州新'), gxsj = localtimestamp(0) WHERE tyshxydm IN (
  SELECT tyshxydm FROM scjg.qy_jbxx WHERE jyzt = '1' AND tyshxydm <> %(example)s
  ORDER BY tyshxydm DESC LIMIT %(count)s OFFSET %(after)s)
"""
_FOUNDED: Final = """
INSERT INTO scjg.qy_jbxx SELECT '91290102MA0AAAA95C', '澜州晨曦食品有限公司', qylx, qylxmc, fddbr, zczb, current_date, '1',
  '存续', hydm, djjg, djqh, zs, jyfw, lxdh, localtimestamp(0) FROM scjg.qy_jbxx WHERE tyshxydm = %(example)s
"""
_WITHDRAWN: Final = "DELETE FROM scjg.qy_jbxx WHERE tyshxydm = '91290102MA0AAAA95C'"
Work = tuple[str, int, int]
"""A statement, how many firms it is about, and after how many of those in business."""
CLERKS: Final[tuple[Work, ...]] = (
    (_CLOSED, 9, 0), (_RENAMED, 4, 20), (_FOUNDED, 1, 0), (_WITHDRAWN, 1, 0),
)  # fmt: skip
"""What clerks do before the node serves."""
LATER: Final[tuple[Work, ...]] = ((_CLOSED, 3, 40), (_RENAMED, 2, 60))
"""What they do while it serves, and the job follows."""


def tell(admin: str, codes: dict[str, str], now: datetime, *, own_server: bool) -> None:
    """Ask, be granted, make the job; its first run says what to publish, the second copies, the third takes changes.

    `admin` is a superuser's URL; `own_server`: the server is the demo's alone, so its log may be bounded.
    """
    source = DATABASES[0]
    _let_read_log(admin, source, own_server=own_server)
    grant = granted(WANTED, codes[WANTED.title], now - timedelta(days=4), ("full", "changes"))
    clock = Clock(now - timedelta(minutes=40))
    user = PENSION_DATABASE.username
    try:
        number = acting_as(user, clock(), partial(_made, grant))
    except delivery.DeliveryInvalid as problem:
        print(f"  no change capture: {problem.text('en')}", file=sys.stderr, flush=True)
        return
    run_waiting(clock)
    _publish(admin, source, acting_as(user, clock(), lambda actor, _: delivery.job(actor, number).slot))
    acting_as(user, clock(), lambda actor, at: delivery.run_job(actor, number, at))
    run_waiting(clock)
    work(admin, CLERKS)
    acting_as(user, clock(), lambda actor, at: delivery.run_job(actor, number, at))
    run_waiting(clock)
    form = ChangeForm(NAME, "", workdays=False, priority=JOB.priority, rate=0, follow=True)
    acting_as(user, now, lambda actor, at: delivery.change_job(actor, number, form, at))


def work(admin: str, done: Sequence[Work]) -> None:
    """What clerks of the register change in its database, each change on its own."""
    with psycopg.connect(with_part(admin, database=DATABASES[0].database), autocommit=True) as connection:
        for statement, count, after in done:
            told = {"example": people.KEYS[ENTERPRISE][1], "count": count, "after": after}
            connection.execute(statement.encode(), told)


def _made(grant: str, actor: Actor, at: datetime) -> str:
    target = next(one for one in delivery.targets(actor) if one.name == PENSION_DATABASE.title)
    return delivery.create_job(actor, replace(JOB, grant=grant, target=target.id), at, run=True)


def _let_read_log(admin: str, source: SourceDatabase, *, own_server: bool) -> None:
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("ALTER ROLE {} REPLICATION").format(sql.Identifier(source.reader)))
        if own_server:
            kept = sql.SQL("ALTER SYSTEM SET max_slot_wal_keep_size = {}").format(sql.Literal(KEPT_LOG))
            connection.execute(kept)
            connection.execute("SELECT pg_reload_conf()")


def _publish(admin: str, source: SourceDatabase, name: str) -> None:
    """As the table's owner does, who is no exchange role: the granted columns and no other."""
    mount = next(one for one in MOUNTS if one.title == ENTERPRISE)
    columns = [one.column for one in mount.columns if one.item in WANTED.fields]
    statement = sql.SQL(
        "CREATE PUBLICATION {} FOR TABLE {} ({}) WITH (publish_via_partition_root = true)"
    ).format(
        sql.Identifier(name), sql.Identifier(mount.schema, mount.relation),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
    )  # fmt: skip
    with psycopg.connect(with_part(admin, database=source.database), autocommit=True) as connection:
        connection.execute(statement)
