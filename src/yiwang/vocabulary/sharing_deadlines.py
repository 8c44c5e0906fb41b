"""How many working days each step of data sharing may take, by jurisdiction and day.

Every number is data (`data/sharing_deadlines.csv`), since provinces shorten what the State Council sets and both
change. For a node the rows of its own division and of those above it are laid over one another, the nearest one
winning cell by cell; `CN` is the last resort.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import ClassVar

from yiwang.vocabulary import laws
from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.tables import Row, Table, data_table
from yiwang.vocabulary.working_days import Term, working_calendar


class Step(StrEnum):
    """What the days are for; the values are the columns of the table."""

    FORMAL_REVIEW = "formal_review"
    UNCONDITIONAL_REPLY = "unconditional_reply"
    CONDITIONAL_REPLY = "conditional_reply"
    EXTENSION = "extension"
    DELIVERY = "delivery"
    UNPUBLISHED_REPLY = "unpublished_reply"
    CATALOGUE_CHANGE = "catalogue_change"
    CORRECTION = "correction"
    DEMAND_REPLY = "demand_reply"
    DEMAND_ARBITRATION = "demand_arbitration"
    DEMAND_CATALOGUING = "demand_cataloguing"

    @property
    def label_zh(self) -> str:
        """Name of the step."""
        return _LABELS[self]


_LABELS = {
    Step.FORMAL_REVIEW: "符合性审查",
    Step.UNCONDITIONAL_REPLY: "无条件共享答复",
    Step.CONDITIONAL_REPLY: "有条件共享答复",
    Step.EXTENSION: "答复延长",
    Step.DELIVERY: "同意后提供",
    Step.UNPUBLISHED_REPLY: "尚未发布数据的发布与答复",
    Step.CATALOGUE_CHANGE: "目录更新",
    Step.CORRECTION: "校核",
    Step.DEMAND_REPLY: "供需对接答复",
    Step.DEMAND_ARBITRATION: "供需对接裁定",
    Step.DEMAND_CATALOGUING: "承诺后编目",
}


class SharingDeadlineMissing(YwError):
    """No jurisdiction sets a time for the step on that day."""

    code: ClassVar[str] = "sharing-deadline-missing"
    message_zh: ClassVar[str] = "{jurisdiction} 在 {day} 没有“{step}”的时限规定。"
    message_en: ClassVar[str] = "{jurisdiction} has no deadline for {step} on {day}."
    mend_zh: ClassVar[str] = "请运维人员在时限表中补一行，并注明依据。"
    mend_en: ClassVar[str] = "The operator adds a row to the table of deadlines, with its basis."


@dataclass(frozen=True, slots=True)
class Deadline:
    """Working days for one step and where the number comes from.

    Attributes:
        jurisdiction: `CN` or a division code: who set it.
        basis: the law where the register has it.
        verified: whether the number was compared with the official text; pages show “未核实” when not.
    """

    step: Step
    working_days: int
    jurisdiction: str
    basis: laws.LawReference | None
    source: str
    verified: bool

    def term(self, start: dt.date, region: str = "") -> Term:
        """The term that begins with the event on `start`, in the working days of the region."""
        return working_calendar(region).add_workdays(start, self.working_days)


@dataclass(frozen=True, slots=True)
class SharingDeadlines:
    """All deadlines of a jurisdiction on a day."""

    jurisdiction: str
    on: dt.date
    by_step: Mapping[Step, Deadline]

    def find(self, step: Step) -> Deadline:
        """The deadline of a step.

        Raises:
            SharingDeadlineMissing: nobody sets one.
        """
        found = self.by_step.get(step)
        if found is None:
            raise SharingDeadlineMissing(
                jurisdiction=self.jurisdiction, day=self.on.isoformat(), step=step.label_zh
            )
        return found

    @property
    def formal_review(self) -> Deadline:
        """Review of form by the data bureau."""
        return self.find(Step.FORMAL_REVIEW)

    @property
    def unconditional_reply(self) -> Deadline:
        """The provider's reply for data shared without conditions."""
        return self.find(Step.UNCONDITIONAL_REPLY)

    @property
    def conditional_reply(self) -> Deadline:
        """The provider's reply for data shared under conditions."""
        return self.find(Step.CONDITIONAL_REPLY)

    @property
    def extension(self) -> Deadline:
        """By how much the reply may be put off, once."""
        return self.find(Step.EXTENSION)

    @property
    def delivery(self) -> Deadline:
        """From consent to the data."""
        return self.find(Step.DELIVERY)


def sharing_deadlines(jurisdiction: str, on_date: dt.date) -> SharingDeadlines:
    """The deadlines that hold in a jurisdiction on a day.

    Args:
        jurisdiction: division code of the node (2, 4, 6, 9 or 12 digits) or `CN`.
        on_date: day of the event that starts the term.
    """
    return deadlines_of(_rows(), jurisdiction, on_date)


def deadlines_of(rows: tuple[DeadlineRow, ...], jurisdiction: str, on_date: dt.date) -> SharingDeadlines:
    """The same over rows of the operator's own (see `read_deadlines`)."""
    near = sorted(
        (row for row in rows if row.covers(jurisdiction) and row.in_force(on_date)),
        key=lambda row: (len(row.prefix), row.valid_from),
    )
    found: dict[Step, Deadline] = {}
    for row in near:
        for step, days in row.days.items():
            found[step] = Deadline(step, days, row.jurisdiction, row.basis, row.source, row.verified)
    return SharingDeadlines(jurisdiction, on_date, found)


@dataclass(frozen=True, slots=True)
class DeadlineRow:
    """One row of the table."""

    jurisdiction: str
    valid_from: dt.date
    valid_to: dt.date | None
    days: Mapping[Step, int]
    basis: laws.LawReference | None
    source: str
    verified: bool

    @property
    def prefix(self) -> str:
        """What a division code below the jurisdiction begins with."""
        code = "" if self.jurisdiction == "CN" else self.jurisdiction
        while code.endswith("00") and len(code) > 2:
            code = code[:-2]
        return code

    def covers(self, jurisdiction: str) -> bool:
        """Whether the row holds for the jurisdiction, as its own or as one above."""
        return not self.prefix or jurisdiction.startswith(self.prefix)

    def in_force(self, on: dt.date) -> bool:
        """Whether the row holds on the day."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)


@cache
def _rows() -> tuple[DeadlineRow, ...]:
    table = data_table(
        "sharing_deadlines.csv", "jurisdiction", "valid_from", "valid_to", *Step, "law", "article"
    )
    return read_deadlines(table)


def read_deadlines(table: Table) -> tuple[DeadlineRow, ...]:
    """Rows of a table in the form of `data/sharing_deadlines.csv`.

    Raises:
        TableError: a broken date or number.
        LawError: a law that is not in the register.
    """
    return tuple(_row(row) for row in table.rows)


def _row(row: Row) -> DeadlineRow:
    days: dict[Step, int] = {}
    for step in Step:
        text = row[step]
        if text and not text.isdecimal():
            raise row.broken(f"{step} must be a number of working days, not {text!r}")
        if text:
            days[step] = int(text)
    try:
        start = dt.date.fromisoformat(row["valid_from"])
        end = dt.date.fromisoformat(row["valid_to"]) if row["valid_to"] else None
    except ValueError as wrong:
        raise row.broken("valid_from and valid_to must be dates") from wrong
    article = f"#{row['article']}" if row["article"] else ""
    basis = laws.law_reference(row["law"] + article) if row["law"] else None
    return DeadlineRow(row["jurisdiction"], start, end, days, basis, row["source"], row["verified"] == "true")
