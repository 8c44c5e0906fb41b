"""What a number means: against its target, against the period before, and when it is too small to be shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from yiwang.blocks.registry.domain.figures.declared import Direction

Verdict = Literal["reached", "near", "missed", "none"]
NEAR: Final = 0.10
"""A gap of at most this share of the target is near."""
SMALLEST: Final = 5
"""Fewer rows than this are hidden from who may not read the rows."""


def verdict(value: float | None, target: float | None, direction: Direction) -> Verdict:
    """Reached, near or missed; none without a number, a target or a direction."""
    if value is None or target is None or direction == "neutral":
        return "none"
    short = gap(value, target, direction)
    if short <= 0:
        return "reached"
    return "near" if short <= abs(target) * NEAR + 1e-9 else "missed"


def gap(value: float, target: float, direction: Direction) -> float:
    """How much is missing to the target, in the figure's unit; zero or less where it is reached."""
    return value - target if direction == "down" else target - value


def hidden(counted: Sequence[int]) -> frozenset[int]:
    """Positions of the groups that are not shown: those of few rows, and one more where a single one would follow
    from the total.
    """
    small = {at for at, rows in enumerate(counted) if 0 < rows < SMALLEST}
    if len(small) == 1 and len(counted) > 1:
        others = [(rows, at) for at, rows in enumerate(counted) if at not in small and rows > 0]
        small.update(at for _, at in sorted(others)[:1])
    return frozenset(small)
