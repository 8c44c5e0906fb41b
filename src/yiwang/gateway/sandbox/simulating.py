"""Errors on demand: the case number `simulate:<code>` has the sandbox refuse as the real gateway would.

It stands in the purpose, which is signed, so nothing unsigned changes an answer. The OpenAPI documents list the same
errors, with the same texts.
"""

from __future__ import annotations

from typing import Final

from yiwang.blocks.exchange.domain.compiled import CompiledGrant
from yiwang.blocks.journal.domain import errors as j
from yiwang.gateway import errors as e
from yiwang.gateway import refusals as r
from yiwang.gateway import source_errors as s
from yiwang.vocabulary.errors import YwError

PREFIX: Final = "simulate:"
SLOW: Final = "slow"
EMPTY: Final = "empty"
SLOW_SECONDS: Final = 3.0
_ENDED: Final = "2026-01-01T00:00:00Z"


def simulated(grant: CompiledGrant, client: str) -> dict[str, YwError]:
    """Every error that can be asked for, by its code, with the facts of this sandbox."""
    name, resource = grant.id, grant.resource
    made: tuple[YwError, ...] = (
        j.QuotaExhausted(grant=name, limit=grant.calls_per_day),
        j.SubjectsExhausted(grant=name, limit=grant.subjects_per_day),
        j.AttemptsExhausted(grant=name, limit=grant.attempts_per_subject),
        j.NonceReplayed(),
        j.GrantChanged(grant=name, state="revoked"),
        j.JournalUnavailable(reason="simulated"),
        r.GrantRevoked(grant=name),
        r.GrantSuspended(grant=name),
        r.GrantNotYet(grant=name, begins=_ENDED),
        r.GrantExpired(grant=name, ended=_ENDED),
        r.OutsideHours(grant=name, begins="09:00", ends="17:00"),
        r.NotAWorkday(grant=name, day="2026-10-01"),
        r.WrongZone(grant=name, zone="intranet", here=grant.zone),
        r.PurposeNotAllowed(purpose="item:other", allowed=["item:granted"]),
        r.CaseRequired(grant=name),
        r.ResourceNotFound(resource=resource),
        r.ResourceWithdrawn(resource=resource),
        r.ResourceSuspended(resource=resource),
        r.ClientSuspended(client=client),
        r.ClientBusy(client=client, limit=128),
        e.Busy(retry_after=1),
        s.SourceUnreachable(resource=resource),
        s.SourceSlow(resource=resource, timeout_ms=3000),
        s.SourceBusy(resource=resource),
        s.SourceChanged(resource=resource),
    )
    return {error.code: error for error in made}


def wish(case: str | None) -> str | None:
    """What a case number asks the sandbox to play, or None."""
    if case is None or not case.startswith(PREFIX):
        return None
    return case.removeprefix(PREFIX)
