"""The canonical texts that evidence consists of: leaves and tree heads, written fast on the hot path.

Members stand in the order of RFC 8785 and every member is always present (docs/specs/evidence.md). The encoder
gives the same bytes as `vocabulary.canonical`; a test holds them together.
"""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from yiwang.blocks.journal.domain.prepared import Detail

_encoder = msgspec.json.Encoder(order="deterministic")


class Leaf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One leaf; the members' meaning is that of the evidence specification."""

    client: str | None
    code: str | None
    consumer: str | None
    detail: Detail | None
    direction: str
    epoch: int
    event: str | None
    grant: str | None
    grant_version: int | None
    key: str | None
    kind: str
    log: str
    node: str
    provider: str | None
    purpose: str | None
    request: str | None
    request_alg: str | None
    request_id: str
    resource: str | None
    response: str | None
    rows: int | None
    status: int
    subjects: list[str]
    time: str
    upstream: tuple[str, ...]
    v: int
    version: int | None

    def text(self) -> bytes:
        """The canonical text."""
        return _encoder.encode(self)


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A tree head; `previous` is the digest of the text of the head before it."""

    epoch: int
    key: str
    log: str
    node: str
    previous: str | None
    root: str
    size: int
    suite: str
    time: str
    v: int

    def text(self) -> bytes:
        """The canonical text, over which the signature goes."""
        return _encoder.encode(self)


_leaf_decoder = msgspec.json.Decoder(Leaf)
_head_decoder = msgspec.json.Decoder(Head)


def read_leaf(text: str) -> Leaf:
    """The leaf of a stored text. Raises: msgspec.DecodeError when the text is none."""
    return _leaf_decoder.decode(text)


def read_head(text: str) -> Head:
    """The head of a stored text. Raises: msgspec.DecodeError when the text is none."""
    return _head_decoder.decode(text)


def stamp(moment: datetime) -> str:
    """`moment` (aware) as evidence writes it: UTC, six digits of a second, `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment_of(text: str) -> datetime:
    """The moment of a stamp. Raises: ValueError."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


class Ticker:
    """Stamps that grow strictly, whatever the clock does: the order of leaves shows in their times."""

    __slots__ = ("_last", "_prefix", "_second")

    def __init__(self, last: datetime) -> None:
        """Start after `last`."""
        self._last = int(last.timestamp()) * 1_000_000 + last.microsecond
        self._second = -1
        self._prefix = ""

    def tick(self, now_ns: int) -> str:
        """A stamp of `now_ns` (Unix nanoseconds), one microsecond after the last stamp when that is not earlier."""
        moment = now_ns // 1000
        if moment <= self._last:
            moment = self._last + 1
        self._last = moment
        second, micro = divmod(moment, 1_000_000)
        if second != self._second:
            self._second = second
            self._prefix = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S.")
        return f"{self._prefix}{micro:06d}Z"
