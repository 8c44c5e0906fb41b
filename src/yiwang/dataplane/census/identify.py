"""Brings together what a column is called and what its values look like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from yiwang.dataplane.census.naming import Reading
from yiwang.dataplane.census.profile import Profile
from yiwang.dataplane.census.source import Letter, Text
from yiwang.dataplane.census.terms import concepts
from yiwang.dataplane.census.titles import Owner
from yiwang.dataplane.census.values import ENOUGH, Evidence

_PHONES: Final = frozenset({
    "mobile", "phone", "contact_phone", "home_phone", "office_phone", "org_contact_phone", "account", "im_account",
})  # fmt: skip
FAMILIES: Final = {
    "resident_id": frozenset({"resident_id", "id_number", "social_security_no", "tax_no", "student_no", "driver_licence",
                              "medical_no", "user_id", "welfare_no"}),
    "uscc": frozenset({"uscc", "tax_no", "dept_code", "authority_code", "code", "id_number", "serial", "reg_no", "licence_no"}),
    "mobile": _PHONES,
    "phone": (_PHONES - {"account", "im_account"}) | {"fax"},
    "person_name": frozenset({"person_name", "suspect_name", "author", "party_name", "taxpayer", "account_name", "shareholder",
                              "account", "name"}),
    "org_name": frozenset({"org_name", "org", "dept_name", "authority", "employer", "party_name", "taxpayer", "shareholder",
                           "bank_name", "name", "account_name", "place_name", "title"}),
    "address": frozenset({"address", "home_address", "org_address", "property_address"}),
    "home_address": frozenset({"address", "home_address", "org_address", "property_address"}),
    "org_code": frozenset({"org_code", "code", "dept_code", "authority_code", "serial"}),
    "reg_no": frozenset({"reg_no", "licence_no", "serial", "code", "uscc"}),
    "passport": frozenset({"passport", "id_number", "military_id"}),
    "bank_account": frozenset({"bank_account", "social_security_no", "account"}),
    "free_text": frozenset({"free_text", "long_text", "remark", "text", "communication", "title"}),
    "division_code": frozenset({"division_code", "person_division", "code", "serial", "postcode", "native_place",
                                "authority_code", "dept_code"}),
    "race": frozenset({"race", "ethnic"}),
    "email": frozenset({"email", "account", "contact_phone"}),
    "password": frozenset({"password", "text"}),
    "health": frozenset({"health", "disability", "test_result"}),
}  # fmt: skip
"""Concepts under which values of a kind are at home."""
_GENERIC: Final = frozenset(
    {"", "serial", "code", "name", "text", "mod", "info", "person_mod", "number", "remark", "title"}
)
_DATED: Final = frozenset({"health", "marital", "education", "criminal", "welfare"})
_NUMERIC: Final[frozenset[Letter]] = frozenset({"I", "N", "B", "F", "Y"})
_WORDY: Final = frozenset({"person_name", "suspect_name", "author", "org_name", "address", "home_address", "org_address",
                           "name", "long_text", "title", "division_name", "email", "employer", "free_text"})  # fmt: skip
_CHECKED: Final = frozenset(
    {"resident_id", "uscc", "mobile", "email", "person_name", "plate", "bank_account"}
)
_DIGITS_WANTED: Final = frozenset(
    {"mobile", "phone", "contact_phone", "home_phone", "office_phone", "bank_account"}
)


@dataclass(frozen=True, slots=True)
class Identity:
    """What a column is taken to be. `said` and `shown` are what name and values contribute to being sure."""

    title: str
    title_confidence: float
    title_reason: Text
    concept: str
    owner: Owner
    confidence: float
    reasons: tuple[Text, ...]
    evidence: Evidence | None


def identified(profile: Profile, readings: Sequence[Reading], shown: Sequence[Evidence]) -> Identity:
    """The likeliest reading of the name in the light of the values."""
    best = max(readings, key=lambda reading: _score(reading, profile, shown))
    top = shown[0] if shown and shown[0].confidence >= 0.45 else None
    factor = _fit(best.concept, profile, shown)
    said = best.confidence * factor
    because = [
        Text(f"列名为“{best.title}”（{best.reason.zh}）", f"the name says “{best.title}” ({best.reason.en})")
    ]
    if top is None:
        return Identity(
            best.title,
            _round(said),
            best.reason,
            best.concept,
            best.owner,
            _round(said),
            tuple(because),
            None,
        )
    agreed = next((e for e in shown if best.concept in FAMILIES.get(e.concept, frozenset({e.concept}))), None)
    if agreed is not None:
        concept = _narrowed(best, agreed)
        sure = 1 - (1 - min(said, 0.97)) * (1 - min(agreed.confidence, 0.97))
        title, title_sure, why = best.title, 1 - (1 - min(said, 0.97)) * 0.7, best.reason + agreed.reason
        if best.concept in {"name", "code", "serial"} and concept != best.concept and best.confidence < 0.94:
            title = concepts()[concept].zh
        return Identity(
            title,
            _round(title_sure),
            why,
            concept,
            best.owner,
            _round(sure),
            (*because, agreed.reason),
            agreed,
        )
    if best.known and best.concept not in _GENERIC and not (top.proven and top.confidence >= 0.6):
        if best.concept == "person_name" and top.concept == "org_name" and top.confidence >= 0.75:
            return Identity(
                best.title,
                _round(said),
                best.reason,
                "org_name",
                best.owner,
                _round(said),
                (top.reason,),
                top,
            )
        if not _overrides(top):
            return Identity(
                best.title,
                _round(said),
                best.reason,
                best.concept,
                best.owner,
                _round(said),
                tuple(because),
                None,
            )
    # the values know better than the name
    written = best.confidence >= 0.94
    title = best.title if written else concepts()[top.concept].zh
    sure = top.confidence if top.proven or not best.known else top.confidence * 0.9
    return Identity(
        title, _round(best.confidence if written else top.confidence * 0.8), best.reason if written else top.reason,
        top.concept, best.owner, _round(sure), (top.reason,), top,
    )  # fmt: skip


def _round(value: float) -> float:
    return round(min(value, 0.99), 2)


def _overrides(top: Evidence) -> bool:
    """Whether values without a check digit are plain enough to contradict a name."""
    return (
        top.concept in {"mobile", "email", "plate", "ethnic", "religion", "health"} and top.confidence >= 0.9
    )


def _narrowed(reading: Reading, agreed: Evidence) -> str:
    """The concept of the two that says more."""
    if agreed.concept == "mobile":
        return reading.concept if reading.concept == "home_phone" or _anyones(reading) else "mobile"
    if agreed.concept == "division_code" and reading.concept in {"code", "serial"}:
        return "division_code"
    if (
        agreed.concept in {"uscc", "org_code", "reg_no"}
        and reading.concept == "code"
        and reading.title in {"代码", "编码"}
    ):
        return agreed.concept
    if agreed.concept == "uscc" and reading.concept in {
        "id_number",
        "tax_no",
        "reg_no",
        "serial",
        "licence_no",
    }:
        return "uscc"
    if agreed.concept == "person_name" and reading.concept in {
        "party_name",
        "taxpayer",
        "shareholder",
        "name",
        "account_name",
    }:
        return "person_name"
    if agreed.concept in {"free_text", "email", "password"} and reading.concept != "communication":
        return agreed.concept
    if agreed.concept in {"bank_account", "resident_id", "passport"} and reading.concept in {
        "account",
        "user_id",
        "tax_no",
        "student_no",
    }:
        return agreed.concept
    if agreed.concept == "home_address" and reading.concept == "address" and reading.owner != "organisation":
        return "address"
    return reading.concept


def _anyones(reading: Reading) -> bool:
    return reading.concept == "contact_phone" and reading.owner != "organisation"


def _score(reading: Reading, profile: Profile, shown: Sequence[Evidence]) -> float:
    score = reading.confidence * _fit(reading.concept, profile, shown)
    for evidence in shown[:2]:
        if reading.concept in FAMILIES.get(evidence.concept, frozenset({evidence.concept})):
            return score * 1.3
    if shown and shown[0].confidence >= 0.5:
        score *= 0.4 if shown[0].proven else 0.8
    return score


def _fit(concept: str, profile: Profile, shown: Sequence[Evidence]) -> float:
    """How well a concept goes with the type and form of the values (0–1)."""
    if not concept or not profile.values:
        return 1.0
    sort, letter, values = concepts()[concept].sort, profile.letter, profile.looked
    if sort in {"date", "datetime"}:
        return 1.0 if letter in {"D", "T"} else 0.9 if letter == "I" or _dateish(values) else 0.6
    if letter in {"D", "T"}:
        # 接种日期, 结婚日期, 毕业日期 tell of health, marriage, education
        return 0.9 if concept in _DATED else 0.3
    if letter == "L":
        return 1.0 if sort in {"flag", "category"} else 0.4
    if letter in _NUMERIC and concept in _WORDY:
        return 0.3
    if sort in {"number", "amount"}:
        return 1.0 if letter in _NUMERIC else 0.85 if any(c.isdigit() for c in values[0]) else 0.5
    if letter in {"N", "B", "F"} and sort in {"key", "code", "category", "flag"}:
        return 0.5
    if sort == "flag" and profile.distinct > 10:
        return 0.5
    if len(values) >= 2 * ENOUGH and concept in _CHECKED | _DIGITS_WANTED:
        return _unproven(concept, values, shown)
    return 1.0


def _unproven(concept: str, values: Sequence[str], shown: Sequence[Evidence]) -> float:
    if any(concept in FAMILIES.get(e.concept, frozenset({e.concept})) for e in shown):
        return 1.0
    if concept == "person_name":
        # masked names (王*) and pseudonyms are no contradiction
        han = sum(all("\u4e00" <= c <= "\u9fff" for c in value) for value in values) / len(values)
        return 0.62 if han > 0.8 else 1.0
    if concept in _DIGITS_WANTED:
        return 0.8 if sum(any(c.isdigit() for c in value) for value in values) > 0.5 * len(values) else 0.55
    # encrypted or masked values pass no check: the name still counts
    return 0.8


def _dateish(values: Sequence[str]) -> bool:
    return sum(value[:1].isdigit() and 4 <= len(value) <= 30 for value in values) > 0.8 * len(values)
