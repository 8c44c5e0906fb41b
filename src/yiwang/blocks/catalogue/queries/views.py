"""What the catalogue shows: plain frozen values, made by `queries`, free of the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from yiwang.blocks.catalogue.domain.resource import (
    NO_VOLUMES,
    FormatClass,
    Grade,
    ItemDraft,
    Level,
    ResourceState,
    ShareChannel,
    ShareType,
    ShareWay,
    UpdateCycle,
    Volumes,
)
from yiwang.blocks.catalogue.domain.review import Stage


@dataclass(frozen=True)
class ResourceSummary:
    """A resource in a list. `provider` is the agency's 统一社会信用代码."""

    code: str
    title: str
    title_en: str
    provider: str
    provider_name: str
    summary: str
    summary_en: str
    share_type: ShareType
    open: bool
    update_cycle: UpdateCycle
    grade: Grade
    state: ResourceState
    version: int
    item_count: int
    updated_at: datetime
    published_at: datetime | None
    has_draft: bool
    """A later edition is being written (shown to its provider only)."""


@dataclass(frozen=True)
class ResourceView(ResourceSummary):
    """A resource with everything in it. `items` are those of the published edition (or of the first draft)."""

    classification: str
    share_condition: str
    share_basis: str
    open_condition: str
    items: tuple[ItemDraft, ...]
    withdrawn_reason: str
    share_condition_en: str = ""
    format_class: FormatClass = ""
    format_type: str = ""
    share_channel: ShareChannel = ""
    share_ways: tuple[ShareWay, ...] = ()
    lead_department: str = ""
    related: tuple[str, ...] = ()
    released_on: str = ""
    duty: str = ""
    office: str = ""
    volumes: Volumes = NO_VOLUMES
    level: Level = ""
    stage: Stage = ""
    """Where the unpublished text stands; "" for others than its provider."""
    revision: int = 0

    def item(self, wire: str) -> ItemDraft | None:
        """The item with this wire name, or None."""
        return next((item for item in self.items if item.wire == wire), None)


@dataclass(frozen=True)
class Facet:
    """A value to narrow a search by, with how many results have it."""

    value: str
    label: str
    count: int


@dataclass(frozen=True)
class ResourcePage:
    """One page of a search, with facets counted over the whole of it. Pages count from 1."""

    rows: tuple[ResourceSummary, ...]
    total: int
    page: int
    pages: int
    providers: tuple[Facet, ...]
    share_types: tuple[Facet, ...]


@dataclass(frozen=True)
class VersionView:
    """A published edition."""

    version: int
    published_at: datetime
    published_by: str
    note: str
    current: bool


@dataclass(frozen=True)
class Totals:
    """Figures of the published catalogue."""

    resources: int
    providers: int
    by_provider: tuple[Facet, ...]
    by_share_type: tuple[Facet, ...]
