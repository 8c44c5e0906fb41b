"""Rules from and to the Open Data Contract Standard v3.1 (Bitol, Linux Foundation).

What the standard's library of metrics can say is written in it; the rest as `type: custom, engine: yiwang` with the
rule's own spelling, so that nothing is lost on the way back. SQL and prose checks of others are not run: they are
named, so that a person sees what was left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from yiwang.dataplane.quality.spelling import Spelled

VERSION: Final = "v3.1.0"
ENGINE: Final = "yiwang"
DIMENSIONS: Final = {
    "conformity": "规范性", "completeness": "完整性", "accuracy": "准确性", "consistency": "一致性",
    "timeliness": "时效性", "uniqueness": "规范性", "coverage": "完整性",
}  # fmt: skip
_TO_CONTRACT: Final = {
    "规范性": "conformity", "完整性": "completeness", "准确性": "accuracy", "一致性": "consistency",
    "时效性": "timeliness",
}  # fmt: skip
_SEVERITIES: Final = {"blocking": "critical", "major": "error", "minor": "warning"}


@dataclass(frozen=True, slots=True)
class FromContract:
    """Rules of one table of a contract, in plain form, and what could not be taken along."""

    entries: tuple[dict[str, object], ...]
    left_out: tuple[str, ...]


def from_contract(contract: Mapping[str, object], table: str | None = None) -> FromContract:
    """The rules of a contract's table (by name; none: its first).

    Raises: ValueError, when it is no contract or has no such table.
    """
    tables = contract.get("schema")
    if contract.get("kind") != "DataContract" or not isinstance(tables, list) or not tables:
        raise ValueError("no Open Data Contract with a schema")
    chosen = next((t for t in tables if isinstance(t, dict) and table in (None, t.get("name"))), None)
    if chosen is None:
        raise ValueError(f"the contract has no table {table}")
    reading = _Reading()
    for property_ in _dicts(chosen.get("properties")):
        reading.of_property(property_)
    for quality in _dicts(chosen.get("quality")):
        reading.of_quality(quality, None)
    return FromContract(tuple(reading.entries), tuple(reading.left_out))


class _Reading:
    """Collects rules from the parts of a contract."""

    def __init__(self) -> None:
        self.entries: list[dict[str, object]] = []
        self.left_out: list[str] = []

    def of_property(self, property_: Mapping[str, object]) -> None:
        name = str(property_.get("name", ""))
        if property_.get("required") is True:
            self.entries.append({"rule": "not_null", "fields": [name], "severity": "blocking"})
        if property_.get("unique") is True or property_.get("primaryKey") is True:
            self.entries.append({"rule": "unique", "fields": [name], "severity": "blocking"})
        options = property_.get("logicalTypeOptions")
        if isinstance(options, Mapping):
            if isinstance(options.get("pattern"), str):
                self.entries.append({"rule": "pattern", "field": name, "pattern": options["pattern"]})
            if "minimum" in options or "maximum" in options:
                self._bounded("range", name, options.get("minimum"), options.get("maximum"))
            if "minLength" in options or "maxLength" in options:
                self._bounded("length", name, options.get("minLength"), options.get("maxLength"))
        for quality in _dicts(property_.get("quality")):
            self.of_quality(quality, name)

    def of_quality(self, quality: Mapping[str, object], name: str | None) -> None:
        implementation = quality.get("implementation")
        if quality.get("engine") == ENGINE and isinstance(implementation, Mapping):
            self.entries.append(dict(implementation))
            return
        metric, arguments = quality.get("metric"), quality.get("arguments")
        given = arguments if isinstance(arguments, Mapping) else {}
        entry: dict[str, object] | None = None
        if quality.get("mustBe") == 0:
            if metric in ("nullValues", "missingValues") and name:
                entry = {"rule": "not_null", "fields": [name]}
            elif metric == "duplicateValues":
                columns = given.get("properties") or ([name] if name else None)
                entry = {"rule": "unique", "fields": columns} if columns else None
            elif metric == "invalidValues" and name:
                if isinstance(given.get("validValues"), list):
                    entry = {"rule": "in_list", "fields": [name], "values": given["validValues"]}
                elif isinstance(given.get("pattern"), str):
                    entry = {"rule": "pattern", "field": name, "pattern": given["pattern"]}
        if entry is None:
            self.left_out.append(
                str(quality.get("id") or quality.get("name") or metric or quality.get("type"))
            )
            return
        dimension = DIMENSIONS.get(str(quality.get("dimension")))
        if dimension:
            entry["dimension"] = dimension
        severity = next((s for s, word in _SEVERITIES.items() if word == quality.get("severity")), None)
        if severity:
            entry["severity"] = severity
        if isinstance(quality.get("id"), str):
            entry["id"] = quality["id"]
        self.entries.append(entry)

    def _bounded(self, rule: str, name: str, low: object, high: object) -> None:
        entry: dict[str, object] = {"rule": rule, "field": name}
        entry |= {key: value for key, value in (("min", low), ("max", high)) if value is not None}
        self.entries.append(entry)


def to_contract(
    identity: str, table: str, columns: Mapping[str, str], entries: Sequence[Spelled]
) -> dict[str, object]:
    """A contract of one table: `columns` are names and logical types (`string`, `integer`, `date` …)."""
    by_column: dict[str, list[dict[str, object]]] = {name: [] for name in columns}
    of_table: list[dict[str, object]] = []
    for spelled in entries:
        check = _check(spelled)
        names = spelled.fields or ([spelled.field] if spelled.field else [])
        if len(names) == 1 and names[0] in by_column:
            by_column[names[0]].append(check)
        else:
            of_table.append(check)
    properties = [
        {"name": name, "logicalType": kind, **({"quality": by_column[name]} if by_column[name] else {})}
        for name, kind in columns.items()
    ]
    schema: dict[str, object] = {"name": table, "logicalType": "object", "properties": properties}
    if of_table:
        schema["quality"] = of_table
    return {
        "apiVersion": VERSION, "kind": "DataContract", "id": identity, "version": "1.0.0", "status": "active",
        "schema": [schema],
    }  # fmt: skip


def _check(spelled: Spelled) -> dict[str, object]:
    """One quality entry. The rule's own spelling goes along, so that reading it back gives the same rule."""
    plain = msgspec.to_builtins(spelled)
    named = {"id": spelled.id} if spelled.id else {}
    facts: dict[str, object] = {
        **named, "type": "custom", "engine": ENGINE, "implementation": plain, "severity": _SEVERITIES[spelled.severity],
    }  # fmt: skip
    dimension = _TO_CONTRACT.get(spelled.dimension or "")
    if dimension:
        facts["dimension"] = dimension
    if spelled.message:
        facts["description"] = spelled.message
    return facts


def _dicts(value: object) -> list[dict[str, object]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
