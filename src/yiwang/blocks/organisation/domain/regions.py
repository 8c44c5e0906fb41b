"""Division codes as a tree: which region lies in which."""

from __future__ import annotations

from yiwang.blocks.organisation.domain.errors import BadRegionCode

_DIGITS = {1: 2, 2: 4, 3: 6, 4: 9, 5: 12}
"""Significant digits of a code by level: province, city, county, township, village (GB/T 2260, GB/T 10114)."""


def normal_code(code: str) -> str:
    """The shortest usual form: 6 digits down to county, 9 for a township, 12 for a village.

    Raises: BadRegionCode.
    """
    if not (code.isascii() and code.isdigit() and len(code) in (6, 9, 12)) or code.startswith("0"):
        raise BadRegionCode(region=code, reason="6, 9 or 12 digits")
    level = level_of(code)
    return code.ljust(12, "0")[: max(6, _DIGITS[level])]


def level_of(code: str) -> int:
    """1 province, 2 city, 3 county, 4 township, 5 village."""
    padded = code.ljust(12, "0")
    for level in (5, 4, 3, 2):
        lower = _DIGITS[level - 1]
        if padded[lower : _DIGITS[level]].strip("0"):
            return level
    return 1


def covers(upper: str, lower: str) -> bool:
    """Whether the region `lower` is `upper` or lies in it."""
    digits = _DIGITS[level_of(upper)]
    return lower.ljust(12, "0")[:digits] == upper.ljust(12, "0")[:digits]


def prefix(code: str) -> str:
    """The significant digits of a code: every region in it starts with them."""
    return code.ljust(12, "0")[: _DIGITS[level_of(code)]]
