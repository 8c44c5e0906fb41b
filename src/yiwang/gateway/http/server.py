"""Listens, has calls answered, and looks every few seconds after connections that take too long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from email.utils import formatdate
from functools import partial
from time import time
from typing import Final

from yiwang.gateway.http.call import Call
from yiwang.gateway.http.connection import Connection

HEAD_SECONDS: Final = 15.0
"""Time within which the head of a request must arrive; also how long a connection may idle."""
UNFETCHED_SECONDS: Final = 60.0
"""How long an answer may wait for a client that does not read it."""
CONNECTIONS: Final = 4096
_SWEEP_SECONDS: Final = 2.5
Answer = Callable[[Call], Coroutine[object, object, None]]


class Server:
    """One listening address and its connections."""

    def __init__(self, answer: Answer, *, most: int = CONNECTIONS) -> None:
        """`answer` is awaited for each call and must send exactly one answer; `most` connections at a time."""
        self.loop = asyncio.get_running_loop()
        self.stopping = False
        self._answer = answer
        self._most = most
        self._connections: set[Connection] = set()
        self._calls: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Server | None = None
        self._sweep: asyncio.TimerHandle | None = None
        self._second = 0
        self._date = ""

    async def start(self, host: str, port: int) -> None:
        """Listen. Raises: OSError, where the address cannot be had."""
        self._listener = await self.loop.create_server(lambda: Connection(self), host, port, backlog=2048)
        self._look()

    @property
    def port(self) -> int:
        """The port that is listened on."""
        if self._listener is None:
            raise RuntimeError("the server has not been started")
        return int(self._listener.sockets[0].getsockname()[1])

    async def stop(self, seconds: float = 10.0) -> None:
        """Listen no more, give calls under way so many seconds, close everything."""
        self.stopping = True
        if self._listener is not None:
            self._listener.close()
        if self._sweep is not None:
            self._sweep.cancel()
        for connection in list(self._connections):
            connection.stop()
        if self._calls:
            _, late = await asyncio.wait(list(self._calls), timeout=seconds)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=1.0)
        await asyncio.sleep(0)  # the last answers are written at the end of a turn of the loop
        for connection in list(self._connections):
            connection.stop()

    def admit(self, connection: Connection) -> bool:
        """Whether there is room for one more."""
        if len(self._connections) >= self._most or self.stopping:
            return False
        self._connections.add(connection)
        return True

    def leave(self, connection: Connection) -> None:
        """A connection ended."""
        self._connections.discard(connection)

    def begin(self, call: Call) -> None:
        """Have a call answered."""
        task = call.task = self.loop.create_task(self._answer(call))
        self._calls.add(task)
        task.add_done_callback(partial(self._end, call))

    def _end(self, call: Call, task: asyncio.Task[None]) -> None:
        self._calls.discard(task)
        call.leave()

    def date(self) -> str:
        """The header `Date` of this second."""
        now = int(time())
        if now != self._second:
            self._second = now
            self._date = f"date: {formatdate(now, usegmt=True)}\r\n"
        return self._date

    def _look(self) -> None:
        now = self.loop.time()
        for connection in list(self._connections):
            idle, stuck = connection.idle_since, connection.stuck_since
            if (idle is not None and now - idle > HEAD_SECONDS) or (
                stuck is not None and now - stuck > UNFETCHED_SECONDS
            ):
                connection.abort()
        self._sweep = self.loop.call_later(_SWEEP_SECONDS, self._look)
