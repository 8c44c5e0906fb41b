"""A catalogue as JSON: `{"format": "yiwang-catalogue/1", "resources": [{"id": …, "entry": {…}}]}`.

An entry has the members of `ResourceDraft`. An existing catalogue of another make is put into this form by whoever
serves the feed.
"""

from __future__ import annotations

from collections import Counter

import msgspec

from yiwang.blocks.catalogue.domain import errors
from yiwang.blocks.catalogue.domain.resource import ResourceDraft

FORMAT = "yiwang-catalogue/1"
MOST = 50_000


class _Resource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    entry: ResourceDraft


class _Feed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    resources: list[_Resource]


def entries_of_feed(document: object) -> tuple[tuple[str, ResourceDraft], ...]:
    """(id in the feed, entry) of each resource. Raises: FeedMalformed, with the place."""
    try:
        feed = msgspec.convert(document, _Feed)
    except (msgspec.ValidationError, ValueError) as error:
        raise errors.FeedMalformed(reason=str(error)[:200]) from error
    if feed.format != FORMAT:
        raise errors.FeedMalformed(reason=f"format is not {FORMAT}")
    if len(feed.resources) > MOST:
        raise errors.FeedMalformed(reason=f"more than {MOST} resources")
    times = Counter(one.id for one in feed.resources)
    twice = next((key for key, count in times.items() if count > 1 or not 0 < len(key) <= 200), None)
    if twice is not None:
        raise errors.FeedMalformed(reason=f"id {twice[:60]} is there twice, empty or too long")
    return tuple((one.id, one.entry) for one in feed.resources)
