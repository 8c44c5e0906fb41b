"""Code lists of the national standards (sex, ethnic group, industry …) as dated, editable data.

Each list is a file under `data/code_lists/`; `code_list("sex")` reads it. Rows may carry the dates between which a
code was in force and the code that took its place; a code without dates is in force always.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import ClassVar

from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.tables import Row, Table, data_table

COLUMNS = ("code", "name", "name_en", "parent", "short", "valid_from", "valid_to", "successor")


class CodeListError(YwError):
    """A code or a code list cannot be found."""

    code: ClassVar[str] = "code-list-error"
    message_zh: ClassVar[str] = "代码表有误。"
    message_en: ClassVar[str] = "Something is wrong with a code list."
    mend_zh: ClassVar[str] = "请核对代码表编号与代码。"
    mend_en: ClassVar[str] = "Check the id of the list and the code."


class CodeListUnknown(CodeListError):
    """There is no list of that id."""

    code: ClassVar[str] = "code-list-unknown"
    message_zh: ClassVar[str] = "没有编号为 {list} 的代码表。"
    message_en: ClassVar[str] = "There is no code list {list}."
    mend_zh: ClassVar[str] = "可用的代码表：{known}。"
    mend_en: ClassVar[str] = "Lists there are: {known}."


class CodeUnknown(CodeListError):
    """The list does not have the code."""

    code: ClassVar[str] = "code-unknown"
    message_zh: ClassVar[str] = "{title}中没有代码 {value}。"
    message_en: ClassVar[str] = "The code list {list} has no code {value}."


class CodeNotInForce(CodeListError):
    """The code exists but was not in force on the day in question."""

    code: ClassVar[str] = "code-not-in-force"
    message_zh: ClassVar[str] = "{title}中的代码 {value} 在 {day} 无效，现行代码：{successor}。"
    message_en: ClassVar[str] = (
        "Code {value} of {list} is not in force on {day}; its successor is {successor}."
    )


@dataclass(frozen=True, slots=True)
class Code:
    """One code: `valid_from` is included, `valid_to` is not; None means open. `name_en` may be empty."""

    code: str
    name: str
    name_en: str
    parent: str | None
    short: str | None
    valid_from: dt.date | None
    valid_to: dt.date | None
    successor: str | None

    def in_force(self, on: dt.date) -> bool:
        """Whether the code may be used on the day."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_to is None or on < self.valid_to
        )


@dataclass(frozen=True, slots=True)
class CodeList:
    """A code list in memory, in the order of its file."""

    id: str
    table: Table
    codes: Mapping[str, Code]

    @property
    def title(self) -> str:
        """The name the standard gives the list."""
        return self.table.title

    @property
    def standard(self) -> str:
        """Number of the standard."""
        return self.table.facts.get("standard", "")

    def find(self, code: str, on: dt.date | None = None) -> Code:
        """The code, in force on the day when a day is given.

        Raises:
            CodeUnknown: the list does not have it.
            CodeNotInForce: not on that day.
        """
        found = self.codes.get(code)
        if found is None:
            raise CodeUnknown(list=self.id, title=self.title, value=code)
        if on is not None and not found.in_force(on):
            raise CodeNotInForce(
                list=self.id, title=self.title, value=code, day=on.isoformat(), successor=found.successor
            )
        return found

    def __contains__(self, code: object) -> bool:
        return code in self.codes

    def __iter__(self) -> Iterator[Code]:
        return iter(self.codes.values())

    def roots(self) -> tuple[Code, ...]:
        """Codes on the top level."""
        return tuple(code for code in self if code.parent is None)

    def children(self, code: str) -> tuple[Code, ...]:
        """Codes directly below."""
        return tuple(below for below in self if below.parent == code)

    def path(self, code: str) -> tuple[Code, ...]:
        """From the top level down to the code itself."""
        steps = [self.find(code)]
        while (parent := steps[0].parent) is not None:
            steps.insert(0, self.find(parent))
        return tuple(steps)

    def present(self, code: str, on: dt.date) -> Code | None:
        """What the code is today: itself or the last of its successors in force, None where there is none."""
        seen: set[str] = set()
        step: str | None = code
        while step is not None and step not in seen:
            seen.add(step)
            found = self.find(step)
            if found.in_force(on):
                return found
            step = found.successor
        return None


@cache
def code_list_ids() -> tuple[str, ...]:
    """Ids of the lists that come with the product."""
    place = files("yiwang.vocabulary") / "data" / "code_lists"
    return tuple(
        sorted(entry.name.removesuffix(".csv") for entry in place.iterdir() if entry.name.endswith(".csv"))
    )


@cache
def code_list(list_id: str) -> CodeList:
    """A list by its id.

    Raises:
        CodeListUnknown: there is none.
        TableError: its file is broken.
    """
    if list_id not in code_list_ids():
        raise CodeListUnknown(list=list_id, known=list(code_list_ids()))
    return read_code_list(data_table(f"code_lists/{list_id}.csv", *COLUMNS))


def read_code_list(table: Table) -> CodeList:
    """A list from a table, also one of the operator's own.

    Raises:
        TableError: a code twice, or a parent or successor that is not there.
    """
    codes: dict[str, Code] = {}
    for row in table.rows:
        if row["code"] in codes:
            raise row.broken(f"the code {row['code']} appears twice")
        codes[row["code"]] = Code(
            row["code"],
            row["name"],
            row["name_en"],
            row["parent"] or None,
            row["short"] or None,
            _day(row, "valid_from"),
            _day(row, "valid_to"),
            row["successor"] or None,
        )
    for row in table.rows:
        for column in ("parent", "successor"):
            if row[column] and (row[column] not in codes or row[column] == row["code"]):
                raise row.broken(f"{column} {row[column]} is not a code of the list")
    return CodeList(table.facts.get("id", table.name), table, codes)


def _day(row: Row, column: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(row[column]) if row[column] else None
    except ValueError as wrong:
        raise row.broken(f"{column} must be a date, not {row[column]!r}") from wrong
