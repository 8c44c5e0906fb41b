"""The writer's connection: its settings, and what its driver's errors mean."""

from __future__ import annotations

import asyncpg

SETTINGS = {
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
    # the plan is made once, on tables that may be empty then: every look-up must go by its key for ever
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "synchronous_commit": "on",
    "timezone": "UTC",
}
RACED = (
    asyncpg.UniqueViolationError,
    asyncpg.CheckViolationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
)
GONE = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.CannotConnectNowError,
    OSError,
    TimeoutError,
)


async def closed(connection: asyncpg.Connection | None) -> None:
    """Close a connection, or cut it where that takes too long."""
    if connection is None or connection.is_closed():
        return
    try:
        await connection.close(timeout=2)
    except (*GONE, asyncpg.PostgresError):
        connection.terminate()


def short(problem: BaseException) -> str:
    """An error in one line, for logs and for whoever is refused."""
    text = str(problem).strip().splitlines()
    return f"{type(problem).__name__}: {text[0][:200]}" if text else type(problem).__name__
