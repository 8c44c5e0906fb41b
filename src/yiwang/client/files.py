"""Calls of file exchange, one request each: what `transfer` and the pages are made of. docs/specs/files.md."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from yiwang.client.errors import AnswerUnusable
from yiwang.client.evidence import Evidence, agree
from yiwang.client.protocol import Ask, Received
from yiwang.vocabulary.envelope import OWN_EVIDENCE, Purpose
from yiwang.vocabulary.manifest import Listed, Manifest, ManifestBroken, read_manifest

if TYPE_CHECKING:
    from yiwang.client.blocking import Client

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


class Files:
    """File exchange through a client. Providers need no purpose: they handle what is their own."""

    def __init__(self, client: Client) -> None:
        """The client stays its owner's to close."""
        self._client = client

    def list(self, code: str, *, purpose: str | None = None, grant: str | None = None) -> Iterator[Listed]:
        """Files of a resource, the newest first. Raises: GatewayRefused, GatewayUnreachable, AnswerUnusable."""
        before = ""
        while True:
            query = f"resource={quote(code, safe='')}{before}"
            received = self._ask(Ask("GET", FILES, query), purpose, grant)
            page = self._client.caller.decoded(received, _Page)
            yield from page.files
            if page.next is None:
                return
            before = f"&before={page.next}"

    def announce(
        self, code: str, name: str, length: int, *, media: str | None = None, mark: str = "", digest: str = ""
    ) -> str:
        """Announce an upload; returns the file's id. Raises: as `list`, and EvidenceInvalid."""
        told = {"resource": code, "filename": name, "filetype": media, "mark": mark, "digest": digest}
        coded = ",".join(
            f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in told.items() if value
        )
        ask = _covered("POST", FILES, {"Upload-Length": str(length), "Upload-Metadata": coded})
        received, evidence = self._client.run(self._client.caller.proven(ask, OWN_EVIDENCE, None, status=201))
        agree(evidence, kind="event", resource=code)
        return received.headers.get("location", "").rpartition("/")[2]

    def append(
        self, file: str, offset: int, data: bytes, *, digest: bytes | None = None, checksum: str | None = None
    ) -> int:
        """Add a piece of at most 4 MiB; returns where the upload stands then. Raises: as `list`."""
        more = {"Content-Type": OFFSET_TYPE} | ({"Upload-Checksum": checksum} if checksum else {})
        ask = _covered("PATCH", f"{FILES}/{file}", {"Upload-Offset": str(offset)}, data, digest, more)
        return self._number(self._ask(ask, None, None, status=204), "upload-offset")

    def standing(self, file: str) -> Standing:
        """How far an upload of one's own has come. Raises: as `list`."""
        received = self._ask(Ask("HEAD", f"{FILES}/{file}", headers=TUS), None, None)
        headers = received.headers
        return Standing(
            self._number(received, "upload-offset"), self._number(received, "upload-length"),
            headers.get("yw-file-state", ""), headers.get("yw-file-sha256") or None,
            headers.get("yw-file-finding") or None,
        )  # fmt: skip

    def withdraw(self, file: str) -> None:
        """Give up an upload, or take a file back. Raises: as `list`."""
        self._ask(Ask("DELETE", f"{FILES}/{file}", headers=TUS), None, None, status=204)

    def manifest(self, file: str, *, purpose: str, grant: str | None = None) -> tuple[Manifest, Evidence]:
        """What a file is made of, with the evidence of it. Raises: as `list`, ManifestBroken, EvidenceInvalid."""
        ask = Ask("GET", f"{FILES}/{file}/manifest")
        received, evidence = self._client.run(self._client.caller.proven(ask, Purpose.parse(purpose), grant))
        agree(evidence, kind="event")
        return _manifest_of(file, received), evidence

    def arrived(self, file: str) -> Manifest:
        """What has arrived of one's own file; looking at one's own leaves no evidence. Raises: as `list`, ManifestBroken."""
        return _manifest_of(file, self._ask(Ask("GET", f"{FILES}/{file}/manifest"), None, None))

    def confirm(self, manifest: Manifest, *, purpose: str, grant: str | None = None) -> Evidence:
        """Say, signed, that a file arrived whole. Raises: as `manifest`."""
        body = msgspec.json.encode({"digest": manifest.digest})
        ask = Ask("POST", f"{FILES}/{manifest.file}/receipt", body=body)
        _, evidence = self._client.run(self._client.caller.proven(ask, Purpose.parse(purpose), grant))
        agree(evidence, kind="event")
        return evidence

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
        wanted = f"bytes={first}-{'' if last is None else last}"
        tag = f'"{manifest.hash}-{manifest.digest}"'
        ask = Ask("GET", f"{FILES}/{manifest.file}", headers={"Range": wanted, "If-Match": tag})
        with self._client.streamed(ask, Purpose.parse(purpose), grant) as pieces:
            yield pieces

    def _ask(self, ask: Ask, purpose: str | None, grant: str | None, *, status: int = 200) -> Received:
        received, sent = self._client.run(self._client.caller.signed(ask, _purpose(purpose), grant))
        if received.status != status:
            raise self._client.caller.refusal(received, sent)
        return received

    def _number(self, received: Received, name: str) -> int:
        value = received.headers.get(name, "")
        if not value.isascii() or not value.isdigit():
            raise AnswerUnusable(gateway=self._client.gateway, status=received.status, reason=name)
        return int(value)


def _manifest_of(file: str, received: Received) -> Manifest:
    manifest = read_manifest(received.body)
    if manifest.file != file:
        raise ManifestBroken(reason=manifest.file[:40])
    return manifest


def _purpose(text: str | None) -> Purpose:
    return OWN_EVIDENCE if text is None else Purpose.parse(text)


def _covered(
    method: str, path: str, told: Mapping[str, str], body: bytes = b"", digest: bytes | None = None,
    more: Mapping[str, str] | None = None,
) -> Ask:  # fmt: skip
    """A request whose deciding headers stand in the query as well, which the signature covers."""
    query = "&".join(f"{name.lower()}={quote(value, safe='')}" for name, value in told.items())
    return Ask(method, path, query, body, {**TUS, **told, **(more or {})}, digest)
