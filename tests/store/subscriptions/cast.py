"""A followed table, its subscriber, and a receiver that does as it is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult

import msgspec

from tests.store.delivery.cast import Clock
from tests.store.delivery.cast import granted as table_granted
from tests.store.exchange.cast import ZHOU_HANG
from yiwang.blocks.exchange.public import SYSTEM, Delivery, granted_now, mounted_now
from yiwang.blocks.identity.public import acting
from yiwang.blocks.subscriptions import public as subs
from yiwang.blocks.subscriptions.actions.following import follow
from yiwang.blocks.subscriptions.actions.sending import due_hooks, send
from yiwang.blocks.subscriptions.store.models import Feed, Subscription
from yiwang.blocks.subscriptions.store.pages import page_of, reader_of
from yiwang.dataplane.connectors.web import WebFault

CLIENT = "minzheng-1"
PURPOSE = "item:1001"
URL = "https://93.184.215.14/yw?token=secret"


def granted(code: str, **changes: object) -> str:
    return table_granted(code, **{"delivery": Delivery(("changes",), "daily"), **changes})


@dataclass
class Receiver:
    """What came, and what it answers: a status, or nothing at all (0)."""

    status: int = 200
    came: list[dict[str, object]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    pinned: list[str] = field(default_factory=list)
    during: Callable[[], None] = lambda: None

    def __call__(self, url: SplitResult, pinned: str, headers: Mapping[str, str], body: bytes) -> int:
        del url
        self.during()
        self.pinned.append(pinned)
        if self.status == 0:
            raise WebFault("ConnectTimeout")
        self.headers.append(headers)
        self.bodies.append(body)
        self.came.append(json.loads(body))
        return self.status

    @property
    def events(self) -> list[dict[str, object]]:
        """All events that came, in order."""
        return [event for body in self.came for event in body["events"]]  # type: ignore[attr-defined]


@dataclass
class Stage:
    """What a test plays on."""

    code: str
    grant: str
    clock: Clock
    sql: Callable[[str], object]

    def subscribe(self, **changes: str) -> str:
        number = subs.subscribe(
            ZHOU_HANG, changes.get("grant", self.grant), changes.get("client", CLIENT), PURPOSE, self.clock()
        )
        self.turn()
        return number

    def turn(self) -> None:
        """One turn of the feed, whenever it is due."""
        self.clock.on(minutes=11)
        follow(self.code, self.clock)

    def feed(self) -> Feed:
        with acting(SYSTEM):
            return Feed.objects.get(pk=self.code)

    def pull(self, number: str, limit: int = 100) -> list[dict[str, object]]:
        """What the subscriber sees after what it has acknowledged."""
        with acting(SYSTEM):
            row = Subscription.objects.select_related("feed").get(pk=number)
            mounted = mounted_now(self.code)
            assert mounted is not None
            reader = reader_of(row, granted_now([row.grant])[row.grant], mounted)
            return json.loads(msgspec.json.encode(page_of(row, reader, limit).events))  # type: ignore[no-any-return]

    def ack(self, number: str) -> None:
        """Acknowledge everything."""
        with acting(SYSTEM):
            last = Feed.objects.get(pk=self.code).last
            Subscription.objects.filter(pk=number).update(acked=last, sent=last, acked_at=self.clock())

    def send(self, number: str, receiver: Receiver) -> None:
        """Send whatever is due until nothing is."""
        while number in (*due_hooks(self.clock(), failing=False), *due_hooks(self.clock(), failing=True)):
            if not send(number, self.clock, lambda: 1.0, receiver):
                return
