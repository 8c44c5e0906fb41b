"""The cursor of a job, kept in the target so that it commits together with the rows. docs/specs/transfer.md states the form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import msgspec

from yiwang.dataplane.transfer.database import Database
from yiwang.dataplane.transfer.shape import Column, Key, Shape, Span, Value
from yiwang.dataplane.transfer.values import restored, stored

Mode = Literal["full", "incremental", "diff", "cdc"]
JOBS: Final = "yw_transfer_job"
CHUNKS: Final = "yw_transfer_chunk"
_JOB_COLUMNS: Final = (Column("job", "text", length=100, nullable=False), Column("state", "text"))
_CHUNK_COLUMNS: Final = (
    Column("job", "text", length=100, nullable=False), Column("number", "integer", nullable=False), Column("run", "integer"),
    Column("low", "text"), Column("high", "text"), Column("written", "integer"), Column("digest", "text", length=64),
    Column("form", "text", length=20), Column("at", "text", length=40),
)  # fmt: skip
Statement = tuple[str, tuple[Value, ...]]


class JobState(msgspec.Struct, kw_only=True):
    """What a job knows from one run to the next.

    Attributes:
        phase: `copying` while a run is under way or was cut off, `done` after a whole one, `streaming` when changes are
            captured since.
        run: number of the run, from 1.
        number: chunks finished in it.
        reached: key up to which the target is written, as `values.stored`; None: from the beginning.
        cursor: value of the cursor column up to which an incremental job has read.
        top: where the present incremental run ends.
        slot: name of slot and publication at the source, of a job that captures changes.
        lsn: position of the source's log up to which its transactions stand in the target.
        snapshot: what the table was copied from last, as `pg_current_snapshot()` writes it.
        seam: position of the log behind which no transaction is part of that snapshot.
        storage: where the source's table lay then.
        terms: what the grant let out then, of a job under one.
        version: of the schema contract, from 1.
        shape: the source's columns under that version.
    """

    job: str
    mode: Mode
    table: str
    key: tuple[str, ...]
    shape: Shape
    version: int = 1
    format: int = 1
    phase: Literal["copying", "done", "streaming"] = "copying"
    run: int = 1
    number: int = 0
    reached: str | None = None
    cursor: str | None = None
    top: str | None = None
    slot: str = ""
    lsn: int = 0
    snapshot: str = ""
    seam: int = 0
    storage: str = ""
    terms: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A chunk that stands in the target."""

    number: int
    span: Span


class Checkpoints:
    """The two tables beside a target table."""

    def __init__(self, database: Database, table: str, job: str) -> None:
        self._database, self._job = database, job
        self._jobs, self._chunks = database.beside(table, JOBS), database.beside(table, CHUNKS)

    def load(self) -> JobState | None:
        """The state of the job; the tables are made when they are not there."""
        for table, columns, keys in ((self._jobs, _JOB_COLUMNS, 1), (self._chunks, _CHUNK_COLUMNS, 2)):
            if self._database.shape(table) is None:
                with self._database.transaction():
                    self._database.create(table, columns, columns[:keys])
        mark, q = self._database.mark, self._database.quoted
        found = self._database.query(
            f"SELECT {q('state')} FROM {self._database.place(self._jobs)} WHERE {q('job')} = {mark}",
            (self._job,),
        )
        return msgspec.json.decode(str(found[0][0]), type=JobState) if found else None

    def receipts(self) -> list[Receipt]:
        """Chunks of the present run, in order."""
        mark, q = self._database.mark, self._database.quoted
        found = self._database.query(
            f"SELECT {q('number')}, {q('low')}, {q('high')} FROM {self._database.place(self._chunks)}"
            f" WHERE {q('job')} = {mark} ORDER BY {q('number')}", (self._job,),
        )  # fmt: skip
        return [Receipt(int(str(number)), Span(_key(low), _key(high))) for number, low, high in found]

    def saving(self, state: JobState) -> list[Statement]:
        """Statements that keep the state."""
        mark, q = self._database.mark, self._database.quoted
        place = self._database.place(self._jobs)
        text = msgspec.json.encode(state).decode()
        return [
            (f"DELETE FROM {place} WHERE {q('job')} = {mark}", (self._job,)),
            (f"INSERT INTO {place} ({q('job')}, {q('state')}) VALUES ({mark}, {mark})", (self._job, text)),
        ]

    def forgetting(self) -> list[Statement]:
        """Statements that begin a run without chunks."""
        q = self._database.quoted
        place = self._database.place(self._chunks)
        return [(f"DELETE FROM {place} WHERE {q('job')} = {self._database.mark}", (self._job,))]

    def receipting(
        self, state: JobState, span: Span, written: int, digest: str, form: str
    ) -> list[Statement]:
        """Statements that keep a chunk's receipt."""
        names = ", ".join(self._database.quoted(column.name) for column in _CHUNK_COLUMNS)
        marks = ", ".join([self._database.mark] * len(_CHUNK_COLUMNS))
        at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        values = (
            self._job,
            state.number,
            state.run,
            _stored(span.low),
            _stored(span.high),
            written,
            digest,
            form,
            at,
        )
        return [(f"INSERT INTO {self._database.place(self._chunks)} ({names}) VALUES ({marks})", values)]


def run_all(database: Database, statements: Sequence[Statement]) -> None:
    """Run them in the open transaction."""
    for statement, values in statements:
        database.execute(statement, values)


def _stored(key: Key | None) -> str | None:
    return None if key is None else stored(key)


def _key(text: Value) -> Key | None:
    return None if text is None else restored(str(text))
