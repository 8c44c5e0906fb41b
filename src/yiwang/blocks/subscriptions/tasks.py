"""What the node's process of subscriptions does: reads sources, sends to webhooks, and keeps house every minute.

Sources and receivers are slow each in their own way: feeds, webhooks that work and webhooks that fail have threads of
their own, so that none of them waits for another kind; one feed or webhook never has more than one.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Final

from django.db import Error, close_old_connections, connection

from yiwang.blocks.subscriptions.actions.following import due_feeds, follow
from yiwang.blocks.subscriptions.actions.keeping import tick
from yiwang.blocks.subscriptions.actions.sending import due_hooks, send

_log = logging.getLogger(__name__)
FEEDS: Final = 4
SENDERS: Final = 8
TRIERS: Final = 4
KEEP_SECONDS: Final = 30.0
LONGEST_PAUSE: Final = 60.0
"""Seconds after which a piece of work that faults again and again is tried once more, and its fault told."""
_Mark = tuple[str, str]


class Rounds:
    """Begins whatever is due and is not under way; `turn` again and again, `close` at the end."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._pools = {
            "feed": ThreadPoolExecutor(FEEDS, "feeds"),
            "hook": ThreadPoolExecutor(SENDERS, "hooks"),
            "try": ThreadPoolExecutor(TRIERS, "tries"),
        }
        self._running: dict[_Mark, Future[bool]] = {}
        self._faults: dict[_Mark, tuple[int, float]] = {}
        """How often in a row it faulted, and until when it rests (Unix seconds)."""
        self._kept = 0.0

    def turn(self) -> int:
        """Begin what is due; gives how much is under way. Raises: django.db.Error."""
        close_old_connections()
        now = self._clock()
        self._settle(now.timestamp())
        for resource in due_feeds(now):
            self._begin("feed", resource, partial(follow, resource, self._clock))
        for failing in (False, True):
            for one in due_hooks(now, failing=failing):
                self._begin("try" if failing else "hook", one, partial(self._send, one))
        if now.timestamp() - self._kept >= KEEP_SECONDS:
            self._kept = now.timestamp()
            kept = tick(now)
            if any(vars(kept).values()):
                _log.info("subscriptions: %s", kept)
        return len(self._running)

    def close(self) -> None:
        """Wait for what is under way."""
        for pool in self._pools.values():
            pool.shutdown(wait=True, cancel_futures=True)

    def _send(self, one: str) -> None:
        while send(one, self._clock, random.random):
            continue

    def _settle(self, moment: float) -> None:
        """What is over: a fault is tried again after 1, 2, 4 … seconds, so that its cause can be mended and no log fills."""
        over = {mark: one for mark, one in self._running.items() if one.done()}
        for mark, one in over.items():
            del self._running[mark]
            if one.result():
                self._faults.pop(mark, None)
            else:
                times = self._faults.get(mark, (0, 0.0))[0] + 1
                self._faults[mark] = (times, moment + min(2.0 ** (times - 1), LONGEST_PAUSE))

    def _begin(self, kind: str, name: str, work: Callable[[], object]) -> None:
        mark = ("feed" if kind == "feed" else "hook", name)
        times, until = self._faults.get(mark, (0, 0.0))
        if mark not in self._running and self._clock().timestamp() >= until:
            self._running[mark] = self._pools[kind].submit(_guarded, kind, name, work, times)


def _guarded(kind: str, name: str, work: Callable[[], object], times: int) -> bool:
    """One piece of work with a connection of its own, and whether it went well; a fault of ours stops this piece alone."""
    try:
        work()
    except Error as problem:
        _log.warning("%s %s: %s, time %d", kind, name, type(problem).__name__, times + 1)
    except Exception as problem:  # kept by its kind alone: a text could quote data
        _log.error("%s %s: %s, time %d", kind, name, type(problem).__name__, times + 1)
    else:
        return True
    finally:
        connection.close()
    return False
