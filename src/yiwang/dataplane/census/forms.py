"""The forms of single values: patterns and check digits of what people and vehicles are told apart by."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from yiwang.dataplane.census.terms import word_list
from yiwang.vocabulary import organisation_code, uscc

MOBILE: Final = re.compile(r"(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}")
LANDLINE: Final = re.compile(
    r"(?:\(?0\d{2,3}\)?[- ]?)\d{7,8}(?:(?:-|转)\d{1,6})?(?:[、,;/ ]+.*)?|\d{7,8}(?:-\d{1,4})|[48]00-?\d{3}-?\d{4}"
)
EMAIL: Final = re.compile(r"[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}")
PLATE: Final = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领][A-HJ-NP-Z][·. ]?[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警港澳使领]"
)
PASSPORT: Final = re.compile(r"(?:E[0-9A-HJ-NP-Z]\d{7}|[GDSP]\d{8}|[HM]\d{8}(?:\d{2})?)")
VIN: Final = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
IP: Final = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)")
MAC: Final = re.compile(r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}")
ADDRESS: Final = re.compile(r"[省市区县旗镇乡街路巷弄村组号栋幢楼室]|大道|胡同|单元|花园")
DWELLING: Final = re.compile(r"栋|幢|单元|\d室|户$|\d号楼|村.{0,6}组|小区|花园")
ORGANISATION: Final = re.compile(
    r"(?:公司|集团|厂|店|局|委员会|中心|医院|卫生院|学校|中学|小学|幼儿园|大学|学院|协会|合作社|银行|支行|分行|研究院|事务所|商行|经营部|政府|办事处|诊所|门诊部|服务站|药房|超市|饭店|宾馆|酒店|工作室|基金会)(?:[（(].*[）)])?$"
)
EMBEDDED_ID: Final = re.compile(
    r"(?<!\d)[1-8]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)"
)
EMBEDDED_MOBILE: Final = re.compile(r"(?<![\d.])1[3-9]\d{9}(?!\d)")
HASHED: Final = re.compile(
    r"(?:\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}|[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9A-F]{32}|\$argon2\w+\$.*|pbkdf2_\w+\$.*)"
)
_VIN_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VIN_VALUES: Final = dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)
)  # fmt: skip


@cache
def _given() -> frozenset[str]:
    return word_list("given")


def is_private(value: str) -> bool:
    """Whether a single value alone is of a person, whatever its column is called."""
    return bool(
        EMBEDDED_ID.search(value) or EMBEDDED_MOBILE.search(value) or ("@" in value and EMAIL.search(value))
        or PLATE.fullmatch(value) or PASSPORT.fullmatch(value) or (VIN.fullmatch(value) and is_vin(value))
        or (DWELLING.search(value) and len(set(ADDRESS.findall(value))) >= 3)
        or (16 <= len(value) <= 19 and is_bank_card(value))
    )  # fmt: skip


def is_name(value: str) -> bool:
    """Whether a text has the form of a Chinese person's name."""
    if "·" in value:
        return all("\u4e00" <= c <= "\u9fff" or c == "·" for c in value)
    if not 2 <= len(value) <= 4 or value[-1] in word_list("not_given"):
        return False
    if value[:2] in word_list("compound_surnames") and len(value) > 2:
        return True
    return len(value) <= 3 and value[0] in word_list("surnames") and any(c in _given() for c in value[1:])


def is_uscc(value: str) -> bool:
    """Whether a text is a credit code with the right check character."""
    if (
        len(value) != 18
        or not value[2:8].isdigit()
        or value[:17].strip(uscc.ALPHABET)
        or value[17] not in uscc.VALUES
    ):
        return False
    return all(c in uscc.VALUES for c in value) and uscc.check_character(value[:17]) == value[17]


def is_organisation_code(value: str) -> bool:
    """Whether a text is an organisation code with the right check character."""
    text = value.replace("-", "")
    return (
        len(text) == 9
        and text[:8].isalnum()
        and text.isascii()
        and text[:8].upper() == text[:8]
        and (organisation_code.check_character(text[:8]) == text[8])
    )


def is_old_id(value: str) -> bool:
    """Whether a text has the form of a 15-digit resident id."""
    return (
        len(value) == 15
        and value.isdigit()
        and value[0] in "12345678"
        and (1 <= int(value[8:10]) <= 12 and 1 <= int(value[10:12]) <= 31)
    )


def is_bank_card(value: str) -> bool:
    """Whether a number passes the check of bank cards (Luhn)."""
    if not value.isdigit() or value[0] not in "34569" or len(set(value)) < 4:
        return False
    total = 0
    for at, character in enumerate(reversed(value)):
        digit = int(character) * (2 if at % 2 else 1)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0


def is_vin(value: str) -> bool:
    """Whether 17 characters pass the check of vehicle numbers."""
    total = sum(
        (int(c) if c.isdigit() else _VIN_VALUES.get(c, 0)) * w
        for c, w in zip(value, _VIN_WEIGHTS, strict=True)
    )
    return "0123456789X"[total % 11] == value[8] and not value.isdigit()
