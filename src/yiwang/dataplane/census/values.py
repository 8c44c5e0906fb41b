"""What a column's values say it is: check digits, patterns and dictionaries. Cheap tests decide which dear ones run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

from yiwang.dataplane.census.forms import (
    ADDRESS,
    DWELLING,
    EMAIL,
    EMBEDDED_ID,
    EMBEDDED_MOBILE,
    HASHED,
    IP,
    LANDLINE,
    MAC,
    MOBILE,
    ORGANISATION,
    PASSPORT,
    PLATE,
    VIN,
    is_bank_card,
    is_name,
    is_old_id,
    is_organisation_code,
    is_uscc,
    is_vin,
)
from yiwang.dataplane.census.profile import Profile
from yiwang.dataplane.census.source import Text
from yiwang.dataplane.census.terms import word_list
from yiwang.vocabulary import resident_id
from yiwang.vocabulary.code_lists import code_list
from yiwang.vocabulary.divisions.tree import standard_divisions
from yiwang.vocabulary.legacy_codes import registration_check_digit

ENOUGH: Final = 5
"""Distinct values below which values alone prove little."""


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
        part = sum(is_uscc(v) for v in values) / count if part < 0.6 else 0.0
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
        part = sum(is_old_id(v) for v in values) / count
        if part >= 0.9 and count >= ENOUGH:
            yield Evidence(
                "resident_id",
                _sure(part, count) * 0.8,
                False,
                _counted(part, "形如 15 位旧身份号码", "look like old resident ids"),
            )
    part = sum(bool(MOBILE.fullmatch(v)) for v in values) / count
    if part >= 0.6 and not _running(values):
        yield Evidence(
            "mobile", _sure(part, count), False, _counted(part, "形如手机号码", "look like mobile numbers")
        )
    part = sum(bool(LANDLINE.fullmatch(v)) for v in values) / count
    if part >= 0.6:
        yield Evidence(
            "phone", _sure(part, count), False, _counted(part, "形如固定电话", "look like landline numbers")
        )
    if sum(16 <= n <= 19 for n in lengths) >= 0.8 * count and at_18 < 0.9:
        part = sum(is_bank_card(v) for v in values) / count
        if part >= 0.85 and count >= ENOUGH:
            yield Evidence(
                "bank_account",
                _sure(part, count),
                True,
                _counted(part, "通过银行卡 Luhn 校验", "pass the Luhn check of bank cards"),
            )
    yield from _divisions(values)
    part = sum(bool(IP.fullmatch(v)) for v in values) / count
    if part >= 0.8:
        yield Evidence(
            "ip_address", _sure(part, count), False, _counted(part, "形如 IP 地址", "look like IP addresses")
        )
    part = sum(bool(PASSPORT.fullmatch(v)) for v in values) / count
    if part >= 0.9 and count >= ENOUGH and not _one_head(values):
        yield Evidence(
            "passport",
            _sure(part, count) * 0.85,
            False,
            _counted(part, "形如护照或通行证号码", "look like passports or permits"),
        )
    if sum(n in {9, 10} for n in lengths) >= 0.8 * count and not all(v.isdigit() for v in values):
        part = sum(is_organisation_code(v) for v in values) / count
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
    part = sum(bool(VIN.fullmatch(v)) and is_vin(v) for v in values) / count
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
        part = sum(is_name(v) for v in values) / count
        heads = len({v[0] for v in values if is_name(v)})
        # categories repeat; names hardly do
        varied = profile.distinct >= 30 or profile.distinct >= 0.25 * max(1, profile.filled)
        if part >= 0.75 and heads >= min(4, count) and varied:
            yield Evidence(
                "person_name",
                _sure(part, count) * 0.9,
                False,
                _counted(part, "以姓氏开头、形如人名", "begin with a surname and look like names"),
            )
    part = sum(bool(PLATE.fullmatch(v)) for v in values) / count
    if part >= 0.7:
        yield Evidence(
            "plate", _sure(part, count), False, _counted(part, "形如机动车号牌", "look like number plates")
        )
    if sum(len(v) >= 4 for v in values) >= 0.6 * count:
        part = sum(bool(ORGANISATION.search(v)) for v in values) / count
        if part >= 0.5:
            yield Evidence(
                "org_name",
                _sure(part, count) * 0.85,
                False,
                _counted(part, "形如单位名称", "look like names of organisations"),
            )
        else:
            part = sum(len(set(ADDRESS.findall(v))) >= 3 for v in values) / count
            if part >= 0.6:
                dwelling = sum(bool(DWELLING.search(v)) for v in values) / count
                concept = "home_address" if dwelling >= 0.5 else "address"
                yield Evidence(
                    concept,
                    _sure(part, count) * 0.8,
                    False,
                    _counted(part, "形如地址", "look like addresses"),
                )


def _latin(values: tuple[str, ...]) -> Iterable[Evidence]:
    count = len(values)
    part = sum("@" in v and bool(EMAIL.fullmatch(v)) for v in values) / count
    if part >= 0.6:
        yield Evidence(
            "email", _sure(part, count), False, _counted(part, "形如电子邮箱", "look like e-mail addresses")
        )
    part = sum(bool(MAC.fullmatch(v)) for v in values) / count
    if part >= 0.8:
        yield Evidence(
            "device_id",
            _sure(part, count) * 0.9,
            False,
            _counted(part, "形如设备地址", "look like device addresses"),
        )
    part = sum(v.startswith("$") and bool(HASHED.fullmatch(v)) for v in values) / count
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
        any(resident_id.is_plain_resident_id(m.upper(), today=today) for m in EMBEDDED_ID.findall(v))
        for v in values
    )
    mobiles = sum(bool(EMBEDDED_MOBILE.search(v)) for v in values)
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
