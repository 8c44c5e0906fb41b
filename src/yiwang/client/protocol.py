"""What a flow asks of the wire and what the wire gives back: the client's logic does no input or output itself.

A flow is a generator. It yields `Send` or `Pause`; a driver (blocking or concurrent) carries that out and sends
back what became of it; its return value is the call's result.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Send:
    """Send this and wait for the whole answer; `target` is the path, percent-encoded.

    `gateway` is an address other than the client's own: that of the one process which serves a session.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    gateway: str | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """What is to be signed and sent: `path` and `query` percent-encoded, `digest` that of the body where it is known."""

    method: str
    path: str
    query: str = ""
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    digest: bytes | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Received:
    """An answer came; header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Lost:
    """No whole answer came: `slow` when time ran out, else the connection failed."""

    reason: str
    slow: bool = False


@dataclass(frozen=True, slots=True)
class TooLarge:
    """The answer went past the limit and was not read to its end."""

    status: int


Event: TypeAlias = "Received | Lost | TooLarge | None"
Flow: TypeAlias = "Generator[Send | Pause, Event, T]"
