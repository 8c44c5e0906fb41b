"""The clock of a log: each leaf and head is later than the one before."""

from __future__ import annotations

from datetime import UTC, datetime


class Ticker:
    """Stamps that grow strictly, whatever the clock does: the order of leaves shows in their times."""

    __slots__ = ("_last", "_prefix", "_second")

    def __init__(self, last: datetime) -> None:
        """Start after `last`."""
        self._last = int(last.timestamp()) * 1_000_000 + last.microsecond
        self._second = -1
        self._prefix = ""

    def tick(self, now_ns: int) -> str:
        """A stamp of `now_ns` (Unix nanoseconds), one microsecond after the last stamp when that is not earlier."""
        moment = now_ns // 1000
        if moment <= self._last:
            moment = self._last + 1
        self._last = moment
        second, micro = divmod(moment, 1_000_000)
        if second != self._second:
            self._second = second
            self._prefix = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S.")
        return f"{self._prefix}{micro:06d}Z"
