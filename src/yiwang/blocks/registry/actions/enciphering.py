"""Values of a field that becomes encrypted: sealed beside the plain ones batch by batch, opened again, compared.

So are digests of one that is encrypted and becomes findable: each value is opened here, in memory. ADR 0287.

Works over a connection of the owner, with the keys of the node. What is sealed is told by the rows themselves, so
nothing is done twice after a kill; a value is taken only by the version of the row that was read. ADR 0260, 0286.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Final

from psycopg import errors as pg
from psycopg import sql

from yiwang.blocks.registry.domain.layout import RECORD
from yiwang.blocks.registry.domain.protecting import PURPOSE, Protector
from yiwang.blocks.registry.domain.releasing.steps import Enciphered
from yiwang.blocks.registry.domain.values import KEY_SEPARATOR, Plain
from yiwang.blocks.registry.queries.reading import plain
from yiwang.blocks.registry.store.keys import protector
from yiwang.blocks.registry.store.ledger import Owner
from yiwang.vocabulary.crypto import SealBroken, generation_of

BATCH: Final = 1000
"""Records of a batch."""
_HOLD: Final = "SELECT sealing_hold(%s)"
Noted = Callable[[int, int], None]
"""Told in the transaction of a batch: the last record's number, and how many values it was."""


class Enciphering:
    """One column of one table."""

    def __init__(self, connection: Owner, of: Enciphered) -> None:
        self._connection, self._of = connection, of
        names = {
            "t": sql.SQL(of.table), "r": sql.Identifier(RECORD), "p": sql.Identifier(of.plain),
            "s": sql.Identifier(of.filled), "b": sql.Literal(BATCH),
            "k": sql.SQL(", ").join(map(sql.Identifier, of.key)),
        }  # fmt: skip
        lacking = sql.SQL("{p} IS NOT NULL AND {s} IS NULL").format(**names)
        self._reach = sql.SQL(
            "SELECT max({r}) FROM (SELECT {r} FROM {t} WHERE {r} > %s AND {w} ORDER BY {r} LIMIT {b}) AS batch"
        )
        self._lacking = self._reach.format(**names, w=lacking)
        self._sealed = self._reach.format(**names, w=sql.SQL("{s} IS NOT NULL").format(**names))
        self._read = sql.SQL(
            "SELECT {r}, ctid::text, xmin::text, {p}, {k} FROM {t} WHERE {r} > %s AND {r} <= %s AND {w}"
        ).format(**names, w=lacking)
        self._both = sql.SQL(
            "SELECT {p}, {s}, {k} FROM {t} WHERE {r} > %s AND {r} <= %s AND {s} IS NOT NULL"
        ).format(**names)
        both = of.beside and of.find
        digest = sql.SQL(", {} = fresh.digest").format(sql.Identifier(of.find)) if both else sql.SQL("")
        # the row is told by its version: a plain value as a parameter would be in the log of a server that logs statements
        self._write = sql.SQL(
            "UPDATE {t} SET {s} = fresh.sealed{d}"
            " FROM unnest(%s::bigint[], %s::tid[], %s::xid[], %s::bytea[], %s::bytea[])"
            " AS fresh(record, place, version, sealed, digest)"
            " WHERE {t}.{r} = fresh.record AND {t}.ctid = fresh.place AND {t}.xmin = fresh.version AND {t}.{s} IS NULL"
        ).format(**names, d=digest)

    def seal(self, after: int, noted: Noted) -> Iterator[int]:
        """Batch after batch, each in a transaction, from a record on; gives how many values each sealed."""
        while (upto := self._upto(self._lacking, after)) is not None:
            yield self._batch(after, upto, noted)
            after = upto

    def rest(self) -> None:
        """What is not sealed yet, in the transaction at hand, whose lock lets no more come."""
        after = -1
        seals = self._held()
        while (upto := self._upto(self._lacking, after)) is not None:
            self._renewed(seals, after, upto)
            after = upto

    def differing(self, watch: Callable[[int], None]) -> int:
        """How many values differ from what was made of them, or cannot be opened; `watch` is told how many were looked at."""
        seals, wrong, after = protector(), 0, -1
        while (upto := self._upto(self._sealed, after)) is not None:
            rows = self._connection.execute(self._both, [after, upto]).fetchall()
            wrong += sum(not self._holds(seals, value, made, key) for value, made, *key in rows)
            watch(len(rows))
            after = upto
        if self._of.beside:
            return wrong
        after = -1  # written since, or not to be opened
        while (upto := self._upto(self._lacking, after)) is not None:
            rows = self._connection.execute(self._read, [after, upto]).fetchall()
            wrong += sum(self._made(seals, value, key) is None for _, _, _, value, *key in rows)
            after = upto
        return wrong

    def _holds(self, seals: Protector, value: object, made: bytes, key: list[object]) -> bool:
        """Whether what was made of a value is so."""
        of = self._of
        try:
            if of.beside:
                return seals.open(of.place, _bound(key), made) == settled(value)
            opened = seals.open(of.place, _bound(key), _sealed(value))
            return seals.digest(of.place, opened, generation_of(made)) == made
        except SealBroken:
            return False

    def _made(self, seals: Protector, value: object, key: list[object]) -> tuple[bytes, bytes] | None:
        """What is written for a value: sealed, with its digest; or the digest of a sealed one, None if it does not open."""
        of = self._of
        if of.beside:
            taken = settled(value)
            return seals.seal(of.place, _bound(key), taken), seals.digest(of.place, taken) if of.find else b""
        try:
            return seals.digest(of.place, seals.open(of.place, _bound(key), _sealed(value))), b""
        except SealBroken:
            return None

    def _batch(self, after: int, upto: int, noted: Noted) -> int:
        while True:
            try:
                with self._connection.transaction():
                    done = self._renewed(self._held(), after, upto)
                    noted(upto, done)
                    return done
            except pg.DeadlockDetected:
                continue

    def _held(self) -> Protector:
        """What seals, by a generation that nobody closes before the transaction at hand ends."""
        row = self._connection.execute(_HOLD, [PURPOSE]).fetchone()
        return protector(int(row[0]) if row is not None else 1)

    def _renewed(self, seals: Protector, after: int, upto: int) -> int:
        known: dict[tuple[int, str], tuple[bytes, bytes] | None] = {}
        rows: list[tuple[int, str, str, bytes, bytes]] = []
        for record, place, version, value, *key in self._connection.execute(
            self._read, [after, upto]
        ).fetchall():
            same = (record, repr(value))  # the same value in several rows of one record
            if same not in known:
                known[same] = self._made(seals, value, key)
            made = known[same]
            if made is not None:
                rows.append((record, place, version, *made))
        if not rows:
            return 0
        return self._connection.execute(self._write, [list(one) for one in zip(*rows, strict=True)]).rowcount

    def _upto(self, statement: sql.Composed, after: int) -> int | None:
        row = self._connection.execute(statement, [after]).fetchone()
        return None if row is None or row[0] is None else int(row[0])


def settled(value: object) -> Plain:
    """A column's value in the form in which the application seals it: moments in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return plain(value)


def _sealed(value: object) -> bytes:
    return value if isinstance(value, bytes) else b""


def _bound(key: list[object]) -> str:
    return KEY_SEPARATOR.join(str(plain(one)) for one in key)
