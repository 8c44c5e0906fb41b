"""Who may use a resource in a given way, for the platform's own work."""

from __future__ import annotations

from datetime import datetime

from yiwang.blocks.exchange.domain.terms import Mode
from yiwang.blocks.exchange.store.models import Grant
from yiwang.blocks.exchange.store.rows import SYSTEM
from yiwang.blocks.identity.public import acting


def holders(resource: str, mode: Mode, now: datetime) -> dict[str, str]:
    """Agencies with a grant in force that allows a way of use: their names by code. Asked as the platform."""
    with acting(SYSTEM):
        rows = Grant.objects.filter(
            resource=resource, state="active", not_before__lte=now, not_after__gt=now,
            terms__modes__contains=[mode],
        )  # fmt: skip
        return dict(rows.order_by("consumer").values_list("consumer", "consumer_name"))
