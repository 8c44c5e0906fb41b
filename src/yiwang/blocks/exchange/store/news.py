"""News of a change: a notice to people, and an event that becomes evidence. Both in the change's transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from yiwang.blocks.exchange.store.models import Grant, Mount, Notice, Request
from yiwang.blocks.exchange.store.stepping import stepped
from yiwang.blocks.journal.public import record_event

OFFICERS = ("data_officer", "approver")
REVIEWERS = ("reviewer",)


def tell(
    kind: str,
    now: datetime,
    *,
    agency: str = "",
    roles: Iterable[str] = (),
    user: int | None = None,
    link: str = "",
    **params: str,
) -> None:
    """Leave a notice for one user, or for everybody with one of `roles` in `agency` ("": in any)."""
    Notice.objects.create(
        kind=kind, agency=agency, roles=list(roles), user=user, params=params, link=link, created_at=now
    )


def tell_of_request(kind: str, row: Request, now: datetime, *, to: str, text: str = "") -> None:
    """Tell one side of a request: `bureau`, `provider` or `consumer`."""
    agency = {"bureau": "", "provider": row.provider, "consumer": row.consumer}[to]
    roles = REVIEWERS if to == "bureau" else OFFICERS
    tell(
        kind, now, agency=agency, roles=roles, link=f"request:{row.id}", request=row.id,
        resource=row.resource_title, code=row.resource, consumer=row.consumer_name, provider=row.provider_name, text=text[:300],
    )  # fmt: skip


def tell_of_grant(kind: str, row: Grant, now: datetime, *, to: str, text: str = "") -> None:
    """Tell one side of a grant: `provider` or `consumer`."""
    tell(
        kind, now, agency=row.provider if to == "provider" else row.consumer, roles=OFFICERS,
        link=f"grant:{row.id}", grant=row.id, resource=row.resource_title, code=row.resource,
        consumer=row.consumer_name, provider=row.provider_name, text=text[:300],
    )  # fmt: skip


def tell_of_mount(
    kind: str, row: Mount, now: datetime, *, agency: str, resource: str, text: str = ""
) -> None:
    """Tell an agency's officers about a mount."""
    link = f"mount:{row.id}" if agency == row.agency else f"resource:{row.resource}"
    tell(
        kind,
        now,
        agency=agency,
        roles=OFFICERS,
        link=link,
        mount=row.id,
        resource=resource,
        code=row.resource,
        text=text[:300],
    )


def request_event(name: str, row: Request, now: datetime) -> None:
    """Evidence that a request took a step; reasons and names stay in the ledger, not in evidence."""
    record_event(
        f"request-{name}", now, consumer=row.consumer, provider=row.provider, resource=row.resource,
        version=row.resource_version, detail={"request": row.id, "revision": row.revision},
    )  # fmt: skip
    stepped("request", row.id, now)


def grant_event(name: str, row: Grant, now: datetime) -> None:
    """Evidence that a grant changed."""
    record_event(
        f"grant-{name}", now, consumer=row.consumer, provider=row.provider, resource=row.resource,
        grant=row.id, grant_version=row.version,
    )  # fmt: skip
    stepped("grant", row.id, now)


def mount_event(name: str, row: Mount, now: datetime) -> None:
    """Evidence that a mount changed."""
    record_event(f"mount-{name}", now, provider=row.agency, resource=row.resource, detail={"mount": row.id})
    stepped("mount", row.resource, now)
