"""Numbers that organisations carried before 统一社会信用代码, and what still leads from them to it.

A registration number cannot be turned into the present code, only looked up in a mapping table; a tax number holds
the organisation code, which is the present code's positions 9 to 17.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from yiwang.vocabulary import organisation_code, resident_id
from yiwang.vocabulary.identifiers import IdentifierEmpty, IdentifierError, normal_form


class LegacyKind(StrEnum):
    """The kinds of older numbers."""

    REGISTRATION_15 = "registration-15"
    REGISTRATION_13 = "registration-13"
    TAX_ENTERPRISE = "tax-enterprise"
    TAX_PERSON = "tax-person"
    INSTITUTION_CERTIFICATE = "institution-certificate"


class Registrant(StrEnum):
    """Who is registered, by the seventh digit of a 15-digit registration number."""

    DOMESTIC = "domestic"
    FOREIGN_INVESTED = "foreign-invested"
    INDIVIDUAL_TRADER = "individual-trader"


class LegacyCodeError(IdentifierError):
    """A value is not an older number of the kind it is taken for."""

    code: ClassVar[str] = "legacy-code-invalid"
    message_zh: ClassVar[str] = "旧登记号码不合规。"
    message_en: ClassVar[str] = "The older registration number is not valid."
    mend_zh: ClassVar[str] = "请对照旧证照核对，或直接查 18 位统一社会信用代码。"
    mend_en: ClassVar[str] = "Compare it with the old licence, or look up the 18-character code instead."


class LegacyCodeForm(LegacyCodeError):
    """The number does not have the length or the characters of its kind."""

    code: ClassVar[str] = "legacy-code-form"
    message_zh: ClassVar[str] = "应为 {expected_zh}，现为 {length} 位。"
    message_en: ClassVar[str] = "Expected {expected_en}, got {length} characters."


class LegacyCodeCheck(LegacyCodeError):
    """The check digit does not fit."""

    code: ClassVar[str] = "legacy-code-check"
    message_zh: ClassVar[str] = "注册号校验不通过：末位应为 {expected}，现为 {found}。"
    message_en: ClassVar[str] = (
        "The check digit of the registration number should be {expected}, it is {found}."
    )


@dataclass(frozen=True, slots=True)
class LegacyCode:
    """An older number that passed.

    Attributes:
        kind: which number it is.
        normalised: without blanks, upper case.
        region: six-digit division of the registrar where the number holds one.
        organisation_code: where the number holds one: the way to the present code.
        registrant: for 15-digit registration numbers.
        person: for tax numbers of natural persons, the resident id inside.
    """

    kind: LegacyKind
    normalised: str
    region: str | None = None
    organisation_code: str | None = None
    registrant: Registrant | None = None
    person: resident_id.ResidentId | None = None


def registration_check_digit(body: str) -> str:
    """The 15th digit of a registration number (ISO 7064 MOD 11,10)."""
    if not (body.isascii() and body.isdecimal()):
        raise ValueError("digits expected")
    p = 10
    for digit in body:
        p = ((p + int(digit)) % 10 or 10) * 2 % 11
    return str((11 - p) % 10)


def parse_registration_number(text: str) -> LegacyCode:
    """工商注册号: 15 digits with a check digit (6 region, 8 sequence, 1 check), or the older 13 without.

    Raises:
        LegacyCodeError: wrong form or check digit.
        IdentifierEmpty: nothing is there.
    """
    number = _normal(text)
    if len(number) not in (13, 15) or not (number.isascii() and number.isdecimal()):
        raise LegacyCodeForm(
            expected_zh="15 位或 13 位数字的注册号",
            expected_en="a registration number of 15 or 13 digits",
            length=len(number),
        )
    if len(number) == 13:
        return LegacyCode(LegacyKind.REGISTRATION_13, number, region=number[:6])
    expected = registration_check_digit(number[:14])
    if number[14] != expected:
        raise LegacyCodeCheck(expected=expected, found=number[14])
    kinds = (
        (Registrant.DOMESTIC,) * 4 + (Registrant.FOREIGN_INVESTED,) * 2 + (Registrant.INDIVIDUAL_TRADER,) * 4
    )
    return LegacyCode(LegacyKind.REGISTRATION_15, number, region=number[:6], registrant=kinds[int(number[6])])


def parse_tax_number(text: str, *, today: dt.date) -> LegacyCode:
    """税务登记号 before the codes were united.

    An enterprise's has 15 characters: 6 digits of the region and the organisation code. A natural person's is the
    resident id (15 or 18), possibly followed by two more digits.

    Raises:
        LegacyCodeForm: neither.
        IdentifierError: the organisation code or the resident id inside is wrong.
    """
    number = _normal(text)
    if len(number) == 15:
        try:
            inner = organisation_code.parse_organisation_code(number[6:])
        except organisation_code.OrganisationCodeError:
            if not (number.isascii() and number.isdecimal()):
                raise
        else:
            return LegacyCode(
                LegacyKind.TAX_ENTERPRISE, number, region=number[:6], organisation_code=inner.normalised
            )
    if len(number) in (15, 18, 20):
        body = number[:18] if len(number) == 20 else number
        person = resident_id.parse_resident_id(body, today=today)
        return LegacyCode(LegacyKind.TAX_PERSON, number, region=person.region, person=person)
    raise LegacyCodeForm(
        expected_zh="15、18 或 20 位的税务登记号",
        expected_en="a tax registration number of 15, 18 or 20 characters",
        length=len(number),
    )


def parse_institution_certificate(text: str) -> LegacyCode:
    """事业单位法人证书号: 12 digits, no check.

    Raises:
        LegacyCodeForm: anything else.
    """
    number = _normal(text)
    if len(number) != 12 or not (number.isascii() and number.isdecimal()):
        raise LegacyCodeForm(
            expected_zh="12 位数字的事业单位法人证书号",
            expected_en="a certificate number of 12 digits",
            length=len(number),
        )
    return LegacyCode(LegacyKind.INSTITUTION_CERTIFICATE, number)


def _normal(text: str) -> str:
    number = normal_form(text)
    if not number:
        raise IdentifierEmpty
    return number
