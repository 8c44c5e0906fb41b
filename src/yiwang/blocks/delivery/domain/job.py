"""A table job through its life, as pure decisions; which job runs next, and when one that failed is tried again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from yiwang.blocks.delivery.domain import errors
from yiwang.vocabulary.delivering import Frequency

JobState = Literal["active", "paused", "failed", "ended"]
RunState = Literal["queued", "running", "done", "paused", "cancelled", "failed"]
Cause = Literal["clock", "person", "retry"]
RunKind = Literal["run", "replay"]
StepName = Literal["run", "pause", "resume", "cancel", "accept", "replay", "change", "end"]
STATES: Final[dict[JobState, tuple[str, str]]] = {
    "active": ("正常", "active"),
    "paused": ("已暂停", "paused"),
    "failed": ("已停，等人处理", "stopped, waiting for a person"),
    "ended": ("已结束", "ended"),
}
STEPS: Final[dict[StepName, tuple[str, str]]] = {
    "run": ("立即执行", "running it now"),
    "pause": ("暂停", "pausing it"),
    "resume": ("继续", "resuming it"),
    "cancel": ("取消本次执行", "cancelling this run"),
    "accept": ("接受新结构", "accepting the new structure"),
    "replay": ("回放", "replaying rows"),
    "change": ("修改", "changing it"),
    "end": ("结束", "ending it"),
}
OPEN_RUNS: Final[frozenset[RunState]] = frozenset({"queued", "running"})
RETRIES: Final = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))
"""How long after each failure that may pass by itself the job is tried again; then it waits for a person."""
FOLLOWING: Final = 16
"""Runs that follow their source, of one node together."""
LOOK_AGAIN: Final = timedelta(hours=1)
"""How long a job waits for what somebody else has stopped."""
PATIENCE: Final = 48
"""How often a node that does not answer is asked again after that, before a person has to look."""
PRIORITIES: Final = range(1, 10)
"""1 goes first."""
FREQUENCY_WORDS: Final[dict[Frequency, tuple[str, str]]] = {
    "once": ("一次", "once"),
    "monthly": ("每月一次", "once a month"),
    "weekly": ("每周一次", "once a week"),
    "daily": ("每天一次", "once a day"),
    "hourly": ("每小时一次", "once an hour"),
}


@dataclass(frozen=True)
class By:
    """Who acts."""

    agency: str
    officer: bool
    operator: bool = False


@dataclass(frozen=True)
class Job:
    """The facts a decision takes. `busy`: a run is queued or under way. `reason`: why it is paused or failed."""

    id: str
    consumer: str
    state: JobState
    reason: str = ""
    busy: bool = False
    mended: int = 0


def may(job: Job, step: StepName, by: By) -> bool:
    """Whether this person may take this step now."""
    try:
        check(job, step, by)
    except errors.DeliveryError:
        return False
    return True


def check(job: Job, step: StepName, by: By) -> None:
    """Raises: DeliveryNotAllowed, JobStateWrong."""
    if not (by.officer and by.agency == job.consumer) and not (by.operator and step in {"pause", "cancel"}):
        raise errors.DeliveryNotAllowed(
            needs_zh="使用方的数据专员", needs_en="a data officer of the consuming agency"
        )
    if not _fits(job, step):
        zh, en = STATES[job.state]
        if job.busy and job.state == "active":
            zh, en = "正在执行", "running"
        step_zh, step_en = STEPS[step]
        raise errors.JobStateWrong(job=job.id, state_zh=zh, state_en=en, step_zh=step_zh, step_en=step_en)


def _fits(job: Job, step: StepName) -> bool:
    match step:
        case "run":
            return job.state in {"active", "failed"} and not job.busy
        case "pause":
            return job.state == "active"
        case "resume":
            return job.state == "paused" and job.reason != "schema"
        case "cancel":
            return job.busy
        case "accept":
            return job.state == "paused" and job.reason == "schema"
        case "replay":
            return job.state != "ended" and not job.busy and job.mended > 0
        case "change":
            return job.state != "ended"
        case "end":
            return job.state != "ended"


def is_about_log(code: str) -> bool:
    """Whether an error is about reading changes from the source's log: its provider has to act."""
    return code.startswith(("transfer-capture-", "changes-wal-"))


@dataclass(frozen=True)
class Waiting:
    """A run that waits for its turn, or has it. `follows`: it goes on until it is stopped."""

    run: int
    job: str
    priority: int
    since: datetime
    follows: bool = False


def to_start(waiting: Iterable[Waiting], busy: Sequence[Waiting], at_once: int) -> list[Waiting]:
    """Which runs begin now: the most urgent first, then the longest waiting; one a job, at most `at_once` together.

    Runs that follow their source do not take the place of those that end: at most `FOLLOWING` of them go together.
    """
    taken = {one.job for one in busy}
    free = {
        True: FOLLOWING - sum(one.follows for one in busy),
        False: at_once - sum(not one.follows for one in busy),
    }
    found: list[Waiting] = []
    for one in sorted(waiting, key=lambda one: (one.priority, one.since, one.run)):
        if free[one.follows] > 0 and one.job not in taken:
            free[one.follows] -= 1
            taken.add(one.job)
            found.append(one)
    return found


def hours_text(hours: tuple[int, int] | None) -> str:
    """`8:30–18:00`; without hours the whole day."""
    begin, end = hours or (0, 24 * 60)
    return f"{begin // 60}:{begin % 60:02d}–{end // 60}:{end % 60:02d}"


def retry_at(failures: int, now: datetime, *, patient: bool = False) -> datetime | None:
    """When a job is tried again after that many failures in a row (from 1); None: a person has to look.

    `patient`: the failures are of a line between nodes, which may be down over night.
    """
    if failures <= len(RETRIES):
        return now + RETRIES[failures - 1]
    return now + LOOK_AGAIN if patient and failures <= len(RETRIES) + PATIENCE else None
