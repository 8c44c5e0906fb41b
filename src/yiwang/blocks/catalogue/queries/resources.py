"""Reads of the catalogue; each shows only what the actor may see."""

from __future__ import annotations

import msgspec
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from yiwang.blocks.catalogue.domain import errors
from yiwang.blocks.catalogue.domain.difference import Change, changes
from yiwang.blocks.catalogue.domain.resource import SHARE_TYPES, Problem, ResourceDraft
from yiwang.blocks.catalogue.domain.rules import problems
from yiwang.blocks.catalogue.queries.views import (
    Facet,
    ResourcePage,
    ResourceSummary,
    ResourceView,
    Totals,
    VersionView,
)
from yiwang.blocks.catalogue.store.models import Item, Resource, Version
from yiwang.blocks.catalogue.store.rows import current_of, draft_of, items_of
from yiwang.blocks.identity.public import Actor

MOST_WORDS = 8


def search_resources(
    actor: Actor,
    *,
    text: str = "",
    provider: str = "",
    share_type: str = "",
    state: str = "published",
    mine: bool = False,
    page: int = 1,
    per_page: int = 20,
) -> ResourcePage:
    """Published resources by words in title, summary, items and provider.

    `mine` shows the actor's own agency's instead, in any `state` ("" for all). A page too far is the last one.
    """
    rows = _matching(_scope(actor, state, mine=mine), text)
    by_provider = rows.filter(share_type=share_type) if share_type else rows
    by_share = rows.filter(agency=provider) if provider else rows
    chosen = by_provider.filter(agency=provider) if provider else by_provider
    total = chosen.count()
    pages = max(1, -(-total // per_page))
    page = min(max(1, page), pages)
    start = (page - 1) * per_page
    ordered = chosen.annotate(item_count=Count("items")).order_by("-updated_at", "code")
    return ResourcePage(
        tuple(summary_of(row, actor, row.item_count) for row in ordered[start : start + per_page]),
        total, page, pages, _providers(by_provider), _share_types(by_share),
    )  # fmt: skip


def resource(actor: Actor, code: str) -> ResourceView:
    """One resource. Drafts and withdrawn entries are seen by their own agency alone. Raises: ResourceUnknown."""
    return _view(_visible(actor, code), actor)


def resources_by_code(codes: set[str]) -> dict[str, ResourceView]:
    """For other blocks: entries as last published, whoever asks, withdrawn ones included; drafts are left out."""
    rows = Resource.objects.filter(code__in=codes, version__gt=0).prefetch_related("items")
    return {row.code: _view(row, None) for row in rows}


def published_entries(agency: str) -> dict[str, ResourceView]:
    """For other blocks: the entries of an agency that are published, by code."""
    rows = Resource.objects.filter(agency=agency, state="published").prefetch_related("items")
    return {row.code: _view(row, None) for row in rows.order_by("code")}


def published_codes() -> list[str]:
    """For other blocks: the codes of everything that is published."""
    return list(Resource.objects.filter(state="published").order_by("code").values_list("code", flat=True))


def draft(actor: Actor, code: str) -> ResourceDraft:
    """The latest text of an entry, for its editor: the draft, else what is published. Raises: ResourceUnknown."""
    row = _visible(actor, code)
    if row.agency != actor.agency:
        raise errors.ResourceUnknown(resource=code)
    return draft_of(row.draft) if row.draft is not None else current_of(row)


def check_draft(draft: ResourceDraft) -> tuple[Problem, ...]:
    """What is wrong with a draft, warnings included, without saving it."""
    return problems(draft)


def versions(actor: Actor, code: str) -> tuple[VersionView, ...]:
    """Published editions, latest first. Raises: ResourceUnknown."""
    row = _visible(actor, code)
    return tuple(
        VersionView(v.version, v.published_at, v.published_by, v.note, v.version == row.version)
        for v in row.versions.all()
    )


def difference(actor: Actor, code: str, older: int, newer: int) -> tuple[Change, ...]:
    """What changed between two editions. Raises: ResourceUnknown, VersionUnknown."""
    _visible(actor, code)
    return changes(_edition(code, older), _edition(code, newer))


def totals(actor: Actor) -> Totals:
    """Figures of the published catalogue."""
    rows = _scope(actor, "published", mine=False)
    providers = _providers(rows)
    return Totals(rows.count(), len(providers), providers, _share_types(rows))


def _scope(actor: Actor, state: str, *, mine: bool) -> QuerySet[Resource]:
    rows = Resource.objects.all()
    if not mine:
        return rows.filter(state="published")
    rows = rows.filter(agency=actor.agency)
    return rows.filter(state=state) if state else rows


def _matching(rows: QuerySet[Resource], text: str) -> QuerySet[Resource]:
    for word in text.split()[:MOST_WORDS]:
        item = Item.objects.filter(resource=OuterRef("pk")).filter(
            Q(title__icontains=word) | Q(wire__icontains=word) | Q(title_en__icontains=word)
        )
        rows = rows.filter(
            Q(title__icontains=word) | Q(title_en__icontains=word) | Q(summary__icontains=word)
            | Q(code__startswith=word) | Q(agency_name__icontains=word) | Exists(item)
        )  # fmt: skip
    return rows


def _visible(actor: Actor, code: str) -> Resource:
    row = Resource.objects.filter(Q(state="published") | Q(agency=actor.agency), code=code).first()
    if row is None:
        raise errors.ResourceUnknown(resource=code)
    return row


def _edition(code: str, version: int) -> ResourceDraft:
    row = Version.objects.filter(resource_id=code, version=version).first()
    if row is None:
        raise errors.VersionUnknown(resource=code, version=version)
    return draft_of(row.doc)


def _providers(rows: QuerySet[Resource]) -> tuple[Facet, ...]:
    counted = rows.order_by().values("agency", "agency_name").annotate(n=Count("pk")).order_by("-n", "agency")
    facets: dict[str, Facet] = {}
    for one in counted:
        known = facets.get(one["agency"])
        # an agency renamed since keeps its old name on old rows: the most frequent name stands for all
        label = known.label if known else one["agency_name"]
        facets[one["agency"]] = Facet(one["agency"], label, one["n"] + (known.count if known else 0))
    return tuple(facets.values())


def _share_types(rows: QuerySet[Resource]) -> tuple[Facet, ...]:
    counted = {
        one["share_type"]: one["n"] for one in rows.order_by().values("share_type").annotate(n=Count("pk"))
    }
    return tuple(Facet(key, label.zh, counted[key]) for key, label in SHARE_TYPES.items() if key in counted)


def _values(row: Resource, actor: Actor | None, item_count: int) -> dict[str, object]:
    return {
        "code": row.code, "title": row.title, "title_en": row.title_en, "provider": row.agency,
        "provider_name": row.agency_name, "summary": row.summary, "summary_en": row.summary_en,
        "share_type": row.share_type, "open": row.open, "update_cycle": row.update_cycle,
        "grade": row.grade, "state": row.state, "version": row.version, "item_count": item_count,
        "updated_at": row.updated_at, "published_at": row.published_at,
        "has_draft": row.draft is not None and actor is not None and actor.agency == row.agency,
    }  # fmt: skip


def summary_of(row: Resource, actor: Actor, item_count: int) -> ResourceSummary:
    """An entry as lists show it."""
    return msgspec.convert(_values(row, actor, item_count), ResourceSummary)


def _view(row: Resource, actor: Actor | None) -> ResourceView:
    items = items_of(row)
    more = {
        "classification": row.classification, "share_condition": row.share_condition,
        "share_condition_en": row.share_condition_en,
        "share_basis": row.share_basis, "open_condition": row.open_condition,
        "items": [msgspec.to_builtins(item) for item in items], "withdrawn_reason": row.withdrawn_reason,
        "format_class": row.format_class, "format_type": row.format_type, "share_channel": row.share_channel,
        "share_ways": row.share_ways, "lead_department": row.lead_department, "related": row.related,
        "released_on": row.released_on, "duty": row.duty, "office": row.office, "volumes": row.volumes,
        "level": row.level, "revision": row.revision,
        "stage": row.stage if actor is not None and actor.agency == row.agency else "",
    }  # fmt: skip
    return msgspec.convert({**_values(row, actor, len(items)), **more}, ResourceView)
