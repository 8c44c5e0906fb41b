"""The only door of the catalogue: entries with their items, versions and terms."""

from __future__ import annotations

from yiwang.blocks.catalogue.actions import (
    create_resource,
    discard_draft,
    edit_resource,
    publish_resource,
    withdraw_resource,
)
from yiwang.blocks.catalogue.domain.difference import Change
from yiwang.blocks.catalogue.domain.errors import (
    CatalogueError,
    ResourceInvalid,
    ResourceNotYours,
    ResourceStateWrong,
    ResourceUnknown,
    TitleTaken,
    VersionUnknown,
)
from yiwang.blocks.catalogue.domain.resource import (
    GRADES,
    ITEM_TYPES,
    MASKS,
    SHARE_TYPES,
    STATES,
    SUBJECTS,
    UPDATE_CYCLES,
    ItemDraft,
    ItemType,
    Label,
    Problem,
    ResourceDraft,
    ShareType,
)
from yiwang.blocks.catalogue.domain.searching.parsing import marked
from yiwang.blocks.catalogue.queries.finding import FACETS, Found, find, suggest
from yiwang.blocks.catalogue.queries.resources import (
    check_draft,
    difference,
    draft,
    resource,
    resources_by_code,
    search_resources,
    totals,
    versions,
)
from yiwang.blocks.catalogue.queries.views import (
    Facet,
    ResourcePage,
    ResourceSummary,
    ResourceView,
    Totals,
    VersionView,
)
from yiwang.blocks.catalogue.store.rebuilding import rebuild_search
from yiwang.blocks.catalogue.store.searching import note_modes

__all__ = [
    "FACETS", "GRADES", "ITEM_TYPES", "MASKS", "SHARE_TYPES", "STATES", "SUBJECTS", "UPDATE_CYCLES",
    "CatalogueError", "Change", "Facet", "Found", "ItemDraft", "ItemType", "Label", "Problem",
    "ResourceDraft", "ResourceInvalid", "ResourceNotYours", "ResourcePage", "ResourceStateWrong",
    "ResourceSummary", "ResourceUnknown", "ResourceView", "ShareType", "TitleTaken", "Totals",
    "VersionUnknown", "VersionView", "check_draft", "create_resource", "difference", "discard_draft",
    "draft", "edit_resource", "find", "marked", "note_modes", "publish_resource", "rebuild_search",
    "resource", "resources_by_code", "search_resources", "suggest", "totals", "versions",
    "withdraw_resource",
]  # fmt: skip
