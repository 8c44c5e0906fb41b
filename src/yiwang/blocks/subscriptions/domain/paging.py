"""Pages of events as one subscriber sees them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from yiwang.blocks.subscriptions.domain.cursors import cursor
from yiwang.blocks.subscriptions.domain.events import Event, event_id
from yiwang.blocks.subscriptions.domain.projecting import Shown, View

LOOKED: int = 2_000
"""Events of the feed that one page looks at; beyond, the next page goes on."""


@dataclass(frozen=True, slots=True, repr=False)
class Stored:
    """An event at its position."""

    position: int
    event: Event
    version: int
    at: datetime


@dataclass(slots=True)
class Page:
    """Events that are seen. `last`: position up to which was looked; `first`: of the first event that is seen."""

    last: int
    first: int = 0
    events: list[dict[str, object]] = field(default_factory=list)
    persons: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reader:
    """One subscription's way of seeing a feed. `key` seals cursors, `tag` names the feed."""

    key: bytes
    subscription: str
    tag: str
    view: View

    def page(self, stored: Iterable[Stored], after: int, limit: int, *, lost: bool) -> Page:
        """The page after a position; one that lost events begins by saying so."""
        page = Page(after)
        if lost:
            missed = Stored(
                after, Event("resync", "", None, None, "retention"), 0, datetime.fromtimestamp(0, UTC)
            )
            page.events.append(self._document(missed, Shown("resync", None, None, ())))
            page.first = after
        for one in stored:
            if len(page.events) >= limit:
                break
            page.last = one.position
            shown = self.view.shown(one.event)
            if shown is not None:
                page.first = page.first or one.position
                page.events.append(self._document(one, shown))
                page.persons.extend(shown.persons)
        return page

    def cursor(self, position: int) -> str:
        """The cursor of everything up to a position."""
        return cursor(self.key, self.subscription, position)

    def _document(self, stored: Stored, shown: Shown) -> dict[str, object]:
        made: dict[str, object] = {
            "id": event_id(self.tag, stored.position) + ("-lost" if stored.version == 0 else ""),
            "op": shown.op,
            "cursor": self.cursor(stored.position),
        }
        if shown.op == "resync":
            return made | {"reason": stored.event.reason}
        made |= {"key": shown.key, "version": stored.version, "at": instant(stored.at)}
        return made | {"values": shown.values} if shown.values is not None else made


def instant(at: datetime) -> str:
    """A moment as it is written in events."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
