"""From what was decided to what a gateway holds in memory. Pure, so that it can be compared at any time."""

from __future__ import annotations

import msgspec

from yiwang.blocks.exchange.domain.compiled import CompiledGrant, CompiledResource
from yiwang.blocks.exchange.domain.terms import Terms
from yiwang.vocabulary.delivering import CHANGES


def compile_grant(
    grant_id: str, version: int, resource: str, consumer: str, terms: Terms, not_before: int, not_after: int,
    zone: str,
) -> CompiledGrant:  # fmt: skip
    """The grant as a gateway decides by it. Times are Unix seconds."""
    followed = terms.delivery is not None and CHANGES in terms.delivery.ways
    return CompiledGrant(
        id=grant_id,
        version=version,
        resource=resource,
        consumer=consumer,
        modes=(*terms.modes, CHANGES) if followed else terms.modes,
        fields=terms.fields,
        predicates=terms.predicates,
        required=terms.required,
        purposes=tuple(purpose.code for purpose in terms.purposes),
        not_before=not_before,
        not_after=not_after,
        rows=terms.rows,
        claims=terms.claims,
        case_required=terms.case_required,
        rows_per_call=terms.rows_per_call,
        calls_per_day=terms.calls_per_day,
        subjects_per_day=terms.subjects_per_day,
        attempts_per_subject=terms.attempts_per_subject,
        hours=terms.hours,
        workdays_only=terms.workdays_only,
        zone=zone,
        ways=terms.delivery.ways if terms.delivery is not None else (),
        frequency=terms.delivery.frequency if terms.delivery is not None else None,
    )


def document(compiled: CompiledGrant | CompiledResource) -> str:
    """The JSON text that is stored."""
    return msgspec.json.encode(compiled).decode("utf-8")
