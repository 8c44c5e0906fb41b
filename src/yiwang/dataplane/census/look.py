"""Looks at one table: samples it, counts what the sample leaves open, and settles what each column is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from yiwang.dataplane.census.codes import is_coded
from yiwang.dataplane.census.draft import Remark, Subject
from yiwang.dataplane.census.errors import TableUnreadable
from yiwang.dataplane.census.identify import Identity, identified
from yiwang.dataplane.census.keys import Keys, keys_of
from yiwang.dataplane.census.marking import Graded, graded, subject_of
from yiwang.dataplane.census.naming import readings
from yiwang.dataplane.census.profile import Profile, profile
from yiwang.dataplane.census.source import Limits, Sample, Source, Table, Text
from yiwang.dataplane.census.terms import concepts
from yiwang.dataplane.census.values import evidence


@dataclass(frozen=True, repr=False)
class Seen:
    """A table with everything found about it, values included: only for the making of proposals."""

    source: Source
    department: str
    table: Table
    sample: Sample
    profiles: tuple[Profile, ...]
    identities: tuple[Identity, ...]
    grades: tuple[Graded, ...]
    subject: Subject
    keys: Keys
    entries: Mapping[str, Mapping[str, int]]
    remarks: tuple[Remark, ...] = ()

    def __repr__(self) -> str:
        return f"Seen({self.table.path})"

    @property
    def rows(self) -> int:
        """Rows of the table, as exactly as known; -1 for unknown."""
        measured = next((p.measure.rows for p in self.profiles if p.measure), None)
        if measured is not None:
            return measured
        return self.profiles[0].sampled if self.sample.whole else self.table.rows

    @property
    def rows_exact(self) -> bool:
        """Whether `rows` was counted."""
        return self.sample.whole or any(p.measure for p in self.profiles)

    def released(self, most: int) -> Seen:
        """What later comparisons between tables need: structure, and at most so many values of a column."""
        return replace(
            self,
            sample=Sample((), self.sample.whole),
            profiles=tuple(replace(p, values=p.values[:most], counts=None, looked=()) for p in self.profiles),
            entries={},
        )

    @property
    def values(self) -> int:
        """Values held of all columns together."""
        return sum(len(held.values) for held in self.profiles)


def look(source: Source, department: str, table: Table, limits: Limits, today: dt.date) -> Seen:
    """One table; a table whose data cannot be read is described by its structure alone."""
    remarks: list[Remark] = []
    sample = Sample((), whole=False)
    if table.columns:
        try:
            sample = source.sample(table, limits.rows)
        except TableUnreadable as why:
            remarks.append(Remark(why.code, table.path, Text(why.text("zh"), why.text("en"))))
    by_column = list(zip(*sample.rows, strict=True)) if sample.rows else [()] * len(table.columns)
    profiles = [profile(c, list(v), sample.whole) for c, v in zip(table.columns, by_column, strict=True)]
    identities = [_identity(held, today) for held in profiles]
    entries: dict[str, Mapping[str, int]] = {
        held.column.name: held.counts for held in profiles if sample.whole and held.counts is not None
    }
    if sample.rows and not sample.whole:
        try:
            profiles, entries = _counted(source, table, profiles, identities)
        except TableUnreadable as why:
            remarks.append(Remark(why.code, table.path, Text(why.text("zh"), why.text("en"))))
    keys = keys_of(table, profiles, identities, sample, "")
    subject = subject_of(table, identities, keys.columns)
    keys = keys_of(table, profiles, identities, sample, subject)
    grades = tuple(graded(identity, subject) for identity in identities)
    return Seen(
        source, department, table, sample, tuple(profiles), tuple(identities), grades, subject, keys, entries,
        tuple(remarks),
    )  # fmt: skip


def _identity(held: Profile, today: dt.date) -> Identity:
    return identified(held, readings(held.column.name, held.column.comment), evidence(held, today))


def _counted(
    source: Source, table: Table, profiles: Sequence[Profile], identities: Sequence[Identity]
) -> tuple[list[Profile], dict[str, Mapping[str, int]]]:
    """Asks the source about columns that may be a key or a code list by the sample."""
    declared = {key[0] for key in (table.primary, *table.unique) if len(key) == 1}
    may_be_key, may_be_coded = [], []
    for held, identity in zip(profiles, identities, strict=True):
        name = held.column.name
        concept = concepts().get(identity.concept)
        keyish = concept is not None and concept.sort in {"key", "code"}
        if table.kind in {"file", "sheet"} or (
            held.unique_in_sample and keyish and not table.primary and name not in declared
        ):
            may_be_key.append(name)
        if held.counts is not None and is_coded(held, identity):
            may_be_coded.append(name)
    measures = source.measure(table, may_be_key)
    counted = source.entries(table, may_be_coded)
    # a table too big to count: the sample must do; else a column not answered for has too many values
    entries = {
        held.column.name: counts
        for held in profiles
        if held.column.name in may_be_coded
        and (counts := held.counts if counted is None else counted.get(held.column.name)) is not None
    }
    kept = []
    for held in profiles:
        measured = measures.get(held.column.name)
        longest = max(held.longest, measured.longest) if measured else held.longest
        kept.append(replace(held, measure=measured, longest=longest))
    return kept, entries
