"""The functions of a declared table by which rows are laid down, checked and taken in, in the transaction at hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

import psycopg
from django.db import connection
from psycopg import sql

from yiwang.blocks.registry.domain.compiled import Entity
from yiwang.blocks.registry.domain.errors import CellProblem
from yiwang.blocks.registry.domain.layout import Table
from yiwang.blocks.registry.domain.loading import JUDGE, KEEP, LINE, LOAD, STAGE, UNSTAGE, WRONG

_WORDS: Final = {
    "twice": ("同一主键在文件里出现多次", "the key stands in the file more than once"),
    "taken": ("已有同一主键的记录", "there is a record with this key"),
    "refused": ("当前岗位和用途不能写这一行", "your role and purpose may not write this row"),
}
Period = tuple[date, str]
"""First day of records, and the day before which they end, `infinity` where they are open."""


class Staging:
    """Staging tables of one entity. `raw` is the driver's own connection."""

    def __init__(self, entity: Entity, system: str) -> None:
        self._entity, self._table = entity, entity.table(system)
        connection.ensure_connection()
        self.raw: psycopg.Connection[tuple[object, ...]] = connection.connection

    @property
    def table(self) -> Table:
        """The table that rows are taken into."""
        return self._table

    def begin(self) -> str:
        """A table that goes with the transaction at hand; gives its name."""
        return str(self._one(STAGE, [])[0])

    def keep(self) -> str:
        """A table that stays, for a load whose steps are tables beside it; gives its name."""
        return str(self._one(KEEP, ["", 0])[0])

    def keep_step(self, made: str, step: int) -> str:
        """A table of one step of what `keep` made; gives its name."""
        return str(self._one(KEEP, [made, step])[0])

    def copy(self, schema: str, made: str, columns: Sequence[str], text: bytes) -> None:
        """Lay rows down, as COPY takes them."""
        copying = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(schema, made), sql.SQL(", ").join(map(sql.Identifier, (LINE, *columns)))
        )
        with psycopg.Cursor(self.raw) as cursor, cursor.copy(copying) as copy:
            copy.write(text)

    def refused(self, made: str) -> bool:
        """Whether a rule of the declaration keeps whoever acts from writing one of the rows."""
        return bool(self._one(JUDGE, [made])[0])

    def asked(
        self, made: str, place: tuple[int, int], period: Period, told: tuple[datetime, str]
    ) -> psycopg.Cursor[tuple[object, ...]]:  # fmt: skip
        """Have rows checked and inserted, from a page on those behind a line.

        The answer, fetched later, is how many, None where something is wrong with them, and the page of the last.
        """
        cursor = psycopg.Cursor(self.raw)
        cursor.execute(
            sql.SQL("SELECT loaded, following FROM {}(%s, %s, %s, %s, %s::date, %s, %s)").format(
                self._name(LOAD)
            ),
            [made, *place, *period, *told],
        )
        return cursor

    def wrong(self, made: str, period: Period) -> list[CellProblem]:
        """What the database finds wrong with rows, by their lines."""
        statement = sql.SQL("SELECT what, number FROM {}(%s, %s, %s::date)").format(self._name(WRONG))
        with psycopg.Cursor(self.raw) as cursor:
            told = cursor.execute(statement, [made, *period]).fetchall()
        key = self._entity.key[0]
        return [
            CellProblem(int(str(line)), "" if what == "refused" else key, *_WORDS[str(what)])
            for what, line in sorted(told, key=lambda one: int(str(one[1])))
        ]

    def drop(self, made: str) -> None:
        """Take a table away, with those of its steps."""
        self._one(UNSTAGE, [made])

    def _one(self, function: str, values: Sequence[object]) -> tuple[object, ...]:
        marks = sql.SQL(", ").join(sql.SQL("%s") for _ in values)
        statement = sql.SQL("SELECT {}({})").format(self._name(function), marks)
        with psycopg.Cursor(self.raw) as cursor:
            return cursor.execute(statement, values).fetchone() or ()

    def _name(self, function: str) -> sql.Identifier:
        return sql.Identifier(self._table.schema, self._table.name + function)
