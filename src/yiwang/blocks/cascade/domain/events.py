"""The event journal between two nodes: numbered, chained by digest, sealed by signature (docs/specs/cascade.md §4).

Each direction of each pair of nodes has a journal of its own. An event is text: what was sealed is what is sent,
stored and hashed. Events are sealed in runs; one signature covers the run, as one tree head covers a batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from yiwang.blocks.cascade.domain import reasons as why
from yiwang.blocks.cascade.domain.card import Card
from yiwang.blocks.cascade.domain.errors import JournalForked, PageRefused
from yiwang.blocks.cascade.domain.reasons import Reason
from yiwang.vocabulary.canonical import canonical
from yiwang.vocabulary.crypto import SUITES, CryptoError, SigningKey, Suite
from yiwang.vocabulary.evidence.leaf import Hex64, Kid, Name

Kind = Literal[
    "node", "agency", "entry", "request", "amendment", "withdrawal", "decision", "grant", "statistics", "dispute",
    "answer", "correction", "alarm", "card", "leave", "need", "supply", "receipt", "return",
]  # fmt: skip
START = "0" * 64
"""What stands before the first event of a journal."""
RUN = 500
"""Events that one signature covers at most."""
MAX_EVENT = 262_144
MAX_PAGE = 8 << 20
"""Bytes of a page at most."""


class Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One event. Fields stand in canonical order.

    Attributes:
        body: by kind, see `domain.bodies`.
        id: given by the node where it happened, the same on every way it takes.
        origin: that node.
        target: the node it is for; "" for everybody above and below.
        time: when it happened there, `2026-11-29T08:00:00Z`.
    """

    body: dict[str, object]
    id: Annotated[str, Meta(min_length=1, max_length=100)]
    kind: Annotated[str, Meta(min_length=1, max_length=32)]
    origin: Name
    subject: Annotated[str, Meta(max_length=200)]
    target: Annotated[str, Meta(max_length=63)] = ""
    time: Annotated[str, Meta(min_length=20, max_length=32)]

    def text(self) -> str:
        """The canonical text."""
        return canonical(msgspec.to_builtins(self)).decode("utf-8")


class Seal(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is signed for a run of events `first` to `last`, from node `source` to `target`. `time` is Unix seconds."""

    first: int
    hash: Hex64
    kid: Kid
    last: int
    previous: Hex64
    source: Name
    target: Name
    time: int
    v: Literal[1] = 1

    def canonical(self) -> bytes:
        """The signed text."""
        return canonical(msgspec.to_builtins(self))


class Run(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sealed run as it is sent: the seal's canonical text, its signature, the events' texts in order."""

    seal: Annotated[str, Meta(max_length=2000)]
    signature: Annotated[str, Meta(max_length=200)]
    events: Annotated[tuple[str, ...], Meta(min_length=1, max_length=RUN)]


class Proven(msgspec.Struct, frozen=True):
    """A run whose signature and chain hold."""

    seal: Seal
    events: tuple[Event, ...]


_event = msgspec.json.Decoder(Event)
_seal = msgspec.json.Decoder(Seal)


def chain(suite: Suite, previous: str, number: int, text: str) -> str:
    """The digest of the journal after event `number`."""
    return suite.digest(b"%s\n%d\n%s" % (previous.encode("ascii"), number, text.encode("utf-8"))).hex()


def chained(suite: Suite, previous: str, first: int, texts: Sequence[str]) -> str:
    """The digest after a run of events."""
    for number, text in enumerate(texts, first):
        previous = chain(suite, previous, number, text)
    return previous


def seal_run(
    key: SigningKey, *, source: str, target: str, first: int, previous: str, texts: Sequence[str], time: int
) -> Run:
    """Seal a run of events."""
    seal = Seal(
        first=first, hash=chained(key.suite, previous, first, texts), kid=key.kid, last=first + len(texts) - 1,
        previous=previous, source=source, target=target, time=time,
    )  # fmt: skip
    signed = seal.canonical()
    return Run(signed.decode("utf-8"), key.sign(signed).hex(), tuple(texts))


def read_seal(text: str) -> Seal:
    """A seal from its text. Raises: msgspec.DecodeError."""
    return _seal.decode(text)


def prove_run(run: Run, *, card: Card, here: str, got: int, previous: str) -> Proven | None:
    """A run that follows event `got` of the peer; None when it is known already.

    Raises:
        PageRefused: damaged, out of sequence, or not signed by a key of the card.
        JournalForked: signed, but it contradicts what was received before.
    """
    try:
        seal = _seal.decode(run.seal)
    except msgspec.DecodeError as problem:
        raise PageRefused(node=card.node, first=got + 1, **why.form(problem).facts) from problem

    def refused(reason: Reason) -> PageRefused:
        return PageRefused(node=card.node, first=seal.first, **reason.facts)

    if seal.canonical() != run.seal.encode("utf-8") or seal.last - seal.first + 1 != len(run.events):
        raise refused(why.INCOMPLETE)
    if (seal.source, seal.target) != (card.node, here):
        raise refused(why.addressed(seal.source, seal.target))
    key = card.key(seal.kid)
    if key is None:
        raise refused(why.not_pinned(seal.kid))
    if not key.usable_at(seal.time):
        raise refused(why.not_in_force(seal.kid))
    try:
        fits = key.public().verify(run.seal.encode("utf-8"), bytes.fromhex(run.signature))
    except (CryptoError, ValueError):
        fits = False
    if not fits:
        raise refused(why.SIGNATURE)
    if chained(SUITES[key.suite], seal.previous, seal.first, run.events) != seal.hash:
        raise refused(why.DIGEST)
    if seal.last <= got:
        return None
    if seal.first != got + 1:
        raise refused(why.out_of_sequence(got + 1))
    if seal.previous != previous:
        raise JournalForked(node=card.node, first=seal.first)
    try:
        events = tuple(_event.decode(text) for text in run.events)
    except msgspec.DecodeError as problem:
        raise refused(why.form(problem)) from problem
    return Proven(seal, events)
