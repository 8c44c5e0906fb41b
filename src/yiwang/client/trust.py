"""Whose evidence a client believes: keys pinned by a trust file, or the key a gateway shows at first."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from yiwang.client.errors import TrustUnusable
from yiwang.vocabulary.evidence import Trust, TrustKey, parse_trust
from yiwang.vocabulary.evidence.errors import EvidenceError

Anchor: TypeAlias = Literal["pinned", "first-use"]
"""`pinned`: by a trust file, got out of band. `first-use`: the gateway's own word when it was first asked."""


class EvidenceKey(msgspec.Struct, frozen=True):
    """The evidence key that a gateway shows."""

    kid: str
    suite: Literal["sm2-sm3", "ed25519"]
    spki: Annotated[str, Meta(max_length=512)]


class WellKnown(msgspec.Struct, frozen=True):
    """What a gateway says of itself at `/.well-known/yiwang`."""

    node: str
    evidence_key: EvidenceKey

    def trust(self) -> Trust:
        """The key it shows, taken for valid at any time.

        Raises:
            TrustMalformed: it is no usable key.
        """
        shown = self.evidence_key
        key = TrustKey(shown.kid, shown.suite, shown.spki, "evidence", datetime(2020, 1, 1, tzinfo=UTC), None)
        key.public()
        return Trust("yiwang-trust/1", self.node, (key,))


def load_trust(path: Path) -> Trust:
    """A trust file, as `yw evidence trust` exports it.

    Raises:
        TrustUnusable: it cannot be read, or is none.
    """
    try:
        return parse_trust(path.read_bytes())
    except OSError as problem:
        raise TrustUnusable(path=str(path), reason=problem.strerror or type(problem).__name__) from problem
    except EvidenceError as problem:
        raise TrustUnusable(path=str(path), reason=str(problem.facts.get("reason", ""))) from problem
