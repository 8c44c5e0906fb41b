"""What a run did, as proof: every chunk compared on both sides, every row accounted for. Holds no value of the data."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Literal

import msgspec

Action = Literal["written", "compared", "mended"]
Status = Literal["done", "paused", "cancelled"]


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
    digest: str = ""
    proven: bool = False
    statement_zh: str = ""
    statement_en: str = ""

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
        if self.proven:
            self.statement_zh = (
                f"来源 {held.source:,} 行 = 目标 {held.target:,} 行 + 隔离 {held.quarantined:,} 行；"
                f"{len(self.chunks):,} 段两侧的行数和摘要逐段相同。"
            )
            self.statement_en = (
                f"{held.source:,} rows of the source = {held.target:,} in the target + {held.quarantined:,} in quarantine;"
                f" count and digest of both sides agree in each of {len(self.chunks):,} chunks."
            )
        elif self.status == "done":
            self.statement_zh = "行数对不上：运行期间有人改动了目标表。再执行一次即可修复。"
            self.statement_en = "The numbers do not add up: somebody changed the target during the run. Run again to repair it."
        else:
            self.statement_zh = "作业没有做完，已写入的各段两侧一致。"
            self.statement_en = "The job is not finished; the chunks written so far agree on both sides."


def as_json(report: Report) -> bytes:
    """The report as a file."""
    return msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n"
