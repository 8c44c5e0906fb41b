"""The verifying processes of one gateway."""

from __future__ import annotations

import asyncio
import logging
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from yiwang.gateway.errors import Busy
from yiwang.gateway.verification import packets, records
from yiwang.gateway.verification.queue import FairQueue, Item
from yiwang.vocabulary.crypto import CryptoError, PublicKey, Suite
from yiwang.vocabulary.sessions import Entry

log = logging.getLogger(__name__)

DEPTH: Final = 12
"""Items given to one process at a time: enough that it never waits, few enough that turns are fair."""
RESTART_SECONDS: Final = 0.2


class Worker:
    """One child process and what it has been given."""

    def __init__(self, channel: socket.socket, process: subprocess.Popen[bytes]) -> None:
        self.channel = channel
        self.process = process
        self.given: dict[int, Item] = {}


class Verifiers:
    """Verifies signatures in child processes; with none, in this thread (for tests and tiny machines)."""

    def __init__(self, count: int) -> None:
        """`count` processes, started by `start`."""
        self._count = count
        self._queue = FairQueue()
        self._workers: list[Worker] = []
        self._number = 0
        self._pumping = False
        self._stopping = False
        self._loop: asyncio.AbstractEventLoop = asyncio.get_running_loop()
        self._restarts: set[asyncio.TimerHandle] = set()

    async def start(self) -> None:
        """Start the processes."""
        for _ in range(self._count):
            self._spawn()

    async def stop(self) -> None:
        """End them."""
        self._stopping = True
        for timer in self._restarts:
            timer.cancel()
        for worker in list(self._workers):
            self._drop(worker)
            try:
                await asyncio.to_thread(worker.process.wait, 2)
            except subprocess.TimeoutExpired:
                worker.process.kill()

    @property
    def alive(self) -> int:
        """How many processes serve at this moment."""
        return len(self._workers)

    async def verify(self, key: PublicKey, base: bytes, signature: bytes, origin: str) -> bool:
        """Whether the signature fits; `origin` is whose share of the queue it takes. Raises: Busy."""
        if not self._count:
            try:
                return key.verify(base, signature)
            except CryptoError:
                return False
        return await self._judged(Item(origin, key.spki_der, signature, base, self._loop.create_future()))

    async def compare(self, suite: Suite, entries: Sequence[Entry], root: bytes, origin: str) -> bool:
        """Whether `root` is the record over these calls. Raises: Busy.

        Several hundred calls are several milliseconds of hashing, in which the event loop would answer nobody.
        """
        data = records.packed(entries)
        if not self._count or len(data) > packets.LONGEST:
            return records.fits(suite, data, root)
        item = Item(origin, suite.name.encode(), root, data, self._loop.create_future(), packets.RECORD)
        return await self._judged(item)

    async def _judged(self, item: Item) -> bool:
        self._queue.put(item)
        if not self._pumping:
            self._pumping = True
            self._loop.call_soon(self._pump)
        try:
            right = await item.verdict
        except BaseException:
            self._queue.done(item, right=True)
            raise
        self._queue.done(item, right=right)
        return right

    def _pump(self) -> None:
        self._pumping = False
        while self._queue.size and self._workers:
            worker = min(self._workers, key=_load)
            room = min(DEPTH - len(worker.given), self._queue.size)
            if room <= 0:
                return
            self._send(worker, room)

    def _send(self, worker: Worker, room: int) -> None:
        parts: list[bytes] = []
        size = 0
        while room and self._queue.size and size < packets.LARGEST - packets.LONGEST - 512:
            item = self._queue.take()
            room -= 1
            if item.verdict.done():  # its caller went away
                continue
            self._number = (self._number + 1) & 0xFFFFFFFF
            worker.given[self._number] = item
            parts.append(packets.pack(self._number, item.kind, item.key, item.signature, item.base))
            size += len(parts[-1])
        if not parts:
            return
        try:
            worker.channel.send(b"".join(parts))
        except OSError:
            self._lost(worker)

    def _receive(self, worker: Worker) -> None:
        try:
            packet = worker.channel.recv(packets.VERDICTS)
        except BlockingIOError:
            return
        except OSError:
            packet = b""
        if not packet:
            self._lost(worker)
            return
        for number, value in packets.verdicts(packet):
            item = worker.given.pop(number, None)
            if item is not None and not item.verdict.done():
                item.verdict.set_result(value == packets.RIGHT)
        if self._queue.size:
            self._pump()

    def _lost(self, worker: Worker) -> None:
        """A process died: what it was given goes to the others, and a new one is started."""
        log.warning("a verifying process ended; starting another")
        self._drop(worker)
        for item in worker.given.values():
            if not item.verdict.done():
                self._queue.put_back(item)
        worker.given.clear()
        if not self._stopping:
            self._restarts.add(self._loop.call_later(RESTART_SECONDS, self._spawn))

    def _drop(self, worker: Worker) -> None:
        if worker in self._workers:
            self._workers.remove(worker)
            self._loop.remove_reader(worker.channel.fileno())
            worker.channel.close()
        with suppress(OSError):
            worker.process.poll()
        if self._stopping:
            for item in worker.given.values():
                if not item.verdict.done():
                    item.verdict.set_exception(Busy(retry_after=1))

    def _spawn(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "yiwang.gateway.verification.verifier",
                    "--channel",
                    str(theirs.fileno()),
                ],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
            )
        ours.setblocking(False)
        worker = Worker(ours, process)
        self._workers.append(worker)
        self._loop.add_reader(ours.fileno(), self._receive, worker)
        if self._queue.size:
            self._pump()


def _load(worker: Worker) -> int:
    return len(worker.given)
