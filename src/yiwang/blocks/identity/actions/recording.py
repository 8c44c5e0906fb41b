"""Every change of accounts, roles and clients is written down, in the transaction of the change."""

from __future__ import annotations

from datetime import datetime

from yiwang.blocks.identity.domain.actor import Actor
from yiwang.blocks.identity.store.models import AccountEvent
from yiwang.blocks.journal.public import record_event


def record(
    event: str,
    by: Actor | None,
    now: datetime,
    *,
    of_user: int | None = None,
    agency: str | None = None,
    client: str = "",
    note: str = "",
    **facts: str | int | bool | None,
) -> None:
    """Add to the audit administrator's log and to the node's evidence.

    Facts are keys, codes and dates, never personal values; a `note` (free text) stays in the log; the evidence names
    accounts by their numbers only.
    """
    by_user = (by.user_id or None) if by else None
    row = AccountEvent.objects.create(
        at=now,
        event=event,
        by_user_id=by_user,
        of_user_id=of_user,
        agency_id=agency,
        client=client,
        facts={**facts, "note": note} if note else facts,
    )
    record_event(
        event, now, consumer=agency, client=client or None,
        detail={"record": row.pk, "by": by_user, "of": of_user, **facts},
    )  # fmt: skip
