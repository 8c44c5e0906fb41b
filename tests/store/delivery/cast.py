"""A table with a key, a time of change, a row that breaks a rule; a grant of it as a whole table; the consumer's target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from tests.conftest import Server
from tests.store.exchange.cast import HE_QING, NOW, WANG_MIN, ZHOU_HANG, draft
from yiwang.blocks.catalogue.public import ItemDraft, create_resource, publish_resource
from yiwang.blocks.delivery import public as delivery
from yiwang.blocks.delivery.actions.watching import Watch
from yiwang.blocks.delivery.public import JobForm, TargetForm
from yiwang.blocks.exchange.public import (
    Approval,
    ColumnMap,
    Delivery,
    MountForm,
    Purpose,
    RequestInput,
    RowCondition,
    SourceForm,
    accept_request,
    add_source,
    approve_request,
    create_request,
    mount_resource,
    submit_request,
)
from yiwang.dataplane.transfer.keeping import Wish

ITEMS = (
    ItemDraft("编号", "登记编号"),
    ItemDraft("名称", "企业名称"),
    ItemDraft("法人", "法定代表人", mask="name"),
    ItemDraft("区划", "行政区划"),
    ItemDraft("资本", "注册资本", "Registered capital", type="decimal"),
    ItemDraft("更新", "更新时间", type="datetime"),
    ItemDraft("密级", "内部备注"),
)
COLUMNS = (
    ColumnMap("编号", "bh", "text", ""),
    ColumnMap("名称", "mc", "text", ""),
    ColumnMap("法人", "fr", "text", ""),
    ColumnMap("区划", "qh", "text", ""),
    ColumnMap("资本", "zczb", "decimal", ""),
    ColumnMap("更新", "gxsj", "datetime", ""),
    ColumnMap("密级", "bz", "text", ""),
)
FIELDS = ("编号", "名称", "法人", "资本", "更新")
RULES = """
rules:
  - {id: capital, rule: range, field: 资本, min: 0, severity: major}
"""


class Clock:
    """The time of a test; it goes on when told."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def on(self, **span: float) -> datetime:
        self.at += timedelta(**span)
        return self.at


@dataclass
class Stage:
    """What a test plays on."""

    code: str
    grant: str
    target: str
    server: Server
    clock: Clock
    sql: Callable[[str], list[tuple[object, ...]]]

    def job(self, **changes: object) -> str:
        form = JobForm(self.grant, self.target, "每晚同步", "qy", **changes)  # type: ignore[arg-type]
        return delivery.create_job(ZHOU_HANG, form, self.clock(), run=True)

    def run(self, *, chunk_rows: int = 100) -> list[str]:
        """Do in this process whatever waits, in its turn; gives how each run ended."""
        ended = []

        def here(run: int) -> Ended:
            ended.append(delivery.run_one(run, self.clock, chunk_rows=chunk_rows))
            return Ended()

        delivery.deliver(self.clock, here, lambda: False, 2)
        return ended

    def delivered(self) -> list[tuple[object, ...]]:
        return self.sql('SELECT * FROM jobs_target.public.qy ORDER BY "编号"')


class Ended:
    """A process that has ended."""

    def poll(self) -> int:
        return 0

    def terminate(self) -> None:
        raise AssertionError


def mounted(source: SourceForm) -> str:
    code = create_resource(WANG_MIN, replace(draft("企业变更记录"), items=ITEMS), NOW)
    publish_resource(WANG_MIN, code, NOW)
    source_id = add_source(WANG_MIN, replace(source, name="变更库"), NOW)
    form = MountForm(code, source_id, "kb", "qy", COLUMNS, key=("编号",), modes=("query", "table"))
    mount_resource(WANG_MIN, form, NOW)
    return code


def granted(code: str, **changes: object) -> str:
    wish = RequestInput(
        reason="核对企业变更", modes=("table",), fields=FIELDS, lookups=(), purposes=(Purpose("item:1001", "低保审核"),),
        rows=(RowCondition("区划", "prefix", "2901"),), delivery=Delivery(("full", "incremental", "diff"), "daily"),
    )  # fmt: skip
    number = create_request(ZHOU_HANG, code, replace(wish, **changes), NOW)  # type: ignore[arg-type]
    submit_request(ZHOU_HANG, number, NOW)
    accept_request(HE_QING, number, NOW)
    return approve_request(WANG_MIN, number, Approval(text="同意"), NOW)


def target_form(server: Server) -> TargetForm:
    return TargetForm("民政前置库", server.host, "jobs_target", "jobs_writer", "writes", port=server.port)


def dies_at_the_second_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker is ended when it looks for the second time what a person wishes, and goes on after that."""
    honest = Watch.wish
    asked: list[int] = []

    def wish(self: Watch) -> Wish:
        asked.append(1)
        if len(asked) == 2:
            raise KeyboardInterrupt  # what a process that is ended leaves behind: no word of its end
        return honest(self)

    monkeypatch.setattr(Watch, "wish", wish)
