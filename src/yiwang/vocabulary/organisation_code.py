"""组织机构代码 (GB 11714-1997): eight characters and a check character, written `XXXXXXXX-C`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from yiwang.vocabulary.identifiers import IdentifierEmpty, IdentifierError, normal_form

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
VALUES = {character: value for value, character in enumerate(ALPHABET)}


class OrganisationCodeError(IdentifierError):
    """A value is not a 组织机构代码."""

    code: ClassVar[str] = "organisation-code-invalid"
    message_zh: ClassVar[str] = "组织机构代码不合规。"
    message_en: ClassVar[str] = "The organisation code is not valid."
    mend_zh: ClassVar[str] = "请对照组织机构代码证核对后重填。"
    mend_en: ClassVar[str] = "Compare it with the organisation code certificate and enter it again."


class OrganisationCodeLength(OrganisationCodeError):
    """The code does not have nine characters."""

    code: ClassVar[str] = "organisation-code-length"
    message_zh: ClassVar[str] = "组织机构代码应为 9 位（不计连字符），现为 {length} 位。"
    message_en: ClassVar[str] = (
        "An organisation code has 9 characters without the hyphen, this one has {length}."
    )


class OrganisationCodeCharacter(OrganisationCodeError):
    """A character stands where it cannot."""

    code: ClassVar[str] = "organisation-code-character"
    message_zh: ClassVar[str] = "组织机构代码第 {position} 位的字符“{found}”不允许。"
    message_en: ClassVar[str] = "The character “{found}” cannot stand at position {position}."


class OrganisationCodeCheck(OrganisationCodeError):
    """The check character does not fit the other eight."""

    code: ClassVar[str] = "organisation-code-check"
    message_zh: ClassVar[str] = "组织机构代码校验不通过：末位应为 {expected}，现为 {found}。"
    message_en: ClassVar[str] = (
        "The check character of the organisation code should be {expected}, it is {found}."
    )


@dataclass(frozen=True, slots=True)
class OrganisationCode:
    """A code that passed; `normalised` has nine characters and no hyphen."""

    normalised: str

    @property
    def written(self) -> str:
        """The way it is printed: `D2143569-X`."""
        return f"{self.normalised[:8]}-{self.normalised[8]}"


def check_character(body: str) -> str:
    """The ninth character for eight (GB 11714-1997 §4): 11 − Σ mod 11, where 10 is X and 11 is 0."""
    if len(body) != 8 or any(character not in VALUES for character in body):
        raise ValueError("8 characters of 0-9 and A-Z expected")
    rest = 11 - sum(VALUES[c] * w for c, w in zip(body, WEIGHTS, strict=True)) % 11
    return "X" if rest == 10 else "0" if rest == 11 else str(rest)


def parse_organisation_code(text: str) -> OrganisationCode:
    """Reads a code with or without its hyphen.

    Raises:
        OrganisationCodeError: one class a reason.
        IdentifierEmpty: nothing is there.
    """
    code = normal_form(text)
    if len(code) == 10 and code[8] in "-－—–":
        code = code[:8] + code[9]
    if not code:
        raise IdentifierEmpty
    if len(code) != 9:
        raise OrganisationCodeLength(length=len(code))
    for position, character in enumerate(code, start=1):
        if character not in (VALUES if position < 9 else "0123456789X"):
            raise OrganisationCodeCharacter(position=position, found=character)
    expected = check_character(code[:8])
    if code[8] != expected:
        raise OrganisationCodeCheck(expected=expected, found=code[8])
    return OrganisationCode(code)
