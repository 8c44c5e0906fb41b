"""Which numbers of a session were used: each once, in any order within a window (as in RFC 4303 §3.4.3)."""

from __future__ import annotations

from typing import Final

WINDOW: Final = 4096
"""How far a number may lie behind the highest that was seen: calls under way at a time may overtake each other."""


class Window:
    """The numbers of one session."""

    __slots__ = ("_highest", "_used")

    def __init__(self) -> None:
        """None is used yet."""
        self._highest = 0
        self._used: set[int] = set()

    def take(self, number: int) -> bool:
        """Whether the number is fresh; from now on it is not."""
        highest = self._highest
        if number in self._used or number <= highest - WINDOW or number < 1:
            return False
        if number > highest:
            self._highest = number
        self._used.add(number)
        if len(self._used) > 2 * WINDOW:
            floor = self._highest - WINDOW
            self._used = {one for one in self._used if one > floor}
        return True
