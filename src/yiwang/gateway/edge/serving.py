"""An old call from start to end: let in, signed anew in the strong envelope, answered in its old form.

docs/specs/edge.md. Everything that an ordinary call must pass, this one passes too; the edge only stands before it.
"""

from __future__ import annotations

import hmac
import ipaddress
import time
from collections.abc import Callable
from typing import Final

import msgspec

from yiwang.blocks.exchange.domain.edge import CompiledEdge, EdgeService
from yiwang.blocks.exchange.domain.sealing import open_password
from yiwang.gateway.authentication import Scope
from yiwang.gateway.bodies import Bodies, Incoming
from yiwang.gateway.calls import JSON_TYPE, Calls, Reply
from yiwang.gateway.edge import errors as e
from yiwang.gateway.edge.dialects import Dialect, Part, dialects
from yiwang.gateway.edge.request import GivenBody, SignedScope, key_of, once_for
from yiwang.gateway.errors import MethodNotAllowed, RouteUnknown
from yiwang.gateway.lookaside import EDGE, Lookaside
from yiwang.gateway.routes import ResourceRoute, resource_route
from yiwang.vocabulary.crypto import KeyProvider, load_private
from yiwang.vocabulary.envelope import Purpose, sign_request

PREFIX: Final = "/edge/"


class _Rows(msgspec.Struct, frozen=True):
    rows: msgspec.Raw


class Edge:
    """Serves everything below `/edge/`."""

    def __init__(
        self,
        node: str,
        calls: Calls,
        lookaside: Lookaside,
        keys: KeyProvider,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`clock` gives Unix seconds."""
        self._node = node
        self._calls = calls
        self._lookaside = lookaside
        self._keys = keys
        self._clock = clock
        self._bodies = Bodies()

    async def answer(self, scope: Scope, incoming: Incoming, request_id: str) -> Reply:
        """Answer one call. Raises: EdgeRefused, BadCall, Unavailable."""
        name, _, rest = scope.path.removeprefix(PREFIX).partition("/")
        dialect = dialects().get(name)
        if dialect is None:
            raise RouteUnknown
        if scope.method not in ("GET", "POST"):
            raise MethodNotAllowed(allowed="POST")
        parts: dict[Part, str] = {
            "requester": _one(scope, dialect.requester),
            "time": _one(scope, dialect.time),
            "service": _one(scope, dialect.service) if dialect.service else rest.rpartition("/")[2],
        }
        client = await self._let_in(name, parts["requester"], scope)
        created = self._proven(dialect, client, parts, _one(scope, dialect.signature))
        service = next((one for one in client.services if one.service == parts["service"]), None)
        if service is None:
            raise e.EdgeServiceUnknown(service=parts["service"][:100])
        length = scope.headers.get("content-length")
        body = b"" if scope.method == "GET" else await self._bodies.read(incoming, length)
        where = key_of(body, scope.query_string, service.fields, dialect.headers)
        once = once_for(name, parts["requester"], parts["service"], parts["time"])
        return await self._asked(client, service, where, scope, created, once, dialect, request_id)

    async def _let_in(self, name: str, requester: str, scope: Scope) -> CompiledEdge:
        """The client of this id, from one of its addresses. Raises: EdgeNotEnabled, EdgeAddressWrong."""
        found = await self._lookaside.ask(EDGE, name, requester)
        if found is None or found[1] != "active":
            raise e.EdgeNotEnabled
        client = msgspec.json.decode(found[2], type=CompiledEdge)
        peer = ipaddress.ip_address(scope.client.rpartition(":")[0].strip("[]"))
        if isinstance(peer, ipaddress.IPv6Address) and peer.ipv4_mapped is not None:
            peer = peer.ipv4_mapped
        if not any(peer in ipaddress.ip_network(one) for one in client.addresses):
            raise e.EdgeAddressWrong
        return client

    def _proven(self, dialect: Dialect, client: CompiledEdge, parts: dict[Part, str], signature: str) -> int:
        """Unix seconds of the call. Raises: EdgeHeaderWrong, EdgeTimeStale, EdgeSignatureWrong, EdgeSunset."""
        created, now = dialect.seconds(parts["time"]), self._clock()
        if created is None:
            raise e.EdgeHeaderWrong(header=dialect.time)
        if abs(now - created) > dialect.window:
            raise e.EdgeTimeStale(window=dialect.window, server_time=_instant(int(now)))
        secret = open_password(self._keys, client.id, client.secret)
        if not hmac.compare_digest(
            dialect.sign(secret, parts).encode(), signature.encode("utf-8", "replace")
        ):
            raise e.EdgeSignatureWrong(order=" + ".join(dialect.signed))
        if now >= client.sunset:
            raise e.EdgeSunset(ended=_instant(client.sunset))
        return created

    async def _asked(
        self, client: CompiledEdge, service: EdgeService, where: dict[str, object], scope: Scope, created: int,
        once: str, dialect: Dialect, request_id: str,
    ) -> Reply:  # fmt: skip
        """The old call, signed anew and served as any other; its rows in the old form."""
        route = _route(service.resource)
        key = load_private(open_password(self._keys, f"{client.id}/key", client.key).encode("ascii"))
        sent = sign_request(
            key, method="POST", path=route.signed, body=msgspec.json.encode({"where": where}), node=self._node,
            purpose=Purpose.parse(service.purpose), created=created, grant=service.grant, nonce=once,
        )  # fmt: skip
        reply = await self._calls.serve(
            SignedScope(sent, scope.client), GivenBody(sent.body), route, "query", request_id
        )
        if reply.status != 200:
            return reply
        form = dialect.answer
        rows = msgspec.json.decode(reply.body, type=_Rows).rows
        told = {form.code: form.ok, form.message: form.text, form.data: rows}
        return Reply(200, msgspec.json.encode(told), JSON_TYPE, request_id, reply.evidence)


def _route(code: str) -> ResourceRoute:
    found = resource_route(f"/v1/resources/{code}/query")
    if found is None:
        raise RouteUnknown
    return found


def _one(scope: Scope, header: str) -> str:
    """The value of a header that stands exactly once. Raises: EdgeHeaderWrong."""
    found = scope.headers.get_all(header)
    if len(found) != 1 or not 1 <= len(found[0].strip()) <= 200:
        raise e.EdgeHeaderWrong(header=header)
    return found[0].strip()


def _instant(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
