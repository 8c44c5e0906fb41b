"""The process that follows sources for subscribers and sends to their webhooks.

A node without subscriptions costs it one look every two seconds and none of the application: that is loaded with the
first one. Started as `python -m yiwang.bootstrap.subscribing`.
"""

from __future__ import annotations

import logging
import os
import time

from yiwang.bootstrap.starting import set_up_django
from yiwang.bootstrap.waiting import until_stopped, wait_until

log = logging.getLogger("yiwang.subscribing")
TURN_SECONDS = 0.5
_ANY = "SELECT EXISTS (SELECT FROM subscriptions_feed WHERE due_at IS NOT NULL)"


def follow() -> None:
    """Begin what is due, for ever."""
    set_up_django()
    from django.db import Error
    from django.utils import timezone

    from yiwang.blocks.subscriptions.public import Rounds

    rounds = Rounds(timezone.now)
    try:
        while True:
            begun = time.monotonic()
            try:
                rounds.turn()
            except Error as problem:
                log.warning("waiting for the database: %s", type(problem).__name__)
            rest = TURN_SECONDS - (time.monotonic() - begun)
            if rest > 0:
                time.sleep(rest)
    finally:
        rounds.close()


def main() -> None:
    """Exit 0 after a stop."""
    until_stopped(begin)


def begin() -> None:
    """Wait for the first that needs it, then go on for ever."""
    wait_until(_ANY, os.environ["YW_DATABASE_URL"], log, role="system")
    follow()


if __name__ == "__main__":
    main()
