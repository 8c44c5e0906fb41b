"""Messages of PostgreSQL's logical replication by `pgoutput`, protocol version 1, values as text.

PostgreSQL 15 documentation, 55.9 "Logical Replication Message Formats". Pure: bytes in, messages out.
"""

from __future__ import annotations

import enum
import struct
from dataclasses import dataclass
from typing import Final

_U8: Final = struct.Struct("!B")
_U16: Final = struct.Struct("!H")
_U32: Final = struct.Struct("!I")
_BEGIN: Final = struct.Struct("!QqI")
_COMMIT: Final = struct.Struct("!BQQq")
_IDENTITIES: Final = frozenset("dnfi")


class Garbled(Exception):
    """Bytes that are no message of this protocol."""


class Absent(enum.Enum):
    """A large value that the change did not touch and that therefore did not travel."""

    UNCHANGED = enum.auto()


UNCHANGED: Final = Absent.UNCHANGED
Held = str | Absent | None
"""A value as text, NULL, or left as it was."""
Tuple = tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class Begin:
    """A transaction of the source begins; `final` is the position of its commit record, `xid` its number in 32 bits."""

    final: int
    at: int
    xid: int


@dataclass(frozen=True, slots=True)
class Commit:
    """It ended; whoever has read up to `end` has read it whole."""

    at: int
    lsn: int
    end: int


@dataclass(frozen=True, slots=True)
class Attribute:
    """A column: `keyed` when it is part of the replica identity."""

    name: str
    type: int
    modifier: int
    keyed: bool


@dataclass(frozen=True, slots=True)
class Relation:
    """What a table looks like from here on. `identity`: d default, n nothing, f full, i index."""

    oid: int
    schema: str
    name: str
    identity: str
    columns: tuple[Attribute, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Insert:
    """A row came."""

    relation: int
    new: Tuple


@dataclass(frozen=True, slots=True, repr=False)
class Update:
    """A row changed. `key`: its former key, when that changed; `old`: the whole former row, under identity FULL."""

    relation: int
    key: Tuple | None
    old: Tuple | None
    new: Tuple


@dataclass(frozen=True, slots=True, repr=False)
class Delete:
    """A row went. `whole`: `old` is the whole row, not the key alone."""

    relation: int
    old: Tuple
    whole: bool


@dataclass(frozen=True, slots=True)
class Truncate:
    """All rows of these tables went."""

    relations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Aside:
    """A message that says nothing about rows: an origin, a type, a note of an application."""


Change = Insert | Update | Delete | Truncate
Message = Begin | Commit | Relation | Change | Aside


def decode(data: bytes) -> Message:
    """The message. Raises: Garbled."""
    reader = _Reader(data)
    try:
        message = _message(reader)
    except (struct.error, UnicodeDecodeError, IndexError):
        raise Garbled("cut off, or no text") from None
    if not isinstance(message, Aside) and reader.at != len(data):
        raise Garbled("bytes after its end")
    return message


class _Reader:
    """Takes fields off the front."""

    def __init__(self, data: bytes) -> None:
        self._data, self.at = data, 0

    def take(self, size: int) -> bytes:
        if self.at + size > len(self._data):
            raise Garbled("cut off")
        piece = self._data[self.at : self.at + size]
        self.at += size
        return piece

    def letter(self) -> str:
        return self.take(1).decode("ascii")

    def number(self, form: struct.Struct) -> int:
        (value,) = form.unpack(self.take(form.size))
        return int(value)

    def name(self) -> str:
        end = self._data.find(b"\0", self.at)
        if end < 0:
            raise Garbled("a name without end")
        text = self._data[self.at : end].decode()
        self.at = end + 1
        return text

    def row(self) -> Tuple:
        found: list[Held] = []
        for _ in range(self.number(_U16)):
            match self.letter():
                case "n":
                    found.append(None)
                case "u":
                    found.append(UNCHANGED)
                case "t":
                    found.append(self.take(self.number(_U32)).decode())
                case _:
                    raise Garbled("a value that is no text")
        return tuple(found)


def _message(reader: _Reader) -> Message:
    match reader.letter():
        case "B":
            return Begin(*_BEGIN.unpack(reader.take(_BEGIN.size)))
        case "C":
            _, lsn, end, at = _COMMIT.unpack(reader.take(_COMMIT.size))
            return Commit(at, lsn, end)
        case "R":
            return _relation(reader)
        case "I":
            relation = reader.number(_U32)
            _expect(reader, "N")
            return Insert(relation, reader.row())
        case "U":
            return _update(reader)
        case "D":
            relation = reader.number(_U32)
            kind = reader.letter()
            if kind not in "KO":
                raise Garbled("a deletion without its row")
            return Delete(relation, reader.row(), kind == "O")
        case "T":
            count = reader.number(_U32)
            reader.number(_U8)
            return Truncate(tuple(reader.number(_U32) for _ in range(count)))
        case "O" | "Y" | "M":
            return Aside()
        case _:
            raise Garbled("an unknown kind")


def _relation(reader: _Reader) -> Relation:
    oid, schema, name, identity = reader.number(_U32), reader.name(), reader.name(), reader.letter()
    if identity not in _IDENTITIES:
        raise Garbled("an unknown replica identity")
    columns = []
    for _ in range(reader.number(_U16)):
        keyed = bool(reader.number(_U8) & 1)
        column = reader.name()
        columns.append(Attribute(column, reader.number(_U32), reader.number(_U32), keyed))
    return Relation(oid, schema or "pg_catalog", name, identity, tuple(columns))


def _update(reader: _Reader) -> Update:
    relation, kind = reader.number(_U32), reader.letter()
    key = old = None
    if kind in "KO":
        held = reader.row()
        key, old = (held, None) if kind == "K" else (None, held)
        kind = reader.letter()
    if kind != "N":
        raise Garbled("a change without its row")
    return Update(relation, key, old, reader.row())


def _expect(reader: _Reader, letter: str) -> None:
    if reader.letter() != letter:
        raise Garbled("a row without its mark")
