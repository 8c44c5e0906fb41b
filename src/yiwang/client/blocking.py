"""The client for ordinary code; one may be shared by threads."""

from __future__ import annotations

import contextlib
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from yiwang.client.answers import Answer, Checked, Row
from yiwang.client.caller import Options
from yiwang.client.errors import ClientError
from yiwang.client.opening import http_headers, let_go, lost, open_caller, received, request_of
from yiwang.client.paging import pages
from yiwang.client.profiles import read_profile
from yiwang.client.protocol import Ask, Event, Flow, Lost, Send, T, TooLarge
from yiwang.client.samples import query_body, query_path
from yiwang.client.sessions.blocking import Session
from yiwang.client.sessions.flow import SessionCaller
from yiwang.client.where import Scalar, Where
from yiwang.vocabulary.crypto import SigningKey, Suite
from yiwang.vocabulary.envelope import OutgoingRequest, Purpose, new_nonce, sign_request
from yiwang.vocabulary.evidence import Trust


class Client:
    """Calls resources through a gateway; thread-safe, keeps connections open, verifies every answer.

    Use it as a context manager, or `close` it.
    """

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
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Prepare; nothing is sent yet.

        Args:
            gateway: `http(s)://host[:port]` of the gateway, not of the pages.
            key: path of the application's private key (PEM), or the key.
            password: of an encrypted key file.
            node: name of the node; by default that of the trust file, else what the gateway says.
            trust: path of the node's trust file, or its content. Without one the key that the gateway shows first is
                believed, and `answer.evidence.trust` says `first-use`.
            options: patience and limits.
            tls: how the gateway's certificate is checked (as httpx `verify`).
            proxy: address of a forward proxy; environment variables are not looked at.
            transport: another way to send, for tests.

        Raises:
            ClientError, CryptoError: key, trust or address cannot be used.
        """
        self.options = options or Options()
        self.caller = open_caller(
            gateway, key, password=password, node=node, trust=trust, options=self.options
        )
        self._http = httpx.Client(
            headers=http_headers(), timeout=self.options.timeout, verify=tls, proxy=proxy, transport=transport,
            trust_env=False, follow_redirects=False, limits=httpx.Limits(max_connections=100),
        )  # fmt: skip
        self._sleep: Callable[[float], None] = time.sleep

    @property
    def suite(self) -> Suite:
        """The suite of the application's key."""
        return self.caller.key.suite

    @property
    def gateway(self) -> str:
        """Address of the gateway, without a slash at its end."""
        return self.caller.gateway

    @classmethod
    def from_profile(cls, name: str, *, path: Path | None = None, options: Options | None = None) -> Self:
        """The caller of that name in `profiles.toml`.

        Raises:
            ProfileUnusable: there is none, or it is wrong.
        """
        profile = read_profile(name, path)
        return cls(profile.gateway, profile.key, node=profile.node, trust=profile.trust, options=options)

    def query(
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
        """Ask for rows of a resource.

        Args:
            code: code of the resource, such as `306001003/12`.
            where: field to value, or to `{in|prefix|gte|lte: …}`; the gateway types the values.
            fields: wire names wanted; all granted ones when None.
            limit: rows at most.
            cursor: `next` of an earlier answer.
            purpose: `item:<service item>` or `law:<law>#<article>`, with `;case=<number>` where there is one.
            grant: id of the grant; needed only when several fit.

        Raises:
            GatewayRefused: the gateway said no; `code`, `text`, `mend` and `request_id` say why.
            GatewayUnreachable: no answer came, however often it was tried.
            EvidenceInvalid: the answer is not proven, so it is withheld.
            AnswerUnusable: what came is no answer.
        """
        return self._carry(
            self.caller.query(
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
    ) -> Iterator[Answer]:
        """Ask page after page, each with its own evidence; `limit` is the size of a page. Raises as `query`."""

        def page(cursor: str | None) -> Answer:
            return self.query(
                code, where=where, fields=fields, limit=limit, cursor=cursor, purpose=purpose, grant=grant
            )

        return pages(page, self.gateway)

    def query_all(
        self,
        code: str,
        *,
        where: Where | None = None,
        fields: Sequence[str] | None = None,
        limit: int | None = None,
        purpose: str,
        grant: str | None = None,
    ) -> Iterator[Row]:
        """The rows of all pages, one after the other. Raises as `query`."""
        for answer in self.query_pages(
            code, where=where, fields=fields, limit=limit, purpose=purpose, grant=grant
        ):
            yield from answer.rows

    def verify(
        self,
        code: str,
        *,
        subject: Mapping[str, Scalar],
        claims: Mapping[str, Scalar],
        purpose: str,
        grant: str | None = None,
    ) -> Checked:
        """Ask whether claims about a subject are true, without seeing its data. Raises as `query`."""
        return self._carry(
            self.caller.verify(code, subject=subject, claims=claims, purpose=purpose, grant=grant)
        )

    def session(self, *, grants: Sequence[str] | None = None, seconds: int = 3600) -> Session:
        """Open a session for many calls: one signature now, codes for the calls, countersignatures as they go.

        Args:
            grants: the only grants to be used in it; all of the agency's when None.
            seconds: how long it lasts at most; a call after its end opens the next one.

        Raises: as `query`.
        """
        caller = SessionCaller(self.caller, grants=grants, seconds=seconds)
        self.run(caller.open())
        return Session(self, caller)

    def sign_query(
        self,
        code: str,
        *,
        where: Where | None = None,
        fields: Sequence[str] | None = None,
        limit: int | None = None,
        purpose: str,
        grant: str | None = None,
    ) -> OutgoingRequest:
        """Sign a query without sending it, for other tools to send within five minutes."""
        return sign_request(
            self.caller.key,
            method="POST",
            path=self.caller.base + query_path(code),
            body=query_body(where or {}, fields, limit).encode(),
            node=self.run(self.caller.node_name()),
            purpose=Purpose.parse(purpose),
            created=int(self.options.clock()),
            grant=grant,
            idempotency_key=new_nonce(),
        )

    def openapi(
        self, code: str, *, purpose: str = "evidence:own", grant: str | None = None
    ) -> dict[str, object]:
        """The OpenAPI 3.1 document of what a grant (or a sandbox) allows on a resource. Raises as `query`."""
        return self.run(self.caller.openapi(code, purpose=purpose, grant=grant))

    def acknowledge(self) -> int:
        """Countersign the receipts so far (with `Options.acknowledge`); returns how many. Raises as `query`."""
        return self.run(self.caller.acknowledge())

    def close(self) -> None:
        """Acknowledge what is left, as far as the gateway takes it now, and close the connections."""
        with contextlib.suppress(ClientError):
            self.acknowledge()
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _carry(self, flow: Flow[T]) -> T:
        result = self.run(flow)
        if self.caller.due():
            # the data has arrived: a gateway that takes no receipts now gets them with a later batch
            with contextlib.suppress(ClientError):
                self.acknowledge()
        return result

    def run(self, flow: Flow[T]) -> T:
        """Carry a flow out. Raises: as the flow."""
        event: Event = None
        while True:
            try:
                step = flow.send(event)
            except StopIteration as done:
                result: T = done.value
                return result
            if isinstance(step, Send):
                event = self._exchange(step)
            else:
                self._sleep(step.seconds)
                event = None

    @contextlib.contextmanager
    def streamed(self, ask: Ask, purpose: Purpose, grant: str | None) -> Iterator[Iterator[bytes]]:
        """The body of an answer as it comes, for what is too long to be held.

        Raises: GatewayRefused; httpx.HTTPError, when it breaks off or nothing comes for `Options.timeout` seconds.
        """
        node = self.run(self.caller.node_name())
        send, sent = self.caller.sign(ask, node, purpose, grant, new_nonce())
        response = self._http.send(request_of(self._http, self.caller.gateway, send), stream=True)
        with contextlib.closing(response):
            if response.status_code not in (200, 206):
                told = received(response.status_code, response.headers, response.read())
                raise self.caller.refusal(told, sent)
            yield response.iter_raw(1 << 20)

    def _exchange(self, send: Send) -> Event:
        ends = time.monotonic() + self.options.timeout
        try:
            response = self._http.send(request_of(self._http, self.caller.gateway, send), stream=True)
            with contextlib.closing(response):
                body = bytearray()
                for part in response.iter_raw():
                    body += part
                    if len(body) > self.options.max_answer:
                        return TooLarge(response.status_code)
                    if time.monotonic() > ends:
                        return Lost("timeout", slow=True)
            let_go(response)
        except httpx.HTTPError as problem:
            return lost(problem)
        return received(response.status_code, response.headers, bytes(body))
