"""Acknowledgement: the caller's countersignature that an answer, prepared and sent, has arrived."""

from __future__ import annotations

import msgspec

from yiwang.vocabulary.canonical import canonical
from yiwang.vocabulary.evidence.leaf import Count, Hex64, Name


class Acknowledgement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a caller sends for one receipt; `signature` is hexadecimal, over `ack_text`, by a key of the client."""

    log: Name
    index: Count
    leaf_hash: Hex64
    signature: str


def ack_text(log: str, index: int, leaf_hash: str) -> bytes:
    """What is signed: canonical JSON of index, leaf hash and log."""
    return canonical({"index": index, "leaf_hash": leaf_hash, "log": log})
