"""The day clock: one tick a working day, and always a sentence beside it. Pure; the rules of dates live elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext, ngettext

Tone = Literal["ahead", "running", "soon", "late", "paused", "done"]
TICK_WIDTH, TICK_STEP, TICK_HEIGHT = 5, 7, 14
MOST_TICKS = 20
"""A longer span is drawn with one tick a week (five working days)."""


@dataclass(frozen=True)
class Tick:
    """One tick: its left edge in pixels and what it stands for."""

    x: int
    kind: Literal["used", "held", "left"]


@dataclass(frozen=True)
class DayClock:
    """Working days of a deadline: how long, how much is gone, how much of that was paused.

    `remaining` is 0 on the last day and negative when late. `done` when it was answered, after `used` days;
    `paused` while it waits for someone (then `held` are the days it has waited).
    """

    total: int
    remaining: int
    held: int = 0
    paused: bool = False
    done: bool = False
    started: bool = True

    @property
    def used(self) -> int:
        """Working days that counted so far."""
        return max(0, min(self.total, self.total - self.remaining))

    @property
    def tone(self) -> Tone:
        """Gamboge at 20 % or two days left, cinnabar when late, green when done."""
        if self.done:
            return "done"
        if self.paused:
            return "paused"
        if not self.started:
            return "ahead"
        if self.remaining < 0:
            return "late"
        return "soon" if self.remaining <= 2 or self.remaining * 5 <= self.total else "running"

    @property
    def words(self) -> str:
        """The sentence beside the ticks."""
        if self.done:
            return ngettext("Done in %(n)s working day", "Done in %(n)s working days", self.used) % {
                "n": self.used
            }
        if self.paused:
            return gettext("Waiting for correction, paused")
        if not self.started:
            return ngettext("%(n)s working day", "%(n)s working days", self.total) % {"n": self.total}
        if self.remaining < 0:
            days = -self.remaining
            return ngettext("%(n)s working day late", "%(n)s working days late", days) % {"n": days}
        if self.remaining == 0:
            return gettext("Due today")
        return ngettext("%(n)s working day left", "%(n)s working days left", self.remaining) % {
            "n": self.remaining
        }

    @property
    def short(self) -> str:
        """The same in as few words as a list has room for."""
        if self.done or self.paused or not self.started:
            return self.words
        if self.remaining < 0:
            return ngettext("%(n)s day late", "%(n)s days late", -self.remaining) % {"n": -self.remaining}
        if self.remaining == 0:
            return gettext("Today")
        return ngettext("%(n)s day", "%(n)s days", self.remaining) % {"n": self.remaining}

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """The ticks from left to right: used, then paused, then left."""
        unit = 1 if self.total <= MOST_TICKS else 5
        count = max(1, min(MOST_TICKS, -(-self.total // unit)))
        used = count if self.remaining <= 0 and not (self.paused or self.done) else -(-self.used // unit)
        if not self.started:
            used = 0
        held = min(count - used, -(-self.held // unit)) if used < count else 0
        return tuple(
            Tick(i * TICK_STEP, "used" if i < used else "held" if i < used + held else "left")
            for i in range(count)
        )

    @property
    def width(self) -> int:
        """Width of the drawing in pixels."""
        return len(self.ticks) * TICK_STEP - (TICK_STEP - TICK_WIDTH)
