"""What a call within a session brings, and what proves it once it is countersigned."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from yiwang.client.answers import Row
from yiwang.client.evidence import save
from yiwang.client.trust import Anchor
from yiwang.vocabulary.envelope import OutgoingRequest
from yiwang.vocabulary.evidence import Head, Leaf
from yiwang.vocabulary.sessions import SessionBundle


@dataclass(frozen=True, slots=True)
class Call:
    """A call whose answer the session's code proves: what was sent and received, and where its leaf lies.

    Attributes:
        log: the log of the gateway that served it.
        index: the leaf's place there.
    """

    session: str
    log: str
    index: int
    request_id: str
    status: int
    sent: OutgoingRequest
    answer: bytes


@dataclass(frozen=True, slots=True)
class SessionAnswer:
    """The answer to a query; attributes as of `Answer`, with `call` in place of evidence."""

    resource: str
    version: int
    rows: list[Row]
    next: str | None
    request_id: str
    call: Call


@dataclass(frozen=True, slots=True)
class SessionChecked:
    """The answer to a verification; attributes as of `Checked`, with `call` in place of evidence."""

    resource: str
    version: int
    claims: dict[str, str]
    request_id: str
    call: Call

    @property
    def all_match(self) -> bool:
        """Whether every claim matches."""
        return all(outcome == "match" for outcome in self.claims.values())


@dataclass(frozen=True, slots=True)
class SessionEvidence:
    """The evidence of one call of a session, verified: by the node's head, which the caller countersigned."""

    leaf: Leaf
    index: int
    head: Head
    trust: Anchor
    _bundle: SessionBundle

    def bundle(self) -> SessionBundle:
        """Everything needed to prove the call to a third party, request and answer included."""
        return self._bundle

    def save(self, path: str | Path) -> Path:
        """Write the bundle, readable by its owner alone, since it holds the answer. Returns the path."""
        return save(self._bundle.to_json(), path)
