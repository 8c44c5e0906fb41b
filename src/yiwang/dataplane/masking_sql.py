"""The masks of `masking` as PostgreSQL expressions: values are masked in their own database and never leave it clear.

A test compares both on made values. Text with characters outside of ASCII under `phone` and `year_only` is hidden
whole here: digits of other scripts are not told from other signs alike everywhere, and a mask hides more, not less.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final


def _middle(v: str, head: int, tail: int) -> str:
    stars = f"repeat('*', greatest(length({v}) - {head + tail}, 0))"
    return (
        f"CASE WHEN length({v}) <= {head + tail} THEN repeat('*', length({v}))"
        f" ELSE left({v}, {head}) || {stars} || right({v}, {tail}) END"
    )


def _name(v: str) -> str:
    return (
        f"CASE WHEN {v} = '' THEN '' WHEN octet_length({v}) = length({v})"
        f" THEN regexp_replace({v}, '(?<=[^ ])[^ ]', '*', 'g')"
        f" ELSE left({v}, 1) || repeat('*', greatest(1, length({v}) - 1)) END"
    )


def _phone(v: str) -> str:
    # one regular expression of '^1[0-9]{10}$' says the same and takes three times as long
    return (
        f"CASE WHEN octet_length({v}) <> length({v}) THEN '****'"
        f" WHEN octet_length({v}) = 11 AND starts_with({v}, '1') AND {v} !~ '[^0-9]' THEN left({v}, 3) || '****' || right({v}, 4)"
        f" ELSE regexp_replace({v}, '[0-9](?=([^0-9]*[0-9]){{0,3}}[^0-9]*$)', '*', 'g') END"
    )


def _address(v: str) -> str:
    steps = ("省|自治区", "市|州|盟|地区", "区|县|旗|市")
    first, second, third = (f"^[^\\n]{{1,10}}?(?:{words})" for words in steps)
    return (
        f"(SELECT b.done || coalesce(substring(b.rest from '{third}'), '') || '****' FROM"
        f" (SELECT a.head || coalesce(substring(a.rest from '{second}'), '') AS done,"
        f" substr(a.rest, length(coalesce(substring(a.rest from '{second}'), '')) + 1) AS rest FROM"
        f" (SELECT coalesce(substring({v} from '{first}'), '') AS head,"
        f" substr({v}, length(coalesce(substring({v} from '{first}'), '')) + 1) AS rest) AS a) AS b)"
    )


def _email(v: str) -> str:
    # what stands before the last @, by greed
    return f"CASE WHEN {v} ~ '^.+@[^@]*$' THEN left({v}, 1) || '***@' || substring({v} from '[^@]*$') ELSE '****' END"


def _year(v: str) -> str:
    return (
        f"CASE WHEN octet_length({v}) = length({v}) AND {v} ~ '^[0-9]{{4}}([^0-9]|[0-9]{{2}})' THEN left({v}, 4)"
        " ELSE '****' END"
    )


_MASKS: Final[Mapping[str, Callable[[str], str]]] = {
    "id_number": lambda v: _middle(v, 6, 4),
    "name": _name,
    "phone": _phone,
    "address": _address,
    "email": _email,
    "bank_account": lambda v: _middle(v, 0, 4),
    "year_only": _year,
    "hidden": lambda v: f"CASE WHEN {v} IS NOT NULL THEN '****' END",
    "last_four": lambda v: _middle(v, 0, 4),
}


def masked(kind: str, text: str) -> str:
    """The mask of an SQL expression of type text; NULL stays NULL. Raises: KeyError, for a mask that does not exist."""
    return f"CASE WHEN {text} IS NULL THEN NULL ELSE {_MASKS[kind](text)} END"
