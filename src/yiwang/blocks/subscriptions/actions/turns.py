"""One turn at a feed's source: from its log where that can be had, else by looking at its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Final

import msgspec

from yiwang.blocks.exchange.public import SYSTEM
from yiwang.blocks.identity.public import acting
from yiwang.blocks.subscriptions.domain.events import Reason, RowChange
from yiwang.blocks.subscriptions.domain.watching import Watching
from yiwang.blocks.subscriptions.domain.wire import Row as Values
from yiwang.blocks.subscriptions.store.events import Writer
from yiwang.blocks.subscriptions.store.models import Feed
from yiwang.dataplane.changes.errors import KeyRepeated
from yiwang.dataplane.changes.logged import Log, check, columns_of
from yiwang.dataplane.changes.looking import Look, looking
from yiwang.dataplane.changes.watched import Piece, Texts
from yiwang.dataplane.connectors.errors import ConnectorError
from yiwang.dataplane.connectors.places import DatabasePlace
from yiwang.dataplane.transfer.capture.errors import CaptureGarbled
from yiwang.dataplane.transfer.capture.pgoutput import Garbled
from yiwang.dataplane.transfer.capture.preparing import slot_name
from yiwang.dataplane.transfer.capture.slot import Slot
from yiwang.dataplane.transfer.capture.visibility import Snapshot
from yiwang.dataplane.transfer.errors import TransferError

LOG_TURN: Final = timedelta(seconds=1)
CURSOR_TURN: Final = timedelta(seconds=10)
COMPARE_TURN: Final = timedelta(seconds=60)
COMPARE_SHARE: Final = 10
"""A comparison that takes a minute is made every ten."""


@contextmanager
def locked(feed: Feed) -> Iterator[Feed | None]:
    """The feed's row until the context ends; None where somebody else took the turn meanwhile."""
    with acting(SYSTEM):
        yield Feed.objects.select_for_update().filter(pk=feed.pk, turn=feed.turn).first()


def let_go(place: DatabasePlace, name: str) -> None:
    """Take slot and publication away from a source. Raises: TransferError, ConnectorError."""
    with Slot.opened(place) as slot:
        slot.drop(name)
        slot.retract(name)


class Turn:
    """A turn of a feed whose source is there."""

    def __init__(
        self, feed: Feed, watching: Watching, place: DatabasePlace, clock: Callable[[], datetime]
    ) -> None:
        self._feed, self._watching, self._place, self._clock = feed, watching, place, clock

    def by_log(self) -> None:
        """What the log has since the last turn; all rows, where it does not join. Raises: TransferError, ConnectorError."""
        with Slot.opened(self._place) as slot:
            gap = self._gap(slot)
            if gap is None:
                self._take(slot)
            else:
                self._begin(slot, gap)

    def by_look(self) -> None:
        """All rows, or those whose cursor has grown. Raises: TransferError, ConnectorError."""
        feed, watched, begun = self._feed, self._watching.watched, self._clock()
        if feed.lsn:
            let_go(self._place, feed.slot)
        cursor = feed.cursor_field if feed.wish == "cursor" and feed.cursor_field in watched.columns else ""
        joins = feed.state == "live" and feed.way == "cursor" and not self._reason()
        after = feed.cursor_value if cursor and joins else ""
        with looking(self._place, watched, cursor=cursor, after=after) as look, locked(feed) as row:
            if row is None:
                return
            if after:
                self._hold(row, look, whole=False)
            else:
                self._base(row, look, self._reason())
            row.way, row.cursor_value, row.lsn = "cursor" if cursor else "compare", look.cursor, 0
            span = max(COMPARE_TURN, (self._clock() - begun) * COMPARE_SHARE)
            self._done(row, CURSOR_TURN if after else span)

    def _gap(self, slot: Slot) -> Reason | None:
        """Why all rows must be read before the log; None where it joins what is held."""
        feed = self._feed
        if feed.state != "live" or feed.way != "log":
            return ""
        if reason := self._reason():
            return reason
        standing = slot.standing(feed.slot)
        if standing.state != "ready" or feed.lsn < standing.confirmed:
            return "slot-lost"
        if not slot.published(feed.slot, self._watching.watched.table):
            return "table-replaced"
        if standing.confirmed < feed.lsn:  # cut off between our commit and this
            slot.advance(feed.slot, feed.lsn)
        return None

    def _reason(self) -> Reason:
        """Why what is held does not fit what is read now."""
        feed, watching = self._feed, self._watching
        if feed.state != "live":
            return ""
        if feed.table != watching.watched.table or feed.version != watching.version:
            return "schema"
        return "fields" if set(watching.watched.columns) - set(feed.fields) else ""

    def _begin(self, slot: Slot, gap: Reason) -> None:
        """A slot first, then all rows in one snapshot that is younger, so that nothing lies between."""
        feed, watched = self._feed, self._watching.watched
        check(slot, watched)
        # known before it is made: a cut must not leave a slot at the source that nobody knows of
        with locked(feed) as row:
            if row is None:
                return
            row.slot, row.lsn = feed.slot or slot_name(feed.tag), 1
            row.save(update_fields=["slot", "lsn"])
            feed.slot, feed.lsn = row.slot, row.lsn
        try:
            if slot.standing(feed.slot).state != "missing":
                slot.drop(feed.slot)
            slot.publish(feed.slot, watched.table, columns_of(watched))
            lsn = slot.create(feed.slot)
            with looking(self._place, watched) as look, locked(feed) as row:
                if row is None:
                    return
                self._base(row, look, gap)
                row.way, row.lsn, row.snapshot = "log", lsn, f"{slot.written()} {look.snapshot}"
                row.why, row.why_facts = "", {}
                self._done(row, LOG_TURN)
        except (TransferError, ConnectorError):
            with suppress(TransferError, ConnectorError):
                slot.drop(feed.slot)
            raise

    def _take(self, slot: Slot) -> None:
        upto = slot.top()
        with locked(self._feed) as row:
            if row is None:
                return
            log = Log(slot, row.slot, self._watching.watched)
            until, _, text = row.snapshot.partition(" ")
            held = Snapshot.parse(text) if text else None
            writer, reached = Writer(row, self._clock()), row.lsn
            for piece in log.pieces(row.lsn, upto):
                if held is None or not held.holds(piece.xid):
                    self._write(writer, piece)
                reached = piece.end or reached
            row.lsn = max(reached, upto) if log.whole else reached
            if text and row.lsn > int(until):
                row.snapshot = ""  # every transaction that it held has been passed
            self._done(row, LOG_TURN if log.whole else timedelta(0))
        slot.advance(row.slot, row.lsn)

    def _write(self, writer: Writer, piece: Piece) -> None:
        waiting: list[RowChange] = []
        try:
            for change in piece.changes:
                if change.kind == "truncate":
                    writer.changes(waiting, piece.at)
                    waiting = []
                    writer.emptied(piece.at)
                else:
                    waiting.append(self._watching.change(change))
        except Garbled:
            raise CaptureGarbled(place=str(self._place)) from None
        writer.changes(waiting, piece.at)

    def _base(self, row: Feed, look: Look, reason: Reason) -> None:
        """Compare the whole table with what is held, and hold it. Raises: KeyRepeated."""
        row.version, row.table = self._watching.version, self._watching.watched.table
        if row.state == "live" and reason:
            Writer(row, self._clock()).resync(reason)
        self._hold(row, look, whole=True)
        row.fields, row.state = list(self._watching.watched.columns), "live"

    def _hold(self, row: Feed, look: Look, *, whole: bool) -> None:
        fields, before = set(self._watching.watched.columns), set(msgspec.convert(row.fields, list[str]))
        done = Writer(row, self._clock()).look(
            self._keyed(look.rows), whole=whole, quiet=row.state != "live", fresh=sorted(fields - before),
            stale=sorted(before - fields),
        )  # fmt: skip
        if not done:
            raise self._repeated()

    def _keyed(self, texts: Iterator[Texts]) -> Iterator[tuple[str, Values]]:
        for row in texts:
            key, values = self._watching.row(row)
            if key is None:
                raise self._repeated()
            yield key, values

    def _repeated(self) -> KeyRepeated:
        watched = self._watching.watched
        return KeyRepeated(table=watched.table, key="、".join(watched.key))

    def _done(self, row: Feed, span: timedelta) -> None:
        now = self._clock()
        row.turn, row.seen_at, row.due_at = row.turn + 1, now, now + span
        row.failures, row.error_code, row.error_facts = 0, "", {}
        row.save()
