"""What a caller signs to own up to its calls: a tree head of the node, and its own record of what it asked."""

from __future__ import annotations

from typing import Literal

import msgspec

from yiwang.vocabulary.evidence.leaf import Count, Hex64, Kid, Name, Text
from yiwang.vocabulary.sessions.errors import SessionTextMalformed

MAX_STATEMENT = 2048


class Statement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A countersignature's text. Fields stand in canonical order.

    Attributes:
        calls: how many answered calls the record holds.
        client: id of the client application.
        head: digest of the head's canonical text by the log's suite.
        key: id of the key that opened the session and signs this.
        lost: how many calls without an answer the record holds, after the answered ones.
        number: counts the session's countersignatures, from 1.
        record: root over the calls (`record_of`), by the suite of the key.
        root: the head's root.
        session: id of the session.
        size: the head's size; every answered call's leaf is below it.
    """

    calls: Count
    client: Text
    head: Hex64
    key: Kid
    log: Name
    lost: Count
    node: Name
    number: Count
    record: Hex64
    root: Hex64
    session: Kid
    size: Count
    v: Literal[1] = 1

    def canonical(self) -> bytes:
        """The canonical UTF-8 text: what is signed."""
        return _encoder.encode(self)


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Statement)


def parse_statement(text: str) -> Statement:
    """Read a statement from its canonical text.

    Raises:
        SessionTextMalformed: not a statement, or not its canonical text byte for byte.
    """
    try:
        data = text.encode("utf-8")
        if len(data) > MAX_STATEMENT:
            raise SessionTextMalformed(where="statement", reason="too long")
        found = _decoder.decode(data)
    except (msgspec.DecodeError, ValueError) as problem:
        raise SessionTextMalformed(where="statement", reason=str(problem)[:200]) from problem
    if found.canonical() != data:
        raise SessionTextMalformed(where="statement", reason="not the canonical text of its value")
    return found
