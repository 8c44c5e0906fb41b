"""Named points of the commit path where a test makes the process die; nothing of it exists in production.

`YW_FAULTS="signed@3"` kills the process (SIGKILL) when it reaches the point `signed` for the third time. The
variable is heeded only with `YW_MODE=test`, and read once at import.
"""

from __future__ import annotations

import os
import signal

POINTS = (
    "taken",
    "built",
    "signed",
    "sent",
    "committed",
    "noted",
    "answered",
    "sealing",
    "sealed",
    "leased",
    "outbox-read",
    "nodes-written",
    "rolled",
)


class Faults:
    """Counts visits to points and dies at the one that was asked for."""

    def __init__(self, wanted: str) -> None:
        """`wanted` is `point@n`."""
        point, _, count = wanted.partition("@")
        if point not in POINTS:
            raise ValueError(f"no such point: {point}")
        self._point = point
        self._left = int(count or "1")

    def reach(self, point: str) -> None:
        """Die here when it is the moment."""
        if point == self._point:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def _armed() -> Faults | None:
    wanted = os.environ.get("YW_FAULTS")
    return Faults(wanted) if wanted and os.environ.get("YW_MODE") == "test" else None


FAULTS = _armed()
