"""What travels between a gateway and its verifying processes over SEQPACKET sockets.

A request packet is a row of items: number (u32), lengths of key (u8), signature (u8) and base (u16), then the
three. An answer packet is a row of number (u32) and verdict (u8).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

LARGEST: Final = 1 << 16
"""Bytes of a packet at most: well below the smallest usual socket buffer."""
_HEAD: Final = struct.Struct("<IBBH")
_VERDICT: Final = struct.Struct("<IB")

WRONG: Final = 0
RIGHT: Final = 1


def pack(number: int, spki: bytes, signature: bytes, base: bytes) -> bytes:
    """One item of a request packet."""
    return _HEAD.pack(number, len(spki), len(signature), len(base)) + spki + signature + base


def unpack(packet: bytes) -> Iterator[tuple[int, bytes, bytes, bytes]]:
    """The items of a request packet: number, key, signature, base."""
    at = 0
    while at < len(packet):
        number, key, signature, base = _HEAD.unpack_from(packet, at)
        at += _HEAD.size
        yield (
            number,
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
