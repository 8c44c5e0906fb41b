"""Reading a granted table for another node: blocking, one session a request, narrowed and masked before a row is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import msgspec

from yiwang.blocks.exchange.domain.compiled import CompiledResource, CompiledSource
from yiwang.blocks.exchange.domain.errors import ExchangeError
from yiwang.blocks.exchange.domain.granting import granted_of
from yiwang.dataplane.connectors.errors import ConnectorError, HostNotAllowed
from yiwang.dataplane.connectors.places import DatabasePlace
from yiwang.dataplane.masking import Mask, mask
from yiwang.dataplane.transfer import beyond_wire as w
from yiwang.dataplane.transfer.database import Window
from yiwang.dataplane.transfer.granted import GrantedSource
from yiwang.dataplane.transfer.shape import Column, Key, Row, Span
from yiwang.dataplane.transfer.values import restored, stored, written
from yiwang.gateway import source_errors as s
from yiwang.gateway.tables.errors import TableActWrong, TableWithoutKey
from yiwang.gateway.terms import Terms

SECONDS: Final = 20.0
"""Time that one statement may take at its source: a page is small, and a hop waits no longer."""


class Table:
    """One granted table in an open session."""

    def __init__(self, source: GrantedSource, terms: Terms, columns: tuple[Column, ...]) -> None:
        self._source = source
        self._name = terms.resource.code
        self._columns = columns
        self._masks: list[Mask | None] = [None] * len(columns)
        masks = {one.name: one.mask for one in terms.grant.fields if one.mask}
        for at, column in enumerate(columns):
            if column.name in masks:
                self._masks[at] = mask(str(masks[column.name]))
        names = [column.name for column in columns]
        key = tuple(field.name for field in terms.key)
        if not key or any(name not in names or self._masks[names.index(name)] for name in key):
            raise TableWithoutKey(resource=self._name)
        self._key_at = [names.index(name) for name in key]
        self._key = tuple(columns[at] for at in self._key_at)

    def opened(self, rows: int) -> w.Opened:
        """Columns as they travel."""
        shown = tuple(
            Column(column.name, "text", nullable=column.nullable) if held else column
            for column, held in zip(self._columns, self._masks, strict=True)
        )
        return w.Opened(shown, tuple(column.name for column in self._key), rows)

    def count(self, window: w.Moved | None) -> w.Counted:
        """How many rows."""
        return w.Counted(self._source.count(self._name, self._source.moved(self._window(window))))

    def top(self, name: str) -> w.Found:
        """The greatest value of a column."""
        value = self._source.top(self._name, self._plain(name))
        return w.Found(None if value is None else stored((value,)))

    def bound(self, low: str | None, window: w.Moved | None, size: int) -> w.Found:
        """The key of the `size`-th row after `low`."""
        key = self._source.bound(self._name, self._key, self._bound(low), self._window(window), size)
        return w.Found(None if key is None else stored(key))

    def page(self, low: str | None, high: str | None, window: w.Moved | None) -> w.Page:
        """Rows of a span, as many as a page holds."""
        span = Span(self._bound(low), self._bound(high))
        condition = self._source.within(self._key, span) & self._source.moved(self._window(window))
        rows: list[str] = []
        size, last, more = 0, None, False
        for raw in self._source.rows(self._name, self._columns, self._key, condition):
            if len(rows) == w.PAGE_ROWS or size >= w.PAGE_BYTES:
                more = True
                break
            text = stored(self._masked(raw))
            rows.append(text)
            size += len(text)
            last = raw
        key = None if last is None else stored(tuple(last[at] for at in self._key_at))
        return w.Page(len(rows), w.digest_of(rows), more, key, tuple(rows))

    def _masked(self, raw: Row) -> Row:
        return tuple(
            value
            if held is None or value is None
            else held(value if isinstance(value, str) else written(value))
            for value, held in zip(raw, self._masks, strict=True)
        )

    def _plain(self, name: str) -> Column:
        """A column that may tell what is new. Raises: TableActWrong."""
        for column, held in zip(self._columns, self._masks, strict=True):
            if column.name == name and held is None:
                return column
        raise TableActWrong(reason="column")

    def _window(self, moved: w.Moved | None) -> Window | None:
        if moved is None:
            return None
        low = None if moved.low is None else self._restored(moved.low, 1)[0]
        return Window(self._plain(moved.column), low, self._restored(moved.high, 1)[0])

    def _bound(self, text: str | None) -> Key | None:
        return None if text is None else self._restored(text, len(self._key))

    def _restored(self, text: str, width: int) -> Key:
        try:
            values = restored(text)
        except (ValueError, TypeError, ArithmeticError, AttributeError, RecursionError):
            raise TableActWrong(reason="values") from None
        if len(values) != width or any(isinstance(value, list | dict) for value in values):
            raise TableActWrong(reason="values")
        return values


class Reader:
    """Opens granted tables."""

    def __init__(self, place: Callable[[CompiledSource], DatabasePlace]) -> None:
        """`place` gives the pinned address of a source with its password."""
        self._place = place

    def answer(self, terms: Terms, act: w.Act) -> tuple[bytes, int | None]:
        """The answer to an act that reads, and how many rows it holds. Raises: Refusal, TableActWrong, SourceTrouble."""
        with self._opened(terms) as (table, rows):
            match act:
                case w.OpenTable():
                    return msgspec.json.encode(table.opened(rows)), None
                case w.CountRows():
                    return msgspec.json.encode(table.count(act.window)), None
                case w.FindTop():
                    return msgspec.json.encode(table.top(act.column)), None
                case w.FindBound():
                    return msgspec.json.encode(table.bound(act.low, act.window, act.size)), None
                case w.ReadRows():
                    page = table.page(act.low, act.high, act.window)
                    return msgspec.json.encode(page), page.count
                case _:
                    raise TableActWrong(reason="act")

    @contextmanager
    def _opened(self, terms: Terms) -> Iterator[tuple[Table, int]]:
        resource: CompiledResource = terms.resource
        code = resource.code
        try:
            granted = granted_of(resource, terms.grant.fields, terms.grant.rows)
            source = GrantedSource.under(self._place(resource.source), granted)
        except ExchangeError:
            raise s.SourceChanged(resource=code) from None
        except HostNotAllowed:
            raise s.SourceNotAllowed(resource=code) from None
        except ConnectorError:
            raise s.SourceUnreachable(resource=code) from None
        try:
            source.begin_reading()
            source.hurry(SECONDS)
            shape = source.shape(code)
            if shape is None or {one.name for one in shape.columns} != set(granted.columns):
                raise s.SourceChanged(resource=code)
            yield Table(source, terms, shape.columns), shape.rows
        except ConnectorError:  # the server's own words may quote values
            raise s.SourceTrouble(resource=code) from None
        finally:
            source.close()
