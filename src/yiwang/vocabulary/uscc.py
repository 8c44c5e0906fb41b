"""统一社会信用代码 (GB 32100-2015 with Amendment No. 1, 2016).

18 characters: registering department, category, six digits of the registrar's division, the nine characters of the
organisation code, check character (weights 3^(i-1) mod 31). The inner organisation code does not have to satisfy its
own check: individual traders and some recent codes do not, so that is a warning. O, I, Z, S, V are not in the
alphabet; they are reported with a hint and never replaced.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import product
from typing import ClassVar

from yiwang.vocabulary import organisation_code
from yiwang.vocabulary.identifiers import IdentifierEmpty, IdentifierError, Notice, normal_form
from yiwang.vocabulary.tables import data_table

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
VALUES = {character: value for value, character in enumerate(ALPHABET)}
LOOK_ALIKES = {"O": "0", "I": "1", "Z": "2", "S": "5", "V": "UY"}


class UsccError(IdentifierError):
    """A value is not a 统一社会信用代码."""

    code: ClassVar[str] = "uscc-invalid"
    message_zh: ClassVar[str] = "统一社会信用代码不合规。"
    message_en: ClassVar[str] = "The unified social credit code is not valid."
    mend_zh: ClassVar[str] = "请对照营业执照或登记证书核对后重填。"
    mend_en: ClassVar[str] = "Compare it with the licence or certificate and enter it again."


class UsccLength(UsccError):
    """The code does not have 18 characters."""

    code: ClassVar[str] = "uscc-length"
    message_zh: ClassVar[str] = "统一社会信用代码应为 18 位，现为 {length} 位。"
    message_en: ClassVar[str] = "A unified social credit code has 18 characters, this one has {length}."
    mend_zh: ClassVar[str] = "9 位的是组织机构代码，15 位的是旧注册号或税号：请查换发后的 18 位代码。"
    mend_en: ClassVar[str] = (
        "Nine characters are an organisation code, 15 an old registration or tax number: look up its successor."
    )


class UsccCharacter(UsccError):
    """A character stands where it cannot."""

    code: ClassVar[str] = "uscc-character"
    message_zh: ClassVar[str] = "统一社会信用代码第 {position} 位的字符“{found}”不允许。{hint_zh}"
    message_en: ClassVar[str] = "The character “{found}” cannot stand at position {position}. {hint_en}"
    mend_zh: ClassVar[str] = (
        "代码不用字母 I、O、S、V、Z，第 3 至 8 位只能是数字；请对照证照核对，系统不会代为替换。"
    )
    mend_en: ClassVar[str] = (
        "The code does not use I, O, S, V, Z, and positions 3 to 8 are digits; nothing is replaced for you."
    )


class UsccCheck(UsccError):
    """The check character does not fit the other 17."""

    code: ClassVar[str] = "uscc-check"
    message_zh: ClassVar[str] = "统一社会信用代码校验不通过：末位应为 {expected}，现为 {found}。"
    message_en: ClassVar[str] = "The check character of the code should be {expected}, it is {found}."
    mend_zh: ClassVar[str] = "至少有一位录错（不一定是末位），请对照证照逐位核对。"
    mend_en: ClassVar[str] = (
        "At least one position is wrong, not necessarily the last: compare it with the licence."
    )


CATEGORY_UNKNOWN = Notice("uscc-category-unknown", "登记部门与类别组合不在代码表中", "category is on no list")
REGION_UNKNOWN = Notice(
    "uscc-region-unknown", "登记机关区划码不在代码表中", "the registrar's division is on no list"
)
ORGANISATION_CHECK = Notice(
    "uscc-organisation-check",
    "第 9 至 17 位不满足组织机构代码校验",
    "inner organisation code fails its own check",
)


@dataclass(frozen=True, slots=True)
class Category:
    """A registering department and a category of organisations under it (GB 32100-2015 table 1, as amended)."""

    code: str
    department: str
    category: str


@dataclass(frozen=True, slots=True)
class Uscc:
    """A code that passed.

    Attributes:
        normalised: 18 characters, upper case.
        category: None where the table does not have the first two characters.
        region: six-digit division of the registrar, `100000` for a national one.
        organisation_code: the nine characters inside.
        warnings: what is worth a look; never a reason to reject.
    """

    normalised: str
    category: Category | None
    region: str
    organisation_code: str
    warnings: tuple[Notice, ...] = ()


def check_character(body: str) -> str:
    """The 18th character for 17 (GB 32100-2015 §4.2.5)."""
    if len(body) != 17 or any(character not in VALUES for character in body):
        raise ValueError("17 characters of the code's alphabet expected")
    return ALPHABET[-sum(VALUES[c] * w for c, w in zip(body, WEIGHTS, strict=True)) % 31]


@cache
def categories() -> dict[str, Category]:
    """The table of departments and categories, by the first two characters."""
    table = data_table("uscc_categories.csv", "code", "department", "category")
    return {row["code"]: Category(row["code"], row["department"], row["category"]) for row in table.rows}


def parse_uscc(text: str, *, known_region: Callable[[str], bool] | None = None) -> Uscc:
    """Reads a code.

    Args:
        text: as written; blanks around, full-width characters and small letters are tolerated.
        known_region: says whether a six-digit division was ever in use; without it no warning is given.

    Raises:
        UsccError: one class a reason.
        IdentifierEmpty: nothing is there.
    """
    code = normal_form(text)
    if len(code) != 18:
        if not code:
            raise IdentifierEmpty
        raise UsccLength(length=len(code))
    sums = (_front(code[:8]), _inner(code[8:17]))
    if sums[0] is None or sums[1] is None or code[17] not in VALUES:
        raise _character_error(code)
    expected = ALPHABET[-(sums[0] + sums[1]) % 31]
    if code[17] != expected:
        raise UsccCheck(expected=expected, found=code[17])
    category = categories().get(code[:2])
    warnings: tuple[Notice, ...] = ()
    if category is None:
        warnings += (CATEGORY_UNKNOWN,)
    if known_region is not None and code[2:8] != "100000" and not known_region(code[2:8]):
        warnings += (REGION_UNKNOWN,)
    if organisation_code.check_character(code[8:16]) != code[16]:
        warnings += (ORGANISATION_CHECK,)
    return Uscc(code, category, code[2:8], code[8:17], warnings)


def look_alike_candidates(text: str) -> tuple[str, ...]:
    """Codes that pass when letters outside the alphabet are read as the characters they look like (O→0, I→1 …).

    Only a suggestion for a person to compare with the licence; at most eight, none when there is nothing to replace.
    """
    code = normal_form(text)
    doubtful = [index for index, character in enumerate(code) if character in LOOK_ALIKES]
    if len(code) != 18 or not 0 < len(doubtful) <= 4:
        return ()
    found = []
    for choice in product(*(LOOK_ALIKES[code[index]] for index in doubtful)):
        letters = list(code)
        for index, character in zip(doubtful, choice, strict=True):
            letters[index] = character
        candidate = "".join(letters)
        if _character_position(candidate) is None and check_character(candidate[:17]) == candidate[17]:
            found.append(candidate)
    return tuple(found[:8])


@lru_cache(maxsize=65536)
def _front(eight: str) -> int | None:
    if eight[0] not in VALUES or eight[1] not in VALUES or not (eight.isascii() and eight[2:].isdecimal()):
        return None
    return sum(VALUES[c] * w for c, w in zip(eight, WEIGHTS[:8], strict=True))


def _inner(nine: str) -> int | None:
    total = 0
    for character, weight in zip(nine, WEIGHTS[8:], strict=True):
        value = VALUES.get(character)
        if value is None:
            return None
        total += value * weight
    return total


def _character_position(code: str) -> int | None:
    for position, character in enumerate(code, start=1):
        allowed = "0123456789" if 3 <= position <= 8 else ALPHABET
        if character not in allowed:
            return position
    return None


def _character_error(code: str) -> UsccCharacter:
    position = _character_position(code)
    if position is None:
        raise AssertionError("a character was refused that may stand there")
    found = code[position - 1]
    like = LOOK_ALIKES.get(found)
    if like is None:
        return UsccCharacter(position=position, found=found, hint_zh="", hint_en="")
    return UsccCharacter(
        position=position,
        found=found,
        hint_zh=f"是否应为“{'”或“'.join(like)}”？",
        hint_en=f"Should it be {' or '.join(like)}?",
        suggestions=list(look_alike_candidates(code)),
    )
