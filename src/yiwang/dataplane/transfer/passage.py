"""The way of rows from a source to a target: read, judge, mask, write, read back, compare, commit."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from yiwang.dataplane.transfer.checkpoint import Statement, run_all
from yiwang.dataplane.transfer.checks import Checks
from yiwang.dataplane.transfer.database import NOTHING, Condition, Database, Window
from yiwang.dataplane.transfer.errors import TransferUnlike
from yiwang.dataplane.transfer.keeping import Quarantine
from yiwang.dataplane.transfer.prepared import Prepared, comparable
from yiwang.dataplane.transfer.shape import BadRow, Column, Key, Row, Span, Value, told
from yiwang.dataplane.transfer.values import BadValue, Coercer, canonical, coercers, written


@dataclass(frozen=True)
class Task:
    """Which columns of which table go where. `columns` and `targets` stand side by side; the key's names are the same."""

    table: str
    target_table: str
    columns: tuple[Column, ...]
    targets: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def source_key(self) -> tuple[Column, ...]:
        """Columns of the key at the source."""
        held = {column.name: column for column in self.columns}
        return tuple(held[name] for name in self.key)

    @property
    def target_key(self) -> tuple[Column, ...]:
        """Columns of the key at the target."""
        held = {column.name: column for column in self.targets}
        return tuple(held[name] for name in self.key)


@dataclass(frozen=True, slots=True)
class Side:
    """Rows of a span on one side, and their digest in the order of the key."""

    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class Compared:
    """Both sides of a span; `bad` rows of the source may not pass and are not in its digest."""

    source: Side
    target: Side
    bad: int

    @property
    def equal(self) -> bool:
        """Whether nothing is missing, too much or different."""
        return self.source == self.target


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done with a span."""

    side: Side
    bad: int
    inserted: int = 0
    updated: int = 0
    deleted: int = 0


Saving = Callable[[Outcome, str], list[Statement]]
"""The checkpoint of an outcome, given the form of its digest."""


class Passage:
    """By rows in this process: between any two databases."""

    form: ClassVar[str] = "rows-1"

    def __init__(
        self, source: Database, target: Database, task: Task, checks: Checks, quarantine: Quarantine
    ) -> None:
        self.source, self.target, self.task = source, target, task
        self._checks, self._quarantine = checks, quarantine
        nul = target.holds_nul
        self._naturals = coercers(task.columns, nul=nul)
        self._finals: list[Coercer | None] = [
            None if told(a) == told(b) and (b.nullable or not a.nullable) else one
            for a, b, one in zip(task.columns, task.targets, coercers(task.targets, nul=nul), strict=True)
        ]
        self._masks = [checks.mask(column.name) for column in task.columns]
        self._as_held = coercers(task.targets, nul=True)
        names = [column.name for column in task.columns]
        self._key_at = [names.index(name) for name in task.key]

    def close(self) -> None:
        """Nothing of its own is open."""

    def expect(self, span: Span) -> None:
        """The next span, for a passage that can work ahead."""

    def bound(self, low: Key | None, window: Window | None, size: int) -> Key | None:
        """The key of the `size`-th row after `low`; None when there are fewer."""
        raw = self.source.bound(self.task.table, self.task.source_key, low, window, size)
        return None if raw is None else self.key(raw)

    def key(self, raw: Key) -> Key:
        """A key as a driver gave it, in the one form of its kind. Raises: BadValue."""
        return tuple(self._naturals[at](value) for at, value in zip(self._key_at, raw, strict=True))

    def transfer(self, number: int, run: int, span: Span, window: Window | None, saving: Saving) -> Outcome:
        """Make the target's span equal to the source's, in one transaction with the checkpoint.

        Within a window of the cursor rows are put in by key and nothing else is touched.

        Raises: TransferUnlike, Refusal, ConnectorError.
        """
        held = self.prepared(self._read(span, window), run)
        with self.target.transaction():
            if window is None:
                deleted = self.target.delete(
                    self.task.target_table, self.target.within(self.task.target_key, span)
                )
            else:
                keys = [*held.keys, *(row.key for row in held.bad if _whole(row.key))]
                deleted = self.target.delete_keys(self.task.target_table, self.task.target_key, keys)
            self._insert(held, run)
            wanted = _side(map(canonical, held.rows))
            stands = self._stands(span, None if window is None else held.keys)
            if wanted != stands:
                raise TransferUnlike(table=self.task.table, number=number)
            # kept before the rows commit: a cut between the two repeats the chunk, and a row is kept once
            self._quarantine.put(held.bad, run)
            outcome = Outcome(wanted, len(held.bad), inserted=len(held.rows), deleted=deleted)
            run_all(self.target, saving(outcome, self.form))
        return outcome

    def compare(self, span: Span, run: int, window: Window | None = None) -> Compared:
        """Read both sides and digest them; of a window, the rows of the target under the same keys."""
        held = self.prepared(self._read(span, window), run)
        self._quarantine.put(held.bad, run)
        keys = None
        if window is not None:  # rows that may not pass must not stand either
            bad = (row.key for row in held.bad if _whole(row.key))
            keys = sorted([*held.keys, *bad], key=comparable)
        return Compared(_side(map(canonical, held.rows)), self._stands(span, keys), len(held.bad))

    def mend(self, number: int, run: int, span: Span, saving: Saving) -> Outcome:
        """Write the rows that differ, and delete those that the source has not, in one transaction.

        Raises: TransferUnlike, Refusal, ConnectorError.
        """
        held = self.prepared(self._read(span, None), run)
        with self.target.transaction():
            missing, other, extra = self._differences(held, span)
            self.target.delete_keys(
                self.task.target_table, self.task.target_key, [*(held.keys[at] for at in other), *extra]
            )
            before = {held.keys[at]: row for at, row in other.items()}
            fresh = {held.keys[at] for at in missing}
            self._insert(held, run, sorted([*missing, *other]))
            wanted = _side(map(canonical, held.rows))
            if wanted != self._stands(span, None):
                raise TransferUnlike(table=self.task.table, number=number)
            self._quarantine.put(held.bad, run)
            now = {key: row for key, row in zip(held.keys, held.rows, strict=True) if key in before}
            updated = sum(canonical(row) != before[key] for key, row in now.items())
            deleted = len(extra) + len(before) - len(now)
            outcome = Outcome(wanted, len(held.bad), sum(key in fresh for key in held.keys), updated, deleted)
            run_all(self.target, saving(outcome, self.form))
        return outcome

    def put(self, rows: Iterable[Row], run: int) -> Prepared:
        """Write single rows of the source's form by key, such as mended ones; what may not pass comes back as bad."""
        held = self.prepared(rows, run)
        with self.target.transaction():
            self.target.delete_keys(self.task.target_table, self.task.target_key, held.keys)
            self._insert(held, None)
        return held

    def replace(self, number: int, run: int, keys: Sequence[Key], held: Prepared) -> Side:
        """Inside of a transaction: of these keys, which are in order, the target holds these rows and no others.

        Raises: TransferUnlike, Refusal, ConnectorError.
        """
        self.target.delete_keys(self.task.target_table, self.task.target_key, keys)
        self._insert(held, run)
        wanted = _side(map(canonical, held.rows))
        if wanted != self._stands(Span(), keys):
            raise TransferUnlike(table=self.task.table, number=number)
        return wanted

    def standing(self, keys: Sequence[Key]) -> dict[Key, Row]:
        """Rows of the target by key, as it holds them."""
        return dict(self._standing(Span(), sorted(keys, key=comparable)))

    def keeps(self, key: Key, raw: Row) -> bool:
        """Whether a row of the source's form has this key, or one of no form at all."""
        try:
            return self.key(self._key_of(raw)) == key
        except BadValue:
            return True

    def as_natural(self, at: int, value: Value) -> Value:
        """A value of the target's column at this place, as the source's column holds it. Raises: BadValue."""
        return self._naturals[at](value)

    def prepared(self, rows: Iterable[Row], run: int) -> Prepared:
        """Rows as the target will hold them, and those that may not pass."""
        naturals: list[Row] = []
        held, told_bad = Prepared(), list[BadRow]()
        for raw in rows:
            try:
                naturals.append(tuple(one(value) for one, value in zip(self._naturals, raw, strict=True)))
            except BadValue:
                told_bad.append(self.bad(raw, self._reasons(self._naturals, raw)))
        judged = self._checks.judged(self.task.columns, naturals)
        for at, natural in enumerate(naturals):
            reasons = judged.get(at)
            try:
                if reasons is None:
                    held.add(self._final(natural), self._key_of(natural), natural)
                    continue
            except BadValue:
                reasons = self._final_reasons(natural)
            told_bad.append(self.bad(natural, reasons))
        self._settle(held, told_bad, run)
        return held

    def _settle(self, held: Prepared, bad: Iterable[BadRow], run: int) -> None:
        """Bad rows that a person has mended go on as mended, in their place; the others stay bad."""
        added = False
        for row in bad:
            mended = self._mended(row, run)
            if mended is None:
                held.bad.append(row)
            else:
                held.add(mended, row.key, tuple(row.values.values()))
                added = True
        if added:
            held.sort()

    def _mended(self, row: BadRow, run: int) -> Row | None:
        """The row as a person mended it and the target will hold it; None where nobody did, or it may not pass so."""
        mended = self._quarantine.mended(row, run)
        if mended is None:
            return None
        try:
            natural = tuple(
                one(mended[column.name])
                for one, column in zip(self._naturals, self.task.columns, strict=True)
            )
            # under another key it would stand among other rows than those that are compared
            wrong = self._key_of(natural) != row.key
            wrong = wrong or bool(self._checks.judged(self.task.columns, [natural], count=False))
            return None if wrong else self._final(natural)
        except BadValue:
            return None

    def _key_of(self, row: Row) -> Key:
        return tuple(row[place] for place in self._key_at)

    def _read(self, span: Span, window: Window | None) -> Iterator[Row]:
        condition = self.source.within(self.task.source_key, span) & self.source.moved(window)
        if window is None:
            condition = condition & self.source.near(self.task.table, self.task.source_key, span)
        return self.source.rows(self.task.table, self.task.columns, self.task.source_key, condition)

    def _insert(self, held: Prepared, run: int | None, places: Sequence[int] | None = None) -> None:
        """Write the rows, or those at these places. One that the target refuses goes in as a person mended it, or is bad.

        Without a run, what a person made of a row is not looked for.
        """
        asked = range(len(held.rows)) if places is None else places
        refused = {asked[at]: why for at, why in self._isolated([held.rows[at] for at in asked]).items()}
        if not refused:
            return
        bad = self._refused(held, refused)
        if run is None:
            held.bad += bad
            return
        mended = Prepared()
        self._settle(mended, bad, run)
        held.bad += mended.bad
        held.bad += self._refused(mended, self._isolated(mended.rows))
        held.join(mended)

    def _refused(self, held: Prepared, refused: Mapping[int, str]) -> list[BadRow]:
        """Take them out; they are bad as the source holds them."""
        bad = [self.bad(held.sources[at], (f"target:{refused[at]}",)) for at in sorted(refused)]
        held.without(refused)
        return bad

    def _isolated(self, rows: Sequence[Row]) -> dict[int, str]:
        """Write them; gives by place why the target refuses one. Raises: Refusal."""
        refused: dict[int, str] = {}
        self.target.insert_isolating(self.task.target_table, self.task.targets, rows, refused.__setitem__)
        return refused

    def _stands(self, span: Span, keys: Sequence[Key] | None) -> Side:
        """What the target holds."""
        return _side(canonical(row) for _, row in self._standing(span, keys))

    def _standing(self, span: Span, keys: Sequence[Key] | None) -> Iterator[tuple[Key, Row]]:
        task = self.task
        if keys is None:
            condition: Condition = self.target.within(task.target_key, span) if span != Span() else NOTHING
            rows = self.target.rows(task.target_table, task.targets, task.target_key, condition)
        else:
            rows = self.target.rows_by_key(task.target_table, task.targets, task.target_key, keys)
        for raw in rows:
            try:
                row = tuple(one(value) for one, value in zip(self._as_held, raw, strict=True))
            except BadValue:  # nothing that we would have written
                row = tuple(None if value is None else str(value) for value in raw)
            yield tuple(row[at] for at in self._key_at), row

    def _differences(self, held: Prepared, span: Span) -> tuple[list[int], dict[int, bytes], list[Key]]:
        """Places of rows that the target lacks, of those that it holds otherwise, and how; keys that it holds too much.

        All are in order.
        """
        missing, extra, other = [], [], {}
        at = 0
        for key, row in self._standing(span, None):
            place = comparable(key)
            while at < len(held.keys) and comparable(held.keys[at]) < place:
                missing.append(at)
                at += 1
            if at < len(held.keys) and held.keys[at] == key:
                stands = canonical(row)
                if canonical(held.rows[at]) != stands:
                    other[at] = stands
                at += 1
            else:
                extra.append(key)
        return [*missing, *range(at, len(held.keys))], other, extra

    def _final(self, natural: Row) -> Row:
        found = []
        for value, mask, one in zip(natural, self._masks, self._finals, strict=True):
            if mask is not None and value is not None:
                value = mask(value if isinstance(value, str) else written(value))  # noqa: PLW2901
            found.append(value if one is None else one(value))
        return tuple(found)

    def bad(self, raw: Row, reasons: Sequence[str]) -> BadRow:
        """The row in the one form of its kinds, however it was read; a value that has none stays as it is."""
        row = (_plain(one, value) for one, value in zip(self._naturals, raw, strict=True))
        values = dict(zip((column.name for column in self.task.columns), row, strict=True))
        try:
            key = self.key(self._key_of(raw))
        except BadValue:
            key = self._key_of(raw)
        return BadRow(key, values, tuple(reasons))

    def _reasons(self, converters: Sequence[Coercer], raw: Row) -> list[str]:
        found = []
        for column, one, value in zip(self.task.columns, converters, raw, strict=True):
            try:
                one(value)
            except BadValue as why:
                found.append(f"{column.name}:{why}")
        return found

    def _final_reasons(self, natural: Row) -> list[str]:
        none: list[Coercer] = [one or (lambda value: value) for one in self._finals]
        return self._reasons(none, natural)


def _plain(one: Coercer, value: Value) -> Value:
    try:
        return one(value)
    except BadValue:
        return value


def _whole(key: Key) -> bool:
    return all(part is not None for part in key)


def _side(rows: Iterable[bytes]) -> Side:
    digest, count = hashlib.sha256(), 0
    for row in rows:
        digest.update(row)
        count += 1
    return Side(count, digest.hexdigest())
