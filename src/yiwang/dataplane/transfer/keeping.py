"""What a job keeps beside its target: rows in quarantine, what a person asked for, one runner at a time.

One SQLite file a job, readable by its owner alone: quarantined rows are not masked in it. The cursor is not here but
in the target, where it commits together with the rows.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from yiwang.dataplane.transfer.errors import TransferJobBusy, TransferJobUnknown
from yiwang.dataplane.transfer.shape import BadRow, Key, Value
from yiwang.dataplane.transfer.sqlite import SQLite
from yiwang.dataplane.transfer.values import restored, stored

Wish = Literal["run", "pause", "cancel"]
State = Literal["held", "mended", "replayed", "discarded"]
_TABLES = (
    "CREATE TABLE IF NOT EXISTS quarantine (number INTEGER PRIMARY KEY, key TEXT UNIQUE NOT NULL, names TEXT NOT NULL,"
    " found TEXT NOT NULL, mended TEXT, reasons TEXT NOT NULL, state TEXT NOT NULL, run INTEGER NOT NULL, at TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
)


@dataclass(frozen=True, slots=True, repr=False)
class Held:
    """A row in quarantine: its values by column as found and, where a person mended it, as they should be."""

    number: int
    key: Key
    found: Mapping[str, Value]
    mended: Mapping[str, Value] | None
    reasons: tuple[str, ...]
    state: State
    at: str

    def __repr__(self) -> str:
        return f"Held({self.number}, {self.state})"


class Quarantine(Protocol):
    """Where rows go that may not pass."""

    def put(self, rows: Sequence[BadRow], run: int) -> None:
        """Keep them; a row that is there already is kept once. Lasts when this returns.

        One that was replayed stands in the target no more: it is mended, and waits for its replay again.
        """

    def mended(self, row: BadRow, run: int) -> Mapping[str, Value] | None:
        """What a person made of this row, if it is still the row that they saw and was replayed."""

    def gone(self, before: int) -> int:
        """Forget held rows that runs since `before` did not find bad any more; gives how many."""

    def counted(self) -> Mapping[str, int]:
        """Rows by state."""


class LiveQuarantine(Quarantine, Protocol):
    """One that change capture keeps up to date, row by row."""

    def found(self, key: Key) -> Mapping[str, Value] | None:
        """A row as it was found bad, or None."""

    def settle(self, rows: Mapping[Key, tuple[Value, ...] | None]) -> None:
        """These rows are now as given, or gone, and may pass; a row that passes as a person mended it stays known."""

    def empty(self) -> None:
        """The table was truncated."""

    def outside(self) -> int:
        """Rows of the source that do not stand in the target."""


class Control(Protocol):
    """What a person wants of a running job."""

    def wish(self) -> Wish:
        """Asked between two chunks."""


class JobFolder:
    """The folder of one job: `job.sqlite`, scratch tables of files, the last report."""

    def __init__(self, folder: Path, name: str) -> None:
        self.path, self.name = folder / name, name

    def make(self) -> JobFolder:
        """For the owner's eyes only."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self

    @contextmanager
    def only_runner(self) -> Iterator[None]:
        """Raises: TransferJobBusy, while another process is inside."""
        with (self.path / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise TransferJobBusy(job=self.name) from None
            yield

    @contextmanager
    def opened(self, *, new: bool = False) -> Iterator[JobStore]:
        """The job's store. Raises: TransferJobUnknown, unless `new`."""
        file = self.path / "job.sqlite"
        if not new and not file.is_file():
            raise TransferJobUnknown(job=self.name)
        if not file.exists():
            os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))
        database = SQLite.open(file, write=True)
        try:
            for statement in _TABLES:
                database.execute(statement)
            database.commit()
            yield JobStore(database)
        finally:
            database.close()


class JobStore:
    """Quarantine and control in one SQLite file."""

    def __init__(self, database: SQLite) -> None:
        self._database = database

    def put(self, rows: Sequence[BadRow], run: int) -> None:
        """Keep them; a mended row stays mended as long as its source is the same."""
        at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        with self._database.transaction():
            for row in rows:
                key, found = stored(row.key), stored(tuple(row.values.values()))
                names, why = msgspec.json.encode(list(row.values)).decode(), "; ".join(row.reasons)
                same = self._database.execute(
                    "UPDATE quarantine SET run = ?, reasons = ?, state = CASE state WHEN 'replayed' THEN 'mended' ELSE state END"
                    " WHERE key = ? AND found = ? AND names = ?",
                    (run, why, key, found, names),
                )
                if not same:
                    self._database.execute("DELETE FROM quarantine WHERE key = ?", (key,))
                    self._database.execute(
                        "INSERT INTO quarantine (key, names, found, reasons, state, run, at) VALUES (?, ?, ?, ?, 'held', ?, ?)",
                        (key, names, found, why, run, at),
                    )

    def mended(self, row: BadRow, run: int) -> Mapping[str, Value] | None:
        """By key and the row as it was found."""
        found = self._database.query(
            "SELECT mended, number FROM quarantine"
            " WHERE key = ? AND found = ? AND state = 'replayed' AND mended IS NOT NULL",
            (stored(row.key), stored(tuple(row.values.values()))),
        )
        if found:
            with self._database.transaction():
                self._database.execute("UPDATE quarantine SET run = ? WHERE number = ?", (run, found[0][1]))
        return dict(zip(row.values, restored(str(found[0][0])), strict=True)) if found else None

    def gone(self, before: int) -> int:
        """Rows that the source has mended itself, or deleted."""
        with self._database.transaction():
            return self._database.execute("DELETE FROM quarantine WHERE run < ?", (before,))

    def found(self, key: Key) -> Mapping[str, Value] | None:
        """By key."""
        held = self._database.query("SELECT names, found FROM quarantine WHERE key = ?", (stored(key),))
        if not held:
            return None
        names, values = held[0]
        return dict(zip(msgspec.json.decode(str(names), type=list[str]), restored(str(values)), strict=True))

    def settle(self, rows: Mapping[Key, tuple[Value, ...] | None]) -> None:
        """By key and the row as it was found."""
        if not self._database.query("SELECT 1 FROM quarantine LIMIT 1"):
            return
        with self._database.transaction():
            for key, row in rows.items():
                self._database.execute(
                    "DELETE FROM quarantine WHERE key = ? AND NOT (state = 'replayed' AND found = coalesce(?, ''))",
                    (stored(key), None if row is None else stored(row)),
                )

    def empty(self) -> None:
        """All of them."""
        with self._database.transaction():
            self._database.execute("DELETE FROM quarantine")

    def outside(self) -> int:
        """All but those that were replayed."""
        ((number,),) = self._database.query("SELECT count(*) FROM quarantine WHERE state <> 'replayed'")
        return int(str(number))

    def counted(self) -> Mapping[str, int]:
        """Rows by state."""
        found = self._database.query("SELECT state, count(*) FROM quarantine GROUP BY state ORDER BY 1")
        return {str(state): int(str(count)) for state, count in found}

    def rows(self, state: State | None = None) -> list[Held]:
        """Rows in quarantine, oldest first."""
        return [
            _held(row)
            for row in self._database.query(
                "SELECT number, key, names, found, mended, reasons, state, at FROM quarantine"
                " WHERE state = coalesce(?, state) ORDER BY number", (state,)
            )
        ]  # fmt: skip

    def mend(self, held: Held, values: Mapping[str, Value]) -> None:
        """What the row should be; it waits for its replay."""
        with self._database.transaction():
            self._database.execute(
                "UPDATE quarantine SET mended = ?, state = 'mended' WHERE number = ?",
                (stored(tuple(values[name] for name in held.found)), held.number),
            )

    def mark(self, number: int, state: State) -> None:
        """A row's new state."""
        with self._database.transaction():
            self._database.execute("UPDATE quarantine SET state = ? WHERE number = ?", (state, number))

    def wish(self) -> Wish:
        """What was asked for last."""
        word = self.fact("wish")
        return "pause" if word == "pause" else "cancel" if word == "cancel" else "run"

    def fact(self, name: str) -> str:
        """A fact that was kept, or nothing."""
        found = self._database.query("SELECT value FROM fact WHERE name = ?", (name,))
        return str(found[0][0]) if found else ""

    def keep(self, name: str, value: str) -> None:
        """Keep a fact."""
        with self._database.transaction():
            self._database.execute("INSERT OR REPLACE INTO fact VALUES (?, ?)", (name, value))


def masked_view(held: Held) -> dict[str, str]:
    """A quarantined row to be looked at: texts show their first character and length, other values their kind alone.

    The key is shown, since it is needed to find the row at its source.
    """
    keyed = set(map(str, held.key))
    shown = {}
    for name, value in held.found.items():
        if value is None:
            shown[name] = "NULL"
        elif str(value) in keyed:
            shown[name] = str(value)
        else:
            shown[name] = f"{str(value)[:1]}*** ({len(str(value))})" if isinstance(value, str) else "***"
    return shown


def _held(row: Sequence[Value]) -> Held:
    number, key, names, found, mended, reasons, state, at = row
    columns = msgspec.json.decode(str(names), type=list[str])
    states: dict[str, State] = {"mended": "mended", "replayed": "replayed", "discarded": "discarded"}
    return Held(
        int(str(number)), restored(str(key)), dict(zip(columns, restored(str(found)), strict=True)),
        dict(zip(columns, restored(str(mended)), strict=True)) if mended is not None else None,
        tuple(str(reasons).split("; ")), states.get(str(state), "held"), str(at),
    )  # fmt: skip
