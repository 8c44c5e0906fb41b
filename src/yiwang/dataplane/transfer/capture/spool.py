"""Changes on our side: taken from the slot and kept on disk until the target has committed them.

What lies here need not lie in the source's log, so that a target that is down for a week fills no disk of the source.
One SQLite file in the job's folder for its owner's eyes only; values are not masked in it, and are overwritten when
they have been applied. A node seals them (`Veil`): its disk, a copy of it or a backup tells nothing of what waits.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from yiwang.dataplane.transfer.capture.errors import CaptureSpoolDamaged, CaptureSpoolRefused
from yiwang.dataplane.transfer.capture.veil import Clear, Veil
from yiwang.dataplane.transfer.shape import Column, Key, Refusal
from yiwang.dataplane.transfer.sqlite import SQLite
from yiwang.dataplane.transfer.values import stored
from yiwang.vocabulary.crypto import SealBroken

_TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS xact (final INTEGER PRIMARY KEY, ended INTEGER NOT NULL, xid INTEGER NOT NULL,"
    " changes INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS message (number INTEGER PRIMARY KEY, final INTEGER NOT NULL, data BLOB NOT NULL)",
    "CREATE INDEX IF NOT EXISTS message_final ON message (final)",
    "CREATE TABLE IF NOT EXISTS delivered (mark BLOB PRIMARY KEY) WITHOUT ROWID",
)
_MESSAGE: Final = (Column("final", "integer"), Column("data", "binary"))
NAME: Final = "spool.sqlite"
_MARKS: Final = 500
"""Keys that one statement asks about."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """One of the source. `final`: position of its commit; `end`: behind it; `changes`: messages about rows."""

    final: int
    end: int
    xid: int
    changes: int


class Spool:
    """Transactions that committed between `begun` and `reached`, whole and in order of their commits."""

    def __init__(self, database: SQLite, path: Path, veil: Veil) -> None:
        self._database, self._path, self._veil = database, path, veil

    @classmethod
    @contextmanager
    def opened(cls, folder: Path, veil: Veil | None = None) -> Iterator[Spool]:
        """The spool of a job's folder; made when there is none, and made anew where another veil wrote it."""
        path = folder / NAME
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        database = SQLite.open(path, write=True)
        try:
            for pragma in ("auto_vacuum = FULL", "secure_delete = ON", "synchronous = FULL"):
                database.query(f"PRAGMA {pragma}")
            with _writing(database, path):
                for statement in _TABLES:
                    database.execute(statement)
            spool = cls(database, path, veil or Clear())
            spool._renew()
            yield spool
        finally:
            database.close()

    @property
    def begun(self) -> int:
        """Position up to which changes are gone from here."""
        return int(self.fact("begun") or 0)

    @property
    def reached(self) -> int:
        """Position up to which changes were taken from the slot."""
        return int(self.fact("reached") or 0)

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self._path.stat().st_size

    def fact(self, name: str) -> str:
        """A fact that was kept, or nothing."""
        found = self._database.query("SELECT value FROM fact WHERE name = ?", (name,))
        return str(found[0][0]) if found else ""

    def keep(self, **facts: str) -> None:
        """Keep facts."""
        with _writing(self._database, self._path):
            self._keep(facts)

    def begin_at(self, slot: str, position: int) -> None:
        """Empty, from here on with the changes of this slot."""
        with _writing(self._database, self._path):
            self._database.execute("DELETE FROM message")
            self._database.execute("DELETE FROM xact")
            self._keep({"slot": slot, "begun": str(position), "reached": str(position)})

    def _renew(self) -> None:
        """Nothing that this veil did not write stays: it could not be read, and what follows would not join it."""
        if self.fact("veil") == self._veil.name:
            return
        with _writing(self._database, self._path):
            for table in ("message", "xact", "delivered", "fact"):
                self._database.execute(f"DELETE FROM {table}")
            self._keep({"veil": self._veil.name})

    @contextmanager
    def taking(self) -> Iterator[Taking]:
        """Add transactions; they last together when the context ends, or not at all."""
        with _writing(self._database, self._path):
            taking = Taking(self._database, self._veil)
            yield taking
            taking.flush()
            self._keep({"reached": str(taking.reached)} if taking.reached else {})

    def waiting(self, after: int) -> list[Transaction]:
        """The next transactions after a position, a bounded number."""
        return [
            Transaction(int(str(final)), int(str(end)), int(str(xid)), int(str(changes)))
            for final, end, xid, changes in self._database.query(
                "SELECT final, ended, xid, changes FROM xact WHERE final >= ? ORDER BY final LIMIT 1000",
                (after,),
            )
        ]

    def messages(self, transaction: Transaction) -> Iterator[bytes]:
        """What it did, in order; each table that it touched is described before. Raises: CaptureSpoolDamaged."""
        statement = "SELECT data FROM message WHERE final = ? ORDER BY number"
        for place, (data,) in enumerate(self._database.stream(statement, (transaction.final,))):
            try:
                assert isinstance(data, bytes)
                yield self._veil.uncover(data, f"{transaction.final}/{place}")
            except SealBroken:
                raise CaptureSpoolDamaged(file=str(self._path)) from None

    def forget(self, upto: int) -> None:
        """The target has committed everything up to this position."""
        if upto <= self.begun:
            return
        with _writing(self._database, self._path):
            self._database.execute("DELETE FROM message WHERE final < ?", (upto,))
            self._database.execute("DELETE FROM xact WHERE final < ?", (upto,))
            self._keep({"begun": str(upto)})

    def remember(self, keys: Iterable[Key]) -> None:
        """These rows are granted: their keys may be named to the target from now on, also when they are granted no more."""
        with _writing(self._database, self._path):
            for key in keys:
                self._database.execute("INSERT OR IGNORE INTO delivered VALUES (?)", (self._mark(key),))

    def known(self, keys: Sequence[Key]) -> set[Key]:
        """Those of the keys that were remembered."""
        marks = {self._mark(key): key for key in keys}
        asked, found = list(marks), set[Key]()
        for start in range(0, len(asked), _MARKS):
            some = asked[start : start + _MARKS]
            among = ", ".join("?" * len(some))
            for (mark,) in self._database.query(f"SELECT mark FROM delivered WHERE mark IN ({among})", some):
                assert isinstance(mark, bytes)
                found.add(marks[mark])
        return found

    def _mark(self, key: Key) -> bytes:
        return self._veil.mark(stored(key).encode())

    def _keep(self, facts: dict[str, str]) -> None:
        for name, value in facts.items():
            self._database.execute("INSERT OR REPLACE INTO fact VALUES (?, ?)", (name, value))


@contextmanager
def _writing(database: SQLite, path: Path) -> Iterator[None]:
    """A transaction of the spool. Raises: CaptureSpoolRefused."""
    try:
        with database.transaction():
            yield
    except Refusal as refusal:
        raise CaptureSpoolRefused(file=str(path), reason=refusal.reason) from None


class Taking:
    """Transactions on their way into a spool."""

    _BATCH: Final = 1_000

    def __init__(self, database: SQLite, veil: Veil) -> None:
        self._database, self._veil = database, veil
        self._rows: list[tuple[int, bytes]] = []
        self._place = (0, 0)
        """Position of the transaction at hand, and how many messages of it came."""
        self.reached = 0

    def message(self, final: int, data: bytes) -> None:
        """A message of the transaction whose commit stands there."""
        place = self._place[1] if self._place[0] == final else 0
        self._place = (final, place + 1)
        self._rows.append((final, self._veil.cover(data, f"{final}/{place}")))
        if len(self._rows) >= self._BATCH:
            self.flush()

    def commit(self, transaction: Transaction) -> None:
        """It is whole."""
        values = (transaction.final, transaction.end, transaction.xid, transaction.changes)
        self._database.execute("INSERT INTO xact VALUES (?, ?, ?, ?)", values)
        self.reached = transaction.end

    def flush(self) -> None:
        """Write what is waiting."""
        rows: Sequence[tuple[int, bytes]] = self._rows
        if rows:
            self._database.insert("message", _MESSAGE, rows)
            self._rows = []
