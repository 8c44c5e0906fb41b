"""Resources as exchange shows them: served how, used by whom, asked for how."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

from django.db.models import Q

from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.catalogue.public import ResourceView
from yiwang.blocks.exchange.domain import deadline, errors
from yiwang.blocks.exchange.domain.asking import required_by_default
from yiwang.blocks.exchange.domain.compiled import GrantedPredicate
from yiwang.blocks.exchange.domain.terms import LONGEST_DAYS, Mode, Terms
from yiwang.blocks.exchange.queries.shaping import field_options, grant_row
from yiwang.blocks.exchange.queries.views import (
    ListedResource,
    RequestForm,
    ResourceEntry,
    ResourceList,
    ServiceView,
    UseView,
)
from yiwang.blocks.exchange.store import models
from yiwang.blocks.exchange.store.acting import as_actor
from yiwang.blocks.exchange.store.clock import start_clock, zone
from yiwang.blocks.exchange.store.reach import (
    OVERSIGHT,
    Service,
    grants_in_reach,
    mounts_in_reach,
    requests_in_reach,
    served,
)
from yiwang.blocks.exchange.store.rows import SYSTEM, still_served, terms_of
from yiwang.blocks.identity.public import DATA_OFFICER, Actor, acting
from yiwang.blocks.organisation.public import agencies_by_uscc

OPEN = ("draft", "submitted", "returned", "deciding")
LIVE = ("active", "suspended")
MOST_USES = 50


@as_actor
def search_resources(
    actor: Actor,
    *,
    text: str = "",
    narrowed: Mapping[str, str] | None = None,
    page: int = 1,
    per_page: int = 20,
) -> ResourceList:
    """Published resources with facets (`narrowed`: value by facet), whether they are served, and what the actor's agency already has."""
    found = catalogue.find(actor, text, narrowed, page=page, per_page=per_page)
    codes = {row.code for row in found.rows}
    services = served(codes)
    mine = grants_in_reach(actor).filter(consumer=actor.agency, resource__in=codes, state__in=LIVE)
    granted = dict(mine.order_by("created_at").values_list("resource", "id"))
    asked = requests_in_reach(actor).filter(consumer=actor.agency, resource__in=codes, state__in=OPEN)
    open_requests = dict(asked.order_by("created_at").values_list("resource", "id"))
    return ResourceList(
        tuple(
            ListedResource(
                row, services[row.code].modes if row.code in services else (), granted.get(row.code),
                open_requests.get(row.code),
            )
            for row in found.rows
        ),
        found.total, found.page, found.pages, found.facets, found.at_least, found.marks, found.widened,
        found.did_you_mean, found.sampled,
    )  # fmt: skip


@as_actor
def resource_entry(actor: Actor, code: str, now: datetime) -> ResourceEntry:
    """Everything the page of a resource shows. Raises: ResourceUnknown."""
    entry = catalogue.resource(actor, code)
    service = served({code}).get(code)
    own = bool(actor.agency) and entry.provider == actor.agency
    users = grants_in_reach(actor).filter(resource=code, state__in=LIVE).order_by("-created_at", "-id")
    mine = users.filter(consumer=actor.agency)
    shown = users if own or actor.has(*OVERSIGHT) else mine
    with acting(SYSTEM):
        use_count = models.Grant.objects.filter(resource=code, state="active").count()
    mount = mounts_in_reach(actor).filter(resource=code).exclude(state="withdrawn").first()
    why_not = _why_not(actor, entry, service)
    days, reply_by = _reply(entry, now)
    return ResourceEntry(
        resource=entry,
        services=_services(entry, service),
        versions=catalogue.versions(actor, code),
        uses=tuple(_use(row) for row in shown[:MOST_USES]),
        use_count=use_count,
        my_grants=tuple(sorted((_use(row) for row in mine[:MOST_USES]), key=lambda use: not use.called)),
        my_requests=_my_requests(actor, code),
        can_request=not why_not,
        why_not=why_not,
        can_edit=own and actor.has(DATA_OFFICER) and entry.state != "withdrawn",
        mount=mount.id if mount and own else None,
        reply_by=reply_by,
        reply_days=days,
    )


@as_actor
def request_form(
    actor: Actor, code: str, now: datetime, *, request_id: str | None = None, renews: str | None = None
) -> RequestForm:
    """What the request form needs: empty, of a draft or returned request, or with the terms of a grant to renew.

    Raises: ResourceUnknown, RequestUnknown, GrantUnknown, NotMounted; of a new request also OwnResource, NotShared.
    """
    entry = catalogue.resource(actor, code)
    if request_id is None and renews is None:
        # told before anybody has filled in a form
        if entry.provider == actor.agency:
            raise errors.OwnResource(resource=code)
        if entry.share_type == "none":
            raise errors.NotShared(resource=code, basis=entry.share_basis)
    service = served({code}).get(code)
    if service is None:
        raise errors.NotMounted(resource=code)
    items = service.items(entry)
    narrowing = tuple(item.name for item in items if item.narrows)
    terms = Terms(
        modes=service.modes, fields=(),
        predicates=tuple(GrantedPredicate(name, ("eq",)) for name in narrowing),
        required=required_by_default(items, narrowing), purposes=(),
    )  # fmt: skip
    reason, note = "", ""
    if request_id is not None:
        row = requests_in_reach(actor).filter(pk=request_id, consumer=actor.agency, resource=code).first()
        if row is None:
            raise errors.RequestUnknown(request=request_id)
        terms, reason, note, renews = terms_of(row.terms), row.reason, row.answer, row.renews
    elif renews is not None:
        grant = (
            grants_in_reach(actor).select_related("request").filter(pk=renews, consumer=actor.agency).first()
        )
        if grant is None or grant.resource != code:
            raise errors.GrantUnknown(grant=renews)
        terms, reason = still_served(terms_of(grant.terms), items), grant.request.reason
    days, reply_by = _reply(entry, now)
    return RequestForm(
        resource=entry, options=field_options(entry, service), modes=service.modes, terms=terms, reason=reason,
        request=request_id, renews=renews, longest_days=LONGEST_DAYS, reply_by=reply_by, reply_days=days,
        note=note,
    )  # fmt: skip


def _services(entry: ResourceView, service: Service | None) -> tuple[ServiceView, ...]:
    if service is None:
        return ()
    path = f"/v1/resources/{quote(entry.code, safe='')}"
    return tuple(
        ServiceView(mode, _path(mode, entry.code, path), service.state, service.mount.checked_at)
        for mode in service.modes
    )


def _path(mode: Mode, code: str, path: str) -> str:
    """Where a service is called; a whole table is delivered by a job, so nowhere."""
    match mode:
        case "table":
            return ""
        case "file":
            return f"/v1/files?resource={quote(code, safe='')}"
        case _:
            return f"{path}/{mode}"


def _use(row: models.Grant) -> UseView:
    shown = grant_row(row)
    return UseView(
        shown.id,
        shown.consumer,
        shown.consumer_name,
        shown.purposes,
        shown.modes,
        shown.state,
        shown.not_after,
    )


def _my_requests(actor: Actor, code: str) -> tuple[str, ...]:
    rows = requests_in_reach(actor).filter(Q(consumer=actor.agency), resource=code, state__in=OPEN)
    return tuple(rows.order_by("-created_at").values_list("id", flat=True))


def _why_not(actor: Actor, entry: ResourceView, service: Service | None) -> str:
    if entry.provider == actor.agency:
        return "own-resource"
    if not (actor.agency and actor.has(DATA_OFFICER)):
        return "role"
    if entry.share_type == "none":
        return "not-shared"
    if service is None:
        return "not-mounted"
    return ""


def _reply(entry: ResourceView, now: datetime) -> tuple[int, datetime]:
    """If asked now: working days until the answer, and its last moment."""
    provider = agencies_by_uscc({entry.provider}).get(entry.provider)
    region = provider.region.code if provider else ""
    if entry.share_type == "unconditional":
        due = start_clock("reply-unconditional", now, region, ruled_on=now)
        return due.days, due.at
    review = deadline.rule("review", region, now, zone())
    reply = start_clock(
        "reply-conditional", start_clock("review", now, region, ruled_on=now).at, region, ruled_on=now
    )
    return review.working_days + reply.days, reply.at
