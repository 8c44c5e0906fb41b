"""A table is renewed while it is read and written, so that nothing lies in its files but what its rows hold. ADR 0316.

Its twin is made, follows it by a trigger, and gets the rows that were there batch by batch. When both are found alike,
and nobody works any more from a view of the data older than that, the twin takes the table's place in one short
transaction and the table is dropped in it. So there is always one whole table, and what is written is in both.

Where it was broken off stands in the ledger: the part of the table, and the last record that was copied.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

from psycopg import errors as pg

from yiwang.blocks.registry.actions.locking import lock, patiently, statements
from yiwang.blocks.registry.domain.apply_errors import ApplyBusy, TableHindered
from yiwang.blocks.registry.domain.compiled import schema_of
from yiwang.blocks.registry.domain.layout import RECORD
from yiwang.blocks.registry.domain.quoting import name
from yiwang.blocks.registry.store import ledger, twins
from yiwang.blocks.registry.store.ledger import Application, Owner
from yiwang.blocks.registry.store.shape import shape_of
from yiwang.blocks.registry.store.twins import Twin

BATCH: Final = 2000
"""Records of a batch: whoever changes one of them waits for so long."""
MOST_MS: Final = 100
"""No longer than this for the locks of the exchange, which takes some ten milliseconds more than a usual switch."""
WAIT_SECONDS = 600.0
"""So long those are waited for who began to read before; nobody waits meanwhile."""
_FIRST, _LAST = -(2**63), 2**63 - 1
_OLDER: Final = """
SELECT l.virtualxid, concat_ws(' ', a.usename, nullif(a.application_name, ''), a.state)
FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'virtualxid' AND l.granted AND a.pid <> pg_backend_pid() AND a.datname = current_database()
  AND coalesce(a.backend_type, 'client backend') = 'client backend'
  AND (a.backend_xmin IS NOT NULL OR a.query = '<insufficient privilege>')
"""
"""Transactions that work from a view of the data; of other roles' all, where the server does not tell."""


class _Altered(Exception):
    """Somebody altered the table while its twin was filled."""


class Renewing:
    """The step of one table. `told` is called with `walked`, `doing` (inside the exchange) and `exchanged`."""

    def __init__(
        self, connection: Owner, application: Application, position: int, told: Callable[[str], object]
    ) -> None:
        self._connection, self._application, self._position, self._told = (
            connection,
            application,
            position,
            told,
        )
        self._record = name(RECORD)

    def run(self, table: str) -> None:
        """Renew a table, part by part. `table` is quoted.

        Raises: ApplyBusy, TableHindered, psycopg.Error; it can be gone on with.
        """
        schema, _ = _unquoted(table)
        state = json.loads(ledger.cursor_of(self._connection, self._application.id, self._position) or "{}")
        for part in twins.parts_of(self._connection, table):
            if part in state.get("done", []):
                continue
            try:
                self._part(schema, part, state)
            except pg.DiskFull:
                self._give_up(schema, part, state)
                raise
            except _Altered as problem:
                self._give_up(schema, part, state)
                raise TableHindered(
                    table=part,
                    system=self._application.system,
                    things="columns, indexes, constraints: altered",
                ) from problem
            except (pg.DependentObjectsStillExist, pg.InsufficientPrivilege) as problem:
                reason = f"{problem.diag.message_primary} {problem.diag.message_detail or ''}".strip()
                raise TableHindered(table=part, system=self._application.system, things=reason) from problem
        self._end(schema, state)

    def _part(self, schema: str, part: str, state: dict[str, object]) -> None:
        twin = twins.twin_of(self._connection, schema, part)
        if state.get("part") != part:
            things = twins.hindrances(self._connection, twin)
            if things:
                raise TableHindered(table=part, system=self._application.system, things=", ".join(things))
            patiently(lambda most: self._make(twin, state, most), self._connection)
        elif twins.form(self._connection, twin) != state["form"]:
            raise _Altered
        self._copy(twin, state)
        self._connection.execute(f"VACUUM (ANALYZE) {twin.there}".encode())
        self._compare(twin)
        self._outwait()
        patiently(lambda most: self._exchange(twin, state, most), self._connection)
        self._told("exchanged")

    def _make(self, twin: Twin, state: dict[str, object], milliseconds: int) -> None:
        with self._connection.transaction():
            lock(self._connection, (), milliseconds)
            with self._qualified():
                made = twins.made(self._connection, twin)
            statements(self._connection, made)
            begun = {"part": twin.table, "after": _FIRST, "form": twins.form(self._connection, twin)}
            self._note(state | begun)
        state |= begun

    def _copy(self, twin: Twin, state: dict[str, object]) -> None:
        after = int(str(state["after"]))
        while (upto := self._upto(twin, after)) is not None:
            patiently(partial(self._batch, twin, after, upto, state), self._connection)
            state["after"] = after = upto
            self._told("walked")

    def _batch(
        self, twin: Twin, after: int, upto: int, state: dict[str, object] | None, milliseconds: int
    ) -> None:
        """Copy some records, as of one moment. Whoever changes one waits; where somebody does already, it is begun anew.

        Raises: pg.LockNotAvailable, pg.SerializationFailure.
        """
        within = f"{self._record} > %(after)s AND {self._record} <= %(upto)s"
        values = {"after": after, "upto": upto}
        with self._connection.transaction():
            self._connection.execute(b"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            self._connection.execute(b"SET LOCAL row_security = off")
            lock(self._connection, (), milliseconds)
            self._connection.execute(f"DELETE FROM {twin.there} WHERE {within}".encode(), values)
            copied = self._connection.execute(
                f"INSERT INTO {twin.there} ({twin.listed}) OVERRIDING SYSTEM VALUE"
                f" SELECT {twin.listed} FROM {twin.here} WHERE {within} FOR SHARE".encode(),
                values,
            ).rowcount
            if state is not None:
                self._note(state | {"after": upto}, copied)

    def _compare(self, twin: Twin) -> None:
        """Batch by batch, as of one moment each; what differs is copied once more. Raises: pg.DataCorrupted."""
        within = f"{self._record} > %(after)s AND {self._record} <= %(upto)s"
        summed = f"SELECT ROW(count(*), sum(hashtextextended(ROW({twin.listed})::text, 0)::numeric))::text"
        differ = (
            f"SELECT ({summed} FROM {twin.here} WHERE {within}) IS DISTINCT FROM"
            f" ({summed} FROM {twin.there} WHERE {within})"
        ).encode()
        after: int = _FIRST
        while after < _LAST:
            upto = self._upto(twin, after)
            upto = _LAST if upto is None else upto
            values = {"after": after, "upto": upto}
            if self._one(differ, values):
                patiently(partial(self._batch, twin, after, upto, None), self._connection)
                if self._one(differ, values):
                    raise pg.DataCorrupted(f"{twin.here}: {after} … {upto}")
            after = upto

    def _outwait(self) -> None:
        """Those who see the data as it was before the copy: in the twin they would miss rows. Raises: ApplyBusy."""
        older = {str(one) for one, _ in self._connection.execute(_OLDER).fetchall()}
        until = time.monotonic() + WAIT_SECONDS
        while older:
            left = {str(one): str(who) for one, who in self._connection.execute(_OLDER).fetchall()}
            older &= set(left)
            if older and time.monotonic() > until:
                raise ApplyBusy(system=self._application.system, holders=sorted({left[one] for one in older}))
            if older:
                time.sleep(0.05)

    def _exchange(self, twin: Twin, state: dict[str, object], milliseconds: int) -> None:
        later = state | {"done": [*_list(state, "done"), twin.table], "part": "", "after": _FIRST}
        with self._connection.transaction():
            # what takes time to find out is found out before others wait
            with self._qualified():
                mark = twins.seen(self._connection, twin)
                relations = twins.locks(self._connection, twin)
                do, prove = twins.exchanged(self._connection, twin)
            lock(self._connection, relations, min(milliseconds, MOST_MS))
            if twins.seen(self._connection, twin) != mark:
                raise pg.SerializationFailure("altered meanwhile")
            if twins.form(self._connection, twin) != state["form"]:
                raise _Altered
            statements(self._connection, do)
            later["prove"] = [*_list(state, "prove"), *prove]
            self._told("doing")
            self._note(later)
        state |= later

    def _end(self, schema: str, state: dict[str, object]) -> None:
        for statement in _list(state, "prove"):
            patiently(partial(self._prove, statement), self._connection)
        self._connection.execute(f"DROP SCHEMA IF EXISTS {name(schema + '~fresh')}".encode())
        system = self._application.system
        ledger.reshaped(self._connection, system, shape_of(self._connection, schema_of(system)))

    def _prove(self, statement: str, _milliseconds: int) -> None:
        self._connection.execute(statement.encode())

    def _give_up(self, schema: str, part: str, state: dict[str, object]) -> None:
        """No room: the twin goes, so that others can write again; this part is begun anew when it is gone on with."""
        twin = twins.twin_of(self._connection, schema, part)

        def gone(milliseconds: int) -> None:
            with self._connection.transaction():
                lock(self._connection, (twin.here,), milliseconds)
                statements(self._connection, twins.unmade(twin))
                self._note(state | {"part": "", "after": _FIRST})

        patiently(gone, self._connection)

    @contextmanager
    def _qualified(self) -> Iterator[None]:
        """Within the transaction at hand: every name in what the catalogue tells is a full one."""
        self._connection.execute(b"SET LOCAL search_path = pg_catalog")
        yield
        self._connection.execute(b"SET LOCAL search_path TO DEFAULT")

    def _note(self, state: dict[str, object], rows: int = 0) -> None:
        ledger.walked(self._connection, self._application.id, self._position, json.dumps(state), rows)

    def _upto(self, twin: Twin, after: int) -> int | None:
        reach = (
            f"SELECT max({self._record}) FROM (SELECT {self._record} FROM {twin.here} WHERE {self._record} > %(after)s"
            f" ORDER BY {self._record} LIMIT {BATCH}) AS batch"
        ).encode()
        found = self._one(reach, {"after": after})
        return None if found is None else int(str(found))

    def _one(self, statement: bytes, values: dict[str, int]) -> object:
        row = self._connection.execute(statement, values).fetchone()
        return row[0] if row is not None else None


def _list(state: dict[str, object], key: str) -> list[str]:
    found = state.get(key, [])
    return [str(one) for one in found] if isinstance(found, list) else []


def _unquoted(table: str) -> tuple[str, str]:
    schema, _, one = table.partition(".")
    return schema.strip('"'), one.strip('"')
