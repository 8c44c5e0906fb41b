"""A call of the journal in the words of a package."""

from __future__ import annotations

from yiwang.blocks.journal.public import Call
from yiwang.blocks.registry.domain.figures.calls import Plain


def facts(call: Call, entity: str) -> dict[str, Plain]:
    """The fields of a call as expressions read them."""
    return {
        "kind": call.kind, "outcome": call.outcome, "entity": entity, "resource": call.resource,
        "consumer": call.consumer, "client": call.client, "grant": call.grant, "purpose": call.purpose,
        "code": call.code, "status": call.status, "rows": call.rows,
        "took_ms": None if call.took_us is None else call.took_us / 1000,
    }  # fmt: skip
