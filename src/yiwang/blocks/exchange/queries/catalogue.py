"""Resources as exchange shows them: served how, used by whom, asked for how."""

from __future__ import annotations

from datetime import datetime

from yiwang.blocks.exchange.domain.errors import ExchangeError
from yiwang.blocks.exchange.queries.views import HomeView, RequestForm, ResourceEntry, ResourceList
from yiwang.blocks.identity.public import Actor


def search_resources(
    actor: Actor,
    *,
    text: str = "",
    provider: str = "",
    share_type: str = "",
    page: int = 1,
    per_page: int = 20,
) -> ResourceList:
    """Published resources with facets, whether served, and what the actor's agency has."""
    raise ExchangeError


def resource_entry(actor: Actor, code: str, now: datetime) -> ResourceEntry:
    """Everything the page of a resource shows. Raises: ResourceUnknown."""
    raise ExchangeError


def request_form(
    actor: Actor, code: str, now: datetime, *, request_id: str | None = None, renews: str | None = None
) -> RequestForm:
    """What the request form needs: new, of a draft or returned request, or as a renewal."""
    raise ExchangeError


def home(actor: Actor, now: datetime) -> HomeView:
    """Numbers and to-do of the sharing home page."""
    raise ExchangeError
