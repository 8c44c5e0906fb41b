"""Opening a sandbox: no request, no decision, at once, for every entry that is shared at all."""

from __future__ import annotations

from datetime import datetime

from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.exchange.domain.errors import NotAllowed
from yiwang.blocks.exchange.domain.integration_errors import SandboxRefused
from yiwang.blocks.exchange.store.acting import as_actor
from yiwang.blocks.exchange.store.integration_models import Sandbox
from yiwang.blocks.exchange.store.numbers import next_number
from yiwang.blocks.exchange.store.sandboxes import store_sandboxes
from yiwang.blocks.identity.public import DATA_OFFICER, Actor


@as_actor
def open_sandbox(actor: Actor, code: str, now: datetime) -> str:
    """Open the agency's sandbox for an entry, or find it open; returns its number, such as `B-2026-000001`.

    Raises: NotAllowed, ResourceUnknown, SandboxRefused.
    """
    if not (actor.agency and actor.has(DATA_OFFICER)):
        raise NotAllowed(needs_zh="本部门的数据专员", needs_en="a data officer of an agency")
    entry = catalogue.resource(actor, code)
    if entry.state != "published" or entry.share_type == "none":
        raise SandboxRefused(resource=code)
    row = Sandbox.objects.filter(resource=code, consumer=actor.agency).first()
    if row is None:
        row, _ = Sandbox.objects.get_or_create(
            resource=code,
            consumer=actor.agency,
            defaults={"id": next_number("B", now), "opened_at": now, "opened_by": actor.name},
        )
    store_sandboxes(code)
    return row.id
