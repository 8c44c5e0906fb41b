"""Folded changes into the target: judged, masked, written by key, read back, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from yiwang.dataplane.transfer.capture.folding import Draft, Folded, Folder
from yiwang.dataplane.transfer.capture.pgoutput import (
    UNCHANGED,
    Absent,
    Delete,
    Insert,
    Relation,
    Truncate,
    Update,
    decode,
)
from yiwang.dataplane.transfer.capture.spool import Spool, Transaction
from yiwang.dataplane.transfer.database import NOTHING
from yiwang.dataplane.transfer.keeping import LiveQuarantine
from yiwang.dataplane.transfer.passage import Passage, Side, comparable
from yiwang.dataplane.transfer.shape import Key, Row, Value
from yiwang.dataplane.transfer.values import BadValue


@dataclass(slots=True)
class Applied:
    """What was done, and the digests of what was read back."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    digest: str = ""

    @property
    def changes(self) -> int:
        """All of them."""
        return self.inserted + self.updated + self.deleted

    def count(self, folded: Folded, side: Side) -> None:
        """One more piece."""
        self.inserted += folded.inserted
        self.updated += folded.updated
        self.deleted += folded.deleted
        self.digest += side.digest


class Applier:
    """Changes of one table on one passage."""

    def __init__(self, passage: Passage, quarantine: LiveQuarantine, masked: frozenset[str]) -> None:
        self._passage, self._quarantine = passage, quarantine
        self._names = tuple(column.name for column in passage.task.columns)
        self._masked = masked
        self._odd: set[Key] = set()

    def key(self, raw: Row) -> Key:
        """A key in its one form; one that no target can hold stays as it is."""
        try:
            return self._passage.key(raw)
        except BadValue:
            self._odd.add(raw)
            return raw

    def apply(
        self, number: int, spool: Spool, transactions: Sequence[Transaction], run: int, piece: int
    ) -> Applied:
        """Inside of a transaction of the target; `piece` rows are held in memory at once.

        What may not pass lies in quarantine when this returns.

        Raises: TransferUnlike, Refusal, ConnectorError, Garbled.
        """
        task = self._passage.task
        folder, done = Folder(task.columns, task.key, self.key), Applied()
        for transaction in transactions:
            for data in spool.messages(transaction):
                message = decode(data)
                if isinstance(message, Relation):
                    folder.describe(message)
                elif isinstance(message, Insert | Update | Delete | Truncate):
                    folder.add(message)
                if len(folder) >= piece:
                    folded = folder.taken()
                    done.count(folded, self._written(number, folded, run))
        folded = folder.taken()
        done.count(folded, self._written(number, folded, run))
        return done

    def _written(self, number: int, folded: Folded, run: int) -> Side:
        passage = self._passage
        self._fill(folded)
        keys = sorted((key for key in folded.rows if key not in self._odd), key=comparable)
        order = [*keys, *(key for key in folded.rows if key in self._odd)]
        rows = {key: _values(folded.rows[key]) for key in order}
        held = passage.prepared([row for row in rows.values() if row is not None], run)
        if folded.emptied:
            passage.target.delete(passage.task.target_table, NOTHING)
            self._quarantine.empty()
        side = passage.replace(number, keys, held)
        bad = {row.key for row in held.bad}
        # kept before the rows commit: a cut between the two repeats the batch, and a row is kept once
        self._quarantine.settle({key: row for key, row in rows.items() if key not in bad})
        self._quarantine.put(held.bad, run)
        self._odd.clear()
        return side

    def _fill(self, folded: Folded) -> None:
        """Large values that no change touched: from quarantine, from the target, else as the source has them now.

        A row that the source has no more is left out: the log says so further on.
        """
        lacking = {key: draft for key, draft in folded.rows.items() if draft is not None and not draft.whole}
        if not lacking:
            return
        standing = self._passage.standing(
            []
            if folded.emptied
            else [draft.origin for draft in lacking.values() if draft.origin not in self._odd]
        )
        for draft in lacking.values():
            known = self._quarantine.found(draft.origin)
            stands = standing.get(draft.origin)
            for at, name in enumerate(self._names):
                if draft.values[at] is not UNCHANGED:
                    continue
                if known is not None and name in known:
                    draft.values[at] = known[name]
                elif stands is not None and name not in self._masked:
                    draft.values[at] = self._passage.as_natural(at, stands[at])
        asked = [key for key, draft in lacking.items() if not draft.whole and key not in self._odd]
        present = self._at_source(asked)
        for key in [key for key, draft in lacking.items() if not draft.whole]:
            now = present.get(key)
            draft = lacking[key]
            if now is None:
                folded.rows[key] = None
            else:
                draft.values = [b if a is UNCHANGED else a for a, b in zip(draft.values, now, strict=True)]

    def _at_source(self, keys: list[Key]) -> dict[Key, Row]:
        if not keys:
            return {}
        task, source = self._passage.task, self._passage.source
        at = [self._names.index(name) for name in task.key]
        try:
            found = source.rows_by_key(
                task.table, task.columns, task.source_key, sorted(keys, key=comparable)
            )
            return {self._passage.key(tuple(row[place] for place in at)): row for row in found}
        finally:
            source.end_reading()


def _values(draft: Draft | None) -> tuple[Value, ...] | None:
    if draft is None:
        return None
    values: list[Value | Absent] = draft.values
    return tuple(values)
