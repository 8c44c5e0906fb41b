"""A file as an end of a job: a scratch table in SQLite, where rows are sorted by key, resumed and compared.

A source file is read whole into it before the first row moves, so that a file that is cut off moves nothing. A target
file is published from it when the last chunk stands; until then the old file is left as it is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import ClassVar, Final, Self

from yiwang.dataplane.connectors.errors import FileMissing
from yiwang.dataplane.connectors.places import DataFile
from yiwang.dataplane.transfer.errors import TransferKeyUnfit, TransferSourceMoved
from yiwang.dataplane.transfer.files.reading import Table, read
from yiwang.dataplane.transfer.files.writing import Manifest, check_manifest, publish, sha256
from yiwang.dataplane.transfer.shape import Column, Refusal, Row, Shape
from yiwang.dataplane.transfer.sqlite import SQLite, connected
from yiwang.dataplane.transfer.values import BadValue, coercers

TABLE: Final = "rows"
_BATCH: Final = 20_000


class SourceFile(SQLite):
    """A file that was read."""

    guarantee_zh: ClassVar[str] = "整个文件先读完并核对未被改动，再写第一行；空单元格读作空值。"
    guarantee_en: ClassVar[str] = (
        "The whole file is read and found unaltered before the first row is written; empty cells are read as NULL."
    )

    @classmethod
    def load(cls, kind: DataFile, path: Path, scratch: Path, key: Sequence[str], like: Shape | None) -> Self:
        """Read the file; key columns take the types that they have in the target `like`.

        Raises: FileMissing, TransferFileBroken, TransferSourceMoved, TransferKeyUnfit.
        """
        if not path.is_file():
            raise FileMissing(file=path.name)
        before = sha256(path)
        check_manifest(path)
        made = cls.staged(read(kind, path), path.name, scratch, key, like)
        if sha256(path) != before:
            raise TransferSourceMoved(file=path.name)
        return made

    @classmethod
    def staged(cls, table: Table, name: str, scratch: Path, key: Sequence[str], like: Shape | None) -> Self:
        """Rows of anywhere in a scratch table. Raises: TransferKeyUnfit, and what taking the rows raises."""
        scratch.unlink(missing_ok=True)
        made = cls(connected(scratch, write=True), name)
        made.query("PRAGMA journal_mode = OFF")
        made.query("PRAGMA synchronous = OFF")
        typed = like.named() if like else {}
        columns = tuple(
            typed[c.name] if c.name in key and c.name in typed and c.kind == "text" else c
            for c in table.columns
        )
        keyed = [c for name in key for c in columns if c.name == name]
        if keyed:
            made.create(TABLE, columns, keyed)
        else:
            made.execute(
                f"CREATE TABLE {made.place(TABLE)} ({', '.join(f'{made.quoted(c.name)} {made.declared(c)}' for c in columns)})"
            )
        made._fill(columns, table.rows, key)
        return made

    def _fill(self, columns: Sequence[Column], rows: Iterator[Row], key: Sequence[str]) -> None:
        converters = [
            one if column.name in key else None
            for column, one in zip(columns, coercers(columns, nul=True), strict=True)
        ]
        try:
            while batch := list(islice(rows, _BATCH)):
                self.insert(
                    TABLE, columns,
                    [tuple(v if one is None else one(v) for one, v in zip(converters, row, strict=True)) for row in batch],
                )  # fmt: skip
            self.commit()
        except (BadValue, Refusal):
            raise TransferKeyUnfit(
                table=self.name, key="、".join(key), reason_zh="有空值、重复或不合类型的值",
                reason_en="it is NULL, repeats, or is not of its type in some rows",
            ) from None  # fmt: skip


class TargetFile(SQLite):
    """A file that is to be written."""

    def __init__(self, connection: sqlite3.Connection, name: str, kind: DataFile, path: Path) -> None:
        super().__init__(connection, name)
        self._kind, self._path = kind, path

    @classmethod
    def stage(cls, kind: DataFile, path: Path, scratch: Path) -> TargetFile:
        """Its scratch table, which is kept from one run to the next."""
        return cls(connected(scratch, write=True), path.name, kind, path)

    def publish(self, table: str, columns: Sequence[Column], key: Sequence[Column], job: str) -> Manifest:
        """The scratch table as the file. Raises: TransferFileUnfit, OSError."""
        converters = coercers(columns, nul=True)
        order = ", ".join(map(self.ordered, key))
        wanted = ", ".join(map(self.wanted, columns))

        def rows() -> Iterator[Row]:
            for raw in self.stream(f"SELECT {wanted} FROM {self.place(table)} ORDER BY {order}"):
                yield tuple(one(value) for one, value in zip(converters, raw, strict=True))

        return publish(self._kind, self._path, columns, rows, self.count(table), job)
