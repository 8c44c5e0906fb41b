"""Encrypted fields sealed anew by the present generation of their key, while the tables are read and written.

Works over a connection of the owner. Each batch is a transaction; a value is replaced only where it still is what was
opened, so nobody's change is lost. Broken off at any point it is begun again: what is done is not done twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec
from psycopg import errors as pg
from psycopg import sql

from yiwang.blocks.registry.domain.compiled import System
from yiwang.blocks.registry.domain.layout import RECORD
from yiwang.blocks.registry.domain.protecting import Protector
from yiwang.blocks.registry.domain.sealed import Sealed, sealed_columns
from yiwang.blocks.registry.domain.values import KEY_SEPARATOR, Plain
from yiwang.blocks.registry.queries.reading import plain
from yiwang.blocks.registry.store.keys import protector
from yiwang.blocks.registry.store.ledger import Owner
from yiwang.blocks.registry.store.ledger import plain as read_json
from yiwang.blocks.registry.store.relations import relations_of
from yiwang.vocabulary.crypto import SealBroken

BATCH: Final = 500
"""Records of a batch."""
_PASSES: Final = 20
"""A change under way may copy a value of the old key behind the walk: it is walked again until none is found."""
ResealWatch = Callable[[int], None]
"""Told after each batch how many values were sealed anew so far."""


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many values were sealed anew; `broken` could not be opened and were left as they are."""

    values: int
    broken: int


def sealed_values(connection: Owner, system: str = "") -> Mapping[int, int]:
    """How many values and digests of encrypted fields are of each generation; 0: none that could be told."""
    found: Counter[int] = Counter()
    for one in _sealed(connection, system):
        for column in filter(None, (one.column, one.lookup)):
            counted = sql.SQL(
                "SELECT CASE WHEN length({c}) < 2 THEN 0 ELSE get_byte({c}, 0) * 256 + get_byte({c}, 1) END, count(*)"
                " FROM {t} WHERE {c} IS NOT NULL GROUP BY 1"
            ).format(c=sql.Identifier(column), t=sql.Identifier(one.schema, one.table))
            for generation, count in connection.execute(counted).fetchall():
                found[generation] += count
    return dict(found)


def reseal_fields(
    connection: Owner, generation: int, system: str = "", watch: ResealWatch = lambda _done: None
) -> Resealed:
    """Seal every value of older generations anew, of one system or of all.

    `generation` is the present one; older ones must be closed before. Raises: KeysNotWired, KeyMissing, KeyRetired.
    """
    seals, done, broken = protector(generation), 0, 0
    for _ in range(_PASSES):
        found = 0
        broken = 0
        for one in _sealed(connection, system):
            walk = _Walk(connection, one, seals)
            for values in walk.batches():
                found += values
                watch(done + found)
            broken += walk.broken
        done += found
        if not found:
            break
    return Resealed(done, broken)


def _sealed(connection: Owner, system: str) -> list[Sealed]:
    rows = connection.execute(
        "SELECT id, package FROM registry_system WHERE %s IN ('', id) ORDER BY id", [system]
    ).fetchall()
    found = []
    for name, package in rows:
        past = connection.execute(
            "SELECT plan->'system' FROM registry_apply WHERE system = %s AND state = 'done' AND plan ? 'system'"
            " ORDER BY id",
            [name],
        ).fetchall()
        releases = [msgspec.convert(read_json(one), System) for (one,) in (*past, (package,))]
        found += sealed_columns(relations_of(connection, name), releases)
    return found


class _Walk:
    """One column, batch by batch, by the numbers of its records."""

    def __init__(self, connection: Owner, of: Sealed, seals: Protector) -> None:
        self._connection, self._of, self._seals = connection, of, seals
        self.broken = 0
        mark = seals.generation.to_bytes(2, "big")
        names = {"t": sql.Identifier(of.schema, of.table), "c": sql.Identifier(of.column),
                 "f": sql.Identifier(of.lookup) if of.lookup else sql.SQL("NULL::bytea"),
                 "r": sql.Identifier(RECORD), "m": sql.Literal(mark),
                 "k": sql.SQL(", ").join(map(sql.Identifier, of.key)) if of.key else sql.SQL("NULL")}  # fmt: skip
        older = sql.SQL(
            "{c} IS NOT NULL AND (substring({c} FROM 1 FOR 2) <> {m} OR substring({f} FROM 1 FOR 2) <> {m})"
        ).format(**names)
        self._reach = sql.SQL(
            "SELECT max({r}) FROM (SELECT {r} FROM {t} WHERE {r} > %s AND {o} ORDER BY {r} LIMIT {b}) AS batch"
        ).format(**names, o=older, b=sql.Literal(BATCH))
        self._read = sql.SQL("SELECT {r}, {c}, {k} FROM {t} WHERE {r} > %s AND {r} <= %s AND {o}").format(
            **names, o=older
        )
        digest = sql.SQL(", {f} = fresh.digest").format(**names) if of.lookup else sql.SQL("")
        self._write = sql.SQL(
            "UPDATE {t} SET {c} = fresh.sealed{d} FROM unnest(%s::bigint[], %s::bytea[], %s::bytea[], %s::bytea[])"
            " AS fresh(record, was, sealed, digest) WHERE {t}.{r} = fresh.record AND {t}.{c} = fresh.was"
        ).format(**names, d=digest)

    def batches(self) -> Iterator[int]:
        """Do batch after batch; gives how many values each sealed anew."""
        after = -1
        while True:
            row = self._connection.execute(self._reach, [after]).fetchone()
            upto = row[0] if row is not None else None
            if upto is None:
                return
            yield self._batch(after, upto)
            after = int(upto)

    def _batch(self, after: int, upto: int) -> int:
        while True:
            try:
                with self._connection.transaction():
                    return self._renewed(self._connection.execute(self._read, [after, upto]).fetchall())
            except pg.DeadlockDetected:
                continue

    def _renewed(self, rows: list[tuple[object, ...]]) -> int:
        fresh: dict[tuple[object, bytes], tuple[bytes, bytes]] = {}
        for record, was, *key in rows:
            if not isinstance(was, bytes) or (record, was) in fresh:
                continue
            bound = KEY_SEPARATOR.join(str(plain(one)) for one in key)
            opened = self._opened(bound, was)
            if opened is None:
                self.broken += 1
                continue
            place, value = opened
            digest = self._seals.digest(place, value) if self._of.lookup else b""
            fresh[record, was] = (self._seals.seal(place, bound, value), digest)
        if not fresh:
            return 0
        records, sealed = [record for record, _ in fresh], list(fresh.values())
        values = [records, [was for _, was in fresh], [one for one, _ in sealed], [one for _, one in sealed]]
        return self._connection.execute(self._write, values).rowcount

    def _opened(self, bound: str, sealed: bytes) -> tuple[str, Plain] | None:
        for place in self._of.places:
            try:
                return place, self._seals.open(place, bound, sealed)
            except SealBroken:
                continue
        return None
