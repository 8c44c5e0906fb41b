"""The process that follows sources for subscribers and sends to their webhooks.

A node without subscriptions costs it one look every two seconds and none of the application: that is loaded with the
first one. Started as `python -m yiwang.bootstrap.subscribing`.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import time

import psycopg

log = logging.getLogger("yiwang.subscribing")
QUIET_SECONDS = 2.0
TURN_SECONDS = 0.5
_ANY = "SELECT EXISTS (SELECT FROM subscriptions_feed WHERE due_at IS NOT NULL)"


class _Stopped(Exception):
    """SIGTERM or SIGINT came."""


def _stop(*_: object) -> None:
    raise _Stopped


def wait_for_feeds(url: str) -> None:
    """Return when somebody follows a resource; a lost database is waited for."""
    while True:
        try:
            with psycopg.connect(url, autocommit=True, application_name="yiwang subscribing") as connection:
                connection.execute("SELECT set_config('yw.roles', 'system', false)")
                while True:
                    row = connection.execute(_ANY).fetchone()
                    if row is not None and row[0]:
                        return
                    time.sleep(QUIET_SECONDS)
        except psycopg.Error as problem:
            log.info("waiting for the database: %s", problem)
            time.sleep(QUIET_SECONDS)


def follow() -> None:
    """Begin what is due, for ever."""
    import django

    django.setup()
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
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    try:
        wait_for_feeds(os.environ["YW_DATABASE_URL"])
        follow()
    except _Stopped:
        sys.exit(0)


if __name__ == "__main__":
    main()
