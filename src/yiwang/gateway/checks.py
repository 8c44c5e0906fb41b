"""Check digits of numbers asked about: a number that cannot exist is refused before it costs anything."""

from __future__ import annotations

from datetime import date
from typing import Final

from yiwang.blocks.exchange.domain.compiled import CompiledField
from yiwang.gateway.refusals import CheckDigitWrong
from yiwang.gateway.values import Parameter
from yiwang.vocabulary.identifiers import IdentifierError, normal_form
from yiwang.vocabulary.resident_id import is_plain_resident_id, parse_resident_id

_USCC_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def checked(field: CompiledField, value: Parameter, today: date) -> Parameter:
    """The value as its rule writes it (upper case). Raises: CheckDigitWrong, without naming the value."""
    if field.check is None or not isinstance(value, str):
        return value
    if field.check == "resident_id":
        if is_plain_resident_id(value, today=today):
            return value
        try:
            return parse_resident_id(value, today=today).normalised
        except IdentifierError:
            raise CheckDigitWrong(field=field.name, kind="公民身份号码 / resident id") from None
    number = normal_form(value)
    if not _uscc(number):
        raise CheckDigitWrong(field=field.name, kind="统一社会信用代码 / USCC")
    return number


def _uscc(number: str) -> bool:
    if len(number) != 18 or any(character not in _USCC_ALPHABET for character in number):
        return False
    total = sum(
        _USCC_ALPHABET.index(character) * weight
        for character, weight in zip(number, _USCC_WEIGHTS, strict=False)
    )
    return _USCC_ALPHABET[(31 - total % 31) % 31] == number[17]
