"""Rows of a file on their way into columns: read column by column, every wrong cell named by its line and field."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

from yiwang.blocks.registry.domain.compiled import Entity, Field, System
from yiwang.blocks.registry.domain.errors import CellProblem, HeadsUnknown
from yiwang.blocks.registry.domain.layout import LOOKUP
from yiwang.blocks.registry.domain.loading import TOLD
from yiwang.blocks.registry.domain.protecting import Protector
from yiwang.blocks.registry.domain.settled import settled
from yiwang.blocks.registry.domain.values import KEY_SEPARATOR, Plain, ValueWrong, read
from yiwang.blocks.registry.store.days import local_day
from yiwang.blocks.registry.store.keys import sealing_protector
from yiwang.blocks.registry.store.serials import next_serials, slots

PROBLEMS: Final = 200
"""As many wrong cells are named, unless more are asked for."""
MOST_PROBLEMS: Final = TOLD
"""More than this nobody is told: a file in which so much is wrong is another file."""
STEP: Final = 20_000
"""Rows that are copied, checked and inserted at once."""
_BATCH: Final = 250
"""Rows that are read at once: so few that they stay in the processor's cache and below the collector's notice."""
_KNOWN_VALUES: Final = 20_000
_NULL: Final = "\\N"
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_PLAIN: Final = frozenset({str, type(None)})
Rows = Iterator[tuple[int, Sequence[object]]]


@dataclass(frozen=True, slots=True)
class Step:
    """Rows as COPY takes them, and the line of the last."""

    text: bytes
    last: int


class FileRows:
    """The rows of one file for one entity. `columns` are those that a step fills, after the line.

    Reading ends when `named` wrong cells are found.

    Raises: HeadsUnknown.
    """

    def __init__(
        self, system: System, entity: Entity, heads: Sequence[str], now: datetime, named: int = PROBLEMS
    ) -> None:
        self.problems: list[CellProblem] = []
        self.named = named
        self.read = 0
        self._system, self._entity, self._now, self._today = system, entity, now, local_day(now)
        self._fields = [one for one in entity.fields if one.derived is None]
        self._at = self._placed(heads)
        self._width = len(heads)
        self._texts: dict[str, dict[str, str]] = {one.id: {} for one in self._fields}
        self._settled = {one.id: how for one in self._fields if (how := settled(one)) is not None}
        sealed = any(one.encrypted for one in self._fields)
        self._seals: Protector | None = None
        self._serials = [one for one in self._fields if one.kind == "serial"]
        # values that others hang on: keys that seals are bound to, parts of a number
        self._needed = {one for one in entity.key if sealed} | {
            part for one in self._serials for part in slots(entity, one)
        }
        self.columns = [
            column
            for one in self._fields
            for column in (
                *one.columns,
                *((LOOKUP + one.columns[0],) if one.encrypted and one.lookup else ()),
            )
        ]

    def hold_key(self) -> None:
        """Take what seals encrypted fields, for the transaction at hand."""
        if any(one.encrypted for one in self._fields):
            self._seals = sealing_protector()

    @property
    def numbered(self) -> bool:
        """Whether reading may ask the database for numbers."""
        return bool(self._serials)

    @property
    def generation(self) -> int | None:
        """Of the key that encrypted fields are sealed with; None where there are none."""
        return self._seals.generation if self._seals is not None else None

    def steps(self, rows: Rows, size: int | None = None) -> Iterator[Step]:
        """The rows, step by step, of `size` each (`STEP`). Stops at too many problems."""
        size = size or STEP
        texts: list[bytes] = []
        last, held = 0, 0
        while batch := list(islice(rows, _BATCH)):
            texts.append(self._batch(batch))
            self.read += len(batch)
            last, held = batch[-1][0], held + len(batch)
            if len(self.problems) >= self.named:
                return
            if held >= size:
                yield Step(b"".join(texts), last)
                texts, held = [], 0
        if texts:
            yield Step(b"".join(texts), last)

    def _batch(self, batch: list[tuple[int, Sequence[object]]]) -> bytes:
        lines, cells = zip(*batch, strict=True)
        columns = self._columns(lines, cells)
        values: dict[str, list[Plain]] = {}
        written: dict[str, list[Sequence[str]]] = {}
        for one in self._fields:
            column = self._column_of(one, columns, len(lines))
            if one.kind == "serial" or one.encrypted or one.id in self._needed or len(one.columns) > 1:
                values[one.id] = self._values(one, lines, column)
            else:
                written[one.id] = [self._written(one, lines, column)]
        for one in self._serials:
            self._number(one, lines, values)
        keys = self._keys(values, len(lines)) if self._seals else []
        for one in self._fields:
            if one.id in values:
                written[one.id] = self._spread(one, values[one.id], keys)
        texts = [list(map(str, lines)), *(column for one in self._fields for column in written[one.id])]
        return ("\n".join(map("\t".join, zip(*texts, strict=True))) + "\n").encode()

    def _columns(self, lines: Sequence[int], rows: Sequence[Sequence[object]]) -> Sequence[Sequence[object]]:
        """The cells of rows, by column; short rows end in empty cells, and of long ones the surplus is told."""
        width = self._width
        if set(map(len, rows)) == {width}:
            return list(zip(*rows, strict=True))
        for line, cells in zip(lines, rows, strict=True):
            if len(cells) > width and any(cell not in (None, "") for cell in cells[width:]):
                self.problems.append(
                    CellProblem(line, "", "单元格比表头多", "there are more cells than heads")
                )
        return [[cells[at] if at < len(cells) else None for cells in rows] for at in range(width)]

    def _column_of(self, field: Field, columns: Sequence[Sequence[object]], count: int) -> Sequence[object]:
        at = self._at.get(field.id)
        return [None] * count if at is None else columns[at]

    def _written(self, field: Field, lines: Sequence[int], column: Sequence[object]) -> Sequence[str]:
        """A column as COPY takes it: as it stands where all of it may, else by what each of its texts says."""
        if not set(map(type, column)) <= _PLAIN:
            return [_text(value) for value in self._values(field, lines, column)]
        texts = [one if isinstance(one, str) else "" for one in column]
        tells = self._settled.get(field.id)
        filled = texts if all(texts) else [one for one in texts if one]
        if tells is not None and filled and tells(filled):
            if len(filled) == len(texts):
                return texts
            empty = self._value(field, None)
            if empty is not None or not field.required:
                shown = _text(empty)
                return [one or shown for one in texts]
        known = self._texts[field.id]
        if known.keys() >= set(texts):
            return [known[one] for one in texts]
        return self._looked_up(field, lines, texts)

    def _looked_up(self, field: Field, lines: Sequence[int], texts: Sequence[str]) -> list[str]:
        known = self._texts[field.id]
        found: list[str] = []
        for line, cell in zip(lines, texts, strict=True):
            text = known.get(cell)
            if text is None:
                value = self._told(line, field, cell)
                text = _text(value)
                if (value is not None or not (cell or field.required)) and len(known) < _KNOWN_VALUES:
                    known[cell] = text
            found.append(text)
        return found

    def _values(self, field: Field, lines: Sequence[int], column: Sequence[object]) -> list[Plain]:
        return [self._told(line, field, cell) for line, cell in zip(lines, column, strict=True)]

    def _value(self, field: Field, given: object) -> Plain:
        """What a cell says; its default where it is empty. Raises: ValueWrong."""
        given = field.default if given in (None, "") else given
        if given == "now" and field.default == "now":
            given = self._now if field.kind == "datetime" else self._today
        return read(self._system, field, given, self._today)

    def _told(self, line: int, field: Field, given: object) -> Plain:
        """The same, with what is wrong among the problems."""
        try:
            value = self._value(field, given)
        except ValueWrong as wrong:
            self.problems.append(CellProblem(line, field.id, wrong.zh, wrong.en))
            return None
        if value is None and field.required and field.kind != "serial":
            self.problems.append(CellProblem(line, field.id, "必填", "it is required"))
        return value

    def _number(self, field: Field, lines: Sequence[int], values: dict[str, list[Plain]]) -> None:
        """Give a number of the field's pattern to every row that has none."""
        column = values[field.id]
        empty = [at for at in range(len(lines)) if column[at] is None]
        if not empty or self.problems:
            return
        rows = [{one: values[one][at] for one in self._needed if one in values} for at in empty]
        given = next_serials(self._system, self._entity, field, rows, self._today)
        for at, number in zip(empty, given, strict=True):
            column[at] = number

    def _keys(self, values: Mapping[str, list[Plain]], count: int) -> list[str]:
        columns = [values[one] for one in self._entity.key]
        return [KEY_SEPARATOR.join(str(column[at]) for column in columns) for at in range(count)]

    def _spread(self, field: Field, values: Sequence[Plain], keys: Sequence[str]) -> list[Sequence[str]]:
        """Values in the columns of their field: sealed, with their digests, or each part of a key in its own."""
        if field.encrypted and self._seals is not None:
            place, seals = field.place(self._system.id, self._entity.id), self._seals
            found: list[Sequence[str]] = [
                [
                    _NULL if one is None else "\\\\x" + seals.seal(place, key, one).hex()
                    for one, key in zip(values, keys, strict=True)
                ]
            ]
            if field.lookup:
                found.append(
                    [_NULL if one is None else "\\\\x" + seals.digest(place, one).hex() for one in values]
                )
            return found
        if len(field.columns) > 1:
            nothing = [_NULL] * len(field.columns)
            parts = [
                nothing
                if one is None
                else [part.translate(_ESCAPES) for part in str(one).split(KEY_SEPARATOR)]
                for one in values
            ]
            return list(zip(*parts, strict=True))
        return [[_text(one) for one in values]]

    def _placed(self, heads: Sequence[str]) -> dict[str, int]:
        """At which place of a row each field stands. Raises: HeadsUnknown."""
        names: dict[str, str] = {}
        for one in self._fields:
            names |= {one.id: one.id, one.title.zh: one.id, one.title.en or one.id: one.id}
        unknown = [head for head in heads if head not in names]
        at = {names[head]: place for place, head in enumerate(heads) if head in names}
        missing = [
            one.id for one in self._fields
            if one.required and one.id not in at and one.default is None and one.kind != "serial"
        ]  # fmt: skip
        if unknown or missing or len(at) < len(heads):
            raise HeadsUnknown(unknown=[head[:40] for head in unknown[:10]], missing=missing)
        return at


def _text(value: Plain) -> str:
    match value:
        case None:
            return _NULL
        case str():
            return value.translate(_ESCAPES)
        case bool():
            return "t" if value else "f"
        case list():
            quoted = (one.replace("\\", "\\\\").replace('"', '\\"') for one in value)
            return ("{" + ",".join(f'"{one}"' for one in quoted) + "}").translate(_ESCAPES)
        case Mapping():
            return json.dumps(value, ensure_ascii=False).translate(_ESCAPES)
        case _:
            return str(value)
