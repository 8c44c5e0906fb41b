"""Long work behind a page that is sent while it goes on: its progress is told without a script."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextvars import copy_context
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db import connections

T = TypeVar("T")
TELL_SECONDS = 0.5
"""Progress is told at most so often."""


@dataclass(frozen=True)
class Done(Generic[T]):
    """What the work gave."""

    value: T


def told(work: Callable[[Callable[[int], None]], T]) -> Iterator[int | Done[T]]:
    """Do the work in a thread of its own; gives the counts that it tells, the latest of each moment, then its outcome.

    Raises: what the work raises.
    """
    counts: queue.Queue[int | None] = queue.Queue()
    outcome: list[Done[T]] = []
    problems: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(Done(work(counts.put)))
        except BaseException as problem:
            problems.append(problem)
        finally:
            counts.put(None)
            connections.close_all()  # those of this thread

    thread = threading.Thread(target=copy_context().run, args=(run,), daemon=True)
    thread.start()
    while (count := counts.get()) is not None:
        latest: int | None = count
        while not counts.empty() and latest is not None:
            count, latest = latest, counts.get()
        yield latest if latest is not None else count
        if latest is None:
            break
        thread.join(TELL_SECONDS)
    thread.join()
    if problems:
        raise problems[0]
    yield outcome[0]
