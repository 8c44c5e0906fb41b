"""A circuit breaker: after failures in a row the source rests, then one call tries it."""

from __future__ import annotations

import math
from typing import Final

FIRST_REST: Final = 2.0
LONGEST_REST: Final = 60.0


class Breaker:
    """Closed, open until a moment, or half-open with one probe under way. Moments are monotonic seconds."""

    def __init__(self, persistent: int) -> None:
        """`persistent`: failures in a row after which it opens."""
        self._persistent = persistent
        self._failures = 0
        self._pause = FIRST_REST
        self._until: float | None = None
        self._probing = False

    def allows(self, now: float, *, probe: bool = True) -> bool:
        """Whether a call may go through; the first after a rest is the probe that decides."""
        if self._until is None:
            return True
        if now < self._until or self._probing:
            return False
        self._probing = probe
        return True

    def rest(self, now: float) -> int:
        """Whole seconds after which it is worth trying again."""
        return max(1, math.ceil((self._until or now) - now))

    def succeeded(self) -> None:
        """A call came through: closed."""
        self._failures, self._pause, self._until, self._probing = 0, FIRST_REST, None, False

    def failed(self, now: float) -> None:
        """A call failed in a way that speaks against the source."""
        self._failures += 1
        if self._probing or self._failures >= self._persistent:
            if self._probing:
                self._pause = min(self._pause * 2, LONGEST_REST)
            self._until, self._probing = now + self._pause, False

    def undecided(self) -> None:
        """The probe ended in a way that says nothing about the source: the next call is the probe."""
        self._probing = False
