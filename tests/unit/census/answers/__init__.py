"""Answer sheets made by hand: names and labels only, never a value of the data they speak of."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from yiwang.dataplane.census.draft import Draft, Item

HERE = Path(__file__).resolve().parent


def answers(name: str) -> dict[tuple[str, str], Mapping[str, str]]:
    """The sheet of this name: (table, column) → what is right."""
    with (HERE / name).open(encoding="utf-8") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {(row["table"], row["column"]): row for row in rows}


def wrong(item: Item, right: Mapping[str, str]) -> list[str]:
    """What an officer would have to edit in a proposed item."""
    listed = item.code_list.list if item.code_list else ""
    faults = []
    if item.title not in right["titles"].split("|"):
        faults.append(f"title {item.title}")
    if item.letter not in right["letter"].split("|"):
        faults.append(f"type {item.letter}")
    if item.key != (right["key"] == "1"):
        faults.append(f"key {item.key}")
    if listed not in right["list"].split("|"):
        faults.append(f"code list {listed or 'none'}")
    if item.protection != right["grade"]:
        faults.append(f"grade {item.protection}")
    return faults


def faults(draft: Draft, name: str) -> tuple[int, dict[str, list[str]]]:
    """How many items the sheet has, and which proposals would need an edit."""
    sheet = answers(name)
    items = {(r.table, item.column): item for r in draft.resources for item in r.items}
    found = {f"{t}.{c}": wrong(items[t, c], right) for (t, c), right in sheet.items()}
    return len(sheet), {where: what for where, what in found.items() if what}
