"""The census as JSON, and reading an earlier result back, be it JSON or the workbook."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import openpyxl

from yiwang.dataplane.census.draft import FORMAT, LETTERS, Draft
from yiwang.dataplane.census.errors import CensusError, PreviousUnreadable
from yiwang.dataplane.census.sheets import unsafe
from yiwang.dataplane.census.sources.packing import inspected
from yiwang.dataplane.census.workbook import ITEMS

_LARGEST: Final = 1 << 30


@dataclass(frozen=True)
class Known:
    """What an earlier census knew of a column."""

    source: str
    letter: str
    length: int
    scale: int
    key: bool
    references: str
    level: int
    entries: frozenset[str] | None


Earlier = dict[str, dict[str, Known]]
"""Table path → column → what was known."""


def write_json(draft: Draft, path: Path) -> None:
    """Write the draft; the file is complete or not there at all. Raises: OSError."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(draft), indent=1))
        part.chmod(0o640)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def read_json(path: Path) -> Draft:
    """A draft as `write_json` wrote it. Raises: PreviousUnreadable."""
    try:
        if path.stat().st_size > _LARGEST:
            raise PreviousUnreadable(address=path.name, problem="larger than 1 GB")
        draft = msgspec.json.decode(path.read_bytes(), type=Draft)
    except OSError as error:
        raise PreviousUnreadable(address=path.name, problem=error.strerror or "unreadable") from None
    except msgspec.MsgspecError as error:
        raise PreviousUnreadable(address=path.name, problem=str(error)[:200]) from None
    if draft.format != FORMAT:
        raise PreviousUnreadable(address=path.name, problem=f"format {draft.format[:40]!r}")
    return draft


def read_earlier(path: Path) -> Earlier:
    """What an earlier result says about structure. Raises: PreviousUnreadable."""
    if path.suffix.lower() in {".xlsx", ".xlsm"}:
        return _from_workbook(path)
    return known(read_json(path))


def known(draft: Draft) -> Earlier:
    """The structure in a draft."""
    found: Earlier = {}
    for resource in draft.resources:
        held = found.setdefault(resource.table, {})
        for item in resource.items:
            own = item.code_list if item.code_list is not None and not item.code_list.withheld else None
            entries = (
                frozenset(entry.code for entry in own.entries) if own is not None and own.entries else None
            )
            held[item.column] = Known(
                resource.source,
                item.letter,
                item.length,
                item.scale,
                item.key,
                item.references,
                item.level,
                entries,
            )
    return found


def _from_workbook(path: Path) -> Earlier:
    try:
        inspected(path)
        book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except CensusError as error:
        raise PreviousUnreadable(address=path.name, problem=error.text("en")) from None
    except (KeyError, ValueError, TypeError, OSError) as error:
        raise PreviousUnreadable(address=path.name, problem=type(error).__name__) from None
    try:
        if "信息项" not in book.sheetnames:
            raise PreviousUnreadable(address=path.name, problem="no sheet 信息项")
        rows = book["信息项"].iter_rows(values_only=True)
        head = [str(cell or "") for cell in next(rows, ())]
        if not set(ITEMS) <= set(head):
            missing = sorted(set(ITEMS) - set(head))
            raise PreviousUnreadable(address=path.name, problem=f"sheet 信息项 has no column {missing[0]}")
        entries = _entries(book)
        letters = {name: letter for letter, name in LETTERS.items()}
        found: Earlier = {}
        for raw in rows:
            row = {name: _cell(value) for name, value in zip(head, raw, strict=False)}
            table, column = row["库表"], row["列名"]
            if not table or not column:
                continue
            level = "".join(c for c in row["数据级别"] if c.isdigit())
            found.setdefault(table, {})[column] = Known(
                row["来源"], letters.get(row["数据类型"], row["数据类型"]), _number(row["数据长度"]), _number(row["小数位"]),
                row["主键"] == "是", row["外键指向"], _number(level), entries.get((table, column)),
            )  # fmt: skip
        return found
    finally:
        book.close()


def _entries(book: openpyxl.Workbook) -> dict[tuple[str, str], frozenset[str]]:
    if "代码表" not in book.sheetnames:
        return {}
    rows = book["代码表"].iter_rows(values_only=True)
    head = [str(cell or "") for cell in next(rows, ())]
    found: dict[tuple[str, str], set[str]] = {}
    for raw in rows:
        row = {name: _cell(value) for name, value in zip(head, raw, strict=False)}
        if row.get("代码") and not row.get("未列出的取值数"):
            found.setdefault((row.get("库表", ""), row.get("列名", "")), set()).add(row["代码"])
    return {place: frozenset(codes) for place, codes in found.items()}


def _cell(value: object) -> str:
    return "" if value is None else unsafe(str(value))


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0
