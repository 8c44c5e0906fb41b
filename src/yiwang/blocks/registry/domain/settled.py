"""Texts that a column takes as they stand: told of a whole column at once, where `values.read` would give them back.

Nothing is decided here that `read` decides otherwise: a column that is settled is one whose every text `read` gives back
unchanged; of any other column each cell is read. So a load of many rows and a single record have one reading.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from yiwang.blocks.registry.domain.compiled import Field

Settled = Callable[[Sequence[str]], bool]
_TOLD_APART: Final = ("\\", "\t", "\r", "\0")
"""What cannot stand in the text format of COPY as it is."""
_DIGITS: Final = 18
"""As many digits always fit a bigint."""


def settled(field: Field) -> Settled | None:
    """How to tell of a column of non-empty texts that it can be copied as it is; None where each text is read."""
    if field.encrypted:
        return None
    match field.kind:
        case "text" | "long_text" | "serial" | "address":
            return _texts(int(field.argument) if field.argument.isdigit() else 0)
        case "ref" if len(field.columns) == 1:
            return _keys
        case "integer" | "money":
            return _all(rf"0|-?[1-9][0-9]{{0,{_DIGITS - 1}}}")
        case "decimal":
            return _decimals(int(field.argument.split(",")[0]) if field.argument else 38, field.scale)
        case "phone":
            return _all(r"\+?[0-9][0-9-]{4,19}")
        case _:
            return None


def _texts(most: int) -> Settled:
    def told(column: Sequence[str]) -> bool:
        if not all(column) or (most and max(map(len, column)) > most):
            return False
        joined = "\n".join(column)
        return (
            joined.count("\n") == len(column) - 1
            and not any(one in joined for one in _TOLD_APART)
            and list(map(str.strip, column)) == list(column)
        )

    return told


def _keys(column: Sequence[str]) -> bool:
    return not any("|" in one for one in column) and _texts(0)(column)


def _decimals(precision: int, scale: int) -> Settled:
    whole = precision - scale
    if whole < 1:
        return _all(r"(?!)")
    after = rf"(?:\.[0-9]{{1,{scale}}})?" if scale else ""
    return _all(rf"-?(?:0|[1-9][0-9]{{0,{whole - 1}}}){after}")


def _all(pattern: str) -> Settled:
    matches = re.compile(pattern, re.ASCII).fullmatch

    def told(column: Sequence[str]) -> bool:
        return all(map(matches, column))

    return told
