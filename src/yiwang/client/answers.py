"""What a call brings: rows or claims, always with evidence that was verified."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from yiwang.client.evidence import Evidence

Value: TypeAlias = str | int | float | bool | list[object] | dict[str, object] | None
"""As JSON has it; lists and objects where the item is structured."""
Row: TypeAlias = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a query.

    Attributes:
        resource: code of the resource.
        version: version of its contract that the rows follow.
        rows: wire name to value, as the gateway typed them.
        next: cursor of the next page, or None on the last.
        request_id: by which the node's operator finds the call.
        evidence: what proves the answer.
    """

    resource: str
    version: int
    rows: list[Row]
    next: str | None
    request_id: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer to a verification.

    Attributes:
        claims: wire name to `match`, `mismatch` or `unknown`.
    """

    resource: str
    version: int
    claims: dict[str, str]
    request_id: str
    evidence: Evidence

    @property
    def all_match(self) -> bool:
        """Whether every claim matches."""
        return all(outcome == "match" for outcome in self.claims.values())
