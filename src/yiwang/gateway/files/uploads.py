"""Uploads by tus 1.0: announced, added to piece by piece, joined, given up.

An offset is acknowledged when its bytes are on disk and the database says so; a piece whose digest is not the signed
one leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from typing import Final, TypeVar

import msgspec

from yiwang.blocks.files.domain import errors as e
from yiwang.blocks.files.domain import media as kinds
from yiwang.blocks.files.domain import tus
from yiwang.blocks.files.domain.keeping import OPEN_UPLOADS, upload_ends
from yiwang.dataplane.filestore.arriving import ArrivingChunk
from yiwang.dataplane.filestore.errors import StoreTrouble
from yiwang.dataplane.filestore.store import FileStore, landing_name
from yiwang.gateway.authentication import Authenticated
from yiwang.gateway.bodies import Incoming
from yiwang.gateway.files.bodies import Pieces, Stream
from yiwang.gateway.files.ledger import Adding, Ledger
from yiwang.gateway.files.lines import Line, Lines
from yiwang.gateway.files.rows import FileRow, Place
from yiwang.gateway.files.running import RunningDigests
from yiwang.vocabulary.crypto import Hash, Suite
from yiwang.vocabulary.file_names import name_fault
from yiwang.vocabulary.manifest import CHUNK, HashName

T = TypeVar("T")
_DIGITS: Final = "0123456789abcdefghjkmnpqrstvwxyz"


class Uploads:
    """The uploads of one gateway process."""

    def __init__(
        self,
        ledger: Ledger,
        store: FileStore,
        suite: Suite,
        executor: Executor,
        clock: Callable[[], float],
    ) -> None:
        """`suite` is the node's, by which chunks are addressed; disk and digests are the executor's work."""
        self._ledger = ledger
        self._store = store
        self._suite = suite
        self._executor = executor
        self._clock = clock
        self._pieces = Pieces()
        self._lines = Lines()
        self.running = RunningDigests(executor)

    @property
    def hash_name(self) -> HashName:
        """The hash function of every digest of a file."""
        return "sm3" if self._suite.hash_name == "sm3" else "sha256"

    def now(self) -> datetime:
        """The time."""
        return datetime.fromtimestamp(self._clock(), UTC)

    async def announce(
        self, proven: Authenticated, resource: str, provider: str, get: Callable[[str], str | None]
    ) -> FileRow:
        """Write down what will come. `get` gives the headers.

        Raises: FilesError for what is not taken, StoreFull, UploadsOpen.
        """
        shelf = await self._ledger.shelf(resource)
        if shelf is None:
            raise e.FilesNotOffered(resource=resource)
        told, joined = tus.metadata(get("upload-metadata")), tus.concat(get("upload-concat"))
        name = told.get("filename", "")
        media = told.get("filetype", "") or kinds.guessed(name)
        fault = name_fault(name)
        if fault is not None:
            raise e.FileNameWrong(reason=fault)
        if not kinds.is_media(media) or (shelf.media and media not in shelf.media):
            raise e.MediaNotTaken(media=media[:80], allowed=list(shelf.media) or ["*/*"])
        declared = _declared(told.get("digest", ""))
        final = joined is not None and joined.kind == "final"
        parts = [await self._part(one, proven, resource) for one in joined.parts] if joined and final else []
        for part in parts[:-1]:
            if part.length % CHUNK:
                raise e.ConcatWrong(reason=f"{part.id}: {part.length}")
        if final and get("upload-length") is not None:
            raise e.UploadHeaderWrong(header="Upload-Length", reason="final")
        length = (
            sum(part.length for part in parts) if final else tus.number("Upload-Length", get("upload-length"))
        )
        if length > shelf.largest:
            raise e.UploadTooLarge(length=length, limit=shelf.largest)
        now = self.now()
        if not final:
            if await self._ledger.open_uploads(provider, now) >= OPEN_UPLOADS:
                raise e.UploadsOpen(limit=OPEN_UPLOADS)
            await self._aside(partial(self._store.check_room, length))
        number = new_file_id(now)
        file = await self._ledger.announce(
            FileRow(
                id=number, resource=resource, provider=provider, client=proven.caller.client.id, name=name, media=media,
                length=length, uploaded=0, hash=self.hash_name, declared=declared, mark=told.get("mark", "")[:64],
                part=joined is not None and not final, digest="", sha256="", state="arriving", finding="", finding_text="",
                ended="", created_at=now, expires_at=upload_ends(now), ready_at=None,
            )
        )  # fmt: skip
        if final:
            await self._join(file, parts, now)
        return file

    async def add(
        self,
        proven: Authenticated,
        file: FileRow,
        incoming: Incoming,
        get: Callable[[str], str | None],
    ) -> tuple[FileRow, bool]:
        """Add a piece. Returns the file as it stands then, and whether it is whole.

        Raises: FilesError; ChecksumWrong, where it was changed on the way; StoreFull. Nothing is kept then.
        """
        if get("content-type") != tus.OFFSET_TYPE:
            raise e.UploadTypeWrong
        given = tus.number("Upload-Offset", get("upload-offset"))
        self.check_open(file)
        checksum = tus.checksum(get("upload-checksum"))
        whole = given % CHUNK == 0 and proven.request.suite.hash_name == self._suite.hash_name
        with self._lines.piece(file.id, file.uploaded, given) as line:
            await line.expect(given)
            async with self._pieces.turn():
                chunk = await self._aside(self._store.arriving) if whole else None
                try:
                    after = await self._take(proven, file, given, incoming, get, checksum, chunk, line)
                finally:
                    if chunk is not None:
                        await self._aside(chunk.close)
        return after, after.uploaded == file.length

    async def _take(
        self, proven: Authenticated, file: FileRow, given: int, incoming: Incoming,
        get: Callable[[str], str | None], checksum: tus.Checksum | None, chunk: ArrivingChunk | None,
        line: Line,
    ) -> FileRow:  # fmt: skip
        """Read a piece and store it. `chunk` takes what may be a whole chunk, written and digested while it comes."""
        state = proven.request.suite.new_hash()
        digesting = Stream(self._executor, partial(_feed, state))
        writing = () if chunk is None else (Stream(self._executor, chunk.write),)
        blocks = await self._pieces.read(
            incoming, get("content-length"), file.length - given, digesting, *writing
        )
        offset = given + sum(map(len, blocks))
        full = chunk is not None and (offset - given == CHUNK or (offset == file.length and offset > given))
        for stream in writing:
            await stream.done()
        syncing = self._aside(chunk.sync) if chunk is not None and full else None
        await digesting.done()
        digest = state.digest()
        try:
            if digest != proven.request.content_digest:
                raise e.ChecksumWrong(header="Content-Digest")
            if checksum is not None and not await self._aside(partial(checksum.fits, b"".join(blocks))):
                raise e.ChecksumWrong(header="Upload-Checksum")
            await line.turn(given)
            async with self._ledger.adding(file.id) as adding:
                self.check_open(adding.file)
                if adding.file.uploaded != given:
                    raise e.OffsetWrong(offset=adding.file.uploaded, given=given)
                if chunk is not None and syncing is not None:
                    place = Place(digest.hex(), offset - given)
                    held = await adding.hold(given // CHUNK, place, self.hash_name)
                    await syncing
                    if not (held and await self._aside(partial(self._store.has, place.digest, place.size))):
                        await self._aside(partial(chunk.keep, self._store.path(place.digest)))
                else:
                    await self._land(adding, b"".join(blocks))
                now = self.now()
                await adding.move(offset, upload_ends(now))
                if offset == file.length and not file.part:
                    await adding.arrived(now)
        finally:
            if syncing is not None:
                await asyncio.wait([syncing])
        if given % CHUNK and (offset // CHUNK > given // CHUNK or offset == file.length):
            await self._aside(partial(self._store.drop, landing_name(file.id, given)))
        await self.running.feed(file.id, given, blocks)
        line.move(offset)
        return msgspec.structs.replace(file, uploaded=offset, expires_at=upload_ends(now))

    async def finish(self, file: FileRow) -> None:
        """Put into quarantine what was whole from the beginning: an empty file, or one joined of parts."""
        if not file.part and file.state == "arriving" and file.uploaded == file.length:
            async with self._ledger.adding(file.id) as adding:
                await adding.arrived(self.now())

    async def give_up(self, file: FileRow) -> None:
        """End an upload, or take a file back. Raises: FileGone."""
        if not await self._ledger.end(file.id, "withdrawn", self.now()):
            raise gone(file)
        self.running.forget(file.id)
        await self._aside(partial(self._store.drop, landing_name(file.id, file.uploaded)))

    def check_open(self, file: FileRow) -> None:
        """Raises: FileGone, UploadComplete, where nothing can be added."""
        if file.state == "ended" or (file.state == "arriving" and file.expires_at <= self.now()):
            raise gone(file)
        if file.state != "arriving" or (file.uploaded == file.length and file.length):
            raise e.UploadComplete(file=file.id)

    async def _part(self, number: str, proven: Authenticated, resource: str) -> FileRow:
        file = await self._ledger.file(number)
        if file.provider != proven.caller.client.agency or file.resource != resource:
            raise e.FileUnknown(file=number)
        if not file.part or file.state != "arriving" or file.uploaded != file.length:
            raise e.ConcatWrong(reason=number)
        return file

    async def _join(self, file: FileRow, parts: list[FileRow], now: datetime) -> None:
        async with self._ledger.adding(file.id) as adding:
            await adding.join([part.id for part in parts], file.length, now)
        for part in parts:
            await self._ledger.end(part.id, "joined", now)

    async def _land(self, adding: Adding, piece: bytes) -> None:
        """Store a piece: whole chunks under their digest, the rest beside the upload."""
        file, view, done = adding.file, memoryview(piece), 0
        while done < len(view):
            at = (file.uploaded + done) % CHUNK
            part = view[done : done + CHUNK - at]
            end = file.uploaded + done + len(part)
            place = landing_name(file.id, end - 1)
            if at + len(part) < CHUNK and end < file.length:
                await self._aside(partial(self._store.land, place, at, part))
            else:
                before = await self._aside(partial(self._store.landed, place, at))
                if before is None:
                    raise StoreTrouble
                chunk = b"".join((before, part))
                digest = (await self._aside(partial(self._suite.digest, chunk))).hex()
                if not await adding.hold((end - 1) // CHUNK, Place(digest, len(chunk)), self.hash_name):
                    await self._aside(partial(self._store.put, digest, chunk))
            done += len(part)

    def _aside(self, work: Callable[[], T]) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(self._executor, work)


def _feed(state: Hash, parts: list[bytes]) -> None:
    for part in parts:
        state.update(part)


def new_file_id(now: datetime) -> str:
    """`F` and 26 characters that grow with time: 48 bits of milliseconds, 80 bits of chance (ULID)."""
    number = int(now.timestamp() * 1000) << 80 | int.from_bytes(os.urandom(10), "big")
    return "F" + "".join(_DIGITS[number >> shift & 31] for shift in range(125, -1, -5))


def gone(file: FileRow) -> e.FileGone:
    """Why a file is no longer kept."""
    return e.FileGone(file=file.id, reason=file.ended or "expired")


def expires(file: FileRow) -> tuple[str, str]:
    """The header of the expiration extension."""
    return "upload-expires", format_datetime(file.expires_at.replace(microsecond=0), usegmt=True)


def _declared(text: str) -> str:
    """SHA-256 of the whole that the sender declares as `sha256:<hex>`; empty where they declare none."""
    if not text:
        return ""
    name, _, digest = text.partition(":")
    if name != "sha256" or len(digest) != 64 or set(digest) - set("0123456789abcdef"):
        raise e.UploadHeaderWrong(header="Upload-Metadata", reason="digest sha256:<hex>")
    return digest
