"""The form of a division code: 6 digits (GB/T 2260), 9 with the township, 12 with the village (NBS).

| digits | level | values |
| 1-2 | province | |
| 3-4 | city | 00 the province itself; 01-20, 51-70 cities; 21-50 prefectures, leagues; 90 counties under the province |
| 5-6 | county | 00 the city itself; 01-20 districts; 21-80 counties, banners; 81-99 county-level cities |
| 7-9 | township | 001-099 subdistrict; 100-199 town; 200-399 township; 400-499, 500-599 units of a like kind |
| 10-12 | village | 001-199 residents'; 200-399 villagers' committee; 400-499, 500-599 units of a like kind |
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from yiwang.vocabulary.identifiers import IdentifierEmpty, IdentifierError, normal_form


class Level(StrEnum):
    """Levels of the tree."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"

    @property
    def label_zh(self) -> str:
        """省级, 地级, 县级, 乡级, 村级."""
        return {"province": "省级", "city": "地级", "county": "县级", "township": "乡级", "village": "村级"}[
            self
        ]


class DivisionError(IdentifierError):
    """A value is not a division code."""

    code: ClassVar[str] = "division-invalid"
    message_zh: ClassVar[str] = "行政区划代码不合规。"
    message_en: ClassVar[str] = "The division code is not valid."
    mend_zh: ClassVar[str] = "请对照民政部门公布的行政区划代码核对后重填。"
    mend_en: ClassVar[str] = "Compare it with the list of the civil affairs department and enter it again."


class DivisionLength(DivisionError):
    """The code has neither 6 nor 9 nor 12 digits."""

    code: ClassVar[str] = "division-length"
    message_zh: ClassVar[str] = "区划代码应为 6、9 或 12 位，现为 {length} 位。"
    message_en: ClassVar[str] = "A division code has 6, 9 or 12 digits, this one has {length}."


class DivisionCharacter(DivisionError):
    """A character is not a digit."""

    code: ClassVar[str] = "division-character"
    message_zh: ClassVar[str] = "区划代码第 {position} 位的字符“{found}”不是数字。"
    message_en: ClassVar[str] = (
        "The character “{found}” at position {position} of the division code is not a digit."
    )


class DivisionUnknown(DivisionError):
    """No list, present or past, has the code."""

    code: ClassVar[str] = "division-unknown"
    message_zh: ClassVar[str] = "历年代码表中都没有区划代码 {value}。"
    message_en: ClassVar[str] = "No list, present or past, has the division code {value}."
    mend_zh: ClassVar[str] = "请核对；若是新设的区划或本地自编代码，请运维人员补入区划表。"
    mend_en: ClassVar[str] = (
        "Check it; if it is new or local, the operator adds it to the table of divisions."
    )


class DivisionNotYet(DivisionError):
    """The code came into use only after the day in question."""

    code: ClassVar[str] = "division-not-yet"
    message_zh: ClassVar[str] = "区划代码 {value}（{name}）到 {day} 尚未启用。"
    message_en: ClassVar[str] = "The division code {value} ({name}) was not yet in use on {day}."
    mend_zh: ClassVar[str] = "请核对数据的日期，或改用当时的代码。"
    mend_en: ClassVar[str] = "Check the date of the data, or use the code of that time."


@dataclass(frozen=True, slots=True)
class DivisionCode:
    """A code that has the right form; whether it exists is another question.

    Attributes:
        code: shortest form: `370100000000` and `370100000` become `370100`.
    """

    code: str

    @property
    def level(self) -> Level:
        """Level by the form of the code alone."""
        if len(self.code) == 12:
            return Level.VILLAGE
        if len(self.code) == 9:
            return Level.TOWNSHIP
        if self.code.endswith("0000"):
            return Level.PROVINCE
        return Level.CITY if self.code.endswith("00") else Level.COUNTY

    @property
    def county(self) -> str:
        """The six digits of GB/T 2260."""
        return self.code[:6]

    @property
    def province(self) -> str:
        """The code of its province."""
        return self.code[:2] + "0000"

    @property
    def township(self) -> str | None:
        """Nine digits, None above that level."""
        return self.code[:9] if len(self.code) >= 9 else None

    @property
    def written_12(self) -> str:
        """The code with its zeros up to 12 digits."""
        return self.code.ljust(12, "0")


def parse_division_code(text: str) -> DivisionCode:
    """Reads a code of 6, 9 or 12 digits.

    Raises:
        DivisionLength, DivisionCharacter: what is wrong and where.
        IdentifierEmpty: nothing is there.
    """
    code = normal_form(text)
    if not code:
        raise IdentifierEmpty
    for position, character in enumerate(code, start=1):
        if not ("0" <= character <= "9"):
            raise DivisionCharacter(position=position, found=character)
    if len(code) not in (6, 9, 12):
        raise DivisionLength(length=len(code))
    while len(code) > 6 and code.endswith("000"):
        code = code[:-3]
    return DivisionCode(code)


def unit_kind(code: DivisionCode) -> str:
    """What kind of township or village the digits say, empty above those levels or outside the ranges."""
    if code.level not in (Level.TOWNSHIP, Level.VILLAGE):
        return ""
    number = int(code.code[-3:])
    kinds = _TOWNSHIPS if code.level is Level.TOWNSHIP else _VILLAGES
    return next((name for low, high, name in kinds if low <= number <= high), "")


_TOWNSHIPS = (
    (1, 99, "街道"),
    (100, 199, "镇"),
    (200, 399, "乡"),
    (400, 499, "政企合一单位"),
    (500, 599, "开发区等类似乡级单位"),
)
_VILLAGES = (
    (1, 199, "居民委员会"),
    (200, 399, "村民委员会"),
    (400, 499, "类似居民委员会"),
    (500, 599, "类似村民委员会"),
)
