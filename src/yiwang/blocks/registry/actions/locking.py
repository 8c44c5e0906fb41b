"""Locks that readers or writers would wait behind: asked for a moment, given up, and asked for again. ADR 0141."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable

from psycopg import errors as pg

from yiwang.blocks.registry.store.ledger import Owner

LOCK_MS = 60
"""So long a statement waits for a lock, and others behind it; longer each time that it was not to be had."""
LONGEST_LOCK_MS = 150
"""Never longer: what is done under the lock takes moments, and nobody shall wait for more than 200 ms."""
PATIENCE_SECONDS = 120.0
"""So long a lock is asked for before the step is given up."""
BRIEF_TRIES = 20
"""So often a statement that holds its lock to its end is tried within `LONGEST_LOCK_MS`."""


def lock(connection: Owner, relations: Iterable[str], milliseconds: int) -> None:
    """All relations within one moment, or none of them."""
    connection.execute(f"SET LOCAL lock_timeout = {milliseconds}".encode())
    named = ", ".join(relations)
    if named:
        connection.execute(f"SET LOCAL statement_timeout = {milliseconds}".encode())
        try:
            connection.execute(f"LOCK TABLE {named} IN ACCESS EXCLUSIVE MODE".encode())
        except pg.QueryCanceled as problem:
            raise pg.LockNotAvailable(str(problem)) from problem
        connection.execute(b"SET LOCAL statement_timeout = 0")


def statements(connection: Owner, sent: Iterable[str]) -> None:
    """Statements without parameters, several in one message."""
    text = ";\n".join(sent)
    if text:
        connection.execute(text.encode())


def alone(connection: Owner, statement: str, milliseconds: int, most: int = 0) -> None:
    """A statement that needs the table for itself, outside of a transaction; others wait behind it only so long.

    `most` ends it after so many milliseconds, as if the lock had not been to be had.
    """
    connection.execute(f"SET lock_timeout = {milliseconds}".encode())
    connection.execute(f"SET statement_timeout = {most}".encode())
    try:
        connection.execute(statement.encode())
    except pg.QueryCanceled as problem:
        raise pg.LockNotAvailable(str(problem)) from problem
    finally:
        if not connection.closed:
            connection.execute(b"RESET lock_timeout")
            connection.execute(b"RESET statement_timeout")


def briefly_alone(connection: Owner, statement: str) -> None:
    """Such a statement within the longest moment, again and again; where it never fits, it takes the time that it needs."""
    for _ in range(BRIEF_TRIES):
        try:
            alone(connection, statement, LOCK_MS, LONGEST_LOCK_MS)
            return
        except pg.LockNotAvailable:
            _pause()
    patiently(lambda most: alone(connection, statement, most), connection)


def patiently(action: Callable[[int], object], connection: Owner) -> None:
    """Try again while a lock is not to be had; the action is told how many milliseconds it may wait for one.

    Raises: psycopg.Error, when patience ends or something else is wrong.
    """
    until = time.monotonic() + PATIENCE_SECONDS
    milliseconds = LOCK_MS
    while True:
        try:
            action(milliseconds)
            return
        except (pg.LockNotAvailable, pg.DeadlockDetected, pg.SerializationFailure):
            if time.monotonic() > until or connection.closed:
                raise
            milliseconds = min(milliseconds + 5, LONGEST_LOCK_MS)
            _pause()


def _pause() -> None:
    time.sleep(random.uniform(0.02, 0.2))  # noqa: S311 (only to spread the tries)
