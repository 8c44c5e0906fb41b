"""Notices that others ask exchange to leave: changes to come, and what the watch found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.utils import timezone

from yiwang.blocks.exchange.store.models import Grant, Notice
from yiwang.blocks.exchange.store.news import OFFICERS, tell
from yiwang.blocks.exchange.store.rows import SYSTEM
from yiwang.blocks.identity.public import acting


def announce_change(resource: str, title: str, text: str, effective: datetime, now: datetime) -> int:
    """Leave a notice with every agency that has a grant in force; returns how many there are."""
    with acting(SYSTEM):
        rows = Grant.objects.filter(resource=resource, state__in=("active", "suspended"))
        consumers = list(rows.values_list("consumer", flat=True).distinct())
        day = timezone.localtime(effective).date().isoformat()
        for consumer in consumers:
            tell(
                "resource-changing", now, agency=consumer, roles=OFFICERS, link=f"resource:{resource}",
                resource=title, code=resource, text=text[:300], day=day,
            )  # fmt: skip
    return len(consumers)


def announce(
    kind: str, now: datetime, *, agency: str, roles: Iterable[str], link: str, params: Mapping[str, str]
) -> None:
    """Leave a notice for people with one of `roles` in `agency` ("": in any), in the caller's transaction."""
    Notice.objects.create(
        kind=kind, agency=agency, roles=list(roles), params=dict(params), link=link, created_at=now
    )
