"""One call under a grant from start to end: proven, judged, read, put into evidence, answered.

No answer leaves before its evidence is committed; a refusal of a proven caller leaves evidence too.
"""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncGenerator, Callable
from datetime import date, datetime
from typing import Final, Protocol
from zoneinfo import ZoneInfo

import msgspec

from yiwang.blocks.journal.domain.errors import (
    ClientChanged,
    GrantChanged,
    JournalError,
    NonceReplayed,
    RequestBeforeFloor,
)
from yiwang.blocks.journal.domain.prepared import Charge, Nonce, Prepared
from yiwang.gateway import policy
from yiwang.gateway import refusals as r
from yiwang.gateway.answering import Answering, Read
from yiwang.gateway.authentication import Authenticated, Authentication, Scope
from yiwang.gateway.bodies import Incoming
from yiwang.gateway.errors import NotReady
from yiwang.gateway.held import Snapshot
from yiwang.gateway.item_use import ItemUse
from yiwang.gateway.openapi import Place, document
from yiwang.gateway.problems import problem_body, status_of
from yiwang.gateway.recollection import Recollection
from yiwang.gateway.routes import RESOURCES, ResourceRoute
from yiwang.gateway.source_errors import SourceChanged
from yiwang.gateway.terms import Terms
from yiwang.vocabulary.crypto import SUITES
from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.evidence.head import Receipt
from yiwang.vocabulary.problems import PROBLEM_TYPE

log = logging.getLogger(__name__)

ATTEMPTS: Final = 3
"""How often a call is judged anew because a grant changed while it was under way."""
STALE_SECONDS: Final = 5.0
"""Age of the snapshot past which nothing is decided by it: what was taken down meanwhile would still be given out."""
JSON_TYPE: Final = "application/json"


class Content(msgspec.Struct, frozen=True):
    """A body of known length that comes in pieces; an error in the middle cuts the connection."""

    length: int
    pieces: AsyncGenerator[bytes, None]


class Reply(msgspec.Struct, frozen=True, gc=False):
    """What goes back over HTTP."""

    status: int
    body: bytes
    content_type: str = JSON_TYPE
    request_id: str = ""
    evidence: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    content: Content | None = None
    """A body that is sent piece by piece in place of `body`."""


class Committer(Protocol):
    """The evidence writer, as far as calls need it."""

    @property
    def suite(self) -> str:
        """The suite of the log."""

    async def commit(self, prepared: Prepared) -> Receipt:
        """Store a leaf. Raises: CommitRefused, JournalUnavailable."""


class Keeper(Protocol):
    """The snapshot and the wish to have it renewed."""

    @property
    def current(self) -> Snapshot:
        """What is in force."""

    @property
    def age(self) -> float:
        """Seconds since it was last known to be current."""

    async def refresh(self) -> None:
        """Look for changes now."""


class Terrain(msgspec.Struct, frozen=True):
    """Where and when a gateway judges."""

    zone: str
    timezone: ZoneInfo
    is_workday: policy.IsWorkday
    clock: Callable[[], float] = time.time


class Calls:
    """Serves queries and verifications."""

    def __init__(
        self,
        authentication: Authentication,
        keeper: Keeper,
        answering: Answering,
        writer: Committer,
        *,
        terrain: Terrain,
        recollection: Recollection,
        item_use: ItemUse,
        per_client: int,
    ) -> None:
        """`per_client`: calls of one application that may be under way at a time."""
        self._authentication = authentication
        self._keeper = keeper
        self._answering = answering
        self._writer = writer
        self._terrain = terrain
        self._recollection = recollection
        self._item_use = item_use
        self._per_client = per_client
        self._under_way: dict[str, int] = {}

    @property
    def timezone(self) -> ZoneInfo:
        """The zone of the node's days."""
        return self._terrain.timezone

    async def serve(
        self, scope: Scope, incoming: Incoming, route: ResourceRoute, mode: policy.Asked, request_id: str
    ) -> Reply:
        """Answer one call. Raises: what keeps the caller from being proven, which leaves no evidence."""
        started = time.perf_counter_ns()
        if self._keeper.age > STALE_SECONDS:
            raise NotReady(reason="database")
        proven = await self._authentication.authenticate_any(scope, incoming, route.signed)
        session = proven.session
        if session is not None:
            session.admit()
        client = proven.caller.client.id
        under_way = self._under_way.get(client, 0) + 1
        self._under_way[client] = under_way
        try:
            if under_way > self._per_client:
                raise r.ClientBusy(client=client, limit=self._per_client)
            return await self.judged(proven, mode, route.code, request_id, started)
        finally:
            if session is not None:
                session.leave()
            left = self._under_way[client] - 1
            if left:
                self._under_way[client] = left
            else:
                del self._under_way[client]

    async def judged(
        self, proven: Authenticated, mode: policy.Asked, code: str, request_id: str, started: int
    ) -> Reply:
        """Judge, read and answer a call whose caller is proven."""
        terms: Terms | None = None
        for attempt in range(ATTEMPTS):
            try:
                terms = None
                now = self._terrain.clock()
                terms = self.permit(proven, mode, code, now)
                today = datetime.fromtimestamp(now, self._terrain.timezone).date()
                ask = self._answering.query if mode == "query" else self._answering.verify
                read = await ask(terms, proven.body, today)
                self.still(terms)
                prepared = self._prepared(proven, terms, read, mode, today, request_id, started)
                receipt = await self._writer.commit(prepared)
            except (GrantChanged, ClientChanged) as change:
                await self._keeper.refresh()
                if attempt == ATTEMPTS - 1:
                    return await self.refuse(proven, terms, code, change, request_id, started)
            except YwError as refusal:
                return await self.refuse(proven, terms, code, refusal, request_id, started)
            else:
                self._item_use.note(today, read.used, read.rows)
                return _answer(proven, prepared, receipt, read.body, JSON_TYPE)
        raise AssertionError("the last attempt answers")

    async def described(self, scope: Scope, incoming: Incoming, route: ResourceRoute, node: str) -> Reply:
        """The OpenAPI document of a resource for one who holds a grant on it. Raises: as `serve`, and Refusal."""
        proven = await self._authentication.authenticate(scope, incoming, route.signed)
        snapshot = self._keeper.current
        held = policy.choose(
            snapshot.grants.get((proven.caller.client.agency, route.code), ()),
            proven.request.grant,
            proven.request.purpose,
            mode=None,
            resource=route.code,
            now=self._terrain.clock(),
        )
        policy.check_state(held.grant, held.state)
        if proven.caller.state != "active" or held.terms is None:
            raise r.ResourceNotFound(resource=route.code)
        segment = route.signed.removeprefix(RESOURCES).partition("/")[0]
        place = Place(node, RESOURCES + segment)
        return Reply(200, msgspec.json.encode(document(held.terms, place, {})), JSON_TYPE)

    def permit(self, proven: Authenticated, mode: policy.Mode, code: str, now: float) -> Terms:
        """The terms that allow this call. Raises: Refusal."""
        snapshot = self._keeper.current
        request = proven.request
        # a node that is joined with this one speaks for its callers, whom it knows and this node does not
        caller = proven.caller if proven.routed else snapshot.callers.get(proven.caller.key.kid)
        if caller is None or caller.state != "active":
            raise r.ClientSuspended(client=proven.caller.client.id)
        held = policy.choose(
            snapshot.grants.get((caller.client.agency, code), ()),
            request.grant,
            request.purpose,
            mode=mode,
            resource=code,
            now=now,
        )
        policy.check_state(held.grant, held.state)
        if proven.session is not None:
            proven.session.check_grant(held.grant.id)
        resource = snapshot.resources.get(code)
        if resource is None or resource.state == "withdrawn":
            raise r.ResourceWithdrawn(resource=code)
        if resource.state != "active":
            raise r.ResourceSuspended(resource=code)
        if held.terms is None:
            raise SourceChanged(resource=code)
        terrain = self._terrain
        policy.check_grant(
            held.terms,
            mode,
            request.purpose,
            now=now,
            zone=terrain.zone,
            clock=terrain.timezone,
            is_workday=terrain.is_workday,
        )
        return held.terms

    def still(self, terms: Terms) -> None:
        """A resource that was taken down while it was read gives nothing out. Raises: Refusal."""
        code = terms.resource.code
        held = self._keeper.current.resources.get(code)
        if held is None or held.resource is not terms.resource:
            if held is None or held.state == "withdrawn":
                raise r.ResourceWithdrawn(resource=code)
            if held.state != "active":
                raise r.ResourceSuspended(resource=code)

    def _prepared(
        self,
        proven: Authenticated,
        terms: Terms,
        read: Read,
        mode: policy.Asked,
        today: date,
        request_id: str,
        started: int,
    ) -> Prepared:
        request, grant, resource, caller = proven.request, terms.grant, terms.resource, proven.caller
        current = self._keeper.current.callers.get(caller.key.kid, caller)
        verifying = mode == "verify"
        return Prepared(
            kind=mode,
            request_id=request_id,
            status=200,
            consumer=caller.client.agency,
            client=caller.client.id,
            key=request.kid,
            provider=resource.provider,
            resource=resource.code,
            version=resource.version,
            grant=grant.id,
            grant_version=grant.version,
            purpose=request.purpose.text,
            request=proven.digest,
            request_alg=proven.alg,
            response=SUITES[self._writer.suite].digest(read.body).hex(),
            rows=read.rows,
            took_us=(time.perf_counter_ns() - started) // 1000,
            nonce=_nonce(proven),
            proving=proven.session is None,
            grant_epoch=terms.grant_epoch,
            client_epoch=None if proven.routed else current.epoch,
            charge=Charge(
                grant=grant.id,
                day=today,
                client=caller.client.id,
                idempotency=request.idempotency_key,
                calls_per_day=grant.calls_per_day,
                subjects=read.charged,
                subjects_per_day=grant.subjects_per_day,
                attempt=verifying,
                attempts_per_subject=grant.attempts_per_subject if verifying else 0,
            ),
            subjects=read.subjects,
        )

    async def refuse(
        self,
        proven: Authenticated,
        terms: Terms | None,
        code: str,
        refusal: YwError,
        request_id: str,
        started: int,
    ) -> Reply:
        """Put a refusal into evidence and answer it; without evidence it leaves as unavailable."""
        request, caller = proven.request, proven.caller
        for attempt in (1, 2):
            status = status_of(refusal)
            body = problem_body(refusal, request_id)
            if isinstance(refusal, JournalError) and status == 503:
                return Reply(status, body, PROBLEM_TYPE, request_id)
            burnt = isinstance(refusal, NonceReplayed | RequestBeforeFloor)
            held = self._keeper.current.resources.get(code)
            known = terms.resource if terms is not None else held.resource if held is not None else None
            prepared = Prepared(
                kind="refusal",
                request_id=request_id,
                status=status,
                consumer=caller.client.agency or None,
                client=caller.client.id,
                key=request.kid,
                provider=known.provider if known is not None else None,
                resource=known.code if known is not None else None,
                version=known.version if known is not None else None,
                grant=terms.grant.id if terms is not None else None,
                grant_version=terms.grant.version if terms is not None else None,
                purpose=request.purpose.text,
                request=proven.digest,
                request_alg=proven.alg,
                response=SUITES[self._writer.suite].digest(body).hex(),
                code=refusal.code,
                took_us=(time.perf_counter_ns() - started) // 1000,
                nonce=None if burnt else _nonce(proven),
                proving=proven.session is None,
            )
            try:
                receipt = await self._writer.commit(prepared)
            except JournalError as problem:
                if attempt == 1 and isinstance(problem, NonceReplayed | RequestBeforeFloor):
                    refusal = problem  # a refused call that is sent again
                    continue
                return Reply(status_of(problem), problem_body(problem, request_id), PROBLEM_TYPE, request_id)
            self._recollection.keep(request_id, caller.client.id, body)
            return _answer(proven, prepared, receipt, body, PROBLEM_TYPE)
        raise AssertionError("the second attempt answers")


def _nonce(proven: Authenticated) -> Nonce | None:
    """What the evidence refuses when it comes again; a session's numbers are used up where its keys are."""
    request = proven.request
    return Nonce(request.kid, request.nonce, request.created) if proven.session is None else None


def _answer(
    proven: Authenticated, prepared: Prepared, receipt: Receipt, body: bytes, content_type: str
) -> Reply:
    """The answer whose leaf is committed, with its receipt, or within a session with its code."""
    status, request_id = prepared.status, prepared.request_id
    if proven.session is None:
        return Reply(status, body, content_type, request_id, receipt.header())
    headers = proven.session.answered(
        proven.digest, receipt, status=status, request_id=request_id, response=prepared.response or ""
    )
    return Reply(status, body, content_type, request_id, None, headers)
