"""The gateway's addresses, as they are routed to what answers. One process serves them and writes one log."""

from __future__ import annotations

import asyncio
import base64
import logging
import re
import time
from collections import Counter
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Protocol

import msgspec

from yiwang import __version__
from yiwang.gateway.assembly import Gateway
from yiwang.gateway.authentication import Scope
from yiwang.gateway.bodies import Incoming
from yiwang.gateway.calls import Reply
from yiwang.gateway.errors import Busy, MethodNotAllowed, RouteUnknown, Unexpected
from yiwang.gateway.problems import problem_body, status_of
from yiwang.gateway.request_ids import new_request_id
from yiwang.gateway.routes import RESOURCES, TABLES, resource_route, table_code, table_path
from yiwang.vocabulary.crypto import SUITES
from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.problems import PROBLEM_TYPE
from yiwang.vocabulary.webhooks import KEY_PURPOSE as WEBHOOKS

log = logging.getLogger(__name__)


class Exchange(Scope, Incoming, Protocol):
    """A request with its body and the way back."""

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Send the whole answer."""

    async def stream(
        self, status: int, headers: list[tuple[str, str]], length: int, pieces: AsyncGenerator[bytes, None]
    ) -> None:
        """Send an answer piece by piece."""


SANDBOX = "/sandbox/"
EDGE = "/edge/"
FILES = "/v1/files"
SESSIONS = "/v1/sessions"
SUBSCRIPTIONS = "/v1/subscriptions"
_KEYID = re.compile(r'keyid="([0-9a-f]{32})"')


class App:
    """Routes calls to the gateway behind it."""

    def __init__(self, gateway: Gateway) -> None:
        """The gateway is started and stopped by whoever made it."""
        self._gateway = gateway
        self._under_way = 0
        self._most = gateway.config.max_concurrent_calls
        self.refused: Counter[str] = Counter()
        """Refusals without evidence, by code: a flood is counted, not written down."""

    async def answer(self, call: Exchange) -> None:
        """Answer one HTTP request."""
        request_id = new_request_id()
        self._under_way += 1
        try:
            if self._under_way > self._most:
                raise Busy(retry_after=1)
            reply = await self._route(call, call, request_id)
        except YwError as error:
            self.refused[error.code] += 1
            reply = Reply(status_of(error), problem_body(error, request_id), PROBLEM_TYPE, request_id)
            self._remember(call, reply)
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("request %s failed", request_id)
            reply = Reply(500, problem_body(Unexpected(), request_id), PROBLEM_TYPE, request_id)
        finally:
            self._under_way -= 1
        headers = [
            ("content-type", reply.content_type),
            ("cache-control", "no-store"),
            ("yw-request-id", request_id),
        ]
        if reply.evidence is not None:
            headers.append(("yw-evidence", reply.evidence))
        if call.path.startswith(SANDBOX):
            headers.append(("yw-sandbox", "synthetic"))
        if reply.status in (429, 503):
            headers.append(("retry-after", "1"))
        headers.extend(reply.headers)
        if reply.content is None:
            call.response_bytes(reply.status, headers, reply.body)
            return
        try:
            await call.stream(reply.status, headers, reply.content.length, reply.content.pieces)
        except (YwError, ConnectionResetError) as broken:
            log.info("request %s broke off: %r", request_id, broken)

    def _remember(self, scope: Scope, reply: Reply) -> None:
        """Keep an error without evidence for the application whose key the call names, proven or not."""
        named = _KEYID.search(scope.headers.get("signature-input", "") or "")
        caller = self._gateway.loader.current.callers.get(named[1]) if named else None
        if caller is not None:
            self._gateway.recollection.keep(reply.request_id, caller.client.id, reply.body)

    async def _route(self, scope: Scope, incoming: Incoming, request_id: str) -> Reply:
        path = scope.path
        if path.startswith(RESOURCES):
            route = resource_route(path)
            if route is None:
                raise RouteUnknown
            if route.action == "openapi.json":
                _only(scope, "GET")
                return await self._gateway.calls.described(scope, incoming, route, self._gateway.config.node)
            _only(scope, "POST")
            cascade = self._gateway.cascade
            if cascade.is_foreign(route.code):
                return await cascade.calls.serve(
                    scope, incoming, route.code, route.signed, route.action, request_id
                )
            return await self._gateway.calls.serve(scope, incoming, route, route.action, request_id)
        if path.startswith(TABLES):
            _only(scope, "POST")
            code, crossing = table_code(path), self._gateway.cascade
            if not crossing.is_foreign(code):  # tables of this node are delivered by its jobs
                raise RouteUnknown
            return await crossing.calls.serve(scope, incoming, code, table_path(code), "table", request_id)
        if path.startswith(SANDBOX):
            return await self._gateway.sandbox.answer(scope, incoming, request_id)
        if path == FILES or path.startswith(FILES + "/"):
            named = self._gateway.cascade.files.named(scope)
            if named is not None:
                return await self._gateway.cascade.files.answer(scope, incoming, named, request_id)
            return await self._gateway.files.answer(scope, incoming, request_id)
        if path == SESSIONS or path.startswith(SESSIONS + "/"):
            return await self._gateway.sessions.answer(scope, incoming, request_id)
        if path == SUBSCRIPTIONS or path.startswith(SUBSCRIPTIONS + "/"):
            return await self._gateway.subscriptions.answer(scope, incoming, request_id)
        if path.startswith(EDGE):
            return await self._gateway.edge.answer(scope, incoming, request_id)
        match path:
            case "/healthz":
                _only(scope, "GET")
                return self._health()
            case "/.well-known/yiwang":
                _only(scope, "GET")
                return self._introduction()
            case "/v1/heads":
                _only(scope, "GET")
                return await self._gateway.retrieval.heads()
            case "/v1/cascade/query" | "/v1/cascade/verify" | "/v1/cascade/file" | "/v1/cascade/table":
                _only(scope, "POST")
                return await self._gateway.cascade.calls.take(scope, incoming, request_id)
            case "/v1/evidence/ack":
                _only(scope, "POST")
                retrieval = self._gateway.retrieval
                return await retrieval.acknowledge(await retrieval.prove(scope, incoming))
        return await self._retrieved(scope, incoming, path.split("/"))

    async def _retrieved(self, scope: Scope, incoming: Incoming, parts: list[str]) -> Reply:
        retrieval = self._gateway.retrieval
        match parts:
            case ["", "v1", "evidence", log_name, index]:
                _only(scope, "GET")
                proven = await retrieval.prove(scope, incoming)
                return await retrieval.evidence(proven.caller, log_name, index)
            case ["", "v1", "heads", log_name, "consistency"]:
                _only(scope, "GET")
                return await retrieval.consistency(log_name, scope.query_string)
            case ["", "v1", "errors", asked]:
                _only(scope, "GET")
                proven = await retrieval.prove(scope, incoming)
                return await retrieval.error(proven.caller, asked)
            case _:
                raise RouteUnknown

    def _health(self) -> Reply:
        gateway = self._gateway
        failures, complaints = gateway.failures(), gateway.complaints()
        status = "failing" if failures else "degraded" if complaints else "ok"
        body = msgspec.json.encode(
            {
                "status": status,
                "problems": failures + complaints,
                "resting": gateway.sources.resting(),
                "node": gateway.config.node,
                "log": gateway.config.log,
                "leaves": gateway.evidence.size,
                "epoch": gateway.loader.current.epoch,
                "cascade_epoch": gateway.routes.epoch,
                "refused_without_evidence": dict(self.refused),
            }
        )
        return Reply(503 if failures else 200, body)

    def _introduction(self) -> Reply:
        gateway = self._gateway
        record = next(k for k in gateway.keys.describe("evidence") if k.kid == gateway.evidence.kid)
        hooks = gateway.keys.describe(WEBHOOKS)
        body = msgspec.json.encode(
            {
                "node": gateway.config.node,
                "time": datetime.fromtimestamp(time.time(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "suites": sorted(SUITES),
                "evidence_key": {
                    "kid": record.kid,
                    "suite": record.suite,
                    "spki": base64.b64encode(record.spki).decode("ascii"),
                },
                "webhook_keys": [
                    {"kid": k.kid, "suite": k.suite, "spki": base64.b64encode(k.spki).decode("ascii")}
                    for k in hooks
                ],
                "version": __version__,
            }
        )
        return Reply(200, body)


def _only(scope: Scope, method: str) -> None:
    if scope.method != method:
        raise MethodNotAllowed(allowed=method)
