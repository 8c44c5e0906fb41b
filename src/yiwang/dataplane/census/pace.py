"""Keeps a census from pressing a department's database: so many statements a second and no more."""

from __future__ import annotations

import time
from collections.abc import Callable


class Pace:
    """Spaces statements evenly; a clock and a way to wait are given for tests."""

    def __init__(
        self,
        per_second: float,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        if per_second <= 0:
            raise ValueError("more than nothing a second")
        self._gap = 1.0 / per_second
        self._clock, self._wait = clock, wait
        self._next = clock()
        self.statements = 0

    def step(self) -> None:
        """Call before every statement; returns when it may be sent."""
        now = self._clock()
        if now < self._next:
            self._wait(self._next - now)
            now = self._next
        # a pause earns no burst: at most one second's statements can be made up
        self._next = max(self._next + self._gap, now + self._gap - 0.1)
        self.statements += 1
