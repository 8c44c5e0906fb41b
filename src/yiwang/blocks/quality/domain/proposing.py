"""First rules of a resource, from what its catalogue entry says: an officer keeps, changes or drops them.

Key items are there and unique; identifiers pass their check; texts keep to their length and coded items to their list;
no date lies in the future; the newest row is as young as the update cycle promises.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from yiwang.dataplane.census.naming import readings
from yiwang.dataplane.census.terms import concepts
from yiwang.dataplane.quality.rules import CheckDigit, Severity
from yiwang.dataplane.quality.spelling import Spelled

WITHIN: Final[dict[str, str]] = {
    "realtime": "2d", "daily": "3d", "weekly": "10d", "monthly": "40d", "quarterly": "100d", "half_yearly": "200d",
    "yearly": "400d",
}  # fmt: skip
"""How old the newest row may be: the cycle and some days, since nothing happens on days off. `irregular` promises nothing."""
PARTIAL_LISTS: Final = frozenset({"family-relation", "industry", "division", "certificate-type"})
"""National lists that this version holds in part, or that a local one usually extends: they are not proposed."""
_CODED: Final = re.compile(r"(?:代码|码|code)$", re.IGNORECASE)
_CHECKS: Final[dict[str, CheckDigit]] = {"resident_id": "mod11_2", "uscc": "uscc"}
_WORD: Final = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True)
class Item:
    """What a catalogue entry says of an item; `subject` is `person`, `organisation` or None."""

    wire: str
    title: str
    length: int = 0
    subject: str | None = None
    check: str | None = None
    element: str = ""


@dataclass(frozen=True)
class Domain:
    """What a registered data element says of values: a code list, a pattern, a length, a kind of check character."""

    code_list: str = ""
    pattern: str = ""
    longest: int = 0
    check: Literal["", "mod11_2", "uscc", "mod11_10"] = ""


Elements = Callable[[str], Domain | None]
"""The value domain of a data element by its number; None when none of that number is in force."""


def proposed(
    items: Sequence[Item], types: Mapping[str, str], key: Sequence[str], cycle: str, elements: Elements
) -> tuple[Spelled, ...]:
    """Rules for the items that are served (`types`: engine types by wire name)."""
    found: list[Spelled] = []
    if key:
        found.append(Spelled(rule="unique", fields=list(key), severity="blocking"))
    for item in items:
        if item.wire in types:
            found += _of_item(
                item, types[item.wire], item.wire in key, elements(item.element) if item.element else None
            )
    updated = next((item.wire for item in items if item.wire in types and _is_update_time(item, types)), None)
    if updated is not None and cycle in WITHIN:
        found.append(Spelled(rule="recent", field=updated, within=WITHIN[cycle]))
    return tuple(found)


def _of_item(item: Item, engine_type: str, is_key: bool, element: Domain | None) -> list[Spelled]:
    needed = item.subject is not None or item.check is not None
    severity: Severity = "blocking" if is_key else "major" if needed else "minor"
    found = [Spelled(rule="not_null", fields=[item.wire], severity=severity)]
    text = engine_type.startswith(("char", "varchar", "text", "citext", '"char'))
    kind = _CHECKS.get(item.check or "") or (element.check if element else "") or None
    if text and kind:
        found.append(Spelled(rule="check_digit", field=item.wire, kind=kind, severity=_at_least(severity)))
    listed = element.code_list if element and element.code_list else _list_of(item) if text else ""
    if listed:
        found.append(Spelled(rule="in_list", fields=[item.wire], code_list=listed))
    if element and element.pattern and text:
        found.append(Spelled(rule="pattern", field=item.wire, pattern=element.pattern))
    longest = (element.longest if element else 0) or item.length
    if longest and text and not kind and not listed:
        found.append(Spelled(rule="length", field=item.wire, max=longest, severity="minor"))
    if engine_type == "date" and _WORD.fullmatch(item.wire) and not _looks_ahead(item):
        found.append(
            Spelled(
                rule="expr", id=f"not_future.{item.wire}", expr=f"row.{item.wire} <= today", severity="minor"
            )
        )
    return found


def _at_least(severity: Severity) -> Severity:
    return severity if severity == "blocking" else "major"


def _list_of(item: Item) -> str:
    """The national list that a coded item follows by its name; "" when none, or one that is held in part."""
    if not _CODED.search(item.title) and not 0 < item.length <= 3:
        return ""
    for reading in readings(item.title, item.title)[:1]:
        concept = concepts().get(reading.concept)
        if concept is not None and concept.code_list not in PARTIAL_LISTS:
            return concept.code_list
    return ""


def _looks_ahead(item: Item) -> bool:
    """Ends and due dates lie in the future by their nature."""
    return any(
        word in item.title
        for word in ("有效期", "截止", "到期", "期满", "终止", "届满", "预计", "计划", "至")
    )


def _is_update_time(item: Item, types: Mapping[str, str]) -> bool:
    if not types[item.wire].startswith(("timestamp", "date")):
        return False
    return any(reading.concept == "update_time" for reading in readings(item.title, item.title)[:1])
