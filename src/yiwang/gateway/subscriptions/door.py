"""The addresses below `/v1/subscriptions`: who calls is proven, the grant is judged anew each time, what leaves has a leaf.

| address | methods |
|---|---|
| `/v1/subscriptions` | POST `{resource}` subscribes; GET lists |
| `/v1/subscriptions/{id}` | GET |
| `/v1/subscriptions/{id}/events` | GET `?after=&limit=&wait=` |
| `/v1/subscriptions/{id}/ack` | POST `{cursor}` |
| `/v1/subscriptions/{id}/replay` | POST `{cursor}` or `{time}` |
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import parse_qs

import msgspec

from yiwang.blocks.journal.domain.prepared import Subject
from yiwang.blocks.subscriptions.domain import errors as e
from yiwang.blocks.subscriptions.domain.cursors import cursor, position_of
from yiwang.blocks.subscriptions.domain.errors import SubscriptionError
from yiwang.blocks.subscriptions.domain.keeping import LONGEST_WAIT, PAGE, PERSONAL_PAGE
from yiwang.blocks.subscriptions.domain.paging import Page, Reader, instant
from yiwang.blocks.subscriptions.domain.projecting import View
from yiwang.gateway.authentication import Authenticated, Authentication, Scope
from yiwang.gateway.bodies import Incoming, decode
from yiwang.gateway.calls import STALE_SECONDS, Calls, Keeper, Reply
from yiwang.gateway.errors import MethodNotAllowed, NotReady, RouteUnknown
from yiwang.gateway.files.permits import Leave, Permits
from yiwang.gateway.nonces import NonceMemory
from yiwang.gateway.refusals import GrantNotYours, Refusal, ResourceNotFound
from yiwang.gateway.routes import signed_path
from yiwang.gateway.selection import persons
from yiwang.gateway.subscriptions.bell import Bell
from yiwang.gateway.subscriptions.ledger import Ledger
from yiwang.gateway.subscriptions.rows import SubscriptionRow

_encode: Final = msgspec.json.Encoder().encode
_ACTIONS: Final = {"events": "GET", "ack": "POST", "replay": "POST"}


class _Subscribe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    resource: str


class _Ack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    cursor: str


class _Replay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    cursor: str | None = None
    time: str | None = None


_SUBSCRIBE: Final = msgspec.json.Decoder(_Subscribe)
_ACK: Final = msgspec.json.Decoder(_Ack)
_REPLAY: Final = msgspec.json.Decoder(_Replay)


class SubscriptionDoor:
    """Serves subscriptions."""

    def __init__(
        self, authentication: Authentication, calls: Calls, keeper: Keeper, ledger: Ledger, permits: Permits, bell: Bell,
        key: Callable[[], bytes], kept: timedelta,
    ) -> None:  # fmt: skip
        """`key` seals cursors; `kept`: how long every event is kept."""
        self._authentication, self._calls, self._keeper = authentication, calls, keeper
        self._ledger, self._permits, self._bell, self._key, self._kept = ledger, permits, bell, key, kept
        self._nonces = NonceMemory()

    async def answer(self, scope: Scope, incoming: Incoming, request_id: str) -> Reply:
        """Answer one request. Raises: what keeps the caller from being proven."""
        parts = scope.path.split("/")[3:]
        if len(parts) > 2 or (len(parts) == 2 and parts[1] not in _ACTIONS):
            raise RouteUnknown
        allowed = "GET, POST" if not parts else _ACTIONS[parts[1]] if len(parts) == 2 else "GET"
        if scope.method not in allowed.split(", "):
            raise MethodNotAllowed(allowed=allowed)
        if self._keeper.age > STALE_SECONDS:
            raise NotReady(reason="database")
        started = time.perf_counter_ns()
        proven = await self._authentication.authenticate(scope, incoming, signed_path(scope.path))
        self._nonces.take(proven.request)
        resource = ""
        try:
            if not parts:
                if scope.method == "GET":
                    return await self._listed(proven)
                resource = decode(_SUBSCRIBE, proven.body).resource
                return await self._subscribed(proven, resource, request_id, started)
            row = await self._own(proven, parts[0])
            resource = row.resource
            leave = self._leave(proven, row, request_id, started)
            match parts[1:]:
                case []:
                    return Reply(200, _encode(self._shown(row)))
                case ["events"]:
                    return await self._events(leave, row, scope.query_string)
                case ["ack"]:
                    return await self._acknowledged(leave, row, decode(_ACK, proven.body).cursor)
                case _:
                    return await self._replayed(leave, row, decode(_REPLAY, proven.body))
        except (Refusal, SubscriptionError) as refusal:
            return await self._calls.refuse(proven, None, resource, refusal, request_id, started)

    async def _listed(self, proven: Authenticated) -> Reply:
        client = proven.caller.client
        rows = await self._ledger.listed(client.agency, client.id)
        return Reply(200, _encode({"subscriptions": [self._shown(row) for row in rows]}))

    async def _subscribed(self, proven: Authenticated, resource: str, request_id: str, started: int) -> Reply:
        if "@" in resource:
            raise e.SubscriptionBeyond(resource=resource[:100])
        leave = self._permits.leave(proven, resource, request_id, started)
        self._view(leave)
        row, made = await self._ledger.opened(
            resource, leave.provider, leave.grant, leave.consumer, leave.client, leave.purpose, leave.now
        )
        body = _encode(self._shown(row))
        status = 201 if made else 200
        stored = await leave.commit("subscription-made", {"subscription": row.id}, body, status)
        return Reply(status, body, evidence=stored.header)

    async def _own(self, proven: Authenticated, number: str) -> SubscriptionRow:
        row = await self._ledger.one(number[:40])
        client = proven.caller.client
        if row is None or (row.consumer, row.client) != (client.agency, client.id):
            raise e.SubscriptionUnknown(subscription=number[:40])
        if row.state == "ended":
            raise e.SubscriptionEnded(subscription=row.id)
        return row

    def _leave(self, proven: Authenticated, row: SubscriptionRow, request_id: str, started: int) -> Leave:
        """The grant of the subscription, as it stands now, and no other. Raises: Refusal, SubscriptionError."""
        leave = self._permits.leave(proven, row.resource, request_id, started)
        if leave.grant != row.grant:
            raise GrantNotYours(grant=leave.grant or row.grant)
        return leave

    def _view(self, leave: Leave) -> View:
        if leave.terms is None:  # a provider has its own table
            raise ResourceNotFound(resource=leave.resource)
        return View(leave.terms.grant, leave.terms.resource)

    async def _events(self, leave: Leave, row: SubscriptionRow, query: str) -> Reply:
        if row.state != "active":
            raise e.SubscriptionPaused(subscription=row.id)
        view = self._view(leave)
        most = PERSONAL_PAGE if view.personal else PAGE
        after, limit, wait = self._asked(row, query, most)
        reader = Reader(self._key(), row.id, row.tag, view)
        lost = row.lost and after == row.acked
        page = reader.page(await self._ledger.events(row.resource, after), after, limit, lost=lost)
        if not page.events and wait:
            await self._bell.wait(row.resource, page.last, wait)
            self._permits.still(leave)  # what was revoked while it waited gives nothing out
            page = reader.page(
                await self._ledger.events(row.resource, page.last), page.last, limit, lost=False
            )
        body = _encode(
            {
                "subscription": row.id, "resource": row.resource, "events": page.events, "cursor": reader.cursor(page.last),
                "more": len(page.events) >= limit,
            }
        )  # fmt: skip
        if not page.events:
            if after == row.acked:
                await self._ledger.passed(row.id, row.acked, page.last)
            return Reply(200, body)
        stored = await leave.commit(
            "events-given", {"subscription": row.id, "events": len(page.events), "first": page.first, "last": page.last},
            body, rows=len(page.events), subjects=_persons(leave, page),
        )  # fmt: skip
        await self._ledger.gave(row.id, page.last, stored.place, leave.now)
        return Reply(200, body, evidence=stored.header)

    async def _acknowledged(self, leave: Leave, row: SubscriptionRow, text: str) -> Reply:
        position = position_of(self._key(), row.id, text)
        if position > row.last:
            raise e.CursorForeign(subscription=row.id)
        acked = max(position, row.acked)
        body = _encode({"subscription": row.id, "acked": cursor(self._key(), row.id, acked)})
        if position < row.acked or (position == row.acked and not row.lost):
            return Reply(200, body)
        stored = await leave.commit("events-acknowledged", {"subscription": row.id, "last": position}, body)
        await self._ledger.acknowledge(row.id, position, leave.now)
        return Reply(200, body, evidence=stored.header)

    async def _replayed(self, leave: Leave, row: SubscriptionRow, asked: _Replay) -> Reply:
        if (asked.cursor is None) == (asked.time is None):
            raise e.BadAsk(field="cursor / time", expected="one of them")
        if asked.cursor is not None:
            position = position_of(self._key(), row.id, asked.cursor)
        else:
            since = _moment(asked.time or "")
            position = await self._ledger.position_at(row.resource, since)
            if row.floor and position <= row.floor and since < leave.now - self._kept:
                position = -1  # of older ones nobody knows how many went
        if position < row.floor:
            raise e.EventsGone(subscription=row.id, earliest=cursor(self._key(), row.id, row.floor))
        to = min(position, row.acked)
        body = _encode({"subscription": row.id, "acked": cursor(self._key(), row.id, to)})
        stored = await leave.commit("subscription-replayed", {"subscription": row.id, "to": to}, body)
        await self._ledger.go_back(row.id, to, leave.now)
        return Reply(200, body, evidence=stored.header)

    def _asked(self, row: SubscriptionRow, query: str, most: int) -> tuple[int, int, int]:
        """Position, limit and seconds of a call. Raises: SubscriptionError."""
        given = parse_qs(query, keep_blank_values=True)
        strange = sorted(set(given) - {"after", "limit", "wait"})
        if strange:
            raise e.BadAsk(field=strange[0][:40], expected="after, limit, wait")
        after = position_of(self._key(), row.id, given["after"][0]) if "after" in given else row.acked
        if after < row.floor:
            raise e.EventsGone(subscription=row.id, earliest=cursor(self._key(), row.id, row.floor))
        limit = _number("limit", given.get("limit", [str(min(100, most))])[0], 1, PAGE)
        return after, min(limit, most), _number("wait", given.get("wait", ["0"])[0], 0, LONGEST_WAIT)

    def _shown(self, row: SubscriptionRow) -> dict[str, object]:
        state = "starting" if row.state == "active" and row.feed_state == "new" else row.state
        return {
            "id": row.id, "resource": row.resource, "grant": row.grant, "state": state, "reason": row.reason or None,
            "acked": cursor(self._key(), row.id, row.acked), "waiting": max(0, row.last - row.acked),
            "created": instant(row.created_at), "acknowledged": instant(row.acked_at) if row.acked_at else None,
            "webhook": row.hook,
        }  # fmt: skip


def _persons(leave: Leave, page: Page) -> tuple[Subject, ...]:
    fields = leave.terms.fields if leave.terms is not None else {}
    return persons(leave.resource, [(fields[name], value) for name, value in dict.fromkeys(page.persons)])


def _number(field: str, text: str, least: int, most: int) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 6 or not least <= int(text) <= most:
        raise e.BadAsk(field=field, expected=f"{least}–{most}")
    return int(text)


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise e.BadAsk(field="time", expected="2026-11-20T08:00:00+08:00")
    return found.astimezone(UTC)
