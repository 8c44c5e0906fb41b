"""Following the changes of a resource: subscribe, fetch events, acknowledge, replay. docs/specs/subscriptions.md.

    with Client("http://127.0.0.1:8001", key="k.pem", trust="trust.json") as client:
        following = Subscriptions(client, purpose="item:000111004000")
        mine = following.subscribe("306001003/12")
        for page in following.follow(mine.id):
            for event in page.events:
                handle(event)          # may come twice: event.id tells
            following.ack(mine.id, page.cursor)

`AsyncSubscriptions` has the same verbs over an `AsyncClient`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Final, Literal, TypeVar
from urllib.parse import quote

import msgspec

from yiwang.client.blocking import Client
from yiwang.client.caller import Caller
from yiwang.client.concurrent import AsyncClient
from yiwang.client.errors import AnswerUnusable
from yiwang.client.evidence import Evidence, agree
from yiwang.client.protocol import Ask, Flow, Received
from yiwang.vocabulary.envelope import OutgoingRequest, Purpose

T = TypeVar("T")
SUBSCRIPTIONS: Final = "/v1/subscriptions"
WAIT: Final = 20
"""Seconds that one call of `follow` waits for an event."""
_JSON: Final = {"Content-Type": "application/json"}


class Subscription(msgspec.Struct, frozen=True):
    """A subscription. `state`: `starting` until the resource is followed, then `active`; or `paused`."""

    id: str
    resource: str
    grant: str
    state: str
    reason: str | None
    acked: str
    waiting: int
    created: str
    acknowledged: str | None
    webhook: str | None


class Event(msgspec.Struct, frozen=True):
    """A change. `id` is the same whenever it comes again; `resync`: what follows was found by comparing, `reason` says why."""

    id: str
    op: Literal["insert", "update", "delete", "resync"]
    cursor: str
    key: Mapping[str, object] | None = None
    values: Mapping[str, object] | None = None
    version: int | None = None
    at: str | None = None
    reason: str | None = None


class EventPage(msgspec.Struct, frozen=True):
    """Events in order. `cursor`: acknowledge it when all are handled; `evidence` proves them, where there are any."""

    events: tuple[Event, ...]
    cursor: str
    more: bool
    evidence: Evidence | None


class _Page(msgspec.Struct, frozen=True):
    events: tuple[Event, ...]
    cursor: str
    more: bool


class _Listed(msgspec.Struct, frozen=True):
    subscriptions: tuple[Subscription, ...]


class _Acked(msgspec.Struct, frozen=True):
    acked: str


class _Flows:
    """What is asked and what is taken for an answer; it does no input or output."""

    def __init__(self, caller: Caller, purpose: str, grant: str | None) -> None:
        self._caller, self._purpose, self._grant = caller, Purpose.parse(purpose), grant

    def subscribe(self, code: str) -> Flow[Subscription]:
        received, _ = yield from self._ask("", {"resource": code}, (200, 201))
        return self._caller.decoded(received, Subscription)

    def listed(self) -> Flow[tuple[Subscription, ...]]:
        received, _ = yield from self._ask("", None, (200,))
        return self._caller.decoded(received, _Listed).subscriptions

    def one(self, number: str) -> Flow[Subscription]:
        received, _ = yield from self._ask(f"/{quote(number, safe='')}", None, (200,))
        return self._caller.decoded(received, Subscription)

    def events(self, number: str, after: str | None, limit: int | None, wait: int) -> Flow[EventPage]:
        given = {"after": after, "limit": limit, "wait": wait or None}
        query = "&".join(
            f"{name}={quote(str(value), safe='')}" for name, value in given.items() if value is not None
        )
        received, evidence = yield from self._ask(f"/{quote(number, safe='')}/events", None, (200,), query)
        page = self._caller.decoded(received, _Page)
        if page.events and evidence is None:
            raise AnswerUnusable(gateway=self._caller.gateway, status=received.status, reason="no evidence")
        return EventPage(page.events, page.cursor, page.more, evidence)

    def acked(self, number: str, cursor: str) -> Flow[str]:
        received, _ = yield from self._ask(f"/{quote(number, safe='')}/ack", {"cursor": cursor}, (200,))
        return self._caller.decoded(received, _Acked).acked

    def replayed(self, number: str, cursor: str | None, time: str | None) -> Flow[str]:
        asked = {"cursor": cursor} if cursor is not None else {"time": time}
        received, _ = yield from self._ask(f"/{quote(number, safe='')}/replay", asked, (200,))
        return self._caller.decoded(received, _Acked).acked

    def _ask(
        self, path: str, asked: Mapping[str, object] | None, statuses: tuple[int, ...], query: str = ""
    ) -> Flow[tuple[Received, Evidence | None]]:
        method, body = ("GET", b"") if asked is None else ("POST", msgspec.json.encode(asked))
        ask = Ask(method, SUBSCRIPTIONS + path, query, body, _JSON)
        got: tuple[Received, OutgoingRequest] = yield from self._caller.signed(
            ask, self._purpose, self._grant
        )
        received, sent = got
        if received.status not in statuses:
            raise self._caller.refusal(received, sent)
        evidence = self._caller.evidence_of(received, sent)
        if evidence is not None:
            agree(evidence, kind="event")
        return received, evidence


class Subscriptions:
    """Subscriptions through a client; `grant` is needed only where several fit."""

    def __init__(self, client: Client, *, purpose: str, grant: str | None = None) -> None:
        """The client stays its owner's to close."""
        self._client, self._flows = client, _Flows(client.caller, purpose, grant)

    def subscribe(self, code: str) -> Subscription:
        """Follow a resource; the same again gives the same. Raises: as `Client.query`."""
        return self._client.run(self._flows.subscribe(code))

    def list(self) -> tuple[Subscription, ...]:
        """The application's open subscriptions. Raises: as `subscribe`."""
        return self._client.run(self._flows.listed())

    def one(self, number: str) -> Subscription:
        """How a subscription stands. Raises: as `subscribe`."""
        return self._client.run(self._flows.one(number))

    def events(
        self, number: str, *, after: str | None = None, limit: int | None = None, wait: int = 0
    ) -> EventPage:
        """The next events after what was acknowledged, or after a cursor; `wait`: seconds to wait for one. Raises: as `subscribe`."""
        return self._client.run(self._flows.events(number, after, limit, wait))

    def follow(self, number: str, *, wait: int = WAIT) -> Iterator[EventPage]:
        """Pages with events, for ever, each after the last; acknowledge each when it is handled. Raises: as `subscribe`."""
        after = None
        while True:
            page = self.events(number, after=after, wait=wait)
            after = page.cursor
            if page.events:
                yield page

    def ack(self, number: str, cursor: str) -> str:
        """Everything up to a cursor is handled; gives what is acknowledged now. Raises: as `subscribe`."""
        return self._client.run(self._flows.acked(number, cursor))

    def replay(self, number: str, *, cursor: str | None = None, time: str | None = None) -> str:
        """Have events given out again, from a cursor or a moment (ISO 8601 with its zone) on. Raises: as `subscribe`."""
        return self._client.run(self._flows.replayed(number, cursor, time))


class AsyncSubscriptions:
    """As `Subscriptions`, over an `AsyncClient`."""

    def __init__(self, client: AsyncClient, *, purpose: str, grant: str | None = None) -> None:
        """The client stays its owner's to close."""
        self._client, self._flows = client, _Flows(client.caller, purpose, grant)

    async def subscribe(self, code: str) -> Subscription:
        """As `Subscriptions.subscribe`."""
        return await self._client.run(self._flows.subscribe(code))

    async def list(self) -> tuple[Subscription, ...]:
        """As `Subscriptions.list`."""
        return await self._client.run(self._flows.listed())

    async def one(self, number: str) -> Subscription:
        """As `Subscriptions.one`."""
        return await self._client.run(self._flows.one(number))

    async def events(
        self, number: str, *, after: str | None = None, limit: int | None = None, wait: int = 0
    ) -> EventPage:
        """As `Subscriptions.events`."""
        return await self._client.run(self._flows.events(number, after, limit, wait))

    async def follow(self, number: str, *, wait: int = WAIT) -> AsyncIterator[EventPage]:
        """As `Subscriptions.follow`."""
        after = None
        while True:
            page = await self.events(number, after=after, wait=wait)
            after = page.cursor
            if page.events:
                yield page

    async def ack(self, number: str, cursor: str) -> str:
        """As `Subscriptions.ack`."""
        return await self._client.run(self._flows.acked(number, cursor))

    async def replay(self, number: str, *, cursor: str | None = None, time: str | None = None) -> str:
        """As `Subscriptions.replay`."""
        return await self._client.run(self._flows.replayed(number, cursor, time))
