"""Acts on a table of this node by a receiver at another one: judged by the grant, read, put into evidence."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from yiwang.blocks.exchange.domain.compiled import CompiledSource
from yiwang.dataplane.connectors.places import DatabasePlace
from yiwang.dataplane.transfer import beyond_wire as w
from yiwang.gateway.authentication import Authenticated
from yiwang.gateway.bodies import decode
from yiwang.gateway.calls import Calls, Committer, Keeper, Reply
from yiwang.gateway.files.permits import Leave, Permits
from yiwang.gateway.tables.errors import RunOver, RunTooSoon, WayNotGranted
from yiwang.gateway.tables.ledger import RunLedger
from yiwang.gateway.tables.reading import Reader
from yiwang.vocabulary.delivering import Frequency, period_of

THREADS: Final = 2
"""Tables that are read at a time; others wait."""
HOURS: Final = 48
"""How long a run may go on after it began."""
DELIVERED: Final = "table-delivered"
_ACTS: Final = msgspec.json.Decoder(w.Act)
_EVENTS: Final[dict[type[msgspec.Struct], str]] = {
    w.OpenTable: "table-opened", w.ReadRows: "table-read", w.ConfirmRun: DELIVERED,
}  # fmt: skip
_MEASURED: Final = "table-measured"


class TableDoor:
    """Gives tables out."""

    def __init__(
        self,
        dsn: str,
        calls: Calls,
        keeper: Keeper,
        writer: Committer,
        place: Callable[[CompiledSource], DatabasePlace],
    ) -> None:
        """`calls` judges grants; nothing is opened before `open`."""
        self._permits = Permits(calls, keeper, writer, time.time, mode="table", unit="run")
        self._zone: ZoneInfo = calls.timezone
        self._ledger = RunLedger(dsn)
        self._reader = Reader(place)
        self._executor = ThreadPoolExecutor(THREADS, thread_name_prefix="tables")

    async def open(self) -> None:
        """Raises: OSError, PostgresError."""
        await self._ledger.start()

    async def stop(self) -> None:
        """Finish what is under way."""
        await self._ledger.stop()
        self._executor.shutdown(wait=False)

    async def routed(self, proven: Authenticated, code: str, request_id: str, started: int) -> Reply:
        """Answer an act that a peer sends on for one of its receivers.

        Raises: BadCall, Refusal, SourceTrouble, DatabaseUnavailable, JournalError.
        """
        act = decode(_ACTS, proven.body)
        leave = self._permits.leave(proven, code, request_id, started)
        way = await self._way(leave, act)
        if isinstance(act, w.ConfirmRun):
            return await self._confirmed(leave, act)
        terms = leave.terms
        if terms is None:
            raise RunOver(run=act.run, hours=HOURS)
        loop = asyncio.get_running_loop()
        body, rows = await loop.run_in_executor(self._executor, partial(self._reader.answer, terms, act))
        self._permits.still(leave)
        facts: dict[str, object] = {"run": act.run, "way": way}
        if rows is not None:
            facts["rows"] = rows
        stored = await leave.commit(_EVENTS.get(type(act), _MEASURED), facts, body, rows=rows)
        return Reply(200, body, evidence=stored.header)

    async def _way(self, leave: Leave, act: w.Act) -> str:
        """How the run reads; a run that begins takes its period. Raises: WayNotGranted, RunTooSoon, RunOver."""
        terms = leave.terms
        if terms is None:  # whoever owns a table has no need of the other nodes
            raise RunOver(run=act.run, hours=HOURS)
        grant = terms.grant
        if isinstance(act, w.OpenTable) and (act.way not in grant.ways or grant.frequency is None):
            raise WayNotGranted(grant=grant.id, way=act.way, allowed=list(grant.ways))
        since = leave.now - timedelta(hours=HOURS)
        # a confirmation whose answer was lost comes again
        way = await self._ledger.way(grant.id, act.run, since, over=isinstance(act, w.ConfirmRun))
        if way is None and isinstance(act, w.OpenTable) and grant.frequency is not None:
            # one that goes on in the next period has its own already
            period = self._period(grant.frequency, leave.now)
            await self._ledger.take(grant.id, period, act.run, act.way, leave.now)
            way = await self._ledger.way(grant.id, act.run, since, over=False)
        if way is None:
            if isinstance(act, w.OpenTable):
                raise RunTooSoon(grant=grant.id, frequency=grant.frequency)
            raise RunOver(run=act.run, hours=HOURS)
        wrong = way not in grant.ways
        if isinstance(act, w.ReadRows | w.FindBound | w.CountRows):
            wrong |= (act.window is None) is (way == "incremental")
        if wrong:
            raise WayNotGranted(grant=grant.id, way=way, allowed=list(grant.ways))
        return way

    async def _confirmed(self, leave: Leave, act: w.ConfirmRun) -> Reply:
        body = msgspec.json.encode(w.Confirmed(leave.now.strftime("%Y-%m-%dT%H:%M:%SZ")))
        facts: dict[str, object] = {"run": act.run, "rows": act.rows, "report": act.report}
        stored = await leave.commit(DELIVERED, facts, body)
        await self._ledger.end(leave.grant, act.run, leave.now)
        return Reply(200, body, evidence=stored.header)

    def _period(self, frequency: Frequency, now: datetime) -> str:
        return json.dumps([frequency, *period_of(frequency, now.astimezone(self._zone))])
