"""The resources changed last, kept for a few seconds: what is published is the same for everybody who signed in."""

from __future__ import annotations

import time

from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.catalogue.public import ResourceSummary
from yiwang.blocks.identity.public import Actor

KEEP_SECONDS = 10.0
SHOWN = 9
_kept: list[tuple[float, tuple[ResourceSummary, ...]]] = []


def newest(me: Actor) -> tuple[ResourceSummary, ...]:
    """The published resources that changed last, newest first."""
    now = time.monotonic()
    if not _kept or now - _kept[0][0] > KEEP_SECONDS:
        _kept[:] = [(now, catalogue.search_resources(me, per_page=SHOWN).rows)]
    return _kept[0][1]


def forget() -> None:
    """Read afresh the next time; for tests."""
    _kept.clear()
