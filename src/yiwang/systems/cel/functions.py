"""The functions of packages: their types, and what they do.

`date` is midnight UTC of a calendar day and `datetime` an instant, in types and in values. Working days are those of
the vocabulary's calendar for the place of the system. Functions over reference data (`org`, `located` …) have types
here and get their implementation from who runs them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from yiwang.systems.cel.types import (
    BOOL,
    DATE,
    DATETIME,
    DOUBLE,
    DURATION,
    DYN,
    INT,
    STRING,
    TIME,
    CelType,
    list_of,
)


@dataclass(frozen=True, slots=True)
class Signature:
    """An overload: parameters and result; `same` gives the result the type of that parameter.

    Attributes:
        method: written after its first parameter, `text.startsWith('a')`.
        nullable: the result may be null.
    """

    name: str
    parameters: tuple[CelType, ...]
    result: CelType
    same: int | None = None
    method: bool = False
    item: bool = False


_T: Final = Signature
_TEXT: Final = (STRING, STRING)
SIGNATURES: Final[tuple[Signature, ...]] = (
    _T("size", (STRING,), INT), _T("size", (list_of(DYN),), INT), _T("size", (CelType("map", item=DYN),), INT),
    _T("size", (STRING,), INT, method=True), _T("size", (list_of(DYN),), INT, method=True),
    _T("startsWith", _TEXT, BOOL, method=True), _T("endsWith", _TEXT, BOOL, method=True),
    _T("contains", _TEXT, BOOL, method=True), _T("matches", _TEXT, BOOL, method=True),
    _T("string", (INT,), STRING), _T("string", (DOUBLE,), STRING), _T("string", (STRING,), STRING),
    _T("string", (BOOL,), STRING), _T("string", (TIME,), STRING),
    _T("int", (INT,), INT), _T("int", (DOUBLE,), INT), _T("int", (STRING,), INT),
    _T("double", (INT,), DOUBLE), _T("double", (DOUBLE,), DOUBLE), _T("double", (STRING,), DOUBLE),
    _T("duration", (STRING,), DURATION), _T("timestamp", (STRING,), DATETIME),
    _T("sum", (list_of(INT),), INT), _T("sum_real", (list_of(DOUBLE),), DOUBLE),
    _T("largest", (list_of(DYN),), DYN, item=True), _T("smallest", (list_of(DYN),), DYN, item=True),
    _T("latest", (list_of(TIME),), TIME, item=True),
    _T("div_half_up", (INT, INT), INT), _T("yuan", (INT,), STRING), _T("mask", (STRING,), STRING),
    _T("age", (DATE, DATE), INT), _T("birth_date", (STRING,), DATE), _T("sex_of", (STRING,), STRING),
    _T("date", (STRING,), DATE), _T("date_of", (DATETIME,), DATE),
    _T("add_days", (TIME, INT), TIME, 0), _T("add_months", (TIME, INT), TIME, 0),
    _T("add_workdays", (TIME, INT), TIME, 0), _T("workdays", (TIME, TIME), INT),
    _T("month_start", (TIME,), TIME, 0), _T("period", (TIME, STRING), STRING),
    _T("in_sample", (STRING, INT), BOOL),
    _T("org", (STRING, STRING, STRING), STRING), _T("org_of", _TEXT, STRING),
    _T("located", (STRING, DYN), STRING), _T("divisions", (STRING,), list_of(STRING)),
    _T("getFullYear", (TIME,), INT, method=True), _T("getMonth", (TIME,), INT, method=True),
    _T("getDayOfMonth", (TIME,), INT, method=True), _T("getDate", (TIME,), INT, method=True),
    _T("getDayOfWeek", (TIME,), INT, method=True), _T("getHours", (TIME,), INT, method=True),
    _T("getMinutes", (TIME,), INT, method=True),
)  # fmt: skip
STORY_SIGNATURES: Final[tuple[Signature, ...]] = (
    _T("uses_of", (STRING,), list_of(DYN)), _T("source_of", (DYN, STRING), STRING),
    _T("quarantine", (STRING,), list_of(DYN)), _T("repairs", (STRING,), list_of(DYN)),
    _T("delta_equals_rebuild", (), BOOL),
)  # fmt: skip
IMPURE: Final = frozenset(("org", "org_of", "located", "divisions"))
"""Functions over reference data: not in SQL."""
