"""What travels between a gateway and its verifying processes over SEQPACKET sockets.

A request packet is a row of items: number (u32), kind (u8), lengths of key (u8), signature (u8) and base (u32), then
the three. Of a record, the key is its suite, the signature its root and the base its entries. An answer packet is a row
of number (u32) and verdict (u8).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

LARGEST: Final = 1 << 17
"""Bytes of a request packet at most: well below the smallest usual socket buffer."""
_HEAD: Final = struct.Struct("<IBBBI")
_VERDICT: Final = struct.Struct("<IB")

SIGNATURE: Final = 0
RECORD: Final = 1
LONGEST: Final = 96 << 10
"""Bytes of a base at most: a record of all the calls that a session may leave open is shorter."""
VERDICTS: Final = 4096
"""Bytes of an answer packet at most."""

WRONG: Final = 0
RIGHT: Final = 1


def pack(number: int, kind: int, key: bytes, signature: bytes, base: bytes) -> bytes:
    """One item of a request packet."""
    return _HEAD.pack(number, kind, len(key), len(signature), len(base)) + key + signature + base


def unpack(packet: bytes) -> Iterator[tuple[int, int, bytes, bytes, bytes]]:
    """The items of a request packet: number, kind, key, signature, base."""
    at = 0
    while at < len(packet):
        number, kind, key, signature, base = _HEAD.unpack_from(packet, at)
        at += _HEAD.size
        yield (
            number,
            kind,
            packet[at : at + key],
            packet[at + key : at + key + signature],
            packet[at + key + signature : at + key + signature + base],
        )
        at += key + signature + base


def verdict(number: int, value: int) -> bytes:
    """One item of an answer packet."""
    return _VERDICT.pack(number, value)


def verdicts(packet: bytes) -> Iterator[tuple[int, int]]:
    """The items of an answer packet: number, verdict."""
    return _VERDICT.iter_unpack(packet)
