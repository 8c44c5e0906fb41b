"""What a data element and a code list must be to be registered, and the rules that an element's values keep."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from yiwang.blocks.standards.domain.errors import Problem, StandardFileUnreadable
from yiwang.dataplane.quality.spelling import Spelled
from yiwang.vocabulary.data_elements import CHECKS, COLUMNS, TYPES, DataElement

State = Literal["draft", "in_force", "superseded"]
STATES: Final[tuple[State, ...]] = ("draft", "in_force", "superseded")
NUMBER: Final = re.compile(r"[A-Z][A-Za-z0-9/. -]{1,39}")
LIST_ID: Final = re.compile(r"[a-z][a-z0-9_-]{1,39}")
COLUMNS_OUT: Final = (*COLUMNS, "edition", "source", "verified")
CODE_COLUMNS: Final = ("code", "name", "parent", "valid_from", "valid_to", "successor")
LARGEST, MOST_ROWS = 2 * 1024 * 1024, 5000
"""Bytes and rows of a file that is taken in."""


@dataclass(frozen=True)
class Code:
    """A code of a list: `valid_from` is included, `valid_to` is not; None means open."""

    code: str
    name: str
    parent: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    successor: str = ""


@dataclass(frozen=True)
class ListForm:
    """A code list as it is registered."""

    id: str
    title: str
    codes: tuple[Code, ...]
    standard: str = ""
    edition: str = ""
    source: str = ""
    verified: bool = False


def element_problems(element: DataElement, lists: Callable[[str], bool]) -> tuple[Problem, ...]:
    """Everything that is wrong with an element; `lists` knows code lists by id."""
    found = []
    if NUMBER.fullmatch(element.number) is None:
        found.append(
            Problem(
                "number",
                "编号以大写字母开头，可用字母、数字、斜线、点、空格和横线。",
                "A number begins with a capital letter: letters, digits, / . - and blanks.",
            )
        )
    if not element.name.strip() or len(element.name) > 100:
        found.append(Problem("name", "写 1 到 100 个字的名称。", "Give a name of 1 to 100 characters."))
    if not element.definition.strip():
        found.append(Problem("definition", "写明含义。", "Say what it means."))
    if element.pattern and not _fits_every_engine(element.pattern):
        found.append(
            Problem(
                "pattern",
                "表达式写法有误，或使用了环视、反向引用。",
                "The expression is broken, or looks around or back.",
            )
        )
    if element.code_list and not lists(element.code_list):
        found.append(
            Problem(
                "code_list",
                f"没有代码表 {element.code_list}。",
                f"There is no code list {element.code_list}.",
            )
        )
    if not 0 <= element.longest <= 100_000:
        found.append(Problem("longest", "长度为 0 到 100,000。", "A length is 0 to 100,000."))
    if element.type != "text" and (element.check or element.code_list or element.pattern):
        found.append(
            Problem(
                "type",
                "校验码、代码表和格式只用于文本。",
                "Check characters, lists and forms are of texts alone.",
            )
        )
    return tuple(found)


def list_problems(form: ListForm) -> tuple[Problem, ...]:
    """Everything that is wrong with a code list."""
    found = []
    if LIST_ID.fullmatch(form.id) is None:
        found.append(
            Problem(
                "id",
                "标识用小写英文字母、数字、横线和下划线，如 permit-state。",
                "An id has small letters, digits, - and _, such as permit-state.",
            )
        )
    if not form.title.strip():
        found.append(Problem("title", "写名称。", "Give a name."))
    if not form.codes:
        found.append(Problem("codes", "至少一个代码。", "At least one code."))
    known = [one.code for one in form.codes]
    for line, one in enumerate(form.codes, 2):
        if not one.code or not one.name:
            found.append(Problem(f"line {line}", "代码和名称都要写。", "Code and name are needed."))
        if known.count(one.code) > 1 and known.index(one.code) != line - 2:
            found.append(
                Problem(f"line {line}", f"代码 {one.code} 重复。", f"The code {one.code} stands twice.")
            )
        for word in (one.parent, one.successor):
            if word and word not in known:
                found.append(Problem(f"line {line}", f"没有代码 {word}。", f"There is no code {word}."))
        if one.valid_from and one.valid_to and one.valid_to <= one.valid_from:
            found.append(Problem(f"line {line}", "失效日期应晚于生效日期。", "It ends before it begins."))
    return tuple(found)


def rules_for(element: DataElement, field: str) -> tuple[Spelled, ...]:
    """The rules by which values of a column keep to the value domain of an element."""
    found = []
    if element.check:
        found.append(Spelled(rule="check_digit", field=field, kind=element.check))
    if element.code_list:
        found.append(Spelled(rule="in_list", fields=[field], code_list=element.code_list))
    if element.pattern:
        found.append(Spelled(rule="pattern", field=field, pattern=element.pattern))
    if element.longest and element.type == "text" and not element.check and not element.code_list:
        found.append(Spelled(rule="length", field=field, max=element.longest))
    return tuple(found)


def elements_from(content: bytes) -> tuple[tuple[DataElement, ...], tuple[Problem, ...]]:
    """Elements of a CSV (columns `COLUMNS_OUT`), and what is wrong with its lines. Raises: StandardFileUnreadable."""
    found: list[DataElement] = []
    problems: list[Problem] = []
    seen: set[str] = set()
    for line, row in _rows(content, ("number", "name")):
        kind = next((one for one in TYPES if one == (row.get("type") or "text")), None)
        check = next((one for one in CHECKS if one == row.get("check", "")), None)
        longest = row.get("longest") or "0"
        if kind is None or check is None or not longest.isdecimal() or len(longest) > 6:
            problems.append(
                Problem(
                    f"line {line}",
                    "类型、校验码或长度写法有误。",
                    "Type, check or longest is not one of those known.",
                )
            )
            continue
        if row["number"] in seen:
            problems.append(Problem(f"line {line}", "编号重复。", "The number stands twice."))
        seen.add(row["number"])
        found.append(
            DataElement(
                number=row["number"], name=row["name"], name_en=row.get("name_en", ""),
                definition=row.get("definition", ""), type=kind, format=row.get("format", ""), longest=int(longest),
                pattern=row.get("pattern", ""), check=check, code_list=row.get("code_list", ""),
                unit=row.get("unit", ""), standard=row.get("standard", ""), edition=row.get("edition", ""),
                source=row.get("source", ""), verified=row.get("verified") == "true",
            )
        )  # fmt: skip
    return tuple(found), tuple(problems)


def codes_from(content: bytes) -> tuple[tuple[Code, ...], tuple[Problem, ...]]:
    """Codes of a CSV (columns `CODE_COLUMNS`), and what is wrong with its lines. Raises: StandardFileUnreadable."""
    found: list[Code] = []
    problems: list[Problem] = []
    for line, row in _rows(content, ("code", "name")):
        try:
            since, until = (
                date.fromisoformat(text) if (text := row.get(name, "")) else None
                for name in ("valid_from", "valid_to")
            )
        except ValueError:
            problems.append(Problem(f"line {line}", "日期写作 2026-01-31。", "Dates are written 2026-01-31."))
            continue
        found.append(
            Code(row["code"], row["name"], row.get("parent", ""), since, until, row.get("successor", ""))
        )
    return tuple(found), tuple(problems)


def elements_csv(elements: Iterable[DataElement]) -> str:
    """Elements as a file that `elements_from` reads."""
    rows = (
        [
            str(one.longest or "") if name == "longest" else "true" if name == "verified" and one.verified
            else "" if name == "verified" else str(getattr(one, name))
            for name in COLUMNS_OUT
        ]
        for one in elements
    )  # fmt: skip
    return _csv(COLUMNS_OUT, rows)


def codes_csv(codes: Iterable[Code]) -> str:
    """Codes as a file that `codes_from` reads."""
    rows = (
        [
            one.code, one.name, one.parent, one.valid_from.isoformat() if one.valid_from else "",
            one.valid_to.isoformat() if one.valid_to else "", one.successor,
        ]
        for one in codes
    )  # fmt: skip
    return _csv(CODE_COLUMNS, rows)


def _csv(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    return out.getvalue()


def _plain(cell: str) -> str:
    """A cell that no spreadsheet program takes for a formula; `_rows` takes the mark off again."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r", "'") else cell


def _rows(content: bytes, needed: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    if len(content) > LARGEST:
        raise StandardFileUnreadable(problem=f"> {LARGEST // 1024} KiB")
    try:
        text = content.decode("utf-8-sig")
        lines = [line for line in text.splitlines() if not line.startswith("#")]
        reader = csv.DictReader(lines, strict=True)
        head = [name.strip() for name in reader.fieldnames or ()]
        if len(set(head)) < len(head) or not set(needed) <= set(head):
            raise StandardFileUnreadable(problem=f"columns {', '.join(needed)}")
        reader.fieldnames = head
        rows = []
        for row in reader:
            cells = {
                name: value.strip().removeprefix("'") for name, value in row.items() if isinstance(value, str)
            }
            if any(cells.values()):
                rows.append((reader.line_num, {**dict.fromkeys(needed, ""), **cells}))
            if len(rows) > MOST_ROWS:
                raise StandardFileUnreadable(problem=f"> {MOST_ROWS} rows")
    except (UnicodeDecodeError, csv.Error) as problem:
        raise StandardFileUnreadable(problem=type(problem).__name__) from problem
    return rows


def _fits_every_engine(pattern: str) -> bool:
    if re.search(r"\(\?[=!<P]|\\[1-9]", pattern) or len(pattern) > 300:
        return False
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True
