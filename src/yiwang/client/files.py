"""Calls of file exchange, one request each: what `transfer` and the pages are made of. docs/specs/files.md.

`AsyncFiles` has the verbs of `Files` over an `AsyncClient`.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from urllib.parse import quote

import msgspec

from yiwang.client.blocking import Client
from yiwang.client.caller import Caller
from yiwang.client.concurrent import AsyncClient
from yiwang.client.errors import AnswerUnusable
from yiwang.client.evidence import Evidence, agree
from yiwang.client.paging import pages, pages_async
from yiwang.client.protocol import Ask, Flow, Received
from yiwang.vocabulary.envelope import OWN_EVIDENCE, Purpose
from yiwang.vocabulary.manifest import Listed, Manifest, ManifestBroken, read_manifest

TUS = {"Tus-Resumable": "1.0.0"}
OFFSET_TYPE = "application/offset+octet-stream"
FILES = "/v1/files"


class Standing(msgspec.Struct, frozen=True):
    """How far an upload has come, and what its check came to."""

    offset: int
    length: int
    state: str
    sha256: str | None
    finding: str | None


class _Page(msgspec.Struct, frozen=True):
    files: tuple[Listed, ...]
    next: str | None


@dataclass(frozen=True)
class FilePage:
    """Some files of a resource, and where the list goes on."""

    files: tuple[Listed, ...]
    next: str | None
    request_id: str


class FileFlows:
    """What is asked and what is taken for an answer; it does no input or output."""

    def __init__(self, caller: Caller) -> None:
        """`caller` signs and proves."""
        self._caller = caller

    def page(self, code: str, before: str | None, purpose: str | None, grant: str | None) -> Flow[FilePage]:
        """The files that stand before `before` in a resource's list, the newest first."""
        query = f"resource={quote(code, safe='')}" + (f"&before={before}" if before else "")
        received = yield from self._ask(Ask("GET", FILES, query), purpose, grant)
        page = self._caller.decoded(received, _Page)
        return FilePage(page.files, page.next, received.headers.get("yw-request-id", ""))

    def announce(
        self, code: str, name: str, length: int, media: str | None, mark: str, digest: str
    ) -> Flow[str]:
        """Announce an upload; its id."""
        told = {"resource": code, "filename": name, "filetype": media, "mark": mark, "digest": digest}
        coded = ",".join(
            f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in told.items() if value
        )
        ask = _covered("POST", FILES, {"Upload-Length": str(length), "Upload-Metadata": coded})
        received, evidence = yield from self._caller.proven(ask, OWN_EVIDENCE, None, status=201)
        agree(evidence, kind="event", resource=code)
        return received.headers.get("location", "").rpartition("/")[2]

    def append(
        self, file: str, offset: int, data: bytes, digest: bytes | None, checksum: str | None
    ) -> Flow[int]:
        """Add a piece; where the upload stands then."""
        more = {"Content-Type": OFFSET_TYPE} | ({"Upload-Checksum": checksum} if checksum else {})
        ask = _covered("PATCH", _place(file), {"Upload-Offset": str(offset)}, data, digest, more)
        received = yield from self._ask(ask, None, None, status=204)
        return self._number(received, "upload-offset")

    def standing(self, file: str) -> Flow[Standing]:
        """How far an upload has come."""
        received = yield from self._ask(Ask("HEAD", _place(file), headers=TUS), None, None)
        headers = received.headers
        return Standing(
            self._number(received, "upload-offset"), self._number(received, "upload-length"),
            headers.get("yw-file-state", ""), headers.get("yw-file-sha256") or None,
            headers.get("yw-file-finding") or None,
        )  # fmt: skip

    def withdraw(self, file: str) -> Flow[None]:
        """Give up an upload, or take a file back."""
        yield from self._ask(Ask("DELETE", _place(file), headers=TUS), None, None, status=204)

    def manifest(self, file: str, purpose: str, grant: str | None) -> Flow[tuple[Manifest, Evidence]]:
        """What a file is made of, proven."""
        ask = Ask("GET", _place(file, "/manifest"))
        received, evidence = yield from self._caller.proven(ask, Purpose.parse(purpose), grant)
        agree(evidence, kind="event")
        return _manifest_of(file, received), evidence

    def arrived(self, file: str) -> Flow[Manifest]:
        """What has arrived of one's own file."""
        received = yield from self._ask(Ask("GET", _place(file, "/manifest")), None, None)
        return _manifest_of(file, received)

    def confirm(self, manifest: Manifest, purpose: str, grant: str | None) -> Flow[Evidence]:
        """Say, signed, that a file arrived whole."""
        body = msgspec.json.encode({"digest": manifest.digest})
        ask = Ask("POST", _place(manifest.file, "/receipt"), body=body)
        _, evidence = yield from self._caller.proven(ask, Purpose.parse(purpose), grant)
        agree(evidence, kind="event")
        return evidence

    def _ask(self, ask: Ask, purpose: str | None, grant: str | None, *, status: int = 200) -> Flow[Received]:
        stated = OWN_EVIDENCE if purpose is None else Purpose.parse(purpose)
        received, sent = yield from self._caller.signed(ask, stated, grant)
        if received.status != status:
            raise self._caller.refusal(received, sent)
        return received

    def _number(self, received: Received, name: str) -> int:
        value = received.headers.get(name, "")
        if not value.isascii() or not value.isdigit():
            raise AnswerUnusable(gateway=self._caller.gateway, status=received.status, reason=name)
        return int(value)


def content_ask(manifest: Manifest, first: int, last: int | None = None) -> Ask:
    """The request for a file's bytes from `first` to `last`, only while it is the file of the manifest."""
    wanted = f"bytes={first}-{'' if last is None else last}"
    tag = f'"{manifest.hash}-{manifest.digest}"'
    return Ask("GET", _place(manifest.file), headers={"Range": wanted, "If-Match": tag})


class Files:
    """File exchange through a client. Providers need no purpose: they handle what is their own."""

    def __init__(self, client: Client) -> None:
        """The client stays its owner's to close."""
        self._client, self._flows = client, FileFlows(client.caller)

    def list(self, code: str, *, purpose: str | None = None, grant: str | None = None) -> Iterator[Listed]:
        """Files of a resource, the newest first. Raises: GatewayRefused, GatewayUnreachable, AnswerUnusable."""

        def page(before: str | None) -> FilePage:
            return self._client.run(self._flows.page(code, before, purpose, grant))

        for one in pages(page, self._client.gateway):
            yield from one.files

    def announce(
        self, code: str, name: str, length: int, *, media: str | None = None, mark: str = "", digest: str = ""
    ) -> str:
        """Announce an upload; returns the file's id. Raises: as `list`, and EvidenceInvalid."""
        return self._client.run(self._flows.announce(code, name, length, media, mark, digest))

    def append(
        self, file: str, offset: int, data: bytes, *, digest: bytes | None = None, checksum: str | None = None
    ) -> int:
        """Add a piece of at most 4 MiB; returns where the upload stands then. Raises: as `list`."""
        return self._client.run(self._flows.append(file, offset, data, digest, checksum))

    def standing(self, file: str) -> Standing:
        """How far an upload of one's own has come. Raises: as `list`."""
        return self._client.run(self._flows.standing(file))

    def withdraw(self, file: str) -> None:
        """Give up an upload, or take a file back. Raises: as `list`."""
        self._client.run(self._flows.withdraw(file))

    def manifest(self, file: str, *, purpose: str, grant: str | None = None) -> tuple[Manifest, Evidence]:
        """What a file is made of, with the evidence of it. Raises: as `list`, ManifestBroken, EvidenceInvalid."""
        return self._client.run(self._flows.manifest(file, purpose, grant))

    def arrived(self, file: str) -> Manifest:
        """What has arrived of one's own file; looking at one's own leaves no evidence. Raises: as `list`, ManifestBroken."""
        return self._client.run(self._flows.arrived(file))

    def confirm(self, manifest: Manifest, *, purpose: str, grant: str | None = None) -> Evidence:
        """Say, signed, that a file arrived whole. Raises: as `manifest`."""
        return self._client.run(self._flows.confirm(manifest, purpose, grant))

    @contextmanager
    def content(
        self,
        manifest: Manifest,
        first: int,
        *,
        purpose: str,
        grant: str | None = None,
        last: int | None = None,
    ) -> Iterator[Iterator[bytes]]:
        """The bytes of a file from `first` on, as they come. Raises: as `list`, and httpx.HTTPError when it breaks off."""
        ask = content_ask(manifest, first, last)
        with self._client.streamed(ask, Purpose.parse(purpose), grant) as pieces:
            yield pieces


class AsyncFiles:
    """As `Files`, over an `AsyncClient`."""

    def __init__(self, client: AsyncClient) -> None:
        """The client stays its owner's to close."""
        self._client, self._flows = client, FileFlows(client.caller)

    async def list(
        self, code: str, *, purpose: str | None = None, grant: str | None = None
    ) -> AsyncIterator[Listed]:
        """As `Files.list`."""

        async def page(before: str | None) -> FilePage:
            return await self._client.run(self._flows.page(code, before, purpose, grant))

        async for one in pages_async(page, self._client.gateway):
            for file in one.files:
                yield file

    async def announce(
        self, code: str, name: str, length: int, *, media: str | None = None, mark: str = "", digest: str = ""
    ) -> str:
        """As `Files.announce`."""
        return await self._client.run(self._flows.announce(code, name, length, media, mark, digest))

    async def append(
        self, file: str, offset: int, data: bytes, *, digest: bytes | None = None, checksum: str | None = None
    ) -> int:
        """As `Files.append`."""
        return await self._client.run(self._flows.append(file, offset, data, digest, checksum))

    async def standing(self, file: str) -> Standing:
        """As `Files.standing`."""
        return await self._client.run(self._flows.standing(file))

    async def withdraw(self, file: str) -> None:
        """As `Files.withdraw`."""
        await self._client.run(self._flows.withdraw(file))

    async def manifest(
        self, file: str, *, purpose: str, grant: str | None = None
    ) -> tuple[Manifest, Evidence]:
        """As `Files.manifest`."""
        return await self._client.run(self._flows.manifest(file, purpose, grant))

    async def arrived(self, file: str) -> Manifest:
        """As `Files.arrived`."""
        return await self._client.run(self._flows.arrived(file))

    async def confirm(self, manifest: Manifest, *, purpose: str, grant: str | None = None) -> Evidence:
        """As `Files.confirm`."""
        return await self._client.run(self._flows.confirm(manifest, purpose, grant))

    @asynccontextmanager
    async def content(
        self,
        manifest: Manifest,
        first: int,
        *,
        purpose: str,
        grant: str | None = None,
        last: int | None = None,
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """As `Files.content`."""
        ask = content_ask(manifest, first, last)
        async with self._client.streamed(ask, Purpose.parse(purpose), grant) as pieces:
            yield pieces


def _place(file: str, rest: str = "") -> str:
    """The address of a file; one of another node is named `ID@NODE`."""
    return f"{FILES}/{quote(file, safe='')}{rest}"


def _manifest_of(file: str, received: Received) -> Manifest:
    manifest = read_manifest(received.body)
    if manifest.file != file:
        raise ManifestBroken(reason=manifest.file[:40])
    return manifest


def _covered(
    method: str, path: str, told: Mapping[str, str], body: bytes = b"", digest: bytes | None = None,
    more: Mapping[str, str] | None = None,
) -> Ask:  # fmt: skip
    """A request whose deciding headers stand in the query as well, which the signature covers."""
    query = "&".join(f"{name.lower()}={quote(value, safe='')}" for name, value in told.items())
    return Ask(method, path, query, body, {**TUS, **told, **(more or {})}, digest)
