"""Whom a table is about, which columns are personal or sensitive, and the grade of each.

Grades: GB/T 43697-2024 Annex H divides general data into four levels. TC260-PG-20212A asks for at least level 2
for personal and level 4 for sensitive personal data; open facts are level 1, a firm's internal figures level 2.
Core and important data (核心、重要数据) are never proposed: they are listed by the competent authority.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from yiwang.dataplane.census.draft import PROTECTIONS, Mark, Subject
from yiwang.dataplane.census.identify import Identity
from yiwang.dataplane.census.source import Table, Text
from yiwang.dataplane.census.terms import Protection, concepts, word_list
from yiwang.dataplane.census.titles import Owner

LEAST: Final = 0.5
"""Confidence from which a column is marked."""
_PERSON: Final[Mapping[str, int]] = {
    "resident_id": 3, "birth_date": 2, "sex": 2, "ethnic": 2, "marital": 2, "age": 2, "education": 1, "household_no": 2,
    "family_relation": 2, "race": 2, "occupation": 1, "student_no": 2, "medical_no": 2, "home_address": 1,
    "nationality": 1, "social_security_no": 2, "political": 1, "income": 1, "disability": 1, "mobile": 1,
}  # fmt: skip
_ORGANISATION: Final[Mapping[str, int]] = {
    "uscc": 3, "org_code": 3, "reg_no": 3, "org_name": 2, "tax_no": 2, "biz_money": 1, "org_address": 1,
    "office_phone": 1, "org_contact_phone": 1, "industry": 1,
}  # fmt: skip
_OWN_NAMES: Final = frozenset({"姓名", "名", "姓", "英文姓名", "曾用名", "姓名拼音"})
_WORDS: Final = re.compile(r"[A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Graded:
    """Protection and level of a column, with the mark where it is personal or secret."""

    protection: Protection
    level: int
    reason: Text
    mark: Mark | None


def subject_of(table: Table, identities: Sequence[Identity], key: Sequence[str]) -> Subject:
    """Whether a row is about a natural person, an organisation, or neither."""
    person, organisation = _said(table)
    for column, identity in zip(table.columns, identities, strict=True):
        if identity.confidence < LEAST:
            continue
        weight = 2 if tuple(key) == (column.name,) else 1
        if identity.concept == "person_name" and identity.title in _OWN_NAMES:
            person += 2
        elif identity.owner != "organisation" and not _of_office(identity):
            person += _PERSON.get(identity.concept, 0) * weight
        if identity.concept != "employer" and identity.owner != "person":
            organisation += _ORGANISATION.get(identity.concept, 0) * weight
    if max(person, organisation) < 2 or person == organisation:
        return ""
    return "person" if person > organisation else "organisation"


def _of_office(identity: Identity) -> bool:
    """法定代表人证件号码 is a person's number, but not of the person the row is about."""
    return any(
        word in identity.title
        for word in ("法定代表人", "法人", "负责人", "经办人", "联系人", "代理人", "审核人")
    )


def _said(table: Table) -> tuple[int, int]:
    text = f"{table.comment} {table.name}"
    words = {word.lower() for word in _WORDS.findall(text)}
    words |= {word.removesuffix("s") for word in words}
    totals = []
    for name in ("person_tables", "org_tables"):
        held = word_list(name)
        hit = any(w in held for w in words) or any(w in text for w in held if not w.isascii())
        totals.append(3 if hit else 0)
    return totals[0], totals[1]


def graded(identity: Identity, subject: Subject) -> Graded:
    """Protection and level of one column of a table about `subject`."""
    if not identity.concept:
        return Graded("general", 1, Text("未发现个人信息特征", "no sign of personal data"), None)
    concept = concepts()[identity.concept]
    protection, level = concept.protection, concept.level
    if protection == "general" or not _applies(identity.concept, identity.owner, subject):
        held: Protection = "internal" if identity.concept == "bank_account" else "general"
        if protection in {"general", "internal"} and protection == concept.protection:
            held = protection
        reason = Text(f"{concept.zh}：非个人信息", f"{concept.en}: not personal")
        return Graded(held, 2 if held == "internal" else 1, reason, None)
    if protection == "internal":
        return Graded(protection, level, Text("经营数据，非公开", "business figures, not public"), None)
    if identity.confidence < LEAST:
        doubt = Text(f"疑似{concept.zh}，把握不足", f"perhaps {concept.en}, but unsure")
        return Graded("general", 1, doubt, None)
    kind = PROTECTIONS[protection]
    floor = Text(f"{kind.zh}不低于 {level} 级", f"{kind.en} data are level {level} or above")
    mark = Mark(identity.concept, concept.zh, identity.confidence, identity.reasons)
    return Graded(protection, level, Text(concept.zh, concept.en) + floor, mark)


def _applies(name: str, owner: Owner, subject: Subject) -> bool:
    when = concepts()[name].when
    if when == "any":
        return True
    if owner:
        return owner == "person"
    return when == "not_owned" or (subject == "person" if when == "person" else subject != "organisation")
