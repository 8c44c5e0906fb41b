"""What a running job is held to between two chunks: its grant, the hours of the grant, and what a person wants of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

from yiwang.blocks.delivery.domain import errors
from yiwang.blocks.delivery.domain.job import hours_text
from yiwang.blocks.delivery.domain.schedule import within_hours
from yiwang.blocks.delivery.store import models
from yiwang.blocks.delivery.store.rights import Right, standing_of
from yiwang.blocks.delivery.store.rows import is_workday
from yiwang.blocks.exchange.public import (
    GRANT_STATES,
    SYSTEM,
    GrantStanding,
    zone,
)
from yiwang.blocks.identity.public import acting
from yiwang.dataplane.transfer.job import Progress
from yiwang.dataplane.transfer.keeping import Wish

_EVERY_S: Final = 0.5
"""Seconds between two notes of the progress."""


def check_standing(source: Right, standing: GrantStanding, region: str, now: datetime) -> None:
    """Whether the grant lets rows out at this moment.

    Raises: GrantOver, GrantNotTable, ResourceStopped, OutsideHours.
    """
    state = standing.grant_state
    if state == "active" and not source.not_before <= now < source.not_after:
        state = "expired"
    if state != "active":
        zh, en = next((words for name, words in GRANT_STATES.items() if name == state), (state, state))
        raise errors.GrantOver(grant=source.grant, state_zh=zh, state_en=en)
    if "table" not in source.terms.modes or source.terms.delivery is None or not source.offered:
        raise errors.GrantNotTable(grant=source.grant)
    if standing.resource_state != "active":
        raise errors.ResourceStopped(resource=source.resource)
    terms = source.terms
    if not within_hours(terms.hours, terms.workdays_only, now, zone(), is_workday(region)):
        raise errors.OutsideHours(hours=hours_text(terms.hours))


class Watch:
    """The engine's control, and its progress, of one run."""

    def __init__(self, run: models.Run, source: Right, now: Callable[[], datetime]) -> None:
        self._job, region = run.job, run.job.region
        self._run, self._region, self._source, self._now = run.pk, region, source, now
        self._noted = 0.0

    def wish(self) -> Wish:
        """Asked between two chunks.

        Raises: GrantOver, ResourceStopped, OutsideHours, TermsMoved.
        """
        standing = standing_of(self._job)
        check_standing(self._source, standing, self._region, self._now())
        if standing != self._source.standing:
            raise errors.TermsMoved()
        with acting(SYSTEM):
            wanted = models.Run.objects.values_list("wish", flat=True).get(pk=self._run)
        return "pause" if wanted == "pause" else "cancel" if wanted == "cancel" else "run"

    def progress(self, told: Progress) -> None:
        """Note how far the run is, twice a second at most."""
        done = told.total is not None and told.rows >= told.total
        if not done and time.monotonic() - self._noted < _EVERY_S:
            return
        self._noted = time.monotonic()
        with acting(SYSTEM):
            models.Run.objects.filter(pk=self._run).update(
                rows=told.rows, total=told.total, rate=told.rate, left=told.left, chunk=told.chunk,
                lag=told.lag, seen_at=self._now()
            )  # fmt: skip
