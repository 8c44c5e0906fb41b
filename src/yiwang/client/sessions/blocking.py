"""A session for ordinary code; one may be shared by threads."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Protocol, Self

from yiwang.client.errors import ClientError
from yiwang.client.paging import pages
from yiwang.client.protocol import Flow, T
from yiwang.client.sessions.answers import Call, SessionAnswer, SessionChecked, SessionEvidence
from yiwang.client.sessions.flow import SessionCaller
from yiwang.client.sessions.state import State
from yiwang.client.where import Scalar, Where


class Runs(Protocol):
    """The client behind a session."""

    @property
    def gateway(self) -> str:
        """Address of the gateway."""

    def run(self, flow: Flow[T]) -> T:
        """Carry a flow out."""


class Session:
    """Calls within a session. Use it as a context manager, or `close` it: what is open is countersigned then."""

    def __init__(self, client: Runs, caller: SessionCaller) -> None:
        """`caller` has shaken hands."""
        self._client = client
        self._caller = caller

    @property
    def id(self) -> str:
        """The id of the session."""
        return self._caller.state.opened.session

    @property
    def state(self) -> State:
        """What this side knows of the session, for programs that send by themselves."""
        return self._caller.state

    @property
    def uncountersigned(self) -> int:
        """Calls that are not countersigned yet."""
        return self._caller.state.open

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
    ) -> SessionAnswer:
        """Ask for rows of a resource. Arguments and errors as of `Client.query`."""
        return self._carry(
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
    ) -> Iterator[SessionAnswer]:
        """Ask page after page. Raises as `query`."""

        def page(cursor: str | None) -> SessionAnswer:
            return self.query(
                code, where=where, fields=fields, limit=limit, cursor=cursor, purpose=purpose, grant=grant
            )

        return pages(page, self._client.gateway)

    def verify(
        self,
        code: str,
        *,
        subject: Mapping[str, Scalar],
        claims: Mapping[str, Scalar],
        purpose: str,
        grant: str | None = None,
    ) -> SessionChecked:
        """Ask whether claims about a subject are true, without seeing its data. Raises as `query`."""
        return self._carry(
            self._caller.verify(code, subject=subject, claims=claims, purpose=purpose, grant=grant)
        )

    def countersign(self) -> int:
        """Own up to the calls so far; returns how many are still open. Raises as `query`."""
        return self._client.run(self._caller.countersign())

    def prove(self, call: Call) -> SessionEvidence:
        """The evidence of a call, for third parties. Raises as `query`."""
        return self._client.run(self._caller.prove(call))

    def close(self) -> None:
        """Countersign what is left and end the session. Raises as `query`."""
        self._client.run(self._caller.close())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if problem is None:
            self.close()
            return
        with contextlib.suppress(ClientError):
            self.close()

    def _carry(self, flow: Flow[T]) -> T:
        result = self._client.run(flow)
        if self._caller.state.due():
            # the data has arrived: what the gateway does not take now is countersigned before the next call
            with contextlib.suppress(ClientError):
                self.countersign()
        return result
