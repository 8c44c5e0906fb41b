"""A sandbox call from start to end: proven as a real one is, then answered with made-up rows.

It shares with real calls the reading of bodies and the verifying processes, and nothing else: no snapshot of grants
is asked for terms, no source is opened, no leaf is stored.
"""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from yiwang import __version__
from yiwang.blocks.exchange.domain.compiled import CompiledGrant, CompiledResource
from yiwang.blocks.exchange.domain.sandbox import CompiledSandbox
from yiwang.gateway import refusals as r
from yiwang.gateway.authentication import Authenticated, Authentication, Scope
from yiwang.gateway.bodies import Incoming
from yiwang.gateway.calls import JSON_TYPE, Reply
from yiwang.gateway.errors import Busy, MethodNotAllowed, RouteUnknown
from yiwang.gateway.held import Snapshot
from yiwang.gateway.lookaside import SANDBOX, Lookaside
from yiwang.gateway.openapi import Place, document
from yiwang.gateway.problems import problem_body, status_of
from yiwang.gateway.routes import RESOURCES, ResourceRoute, resource_route
from yiwang.gateway.sandbox import answering, simulating
from yiwang.gateway.sandbox.errors import SandboxNotOpen, SimulationUnknown
from yiwang.gateway.sandbox.log import SandboxLog
from yiwang.gateway.sandbox.pace import Nonces, Pace
from yiwang.gateway.terms import Terms, terms
from yiwang.gateway.verification.pool import Verifiers
from yiwang.vocabulary.crypto import SUITES, KeyProvider
from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.problems import PROBLEM_TYPE

PREFIX: Final = "/sandbox"
KEY_PURPOSE: Final = "sandbox"
UNDER_WAY: Final = 32
"""Sandbox calls that may be under way at a time, so that they never crowd out real ones."""


class Opened(msgspec.Struct, frozen=True):
    """A sandbox as read: its document with the terms laid out."""

    state: str
    terms: Terms
    lengths: dict[str, int]


class Sandbox:
    """Serves everything below `/sandbox/`."""

    def __init__(
        self, node: str, timezone: ZoneInfo, snapshot: Callable[[], Snapshot], verifiers: Verifiers,
        lookaside: Lookaside, keys: KeyProvider, refresh: Callable[[], Awaitable[None]],
    ) -> None:  # fmt: skip
        """`node` is the real node's name; the sandbox calls itself `sandbox.<node>`, so neither takes the other's calls.

        `refresh` as in `Authentication`.
        """
        self.node = f"sandbox.{node}"[:63]
        self._timezone = timezone
        self._snapshot = snapshot
        self._authentication = Authentication(self.node, snapshot, verifiers, refresh=refresh)
        self._lookaside = lookaside
        self._keys = keys
        self._opened_log: SandboxLog | None = None
        self._pace, self._nonces = Pace(), Nonces()
        self._under_way = 0

    async def answer(self, scope: Scope, incoming: Incoming, request_id: str) -> Reply:
        """Answer one call. Raises: what keeps the caller from being proven."""
        if self._under_way >= UNDER_WAY:
            raise Busy(retry_after=1)
        self._under_way += 1
        try:
            return await self._answer(scope, incoming, request_id)
        finally:
            self._under_way -= 1

    async def _answer(self, scope: Scope, incoming: Incoming, request_id: str) -> Reply:
        path = scope.path.removeprefix(PREFIX)
        if path == "/.well-known/yiwang":
            _only(scope, "GET")
            return self._introduction()
        route = resource_route(path) if path.startswith(RESOURCES) else None
        if route is None:
            raise RouteUnknown
        _only(scope, "GET" if route.action == "openapi.json" else "POST")
        proven = await self._authentication.authenticate(scope, incoming, PREFIX + route.signed)
        try:
            self._pace.take(proven.caller.client.id, time.monotonic())
            self._nonces.take(proven.request.kid, proven.request.nonce)
            return await self._judged(proven, route, request_id)
        except YwError as refusal:
            return self._refused(proven, route, refusal, request_id)

    async def _judged(self, proven: Authenticated, route: ResourceRoute, request_id: str) -> Reply:
        caller = self._snapshot().callers.get(proven.request.kid)
        if caller is None or caller.state != "active":
            raise r.ClientSuspended(client=proven.caller.client.id)
        opened = await self._opened(caller.client.agency, route.code)
        grant = opened.terms.grant
        if proven.request.grant not in (None, grant.id):
            raise r.GrantNotYours(grant=proven.request.grant)
        if opened.state != "active":
            raise r.ResourceWithdrawn(resource=route.code)
        if route.action == "openapi.json":
            segment = route.signed.removeprefix(RESOURCES).partition("/")[0]
            place = Place(self.node, PREFIX + RESOURCES + segment, synthetic=True)
            return Reply(200, msgspec.json.encode(document(opened.terms, place, opened.lengths)), JSON_TYPE)
        if route.action not in grant.modes:
            raise r.ModeNotGranted(grant=grant.id, mode=route.action, allowed=list(grant.modes))
        empty = await self._played(simulating.wish(proven.request.purpose.case), grant, caller.client.id)
        today = datetime.now(self._timezone).date()
        make = answering.query if route.action == "query" else answering.verify
        made = make(opened.terms, opened.lengths, proven.body, today, empty=empty)
        resource = opened.terms.resource
        leaf = msgspec.structs.replace(
            self._log().leaf(proven, request_id, 200, made.body), kind=route.action, rows=made.rows,
            **_named(grant, resource),
        )  # fmt: skip
        return Reply(200, made.body, JSON_TYPE, request_id, self._log().add(leaf).header())

    async def _played(self, wish: str | None, grant: CompiledGrant, client: str) -> bool:
        """Play what the case number asks for; whether the answer shall be empty. Raises: the error asked for."""
        if wish is None:
            return False
        if wish == simulating.SLOW:
            await asyncio.sleep(simulating.SLOW_SECONDS)
            return False
        if wish == simulating.EMPTY:
            return True
        known = simulating.simulated(grant, client)
        if wish not in known:
            names = sorted([*known, simulating.SLOW, simulating.EMPTY])
            raise SimulationUnknown(name=wish[:40], known=names)
        raise known[wish]

    async def _opened(self, agency: str, code: str) -> Opened:
        """The agency's sandbox. Raises: SandboxNotOpen, DatabaseUnavailable."""
        found = await self._lookaside.ask(SANDBOX, agency, code)
        if found is None:
            raise SandboxNotOpen(resource=code)
        _, state, doc = found
        compiled = msgspec.json.decode(doc, type=CompiledSandbox)
        return Opened(state, terms(compiled.grant, 0, compiled.resource), compiled.lengths)

    def _refused(
        self, proven: Authenticated, route: ResourceRoute, refusal: YwError, request_id: str
    ) -> Reply:
        status, body = status_of(refusal), problem_body(refusal, request_id)
        leaf = msgspec.structs.replace(
            self._log().leaf(proven, request_id, status, body), code=refusal.code, resource=route.code
        )
        return Reply(status, body, PROBLEM_TYPE, request_id, self._log().add(leaf).header())

    def _log(self) -> SandboxLog:
        """The log, with the first call: a node without sandbox calls makes no key for them."""
        if self._opened_log is None:
            self._opened_log = SandboxLog(self.node, self._keys.signing_key(KEY_PURPOSE))
        return self._opened_log

    def _introduction(self) -> Reply:
        key = self._log().key
        return Reply(
            200,
            msgspec.json.encode(
                {
                    "node": self.node,
                    "synthetic": True,
                    "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                    "suites": sorted(SUITES),
                    "evidence_key": {
                        "kid": key.kid,
                        "suite": key.suite.name,
                        "spki": base64.b64encode(key.public.spki_der).decode("ascii"),
                    },
                    "version": __version__,
                }
            ),
        )


def _named(grant: CompiledGrant, resource: CompiledResource) -> dict[str, str | int]:
    """What a leaf says of grant and resource."""
    return {
        "grant": grant.id, "grant_version": grant.version, "resource": resource.code, "version": resource.version,
        "provider": resource.provider,
    }  # fmt: skip


def _only(scope: Scope, method: str) -> None:
    if scope.method != method:
        raise MethodNotAllowed(allowed=method)
