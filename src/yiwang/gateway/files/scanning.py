"""A malware scanner behind a socket: ClamAV's INSTREAM, spoken as its daemon's manual (clamd(8)) says."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Final

PIECE: Final = 1 << 20
SECONDS: Final = 300.0
"""Time within which the scanner takes a piece or answers."""
_FOUND: Final = re.compile(r"stream: (.{1,150}) FOUND")


class ScannerUnavailable(Exception):
    """The scanner gave no verdict: the file stays in quarantine and is scanned again later."""


class Scanner:
    """A scanner at `unix:/path` or `tcp:host:port`."""

    def __init__(self, address: str, *, seconds: float = SECONDS) -> None:
        """Raises: ValueError, where the address is neither."""
        kind, _, place = address.partition(":")
        host, _, port = place.rpartition(":")
        if not ((kind == "unix" and place.startswith("/")) or (kind == "tcp" and host and port.isdigit())):
            raise ValueError(address)
        self._unix = place if kind == "unix" else None
        self._host, self._port = host.strip("[]"), int(port) if kind == "tcp" else 0
        self._seconds = seconds

    async def verdict(self, pieces: AsyncIterator[bytes]) -> str | None:
        """The name of what was found in a file; None where nothing was. Raises: ScannerUnavailable."""
        try:
            async with asyncio.timeout(self._seconds):
                reader, writer = await self._connect()
        except (OSError, TimeoutError) as problem:
            raise ScannerUnavailable(f"{type(problem).__name__}") from problem
        try:
            answer = await self._ask(reader, writer, pieces)
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError) as problem:
            raise ScannerUnavailable(f"{type(problem).__name__}") from problem
        finally:
            writer.close()
        if answer == "stream: OK":
            return None
        found = _FOUND.fullmatch(answer)
        if found is None:
            raise ScannerUnavailable(answer[:120])
        return found[1]

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._unix is not None:
            return await asyncio.open_unix_connection(self._unix)
        return await asyncio.open_connection(self._host, self._port)

    async def _ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pieces: AsyncIterator[bytes]
    ) -> str:
        writer.write(b"zINSTREAM\0")
        async for piece in pieces:
            for start in range(0, len(piece), PIECE):
                part = piece[start : start + PIECE]
                writer.write(len(part).to_bytes(4, "big"))
                writer.write(part)
                async with asyncio.timeout(self._seconds):
                    await writer.drain()
        writer.write(bytes(4))
        async with asyncio.timeout(self._seconds):
            await writer.drain()
            return (await reader.readuntil(b"\0"))[:-1].decode("utf-8", "replace").strip()
