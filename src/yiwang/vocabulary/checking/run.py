"""Checks a column from its first to its last row and keeps what a person needs to see."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from yiwang.vocabulary.checking.column import Cell, Column
from yiwang.vocabulary.checking.report import ReportUnwritable, ReportWriter
from yiwang.vocabulary.checking.verdicts import Kind, Verdict, check_for, shown
from yiwang.vocabulary.divisions.tree import Divisions, Resolution, Status
from yiwang.vocabulary.identifiers import IdentifierError, Notice

EXAMPLES = 5
TICK = 20_000


class RowUneven(IdentifierError):
    """The row does not have as many cells as the header, so its columns cannot be told apart."""

    code: ClassVar[str] = "row-uneven"
    message_zh: ClassVar[str] = "该行有 {cells} 个单元格，表头有 {columns} 列，无法对应。"
    message_en: ClassVar[str] = "The row has {cells} cells under {columns} headings."
    mend_zh: ClassVar[str] = "检查该行是否有未加引号的逗号，或缺列。"
    mend_en: ClassVar[str] = "Look for a comma without quotation marks, or for missing cells."


@dataclass(frozen=True, slots=True)
class Example:
    """A row shown to a person: resident ids masked, and no detail that would give the hidden part away."""

    row: int
    shown: str
    detail_zh: str
    detail_en: str


@dataclass(slots=True)
class Group:
    """All rows with the same reason or notice: how many, and the first few."""

    zh: str
    en: str
    count: int = 0
    examples: list[Example] = field(default_factory=list)


@dataclass(slots=True)
class Summary:
    """The outcome of a check.

    Attributes:
        outdated: old division codes and their rows; `resolutions` says what became of each.
        complete_until: set when the day asked for lies after the last change of divisions on record.
    """

    file: str
    column: str
    kind: Kind
    as_of: dt.date
    encoding: str = ""
    rows: int = 0
    valid: int = 0
    reasons: dict[str, Group] = field(default_factory=dict)
    notices: dict[str, Group] = field(default_factory=dict)
    outdated: Counter[str] = field(default_factory=Counter)
    resolutions: dict[str, Resolution] = field(default_factory=dict)
    complete_until: dt.date | None = None

    @property
    def invalid(self) -> int:
        """Rows that are not valid."""
        return self.rows - self.valid

    def facts(self) -> dict[str, object]:
        """Totals for the report."""
        return {
            "rows": self.rows,
            "valid": self.valid,
            "invalid": self.invalid,
            "reasons": {code: group.count for code, group in self.reasons.items()},
            "warnings": {code: group.count for code, group in self.notices.items()},
        }


def check_column(
    path: Path,
    column: str,
    kind: Kind,
    *,
    as_of: dt.date,
    divisions: Divisions,
    report: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Summary:
    """Checks every value of a column.

    Args:
        path: CSV file, possibly gzipped.
        column: name in the header row.
        as_of: “today” for births; the day whose divisions are asked for.
        divisions: known divisions, for their codes and for address codes.
        report: where to write the JSON report.
        progress: called now and then with bytes read and the size of the file.

    Raises:
        ColumnError: the file or the column cannot be read.
        ReportUnwritable: the report cannot be written.
    """
    if report is not None and report.resolve() == path.resolve():
        raise ReportUnwritable(file=str(report), problem="same file")
    check = check_for(kind, as_of=as_of, divisions=divisions)
    summary = Summary(path.name, column, kind, as_of)
    if kind is Kind.DIVISION and as_of > divisions.complete_until:
        summary.complete_until = divisions.complete_until
    with ExitStack() as stack:
        cells = stack.enter_context(Column(path, column))
        summary.encoding = cells.encoding
        writer = None
        if report is not None:
            head = {
                "file": path.name,
                "column": column,
                "as": str(kind),
                "as_of": as_of.isoformat(),
                "encoding": cells.encoding,
                "divisions_complete_until": divisions.complete_until.isoformat(),
            }
            writer = stack.enter_context(ReportWriter(report, head, divisions))
        for cell in cells:
            verdict = _verdict(cell, check, len(cells.columns))
            _count(summary, cell, verdict)
            if writer is not None:
                writer.row(cell.row, cell.value, verdict)
            if progress is not None and summary.rows % TICK == 0:
                progress(cells.position, cells.size)
        if progress is not None:
            progress(cells.size, cells.size)
        if writer is not None:
            writer.close(summary.facts())
    return summary


def _verdict(cell: Cell, check: Callable[[str], Verdict], columns: int) -> Verdict:
    if cell.value is None:
        return Verdict(None, RowUneven(cells=cell.cells, columns=columns))
    return check(cell.value)


def _count(summary: Summary, cell: Cell, verdict: Verdict) -> None:
    summary.rows += 1
    if verdict.error is None:
        summary.valid += 1
        if not verdict.notices:
            return
        for notice in verdict.notices:
            group = summary.notices.setdefault(notice.code, Group(notice.zh, notice.en))
            _add(group, summary.kind, cell, _detail(verdict, notice))
        found = verdict.resolution
        if found is not None and found.status is not Status.CURRENT:
            summary.outdated[found.code] += 1
            summary.resolutions[found.code] = found
        return
    zh, en = label(verdict.error)
    group = summary.reasons.setdefault(verdict.error.code, Group(zh, en))
    hidden = summary.kind is Kind.RESIDENT_ID and "date" in verdict.error.facts
    detail = ("", "") if hidden else (verdict.error.text("zh"), verdict.error.text("en"))
    _add(group, summary.kind, cell, detail)


def _add(group: Group, kind: Kind, cell: Cell, detail: tuple[str, str]) -> None:
    group.count += 1
    if len(group.examples) < EXAMPLES:
        text = shown(kind, cell.value) if cell.value is not None else ""
        group.examples.append(Example(cell.row, text, *detail))


def _detail(verdict: Verdict, notice: Notice) -> tuple[str, str]:
    found = verdict.resolution
    if found is None or found.status is Status.CURRENT or not notice.code.startswith("division-"):
        return "", ""
    was = found.was.name if found.was is not None else ""
    now = "、".join(f"{division.code} {division.name}" for division in found.now)
    return f"{was} → {now or '—'}", f"{was} → {now or '—'}"


_LABELS = {
    "identifier-empty": ("没有填写", "empty"),
    "row-uneven": ("单元格数与表头不符", "cells do not match the header"),
    "resident-id-length": ("位数不对", "wrong length"),
    "resident-id-character": ("含有不允许的字符", "characters that cannot stand there"),
    "resident-id-date": ("出生日期不存在", "impossible birth date"),
    "resident-id-future": ("出生日期晚于今天", "birth date in the future"),
    "resident-id-check": ("校验位不符（至少一位录错）", "check character does not fit"),
    "uscc-length": ("位数不对", "wrong length"),
    "uscc-character": ("含有不允许的字符", "characters that cannot stand there"),
    "uscc-check": ("校验位不符（至少一位录错）", "check character does not fit"),
    "division-length": ("位数不对", "wrong length"),
    "division-character": ("含有非数字字符", "characters that are not digits"),
    "division-unknown": ("历年代码表中都没有", "on no list, present or past"),
    "division-not-yet": ("当时尚未启用", "not yet in use on the day"),
}


def label(error: IdentifierError) -> tuple[str, str]:
    """The reason in a few words, zh and en; never with a part of the value."""
    return _LABELS.get(error.code, (error.text("zh"), error.text("en")))
