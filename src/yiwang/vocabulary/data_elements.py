"""Data elements 数据元 of the national standards: what a datum is called and which values it may have.

The rows are data (`data/data_elements.csv`); a node registers elements of its own beside them and newer editions of
these, see the standards block.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import ClassVar, Literal

from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.tables import Row, Table, data_table

ElementType = Literal["text", "integer", "decimal", "boolean", "date", "datetime"]
CheckCharacter = Literal["", "mod11_2", "uscc", "mod11_10"]
TYPES: tuple[ElementType, ...] = ("text", "integer", "decimal", "boolean", "date", "datetime")
CHECKS: tuple[CheckCharacter, ...] = ("", "mod11_2", "uscc", "mod11_10")
COLUMNS = (
    "number", "name", "name_en", "definition", "type", "format", "longest", "pattern", "check", "code_list", "unit",
    "standard",
)  # fmt: skip


class DataElementUnknown(YwError):
    """There is no data element of that number."""

    code: ClassVar[str] = "data-element-unknown"
    message_zh: ClassVar[str] = "没有编号为 {number} 的数据元。"
    message_en: ClassVar[str] = "There is no data element {number}."
    mend_zh: ClassVar[str] = "用 yw standards list 查看编号。"
    mend_en: ClassVar[str] = "See the numbers with yw standards list."


@dataclass(frozen=True, slots=True, kw_only=True)
class DataElement:
    """A data element with its value domain.

    Attributes:
        number: what catalogue items and package fields name.
        longest: characters a text may have; 0: not limited.
        pattern: regular expression for the whole text.
        check: kind of check character.
        code_list: id of the list of its codes.
        verified: whether somebody compared the row with the official text.
    """

    number: str
    name: str
    name_en: str = ""
    definition: str = ""
    type: ElementType = "text"
    format: str = ""
    longest: int = 0
    pattern: str = ""
    check: CheckCharacter = ""
    code_list: str = ""
    unit: str = ""
    standard: str = ""
    edition: str = ""
    source: str = ""
    verified: bool = False


@cache
def national_elements() -> Mapping[str, DataElement]:
    """Elements of the national standards by number, in the order of the file."""
    return MappingProxyType(read_elements(data_table("data_elements.csv", *COLUMNS)))


def read_elements(table: Table) -> dict[str, DataElement]:
    """Elements of a table in the form of `data/data_elements.csv`.

    Raises:
        TableError: a number that stands twice, an unknown type or check, a length that is no number.
    """
    found: dict[str, DataElement] = {}
    for row in table.rows:
        made = _element(row)
        if made.number in found:
            raise row.broken(f"the number {made.number} stands twice")
        found[made.number] = made
    return found


def _element(row: Row) -> DataElement:
    kind = next((one for one in TYPES if one == row["type"]), None)
    check = next((one for one in CHECKS if one == row["check"]), None)
    if kind is None:
        raise row.broken(f"type must be one of {', '.join(TYPES)}, not {row['type']!r}")
    if check is None:
        raise row.broken(f"check must be one of {', '.join(CHECKS[1:])}, not {row['check']!r}")
    if not row["number"] or not row["name"]:
        raise row.broken("number and name are needed")
    if row["longest"] and not row["longest"].isdecimal():
        raise row.broken(f"longest must be a number of characters, not {row['longest']!r}")
    return DataElement(
        number=row["number"], name=row["name"], name_en=row["name_en"], definition=row["definition"], type=kind,
        format=row["format"], longest=int(row["longest"] or 0), pattern=row["pattern"], check=check,
        code_list=row["code_list"], unit=row["unit"], standard=row["standard"], edition=row["edition"],
        source=row["source"], verified=row["verified"] == "true",
    )  # fmt: skip
