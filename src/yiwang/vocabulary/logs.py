"""How processes of a node write their logs: lines on stderr, without what a database says of values.

A database's words for an error quote the row or the cell that it would not take. Of such an error a log gets the kind,
the SQLSTATE and the constraint, and where it happened. ADR 0286.
"""

from __future__ import annotations

import logging
import traceback
from types import TracebackType
from typing import Final

FORMAT: Final = "%(asctime)s %(levelname)s %(name)s %(message)s"
_DATABASES: Final = ("psycopg", "asyncpg", "django.db")
_BETWEEN: Final = {
    True: "\nThe above exception was the direct cause of the following exception:\n\n",
    False: "\nDuring handling of the above exception, another exception occurred:\n\n",
}
Caught = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Line(logging.Formatter):
    """A line for each record, and below it the traceback, where there is one."""

    def __init__(self) -> None:
        super().__init__(FORMAT)

    def formatException(self, ei: Caught) -> str:
        """The traceback of an error and of those that led to it."""
        return "" if ei[1] is None else "".join(_told(ei[1], set())).rstrip("\n")


def log_to_stderr() -> None:
    """Have this process write its log as lines on stderr, from INFO on."""
    handler = logging.StreamHandler()
    handler.setFormatter(Line())
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def words_of(error: BaseException) -> str:
    """An error in one line; of a database's error only what names no value."""
    kind = type(error)
    called = f"{kind.__module__}.{kind.__qualname__}"
    if not _by_database(error):
        return "".join(traceback.format_exception_only(error)).rstrip("\n")
    facts = (getattr(error, "sqlstate", None), _constraint(error))
    return f"{called}: {' '.join(str(one) for one in facts if one)}".rstrip(": ")


def _told(error: BaseException, seen: set[int]) -> list[str]:
    seen.add(id(error))
    cause, by_intent = error.__cause__, True
    if cause is error or (cause is None and not error.__suppress_context__):
        cause, by_intent = error.__context__, False
    before = [*_told(cause, seen), _BETWEEN[by_intent]] if cause is not None and id(cause) not in seen else []
    frames = ["Traceback (most recent call last):\n", *traceback.format_tb(error.__traceback__)]
    return [*before, *frames, words_of(error) + "\n"]


def _by_database(error: BaseException) -> bool:
    return any(
        one.__module__ == name or one.__module__.startswith(name + ".")
        for one in type(error).__mro__
        for name in _DATABASES
    )


def _constraint(error: BaseException) -> object:
    found = getattr(error, "constraint_name", None)
    return found or getattr(getattr(error, "diag", None), "constraint_name", None)
