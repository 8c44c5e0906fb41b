"""The client for asyncio code; one may be shared by tasks of one event loop."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from yiwang.client.answers import Answer, Checked, Row
from yiwang.client.caller import Caller, Options
from yiwang.client.errors import ClientError
from yiwang.client.opening import http_headers, let_go, lost, open_caller, received, request_of
from yiwang.client.paging import pages_async
from yiwang.client.profiles import read_profile
from yiwang.client.protocol import Ask, Event, Flow, Lost, Send, T, TooLarge
from yiwang.client.sessions.concurrent import AsyncSession
from yiwang.client.sessions.flow import SessionCaller
from yiwang.client.where import Scalar, Where
from yiwang.vocabulary.crypto import SigningKey, Suite
from yiwang.vocabulary.envelope import Purpose, new_nonce
from yiwang.vocabulary.evidence import Trust


class AsyncClient:
    """As `Client`, with coroutines; use it as an asynchronous context manager, or `close` it."""

    def __init__(
        self,
        gateway: str,
        key: str | Path | SigningKey,
        *,
        password: bytes | None = None,
        node: str | None = None,
        trust: str | Path | Trust | None = None,
        options: Options | None = None,
        tls: ssl.SSLContext | bool = True,
        proxy: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Prepare; nothing is sent yet. Arguments and errors as of `Client`."""
        self.options = options or Options()
        self._caller = open_caller(
            gateway, key, password=password, node=node, trust=trust, options=self.options
        )
        self._http = httpx.AsyncClient(
            headers=http_headers(), timeout=self.options.timeout, verify=tls, proxy=proxy, transport=transport,
            trust_env=False, follow_redirects=False, limits=httpx.Limits(max_connections=100),
        )  # fmt: skip
        self._sleep = asyncio.sleep

    @property
    def suite(self) -> Suite:
        """The suite of the application's key."""
        return self._caller.key.suite

    @property
    def gateway(self) -> str:
        """Address of the gateway, without a slash at its end."""
        return self._caller.gateway

    @classmethod
    def from_profile(cls, name: str, *, path: Path | None = None, options: Options | None = None) -> Self:
        """As `Client.from_profile`."""
        profile = read_profile(name, path)
        return cls(profile.gateway, profile.key, node=profile.node, trust=profile.trust, options=options)

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
    ) -> Answer:
        """As `Client.query`."""
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
    ) -> AsyncIterator[Answer]:
        """As `Client.query_pages`."""

        async def page(cursor: str | None) -> Answer:
            return await self.query(
                code, where=where, fields=fields, limit=limit, cursor=cursor, purpose=purpose, grant=grant
            )

        return pages_async(page, self.gateway)

    async def query_all(
        self,
        code: str,
        *,
        where: Where | None = None,
        fields: Sequence[str] | None = None,
        limit: int | None = None,
        purpose: str,
        grant: str | None = None,
    ) -> AsyncIterator[Row]:
        """As `Client.query_all`."""
        async for answer in self.query_pages(
            code, where=where, fields=fields, limit=limit, purpose=purpose, grant=grant
        ):
            for row in answer.rows:
                yield row

    async def verify(
        self,
        code: str,
        *,
        subject: Mapping[str, Scalar],
        claims: Mapping[str, Scalar],
        purpose: str,
        grant: str | None = None,
    ) -> Checked:
        """As `Client.verify`."""
        return await self._carry(
            self._caller.verify(code, subject=subject, claims=claims, purpose=purpose, grant=grant)
        )

    def session(self, *, grants: Sequence[str] | None = None, seconds: int = 3600) -> AsyncSession:
        """As `Client.session`; it is opened by `async with`, or by its `open`."""
        return AsyncSession(self, SessionCaller(self._caller, grants=grants, seconds=seconds))

    async def openapi(
        self, code: str, *, purpose: str = "evidence:own", grant: str | None = None
    ) -> dict[str, object]:
        """The OpenAPI 3.1 document of what a grant (or a sandbox) allows on a resource. Raises as `query`."""
        return await self.run(self._caller.openapi(code, purpose=purpose, grant=grant))

    async def acknowledge(self) -> int:
        """As `Client.acknowledge`."""
        return await self.run(self._caller.acknowledge())

    async def close(self) -> None:
        """As `Client.close`."""
        with contextlib.suppress(ClientError):
            await self.acknowledge()
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _carry(self, flow: Flow[T]) -> T:
        result = await self.run(flow)
        if self._caller.due():
            # the data has arrived: a gateway that takes no receipts now gets them with a later batch
            with contextlib.suppress(ClientError):
                await self.acknowledge()
        return result

    @property
    def caller(self) -> Caller:
        """What signs and proves, for verbs beside those here."""
        return self._caller

    async def run(self, flow: Flow[T]) -> T:
        """Carry a flow out. Raises: as the flow."""
        event: Event = None
        while True:
            try:
                step = flow.send(event)
            except StopIteration as done:
                result: T = done.value
                return result
            if isinstance(step, Send):
                event = await self._exchange(step)
            else:
                await self._sleep(step.seconds)
                event = None

    @contextlib.asynccontextmanager
    async def streamed(
        self, ask: Ask, purpose: Purpose, grant: str | None
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """As `Client.streamed`."""
        node = await self.run(self._caller.node_name())
        send, sent = self._caller.sign(ask, node, purpose, grant, new_nonce())
        response = await self._http.send(request_of(self._http, self._caller.gateway, send), stream=True)
        async with contextlib.aclosing(response):
            if response.status_code not in (200, 206):
                told = received(response.status_code, response.headers, await response.aread())
                raise self._caller.refusal(told, sent)
            yield response.aiter_raw(1 << 20)

    async def _exchange(self, send: Send) -> Event:
        try:
            async with asyncio.timeout(self.options.timeout):
                request = request_of(self._http, self._caller.gateway, send)
                response = await self._http.send(request, stream=True)
                async with contextlib.aclosing(response):
                    body = bytearray()
                    async for part in response.aiter_raw():
                        body += part
                        if len(body) > self.options.max_answer:
                            return TooLarge(response.status_code)
                let_go(response)
        except TimeoutError:
            return Lost("timeout", slow=True)
        except httpx.HTTPError as problem:
            return lost(problem)
        return received(response.status_code, response.headers, bytes(body))
