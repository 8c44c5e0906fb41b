"""What a gateway needs to know of a client application, compiled from the identity block's tables."""

from __future__ import annotations

import msgspec


class CompiledKey(msgspec.Struct, frozen=True):
    """One public key of a client application.

    `kid` is the first 32 hex characters of SHA-256 over `spki` (DER, given as base64). Times are Unix seconds.
    """

    kid: str
    suite: str
    spki: str
    not_before: int
    not_after: int | None = None


class CompiledClient(msgspec.Struct, frozen=True):
    """A client application of an agency (identified by its 统一社会信用代码) with the keys that are in force."""

    id: str
    agency: str
    keys: tuple[CompiledKey, ...]
    kind: str = "application"
    """`application`, or `console` for the node's own test console."""
