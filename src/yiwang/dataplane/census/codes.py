"""Code lists: few distinct values that are codes or categories, matched to the lists of the national standards.

The entries of a column may leave the source, unless the column is personal: of such a column only entries are shown
that stand in the standard's list anyway, taken from there.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from yiwang.dataplane.census.draft import CodeList, Entry
from yiwang.dataplane.census.forms import is_name, is_private
from yiwang.dataplane.census.identify import Identity
from yiwang.dataplane.census.profile import Profile
from yiwang.dataplane.census.source import MOST_ENTRIES, Text, Value
from yiwang.dataplane.census.terms import concepts, word_list
from yiwang.vocabulary.code_lists import CodeList as StandardList
from yiwang.vocabulary.code_lists import code_list
from yiwang.vocabulary.divisions.tree import standard_divisions

_LONGEST: Final = 40
_LEAST_ROWS: Final = 10
_DIVISION: Final = re.compile(r"\d{2}|\d{4}|\d{6}|\d{9}|\d{12}")
_LABELLED: Final = re.compile(
    r"(?<![\w.])([0-9A-Za-z]{1,6})\s*[-:：=、.—]?\s*([\u4e00-\u9fff][\u4e00-\u9fff（）()]{0,15})"
)
_CATEGORIES: Final = frozenset({
    "code", "division_code", "person_division", "division_name", "dept_name", "dept_code", "authority",
    "authority_code", "tag", "country", "unit", "text", "", "mod", "info", "org", "native_place", "study", "fax_code",
})  # fmt: skip
_SEVERAL: Final = 2


@dataclass(frozen=True, slots=True)
class Coded:
    """A column with what is known of its distinct values."""

    profile: Profile
    identity: Identity
    counts: Mapping[str, int] | None
    personal: bool


def code_list_of(coded: Coded, names: Mapping[str, str], names_from: str, today: dt.date) -> CodeList | None:
    """The code list of a column, or None. `names` are of its codes, found in a neighbouring column or a comment."""
    profile, identity, counts = coded.profile, coded.identity, coded.counts
    if not is_coded(profile, identity):
        return None
    concept = concepts().get(identity.concept)
    wanted = concept.code_list if concept else ""
    if wanted == "division" or (
        identity.concept == "division_name" and counts is not None and len(counts) >= _SEVERAL
    ):
        return _divisions(coded, names, names_from, today)
    if counts is None or profile.longest > _LONGEST:
        return None
    standard = _matched(wanted, tuple(counts)) if wanted else None
    if standard is not None:
        return _of_standard(coded, standard, counts, names)
    repeated = profile.rows >= max(_LEAST_ROWS, 3 * len(counts))
    if len(counts) < _SEVERAL or not repeated:
        return None
    return _own(coded, counts, names, names_from)


def is_coded(profile: Profile, identity: Identity) -> bool:
    """Whether a column may hold codes at all, by its concept and type."""
    concept = concepts().get(identity.concept)
    if profile.letter in {"D", "T", "L", "N", "Y", "B", "F", "G", "M"}:
        return False
    category = concept is not None and concept.sort in {"category", "flag"}
    if (
        profile.letter == "I"
        and not category
        and identity.concept not in {"code", "division_code", "person_division"}
    ):
        return False
    return (
        category
        or identity.concept in _CATEGORIES
        or (identity.concept == "income" and held_in_words(profile))
    )


def held_in_words(profile: Profile) -> bool:
    """Whether an amount is written in bands (`<=50K`) and not in figures."""
    return profile.letter == "C" and profile.distinct <= MOST_ENTRIES


def neighbour_names(
    at: int, coded: Sequence[Coded], rows: Sequence[tuple[Value, ...]]
) -> tuple[Mapping[str, str], str]:
    """Names of a column's codes, where a column beside it gives exactly one for each (`qylx`, `qylxmc`)."""
    here = coded[at]
    if here.personal or here.counts is None or not _looks_like_codes(tuple(here.counts)):
        return {}, ""
    name, title = here.profile.column.name.lower(), here.identity.title
    stem = re.sub(r"(?:_?(?:dm|bm|code|id))$", "", name)
    for other, there in enumerate(coded):
        if other == at or there.personal or there.counts is None or _looks_like_codes(tuple(there.counts)):
            continue
        beside, its_title = there.profile.column.name.lower(), there.identity.title
        related = (beside.startswith((name, stem)) if len(stem) > 1 else False) or its_title.removesuffix(
            "名称"
        ) == re.sub(r"(?:代码|编码)$", "", title)
        if not related or abs(len(there.counts) - len(here.counts)) > 1:
            continue
        pairs = {(row[at], row[other]) for row in rows if row[at] is not None and row[other] is not None}
        found = {code: label for code, label in pairs if code is not None and label is not None}
        if len(found) == len(pairs) and len(found) >= len(here.counts) - 1:
            return found, there.profile.column.name
    return {}, ""


def commented_names(comment: str, counts: Mapping[str, int] | None) -> Mapping[str, str]:
    """Names of codes that the column's comment lists: `性别：1男 2女`."""
    if counts is None or len(comment) < 5:
        return {}
    found = {code: name.strip() for code, name in _LABELLED.findall(comment)}
    return {code: name for code, name in found.items() if code in counts} if len(found) >= _SEVERAL else {}


def _looks_like_codes(values: Sequence[str]) -> bool:
    return bool(values) and all(value.isascii() and len(value) <= 12 for value in values)


def _entries(counts: Mapping[str, int], names: Mapping[str, str]) -> tuple[Entry, ...]:
    return tuple(Entry(value, names.get(value, ""), rows) for value, rows in sorted(counts.items()))


def _private(values: Sequence[str]) -> bool:
    """A column that nobody marked may hold people all the same: then its entries stay where they are."""
    names = sum(is_name(value) for value in values)
    return names >= 0.6 * len(values) or any(is_private(value) for value in values)


def _own(coded: Coded, counts: Mapping[str, int], names: Mapping[str, str], names_from: str) -> CodeList:
    reason = Text(
        f"{len(counts)} 个不同取值，反复出现", f"{len(counts)} distinct values, each of them repeated"
    )  # fmt: skip
    if coded.personal or _private(tuple(counts)):
        withheld = Text("含个人信息，取值不外传", "personal: its entries stay in the source")
        return CodeList("own", coded.identity.title, "", (), len(counts), "", 0.7, reason + withheld)
    sure = 0.9 if names or _looks_like_codes(tuple(counts)) else 0.75
    return CodeList("own", coded.identity.title, "", _entries(counts, names), 0, names_from, sure, reason)


def _of_standard(
    coded: Coded, standard: StandardList, counts: Mapping[str, int], names: Mapping[str, str]
) -> CodeList:
    known = [code for code in standard if any(_is(code.code, code.name, value) for value in counts)]
    strange = sum(not any(_is(code.code, code.name, value) for code in known) for value in counts)
    reason = Text(
        f"取值与 {standard.standard} {standard.title}相符", f"the values fit {standard.standard}"
    )  # fmt: skip
    strange_industries = strange if standard.id != "industry" else 0
    if coded.personal or strange:
        shown = tuple(Entry(code.code, code.name, 0) for code in known)
    else:
        by_value = {value: code for value in counts for code in known if _is(code.code, code.name, value)}
        shown = tuple(
            Entry(value, names.get(value) or by_value[value].name, rows)
            for value, rows in sorted(counts.items())
        )
    if standard.id == "industry" and strange and not coded.personal:
        shown = _entries(counts, names)
    return CodeList(
        standard.id, standard.title, standard.standard, shown, strange_industries, "standard", 0.95, reason
    )


def _is(code: str, name: str, value: str) -> bool:
    """Whether a value is this code or its name; one digit may stand for two, and 汉 for 汉族."""
    return value in {code, name, name.removesuffix("族"), name.removesuffix("性")} or (
        value.isdigit() and code.isdigit() and (value.zfill(len(code)) == code or value + "0" == code)
    )


@cache
def _codes(list_id: str) -> tuple[StandardList, frozenset[str]]:
    standard = code_list(list_id)
    forms = set()
    for code in standard:
        forms |= {code.code, code.name, code.name.removesuffix("族"), code.name.removesuffix("性")}
        if code.code.isdigit():
            forms |= {code.code.lstrip("0"), code.code.removesuffix("0")}
        if code.short:
            forms.add(code.short)
    return standard, frozenset(forms - {""})


def _matched(list_id: str, values: Sequence[str]) -> StandardList | None:
    """The list, when the values are its codes or names."""
    if not values:
        return None
    standard, forms = _codes(list_id)
    if list_id == "industry":
        hit = sum(
            value in forms or (value[:1] in forms and value[1:3] in forms) or value[:2] in forms
            for value in values
        )
    else:
        hit = sum(value in forms for value in values)
    if list_id in {"sex", "marital-status"} and hit < len(values):
        words = word_list("sex" if list_id == "sex" else "marital")
        hit = max(hit, sum(value in words or value in forms for value in values))
    return standard if hit >= 0.9 * len(values) else None


def _divisions(coded: Coded, names: Mapping[str, str], names_from: str, today: dt.date) -> CodeList | None:
    profile, counts = coded.profile, coded.counts
    values = profile.looked
    if not values or coded.identity.concept == "division_name":
        return (
            _own(coded, counts, {}, "")
            if counts and len(counts) >= _SEVERAL and profile.rows >= 3 * len(counts)
            else None
        )
    if sum(bool(_DIVISION.fullmatch(value)) for value in values) < 0.9 * len(values):
        return None
    tree = standard_divisions()
    known = sum(tree.ever_existed(value[:6].ljust(6, "0")) for value in values) / len(values)
    sure = 0.95 if known >= 0.9 else 0.6
    reason = Text(
        f"{known:.0%} 的取值在历年区划中", f"{known:.0%} of the values are divisions, present or past"
    )
    if counts is None or len(counts) > MOST_ENTRIES or coded.personal:
        return CodeList("division", "行政区划代码", "GB/T 2260", (), 0, "standard", sure, reason)
    shown = []
    for value, rows in sorted(counts.items()):
        found = tree.find(value[:6].ljust(6, "0"), today) if len(value) <= 6 else tree.find(value[:9], today)
        shown.append(Entry(value, names.get(value) or (found.name if found else ""), rows))
    return CodeList(
        "division", "行政区划代码", "GB/T 2260", tuple(shown), 0, names_from or "standard", sure, reason
    )
