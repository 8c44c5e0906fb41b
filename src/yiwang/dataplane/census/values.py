"""What a column's values say it is: check digits, patterns and dictionaries. Cheap tests decide which dear ones run."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

from yiwang.dataplane.census.profile import Profile
from yiwang.dataplane.census.source import Text
from yiwang.dataplane.census.terms import word_list
from yiwang.vocabulary import organisation_code, resident_id, uscc
from yiwang.vocabulary.code_lists import code_list
from yiwang.vocabulary.divisions.tree import standard_divisions
from yiwang.vocabulary.legacy_codes import registration_check_digit

ENOUGH: Final = 5
"""Distinct values below which values alone prove little."""
_MOBILE: Final = re.compile(r"(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}")
_LANDLINE: Final = re.compile(
    r"(?:\(?0\d{2,3}\)?[- ]?)\d{7,8}(?:(?:-|转)\d{1,6})?(?:[、,;/ ]+.*)?|\d{7,8}(?:-\d{1,4})|[48]00-?\d{3}-?\d{4}"
)
_EMAIL: Final = re.compile(r"[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}")
_PLATE: Final = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领][A-HJ-NP-Z][·. ]?[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警港澳使领]"
)
_PASSPORT: Final = re.compile(r"(?:E[0-9A-HJ-NP-Z]\d{7}|[GDSP]\d{8}|[HM]\d{8}(?:\d{2})?)")
_VIN: Final = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
_IP: Final = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)")
_MAC: Final = re.compile(r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}")
_ADDRESS: Final = re.compile(r"[省市区县旗镇乡街路巷弄村组号栋幢楼室]|大道|胡同|单元|花园")
_DWELLING: Final = re.compile(r"栋|幢|单元|\d室|户$|\d号楼|村.{0,6}组|小区|花园")
_ORGANISATION: Final = re.compile(
    r"(?:公司|集团|厂|店|局|委员会|中心|医院|卫生院|学校|中学|小学|幼儿园|大学|学院|协会|合作社|银行|支行|分行|研究院|事务所|商行|经营部|政府|办事处|诊所|门诊部|服务站|药房|超市|饭店|宾馆|酒店|工作室|基金会)(?:[（(].*[）)])?$"
)
_EMBEDDED_ID: Final = re.compile(
    r"(?<!\d)[1-8]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)"
)
_EMBEDDED_MOBILE: Final = re.compile(r"(?<![\d.])1[3-9]\d{9}(?!\d)")
_HASHED: Final = re.compile(
    r"(?:\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}|[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9A-F]{32}|\$argon2\w+\$.*|pbkdf2_\w+\$.*)"
)
_VIN_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VIN_VALUES: Final = dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Evidence:
    """What values say: a concept, how sure (0–1), whether a check digit proves it, and why."""

    concept: str
    confidence: float
    proven: bool
    reason: Text


def evidence(profile: Profile, today: dt.date) -> tuple[Evidence, ...]:
    """Concepts that the values speak for, strongest first."""
    values = profile.looked
    if not values or profile.letter in {"D", "T", "L", "G", "N", "Y", "B", "F"}:
        return ()
    found = (
        list(_numbers(values, today))
        if _mostly(values, lambda v: v[:1].isdigit() or v[-1:].isdigit())
        else []
    )
    if _mostly(values, lambda v: "\u4e00" <= v[0] <= "\u9fff"):
        found += _chinese(profile, values)
    elif not found:
        found += _latin(values)
    found += _vehicles(values)
    found += _dictionaries(values)
    if not found and profile.longest > 20:
        found += _embedded(values, today)
    return tuple(sorted(found, key=lambda e: (-e.proven, -e.confidence)))


def _mostly(values: tuple[str, ...], test: Callable[[str], bool], least: float = 0.6) -> bool:
    return sum(map(test, values)) >= least * len(values)


def _sure(part: float, count: int) -> float:
    """Confidence from a share of values; few values prove little."""
    return round(part * min(1.0, 0.5 + count / (2 * ENOUGH)), 3)


def _counted(part: float, zh: str, en: str) -> Text:
    return Text(f"{part:.0%} 的取值{zh}", f"{part:.0%} of the values {en}")


def _numbers(values: tuple[str, ...], today: dt.date) -> Iterable[Evidence]:
    count = len(values)
    lengths = [len(value) for value in values]
    at_18 = sum(n == 18 for n in lengths) / count
    if at_18 >= 0.5:
        part = sum(resident_id.is_plain_resident_id(v.upper(), today=today) for v in values) / count
        if part >= 0.6:
            yield Evidence(
                "resident_id",
                _sure(part, count),
                True,
                _counted(part, "通过公民身份号码的校验", "pass the check of resident ids"),
            )
        part = sum(_is_uscc(v) for v in values) / count if part < 0.6 else 0.0
        if part >= 0.6:
            yield Evidence(
                "uscc",
                _sure(part, count),
                True,
                _counted(part, "通过统一社会信用代码的校验", "pass the check of credit codes"),
            )
    if sum(n == 15 and v.isdigit() for n, v in zip(lengths, values, strict=True)) >= 0.6 * count:
        part = (
            sum(registration_check_digit(v[:14]) == v[14] for v in values if len(v) == 15 and v.isdigit())
            / count
        )
        if part >= 0.8:
            yield Evidence(
                "reg_no",
                _sure(part, count),
                True,
                _counted(part, "通过工商注册号的校验", "pass the check of registration numbers"),
            )
        part = sum(_is_old_id(v) for v in values) / count
        if part >= 0.9 and count >= ENOUGH:
            yield Evidence(
                "resident_id",
                _sure(part, count) * 0.8,
                False,
                _counted(part, "形如 15 位旧身份号码", "look like old resident ids"),
            )
    part = sum(bool(_MOBILE.fullmatch(v)) for v in values) / count
    if part >= 0.6 and not _running(values):
        yield Evidence(
            "mobile", _sure(part, count), False, _counted(part, "形如手机号码", "look like mobile numbers")
        )
    part = sum(bool(_LANDLINE.fullmatch(v)) for v in values) / count
    if part >= 0.6:
        yield Evidence(
            "phone", _sure(part, count), False, _counted(part, "形如固定电话", "look like landline numbers")
        )
    if sum(16 <= n <= 19 for n in lengths) >= 0.8 * count and at_18 < 0.9:
        part = sum(_luhn(v) for v in values) / count
        if part >= 0.85 and count >= ENOUGH:
            yield Evidence(
                "bank_account",
                _sure(part, count),
                True,
                _counted(part, "通过银行卡 Luhn 校验", "pass the Luhn check of bank cards"),
            )
    yield from _divisions(values)
    part = sum(bool(_IP.fullmatch(v)) for v in values) / count
    if part >= 0.8:
        yield Evidence(
            "ip_address", _sure(part, count), False, _counted(part, "形如 IP 地址", "look like IP addresses")
        )
    part = sum(bool(_PASSPORT.fullmatch(v)) for v in values) / count
    if part >= 0.9 and count >= ENOUGH and not _one_head(values):
        yield Evidence(
            "passport",
            _sure(part, count) * 0.85,
            False,
            _counted(part, "形如护照或通行证号码", "look like passports or permits"),
        )
    if sum(n in {9, 10} for n in lengths) >= 0.8 * count and not all(v.isdigit() for v in values):
        part = sum(_is_organisation_code(v) for v in values) / count
        if part >= 0.7:
            yield Evidence(
                "org_code",
                _sure(part, count),
                True,
                _counted(part, "通过组织机构代码的校验", "pass the check of organisation codes"),
            )


def _vehicles(values: tuple[str, ...]) -> Iterable[Evidence]:
    count = len(values)
    if count < ENOUGH or sum(len(v) == 17 for v in values) < 0.8 * count:
        return
    part = sum(bool(_VIN.fullmatch(v)) and _vin(v) for v in values) / count
    if part >= 0.8:
        yield Evidence(
            "vin",
            _sure(part, count),
            True,
            _counted(part, "通过车辆识别代号校验", "pass the check of vehicle numbers"),
        )


def _divisions(values: tuple[str, ...]) -> Iterable[Evidence]:
    if len(values) < 2 * ENOUGH or not all(len(v) in {2, 4, 6, 9, 12} and v.isdigit() for v in values):
        return
    tree = standard_divisions()
    part = sum(tree.ever_existed(v[:6].ljust(6, "0")) for v in values) / len(values)
    if part >= 0.95:
        yield Evidence(
            "division_code",
            round(part * 0.9, 3),
            True,
            _counted(part, "在历年区划中", "are divisions, present or past"),
        )


def _chinese(profile: Profile, values: tuple[str, ...]) -> Iterable[Evidence]:
    count = len(values)
    short = sum(2 <= len(v) <= 4 for v in values) / count
    if short >= 0.75 and profile.distinct >= ENOUGH:
        part = sum(_is_name(v) for v in values) / count
        heads = len({v[0] for v in values if _is_name(v)})
        # categories repeat; names hardly do
        varied = profile.distinct >= 30 or profile.distinct >= 0.25 * max(1, profile.filled)
        if part >= 0.75 and heads >= min(4, count) and varied:
            yield Evidence(
                "person_name",
                _sure(part, count) * 0.9,
                False,
                _counted(part, "以姓氏开头、形如人名", "begin with a surname and look like names"),
            )
    part = sum(bool(_PLATE.fullmatch(v)) for v in values) / count
    if part >= 0.7:
        yield Evidence(
            "plate", _sure(part, count), False, _counted(part, "形如机动车号牌", "look like number plates")
        )
    if sum(len(v) >= 4 for v in values) >= 0.6 * count:
        part = sum(bool(_ORGANISATION.search(v)) for v in values) / count
        if part >= 0.5:
            yield Evidence(
                "org_name",
                _sure(part, count) * 0.85,
                False,
                _counted(part, "形如单位名称", "look like names of organisations"),
            )
        else:
            part = sum(len(set(_ADDRESS.findall(v))) >= 3 for v in values) / count
            if part >= 0.6:
                dwelling = sum(bool(_DWELLING.search(v)) for v in values) / count
                concept = "home_address" if dwelling >= 0.5 else "address"
                yield Evidence(
                    concept,
                    _sure(part, count) * 0.8,
                    False,
                    _counted(part, "形如地址", "look like addresses"),
                )


def _latin(values: tuple[str, ...]) -> Iterable[Evidence]:
    count = len(values)
    part = sum("@" in v and bool(_EMAIL.fullmatch(v)) for v in values) / count
    if part >= 0.6:
        yield Evidence(
            "email", _sure(part, count), False, _counted(part, "形如电子邮箱", "look like e-mail addresses")
        )
    part = sum(bool(_MAC.fullmatch(v)) for v in values) / count
    if part >= 0.8:
        yield Evidence(
            "device_id",
            _sure(part, count) * 0.9,
            False,
            _counted(part, "形如设备地址", "look like device addresses"),
        )
    part = sum(v.startswith("$") and bool(_HASHED.fullmatch(v)) for v in values) / count
    if part >= 0.8:
        yield Evidence(
            "password",
            _sure(part, count) * 0.9,
            False,
            _counted(part, "形如口令散列", "look like password hashes"),
        )


_WORDS: Final = ("religion", "marital", "political", "blood", "health", "sex", "race")
_CONCEPT: Final = {"blood": "blood_type"}


def _dictionaries(values: tuple[str, ...]) -> Iterable[Evidence]:
    if max(map(len, values)) > 40:
        return
    part = _held(values, _ethnic())
    if part >= 0.9 and len(values) >= 2:
        yield Evidence(
            "ethnic", _sure(part, len(values) + 3), False, _counted(part, "是民族名称", "are ethnic groups")
        )
    for name in _WORDS:
        words = word_list(name)
        part = _held(values, words)
        least = 0.5 if name == "health" else 0.9
        if part >= least and len(values) >= 2:
            reason = _counted(part, "在敏感词典中", "stand in the dictionary of sensitive words")
            yield Evidence(_CONCEPT.get(name, name), round(min(0.95, part + 0.1), 3), False, reason)


def _held(values: tuple[str, ...], words: frozenset[str]) -> float:
    # a few probes decide quickly for nearly every column that is something else
    if len(values) > 16 and not any(values[at * len(values) // 8] in words for at in range(8)):
        return 0.0
    return sum(value in words for value in values) / len(values)


def _embedded(values: tuple[str, ...], today: dt.date) -> Iterable[Evidence]:
    ids = sum(
        any(resident_id.is_plain_resident_id(m.upper(), today=today) for m in _EMBEDDED_ID.findall(v))
        for v in values
    )
    mobiles = sum(bool(_EMBEDDED_MOBILE.search(v)) for v in values)
    if ids or mobiles >= max(2, len(values) // 50):
        part = max(ids, mobiles) / len(values)
        reason = _counted(
            part, "的文字中夹有身份号码或手机号码", "hold resident ids or telephone numbers in their text"
        )
        yield Evidence("free_text", 0.75 if ids else 0.65, False, reason)


@cache
def _ethnic() -> frozenset[str]:
    names = {code.name for code in code_list("ethnic-group") if code.name not in {"其他"}}
    return frozenset(names | {name.removesuffix("族") for name in names if len(name) > 2})


@cache
def _given() -> frozenset[str]:
    return word_list("given")


def _is_name(value: str) -> bool:
    if "·" in value:
        return all("\u4e00" <= c <= "\u9fff" or c == "·" for c in value)
    if not 2 <= len(value) <= 4 or value[-1] in word_list("not_given"):
        return False
    if value[:2] in word_list("compound_surnames") and len(value) > 2:
        return True
    return len(value) <= 3 and value[0] in word_list("surnames") and any(c in _given() for c in value[1:])


def _is_uscc(value: str) -> bool:
    if (
        len(value) != 18
        or not value[2:8].isdigit()
        or value[:17].strip(uscc.ALPHABET)
        or value[17] not in uscc.VALUES
    ):
        return False
    return all(c in uscc.VALUES for c in value) and uscc.check_character(value[:17]) == value[17]


def _is_organisation_code(value: str) -> bool:
    text = value.replace("-", "")
    return (
        len(text) == 9
        and text[:8].isalnum()
        and text.isascii()
        and text[:8].upper() == text[:8]
        and (organisation_code.check_character(text[:8]) == text[8])
    )


def _is_old_id(value: str) -> bool:
    return (
        len(value) == 15
        and value.isdigit()
        and value[0] in "12345678"
        and (1 <= int(value[8:10]) <= 12 and 1 <= int(value[10:12]) <= 31)
    )


def _luhn(value: str) -> bool:
    if not value.isdigit() or value[0] not in "34569" or len(set(value)) < 4:
        return False
    total = 0
    for at, character in enumerate(reversed(value)):
        digit = int(character) * (2 if at % 2 else 1)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0


def _vin(value: str) -> bool:
    total = sum(
        (int(c) if c.isdigit() else _VIN_VALUES.get(c, 0)) * w
        for c, w in zip(value, _VIN_WEIGHTS, strict=True)
    )
    return "0123456789X"[total % 11] == value[8] and not value.isdigit()


def _running(values: tuple[str, ...]) -> bool:
    """Whether numbers run on like a counter."""
    if not all(value.isdigit() for value in values) or len(values) < ENOUGH:
        return False
    numbers = sorted(map(int, values))
    return numbers[-1] - numbers[0] < 200 * len(numbers)


def _one_head(values: tuple[str, ...]) -> bool:
    """Whether the digits after the letter run on: a series of an office, not documents of people."""
    digits = [int(value[2:]) for value in values if value[2:].isdigit()]
    return bool(digits) and max(digits) - min(digits) < 200 * len(digits)
