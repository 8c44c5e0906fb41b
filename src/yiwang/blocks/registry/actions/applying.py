"""Applying a release step by step, going on with one that was broken off, taking it back. ADR 0140.

Works over a connection of the role that owns the tables, since the application's role may not alter them. Each step
is written down before and after; the statements of a step and its mark are one transaction. A lock that readers or
writers would wait behind is given up after a moment and asked for again.
"""

from __future__ import annotations

from collections.abc import Callable

import psycopg
from psycopg import errors as pg

from yiwang.blocks.registry.actions.enciphering import Enciphering
from yiwang.blocks.registry.actions.locking import alone, briefly_alone, lock, patiently, statements
from yiwang.blocks.registry.actions.renewing import Renewing
from yiwang.blocks.registry.domain.apply_errors import (
    ApplyBusy,
    ApplyRunning,
    ApplySwitched,
    NothingUnfinished,
    StepFailed,
)
from yiwang.blocks.registry.domain.compiled import schema_of
from yiwang.blocks.registry.domain.layout import RECORD
from yiwang.blocks.registry.domain.quoting import name
from yiwang.blocks.registry.domain.releasing.steps import Step
from yiwang.blocks.registry.store import ledger
from yiwang.blocks.registry.store.ledger import Application, Owner
from yiwang.blocks.registry.store.shape import shape_of

BATCH = 4000
"""Rows of a batch of a walk."""
Watch = Callable[[int, Step, str], None]
"""Told of each moment of an application: position, step, and `begun`, `walked`, `doing` (inside the transaction) or `done`."""


def watch_nothing(position: int, step: Step, moment: str) -> None:
    """Nobody watches."""


def run(connection: Owner, system: str, watch: Watch = watch_nothing) -> None:
    """Do every step that is left of the application that was begun.

    Raises: ApplyRunning, NothingUnfinished, StepFailed (everything was taken back), ApplyBusy (it can be gone on with).
    """
    application = _locked(connection, system)
    try:
        for position, step in enumerate(application.steps):
            if position not in application.done:
                _do(connection, application, position, step, watch)
        ledger.ended(connection, application.id, "done")
    except (pg.LockNotAvailable, pg.DeadlockDetected, pg.SerializationFailure) as problem:
        raise ApplyBusy(system=system, holders=_holders(connection, system)) from problem
    except (pg.Error, _Refused) as problem:
        if connection.closed:
            raise
        again = ledger.running(connection, system)
        if again is None or again.switched:
            raise
        step = again.next() or application.steps[-1]
        reason = str(problem).strip().splitlines()[0]
        _take_back(connection, again, reason)
        raise StepFailed(system=system, step=step.what.zh, reason=reason) from problem
    finally:
        if not connection.closed:
            ledger.unlocked(connection, system)


def undo(connection: Owner, system: str, reason: str = "") -> None:
    """Take back an application that was broken off before it switched.

    Raises: ApplyRunning, NothingUnfinished, ApplySwitched.
    """
    application = _locked(connection, system)
    try:
        if application.switched:
            raise ApplySwitched(system=system, version=application.version)
        _take_back(connection, application, reason)
    finally:
        ledger.unlocked(connection, system)


class _Refused(Exception):
    """A count that should be none was not."""


def _locked(connection: Owner, system: str) -> Application:
    if not ledger.locked(connection, system):
        raise ApplyRunning(system=system)
    application = ledger.running(connection, system)
    if application is None:
        ledger.unlocked(connection, system)
        raise NothingUnfinished(system=system)
    return application


def _take_back(connection: Owner, application: Application, reason: str) -> None:
    """Undo the steps in turn, the last first; the one that was broken off may be half done, so it is undone too."""
    reached = {*application.done}
    if (following := application.next()) is not None:
        reached.add(application.steps.index(following))
    for position in sorted(reached, reverse=True):
        step = application.steps[position]
        if step.kind == "index":
            for statement in step.undo:
                patiently(lambda _, sent=statement: connection.execute(sent.encode()), connection)  # type: ignore[misc]
            ledger.step_undone(connection, application.id, position)
            continue

        def taken(milliseconds: int, at: int = position, of: Step = step) -> None:
            with connection.transaction():
                lock(connection, of.locks, milliseconds)
                statements(connection, of.undo)
                ledger.step_undone(connection, application.id, at)

        patiently(taken, connection)
    ledger.ended(connection, application.id, "undone", reason)


def _do(connection: Owner, application: Application, position: int, step: Step, watch: Watch) -> None:
    total = _rows_about(connection, step.table) if step.kind in ("walk", "seal", "opened", "renew") else 0
    ledger.step_begun(connection, application.id, position, total)
    watch(position, step, "begun")
    match step.kind:
        case "walk":
            _walk(connection, application, position, step, watch)
        case "seal":
            _seal(connection, application, position, step, watch)
        case "opened":
            _opened(connection, application, position, step)
        case "renew":
            Renewing(connection, application, position, lambda said: watch(position, step, said)).run(
                step.table
            )
            ledger.step_done(connection, application.id, position)
        case "rewrite":
            for statement in step.do:
                if step.table:
                    patiently(lambda most, sent=statement: alone(connection, sent, most), connection)  # type: ignore[misc]
                else:
                    briefly_alone(connection, statement)
            ledger.step_done(connection, application.id, position)
        case "index" | "validate":
            # these wait for whoever writes, but nobody waits for them
            for statement in step.do:
                patiently(lambda _, sent=statement: connection.execute(sent.encode()), connection)  # type: ignore[misc]
            ledger.step_done(connection, application.id, position)
        case "count":
            row = connection.execute(step.do[0].encode()).fetchone()
            if row is not None and row[0]:
                raise _Refused(f"{step.what.zh}: {row[0]}")
            ledger.step_done(connection, application.id, position)
        case _:
            _transaction(connection, application, position, step, watch)
    watch(position, step, "done")


def _transaction(
    connection: Owner, application: Application, position: int, step: Step, watch: Watch
) -> None:
    sealing = [Enciphering(connection, one) for one in step.enciphered]

    def done(milliseconds: int) -> None:
        for one in sealing:  # so that little is left to be done under the lock
            for _ in one.seal(-1, _unnoted):
                pass
        with connection.transaction():
            lock(connection, step.locks, milliseconds)
            for one in sealing:
                one.rest()
            statements(connection, step.do)
            if step.kind == "switch":
                ledger.in_force(connection, application, shape_of(connection, schema_of(application.system)))
            elif step.phase == "clean":
                ledger.reshaped(
                    connection, application.system, shape_of(connection, schema_of(application.system))
                )
            watch(position, step, "doing")
            ledger.step_done(connection, application.id, position)

    patiently(done, connection)


def _walk(connection: Owner, application: Application, position: int, step: Step, watch: Watch) -> None:
    """Touch every row by the number of its record; triggers fill what is new."""
    record = name(RECORD)
    reach = (
        f"SELECT max({record}) FROM (SELECT {record} FROM {step.table} WHERE {record} > %s"
        f" ORDER BY {record} LIMIT {BATCH}) AS batch"
    ).encode()
    touch = step.do[0].encode()
    after = int(ledger.cursor_of(connection, application.id, position) or 0)
    while True:
        row = connection.execute(reach, [after]).fetchone()
        upto = row[0] if row is not None else None
        if upto is None:
            break

        def batch(_: int, low: int = after, high: int = upto) -> None:
            with connection.transaction():
                touched = connection.execute(touch, {"after": low, "upto": high}).rowcount
                ledger.walked(connection, application.id, position, str(high), touched)

        patiently(batch, connection)
        after = int(upto)
        watch(position, step, "walked")
    ledger.step_done(connection, application.id, position)


def _seal(connection: Owner, application: Application, position: int, step: Step, watch: Watch) -> None:
    """Seal what is not sealed yet, from where it was broken off; what is written behind the walk is left to the switch."""

    def noted(upto: int, values: int) -> None:
        ledger.walked(connection, application.id, position, str(upto), values)

    after = int(ledger.cursor_of(connection, application.id, position) or -1)
    for one in step.enciphered:
        for _ in Enciphering(connection, one).seal(after, noted):
            watch(position, step, "walked")
    ledger.step_done(connection, application.id, position)


def _opened(connection: Owner, application: Application, position: int, step: Step) -> None:
    def looked(values: int) -> None:
        ledger.walked(connection, application.id, position, "", values)

    wrong = sum(Enciphering(connection, one).differing(looked) for one in step.enciphered)
    if wrong:
        raise _Refused(f"{step.what.zh}: {wrong}")
    ledger.step_done(connection, application.id, position)


def _unnoted(_upto: int, _values: int) -> None:
    """Of a pass that is a part of another step."""


_HOLDERS = """
SELECT DISTINCT concat_ws(' ', a.backend_type, nullif(a.application_name, ''), a.state,
  round(extract(epoch FROM clock_timestamp() - a.xact_start)::numeric, 1) || ' s')
FROM pg_locks l JOIN pg_stat_activity a USING (pid) JOIN pg_class c ON c.oid = l.relation
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE l.granted AND l.pid <> pg_backend_pid() AND n.nspname = %s LIMIT 10
"""


def _holders(connection: Owner, system: str) -> list[str]:
    """Who holds the tables at this moment, in the words of the server's own list of activities."""
    if connection.closed:
        return []
    return [str(one) for (one,) in connection.execute(_HOLDERS, [schema_of(system)]).fetchall()]


def _rows_about(connection: Owner, table: str) -> int:
    row = connection.execute(
        "SELECT greatest(sum(reltuples), 0)::bigint FROM pg_class WHERE oid IN"
        " (SELECT relid FROM pg_partition_tree(%s::regclass) UNION SELECT %s::regclass)",
        [table, table],
    ).fetchone()
    return int(row[0] or 0) if row is not None else 0


def owner_connection(url: str) -> Owner:
    """A connection of the owner, as `run` needs it."""
    return psycopg.connect(url, autocommit=True)
