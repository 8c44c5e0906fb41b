"""What the worker does for delivery: begin what is due, each run in a process of its own, and go on with what was cut off."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol

from yiwang.blocks.delivery.actions import ending
from yiwang.blocks.delivery.actions.capturing import release, slots_over
from yiwang.blocks.delivery.actions.running import LOCK, only_runner
from yiwang.blocks.delivery.domain.job import OPEN_RUNS, Waiting, to_start
from yiwang.blocks.delivery.store import models
from yiwang.blocks.exchange.public import SYSTEM
from yiwang.blocks.identity.public import acting
from yiwang.vocabulary.errors import YwError

MOST_ATTEMPTS: Final = 50
"""Deaths of one run's process after which it waits for a person."""
MOST_STARTS: Final = 20
"""Processes that one call starts for one run."""
DISPATCHING: Final = LOCK + 1
"""Whoever holds this lock begins runs, alone in its node."""
_LOOK_S: Final = 0.3
_RELEASE_S: Final = 10.0
"""Seconds between two looks for slots that have to go."""


class Started(Protocol):
    """A process that was started for a run."""

    def poll(self) -> int | None:
        """Its exit code; None while it runs."""

    def terminate(self) -> None:
        """End it."""


def deliver(
    now: Callable[[], datetime], start: Callable[[int], Started], stopping: Callable[[], bool], at_once: int
) -> int:
    """Run what is due until nothing is; gives how many runs were begun. Only one process of the node does it at a time.

    `start` starts a process for the run of that number. Asked to stop, it ends the processes; what they had committed
    stays, and the next call goes on there.
    """
    with only_runner("", DISPATCHING) as mine:
        if not mine:
            return 0
        running: dict[int, tuple[Waiting, Started]] = {}
        looked = -_RELEASE_S
        begun: Counter[int] = Counter()
        while not stopping():
            running = {run: (turn, one) for run, (turn, one) in running.items() if one.poll() is None}
            if time.monotonic() - looked > _RELEASE_S:
                release_over(now())
                looked = time.monotonic()
            queue_due(now())
            waiting = [one for one in _waiting(set(running), now()) if _worth(one.run, begun[one.run], now())]
            for one in to_start(waiting, [turn for turn, _ in running.values()], at_once):
                running[one.run] = (one, start(one.run))
                begun[one.run] += 1
            if not running and not waiting:
                return begun.total()
            time.sleep(_LOOK_S)
        for _, started in running.values():
            started.terminate()
        return begun.total()


def release_over(now: datetime) -> None:
    """Drop the slots of jobs that are over and that no process runs; those whose source is down wait for the next look."""
    for job in slots_over(now):
        with only_runner(job) as free:
            if free:
                release(job, now)


def queue_due(now: datetime) -> int:
    """Put jobs whose moment has come into the queue; a job that is still at it waits for its next one."""
    with acting(SYSTEM):
        due = models.Job.objects.filter(state="active", next_at__lte=now).exclude(runs__state__in=OPEN_RUNS)
        rows = list(due.select_for_update(skip_locked=True).order_by("next_at", "pk")[:200])
        for row in rows:
            again = row.failures > 0 or bool(row.reason)
            row.next_at, row.reason, row.facts = None, "", {}
            row.save()
            models.Run.objects.create(job=row, cause="retry" if again else "clock", queued_at=now)
    return len(rows)


def _worth(run: int, begun: int, now: datetime) -> bool:
    """A process that ends before it has begun its run, several times over, is a fault of the node."""
    if begun < MOST_STARTS:
        return True
    ending.failed(run, YwError(), None, now)
    return False


def _waiting(mine: set[int], now: datetime) -> list[Waiting]:
    """Runs that wait, and those whose process died: nobody holds the lock of their job."""
    with acting(SYSTEM):
        rows = list(
            models.Run.objects.select_related("job")
            .filter(state__in=OPEN_RUNS)
            .exclude(pk__in=mine)
            .order_by("pk")
        )
    found = []
    for row in rows:
        if row.state == "running":
            with only_runner(row.job_id) as free:
                if not free:
                    continue
            if row.attempts >= MOST_ATTEMPTS:
                ending.failed(row.pk, YwError(), None, now)
                continue
        found.append(Waiting(row.pk, row.job_id, row.job.priority, row.queued_at, row.job.follow))
    return found
