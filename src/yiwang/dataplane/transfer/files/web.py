"""Lists behind an HTTP interface: all pages are fetched into a file of ours before the first row moves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import ClassVar, Final
from urllib.parse import SplitResult, parse_qsl, urlencode, urljoin, urlsplit

from yiwang.dataplane.connectors.errors import RemoteFault
from yiwang.dataplane.connectors.remote import WebList
from yiwang.dataplane.connectors.web import Answer, WebFault, get
from yiwang.dataplane.transfer.files.reading import Table
from yiwang.dataplane.transfer.files.staging import SourceFile
from yiwang.dataplane.transfer.shape import Column, Kind, Row, Value
from yiwang.dataplane.transfer.values import json_text

LARGEST_PAGE: Final = 50 << 20
LARGEST: Final = 8 << 30
MOST_PAGES: Final = 100_000
_MOST_COLUMNS: Final = 1_000
_SECONDS: Final = 60.0
_KINDS: Final[dict[type, Kind]] = {bool: "boolean", int: "integer", Decimal: "decimal", str: "text"}


class WebSource(SourceFile):
    """A list that was fetched."""

    guarantee_zh: ClassVar[str] = (
        "全部页取完再写第一行；接口没有快照，翻页期间对方增删的行可能漏掉或重复（重复即拒绝），下次全量比对补齐。"
    )
    guarantee_en: ClassVar[str] = (
        "All pages are fetched before the first row is written. The interface has no snapshot: rows that come or go while"
        " it is paged may be missed or repeat (then the run is refused); the next full run finds them."
    )


def fetch(place: WebList, scratch: Path) -> Table:
    """All rows of the list. Raises: RemoteFault."""
    columns: dict[str, set[type]] = {}
    taken = 0
    with scratch.open("w", encoding="utf-8") as file:
        for items in _pages(place):
            for item in items:
                if not isinstance(item, dict):
                    raise RemoteFault(address=str(place), reason="an item of the list is no object")
                for name, value in item.items():
                    kinds = columns.setdefault(name, set())
                    if value is not None:
                        kinds.add(type(value))
                line = json_text(item)
                taken += len(line)
                if taken > LARGEST or len(columns) > _MOST_COLUMNS:
                    raise RemoteFault(
                        address=str(place), reason=f"more than {LARGEST >> 30} GiB or {_MOST_COLUMNS} columns"
                    )
                file.write(line + "\n")
    made = tuple(Column(name, _kind(kinds)) for name, kinds in columns.items())
    return Table(made, _rows(scratch, made))


def _pages(place: WebList) -> Iterator[list[object]]:
    reading, url, seen = place.access.reading, place.url, set()
    if reading.by == "page":
        url = _with(url, reading.name, "1")
    for number in range(1, MOST_PAGES + 1):
        if url.geturl() in seen:
            raise RemoteFault(address=str(place), reason=f"page {number} leads back to an earlier one")
        seen.add(url.geturl())
        try:
            answer = get(url, place.pinned, place.headers, largest=LARGEST_PAGE, seconds=_SECONDS)
            tree: object = json.loads(answer.body, parse_float=Decimal)
        except WebFault as fault:
            raise RemoteFault(address=str(place), reason=f"page {number}: {fault}") from None
        except (ValueError, RecursionError):
            raise RemoteFault(address=str(place), reason=f"page {number} is no JSON") from None
        items = _at(tree, reading.items)
        if not isinstance(items, list):
            raise RemoteFault(address=str(place), reason=f"page {number} has no list at “{reading.items}”")
        yield items
        following = _following(place, url, answer, tree, number) if items else None
        if following is None:
            return
        url = following
    raise RemoteFault(address=str(place), reason=f"more than {MOST_PAGES} pages")


def _following(
    place: WebList, url: SplitResult, answer: Answer, tree: object, number: int
) -> SplitResult | None:
    reading = place.access.reading
    if reading.by == "page":
        return _with(url, reading.name, str(number + 1))
    found = answer.next if reading.by == "link" else _at(tree, reading.path)
    if found is None or found == "":
        return None
    if reading.by == "cursor":
        return _with(url, reading.name, str(found))
    try:
        made = urlsplit(urljoin(url.geturl(), str(found)))
        same = (made.scheme, made.netloc) == (place.url.scheme, place.url.netloc)
    except ValueError:
        same = False
    if not same:  # what proves who we are goes to this server alone
        raise RemoteFault(address=str(place), reason=f"page {number} leads to another server")
    return made


def _with(url: SplitResult, name: str, value: str) -> SplitResult:
    kept = [(key, held) for key, held in parse_qsl(url.query, keep_blank_values=True) if key != name]
    return url._replace(query=urlencode([*kept, (name, value)]))


def _at(tree: object, path: str) -> object:
    for name in path.split(".") if path else ():
        tree = tree.get(name) if isinstance(tree, dict) else None
    return tree


def _kind(kinds: set[type]) -> Kind:
    if not kinds:
        return "text"
    if kinds == {int, Decimal}:
        return "decimal"
    return _KINDS.get(next(iter(kinds)), "json") if len(kinds) == 1 else "json"


def _rows(scratch: Path, columns: tuple[Column, ...]) -> Iterator[Row]:
    with scratch.open(encoding="utf-8") as file:
        for line in file:
            item = json.loads(line, parse_float=Decimal)
            yield tuple(_value(column, item.get(column.name)) for column in columns)


def _value(column: Column, value: object) -> Value:
    return json_text(value) if column.kind == "json" and value is not None else value
