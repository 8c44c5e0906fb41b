"""Before changes are captured: is the source fit for it, and does what was kept join what comes next."""

from __future__ import annotations

import re
import secrets
from typing import Literal

from yiwang.dataplane.transfer.capture import errors
from yiwang.dataplane.transfer.capture.slot import Slot, Table
from yiwang.dataplane.transfer.capture.spool import Spool
from yiwang.dataplane.transfer.checkpoint import JobState
from yiwang.dataplane.transfer.checks import DROP
from yiwang.dataplane.transfer.errors import TransferTableMissing
from yiwang.dataplane.transfer.planning import Order

Gap = Literal["", "slot-missing", "slot-lost", "table-replaced", "spool-gap"]


def require(slot: Slot, order: Order, *, listed: bool = False) -> Table:
    """The table, fit to be captured; `listed`: the publication will name columns.

    Raises: TransferTableMissing, CaptureUnfit, CaptureIdentityMissing.
    """
    table, place = slot.table(order.table), str(slot.at)
    if table is None:
        raise TransferTableMissing(table=order.table, place=place)
    if not table.fits:
        raise errors.CaptureUnfit(
            table=order.table, place=place, reason_zh="它是视图、外部表或不记日志的表",
            reason_en="it is a view, a foreign table or not logged",
        )  # fmt: skip
    if table.filtered:
        raise errors.CaptureUnfit(
            table=order.table, place=place, reason_zh="行级安全对本用户隐藏了部分行，日志却不会",
            reason_en="row security hides rows from this user, and the log would not",
        )  # fmt: skip
    made = {name for name in table.generated if order.masks.get(name) != DROP}
    if made:
        raise errors.CaptureUnfit(
            table=order.table, place=place, reason_zh=f"日志里没有生成列 {'、'.join(sorted(made))}，请在 --mask 中设为 drop",
            reason_en=f"the log does not hold the generated columns {', '.join(sorted(made))}; drop them by --mask",
        )  # fmt: skip
    if table.whole and (listed or slot.lists or DROP in order.masks.values()):
        # PostgreSQL would refuse the source its own updates and deletions while such a publication is there
        raise errors.CaptureUnfit(
            table=order.table, place=place, reason_zh="它的复制标识是 FULL，发布部分列会使来源自己的更新失败",
            reason_en="its replica identity is FULL: to publish some of its columns would make its own updates fail",
        )  # fmt: skip
    if not table.identity or (order.key and set(order.key) != set(table.identity)):
        raise errors.CaptureIdentityMissing(table=order.table, key="、".join(order.key) or "-")
    return table


def gap(slot: Slot, spool: Spool, order: Order, state: JobState | None) -> Gap:
    """Why the table must be copied or compared before changes are applied; nothing when they join."""
    name = spool.fact("slot")
    if state is not None and state.slot and state.slot != name:
        if name:  # this folder belongs to an older beginning of the job
            slot.drop(name)
            slot.retract(name)
        name = state.slot
        spool.begin_at(name, 0)
    if not name:
        # known before it is made: a cut must not leave a slot at the source that nobody knows of
        name = slot_name(order.job)
        spool.begin_at(name, 0)
    standing = slot.standing(name)
    if standing.state != "ready":
        return "slot-lost" if standing.state == "lost" else "slot-missing"
    if not slot.published(name, order.table):
        return "table-replaced"
    if state is not None and not spool.reached and standing.confirmed <= state.lsn:
        spool.begin_at(name, standing.confirmed)  # a new folder, and nothing was in the old one
    if spool.reached < standing.confirmed or (state is not None and spool.begun > state.lsn):
        return "spool-gap"
    return ""


def slot_name(job: str) -> str:
    """A new name for slot and publication: it begins with the job's, and no other job has it."""
    plain = re.sub("[^a-z0-9]+", "_", job.lower()).strip("_")[:30]
    return f"yw_{plain or 'job'}_{secrets.token_hex(5)}"
