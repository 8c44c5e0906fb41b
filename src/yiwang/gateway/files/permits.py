"""Whether a proven caller may have files of a resource, and the evidence of what they get."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from yiwang.blocks.files.domain.errors import FileUnknown, NotTheProvider
from yiwang.blocks.journal.domain.errors import ClientChanged, GrantChanged
from yiwang.blocks.journal.domain.prepared import Charge, Nonce, Prepared, Subject
from yiwang.gateway import refusals as r
from yiwang.gateway.authentication import Authenticated
from yiwang.gateway.calls import ATTEMPTS, Calls, Committer, Keeper
from yiwang.gateway.digests import digest_of
from yiwang.gateway.policy import Mode
from yiwang.gateway.terms import Terms
from yiwang.vocabulary.crypto import SUITES


class Stored(msgspec.Struct, frozen=True):
    """A leaf that was stored: where it lies, and the header that carries its proof."""

    place: str
    header: str


class Leaving(msgspec.Struct, frozen=True):
    """What is about to leave, as its leaf tells it. `subjects`: the natural persons it is about."""

    event: str
    detail: dict[str, object]
    body: bytes | None
    status: int
    rows: int | None
    subjects: tuple[Subject, ...]


class Leave(msgspec.Struct, frozen=True):
    """A caller's right to one resource's files: its provider's, or under the terms of a grant."""

    proven: Authenticated
    resource: str
    provider: str
    version: int
    terms: Terms | None
    request_id: str
    started: int
    now: datetime
    _permits: Permits

    @property
    def owner(self) -> bool:
        """Whether it is the provider."""
        return self.terms is None

    @property
    def consumer(self) -> str:
        """The caller's agency."""
        return self.proven.caller.client.agency

    @property
    def client(self) -> str:
        """The caller's application."""
        return self.proven.caller.client.id

    @property
    def grant(self) -> str:
        """The grant it stands on; empty for the provider."""
        return self.terms.grant.id if self.terms is not None else ""

    @property
    def purpose(self) -> str:
        """What the call is for, as a leaf has it."""
        return self.proven.request.purpose.text

    async def commit(
        self, event: str, detail: dict[str, object], body: bytes | None, status: int = 200, rows: int | None = None,
        subjects: tuple[Subject, ...] = (),
    ) -> Stored:  # fmt: skip
        """Put into evidence what is about to leave. Raises: Refusal, JournalError."""
        return await self._permits.commit(self, Leaving(event, detail, body, status, rows, subjects))


class Permits:
    """Decides by the same grants and writes the same log as calls do."""

    def __init__(
        self, calls: Calls, keeper: Keeper, writer: Committer, clock: Callable[[], float], *, mode: Mode = "file",
        unit: str = "file",
    ) -> None:  # fmt: skip
        """`calls` judges grants. What has the same `unit` in its detail costs a grant one call a day, however often it is asked
        for; what has none costs nothing."""
        self._mode: Mode = mode
        self._unit = unit
        self._calls = calls
        self._keeper = keeper
        self._writer = writer
        self._clock = clock

    def leave(self, proven: Authenticated, resource: str, request_id: str, started: int) -> Leave:
        """The caller's right to the files of a resource. Raises: Refusal."""
        now = self._clock()
        held = self._keeper.current.resources.get(resource)
        agency = proven.caller.client.agency
        terms: Terms | None = None
        # a node speaks for receivers only: whoever it names, a grant decides
        if proven.routed or held is None or held.resource.provider != agency:
            terms = self._calls.permit(proven, self._mode, resource, now)
        elif held.state == "withdrawn":
            raise r.ResourceWithdrawn(resource=resource)
        self._active(proven)
        known = terms.resource if terms is not None else held.resource if held is not None else None
        if known is None:
            raise r.ResourceNotFound(resource=resource)
        return Leave(
            proven, resource, known.provider, known.version, terms, request_id, started,
            datetime.fromtimestamp(now, UTC), self,
        )  # fmt: skip

    def provide(self, proven: Authenticated, resource: str, request_id: str, started: int) -> Leave:
        """The provider's right to put files there. Raises: Refusal, NotTheProvider."""
        held = self._keeper.current.resources.get(resource)
        agency = proven.caller.client.agency
        if held is not None and held.resource.provider == agency:
            if held.state != "active":
                raise r.ResourceSuspended(resource=resource)
            return self.leave(proven, resource, request_id, started)
        if (agency, resource) in self._keeper.current.grants:
            raise NotTheProvider(resource=resource)
        raise r.ResourceNotFound(resource=resource)

    def still(self, leave: Leave) -> None:
        """A grant that ended meanwhile gives nothing more out. Raises: Refusal."""
        if leave.terms is not None:
            self._calls.permit(leave.proven, self._mode, leave.resource, self._clock())

    def unknown(self, refusal: Exception, file: str) -> FileUnknown | None:
        """What strangers are told in place of a refusal that would show that a file exists."""
        if isinstance(refusal, r.ResourceNotFound | r.GrantNotYours):
            return FileUnknown(file=file)
        return None

    async def commit(self, leave: Leave, leaving: Leaving) -> Stored:
        """Store the leaf of an event under the leave. Raises: Refusal, JournalError."""
        suite = SUITES[self._writer.suite]
        response = None if leaving.body is None else await digest_of(suite, leaving.body)
        for attempt in range(ATTEMPTS):
            try:
                receipt = await self._writer.commit(self._prepared(leave, leaving, response))
            except (GrantChanged, ClientChanged):
                await self._keeper.refresh()
                if attempt == ATTEMPTS - 1:
                    raise
                leave = self.leave(leave.proven, leave.resource, leave.request_id, leave.started)
            else:
                leaf = msgspec.json.decode(receipt.leaf, type=_Logged)
                return Stored(f"{leaf.log}/{receipt.index}", receipt.header())
        raise AssertionError("the last attempt answers")

    def _active(self, proven: Authenticated) -> None:
        if proven.routed:
            return  # known to the node that speaks for it
        caller = self._keeper.current.callers.get(proven.request.kid)
        if caller is None or caller.state != "active":
            raise r.ClientSuspended(client=proven.caller.client.id)

    def _prepared(self, leave: Leave, leaving: Leaving, response: str | None) -> Prepared:
        request, terms = leave.proven.request, leave.terms
        current = self._keeper.current.callers.get(request.kid, leave.proven.caller)
        grant = terms.grant if terms is not None else None
        charge = None
        if grant is not None and self._unit in leaving.detail:
            charge = Charge(
                grant=grant.id, day=leave.now.astimezone(self._calls.timezone).date(), client=leave.client,
                idempotency=f"{self._unit}:{leaving.detail[self._unit]}", calls_per_day=grant.calls_per_day,
                subjects_per_day=grant.subjects_per_day,
            )  # fmt: skip
        return Prepared(
            kind="event", event=leaving.event, detail=leaving.detail, request_id=leave.request_id, status=leaving.status,
            rows=leaving.rows, subjects=leaving.subjects,
            consumer=leave.consumer if grant is not None else None, client=leave.client, key=request.kid,
            provider=leave.provider, resource=leave.resource, version=leave.version,
            grant=grant.id if grant is not None else None,
            grant_version=grant.version if grant is not None else None,
            purpose=leave.purpose if grant is not None else None, request=leave.proven.digest,
            request_alg=leave.proven.alg,
            response=response,
            took_us=(time.perf_counter_ns() - leave.started) // 1000,
            nonce=Nonce(request.kid, request.nonce, request.created),
            grant_epoch=terms.grant_epoch if terms is not None else None,
            client_epoch=None if leave.proven.routed else current.epoch, charge=charge,
        )  # fmt: skip


class _Logged(msgspec.Struct):
    log: str
