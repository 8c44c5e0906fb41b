"""What was delivered under a grant in a day by this node's own journal, and what was received from other nodes."""

from __future__ import annotations

from datetime import date
from typing import Literal

from yiwang.blocks.cascade.store.everything import EVERYTHING
from yiwang.blocks.cascade.store.here import node
from yiwang.blocks.cascade.store.models import Asking
from yiwang.blocks.exchange.public import handing
from yiwang.blocks.journal.public import daily

Mode = Literal["api", "table", "file"]
"""How something is received: what one receipt is about."""
_KINDS: dict[Mode, tuple[str, ...]] = {
    "api": ("query", "verify", "refusal"),
    "table": ("table",),
    "file": ("file",),
}
"""The journal's kinds of what is counted for each."""
MODES: tuple[Mode, ...] = tuple(_KINDS)


def grant_given_to(origin: str, number: str) -> handing.HandedGrant | None:
    """A grant of ours that came of a request of that node; None where there is none."""
    given = handing.handed_grant(number)
    if given is None:
        return None
    asked = Asking.objects.filter(owner=node(), origin=origin, number=given.request).exists()
    return given if asked else None


def delivered(given: handing.HandedGrant, day: date, mode: Mode) -> tuple[int, int]:
    """What was answered under a grant in a day, and its rows."""
    return counted(given.number, day, mode)


def counted(grant: str, day: date, mode: Mode, resource: str | None = None) -> tuple[int, int]:
    """Answered calls, or whole tables or files, under a grant in a day, and their rows, by the journal of this node."""
    rows = daily(EVERYTHING, day, day, grant=grant, resource=resource, kinds=_KINDS[mode])
    return sum(one.calls - one.refused for one in rows), sum(one.rows for one in rows)
