"""Every change of accounts, roles and clients is written down, in the transaction of the change."""

from __future__ import annotations

from datetime import datetime

from yiwang.blocks.identity.domain.actor import Actor
from yiwang.blocks.identity.store.models import AccountEvent


def record(
    event: str,
    by: Actor | None,
    now: datetime,
    *,
    of_user: int | None = None,
    agency: str | None = None,
    client: str = "",
    **facts: str | int | bool | None,
) -> None:
    """Add to the audit administrator's log. Facts are keys, codes and dates, never personal values."""
    AccountEvent.objects.create(
        at=now, event=event, by_user_id=(by.user_id or None) if by else None, of_user_id=of_user, agency_id=agency,
        client=client, facts=facts,
    )  # fmt: skip
