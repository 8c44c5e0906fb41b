"""Processes of a node that begin with the first row that needs them, and end cleanly."""

from __future__ import annotations

import logging
import signal
import sys
import time
from collections.abc import Callable

import psycopg

from yiwang.vocabulary.logs import log_to_stderr

QUIET_SECONDS = 2.0


class _Stopped(Exception):
    """SIGTERM or SIGINT came."""


def _stop(*_: object) -> None:
    raise _Stopped


def wait_until(question: str, url: str, log: logging.Logger, *, role: str | None = None) -> None:
    """Return when a question of one truth value is answered yes; a lost database is waited for.

    `role` is what the connection acts as (`yw.roles`), where rows are shown by roles.
    """
    while True:
        try:
            with psycopg.connect(
                url, autocommit=True, application_name=log.name.replace(".", " ")
            ) as connection:
                if role is not None:
                    connection.execute("SELECT set_config('yw.roles', %s, false)", [role])
                while True:
                    row = connection.execute(question.encode()).fetchone()
                    if row is not None and row[0]:
                        return
                    time.sleep(QUIET_SECONDS)
        except psycopg.Error as problem:
            log.info("waiting for the database: %s", problem)
            time.sleep(QUIET_SECONDS)


def until_stopped(work: Callable[[], None]) -> None:
    """Run until SIGTERM or SIGINT, then exit with 0."""
    log_to_stderr()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    try:
        work()
    except _Stopped:
        sys.exit(0)
