"""What a run did, as proof: every chunk compared on both sides, every row accounted for. Holds no value of the data."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Final, Literal

import msgspec

REPORT: Final = "report.json"
"""Name of the last report in a job's folder."""
Action = Literal["written", "compared", "mended"]
Status = Literal["done", "paused", "cancelled"]


COMPARED: Final = {
    "slot-missing": ("复制槽不在了", "the slot is gone"),
    "slot-lost": ("来源已丢弃复制槽需要的日志", "the source dropped the log that the slot needed"),
    "spool-gap": ("暂存的变更与目标接不上", "the changes kept here do not join the target's position"),
    "table-replaced": ("来源的表被重建", "the source's table was made anew"),
    "rewritten": ("来源的表被整体改写", "the source's table was rewritten"),
    "terms": ("授权的范围变了", "the grant lets out something else"),
    "keys-unknown": ("不知道目标里有哪些行", "it was not known which rows the target holds"),
    "schema": ("来源的表结构变了", "the source's columns changed"),
}  # fmt: skip
"""Why change capture compares the whole table again, in Chinese and English."""


class Chunk(msgspec.Struct, frozen=True):
    """A chunk: what was done, rows and digest of both sides afterwards (they are equal, or the run had failed)."""

    number: int
    action: Action
    rows: int
    digest: str
    form: str


class Rows(msgspec.Struct):
    """Numbers of rows.

    Attributes:
        source: in the source's snapshot; of an incremental run those within its window.
        passed: that may pass; they stand in the target.
        quarantined: that may not.
        target: in the target at the end; of an incremental run those of its chunks.
    """

    source: int = 0
    passed: int = 0
    quarantined: int = 0
    target: int = 0
    inserted: int = 0
    updated: int = 0
    deleted: int = 0


class Captured(msgspec.Struct):
    """What change capture did in a run.

    Attributes:
        slot: name of slot and publication at the source.
        begun: position of the source's log where the run began, as PostgreSQL writes it.
        reached: position up to which every transaction stands in the target.
        transactions: of the source that touched the table.
        changes: of rows.
        batches: transactions of the target, each read back and equal before it committed.
        digest: SHA-256 over the batches' digests, in hex.
        compared: why the whole table was compared again, in order; empty when it was not.
        wal_limit: `max_slot_wal_keep_size` of the source.
        waiting: bytes of changes that the job's folder holds.
        settled: whether the rows of both sides could be counted at one position.
    """

    slot: str
    begun: str = ""
    reached: str = ""
    transactions: int = 0
    changes: int = 0
    batches: int = 0
    digest: str = ""
    compared: list[str] = []
    wal_limit: str = ""
    waiting: int = 0
    settled: bool = False


class Report(msgspec.Struct, kw_only=True):
    """One run. docs/specs/transfer.md states the form."""

    format: str = "yiwang-transfer-report-1"
    job: str
    run: int
    mode: str
    status: Status = "done"
    source: str
    target: str
    table: str
    target_table: str
    key: list[str]
    guarantee_zh: str
    guarantee_en: str
    schema_version: int
    schema_digest: str
    schema_changes: list[str]
    resumed: bool
    started: dt.datetime
    finished: dt.datetime
    rows: Rows
    rules: dict[str, int]
    masks: dict[str, str]
    quarantine: dict[str, int]
    chunks: list[Chunk]
    capture: Captured | None = None
    digest: str = ""
    proven: bool = False
    statement_zh: str = ""
    statement_en: str = ""

    def named(self, table: str, target_table: str) -> Report:
        """The same, with the tables' names as they were asked for: a file's scratch table has another."""
        self.table, self.target_table = table, target_table
        return self

    def conclude(self) -> None:
        """Say what follows from the numbers."""
        whole = hashlib.sha256("".join(chunk.digest for chunk in self.chunks).encode())
        self.digest = whole.hexdigest()
        held = self.rows
        self.proven = (
            self.status == "done"
            and held.source == held.passed + held.quarantined
            and held.passed == held.target
        )
        if self.capture is not None:
            self._conclude_capture(self.capture)
        elif self.proven:
            self.statement_zh = (
                f"来源 {held.source:,} 行 = 目标 {held.target:,} 行 + 隔离 {held.quarantined:,} 行；"
                f"{len(self.chunks):,} 段两侧的行数和摘要逐段相同。"
            )
            each = "its one chunk" if len(self.chunks) == 1 else f"each of {len(self.chunks):,} chunks"
            self.statement_en = (
                f"{held.source:,} rows of the source = {held.target:,} in the target + {held.quarantined:,} in quarantine;"
                f" count and digest of both sides agree in {each}."
            )
        elif self.status == "done":
            self.statement_zh = "行数对不上：运行期间有人改动了目标表。再执行一次即可修复。"
            self.statement_en = "The numbers do not add up: somebody changed the target during the run. Run again to repair it."
        else:
            self.statement_zh = "作业没有做完，已写入的各段两侧一致。"
            self.statement_en = "The job is not finished; the chunks written so far agree on both sides."

    def _conclude_capture(self, told: Captured) -> None:
        held = self.rows
        self.proven = self.proven and told.settled
        unbounded = told.wal_limit == "-1"
        done_zh = f"{told.transactions:,} 个事务、{told.changes:,} 处变更已按顺序写入（到 {told.reached}），每批写后回读一致"
        done_en = (
            f"{told.transactions:,} transactions with {told.changes:,} changes are applied in order up to {told.reached};"
            " each batch was read back and equal"
        )
        if self.proven:
            self.statement_zh = f"{done_zh}；来源 {held.source:,} 行 = 目标 {held.target:,} 行 + 隔离 {held.quarantined:,} 行。"
            self.statement_en = (
                f"{done_en}; {held.source:,} rows of the source = {held.target:,} in the target"
                f" + {held.quarantined:,} in quarantine."
            )
        elif told.settled:
            self.statement_zh = (
                f"{done_zh}，但行数对不上：有人改动了目标表。用 --mode diff --replace 的作业修复。"
            )
            self.statement_en = (
                f"{done_en}, but the numbers do not add up: somebody changed the target."
                " Repair it with --mode diff --replace."
            )
        else:
            self.statement_zh = f"{done_zh}；没有停在同一时刻点清两侧行数。"
            self.statement_en = f"{done_en}; the rows of both sides were not counted at one moment."
        for reason in told.compared:
            zh, en = COMPARED[reason]
            self.statement_zh += f"因{zh}，重新比对了全表。"
            self.statement_en += f" The whole table was compared again: {en}."
        if unbounded:
            self.statement_zh += "来源未设 max_slot_wal_keep_size：作业停着时它的日志会一直增长。"
            self.statement_en += (
                " The source has no max_slot_wal_keep_size: its log grows while the job does not run."
            )


def as_json(report: Report) -> bytes:
    """The report as a file."""
    return msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n"
