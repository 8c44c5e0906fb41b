"""Reads of the catalogue; each shows only what the actor may see."""

from __future__ import annotations

from yiwang.blocks.catalogue.domain.difference import Change
from yiwang.blocks.catalogue.domain.errors import CatalogueError
from yiwang.blocks.catalogue.domain.resource import Problem, ResourceDraft
from yiwang.blocks.catalogue.queries.views import ResourcePage, ResourceView, Totals, VersionView
from yiwang.blocks.identity.public import Actor


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
    """Published resources by words in title, summary, items and provider; `mine`: my agency's, in any `state` ("" for all)."""
    raise CatalogueError


def resource(actor: Actor, code: str) -> ResourceView:
    """One resource. Drafts are seen by their own agency alone. Raises: ResourceUnknown."""
    raise CatalogueError


def draft(actor: Actor, code: str) -> ResourceDraft:
    """The latest text of an entry for its editor: the draft, else the published edition. Raises: ResourceUnknown."""
    raise CatalogueError


def check_draft(draft: ResourceDraft) -> tuple[Problem, ...]:
    """What is wrong with a draft, warnings included, without saving it."""
    raise CatalogueError


def versions(actor: Actor, code: str) -> tuple[VersionView, ...]:
    """Published editions, latest first. Raises: ResourceUnknown."""
    raise CatalogueError


def difference(actor: Actor, code: str, older: int, newer: int) -> tuple[Change, ...]:
    """What changed between two editions. Raises: ResourceUnknown, VersionUnknown."""
    raise CatalogueError


def totals(actor: Actor) -> Totals:
    """Figures of the published catalogue."""
    raise CatalogueError
