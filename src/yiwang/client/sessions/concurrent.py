"""A session for asyncio code; one may be shared by tasks of one event loop."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from types import TracebackType
from typing import Protocol, Self

from yiwang.client.errors import ClientError
from yiwang.client.paging import pages_async
from yiwang.client.protocol import Flow, T
from yiwang.client.sessions.answers import Call, SessionAnswer, SessionChecked, SessionEvidence
from yiwang.client.sessions.flow import SessionCaller
from yiwang.client.where import Scalar, Where


class Runs(Protocol):
    """The client behind a session."""

    @property
    def gateway(self) -> str:
        """Address of the gateway."""

    async def run(self, flow: Flow[T]) -> T:
        """Carry a flow out."""


class AsyncSession:
    """As `Session`, with coroutines; use it as an asynchronous context manager, or `close` it."""

    def __init__(self, client: Runs, caller: SessionCaller) -> None:
        """It is opened by `open`, or by entering it."""
        self._client = client
        self._caller = caller

    @property
    def id(self) -> str:
        """The id of the session."""
        return self._caller.state.opened.session

    @property
    def uncountersigned(self) -> int:
        """Calls that are not countersigned yet."""
        return self._caller.state.open

    async def open(self) -> Self:
        """Shake hands. Raises: as `Client.session`."""
        await self._client.run(self._caller.open())
        return self

    async def query(
        self,
        code: str,
        *,
        where: Where | None = None,
        fields: Sequence[str] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        purpose: str,
        grant: str | None = None,
    ) -> SessionAnswer:
        """As `Session.query`."""
        return await self._carry(
            self._caller.query(
                code, where=where, fields=fields, limit=limit, cursor=cursor, purpose=purpose, grant=grant
            )
        )

    def query_pages(
        self,
        code: str,
        *,
        where: Where | None = None,
        fields: Sequence[str] | None = None,
        limit: int | None = None,
        purpose: str,
        grant: str | None = None,
    ) -> AsyncIterator[SessionAnswer]:
        """As `Session.query_pages`."""

        async def page(cursor: str | None) -> SessionAnswer:
            return await self.query(
                code, where=where, fields=fields, limit=limit, cursor=cursor, purpose=purpose, grant=grant
            )

        return pages_async(page, self._client.gateway)

    async def verify(
        self,
        code: str,
        *,
        subject: Mapping[str, Scalar],
        claims: Mapping[str, Scalar],
        purpose: str,
        grant: str | None = None,
    ) -> SessionChecked:
        """As `Session.verify`."""
        return await self._carry(
            self._caller.verify(code, subject=subject, claims=claims, purpose=purpose, grant=grant)
        )

    async def countersign(self) -> int:
        """As `Session.countersign`."""
        return await self._client.run(self._caller.countersign())

    async def prove(self, call: Call) -> SessionEvidence:
        """As `Session.prove`."""
        return await self._client.run(self._caller.prove(call))

    async def close(self) -> None:
        """As `Session.close`."""
        await self._client.run(self._caller.close())

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if problem is None:
            await self.close()
            return
        with contextlib.suppress(ClientError):
            await self.close()

    async def _carry(self, flow: Flow[T]) -> T:
        result = await self._client.run(flow)
        if self._caller.state.due():
            with contextlib.suppress(ClientError):
                await self.countersign()
        return result
