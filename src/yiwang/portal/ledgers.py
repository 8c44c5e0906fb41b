"""The ledger under "why this date": plain lines that a page draws."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Line:
    """A span of days, what it was for, and which working days it holds; `held`: the clock stood still."""

    span: str
    reason: str
    days: str
    held: bool = False


@dataclass(frozen=True)
class Ledger:
    """A due date with the lines that lead to it. The conclusion is the date itself, in a sentence."""

    due: date | datetime
    basis: str
    lines: tuple[Line, ...]
    conclusion: str
    note: str = ""
