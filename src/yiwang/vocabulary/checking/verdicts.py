"""What is said about one value, by the kind of identifier it is checked as."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from yiwang.vocabulary.divisions.tree import Divisions, Resolution, Status
from yiwang.vocabulary.identifiers import IdentifierError, Notice, mask
from yiwang.vocabulary.resident_id import is_plain_resident_id, parse_resident_id
from yiwang.vocabulary.uscc import parse_uscc


class Kind(StrEnum):
    """What a column can be checked as."""

    RESIDENT_ID = "resident_id"
    USCC = "uscc"
    DIVISION = "division"

    @property
    def label_zh(self) -> str:
        """公民身份号码, 统一社会信用代码, 行政区划代码."""
        return {"resident_id": "公民身份号码", "uscc": "统一社会信用代码", "division": "行政区划代码"}[self]

    @property
    def label_en(self) -> str:
        """Name in English."""
        return {
            "resident_id": "resident id",
            "uscc": "unified social credit code",
            "division": "division code",
        }[self]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said about a value.

    Attributes:
        normalised: the value in normal form, None when it is not valid.
        error: why it is not valid, None when it is.
        notices: what is worth a look although it is valid.
        resolution: for division codes, what became of it.
    """

    normalised: str | None
    error: IdentifierError | None = None
    notices: tuple[Notice, ...] = ()
    resolution: Resolution | None = None


Check = Callable[[str], Verdict]

REPLACED = Notice("division-replaced", "旧代码，现已由其他代码接续", "an old code, replaced since")
DIVIDED = Notice("division-divided", "旧代码，所辖区域已划入多个区划", "an old code, its area is now divided")
ABOLISHED = Notice(
    "division-abolished", "旧代码，已撤销且去向未收录", "an old code, abolished, successor not on record"
)
_BECAME = {Status.REPLACED: REPLACED, Status.DIVIDED: DIVIDED, Status.ABOLISHED: ABOLISHED}


def check_for(kind: Kind, *, as_of: dt.date, divisions: Divisions) -> Check:
    """The check of a kind. `as_of` is “today” for births, and the day whose divisions are asked for."""
    if kind is Kind.RESIDENT_ID:
        return _resident_id(as_of, divisions)
    if kind is Kind.USCC:
        return _uscc(divisions)
    return _division(as_of, divisions)


def shown(kind: Kind, value: str) -> str:
    """A value as it may be shown on a screen: resident ids lose their middle, others are shown as they are."""
    text = value.strip()
    if kind is Kind.RESIDENT_ID:
        return mask(text, last=4 if len(text) in (15, 18) else 0)
    return text if len(text) <= 40 else text[:39] + "…"


def _resident_id(today: dt.date, divisions: Divisions) -> Check:
    known = divisions.ever_existed

    def check(value: str) -> Verdict:
        if is_plain_resident_id(value, today=today) and known(value[:6]):
            return Verdict(value)
        try:
            found = parse_resident_id(value, today=today, known_region=known)
        except IdentifierError as wrong:
            return Verdict(None, wrong)
        return Verdict(found.normalised, None, found.warnings)

    return check


def _uscc(divisions: Divisions) -> Check:
    known = divisions.ever_existed

    def check(value: str) -> Verdict:
        try:
            found = parse_uscc(value, known_region=known)
        except IdentifierError as wrong:
            return Verdict(None, wrong)
        return Verdict(found.normalised, None, found.warnings)

    return check


def _division(on: dt.date, divisions: Divisions) -> Check:
    @lru_cache(maxsize=65536)
    def check(value: str) -> Verdict:
        try:
            found = divisions.require(value, on)
        except IdentifierError as wrong:
            return Verdict(None, wrong)
        became = _BECAME.get(found.status)
        notices = found.notices if became is None else (became, *found.notices)
        return Verdict(found.code, None, notices, found)

    return check
