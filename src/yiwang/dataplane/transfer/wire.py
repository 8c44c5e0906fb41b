"""Between two PostgreSQL databases: binary COPY from one server to the other, never taken apart on the way.

Each side's COPY stream of a chunk, in the order of the key, is digested as it passes: what was sent, and what stands
in the target before it commits. Rules are judged and values masked by the source itself, so that a value under a mask
never leaves its database clear. The source gives the next chunk while the target still reads the present one back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Thread
from typing import ClassVar, Final, TypeVar

import asyncpg
import uvloop

from yiwang.dataplane.connectors.errors import DatabaseUnreachable
from yiwang.dataplane.connectors.places import DatabasePlace
from yiwang.dataplane.masking_sql import masked
from yiwang.dataplane.transfer.ahead import Known, Stream, copied, digested
from yiwang.dataplane.transfer.checks import Checks
from yiwang.dataplane.transfer.database import Condition, Database, Window
from yiwang.dataplane.transfer.errors import TransferUnlike
from yiwang.dataplane.transfer.keeping import Quarantine
from yiwang.dataplane.transfer.passage import Compared, Outcome, Passage, Saving, Side, Task
from yiwang.dataplane.transfer.postgresql import ROW_BOUND, SETTINGS, PostgreSQL
from yiwang.dataplane.transfer.shape import BadRow, Key, Refusal, Span

_MOST_NAMED: Final = 500
_READ_BACK: Final = {"enable_sort": "off", "jit": "off"}
"""A target that was never analysed is thought to hold its rows anywhere: sorting a chunk looks cheaper than its key's index."""
_END_SECONDS: Final = 5.0
T = TypeVar("T")
Judged = tuple[list[BadRow], dict[str, int]]


def fits(source: Database, target: Database, task: Task, checks: Checks) -> bool:
    """Whether the binary form of every column is the same on both sides."""
    if not isinstance(source, PostgreSQL) or not isinstance(target, PostgreSQL) or not checks.can_sql:
        return False
    from_here, to_there = source.wirable.get(task.table, ()), target.wirable.get(task.target_table, ())
    for column, other in zip(task.columns, task.targets, strict=True):
        if other.name not in to_there:
            return False
        if checks.mask(column.name):
            if other.native != "text":
                return False
        elif column.native != other.native or column.name not in from_here:
            return False
        if column.nullable and not other.nullable and column.name not in task.key:
            return False
    return True


_LOST: Final = (OSError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What the driver raises for a connection that breaks off; the last where it breaks off as a statement begins."""


class Wire(Passage):
    """By binary COPY; what it cannot do goes by rows."""

    form: ClassVar[str] = "pg-binary-1"

    def __init__(
        self, source: PostgreSQL, target: PostgreSQL, task: Task, checks: Checks, quarantine: Quarantine
    ) -> None:
        super().__init__(source, target, task, checks, quarantine)
        self._here, self._there = source, target
        schema, _, self._name = task.target_table.rpartition(".")
        self._schema = schema or "public"
        self._ahead = ThreadPoolExecutor(1, "yw-judge")
        self._expected: dict[Span, Stream] = {}
        self._last: Stream | None = None
        self._bounds: dict[Key, Future[Key | None]] = {}
        self._open: list[asyncpg.Connection] = []
        self._loop = uvloop.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="yw-wire", daemon=True)
        self._thread.start()
        try:
            self._from = self._connected(source.at, {})
            self._to = self._connected(target.at, _READ_BACK)
            begin = source.inline("SET TRANSACTION SNAPSHOT %s", (source.snapshot,))
            self._run(self._from.execute(f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {begin}"))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End both sessions, and what is still being read."""
        self._ahead.shutdown(cancel_futures=True)
        self._run(self._ended())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _ended(self) -> None:
        for connection in self._open:
            connection.terminate()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=_END_SECONDS)

    def expect(self, span: Span) -> None:
        """The source judges and reads the next span while the target still writes and compares the present one."""
        self._expected[span] = self._begun(span)

    def bound(self, low: Key | None, window: Window | None, size: int) -> Key | None:
        """The source looks for the bound after this one at once."""
        asked = self._bounds.pop(low, None) if low is not None and window is None else None
        found = super().bound(low, window, size) if asked is None else asked.result()
        if found is not None and window is None:
            self._bounds[found] = self._ahead.submit(super().bound, found, window, size)
        return found

    def _begun(self, span: Span) -> Stream:
        stream = Stream(self._ahead.submit(self._known, span))
        asyncio.run_coroutine_threadsafe(stream.read(self._from, self._last), self._loop)
        self._last = stream
        return stream

    def transfer(self, number: int, run: int, span: Span, window: Window | None, saving: Saving) -> Outcome:
        """As by rows; a window of the cursor, rows that a person mended and rows that the target refuses go by rows."""
        if window is not None:
            return super().transfer(number, run, span, window, saving)
        stream = self._expected.pop(span, None) or self._begun(span)
        bad = stream.known().bad
        if any(self._quarantine.mended(row, run) is not None for row in bad):
            self._run(stream.drop())
            return super().transfer(number, run, span, window, saving)
        self._quarantine.put(bad, run)
        self._there.rollback()
        try:
            done = self._run(self._piped(number, span, stream, saving))
        except asyncpg.PostgresError as error:
            if str(error.sqlstate).startswith(ROW_BOUND):
                return super().transfer(number, run, span, window, saving)
            raise Refusal(str(error.sqlstate), row_bound=False) from None
        except _LOST:
            raise Refusal("connection", row_bound=False) from None
        self._checks.counted(stream.known().failed)
        return done

    def compare(self, span: Span, run: int, window: Window | None = None) -> Compared:
        """Both streams at once, without a write; a window of the cursor goes by rows."""
        if window is not None:
            return super().compare(span, run, window)
        stream = self._expected.pop(span, None) or self._begun(span)
        bad = stream.known().bad
        if any(self._quarantine.mended(row, run) is not None for row in bad):
            self._run(stream.drop())
            return super().compare(span, run)
        self._quarantine.put(bad, run)
        self._there.rollback()

        async def both() -> tuple[Side, Side]:
            return await asyncio.gather(stream.digested(), digested(self._to, self._standing_rows(span)))

        try:
            source, target = self._run(both())
        except (asyncpg.PostgresError, *_LOST):
            raise DatabaseUnreachable(address=self.source.name) from None
        return Compared(source, target, len(bad))

    async def _piped(self, number: int, span: Span, stream: Stream, saving: Saving) -> Outcome:
        place = self._there.place(self.task.target_table)
        within = self._there.within(self.task.target_key, span)
        where = f" WHERE {within.sql}" if within.sql else ""
        try:
            async with self._to.transaction():
                deleted = copied(
                    await self._to.execute(self._there.inline(f"DELETE FROM {place}{where}", within.values))
                )
                await self._to.copy_to_table(
                    self._name, schema_name=self._schema, source=stream.blocks(), format="binary",
                    columns=[column.name for column in self.task.targets],
                )  # fmt: skip
                wanted = stream.side()
                if wanted != await digested(self._to, self._standing_rows(span)):
                    raise TransferUnlike(table=self.task.table, number=number)
                outcome = Outcome(wanted, len(stream.known().bad), inserted=wanted.rows, deleted=deleted)
                for statement, values in saving(outcome, self.form):
                    await self._to.execute(self._there.inline(statement, values))
        except BaseException:
            await stream.drop()
            raise
        return outcome

    def _good(self, span: Span, bad: Sequence[BadRow]) -> str:
        """The rows of the source that may pass, masked."""
        parts = []
        for column in self.task.columns:
            name = self._here.quoted(column.name)
            kind = self._checks.masks.get(column.name)
            parts.append(masked(kind, f"{name}::text") if kind else name)
        key = self.task.source_key
        condition = self._here.within(key, span) & self._here.near(self.task.table, key, span)
        if len(bad) > _MOST_NAMED:
            condition = condition & Condition(f"NOT coalesce({' OR '.join(self._barring())}, FALSE)")
        elif bad:  # the same snapshot: to name them is cheaper than to judge every row again
            named = self._here.among(key, [row.key for row in bad])
            condition = condition & Condition(f"NOT ({named.sql})", named.values)
        return self._ordered(self._here, self.task.table, parts, condition)

    def _standing_rows(self, span: Span) -> str:
        parts = [self._there.quoted(column.name) for column in self.task.targets]
        within = self._there.within(self.task.target_key, span)
        return self._ordered(self._there, self.task.target_table, parts, within)

    def _ordered(self, database: PostgreSQL, table: str, parts: Sequence[str], condition: Condition) -> str:
        order = ", ".join(map(database.ordered, self.task.source_key))
        where = f" WHERE {condition.sql}" if condition.sql else ""
        return database.inline(
            f'SELECT {", ".join(parts)} FROM {database.place(table)} AS "row"{where} ORDER BY {order}',
            condition.values,
        )

    def _barring(self) -> list[str]:
        held = self._checks.failing_sql()
        return [f"({sql.replace('%', '%%')})" for rule, sql in held if self._checks.bars(rule)] or ["FALSE"]

    def _known(self, span: Span) -> Known:
        bad, failed = self._judged(span) if self._checks.rules else ([], {})
        return Known(bad, failed, self._good(span, bad))

    def _judged(self, span: Span) -> Judged:
        """Found by the source in one look, with how often each rule failed."""
        failing = self._checks.failing_sql()
        database, key = self._here, self.task.source_key
        flags = [f"coalesce({sql.replace('%', '%%')}, FALSE)" for _, sql in failing]
        broken = Condition(f"({' OR '.join(flags)})")
        wanted = ", ".join([*map(database.wanted, key), *flags])
        condition = database.within(key, span) & database.near(self.task.table, key, span) & broken
        found = database.query(
            f'SELECT {wanted} FROM {database.place(self.task.table)} AS "row" WHERE {condition.sql}'
            f" ORDER BY {', '.join(map(database.ordered, key))}", condition.values,
        )  # fmt: skip
        failed = {
            rule: sum(bool(row[len(key) + at]) for row in found) for at, (rule, _) in enumerate(failing)
        }
        reasons: dict[Key, tuple[str, ...]] = {}
        for row in found:
            told = [rule for (rule, _), wrong in zip(failing, row[len(key) :], strict=True) if wrong]
            barring = tuple(f"rule:{rule}" for rule in told if self._checks.bars(rule))
            if barring:
                reasons[self.key(row[: len(key)])] = barring
        rows = database.rows_by_key(self.task.table, self.task.columns, key, list(reasons))
        bad = [self.bad(row, why) for why, row in zip(reasons.values(), rows, strict=True)]
        return bad, failed

    def _connected(self, at: DatabasePlace, settings: Mapping[str, str]) -> asyncpg.Connection:
        connection = self._run(_connected(at, settings))
        self._open.append(connection)
        return connection

    def _run(self, work: Coroutine[object, object, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


async def _connected(at: DatabasePlace, settings: Mapping[str, str]) -> asyncpg.Connection:
    try:
        return await asyncpg.connect(
            host=at.pinned, port=at.address.port, database=at.address.database, user=at.address.user,
            password=at.address.password, passfile="/dev/null", statement_cache_size=0,
            server_settings={**SETTINGS, **settings, "application_name": "yiwang", "client_encoding": "UTF8"},
            timeout=at.address.connect_timeout_ms / 1000,
        )  # fmt: skip
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
        raise DatabaseUnreachable(address=str(at)) from None
