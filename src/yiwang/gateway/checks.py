"""Check digits of numbers asked about: a number that cannot exist is refused before it costs anything."""

from __future__ import annotations

from datetime import date

from yiwang.blocks.exchange.domain.compiled import CompiledField
from yiwang.gateway.refusals import CheckDigitWrong
from yiwang.gateway.values import Parameter
from yiwang.vocabulary.identifiers import IdentifierError
from yiwang.vocabulary.resident_id import is_plain_resident_id, parse_resident_id
from yiwang.vocabulary.uscc import parse_uscc


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
    try:
        return parse_uscc(value).normalised
    except IdentifierError:
        raise CheckDigitWrong(field=field.name, kind="统一社会信用代码 / USCC") from None
