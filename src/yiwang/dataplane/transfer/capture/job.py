"""One run of change capture: the slot first, then the table as it was, then every change since, in order.

The target holds the position of the source's log next to the rows and moves both in one transaction.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Final

from yiwang.dataplane.transfer import errors
from yiwang.dataplane.transfer.capture.applying import Applied, Applier
from yiwang.dataplane.transfer.capture.preparing import gap, require
from yiwang.dataplane.transfer.capture.slot import Slot, Table
from yiwang.dataplane.transfer.capture.spool import Spool
from yiwang.dataplane.transfer.capture.taking import take
from yiwang.dataplane.transfer.capture.visibility import Snapshot, spelled
from yiwang.dataplane.transfer.checkpoint import JobState, run_all
from yiwang.dataplane.transfer.checks import DROP
from yiwang.dataplane.transfer.database import NOTHING, Database
from yiwang.dataplane.transfer.granted import GrantedSource
from yiwang.dataplane.transfer.job import Job, Progress
from yiwang.dataplane.transfer.keeping import Control, LiveQuarantine
from yiwang.dataplane.transfer.passage import Outcome, Passage
from yiwang.dataplane.transfer.planning import Order, Plan
from yiwang.dataplane.transfer.postgresql import PostgreSQL
from yiwang.dataplane.transfer.report import Action, Captured, Report
from yiwang.dataplane.transfer.shape import Key, Refusal, Row, Shape, Stopped
from yiwang.dataplane.transfer.values import BadValue

PIECE: Final = 20_000
"""Changes of one transaction of the target, unless the source made more in one."""
_PULL: Final = 10.0
"""Seconds between two looks at the slot while the table is copied."""
_NAP: Final = 0.5
_REMEMBERED: Final = 10_000
_TRIES: Final = 5


class CaptureJob(Job):
    """A run on two open databases, with the job's slot and spool."""

    def __init__(
        self, order: Order, source: PostgreSQL, target: Database, quarantine: LiveQuarantine, control: Control,
        progress: Callable[[Progress], None], slot: Slot, spool: Spool,
    ) -> None:  # fmt: skip
        super().__init__(order, source, target, quarantine, control, progress)
        self._live, self._slot, self._spool = quarantine, slot, spool
        self._captured = Captured("")
        self._digest = hashlib.sha256()
        self._recent: deque[int] = deque(maxlen=_REMEMBERED)
        self._pulled = time.monotonic()
        self._at: tuple[JobState, Plan] | None = None
        self._narrow = isinstance(source, GrantedSource) and bool(source.rule_columns)

    def run(self) -> Report:
        """Until what the source had committed at the start stands in the target; with `follow`, until a person stops it.

        Raises: TransferError, ConnectorError.
        """
        started = dt.datetime.now(dt.UTC)
        self._captured.wal_limit = self._slot.require()
        state = self._points.load()
        if state is not None and self._order.slot:
            state.slot = self._order.slot  # whoever owns the target must not name another job's
        if self._order.slot and self._spool.fact("slot") != self._order.slot:
            self._spool.begin_at(self._order.slot, 0)
        resumed = state is not None
        status = "done"
        try:
            try:
                held, plan = self._begun(state)
                self._captured.begun = spelled(held.lsn)
                self._at = held, self._stream(held, plan)
            except Stopped as stop:
                if self._at is None:  # before anything was done
                    raise
                status = str(stop.facts["how_en"])
            held, plan = self._at
            self._save(held)
            self._spool.forget(held.lsn)
        except Refusal as refusal:
            raise errors.TransferRefused(place=self._target.name, reason=refusal.reason) from None
        finally:
            self._source.end_reading()
        self._captured.reached, self._captured.waiting = spelled(held.lsn), self._spool.size
        self._captured.digest = self._digest.hexdigest()
        report = self._report(held, plan, started, status, resumed=resumed)
        report.capture = self._captured
        report.conclude()
        return report

    def _begun(self, state: JobState | None) -> tuple[JobState, Plan]:
        """The job with its table copied; where its changes have a gap the table is compared again."""
        table = require(self._slot, self._order)
        self._order = replace(self._order, key=self._order.key or table.identity)
        reason: str = gap(self._slot, self._spool, self._order, state)
        if not reason and self._narrow and state is not None and not self._spool.fact("keys"):
            reason = "keys-unknown"
        if reason:
            self._renew(reason)
            if state is not None:
                self._captured.compared.append(reason)
        self._captured.slot = self._spool.fact("slot")
        if state is None or state.phase == "copying" or reason:
            return self._copied(state, table)
        plan = self._kept(state)
        self._at = state, plan
        return state, plan

    def _renew(self, reason: str) -> None:
        """A slot that joins what comes next; what was kept here is of no use any more."""
        name = self._spool.fact("slot")
        if reason in {"spool-gap", "keys-unknown"}:
            self._spool.begin_at(name, self._slot.standing(name).confirmed)
            return
        self._slot.drop(name)
        self._publish(name)
        self._spool.begin_at(name, self._slot.create(name))

    def _publish(self, name: str) -> None:
        """The table; where columns of it do not travel, the others alone."""
        travelling = [column.name for column in self._travelling().columns]
        table = require(self._slot, self._order)
        self._slot.publish(name, self._order.table, [] if table.columns == set(travelling) else travelling)

    def _travelling(self) -> Shape:
        """The source's columns as they are now. Raises: TransferTableMissing."""
        self._source.begin_reading()
        shape = self._source.shape(self._order.table)
        self._source.end_reading()
        if shape is None:
            raise errors.TransferTableMissing(table=self._order.table, place=self._source.name)
        return shape.only([c.name for c in shape.columns if self._order.masks.get(c.name) != DROP])

    def _copied(self, state: JobState | None, table: Table) -> tuple[JobState, Plan]:
        """Copy the table from one snapshot, or compare it where it stands already."""
        again = state is not None and state.phase != "copying"
        resumed = state is not None and state.phase == "copying"
        snapshot = self._snapshot()
        seam = self._slot.written()
        plan, passage = self._opened(state)
        held = state or JobState(
            job=self._order.job, mode="cdc", table=self._order.table, key=plan.task.key, shape=plan.shape
        )
        held.shape, held.version, held.slot = plan.shape, plan.version, self._spool.fact("slot")
        held.lsn = max(held.lsn, self._spool.begun)
        self._learn_keys(plan, passage)
        self._at = held, plan
        try:
            if not resumed:
                self._begin(held, again=again)
            self._whole(held, passage, resumed=resumed, again=again)
        finally:
            passage.close()
            self._source.end_reading()
        held.phase, held.snapshot, held.seam = "streaming", snapshot, seam
        held.storage, held.terms = table.storage, table.terms
        self._save(held)
        return held, plan

    def _learn_keys(self, plan: Plan, passage: Passage) -> None:
        """Which rows are granted, where not all are: the target may be told to delete these alone."""
        if not self._narrow:
            return
        key = plan.task.source_key
        rows = self._source.rows(self._order.table, key, key, NOTHING)
        for some in _some(rows, PIECE):
            self._look()
            self._spool.remember(found for row in some if (found := _natural(passage, row)) is not None)
        self._spool.keep(keys="known")

    def _snapshot(self) -> str:
        """Begin to read a snapshot that holds every transaction that was applied; gives which it holds."""
        while True:
            self._source.begin_reading()
            text = str(self._source.query("SELECT pg_current_snapshot()::text")[0][0])
            if all(map(Snapshot.parse(text).holds, self._recent)):
                return text
            # committed in the log, and still waiting for a standby of the source
            self._source.end_reading()
            self._look()
            time.sleep(_NAP)

    def _kept(self, state: JobState) -> Plan:
        """The plan for the source as it is now; where rows may have changed unlogged, the table is compared."""
        while True:
            table = require(self._slot, self._order)
            published = self._slot.published(state.slot, self._order.table)
            plan = self._planned(state)
            self._source.end_reading()
            self._target.rollback()
            reason = ""
            if not published:
                reason = "table-replaced"
                self._renew(reason)
            elif table.storage != state.storage:
                reason = "rewritten"
            elif table.terms != state.terms:
                reason = "terms"
                self._publish(state.slot)
            elif plan.changes and not self._harmless(plan, table):
                reason = "schema"
                self._publish(state.slot)
            if not reason:
                state.shape, state.version = plan.shape, plan.version
                return plan
            self._captured.compared.append(reason)
            self._copied(state, table)

    def _harmless(self, plan: Plan, table: Table) -> bool:
        """Columns were added that are NULL in every row, and all columns of the table are published."""
        whole = {column.name for column in plan.shape.columns} == table.columns
        return whole and all(c.kind == "added" and c.column in table.plain for c in plan.changes)

    def _stream(self, state: JobState, plan: Plan) -> Plan:
        upto = self._slot.top()
        while True:
            self._look()
            plan = self._pull(state, plan)
            self._catch_up(state, plan)
            self._behind(state)
            if state.lsn < upto:
                continue
            if not self._order.follow or self._long_enough():
                return self._census(state, plan)
            self._wait()

    def _long_enough(self) -> bool:
        wanted = self._order.follow_for
        return bool(wanted) and time.monotonic() - self._started >= wanted

    def _behind(self, state: JobState) -> None:
        """Tell how much of the log is not in the target."""
        lag = max(0, self._slot.written() - state.lsn) if self._spool.waiting(state.lsn) else 0
        self._progress(Progress(self._seen, None, self._rate(), None, self._captured.batches, lag))

    def _pull(self, state: JobState, plan: Plan) -> Plan:
        """Changes into the spool, then the plan for a source that is not older than they are."""
        take(self._slot, self._spool, state.slot, self._order.job)
        table = self._slot.table(self._order.table)
        same = (
            table is not None and table.storage == state.storage and table.terms == state.terms
            and self._travelling().digest == state.shape.digest
            and self._slot.published(state.slot, self._order.table)
        )  # fmt: skip
        return plan if same else self._kept(state)

    def _wait(self) -> None:
        end = time.monotonic() + 2 * _NAP
        while time.monotonic() < end:
            self._look()
            time.sleep(_NAP / 2)

    def _catch_up(self, state: JobState, plan: Plan, only: Snapshot | None = None) -> None:
        """What waits in the spool, in transactions of the target; up to the first that is not in `only`."""
        passage = Passage(self._source, self._target, plan.task, self._checks, self._live)
        applier = Applier(passage, self._live, frozenset(self._order.masks), self._spool)
        copied = Snapshot.parse(state.snapshot)
        while waiting := self._spool.waiting(state.lsn):
            batch, size = [], 0
            for one in waiting:
                if size >= PIECE or (only is not None and not only.holds(one.xid)):
                    break
                batch.append(one)
                size += one.changes
            if not batch:
                return
            self._look()
            fresh = [one for one in batch if one.final >= state.seam or not copied.holds(one.xid)]
            before, state.lsn = state.lsn, batch[-1].end
            if fresh:
                try:
                    with self._target.transaction():
                        applied = applier.apply(state.number + 1, fresh, state.run, PIECE)
                        state.number += 1
                        run_all(self._target, self._points.saving(state))
                except BaseException:
                    state.lsn = before
                    raise
                self._counted(applied)
                self._recent.extend(one.xid for one in fresh)
                self._captured.transactions += len(fresh)
                self._spool.forget(state.lsn)
        state.lsn = max(state.lsn, self._spool.reached)

    def _counted(self, applied: Applied) -> None:
        self._captured.batches += 1
        self._captured.changes += applied.changes
        self._digest.update(applied.digest.encode())
        self._rows.inserted += applied.inserted
        self._rows.updated += applied.updated
        self._rows.deleted += applied.deleted
        self._seen += applied.changes
        self._progress(Progress(self._seen, None, self._rate(), None, self._captured.batches))
        self._throttle()

    def _rate(self) -> float:
        return self._seen / max(time.monotonic() - self._started, 1e-6)

    def _census(self, state: JobState, plan: Plan) -> Plan:
        """Count both sides at one position: the target holds what a snapshot of the source holds, and no more."""
        for _ in range(_TRIES):
            compared = len(self._captured.compared)
            self._source.begin_reading()
            snapshot = Snapshot.parse(str(self._source.query("SELECT pg_current_snapshot()::text")[0][0]))
            source = self._source.count(self._order.table)
            self._source.end_reading()
            plan = self._pull(state, plan)
            self._catch_up(state, plan, snapshot)
            ahead = any(snapshot.holds(one.xid) for one in self._spool.waiting(state.lsn))
            if ahead or len(self._captured.compared) > compared:
                continue  # committed in another order than they became visible, or compared meanwhile
            self._rows.source = source
            self._rows.target = self._target.count(self._order.target_table)
            self._target.rollback()
            self._rows.quarantined = self._live.outside()
            self._rows.passed = source - self._rows.quarantined
            self._captured.settled = True
            break
        return plan

    def _tell(self, number: int, action: Action, done: Outcome, form: str) -> None:
        super()._tell(number, action, done, form)
        if (
            time.monotonic() - self._pulled > _PULL
        ):  # the source need not keep what came while the table is copied
            take(self._slot, self._spool, self._spool.fact("slot"), self._order.job)
            self._pulled = time.monotonic()

    def _save(self, state: JobState) -> None:
        with self._target.transaction():
            run_all(self._target, self._points.saving(state))


def _natural(passage: Passage, raw: Row) -> Key | None:
    """A key in its one form; None where no target can hold it."""
    try:
        return passage.key(raw)
    except BadValue:
        return None


def _some(rows: Iterator[Row], most: int) -> Iterator[list[Row]]:
    """Side by side, at most so many at once."""
    while found := list(islice(rows, most)):
        yield found
