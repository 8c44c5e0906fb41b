"""Feeds and how their last runs went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

from yiwang.blocks.catalogue.actions.feeds import drop_of
from yiwang.blocks.catalogue.domain import errors
from yiwang.blocks.catalogue.store.feed_models import Feed
from yiwang.blocks.identity.public import DATA_OFFICER, OPERATOR, Actor


@dataclass(frozen=True)
class FeedProblem:
    """One thing wrong in the last run: a cell of a file, or the whole."""

    where: str
    zh: str
    en: str
    mend_zh: str
    mend_en: str


@dataclass(frozen=True)
class FeedView:
    """A feed. `folder` is where spreadsheets are dropped; "" for an address."""

    id: int
    name: str
    url: str
    folder: str
    agency: str
    agency_name: str
    officer: str
    hours: int
    active: bool
    due_at: datetime
    ran_at: datetime | None
    state: str
    created: int
    changed: int
    unchanged: int
    problems: tuple[FeedProblem, ...]


def feeds(actor: Actor) -> tuple[FeedView, ...]:
    """All feeds for operators, those of their own agency for data officers, by name."""
    if actor.has(OPERATOR):
        return tuple(_view(row) for row in Feed.objects.all())
    if actor.agency and actor.has(DATA_OFFICER):
        return tuple(_view(row) for row in Feed.objects.filter(agency=actor.agency))
    return ()


def feed(actor: Actor, feed_id: int) -> FeedView:
    """One feed. Raises: FeedUnknown."""
    found = next((one for one in feeds(actor) if one.id == feed_id), None)
    if found is None:
        raise errors.FeedUnknown(feed=feed_id)
    return found


def _view(row: Feed) -> FeedView:
    return FeedView(
        row.pk, row.name, row.url, str(drop_of(row.pk)) if row.kind == "folder" else "", row.agency,
        row.agency_name, row.officer, row.hours, row.active, row.due_at, row.ran_at, row.state, row.created,
        row.changed, row.unchanged, msgspec.convert(row.problems, tuple[FeedProblem, ...]),
    )  # fmt: skip
