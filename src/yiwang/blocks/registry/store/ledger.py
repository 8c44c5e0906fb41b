"""The ledger of applications, written over the owner's own connection in the transactions of the steps themselves."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from yiwang.blocks.registry.domain.releasing.steps import Step, steps_of

Owner = psycopg.Connection[tuple[Any, ...]]
"""A connection of the role that owns the tables, in autocommit."""


@dataclass(frozen=True, slots=True)
class Application:
    """An application of a package as the ledger has it; `done` are positions of finished steps."""

    id: int
    system: str
    version: str
    plan: dict[str, Any]
    steps: tuple[Step, ...]
    done: frozenset[int]
    snapshot: dict[str, Any]
    by: str

    def next(self) -> Step | None:
        """The first step that is not done."""
        return next((step for at, step in enumerate(self.steps) if at not in self.done), None)

    @property
    def switched(self) -> bool:
        """Whether the new release is in force."""
        return any(self.steps[at].kind == "switch" for at in self.done)


def locked(connection: Owner, system: str) -> bool:
    """Take the lock of a system for as long as the connection lives; False where another has it."""
    row = connection.execute("SELECT pg_try_advisory_lock(hashtext('yiwang.apply'), hashtext(%s))", [system])
    return bool((row.fetchone() or (False,))[0])


def unlocked(connection: Owner, system: str) -> None:
    """Give the lock back."""
    connection.execute("SELECT pg_advisory_unlock(hashtext('yiwang.apply'), hashtext(%s))", [system])


def running(connection: Owner, system: str) -> Application | None:
    """The application of a system that was begun and neither finished nor undone."""
    row = connection.execute(
        "SELECT id, system, version, plan, package, by FROM registry_apply WHERE system = %s AND state = 'running'",
        [system],
    ).fetchone()
    if row is None:
        return None
    done = connection.execute(
        "SELECT position FROM registry_apply_step WHERE apply_id = %s AND state = 'done'", [row[0]]
    ).fetchall()
    kept = plain(row[3])
    positions = frozenset(position for (position,) in done)
    return Application(
        row[0], row[1], row[2], kept, steps_of(kept), positions, plain(row[4]), row[5]
    )  # fmt: skip


def begun(
    connection: Owner, system: str, version: str, package: dict[str, Any], plan: dict[str, Any], steps: tuple[Step, ...],
    by: str, confirmation: str, now: datetime, state: str = "running",
) -> int:  # fmt: skip
    """Write an application down before anything is done; returns its number. One that waited makes way."""
    with connection.transaction():
        connection.execute(
            "DELETE FROM registry_apply_step WHERE apply_id IN"
            " (SELECT id FROM registry_apply WHERE system = %s AND state = 'waiting')",
            [system],
        )
        connection.execute("DELETE FROM registry_apply WHERE system = %s AND state = 'waiting'", [system])
        row = connection.execute(
            "INSERT INTO registry_apply (system, version, package, plan, state, started_at, by, confirmation, problem)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, '') RETURNING id",
            [system, version, json.dumps(package), json.dumps(plan), state, now, by, confirmation],
        ).fetchone()
        assert row is not None
        number = int(row[0])
        connection.cursor().executemany(
            "INSERT INTO registry_apply_step (apply_id, position, phase, what, state, cursor, done_rows, total_rows)"
            " VALUES (%s, %s, %s, %s, 'waiting', '', 0, 0)",
            [(number, at, step.phase, step.what.zh[:300]) for at, step in enumerate(steps)],
        )
    return number


def step_begun(connection: Owner, application: int, position: int, total: int = 0) -> None:
    """A step is being done."""
    connection.execute(
        "UPDATE registry_apply_step SET state = 'running', started_at = coalesce(started_at, clock_timestamp()),"
        " total_rows = %s WHERE apply_id = %s AND position = %s AND state <> 'done'",
        [total, application, position],
    )


def step_done(connection: Owner, application: int, position: int) -> None:
    """A step is done; said in its own transaction where it has one."""
    connection.execute(
        "UPDATE registry_apply_step SET state = 'done', ended_at = clock_timestamp() WHERE apply_id = %s AND position = %s",
        [application, position],
    )


def walked(connection: Owner, application: int, position: int, cursor: str, rows: int) -> None:
    """How far a walk has come."""
    connection.execute(
        "UPDATE registry_apply_step SET cursor = %s, done_rows = done_rows + %s WHERE apply_id = %s AND position = %s",
        [cursor, rows, application, position],
    )


def cursor_of(connection: Owner, application: int, position: int) -> str:
    """Where a walk goes on; empty at the beginning."""
    row = connection.execute(
        "SELECT cursor FROM registry_apply_step WHERE apply_id = %s AND position = %s",
        [application, position],
    ).fetchone()
    return str(row[0]) if row is not None else ""


def step_undone(connection: Owner, application: int, position: int) -> None:
    """A step was taken back."""
    connection.execute(
        "UPDATE registry_apply_step SET state = 'undone', ended_at = clock_timestamp() WHERE apply_id = %s AND position = %s",
        [application, position],
    )


def ended(connection: Owner, application: int, state: str, problem: str = "") -> None:
    """An application is `done`, or `undone` because of a problem or on request."""
    connection.execute(
        "UPDATE registry_apply SET state = %s, ended_at = clock_timestamp(), problem = %s WHERE id = %s",
        [state, problem, application],
    )


def in_force(connection: Owner, application: Application, shape: dict[str, str]) -> None:
    """The release is the system's own from now on."""
    system = application.plan["system"]
    connection.execute(
        "INSERT INTO registry_system (id, title, owner, version, package, snapshot, digest, shape, applied_at, applied_by,"
        " state) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, clock_timestamp(), %s, 'active')"
        " ON CONFLICT (id) DO UPDATE SET title = EXCLUDED.title, owner = EXCLUDED.owner, version = EXCLUDED.version,"
        " package = EXCLUDED.package, snapshot = EXCLUDED.snapshot, digest = EXCLUDED.digest, shape = EXCLUDED.shape,"
        " applied_at = EXCLUDED.applied_at, applied_by = EXCLUDED.applied_by, state = 'active'",
        [
            application.system, json.dumps(system["title"]), system["owner"], application.version, json.dumps(system),
            json.dumps(application.snapshot), application.plan["digest"], json.dumps(shape), application.by,
        ],
    )  # fmt: skip


def reshaped(connection: Owner, system: str, shape: dict[str, str]) -> None:
    """The tables of the release in force look otherwise now that they were cleaned up."""
    connection.execute("UPDATE registry_system SET shape = %s WHERE id = %s", [json.dumps(shape), system])


@dataclass(frozen=True, slots=True)
class InForce:
    """What of a system in force the next release is compared with."""

    owner: str
    version: str
    package: dict[str, Any]
    snapshot: dict[str, Any]
    digest: str
    shape: dict[str, str]


def standing(connection: Owner, system: str) -> InForce | None:
    """A system in force; None where there is none."""
    row = connection.execute(
        "SELECT owner, version, package, snapshot, digest, shape FROM registry_system WHERE id = %s AND state = 'active'",
        [system],
    ).fetchone()
    if row is None:
        return None
    return InForce(row[0], row[1], plain(row[2]), plain(row[3]), row[4], plain(row[5]))


def plain(value: object) -> dict[str, Any]:
    """A JSON object; the driver reads it itself, but for Django's connections."""
    found = json.loads(value) if isinstance(value, str) else value
    assert isinstance(found, dict)
    return found
