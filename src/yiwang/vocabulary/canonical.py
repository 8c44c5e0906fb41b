"""Canonical JSON: RFC 8785 over text, integers below 2^53, booleans, null, lists and objects. No floats.

One value has exactly one text, so a digest or signature over the text is one over the value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import msgspec

from yiwang.vocabulary.errors import YwError

Json: TypeAlias = "str | int | bool | Sequence[Json] | Mapping[str, Json] | None"

MAX_DEPTH = 64
MAX_INTEGER = 2**53 - 1

_encoder = msgspec.json.Encoder(order="sorted")


class NotCanonical(YwError):
    """A value has no canonical JSON, or a text is not the canonical one of its value."""

    code = "json-not-canonical"
    message_zh = "内容不是规范 JSON(RFC 8785,不含小数):{reason}"
    message_en = "This is not canonical JSON (RFC 8785 without fractions): {reason}"
    mend_zh = "请原样使用对方给出的文本,不要重新排版或改动。"
    mend_en = "Use the text exactly as it was given, neither reformatted nor changed."


def canonical(value: object) -> bytes:
    """The canonical UTF-8 text of `value`; objects are `dict`, lists are `list` or `tuple`.

    Raises:
        NotCanonical: a float, another type, an integer of 2^53 or more, a lone surrogate, or deeper than 64.
    """
    try:
        if _has_astral_key(value, 0):
            return msgspec.json.encode(_reordered(value))
        return _encoder.encode(value)
    except UnicodeEncodeError as problem:
        raise NotCanonical(reason="a lone surrogate") from problem


def parse_canonical(text: bytes | str) -> Json:
    """The value of a text that is canonical, byte for byte.

    Raises:
        NotCanonical: the text is not JSON, or is not the canonical text of its value.
    """
    try:
        data = text.encode("utf-8") if isinstance(text, str) else text
        value: Json = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as problem:
        raise NotCanonical(reason=str(problem)[:200]) from problem
    if canonical(value) != data:
        raise NotCanonical(reason="the text differs from the canonical text of its value")
    return value


def _has_astral_key(value: object, depth: int) -> bool:
    """Refuse what has no canonical form; say whether some key has a character past U+FFFF.

    Keys are ordered by UTF-16 code units (RFC 8785 §3.2.3), which is msgspec's order by code points unless a
    key has such a character.
    """
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return False
    if isinstance(value, int) and kind is int:
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise NotCanonical(reason="an integer of 2^53 or more")
        return False
    if depth == MAX_DEPTH:
        raise NotCanonical(reason=f"deeper than {MAX_DEPTH} levels")
    astral = False
    if isinstance(value, dict) and kind is dict:
        for key, member in value.items():
            if type(key) is not str:
                raise NotCanonical(reason="an object key is not text")
            if not key.isascii() and max(key) > "\uffff":
                astral = True
            astral |= _has_astral_key(member, depth + 1)
        return astral
    if isinstance(value, list | tuple) and kind in (list, tuple):
        for member in value:
            astral |= _has_astral_key(member, depth + 1)
        return astral
    raise NotCanonical(reason=f"a value of type {kind.__name__}")


def _reordered(value: object) -> object:
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return {key: _reordered(value[key]) for key in keys}
    if isinstance(value, list | tuple):
        return [_reordered(member) for member in value]
    return value
