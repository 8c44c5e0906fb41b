"""A received row from which a dispute begins: the row stands in the form, never in an address."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Annotated

import msgspec
from django.http import QueryDict
from msgspec import Meta

MOST_ROWS = 10
MAX_VALUE = 200


class Received(msgspec.Struct, frozen=True):
    """An answer as the console showed it: what was asked by, and the rows."""

    asked: dict[str, str]
    rows: Annotated[tuple[dict[str, str], ...], Meta(max_length=MOST_ROWS)]

    @property
    def text(self) -> str:
        """As a form carries it."""
        return msgspec.json.encode(self).decode("utf-8")

    def choices(self) -> Iterator[tuple[str, str, str]]:
        """Each value of each row: how the form names it, its item, the value."""
        for number, row in enumerate(self.rows):
            for name, value in row.items():
                yield f"{number}:{name}", name, value


def received(asked: dict[str, str], rows: object) -> Received | None:
    """The rows of an answer; None where there are none. Values that no box takes are left out."""
    if not isinstance(rows, list):
        return None
    kept = tuple(
        {str(name): _short(value) for name, value in row.items()}
        for row in rows[:MOST_ROWS]
        if isinstance(row, dict)
    )
    return Received(asked, kept) if kept else None


def begun(data: QueryDict, items: Collection[str]) -> dict[str, str] | None:
    """What a dispute form is filled with that began at a value of a row; None where it did not."""
    if "pick" not in data:
        return None
    number, _, name = data.get("pick", "").partition(":")
    try:
        given = msgspec.json.decode(data.get("received", ""), type=Received)
        row = given.rows[int(number)]
    except (msgspec.MsgspecError, ValueError, IndexError):
        return {}
    key = next(((one, row.get(one, value)) for one, value in given.asked.items() if one in items), None)
    found = {"field": name, "given": row.get(name, "")} if name in items else {}
    return found | ({"key_name": key[0], "key_value": key[1]} if key else {})


def _short(value: object) -> str:
    return "" if value is None else str(value)[:MAX_VALUE]
