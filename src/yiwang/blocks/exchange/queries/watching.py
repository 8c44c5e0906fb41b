"""What the platform's own watch looks at: everything, as the platform; pages never call this."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from yiwang.blocks.catalogue.public import LateEntry, late_entries, resources_by_code
from yiwang.blocks.exchange.queries.shaping import grant_row, source_row
from yiwang.blocks.exchange.queries.views import GrantRow, NoticeView, SourceRow
from yiwang.blocks.exchange.store import models
from yiwang.blocks.exchange.store.acting import as_actor
from yiwang.blocks.exchange.store.changes import changes_of
from yiwang.blocks.exchange.store.notices import notices_for
from yiwang.blocks.exchange.store.rows import SYSTEM
from yiwang.blocks.identity.public import Actor, acting

MOST_NOTICES = 50


@dataclass(frozen=True)
class LateRequest:
    """A request whose answer is late."""

    id: str
    resource_title: str
    provider: str
    due_at: datetime
    resource: str


@dataclass(frozen=True)
class DriftedMount:
    """A mount whose table has changed."""

    id: str
    resource_title: str
    agency: str
    resource: str


@dataclass(frozen=True)
class Watched:
    """Sources that run, grants in force, requests that are late, mounts that drifted, entries with data too old."""

    sources: tuple[SourceRow, ...]
    grants: tuple[GrantRow, ...]
    late: tuple[LateRequest, ...]
    drifted: tuple[DriftedMount, ...]
    stale: tuple[LateEntry, ...]


def watched(now: datetime) -> Watched:
    """How everything stands at this moment."""
    with acting(SYSTEM):
        sources = models.Source.objects.filter(state="active").order_by("pk")
        grants = models.Grant.objects.filter(state="active", not_before__lte=now, not_after__gt=now)
        late = models.Request.objects.filter(state__in=("submitted", "deciding"), due_at__lt=now)
        drifted = list(models.Mount.objects.filter(state="drifted").order_by("pk"))
        entries = resources_by_code({row.resource for row in drifted})
        return Watched(
            tuple(source_row(row, 0) for row in sources),
            tuple(grant_row(row) for row in grants.order_by("pk")),
            tuple(
                LateRequest(row.id, row.resource_title, row.provider, row.due_at, row.resource)
                for row in late.order_by("pk")
                if row.due_at is not None
            ),
            tuple(
                DriftedMount(
                    row.id,
                    entries[row.resource].title if row.resource in entries else row.resource,
                    row.agency,
                    row.resource,
                )
                for row in drifted
            ),
            late_entries(*changes_of(models.Mount.objects.all()), now),
        )


@as_actor
def notices_after(actor: Actor, last: int) -> tuple[NoticeView, ...]:
    """Notices to the actor with a greater number, in their order, at most 50; those already read are marked."""
    rows = notices_for(actor).filter(pk__gt=last).order_by("pk")[:MOST_NOTICES]
    read = set(
        models.NoticeRead.objects.filter(notice__in=[row.pk for row in rows], user=actor.user_id).values_list(
            "notice", flat=True
        )
    )
    return tuple(
        NoticeView(
            row.pk, row.kind, {str(name): str(value) for name, value in row.params.items()}, row.link,
            row.created_at, row.pk in read,
        )
        for row in rows
    )  # fmt: skip


def last_notice() -> int:
    """The number of the latest notice of all, or 0."""
    return models.Notice.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
