"""The same datum held by several tables: candidates for one source (一数一源).

Two columns hold the same datum when they mean the same and their rows are about the same things: persons by resident
id, organisations by credit code, or whatever key the tables share. Values of different sources are only compared
as salted marks in memory, and only where both tables were read whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from yiwang.dataplane.census.draft import Candidate, Holder, Item, Resource
from yiwang.dataplane.census.look import Seen
from yiwang.dataplane.census.references import together
from yiwang.dataplane.census.source import Asked, Text
from yiwang.dataplane.census.terms import census_table, concepts

_ASKED: Final = 50
_LEAST_SHARED: Final = 0.01
_KEYS: Final = (
    "resident_id",
    "uscc",
    "org_code",
    "student_no",
    "parcel_no",
    "vin",
    "plate",
    "division_code",
    "household_no",
)
_NOT_DATA: Final = frozenset({
    "", "serial", "remark", "update_time", "datetime", "flag", "mod", "info", "text", "number", "count", "attachment",
    "url", "tag", "person_mod", "org", "year", "month", "quarter", "employee_no",
})  # fmt: skip
_BY_CONCEPT: Final = frozenset({
    "resident_id", "uscc", "sex", "ethnic", "birth_date", "marital", "education", "political", "household_no", "mobile",
    "org_code", "social_security_no", "disability", "religion", "blood_type", "industry",
})  # fmt: skip
"""Concepts that are the same datum whatever the column is called; others must also have the same title."""


@dataclass(frozen=True)
class Holding:
    """A datum in a table, told by what it is and whom it is about, without a value: departments are compared by it."""

    department: str
    source: str
    table: str
    resource: str
    column: str
    title: str
    concept: str
    about: str
    datum: str
    key: bool
    filled: float
    rows: int
    is_view: bool


@dataclass(frozen=True)
class _Held:
    seen: Seen
    resource: Resource
    at: int

    @property
    def is_view(self) -> bool:
        return self.seen.table.kind == "view"


def candidates_of(pairs: Sequence[tuple[Seen, Resource]]) -> tuple[Candidate, ...]:
    """Groups of at least two tables, most certain first."""
    groups: dict[tuple[str, str], list[_Held]] = defaultdict(list)
    for seen, resource in pairs:
        about = _about(resource)
        if not about:
            continue
        for at, item in enumerate(resource.items):
            if (
                item.concept in _NOT_DATA
                or item.title_confidence < 0.5
                or (item.references and item.concept != about)
            ):
                continue
            owner = seen.identities[at].owner
            if item.concept in {"resident_id", "uscc"} and item.concept != about:
                continue  # 法定代表人的身份号码: not what the rows are about
            datum = (
                item.concept
                if item.concept in _BY_CONCEPT and owner != "person"
                else item.title.removesuffix("代码")
            )
            groups[about, datum].append(_Held(seen, resource, at))
    made = []
    for (about, _), held in groups.items():
        first = list({id(one.resource): one for one in held}.values())
        if len(first) > 1 and not all(one.is_view for one in first[1:]):
            candidate = _candidate(about, first)
            if candidate is not None:
                made.append(candidate)
    return tuple(sorted(made, key=lambda c: (-c.confidence, c.about, c.datum)))


def holdings_of(resource: Resource) -> tuple[Holding, ...]:
    """The data of a table that could be another department's too; none where its rows have no common identity."""
    about = _about(resource)
    if not about:
        return ()
    return tuple(
        _holding(resource, item, about)
        for item in resource.items
        if item.concept not in _NOT_DATA
        and item.title_confidence >= 0.5
        and not (item.references and item.concept != about)
        and not (item.concept in {"resident_id", "uscc"} and item.concept != about)
    )


def _holding(resource: Resource, item: Item, about: str) -> Holding:
    datum = item.concept if item.concept in _BY_CONCEPT else item.title.removesuffix("代码")
    return Holding(
        resource.department, resource.source, resource.table, resource.title, item.column, item.title,
        item.concept, about, datum, item.key, item.filled, resource.rows, resource.kind == "view",
    )  # fmt: skip


def across(holdings: Sequence[Holding]) -> tuple[Candidate, ...]:
    """Data that at least two departments hold, by scans of each; nothing of their values was compared."""
    groups: dict[tuple[str, str], dict[tuple[str, str, str], Holding]] = defaultdict(dict)
    for one in holdings:
        groups[one.about, one.datum].setdefault((one.department, one.source, one.table), one)
    made = []
    for (about, _), by_place in groups.items():
        held = sorted(by_place.values(), key=lambda one: (one.department, one.source, one.table))
        departments = {one.department for one in held}
        if len(departments) < 2:
            continue
        best, why = _proposed(held)
        thing = concepts()[about]
        reason = Text(
            f"{len(departments)} 个部门的 {len(held)} 张表都以{thing.zh}区分对象，都有“{held[0].title}”",
            f"{len(held)} tables of {len(departments)} departments tell their rows apart by {thing.en} and hold"
            f" “{held[0].title}”",
        )
        holders = tuple(
            Holder(one.department, one.source, one.table, one.column, one.title, one.rows) for one in held
        )
        made.append(Candidate(held[0].title, thing.zh, holders, best, why, 0.7, reason))
    return tuple(sorted(made, key=lambda c: (-len(c.holders), c.about, c.datum)))


def _about(resource: Resource) -> str:
    """The concept that says which thing a row is about: the best identity that the table has as its own."""
    own = {item.concept for item in resource.items if item.concept in _KEYS and item.unique}
    keyed = [item.concept for item in resource.items if item.key and item.concept in _KEYS]
    if keyed:
        return keyed[0]
    held = {item.concept for item in resource.items}
    if resource.subject == "person" and "resident_id" in held:
        return "resident_id"
    if resource.subject == "organisation" and "uscc" in held:
        return "uscc"
    return next((concept for concept in _KEYS if concept in own), "")


def _candidate(about: str, held: list[_Held]) -> Candidate | None:
    items = [one.resource.items[one.at] for one in held]
    best, why = _proposed(
        [_holding(one.resource, item, about) for one, item in zip(held, items, strict=True)]
    )
    departments = {one.resource.department or one.resource.source for one in held}
    shared = _overlap(about, held)
    if shared is not None and shared < _LEAST_SHARED:
        return None  # the same words about different things
    sure = 0.55 + (0.15 if len(departments) > 1 else 0.0) + (0.2 * shared if shared is not None else 0.0)
    reason = Text(
        f"{len(held)} 张表都以{concepts()[about].zh}区分对象，都有“{items[0].title}”",
        f"{len(held)} tables tell their rows apart by {concepts()[about].en} and all hold “{items[0].title}”",
    )
    if shared is not None:
        reason += Text(f"对象重合 {shared:.0%}", f"{shared:.0%} of them are the same")
    holders = tuple(
        Holder(
            one.resource.department,
            one.resource.source,
            one.resource.table,
            item.column,
            item.title,
            one.resource.rows,
        )
        for one, item in zip(held, items, strict=True)
    )
    return Candidate(
        items[0].title, concepts()[about].zh, holders, best, why, round(min(sure, 0.95), 2), reason
    )


def _overlap(about: str, held: list[_Held]) -> float | None:
    """Share of things that the first two tables have in common, where it can be told without values travelling."""
    one, other = held[:2]
    here, there = _place(about, one), _place(about, other)
    if here is None or there is None:
        return None
    if together(one.seen, other.seen):
        answers = [
            _found(one.seen, here, other.seen, there),
            _found(other.seen, there, one.seen, here),
        ]
        known = [answer for answer in answers if answer is not None]
        return max(known) if known else None
    if not (one.seen.sample.whole and other.seen.sample.whole):
        return None
    marks = [
        {hash(value) for value in at.values} for at in (one.seen.profiles[here], other.seen.profiles[there])
    ]
    return len(marks[0] & marks[1]) / max(1, min(len(marks[0]), len(marks[1])))


def _place(about: str, held: _Held) -> int | None:
    return next((at for at, item in enumerate(held.resource.items) if item.concept == about), None)


def _found(seen: Seen, column: int, other: Seen, there: int) -> float | None:
    values = seen.profiles[column].values[:_ASKED]
    count = other.source.found([Asked(other.table, other.table.columns[there].name, values)])[0]
    return None if count is None or not values else count / len(values)


def _proposed(held: Sequence[Holding]) -> tuple[int, Text]:
    """Which holder should be the source: whom the law names, else where it is the key, else where most rows are filled."""
    known = _holders().get(held[0].concept)
    named = [
        at
        for at, one in enumerate(held)
        if known
        and not one.is_view
        and any(word in f"{one.department} {one.resource} {one.source} {one.table}" for word in known[0])
    ]
    ranked = [
        (not held[at].is_view, held[at].key, held[at].filled * max(held[at].rows, 0), -at)
        for at in named or range(len(held))
    ]
    why = known[1] if known and named else Text("记录最多、填得最全", "it has the most rows with a value")
    return -max(ranked)[3], why


@cache
def _holders() -> Mapping[str, tuple[tuple[str, ...], Text]]:
    table = census_table("holders.csv", "concept", "words", "why_zh", "why_en")
    return {
        row["concept"]: (tuple(row["words"].split()), Text(row["why_zh"], row["why_en"]))
        for row in table.rows
    }
