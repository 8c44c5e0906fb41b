"""Between two PostgreSQL databases: binary COPY from one server to the other, never taken apart on the way.

Each side's COPY stream of a chunk, in the order of the key, is digested as it passes: what was sent, and what stands
in the target before it commits. Rules are judged and values masked by the source itself, so that a value under a mask
never leaves its database clear.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Coroutine, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ClassVar, Final, TypeVar

import asyncpg
import uvloop

from yiwang.dataplane.connectors.errors import DatabaseUnreachable
from yiwang.dataplane.connectors.places import DatabasePlace
from yiwang.dataplane.masking_sql import masked
from yiwang.dataplane.transfer.checks import Checks
from yiwang.dataplane.transfer.database import Condition, Database, Window
from yiwang.dataplane.transfer.errors import TransferUnlike
from yiwang.dataplane.transfer.keeping import Quarantine
from yiwang.dataplane.transfer.passage import Compared, Outcome, Passage, Saving, Side, Task
from yiwang.dataplane.transfer.postgresql import ROW_BOUND, SETTINGS, PostgreSQL
from yiwang.dataplane.transfer.shape import BadRow, Key, Refusal, Span

_MOST_NAMED: Final = 500
_BLOCKS: Final = 64
"""Blocks of the stream (64 to 256 KiB each) between source and target."""
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
        self._loop = uvloop.new_event_loop()
        self._ahead = ThreadPoolExecutor(1, "yw-judge")
        self._expected: dict[Span, Future[Judged]] = {}
        self._from = self._run(_connected(source.at))
        self._to = self._run(_connected(target.at))
        begin = source.inline("SET TRANSACTION SNAPSHOT %s", (source.snapshot,))
        self._run(self._from.execute(f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {begin}"))

    def close(self) -> None:
        """End both sessions."""
        self._ahead.shutdown(cancel_futures=True)
        for connection in (self._from, self._to):
            connection.terminate()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def expect(self, span: Span) -> None:
        """The source judges the next span while the target still writes and compares the present one."""
        if self._checks.rules:
            self._expected[span] = self._ahead.submit(self._judged, span)

    def transfer(self, number: int, run: int, span: Span, window: Window | None, saving: Saving) -> Outcome:
        """As by rows; a window of the cursor, rows that a person mended and rows that the target refuses go by rows."""
        if window is not None:
            return super().transfer(number, run, span, window, saving)
        bad = self._bad_rows(span, count=True)
        if any(self._quarantine.mended(row, run) is not None for row in bad):
            return super().transfer(number, run, span, window, saving)
        self._quarantine.put(bad, run)
        self._there.rollback()
        try:
            return self._run(self._piped(number, span, bad, saving))
        except asyncpg.PostgresError as error:
            if str(error.sqlstate).startswith(ROW_BOUND):
                return super().transfer(number, run, span, window, saving)
            raise Refusal(str(error.sqlstate), row_bound=False) from None
        except (OSError, asyncpg.InterfaceError):
            raise Refusal("connection", row_bound=False) from None

    def compare(self, span: Span, run: int, window: Window | None = None) -> Compared:
        """Both streams at once, without a write; a window of the cursor goes by rows."""
        if window is not None:
            return super().compare(span, run, window)
        bad = self._bad_rows(span, count=False)
        if any(self._quarantine.mended(row, run) is not None for row in bad):
            return super().compare(span, run)
        self._quarantine.put(bad, run)
        self._there.rollback()

        async def both() -> tuple[Side, Side]:
            here = _digested(self._from, self._good(span, bad))
            return await asyncio.gather(here, _digested(self._to, self._standing_rows(span)))

        try:
            source, target = self._run(both())
        except (asyncpg.PostgresError, OSError, asyncpg.InterfaceError):
            raise DatabaseUnreachable(address=self.source.name) from None
        return Compared(source, target, len(bad))

    async def _piped(self, number: int, span: Span, bad: Sequence[BadRow], saving: Saving) -> Outcome:
        blocks: asyncio.Queue[bytes | None] = asyncio.Queue(_BLOCKS)
        sent = hashlib.sha256()

        async def take(block: bytes) -> None:
            sent.update(block)
            await blocks.put(block)

        async def read() -> int:
            try:
                return _rows(
                    await self._from.copy_from_query(self._good(span, bad), output=take, format="binary")
                )
            finally:
                await blocks.put(None)

        async def given() -> AsyncIterator[bytes]:
            while (block := await blocks.get()) is not None:
                yield block

        async with self._to.transaction():
            place = self._there.place(self.task.target_table)
            within = self._there.within(self.task.target_key, span)
            where = f" WHERE {within.sql}" if within.sql else ""
            deleted = _rows(
                await self._to.execute(self._there.inline(f"DELETE FROM {place}{where}", within.values))
            )
            reading = asyncio.create_task(read())
            try:
                await self._to.copy_to_table(
                    self._name, schema_name=self._schema, source=given(), format="binary",
                    columns=[column.name for column in self.task.targets],
                )  # fmt: skip
            except BaseException:
                while not reading.done() or not blocks.empty():  # a source that is cut off loses its snapshot
                    await asyncio.wait(
                        {reading, asyncio.ensure_future(blocks.get())}, return_when="FIRST_COMPLETED"
                    )
                raise
            rows = await reading
            wanted = Side(rows, sent.hexdigest())
            if wanted != await _digested(self._to, self._standing_rows(span)):
                raise TransferUnlike(table=self.task.table, number=number)
            outcome = Outcome(wanted, len(bad), inserted=rows, deleted=deleted)
            for statement, values in saving(outcome, self.form):
                await self._to.execute(self._there.inline(statement, values))
        return outcome

    def _good(self, span: Span, bad: Sequence[BadRow]) -> str:
        """The rows of the source that may pass, masked."""
        parts = []
        for column in self.task.columns:
            name = self._here.quoted(column.name)
            kind = self._checks.masks.get(column.name)
            parts.append(masked(kind, f"{name}::text") if kind else name)
        key = self.task.source_key
        condition = self._here.within(key, span)
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

    def _bad_rows(self, span: Span, *, count: bool) -> list[BadRow]:
        """Rows of the span that break rules."""
        if not self._checks.rules:
            return []
        ahead = self._expected.pop(span, None)
        bad, failed = ahead.result() if ahead is not None else self._judged(span)
        if count:
            self._checks.counted(failed)
        return bad

    def _judged(self, span: Span) -> Judged:
        """Found by the source in one look, with how often each rule failed."""
        failing = self._checks.failing_sql()
        database, key = self._here, self.task.source_key
        flags = [f"coalesce({sql.replace('%', '%%')}, FALSE)" for _, sql in failing]
        broken = Condition(f"({' OR '.join(flags)})")
        wanted = ", ".join([*map(database.wanted, key), *flags])
        condition = database.within(key, span) & broken
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
        names = [column.name for column in self.task.columns]
        bad = [
            BadRow(where, dict(zip(names, row, strict=True)), why)
            for (where, why), row in zip(reasons.items(), rows, strict=True)
        ]
        return bad, failed

    def _run(self, work: Coroutine[object, object, T]) -> T:
        return self._loop.run_until_complete(work)


async def _connected(at: DatabasePlace) -> asyncpg.Connection:
    try:
        return await asyncpg.connect(
            host=at.pinned, port=at.address.port, database=at.address.database, user=at.address.user,
            password=at.address.password, passfile="/dev/null", statement_cache_size=0,
            server_settings={**SETTINGS, "application_name": "yiwang", "client_encoding": "UTF8"},
            timeout=at.address.connect_timeout_ms / 1000,
        )  # fmt: skip
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
        raise DatabaseUnreachable(address=str(at)) from None


async def _digested(connection: asyncpg.Connection, query: str) -> Side:
    digest = hashlib.sha256()

    async def take(block: bytes) -> None:
        digest.update(block)

    rows = _rows(await connection.copy_from_query(query, output=take, format="binary"))
    return Side(rows, digest.hexdigest())


def _rows(status: str) -> int:
    """`COPY 100` → 100."""
    return int(status.rpartition(" ")[2])
