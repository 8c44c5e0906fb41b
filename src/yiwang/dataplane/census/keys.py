"""Which columns identify a row: as declared, or found by counting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from yiwang.dataplane.census.draft import Subject
from yiwang.dataplane.census.identify import Identity
from yiwang.dataplane.census.profile import Profile
from yiwang.dataplane.census.source import Sample, Table, Text
from yiwang.dataplane.census.terms import concepts

LEAST_ROWS: Final = 10
_RANK: Final = {
    "uscc": 9, "resident_id": 9, "org_code": 7, "reg_no": 7, "student_no": 6, "medical_no": 6, "household_no": 5,
    "case_no": 6, "licence_no": 5, "parcel_no": 6, "serial": 6, "user_id": 6, "division_code": 6, "code": 5,
    "document_no": 3, "vin": 6, "plate": 4, "property_no": 5, "social_security_no": 5, "id_number": 6, "tax_no": 6,
    "employee_no": 5, "account": 3, "dept_code": 4, "bank_account": 3, "passport": 4,
}  # fmt: skip
_PARTS: Final = frozenset(
    {"year", "month", "quarter", "date", "division_code", "division_name", "code", "country", "serial"}
)
_MOST_PARTS: Final = 6
_SURE: Final = 0.7


@dataclass(frozen=True, slots=True)
class Keys:
    """The columns of the key, every column that is unique by itself, and why."""

    columns: tuple[str, ...]
    unique: frozenset[str]
    reason: Text | None


def keys_of(
    table: Table,
    profiles: Sequence[Profile],
    identities: Sequence[Identity],
    sample: Sample,
    subject: Subject,
) -> Keys:
    """The key of a table."""
    alone = frozenset(
        [key[0] for key in (table.primary, *table.unique) if len(key) == 1]
        + [p.column.name for p in profiles if p.unique and p.complete == 1.0 and p.rows >= LEAST_ROWS]
    )
    if table.primary:
        return Keys(table.primary, alone, Text("库中声明的主键", "declared as primary key"))
    if table.unique:
        best = min(table.unique, key=len)
        return Keys(best, alone, Text("库中声明的唯一约束", "declared as unique"))
    ranked = []
    for at, (profile, identity) in enumerate(zip(profiles, identities, strict=True)):
        rank = _rank(identity, subject)
        if rank and profile.unique is not False and profile.complete == 1.0 and profile.rows >= LEAST_ROWS:
            ranked.append((profile.unique is True, rank, -at, profile.column.name))
    if ranked:
        sure, _, _, name = max(ranked)
        reason = (
            Text("全表逐行不同且无空值", "differs in every row and is never empty")
            if sure
            else Text(
                "样本中逐行不同且无空值，未核对全表",
                "differs in every sampled row; the whole table was not counted",
            )
        )
        return Keys((name,), alone, reason)
    pair = _pair(table, profiles, identities, sample)
    if pair:
        return Keys(pair, alone, Text("两列合起来逐行不同", "both columns together differ in every row"))
    return Keys((), alone, None)


def _rank(identity: Identity, subject: Subject) -> int:
    rank = _RANK.get(identity.concept, 0)
    if not rank and concepts()[identity.concept].sort == "key" if identity.concept else False:
        rank = 4
    if identity.concept == "uscc" and subject == "person":
        rank = 4
    return rank


def _pair(
    table: Table, profiles: Sequence[Profile], identities: Sequence[Identity], sample: Sample
) -> tuple[str, str] | None:
    if not sample.whole:
        return None
    fit = [
        at
        for at, (profile, identity) in enumerate(zip(profiles, identities, strict=True))
        if identity.concept in _PARTS and profile.complete == 1.0 and identity.title_confidence >= _SURE
    ][:_MOST_PARTS]
    rows = sample.rows
    if len(rows) < LEAST_ROWS:
        return None
    for one, two in combinations(fit, 2):
        if len({(row[one], row[two]) for row in rows}) == len(rows):
            return table.columns[one].name, table.columns[two].name
    return None
