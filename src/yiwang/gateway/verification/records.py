"""The calls of a countersignature as they travel to a verifying process: digests as bytes, not in hexadecimal."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final

from yiwang.vocabulary.crypto import Suite
from yiwang.vocabulary.sessions import Entry, record_of

_COUNT: Final = struct.Struct("<I")
_CALL: Final = struct.Struct("<q32s32s")
_DIGEST: Final = 32


def packed(entries: Sequence[Entry]) -> bytes:
    """Entries in order (`in_order`): how many were answered, those with index, request and response, then the requests of the others."""
    answered = [
        _CALL.pack(one.index, bytes.fromhex(one.request), bytes.fromhex(one.response))
        for one in entries
        if one.index is not None and one.response is not None
    ]
    lost = [bytes.fromhex(one.request) for one in entries[len(answered) :]]
    return b"".join([_COUNT.pack(len(answered)), *answered, *lost])


def unpacked(data: bytes) -> list[Entry]:
    """What `packed` took."""
    (answered,) = _COUNT.unpack_from(data)
    end = _COUNT.size + answered * _CALL.size
    entries = [
        Entry(request.hex(), index, response.hex())
        for index, request, response in _CALL.iter_unpack(data[_COUNT.size : end])
    ]
    entries += [Entry(data[at : at + _DIGEST].hex()) for at in range(end, len(data), _DIGEST)]
    return entries


def fits(suite: Suite, data: bytes, root: bytes) -> bool:
    """Whether `root` is the record over the packed entries."""
    return record_of(suite, unpacked(data)) == root.hex()
