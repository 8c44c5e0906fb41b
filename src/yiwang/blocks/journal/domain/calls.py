"""Which leaves are calls, and what is told of one: never whom it was about.

A call is an answered look-up or check, a delivered table, a confirmed file, or a refusal; the other leaves are acts of the node.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

import msgspec

DELIVERED: Final = "table-delivered"
"""The event of a table that a job delivered: counted like a call, with the rows of its detail."""
RECEIVED: Final = "file-received"
"""The event of a whole file that its receiver confirmed: counted like a call, as its grant is charged."""
WHOLE: Final = {DELIVERED: "table", RECEIVED: "file"}
"""Events that are counted, and the kind under which they are."""
FAILED_CLASS: Final = 5
"""Status class of answers that failed on our side or on the source's: 500 and above."""
Outcome = Literal["answered", "refused", "failed"]


class _Delivered(msgspec.Struct, frozen=True):
    """What is counted of the detail of a delivered table."""

    rows: object = 0


class Told(msgspec.Struct, frozen=True):
    """The members of a leaf that are counted."""

    kind: str
    time: str
    status: int
    consumer: str | None
    provider: str | None
    resource: str | None
    grant: str | None
    code: str | None
    rows: int | None
    client: str | None = None
    purpose: str | None = None
    event: str | None = None
    detail: _Delivered | None = None

    @property
    def whole(self) -> str | None:
        """`table` or `file`, where a whole one was given; None of what is no such event."""
        return WHOLE.get(self.event or "") if self.kind == "event" else None

    @property
    def called(self) -> bool:
        """Whether it is a call."""
        return self.kind in ("query", "verify", "refusal") or self.whole is not None

    @property
    def given(self) -> int:
        """The rows that were given."""
        if self.whole != "table":
            return self.rows or 0
        return self.detail.rows if self.detail is not None and isinstance(self.detail.rows, int) else 0

    @property
    def ground(self) -> str | None:
        """The purpose as the grant names it, without the case; a refused call may name any it likes, so it has none."""
        if self.kind == "refusal" or not self.purpose:
            return None
        return self.purpose.partition(";")[0]

    @property
    def moment(self) -> datetime:
        """When it was written, to the second."""
        return datetime.fromisoformat(self.time[:19]).replace(tzinfo=UTC)


told = msgspec.json.Decoder(Told).decode


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it is counted.

    Attributes:
        kind: `query`, `verify`, `table`, `file` or `refusal`.
        at: when it was written, to the second.
        rows: rows given.
        took_us: microseconds it took; None of a table or a file, which is no answer to anybody who waits.
    """

    log: str
    index: int
    kind: str
    at: datetime
    resource: str
    consumer: str | None
    client: str | None
    grant: str | None
    purpose: str | None
    status: int
    code: str | None
    rows: int
    took_us: int | None

    @property
    def outcome(self) -> Outcome:
        """Answered, refused by a rule, or failed because something did not answer."""
        if self.status // 100 >= FAILED_CLASS:
            return "failed"
        return "refused" if self.kind == "refusal" else "answered"


def call_of(log: str, index: int, text: str, took_us: int, among: frozenset[str]) -> Call | None:
    """The call of a resource `among` these that a leaf is; None of other leaves.

    Raises: msgspec.DecodeError, for a text that is no leaf.
    """
    leaf = told(text)
    if leaf.resource is None or leaf.resource not in among or not leaf.called:
        return None
    return Call(
        log, index, leaf.whole or leaf.kind, leaf.moment, leaf.resource, leaf.consumer, leaf.client,
        leaf.grant, leaf.ground, leaf.status, leaf.code, leaf.given, None if leaf.whole else took_us,
    )  # fmt: skip
