"""A table of another node as the source of a job: asked for page by page through whatever reaches that node.

The engine's conditions are put into words of the wire instead of SQL; the node that owns the table narrows it to the
grant and masks it before a row leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar, Final, NoReturn, TypeVar

import msgspec

from yiwang.dataplane.transfer import beyond_wire as w
from yiwang.dataplane.transfer.database import NOTHING, Condition, Database, Window
from yiwang.dataplane.transfer.errors import TransferPageBroken
from yiwang.dataplane.transfer.shape import KEY_KINDS, Column, Key, Kind, Row, Shape, Span, Value
from yiwang.dataplane.transfer.values import restored, stored
from yiwang.vocabulary.delivering import Way

T = TypeVar("T", bound=msgspec.Struct)
Ask = Callable[[w.Act], bytes]
"""Carries an act to the owner and gives its proven answer. Raises: YwError."""
_SPAN: Final = "span"
_WINDOW: Final = "window"


class NodeSource(Database):
    """Read only. Every page is read at its own moment; what moves meanwhile is found by the next run."""

    scheme: ClassVar[str] = "node"
    mark: ClassVar[str] = "?"
    holds_nul: ClassVar[bool] = False
    key_kinds: ClassVar[frozenset[Kind]] = KEY_KINDS
    guarantee_zh: ClassVar[str] = (
        "每页在读取的那一刻来自提供方节点，逐页核对行数和摘要；读取期间的变动由下一次作业发现。"
    )
    guarantee_en: ClassVar[str] = (
        "Each page is read at the provider's node at its own moment, its count and digest compared; what changes"
        " meanwhile is found by the next run."
    )

    def __init__(self, name: str, ask: Ask, run: str, way: Way) -> None:
        """`run`: 32 hexadecimal digits, the same ones until the run is over."""
        super().__init__(name)
        self._ask, self._run, self._way = ask, run, way
        self._shape: Shape | None = None

    def shape(self, table: str) -> Shape | None:
        """As the grant lets it be seen; the table's own name is the owner's. Raises: YwError."""
        del table
        if self._shape is None:
            told = self._asked(w.OpenTable(self._run, self._way), w.Opened)
            self._shape = Shape(told.columns, (told.key,), told.rows)
        return self._shape

    def confirm(self, rows: int, report: str) -> None:
        """Tell the owner that the run is over and proven. Raises: YwError."""
        self._asked(w.ConfirmRun(self._run, rows, report), w.Confirmed)

    def within(self, key: Sequence[Column], span: Span) -> Condition:
        """The rows of a span, as the wire says it."""
        del key
        if span == Span():
            return NOTHING
        return Condition(_SPAN, (_stored(span.low), _stored(span.high)))

    def moved(self, window: Window | None) -> Condition:
        """The rows of a window, as the wire says it."""
        if window is None:
            return NOTHING
        low = None if window.low is None else stored((window.low,))
        return Condition(_WINDOW, (window.column.name, low, stored((window.high,))))

    def rows(
        self, table: str, columns: Sequence[Column], key: Sequence[Column], condition: Condition
    ) -> Iterator[Row]:
        """Page after page. Raises: TransferPageBroken, YwError."""
        shape = self.shape(table)
        names = [column.name for column in shape.columns] if shape is not None else []
        places = [names.index(column.name) for column in columns]
        keys = [names.index(column.name) for column in key]
        low, high, window = _read(condition)
        more = True
        while more:
            page = self._asked(w.ReadRows(self._run, low, high, window), w.Page)
            if page.count != len(page.rows) or page.digest != w.digest_of(page.rows):
                raise TransferPageBroken(place=self.name)
            row: Row = ()
            for text in page.rows:
                row = self._row(text, len(names))
                yield tuple(row[at] for at in places)
            if page.rows and page.last != stored(tuple(row[at] for at in keys)):
                raise TransferPageBroken(place=self.name)
            more = page.more
            if more and (page.last is None or page.last == low):
                raise TransferPageBroken(place=self.name)  # a page that leads nowhere would be read for ever
            low = page.last

    def bound(
        self, table: str, key: Sequence[Column], low: Key | None, window: Window | None, size: int
    ) -> Key | None:
        """As a database does."""
        del table, key
        _, _, moved = _read(self.moved(window))
        size = min(size, w.MOST_ROWS)
        told = self._asked(w.FindBound(self._run, size, _stored(low), moved), w.Found)
        return None if told.values is None else self._restored(told.values)

    def count(self, table: str, condition: Condition = NOTHING) -> int:
        """As a database does."""
        del table
        _, _, window = _read(condition)
        return self._asked(w.CountRows(self._run, window), w.Counted).count

    def top(self, table: str, column: Column) -> Value:
        """As a database does."""
        del table
        told = self._asked(w.FindTop(self._run, column.name), w.Found)
        return None if told.values is None else self._restored(told.values)[0]

    def begin_reading(self) -> None:
        """No node holds a state for another."""

    def end_reading(self) -> None:
        """Nothing is held."""

    def close(self) -> None:
        """Nothing is open."""

    def quoted(self, name: str) -> str:
        """Names are no SQL here."""
        return name

    def declared(self, column: Column, *, key: bool = False) -> str:
        """It is a source only."""
        return self._only(column, key)

    def query(self, statement: str, values: Sequence[Value] = ()) -> list[Row]:
        """It takes no SQL."""
        return self._only(statement, values)

    def stream(self, statement: str, values: Sequence[Value] = ()) -> Iterator[Row]:
        """It takes no SQL."""
        return self._only(statement, values)

    def execute(self, statement: str, values: Sequence[Value] = ()) -> int:
        """It is a source only."""
        return self._only(statement, values)

    def insert(self, table: str, columns: Sequence[Column], rows: Sequence[Row]) -> None:
        """It is a source only."""
        self._only(table, columns, rows)

    def commit(self) -> None:
        """It is a source only."""
        self._only()

    def rollback(self) -> None:
        """It is a source only."""
        self._only()

    def _only(self, *given: object) -> NoReturn:
        del given
        raise RuntimeError("a table of another node is read, page by page")

    def _row(self, text: str, width: int) -> Row:
        row = self._restored(text)
        if len(row) != width:
            raise TransferPageBroken(place=self.name)
        return row

    def _restored(self, text: str) -> Row:
        try:
            return restored(text)
        except (ValueError, TypeError, ArithmeticError):
            raise TransferPageBroken(place=self.name) from None

    def _asked(self, act: w.Act, kind: type[T]) -> T:
        try:
            return msgspec.json.decode(self._ask(act), type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise TransferPageBroken(place=self.name) from None


def _stored(key: Key | None) -> str | None:
    return None if key is None else stored(key)


def _read(condition: Condition) -> tuple[str | None, str | None, w.Moved | None]:
    """Bounds and window of a condition that this source made."""
    low: str | None = None
    high: str | None = None
    window: w.Moved | None = None
    values = [None if value is None else str(value) for value in condition.values]
    for word in condition.sql.split(" AND ") if condition.sql else ():
        if word == _SPAN:
            low, high = values[0], values[1]
            values = values[2:]
        else:
            window = w.Moved(values[0] or "", values[1], values[2] or "")
            values = values[3:]
    return low, high, window
