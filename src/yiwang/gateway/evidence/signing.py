"""Signatures over tree heads for the writer: by a process of its own, or at once where speed does not matter."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections import deque
from pathlib import Path
from typing import Protocol

import msgspec

from yiwang.blocks.journal.domain.errors import JournalUnavailable
from yiwang.gateway.evidence.signer import LARGEST, Hello
from yiwang.vocabulary.crypto import CryptoError, FileKeyProvider, SigningKey
from yiwang.vocabulary.crypto.suites import ED25519
from yiwang.vocabulary.evidence.leaf import SuiteName

START_SECONDS = 20.0


class Signer(Protocol):
    """Signs tree heads with the node's evidence key. `kid` and `suite` are valid after `start`."""

    kid: str
    suite: SuiteName

    async def start(self) -> None:
        """Get ready. Raises: JournalUnavailable."""

    async def stop(self) -> None:
        """Let go of everything."""

    async def sign(self, data: bytes) -> bytes:
        """The signature over `data`. Raises: JournalUnavailable."""


class KeySigner:
    """Signs on the spot, in the event loop's thread: for the notary, for tests, for quiet nodes."""

    def __init__(self, key: SigningKey) -> None:
        """Sign with this key."""
        self._key = key
        self.kid = key.kid
        self.suite: SuiteName = "sm2-sm3" if key.suite.name == "sm2-sm3" else "ed25519"

    async def start(self) -> None:
        """Nothing to do."""

    async def stop(self) -> None:
        """Nothing to do."""

    async def sign(self, data: bytes) -> bytes:
        """See `Signer.sign`."""
        return self._key.sign(data)


class ProcessSigner:
    """Signs in a child process, which is started again when it dies."""

    def __init__(self, keys: Path, purpose: str = "evidence") -> None:
        """`keys` is the folder of a file key provider."""
        self._keys = keys
        self._purpose = purpose
        self._channel: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._waiting: deque[asyncio.Future[bytes]] = deque()
        self.kid = ""
        self.suite: SuiteName = "sm2-sm3"

    async def start(self) -> None:
        """Start the process and wait for its first word."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [
                    sys.executable, "-m", "yiwang.gateway.evidence.signer",
                    "--keys", str(self._keys), "--purpose", self._purpose, "--channel", str(theirs.fileno()),
                ],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
            )  # fmt: skip
        ours.setblocking(False)
        self._channel = ours
        loop = asyncio.get_running_loop()
        loop.add_reader(ours.fileno(), self._receive)
        try:
            first = await asyncio.wait_for(self._next(), START_SECONDS)
            hello = msgspec.json.decode(first, type=Hello)
        except (TimeoutError, msgspec.DecodeError) as problem:
            await self.stop()
            raise JournalUnavailable(reason="the signing process does not start") from problem
        if self.kid and self.kid != hello.kid:
            await self.stop()
            raise JournalUnavailable(reason="the evidence key was changed while the writer runs")
        self.kid, self.suite = hello.kid, hello.suite

    async def stop(self) -> None:
        """End the process."""
        self._close()
        if self._process is not None:
            process, self._process = self._process, None
            try:
                await asyncio.to_thread(process.wait, 5)
            except subprocess.TimeoutExpired:
                process.kill()
                await asyncio.to_thread(process.wait)

    async def sign(self, data: bytes) -> bytes:
        """See `Signer.sign`."""
        if self._channel is None:
            await self.stop()
            await self.start()
        try:
            if self._channel is None:
                raise JournalUnavailable(reason="the signing process has stopped")
            self._channel.send(data)
        except OSError as problem:
            self._close()
            raise JournalUnavailable(reason="the signing process has stopped") from problem
        return await self._next()

    def _next(self) -> asyncio.Future[bytes]:
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        return future

    def _receive(self) -> None:
        if self._channel is None:
            return
        try:
            data = self._channel.recv(LARGEST)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._close()
        elif self._waiting:
            future = self._waiting.popleft()
            if not future.done():
                future.set_result(data)

    def _close(self) -> None:
        if self._channel is not None:
            asyncio.get_running_loop().remove_reader(self._channel.fileno())
            self._channel.close()
            self._channel = None
        while self._waiting:
            future = self._waiting.popleft()
            if not future.done():
                future.set_exception(JournalUnavailable(reason="the signing process has stopped"))


class NodeSigner:
    """Signs where it is quickest: Ed25519 on the spot, SM2 in a process of its own (docs/adr/0050).

    An Ed25519 signature costs less than half of what handing it to a process and waking up for it costs.
    """

    def __init__(self, keys: Path, purpose: str = "evidence") -> None:
        """`keys` is the folder of a file key provider."""
        self._keys = keys
        self._purpose = purpose
        self._signer: Signer = ProcessSigner(keys, purpose)
        self.kid = ""
        self.suite: SuiteName = "sm2-sm3"

    async def start(self) -> None:
        """See `Signer.start`."""
        key = await asyncio.to_thread(self._quick)
        if key is not None:
            self._signer = KeySigner(key)
        elif not isinstance(self._signer, ProcessSigner):
            self._signer = ProcessSigner(self._keys, self._purpose)
        await self._signer.start()
        if self.kid and self.kid != self._signer.kid:
            await self._signer.stop()
            raise JournalUnavailable(reason="the evidence key was changed while the writer runs")
        self.kid, self.suite = self._signer.kid, self._signer.suite

    async def stop(self) -> None:
        """See `Signer.stop`."""
        await self._signer.stop()

    async def sign(self, data: bytes) -> bytes:
        """See `Signer.sign`."""
        return await self._signer.sign(data)

    def _quick(self) -> SigningKey | None:
        """The key, where it signs quickly; a key for the process is not read here unless there is no telling."""
        try:
            provider = FileKeyProvider(self._keys)
            suites = {record.suite for record in provider.describe(self._purpose)}
            key = provider.signing_key(self._purpose) if ED25519 in suites else None
        except CryptoError as problem:
            raise JournalUnavailable(reason="the evidence key cannot be read") from problem
        return key if key is not None and key.suite.name == ED25519 else None
