"""One run of a table job: chunk after chunk until both sides agree, or until a person stops it."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from yiwang.dataplane.transfer import errors
from yiwang.dataplane.transfer.checkpoint import Checkpoints, JobState, Statement, run_all
from yiwang.dataplane.transfer.checks import Checks
from yiwang.dataplane.transfer.database import Database, Window
from yiwang.dataplane.transfer.keeping import Control, Quarantine
from yiwang.dataplane.transfer.passage import Outcome, Passage, Saving
from yiwang.dataplane.transfer.planning import Order, Plan, planned
from yiwang.dataplane.transfer.postgresql import PostgreSQL
from yiwang.dataplane.transfer.prepared import comparable
from yiwang.dataplane.transfer.report import Action, Chunk, Report, Rows
from yiwang.dataplane.transfer.shape import Key, Refusal, Span, Stopped, Value
from yiwang.dataplane.transfer.values import coercers, restored, stored
from yiwang.dataplane.transfer.wire import Wire, fits

KEY_CHANGED: Final = "mend:key"
"""Why a mended row may not pass: under another key each run would take it for a row that the source has not."""
_NAP: Final = 0.2
"""Seconds between two looks at what a person wants while a rate limit waits."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. `total` and `left` (seconds) are None while unknown; `rate` is rows a second.

    `lag`: of a run that captures changes, bytes of the source's log that are not in the target yet.
    """

    rows: int
    total: int | None
    rate: float
    left: float | None
    chunk: int
    lag: int | None = None


class Job:
    """A run on two open databases."""

    def __init__(
        self, order: Order, source: Database, target: Database, quarantine: Quarantine, control: Control,
        progress: Callable[[Progress], None],
    ) -> None:  # fmt: skip
        self._order, self._source, self._target = order, source, target
        self._quarantine, self._control, self._progress = quarantine, control, progress
        self._points = Checkpoints(target, order.target_table, order.job)
        self._chunks: list[Chunk] = []
        self._rows = Rows()
        self._seen = 0
        self._started = time.monotonic()
        self._total: int | None = None

    def run(self) -> Report:
        """Run to the end, or to where a person stops it.

        Raises: TransferError, ConnectorError.
        """
        started = dt.datetime.now(dt.UTC)
        self._source.begin_reading()
        try:
            return self._run(started)
        except Refusal as refusal:
            raise errors.TransferRefused(place=self._target.name, reason=refusal.reason) from None
        finally:
            self._source.end_reading()

    def replay(
        self, rows: Sequence[tuple[int, Key, tuple[Value, ...]]], names: tuple[str, ...]
    ) -> dict[int, tuple[str, ...]]:
        """Write mended rows, of which each keeps its key; gives, by number, why one still may not pass.

        Nothing: it stands in the target.
        """
        self._source.begin_reading()
        try:
            state = self._points.load()
            plan, passage = self._opened(state)
            order = [names.index(column.name) for column in plan.task.columns]
            told: dict[int, tuple[str, ...]] = {}
            try:
                for number, key, mended in rows:
                    row = tuple(mended[at] for at in order)
                    if not passage.keeps(key, row):
                        told[number] = (KEY_CHANGED,)
                        continue
                    held = passage.put([row], state.run if state else 1)
                    told[number] = held.bad[0].reasons if held.bad else ()
            finally:
                passage.close()
            return told
        except Refusal as refusal:
            raise errors.TransferRefused(place=self._target.name, reason=refusal.reason) from None
        finally:
            self._source.end_reading()

    def _planned(self, state: JobState | None) -> Plan:
        plan = planned(self._order, self._source, self._target, state)
        self._checks = Checks(self._order.rules(plan.task.columns), self._order.masks, plan.task.key)
        return plan

    def _opened(self, state: JobState | None) -> tuple[Plan, Passage]:
        plan = self._planned(state)
        if (
            isinstance(self._source, PostgreSQL) and isinstance(self._target, PostgreSQL)
            and fits(self._source, self._target, plan.task, self._checks)
        ):  # fmt: skip
            return plan, Wire(self._source, self._target, plan.task, self._checks, self._quarantine)
        return plan, Passage(self._source, self._target, plan.task, self._checks, self._quarantine)

    def _run(self, started: dt.datetime) -> Report:
        state = self._points.load()
        if self._order.mode == "incremental" and not self._order.cursor:
            raise errors.TransferCursorMissing()
        plan, passage = self._opened(state)
        resumed = state is not None and state.phase == "copying"
        again = state is not None and state.phase == "done"
        held = state or JobState(
            job=self._order.job,
            mode=self._order.mode,
            table=self._order.table,
            key=plan.task.key,
            shape=plan.shape,
        )
        held.shape, held.version = plan.shape, plan.version
        try:
            if not resumed:
                self._begin(held, again=again)
            status = "done"
            try:
                if self._order.mode == "incremental":
                    self._incremental(held, plan, passage, resumed=resumed)
                else:
                    self._whole(held, passage, resumed=resumed, again=again)
                self._finish(held)
            except Stopped as stop:
                status = str(stop.facts["how_en"])
        finally:
            passage.close()
        return self._report(held, plan, started, status, resumed=resumed)

    def _begin(self, state: JobState, *, again: bool) -> None:
        if again:
            state.run += 1
        state.phase, state.number, state.reached, state.top = "copying", 0, None, None
        with self._target.transaction():
            run_all(self._target, [*self._points.forgetting(), *self._points.saving(state)])

    def _finish(self, state: JobState) -> None:
        state.phase = "done"
        if state.top is not None:
            state.cursor, state.top = state.top, None
        with self._target.transaction():
            run_all(self._target, self._points.saving(state))

    def _whole(self, state: JobState, passage: Passage, *, resumed: bool, again: bool) -> None:
        """Every key from the first to the last. Where rows stand already they are compared first."""
        self._total = self._rows.source = self._source.count(self._order.table)
        low: Key | None = None
        if resumed:
            for receipt in self._points.receipts():
                self._look()
                self._mended(state, passage, receipt.number, receipt.span, counted=False)
                low = receipt.span.high
                if low is None:
                    break
            else:
                low = None if state.reached is None else restored(state.reached)
        if not (resumed and state.number and low is None):
            compare = again or self._order.mode == "diff"
            for span in self._spans(passage, low, None):
                self._look()
                state.number += 1
                if compare:
                    self._mended(state, passage, state.number, span, counted=True)
                else:
                    self._written(state, passage, span, None)
        self._rows.target = self._target.count(self._order.target_table)
        self._quarantine.gone(state.run)

    def _incremental(self, state: JobState, plan: Plan, passage: Passage, *, resumed: bool) -> None:
        column = plan.shape.named().get(self._order.cursor)
        if column is None:
            raise errors.TransferColumnUnknown(table=self._order.table, column=self._order.cursor)
        if state.top is None:
            top = self._source.top(self._order.table, column)
            if top is None:
                return
            state.top = stored((top,))
        (plain,) = coercers([column], nul=True)
        low = None if state.cursor is None else plain(restored(state.cursor)[0])
        window = Window(column, low, plain(restored(state.top)[0]))
        self._total = self._rows.source = self._source.count(self._order.table, self._source.moved(window))
        # a run that was cut off reads its window again, and writes of what stands already only what differs
        stood = _stood(state) if resumed else None
        for span in self._spans(passage, None, window):
            self._look()
            state.number += 1
            if stood is not None and stood(span):
                self._again(state, passage, span, window)
            else:
                self._written(state, passage, span, window)
        self._rows.target = self._rows.passed

    def _spans(self, passage: Passage, low: Key | None, window: Window | None) -> Iterator[Span]:
        """Side by side over all keys; the passage is told of the next one before the present one is given."""
        size = min(self._order.chunk_rows, self._order.rate or self._order.chunk_rows)

        def after(low: Key | None) -> Span:
            span = Span(low, passage.bound(low, window, size))
            if window is None:  # the rows of a window are read by it
                passage.expect(span)
            return span

        span = after(low)
        while span.high is not None:
            following = after(span.high)
            yield span
            span = following
        yield span

    def _written(self, state: JobState, passage: Passage, span: Span, window: Window | None) -> None:
        done = passage.transfer(state.number, state.run, span, window, self._saving(state, span))
        self._tell(state.number, "written", done, passage.form)

    def _again(self, state: JobState, passage: Passage, span: Span, window: Window) -> None:
        both = passage.compare(span, state.run, window)
        if both.equal:
            self._tell(state.number, "compared", Outcome(both.source, both.bad), Passage.form)
            return
        done = passage.transfer(state.number, state.run, span, window, _nothing)
        self._tell(state.number, "mended", done, Passage.form)

    def _mended(self, state: JobState, passage: Passage, number: int, span: Span, *, counted: bool) -> None:
        both = passage.compare(span, state.run)
        saving = self._saving(state, span)
        if both.equal:
            done = Outcome(both.source, both.bad)
            if counted:
                with self._target.transaction():
                    run_all(self._target, saving(done, passage.form))
            self._tell(number, "compared", done, passage.form)
            return
        # of a chunk that is compared again after a cut the receipt stands already
        done = passage.mend(number, state.run, span, saving if counted else _nothing)
        self._tell(number, "mended", done, Passage.form)

    def _saving(self, state: JobState, span: Span) -> Saving:
        def statements(done: Outcome, form: str) -> list[Statement]:
            state.reached = None if span.high is None else stored(span.high)
            receipt = self._points.receipting(state, span, done.side.rows, done.side.digest, form)
            return [*receipt, *self._points.saving(state)]

        return statements

    def _tell(self, number: int, action: Action, done: Outcome, form: str) -> None:
        self._chunks.append(Chunk(number, action, done.side.rows, done.side.digest, form))
        self._rows.passed += done.side.rows
        self._rows.quarantined += done.bad
        self._rows.inserted += done.inserted
        self._rows.updated += done.updated
        self._rows.deleted += done.deleted
        self._seen += done.side.rows + done.bad
        spent = max(time.monotonic() - self._started, 1e-6)
        rate = self._seen / spent
        left = None if self._total is None else max(0, self._total - self._seen) / max(rate, 1e-6)
        self._progress(Progress(self._seen, self._total, rate, left, number))
        self._throttle()

    def _throttle(self) -> None:
        """Raises: Stopped."""
        while self._order.rate and self._seen / self._order.rate > time.monotonic() - self._started:
            self._look()
            early = self._seen / self._order.rate - (time.monotonic() - self._started)
            time.sleep(max(0.0, min(_NAP, early)))  # looking may have taken longer than the wait

    def _look(self) -> None:
        """Raises: Stopped."""
        match self._control.wish():
            case "pause":
                raise Stopped(how_zh="暂停", how_en="paused")
            case "cancel":
                raise Stopped(how_zh="取消", how_en="cancelled")

    def _report(
        self, state: JobState, plan: Plan, started: dt.datetime, status: str, *, resumed: bool
    ) -> Report:
        report = Report(
            job=self._order.job, run=state.run, mode=self._order.mode,
            status="paused" if status == "paused" else "cancelled" if status == "cancelled" else "done",
            source=self._source.name, target=self._target.name, table=self._order.table,
            target_table=self._order.target_table, key=list(plan.task.key), guarantee_zh=self._source.guarantee_zh,
            guarantee_en=self._source.guarantee_en, schema_version=plan.version, schema_digest=plan.shape.digest,
            schema_changes=[str(change) for change in plan.changes], resumed=resumed, started=started,
            finished=dt.datetime.now(dt.UTC), rows=self._rows, rules=self._checks.failed, masks=dict(self._order.masks),
            quarantine=dict(self._quarantine.counted()), chunks=self._chunks,
        )  # fmt: skip
        report.conclude()
        return report


def _stood(state: JobState) -> Callable[[Span], bool]:
    """Which chunks a run that was cut off had written, wholly or in part."""
    if not state.number:
        return lambda _: False
    if state.reached is None:
        return lambda _: True
    upto = comparable(restored(state.reached))
    return lambda span: span.low is None or comparable(span.low) < upto


def _nothing(outcome: Outcome, form: str) -> list[Statement]:
    del outcome, form
    return []
