"""Folded changes into the target: judged, masked, written by key, read back, in the caller's transaction.

Of a source behind a grant with conditions on rows, a row that leaves the granted ones is deleted in the target, and the
target is told of no key that was never granted: the spool remembers which were.
"""

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
from yiwang.dataplane.transfer.granted import GrantedSource
from yiwang.dataplane.transfer.keeping import LiveQuarantine
from yiwang.dataplane.transfer.passage import Passage, Side
from yiwang.dataplane.transfer.prepared import comparable
from yiwang.dataplane.transfer.shape import Column, Key, Row, Value
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

    def __init__(
        self, passage: Passage, quarantine: LiveQuarantine, masked: frozenset[str], spool: Spool
    ) -> None:
        self._passage, self._quarantine, self._spool = passage, quarantine, spool
        self._names = tuple(column.name for column in passage.task.columns)
        source = passage.source
        self._granted = source if isinstance(source, GrantedSource) else None
        self._columns, self._log_names = passage.task.columns, dict[str, str]()
        if self._granted is not None:
            # behind the columns that travel, those that conditions ask about, under names that no field has
            rules = {f"\0{column}": column for column in self._granted.rule_columns}
            self._columns = (*self._columns, *(Column(name, "other") for name in rules))
            self._log_names = {**self._granted.names, **rules}
        self._narrow = len(self._columns) > len(self._names)
        self._masked = masked
        self._odd: set[Key] = set()

    def key(self, raw: Row) -> Key:
        """A key in its one form; one that no target can hold stays as it is."""
        try:
            return self._passage.key(raw)
        except BadValue:
            self._odd.add(raw)
            return raw

    def apply(self, number: int, transactions: Sequence[Transaction], run: int, piece: int) -> Applied:
        """Inside of a transaction of the target; `piece` rows are held in memory at once.

        What may not pass lies in quarantine when this returns.

        Raises: TransferUnlike, Refusal, ConnectorError, Garbled.
        """
        folder = Folder(self._columns, self._passage.task.key, self.key, self._log_names)
        done = Applied()
        for transaction in transactions:
            for data in self._spool.messages(transaction):
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
        if self._narrow:
            self._only_granted(folded)
        self._fill(folded)
        keys = sorted((key for key in folded.rows if key not in self._odd), key=comparable)
        order = [*keys, *(key for key in folded.rows if key in self._odd)]
        rows = {key: _values(folded.rows[key]) for key in order}
        held = passage.prepared([row for row in rows.values() if row is not None], run)
        if folded.emptied:
            passage.target.delete(passage.task.target_table, NOTHING)
            self._quarantine.empty()
        if self._narrow:  # before they commit: what may stand in the target must be known
            self._spool.remember(key for key in keys if folded.rows[key] is not None)
        side = passage.replace(number, run, keys, held)
        # kept before the rows commit: a cut between the two repeats the batch, and a row is kept once
        passed: dict[Key, Row | None] = {key: None for key, row in rows.items() if row is None}
        passed.update(zip(held.keys, held.sources, strict=True))
        self._quarantine.settle(passed)
        self._quarantine.put(held.bad, run)
        self._odd.clear()
        return side

    def _only_granted(self, folded: Folded) -> None:
        """Rows that are not granted are gone; a key that was never granted is left out."""
        drafts = {key: draft for key, draft in folded.rows.items() if draft is not None}
        shown = len(self._names)
        asked = {key: draft.values[shown:] for key, draft in drafts.items()}
        plain = {key: values for key, values in asked.items() if UNCHANGED not in values}
        rows = [[None if one is None else str(one) for one in values] for values in plain.values()]
        assert self._granted is not None
        admitted = dict(zip(plain, self._granted.admitted(rows), strict=True))
        self._granted.end_reading()
        # a large value that no change touched: the row as the source grants it now, or not at all
        unclear = [key for key in asked if key not in plain and key not in self._odd]
        present = self._at_source(unclear)
        for key, draft in drafts.items():
            if key in present:
                draft.values = list(present[key])
            elif admitted.get(key, False):
                draft.values = draft.values[:shown]
            else:
                folded.rows[key] = None
        known = self._spool.known([key for key in folded.rows if key not in self._odd])
        gone = {key: None for key, draft in folded.rows.items() if draft is None and key not in known}
        self._quarantine.settle(gone)
        for key in gone:
            del folded.rows[key]
        folded.inserted = sum(draft is not None and key not in known for key, draft in folded.rows.items())
        folded.deleted = sum(draft is None for draft in folded.rows.values())
        folded.updated = len(folded.rows) - folded.inserted - folded.deleted

    def _fill(self, folded: Folded) -> None:
        """Large values that no change touched: from quarantine, from the target, else as the source has them now.

        A row that the source has no more is left out: the log says so further on.
        """
        lacking = {key: draft for key, draft in folded.rows.items() if draft is not None and not draft.whole}
        if not lacking:
            return
        origins = [draft.origin for draft in lacking.values() if draft.origin not in self._odd]
        if self._narrow:
            known_origins = self._spool.known(origins)
            origins = [key for key in origins if key in known_origins]
        standing = self._passage.standing([] if folded.emptied else origins)
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
