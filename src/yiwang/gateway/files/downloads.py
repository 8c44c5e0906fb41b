"""Downloads: the manifest, the content by ranges, the receiver's receipt. Each leaves evidence before it is answered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import Executor
from datetime import datetime
from email.utils import format_datetime
from functools import partial
from typing import Annotated, Final, TypeVar
from urllib.parse import parse_qs, quote

import msgspec

from yiwang.blocks.files.domain import errors as e
from yiwang.blocks.files.domain import ranges
from yiwang.blocks.files.domain.tus import is_file_id
from yiwang.dataplane.filestore.errors import StoreTrouble
from yiwang.dataplane.filestore.store import FileStore
from yiwang.gateway.bodies import decode
from yiwang.gateway.calls import Content, Reply
from yiwang.gateway.errors import Busy, Unavailable
from yiwang.gateway.files.ledger import Ledger
from yiwang.gateway.files.permits import Leave, Permits
from yiwang.gateway.files.rows import FileRow, Place
from yiwang.gateway.files.uploads import gone
from yiwang.vocabulary.manifest import CHUNK, HashName, Listed, Manifest

T = TypeVar("T")
PIECE: Final = 1 << 20
"""Bytes that are read and sent at a time."""
STREAMS: Final = 64
"""Downloads under way at a time."""
LISTED: Final = 100
_LAST: Final = "G"
"""Sorts after every id."""


class _Receipt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    digest: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]


_RECEIPTS: Final = msgspec.json.Decoder(_Receipt)
_encode = msgspec.json.Encoder().encode


class Downloads:
    """The downloads of one gateway process."""

    def __init__(
        self, node: str, ledger: Ledger, store: FileStore, permits: Permits, executor: Executor
    ) -> None:
        """Reading the disk is the executor's work. Receivers at other nodes know a file of `node` as `ID@node`."""
        self._at = f"@{node}"
        self._ledger = ledger
        self._store = store
        self._permits = permits
        self._executor = executor
        self._streams = 0

    async def listed(self, leave: Leave, query: str) -> Reply:
        """Files of a resource, the newest first, with the id to go on before. Raises: FileUnknown."""
        body, _ = await self._page(leave, parse_qs(query).get("before", [""])[0])
        return Reply(200, body)

    async def listed_beyond(self, leave: Leave, before: str) -> Reply:
        """The same for a receiver at another node, with evidence: no node uses what is not proven. Raises: FileUnknown."""
        body, count = await self._page(leave, before)
        receipt = await leave.commit("files-listed", {"count": count}, body)
        return Reply(200, body, evidence=receipt.header)

    async def _page(self, leave: Leave, before: str) -> tuple[bytes, int]:
        before = before or _LAST
        if before != _LAST and not is_file_id(before):
            raise e.FileUnknown(file=before[:40])
        rows = await self._ledger.listed(leave.resource, own=leave.owner, before=before, limit=LISTED + 1)
        shown, more = rows[:LISTED], len(rows) > LISTED
        at = self._at if leave.proven.routed else ""
        body = _encode(
            {
                "resource": f"{leave.resource}{at}",
                "files": [_listed(row, at, own=leave.owner) for row in shown],
                "next": shown[-1].id if more else None,
            }
        )
        return body, len(shown)

    async def manifest(self, leave: Leave, file: FileRow) -> Reply:
        """What the file is made of; for a receiver, the beginning of a delivery. Raises: FilesError, Refusal, JournalError."""
        if not leave.owner or file.state not in ("arriving", "checking"):
            _check_ready(file)
        places = await self._ledger.places(file.id)
        body = Manifest(
            chunks=tuple(place.digest for place in places),
            digest=file.digest or None,
            file=f"{file.id}{self._at}" if leave.proven.routed else file.id,
            hash=_hash_name(file.hash),
            length=sum(place.size for place in places),
            media=file.media,
            name=file.name,
            sha256=file.sha256 or None,
        ).encoded()
        if leave.owner:
            return Reply(200, body)
        receipt = await leave.commit("file-opened", _facts(file), body)
        await self._opened(leave, file, receipt.place)
        return Reply(200, body, evidence=receipt.header)

    async def content(
        self, leave: Leave, file: FileRow, get: Callable[[str], str | None], *, head: bool
    ) -> Reply:
        """The file or a range of it. Raises: FilesError, Refusal, JournalError, Busy."""
        _check_ready(file)
        ready = file.ready_at or file.created_at
        tag = ranges.etag(file.hash, file.digest)
        if not ranges.is_expected(get("if-match"), tag):
            return Reply(412, b"", headers=_headers(file, tag, ready))
        if ranges.is_unchanged(get("if-none-match"), tag):
            return Reply(304, b"", headers=_headers(file, tag, ready))
        span = None if head else ranges.span_of(
            get("range"), get("if-range"), length=file.length, tag=tag, modified=ready
        )  # fmt: skip
        status, whole = (200, ranges.Span(0, file.length - 1)) if span is None else (206, span)
        headers = _headers(file, tag, ready)
        if span is not None:
            headers = (*headers, ("content-range", f"bytes {span.first}-{span.last}/{file.length}"))
        if head:
            return Reply(200, b"", file.media, headers=headers, content=Content(file.length, _nothing()))
        if self._streams >= STREAMS:
            raise Busy(retry_after=1)
        places = await self._ledger.places(file.id)
        facts = _facts(file) | {"first": whole.first, "last": whole.last} if whole.size else _facts(file)
        receipt = await leave.commit("file-sent", facts, None, status)
        if not leave.owner:
            await self._opened(leave, file, receipt.place)
        pieces = self._stream(leave, file, places, whole)
        return Reply(
            status,
            b"",
            file.media,
            evidence=receipt.header,
            headers=headers,
            content=Content(whole.size, pieces),
        )

    async def chunk(self, leave: Leave, file: FileRow, number: int) -> Reply:
        """One whole chunk for a receiver at another node, every one with its evidence.

        Raises: FilesError, Refusal, JournalError.
        """
        _check_ready(file)
        place, first = await self._ledger.place(file.id, number), number * CHUNK
        if place is None:
            raise e.RangeUnsatisfiable(length=file.length)
        try:
            data = await self._aside(partial(self._store.read, place.digest, 0, place.size))
        except FileNotFoundError:
            data = b""
        if len(data) != place.size:
            raise e.ChunkDamaged(file=file.id, chunk=number)
        facts = _facts(file) | {"first": first, "last": first + place.size - 1}
        receipt = await leave.commit("file-sent", facts, data)
        await self._opened(leave, file, receipt.place)
        await self._count(file.id, leave.grant, place.size)
        return Reply(200, data, "application/octet-stream", evidence=receipt.header)

    async def receipt(self, leave: Leave, file: FileRow, body: bytes) -> Reply:
        """The receiver's signed word that the file arrived whole. Raises: FilesError, Refusal, JournalError."""
        return await self.confirmed(leave, file, decode(_RECEIPTS, body).digest)

    async def confirmed(self, leave: Leave, file: FileRow, digest: str) -> Reply:
        """The file arrived whole with this digest. Raises: FilesError, Refusal, JournalError."""
        _check_ready(file)
        if leave.owner:
            raise e.FileUnknown(file=file.id)
        if digest != file.digest:
            raise e.ReceiptWrong(file=file.id)
        answer = _encode({"file": file.id, "received": leave.now.strftime("%Y-%m-%dT%H:%M:%SZ")})
        receipt = await leave.commit("file-received", _facts(file), answer)
        if not await self._ledger.received(file.id, leave.grant, receipt.place, leave.now):
            await self._opened(leave, file, receipt.place)
            await self._ledger.received(file.id, leave.grant, receipt.place, leave.now)
        return Reply(200, answer, evidence=receipt.header)

    async def _stream(
        self, leave: Leave, file: FileRow, places: tuple[Place, ...], span: ranges.Span
    ) -> AsyncGenerator[bytes, None]:
        """The bytes of a span; the grant is looked at again before every chunk."""
        self._streams += 1
        sent = 0
        try:
            at = span.first
            while at <= span.last:
                place, first = places[at // CHUNK], at % CHUNK
                if sent and not first:
                    self._permits.still(leave)
                size = min(PIECE, place.size - first, span.last - at + 1)
                try:
                    piece = await self._aside(partial(self._store.read, place.digest, first, size))
                except FileNotFoundError:
                    raise e.ChunkDamaged(file=file.id, chunk=at // CHUNK) from None
                if len(piece) != size:
                    raise e.ChunkDamaged(file=file.id, chunk=at // CHUNK)
                yield piece
                at += size
                sent += size
        finally:
            self._streams -= 1
            if sent and not leave.owner:
                await self._count(file.id, leave.grant, sent)

    async def _opened(self, leave: Leave, file: FileRow, place: str) -> None:
        await self._ledger.opened(
            file, leave.consumer, leave.client, leave.grant, leave.purpose, place, leave.now
        )

    async def _count(self, file: str, grant: str, sent: int) -> None:
        try:
            await self._ledger.sent(file, grant, sent)
        except (Unavailable, StoreTrouble):
            return  # a statistic: the evidence of the delivery stands already

    async def _aside(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)


async def _nothing() -> AsyncGenerator[bytes, None]:
    pieces: tuple[bytes, ...] = ()
    for piece in pieces:
        yield piece


def _check_ready(file: FileRow) -> None:
    match file.state:
        case "ready":
            return
        case "checking":
            raise e.FileNotReady(file=file.id)
        case "ended":
            raise gone(file)
        case "refused":
            raise e.FileRefused(file=file.id, reason=f"{file.finding} {file.finding_text}".strip())
        case _:
            raise e.FileUnknown(file=file.id)


def _facts(file: FileRow) -> dict[str, object]:
    return {"file": file.id, "digest": file.digest, "hash": file.hash, "length": file.length}


def _headers(file: FileRow, tag: str, ready: datetime) -> tuple[tuple[str, str], ...]:
    name = quote(file.name, safe="")
    return (
        ("accept-ranges", "bytes"),
        ("etag", tag),
        ("last-modified", format_datetime(ready.replace(microsecond=0), usegmt=True)),
        ("content-disposition", f"attachment; filename*=UTF-8''{name}"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
    )


def _hash_name(name: str) -> HashName:
    return "sm3" if name == "sm3" else "sha256"


def _listed(file: FileRow, at: str, *, own: bool) -> Listed:
    return Listed(
        id=f"{file.id}{at}", name=file.name, media=file.media, length=file.length, state=file.state, uploaded=file.uploaded,
        hash=file.hash, digest=file.digest or None, sha256=file.sha256 or None, mark=(file.mark or None) if own else None,
        finding=(f"{file.finding} {file.finding_text}".strip() or None) if own else None,
        client=file.client if own else None,
        created=_instant(file.created_at), ready=_instant(file.ready_at) if file.ready_at else None,
    )  # fmt: skip


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
