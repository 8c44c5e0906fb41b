"""Conditions: what a caller asks about. Values are plain; the gateway types them by the resource's contract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from yiwang.client.errors import WhereMalformed

Scalar: TypeAlias = "str | int | bool"
Condition: TypeAlias = "Scalar | Mapping[str, Scalar | Sequence[Scalar]]"
"""A value that a field must equal, or `{in|prefix|gte|lte: …}`."""
Where: TypeAlias = "Mapping[str, Condition]"

OPERATORS = ("in", "prefix", "gte", "lte")


def parse_where(given: Iterable[str]) -> dict[str, Condition]:
    """Conditions from `FIELD=VALUE` and `FIELD:op=VALUE`, as on the command line.

    A field may have several operators (`年份:gte=2020` and `年份:lte=2024`); the values of `in` are separated by
    commas and add up when it is repeated. A colon that no operator follows belongs to the field's name.

    Raises:
        WhereMalformed: no `=`, an empty field or value list, or a field given twice.
    """
    where: dict[str, Condition] = {}
    parts: dict[str, dict[str, Scalar | Sequence[Scalar]]] = {}
    for text in given:
        left, equals, value = text.partition("=")
        name, colon, operator = left.rpartition(":")
        if not colon or operator not in OPERATORS:
            name, operator = left, ""
        if not equals or not name:
            raise WhereMalformed(given=text[:200], reason="=")
        if name in where and (not operator or name not in parts):
            raise WhereMalformed(given=text[:200], reason=name)
        if not operator:
            where[name] = value
            continue
        inner = parts.setdefault(name, {})
        where[name] = inner
        if operator == "in":
            before = inner.get("in", ())
            values = [part for part in value.split(",") if part]
            if not values:
                raise WhereMalformed(given=text[:200], reason="in")
            inner["in"] = [*(before if isinstance(before, list) else ()), *values]
        elif operator in inner:
            raise WhereMalformed(given=text[:200], reason=operator)
        else:
            inner[operator] = value
    return where


def parse_fields(given: Iterable[str]) -> dict[str, str]:
    """Plain `FIELD=VALUE` pairs, for a subject and for claims.

    Raises:
        WhereMalformed: no `=`, an empty field, or a field given twice.
    """
    found: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name or name in found:
            raise WhereMalformed(given=text[:200], reason=name or "=")
        found[name] = value
    return found
