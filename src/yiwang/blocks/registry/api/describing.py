"""What there is to call: the systems in which the caller holds a role, and the OpenAPI document of each."""

from __future__ import annotations

import msgspec

from yiwang.blocks.registry.api.calls import Answer, Call
from yiwang.blocks.registry.api.openapi import document_of
from yiwang.blocks.registry.queries.workplaces import workplace, workplaces


def systems(call: Call) -> Answer:
    """The systems in which the caller holds a role, with their tables."""
    found = [
        {
            "id": one.id, "title": one.title, "version": one.version, "owner": one.owner,
            "openapi": f"/api/v1/systems/{one.id}/openapi.json",
            "entities": [{"id": entity.id, "title": entity.title} for entity in one.entities],
        }
        for one in (place.system for place in workplaces(call.errand.actor, call.now))
    ]  # fmt: skip
    return Answer(msgspec.json.encode({"systems": found}))


def document(call: Call) -> Answer:
    """The OpenAPI document of a system."""
    return Answer(
        msgspec.json.encode(document_of(workplace(call.errand.actor, call.parts[0], call.now).system))
    )
