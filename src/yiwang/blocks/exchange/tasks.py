"""What the worker does every minute, as the platform itself. Safe to repeat, and to run in two workers at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import Model, QuerySet

from yiwang.blocks.exchange.actions.deciding import take_step
from yiwang.blocks.exchange.actions.grants import change_grant
from yiwang.blocks.exchange.actions.mounts import check_mount
from yiwang.blocks.exchange.actions.sources import check_source
from yiwang.blocks.exchange.domain import deadline
from yiwang.blocks.exchange.domain.errors import SourceUnknown
from yiwang.blocks.exchange.domain.grant import Expire
from yiwang.blocks.exchange.domain.request import Escalate
from yiwang.blocks.exchange.store import models
from yiwang.blocks.exchange.store.clock import zone
from yiwang.blocks.exchange.store.compiled import lagging, store_resource
from yiwang.blocks.exchange.store.news import tell_of_grant, tell_of_request
from yiwang.blocks.exchange.store.reach import mounts_in_reach, sources_in_reach
from yiwang.blocks.exchange.store.rows import SYSTEM
from yiwang.blocks.identity.public import OPERATOR, acting
from yiwang.dataplane.connectors.errors import ConnectorError

EXPIRING = timedelta(days=30)
CHECK_EVERY = timedelta(hours=1)
TEST_EVERY = timedelta(minutes=5)
AT_ONCE = 200
M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class TickReport:
    """How much one tick did; all zero when there was nothing to do."""

    expired: int
    expiring: int
    due_soon: int
    escalated: int
    recompiled: int


def tick(now: datetime) -> TickReport:
    """Expire grants, remind of deadlines, escalate silence, compile what lags behind the catalogue.

    Each row in a transaction of its own, locked and looked at again, so that one broken row stops nothing and a
    second worker repeats nothing.
    """
    grants = models.Grant.objects.order_by("not_after", "pk")
    requests = models.Request.objects.order_by("due_at", "pk")
    return TickReport(
        expired=_each(grants.filter(state__in=("active", "suspended"), not_after__lte=now), now, _expire),
        expiring=_each(
            grants.filter(
                state="active", not_after__gt=now, not_after__lte=now + EXPIRING, reminded_at__isnull=True
            ),
            now, _remind_of_grant,
        ),
        due_soon=_each(
            requests.filter(
                state__in=("submitted", "deciding"), due_at__gt=now, due_at__lte=now + timedelta(days=15),
                reminded_at__isnull=True,
            ),
            now, _remind_of_request,
        ),
        escalated=_each(
            requests.filter(state__in=("submitted", "deciding"), due_at__lt=now, escalated_at__isnull=True),
            now, _escalate,
        ),
        recompiled=_recompile(),
    )  # fmt: skip


def check_mounts(now: datetime) -> int:
    """Compare mounts with their tables, those longest unchecked first; returns how many drifted or did not answer."""
    with acting(SYSTEM):
        due = (
            mounts_in_reach(SYSTEM)
            .exclude(state="withdrawn")
            .filter(checked_at__lte=now - CHECK_EVERY, source__state="active")
        )
        ids = list(due.order_by("checked_at").values_list("pk", flat=True)[:AT_ONCE])
    wrong = 0
    for mount_id in ids:
        try:
            wrong += bool(check_mount(SYSTEM, mount_id, now))
        except ConnectorError:
            wrong += 1
    return wrong


def check_sources(now: datetime) -> int:
    """Test sources that were not tested for five minutes, the longest waiting first; returns how many failed."""
    hand = replace(SYSTEM, roles=SYSTEM.roles | {OPERATOR})
    with acting(SYSTEM):
        due = sources_in_reach(SYSTEM).filter(state="active", checked_at__lte=now - TEST_EVERY)
        ids = list(due.order_by("checked_at").values_list("pk", flat=True)[:AT_ONCE])
    failed = 0
    for source_id in ids:
        try:
            failed += not check_source(hand, source_id, now)
        except SourceUnknown:
            continue  # removed meanwhile
    return failed


def _each(rows: QuerySet[M], now: datetime, do: Callable[[M, datetime], bool]) -> int:
    with acting(SYSTEM):
        ids = list(rows.values_list("pk", flat=True)[:AT_ONCE])
    done = 0
    for one in ids:
        with acting(SYSTEM):
            row = rows.select_for_update(skip_locked=True).filter(pk=one).first()
            if row is not None and do(row, now):
                done += 1
    return done


def _expire(row: models.Grant, now: datetime) -> bool:
    change_grant(row, Expire(int(now.timestamp())), SYSTEM, now)
    return True


def _remind_of_grant(row: models.Grant, now: datetime) -> bool:
    row.reminded_at = now
    row.save(update_fields=["reminded_at"])
    tell_of_grant(
        "grant-expiring", row, now, to="consumer", text=f"{row.not_after.astimezone(zone()):%Y-%m-%d}"
    )
    return True


def _remind_of_request(row: models.Request, now: datetime) -> bool:
    if row.due_at is None:
        return False
    left = deadline.remaining(row.due_at, now, row.provider_region, zone())
    if not deadline.is_soon(left, row.due_days):
        return False
    row.reminded_at = now
    row.save(update_fields=["reminded_at"])
    tell_of_request(
        "request-due-soon", row, now, to="bureau" if row.state == "submitted" else "provider",
        text=f"{row.due_at.astimezone(zone()):%Y-%m-%d}",
    )  # fmt: skip
    return True


def _escalate(row: models.Request, now: datetime) -> bool:
    take_step(row, Escalate(), SYSTEM, now)
    return True


def _recompile() -> int:
    with acting(SYSTEM):
        rows = models.Mount.objects.select_related("source").exclude(state="withdrawn").order_by("pk")
        return sum(store_resource(row) for row in lagging(list(rows)))
