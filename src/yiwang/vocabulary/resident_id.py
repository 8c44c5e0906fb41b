"""公民身份号码 and the numbers that share its form (GB 11643-1999).

Read here: the 18-digit number, its 15-digit predecessor (void for use since 2013-01-01, kept as a matching key), the
residence permit for Hong Kong, Macao and Taiwan residents (address code 810000, 820000, 830000), and the foreign
permanent resident card: 18 digits beginning with 9 since 2023-12-01, 15 characters (3 letters, 12 digits) before.
The check character is ISO 7064:1983 MOD 11-2.

Numbers are rejected for their form, an impossible or future date and a wrong check character, nothing else: an
address code that is on no list is a warning, since the code is that of the place and time of issue.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import ClassVar

from yiwang.vocabulary.identifiers import IdentifierEmpty, IdentifierError, Notice, normal_form

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
PERMIT_REGIONS = {"810000": "香港", "820000": "澳门", "830000": "台湾"}
OLDEST_AGE = 150


class IdKind(StrEnum):
    """Which document the number belongs to."""

    RESIDENT = "resident"
    RESIDENCE_PERMIT = "residence-permit"
    PERMANENT_RESIDENT = "permanent-resident"
    PERMANENT_RESIDENT_OLD = "permanent-resident-old"

    @property
    def label_zh(self) -> str:
        """The document's name."""
        return _LABELS[self]


_LABELS = {
    IdKind.RESIDENT: "居民身份证",
    IdKind.RESIDENCE_PERMIT: "港澳台居民居住证",
    IdKind.PERMANENT_RESIDENT: "外国人永久居留身份证",
    IdKind.PERMANENT_RESIDENT_OLD: "外国人永久居留身份证（2017 版及以前）",
}


class Sex(StrEnum):
    """Sex by the sequence number, with the codes of GB/T 2261.1-2003."""

    MALE = "1"
    FEMALE = "2"


class ResidentIdError(IdentifierError):
    """A value is not a 公民身份号码 or a number of the same form."""

    code: ClassVar[str] = "resident-id-invalid"
    message_zh: ClassVar[str] = "身份号码不合规。"
    message_en: ClassVar[str] = "The resident id number is not valid."
    mend_zh: ClassVar[str] = "请对照居民身份证核对后重填。"
    mend_en: ClassVar[str] = "Compare it with the identity card and enter it again."


class ResidentIdLength(ResidentIdError):
    """The number has neither 18 nor 15 characters."""

    code: ClassVar[str] = "resident-id-length"
    message_zh: ClassVar[str] = "身份号码应为 18 位（或旧 15 位），现为 {length} 位。"
    message_en: ClassVar[str] = "A resident id has 18 characters (15 in the old form), this one has {length}."
    mend_zh: ClassVar[str] = "检查是否多了或少了字符；从表格软件导出的，检查是否被转成了科学计数。"
    mend_en: ClassVar[str] = (
        "Look for extra or missing characters, or for a spreadsheet that turned it into a float."
    )


class ResidentIdCharacter(ResidentIdError):
    """A character stands where it cannot."""

    code: ClassVar[str] = "resident-id-character"
    message_zh: ClassVar[str] = "身份号码第 {position} 位的字符“{found}”不允许。"
    message_en: ClassVar[str] = (
        "The character “{found}” cannot stand at position {position} of a resident id."
    )
    mend_zh: ClassVar[str] = "只有最后一位可以是 X，其余须为数字，首位为 1 至 9。"
    mend_en: ClassVar[str] = "Only the last position may be X; all others are digits, the first one 1 to 9."


class ResidentIdDate(ResidentIdError):
    """Positions 7 to 14 are not a date that exists."""

    code: ClassVar[str] = "resident-id-date"
    message_zh: ClassVar[str] = "身份号码第 7 至 14 位“{date}”不是存在的日期。"
    message_en: ClassVar[str] = "Positions 7 to 14 of the resident id, “{date}”, are not a date that exists."


class ResidentIdFuture(ResidentIdError):
    """The birth date lies in the future."""

    code: ClassVar[str] = "resident-id-future"
    message_zh: ClassVar[str] = "身份号码中的出生日期“{date}”晚于今天。"
    message_en: ClassVar[str] = "The birth date in the resident id, “{date}”, lies in the future."


class ResidentIdCheck(ResidentIdError):
    """The check character does not fit the other 17."""

    code: ClassVar[str] = "resident-id-check"
    message_zh: ClassVar[str] = "身份号码校验不通过：末位应为 {expected}，现为 {found}。"
    message_en: ClassVar[str] = "The check character of the resident id should be {expected}, it is {found}."
    mend_zh: ClassVar[str] = "至少有一位录错（不一定是末位），请对照证件逐位核对。"
    mend_en: ClassVar[str] = (
        "At least one position is wrong, not necessarily the last: compare it with the card."
    )


class ResidentIdNoShortForm(ResidentIdError):
    """The number never had a 15-digit form."""

    code: ClassVar[str] = "resident-id-no-short-form"
    message_zh: ClassVar[str] = "该号码没有对应的 15 位旧号码。"
    message_en: ClassVar[str] = "This number has no 15-digit form."
    mend_zh: ClassVar[str] = (
        "只有 1900 年代出生的居民（及顺序码 996 至 999 的 1800 年代出生者）有 15 位号码。"
    )
    mend_en: ClassVar[str] = (
        "Only residents born in the 1900s (and the 1800s with sequence 996 to 999) had one."
    )


OLD_FORM = Notice(
    "resident-id-old-form", "15 位旧号码，2013-01-01 起停用", "old 15-digit form, void since 2013-01-01"
)
REGION_UNKNOWN = Notice(
    "resident-id-region-unknown", "前六位不在区划代码表中", "the address code is on no list"
)
VERY_OLD = Notice("resident-id-very-old", f"年龄超过 {OLDEST_AGE} 岁", f"older than {OLDEST_AGE} years")
LAYOUT_UNVERIFIED = Notice(
    "resident-id-layout-unverified",
    "该证件号码的内部结构尚未对照官方文本核实",
    "inner layout not yet verified",
)


@dataclass(frozen=True, slots=True)
class ResidentId:
    """A number that passed.

    Attributes:
        kind: the document it belongs to.
        normalised: the 18-character form (the 15-character one for old permanent resident cards), upper case.
        region: six-digit address code of the place of issue; None for permanent resident cards.
        birth_date: None for permanent resident cards whose layout does not yield one for certain.
        sex: None for old permanent resident cards.
        warnings: what is worth a look; never a reason to reject.
    """

    kind: IdKind
    normalised: str
    region: str | None
    birth_date: dt.date | None
    sex: Sex | None
    warnings: tuple[Notice, ...] = ()


def check_character(body: str) -> str:
    """The 18th character for 17 digits (GB 11643-1999 §3.4, ISO 7064:1983 MOD 11-2)."""
    if len(body) != 17 or not (body.isascii() and body.isdecimal()):
        raise ValueError("17 digits expected")
    return CHECK_CHARACTERS[sum(int(a) * w for a, w in zip(body, WEIGHTS, strict=True)) % 11]


def parse_resident_id(
    text: str, *, today: dt.date, known_region: Callable[[str], bool] | None = None
) -> ResidentId:
    """Reads any of the forms named above.

    Args:
        text: as written; blanks around, full-width characters and a small x are tolerated.
        today: births after this day are rejected.
        known_region: says whether a six-digit address code was ever in use; without it no warning is given.
            `divisions.standard_divisions().ever_existed` is the ordinary choice.

    Raises:
        ResidentIdError: one class a reason.
        IdentifierEmpty: nothing is there.
    """
    number = text if len(text) == 18 and text.isascii() and text.isdecimal() else normal_form(text)
    if len(number) == 18:
        return _read_18(number, today, known_region)
    if len(number) == 15:
        return _read_15(number, today, known_region)
    if not number:
        raise IdentifierEmpty
    raise ResidentIdLength(length=len(number))


def is_plain_resident_id(text: str, *, today: dt.date) -> bool:
    """Whether `parse_resident_id` would accept the text unchanged as an 18-character number of a resident.

    The quick way through a column: a false answer only means that the full reading has to say what is what.
    """
    if len(text) != 18 or text[0] == "9" or text[0] == "0":
        return False
    head, day, tail = _part(text[:6]), _birth(text[6:14]), _tail(text[14:17])
    if head is None or day is None or tail is None or day.date is None or day.date > today:
        return False
    return CHECK_CHARACTERS[(head.weight + day.weight + tail) % 11] == text[17]


def to_18(number: str) -> str:
    """The 18-digit form of a 15-digit number; an 18-digit one comes back in normal form, unchecked.

    The century is 19, or 18 for the sequence numbers 996 to 999 kept for those born in the 1800s.
    """
    number = normal_form(number)
    if len(number) == 18:
        return number
    if len(number) != 15:
        raise ResidentIdLength(length=len(number))
    _require_digits(number)
    century = "18" if number[12:] in ("996", "997", "998", "999") else "19"
    body = number[:6] + century + number[6:]
    return body + check_character(body)


def to_15(number: str) -> str:
    """The 15-digit form: positions 7, 8 and 18 dropped. A matching key for old files, nothing else.

    Raises:
        ResidentIdNoShortForm: the person was not given one, so that the way back would lead to another number.
    """
    number = normal_form(number)
    if len(number) == 15:
        return number
    if len(number) != 18:
        raise ResidentIdLength(length=len(number))
    short = number[:6] + number[8:17]
    if number[0] == "9" or number[:6] in PERMIT_REGIONS or to_18(short) != number:
        raise ResidentIdNoShortForm
    return short


def _read_18(number: str, today: dt.date, known_region: Callable[[str], bool] | None) -> ResidentId:
    head, day, tail = _part(number[:6]), _birth(number[6:14]), _tail(number[14:17])
    if head is None or day is None or tail is None or head.first == "0" or number[17] not in "0123456789X":
        _reject_characters(number)
        raise AssertionError("a character was refused that may stand there")
    if head.first == "9":
        return _read_permanent(number, head.weight + day.weight + tail, today)
    if day.date is None:
        raise ResidentIdDate(date=number[6:14])
    if day.date > today:
        raise ResidentIdFuture(date=number[6:14])
    expected = CHECK_CHARACTERS[(head.weight + day.weight + tail) % 11]
    if number[17] != expected:
        raise ResidentIdCheck(expected=expected, found=number[17])
    permit = number[:6] in PERMIT_REGIONS
    warnings: tuple[Notice, ...] = ()
    if known_region is not None and not permit and not known_region(number[:6]):
        warnings += (REGION_UNKNOWN,)
    if today.year - day.date.year > OLDEST_AGE:
        warnings += (VERY_OLD,)
    return ResidentId(
        IdKind.RESIDENCE_PERMIT if permit else IdKind.RESIDENT,
        number,
        number[:6],
        day.date,
        Sex.MALE if number[16] in "13579" else Sex.FEMALE,
        warnings,
    )


def _read_15(number: str, today: dt.date, known_region: Callable[[str], bool] | None) -> ResidentId:
    if number[0].isascii() and number[0].isalpha():
        return _read_permanent_old(number)
    _require_digits(number)
    if number[0] == "0":
        raise ResidentIdCharacter(position=1, found="0")
    read = _read_18(to_18(number), today, known_region)
    return ResidentId(
        read.kind, read.normalised, read.region, read.birth_date, read.sex, (OLD_FORM, *read.warnings)
    )


def _read_permanent(number: str, weight: int, today: dt.date) -> ResidentId:
    """The card of 2023; only first digit and check are certain, so the date is read but never a reason to reject."""
    expected = CHECK_CHARACTERS[weight % 11]
    if number[17] != expected:
        raise ResidentIdCheck(expected=expected, found=number[17])
    day = _birth(number[6:14])
    born = day.date if day is not None and day.date is not None and day.date <= today else None
    sex = Sex.MALE if number[16] in "13579" else Sex.FEMALE
    return ResidentId(IdKind.PERMANENT_RESIDENT, number, None, born, sex, (LAYOUT_UNVERIFIED,))


def _read_permanent_old(number: str) -> ResidentId:
    for position, character in enumerate(number, start=1):
        fits = character.isalpha() if position <= 3 else character.isdecimal()
        if not (character.isascii() and fits):
            raise ResidentIdCharacter(position=position, found=character)
    return ResidentId(IdKind.PERMANENT_RESIDENT_OLD, number, None, None, None, (LAYOUT_UNVERIFIED,))


# The three parts of a number repeat from row to row: their share of the weighted sum, and the date, are remembered.
# Checking a column this way is about three times faster than summing 17 products a row.


@dataclass(frozen=True, slots=True)
class _Head:
    first: str
    weight: int


@dataclass(frozen=True, slots=True)
class _Birth:
    date: dt.date | None
    weight: int


@lru_cache(maxsize=16384)
def _part(six: str) -> _Head | None:
    if not (six.isascii() and six.isdecimal()):
        return None
    return _Head(six[0], sum(int(a) * w for a, w in zip(six, WEIGHTS[:6], strict=True)))


@lru_cache(maxsize=65536)
def _birth(eight: str) -> _Birth | None:
    if not (eight.isascii() and eight.isdecimal()):
        return None
    weight = sum(int(a) * w for a, w in zip(eight, WEIGHTS[6:14], strict=True))
    try:
        day = dt.date(int(eight[:4]), int(eight[4:6]), int(eight[6:]))
    except ValueError:
        return _Birth(None, weight)
    return _Birth(day if day.year >= 1800 else None, weight)


@lru_cache(maxsize=1024)
def _tail(three: str) -> int | None:
    if not (three.isascii() and three.isdecimal()):
        return None
    return sum(int(a) * w for a, w in zip(three, WEIGHTS[14:], strict=True))


def _require_digits(number: str) -> None:
    for position, character in enumerate(number, start=1):
        if not (character.isascii() and character.isdecimal()):
            raise ResidentIdCharacter(position=position, found=character)


def _reject_characters(number: str) -> None:
    if number[0] == "0":
        raise ResidentIdCharacter(position=1, found="0")
    _require_digits(number[:17])
    if number[17] not in "0123456789X":
        raise ResidentIdCharacter(position=18, found=number[17])
