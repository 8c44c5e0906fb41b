"""The addresses below `/v1/files`: who calls is proven, what a signature must cover is compared, the rest is passed on.

| address | methods |
|---|---|
| `/v1/files` | OPTIONS; POST announces an upload (tus); GET `?resource=` lists |
| `/v1/files/{id}` | HEAD, PATCH, DELETE (tus); HEAD and GET of what is ready (RFC 9110) |
| `/v1/files/{id}/manifest` | GET |
| `/v1/files/{id}/receipt` | POST |
"""

from __future__ import annotations

import time
from typing import Final
from urllib.parse import parse_qs

import msgspec

from yiwang.blocks.files.domain import errors as e
from yiwang.blocks.files.domain import tus
from yiwang.blocks.files.domain.errors import FilesError
from yiwang.dataplane.filestore.errors import FileStoreError
from yiwang.gateway.authentication import Authenticated, Authentication, Scope
from yiwang.gateway.bodies import Incoming, decode
from yiwang.gateway.calls import STALE_SECONDS, Calls, Keeper, Reply
from yiwang.gateway.errors import MethodNotAllowed, NotReady, RouteUnknown
from yiwang.gateway.files import acts
from yiwang.gateway.files.checking import Checker
from yiwang.gateway.files.downloads import Downloads
from yiwang.gateway.files.ledger import Ledger
from yiwang.gateway.files.permits import Leave, Permits
from yiwang.gateway.files.rows import FileRow
from yiwang.gateway.files.uploads import Uploads, expires, gone
from yiwang.gateway.nonces import NonceMemory
from yiwang.gateway.problems import problem_body, status_of
from yiwang.gateway.refusals import Refusal, ResourceNotFound
from yiwang.gateway.routes import signed_path
from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.problems import PROBLEM_TYPE

_VERSION: Final = (("tus-resumable", tus.VERSION),)
_LEFT: Final = frozenset(("POST", "GET"))
"""Methods whose refusals leave evidence: HEAD, PATCH and DELETE concern the sender's own upload."""


class FileDoor:
    """Serves file exchange."""

    def __init__(
        self, authentication: Authentication, calls: Calls, keeper: Keeper, ledger: Ledger, permits: Permits,
        uploads: Uploads, downloads: Downloads, checker: Checker,
    ) -> None:  # fmt: skip
        """The parts are started and stopped by whoever made them."""
        self._authentication = authentication
        self._calls = calls
        self._keeper = keeper
        self._ledger = ledger
        self._permits = permits
        self._uploads = uploads
        self._downloads = downloads
        self._checker = checker
        self._nonces = NonceMemory()

    async def answer(self, scope: Scope, incoming: Incoming, request_id: str) -> Reply:
        """Answer one request; every answer says which version of tus is spoken. Raises: nothing of its own."""
        try:
            reply = await self._answer(scope, incoming, request_id)
        except YwError as error:
            return _refused(error, request_id)
        return Reply(
            reply.status, reply.body, reply.content_type, request_id, reply.evidence, (*_VERSION, *reply.headers),
            reply.content,
        )  # fmt: skip

    async def _answer(self, scope: Scope, incoming: Incoming, request_id: str) -> Reply:
        parts = scope.path.split("/")[3:]
        if not parts and scope.method == "OPTIONS":
            return _capabilities()
        if len(parts) > 2 or (len(parts) == 2 and parts[1] not in ("manifest", "receipt")):
            raise RouteUnknown
        allowed = "GET, POST, OPTIONS" if not parts else "GET, HEAD, PATCH, DELETE"
        if len(parts) == 2:
            allowed = "GET" if parts[1] == "manifest" else "POST"
        if scope.method not in allowed.split(", "):
            raise MethodNotAllowed(allowed=allowed)
        if scope.method in ("PATCH", "DELETE") or (scope.method == "POST" and not parts):
            _check_version(scope)
        _check_signed(scope)
        if self._keeper.age > STALE_SECONDS:
            raise NotReady(reason="database")
        started = time.perf_counter_ns()
        path = signed_path(scope.path)
        if scope.method == "PATCH" or (scope.method == "POST" and not parts):
            proven = await self._authentication.authenticate_head(scope, path)
        else:
            proven = await self._authentication.authenticate(scope, incoming, path)
        self._nonces.take(proven.request)
        resource = ""
        try:
            if not parts:
                resource = _resource_of(scope)
                if scope.method == "GET":
                    leave = self._permits.leave(proven, resource, request_id, started)
                    return await self._downloads.listed(leave, scope.query_string)
                return await self._announce(scope, proven, resource, request_id, started)
            file = await self._ledger.file(parts[0]) if tus.is_file_id(parts[0]) else None
            if file is None:
                raise e.FileUnknown(file=parts[0][:40])
            resource = file.resource
            return await self._one(scope, incoming, proven, file, parts[1:], request_id, started)
        except (Refusal, FilesError) as refusal:
            if scope.method not in _LEFT:
                raise
            told = await self._calls.refuse(proven, None, resource, refusal, request_id, started)
            return msgspec.structs.replace(told, headers=_hints(refusal))

    async def routed(self, proven: Authenticated, code: str, request_id: str, started: int) -> Reply:
        """What a node asks for on behalf of one of its receivers, who is proven by it.

        Raises: BadCall, Refusal, FilesError, FileStoreError, JournalError.
        """
        act = decode(acts.decoder, proven.body)
        leave = self._permits.leave(proven, code, request_id, started)
        if isinstance(act, acts.ListFiles):
            return await self._downloads.listed_beyond(leave, act.before)
        if not tus.is_file_id(act.file):
            raise e.FileUnknown(file=act.file[:40])
        file = await self._ledger.file(act.file)
        if file.resource != code:
            raise e.FileUnknown(file=act.file[:40])
        if isinstance(act, acts.TakeChunk):
            return await self._downloads.chunk(leave, file, act.number)
        if isinstance(act, acts.ConfirmFile):
            return await self._downloads.confirmed(leave, file, act.digest)
        return await self._downloads.manifest(leave, file)

    async def _announce(
        self, scope: Scope, proven: Authenticated, resource: str, request_id: str, started: int
    ) -> Reply:
        leave = self._permits.provide(proven, resource, request_id, started)
        file = await self._uploads.announce(proven, resource, leave.provider, scope.headers.get)
        receipt = await leave.commit("file-announced", {"file": file.id, "length": file.length}, b"", 201)
        file = await self._ledger.file(file.id)
        headers = (("location", f"{tus.LOCATION}{file.id}"), expires(file))
        await self._uploads.finish(file)
        self._checker.look()
        return Reply(201, b"", evidence=receipt.header, headers=headers)

    async def _one(
        self, scope: Scope, incoming: Incoming, proven: Authenticated, file: FileRow, rest: list[str],
        request_id: str, started: int,
    ) -> Reply:  # fmt: skip
        try:
            leave = self._permits.leave(proven, file.resource, request_id, started)
        except Refusal as refusal:
            raise self._permits.unknown(refusal, file.id) or refusal from None
        if rest == ["manifest"]:
            return await self._downloads.manifest(leave, file)
        if rest == ["receipt"]:
            return await self._downloads.receipt(leave, file, proven.body)
        own = leave.owner and file.provider == leave.consumer
        match scope.method:
            case "HEAD" if own and scope.headers.get("tus-resumable") is not None:
                await self._uploads.finish(file)
                return self._standing(scope, file)
            case "HEAD" | "GET":
                head = scope.method == "HEAD"
                return await self._downloads.content(leave, file, scope.headers.get, head=head)
            case _ if not own:
                raise e.NotTheProvider(resource=file.resource)
            case "DELETE":
                await self._uploads.give_up(file)
                await leave.commit("file-withdrawn", {"file": file.id}, b"", 204)
                return Reply(204, b"")
            case _:
                return await self._add(scope, incoming, proven, leave, file)

    def _standing(self, scope: Scope, file: FileRow) -> Reply:
        """How far an upload has come."""
        _check_version(scope)
        if file.state == "ended" or (file.state == "arriving" and file.expires_at <= self._uploads.now()):
            raise gone(file)
        headers = [
            ("upload-offset", str(file.uploaded)),
            ("upload-length", str(file.length)),
            ("yw-file-state", file.state),
        ]
        if file.state == "arriving":
            headers.append(expires(file))
        if file.part:
            headers.append(("upload-concat", "partial"))
        if file.digest:
            headers.append(("yw-file-digest", f"{file.hash}:{file.digest}"))
            headers.append(("yw-file-sha256", file.sha256))
        if file.finding:
            headers.append(
                (
                    "yw-file-finding",
                    f"{file.finding} {file.finding_text.encode('ascii', 'replace').decode()}".strip(),
                )
            )
        return Reply(200, b"", headers=tuple(headers))

    async def _add(
        self, scope: Scope, incoming: Incoming, proven: Authenticated, leave: Leave, file: FileRow
    ) -> Reply:
        after, whole = await self._uploads.add(proven, file, incoming, scope.headers.get)
        evidence = None
        if whole:
            stored = await leave.commit("file-arrived", {"file": file.id, "length": after.length}, b"", 204)
            evidence = stored.header
            self._checker.look()
        headers = (("upload-offset", str(after.uploaded)), expires(after))
        return Reply(204, b"", evidence=evidence, headers=headers)


def _capabilities() -> Reply:
    headers = (
        ("tus-version", tus.VERSION),
        ("tus-extension", tus.EXTENSIONS),
        ("tus-checksum-algorithm", ",".join(tus.ALGORITHMS)),
    )
    return Reply(204, b"", headers=headers)


def _refused(error: YwError, request_id: str) -> Reply:
    headers = (*_VERSION, *_hints(error))
    return Reply(status_of(error), problem_body(error, request_id), PROBLEM_TYPE, request_id, headers=headers)


def _hints(error: YwError) -> tuple[tuple[str, str], ...]:
    """Headers that tus and HTTP give beside a refusal."""
    if isinstance(error, e.TusVersionWrong):
        return (("tus-version", tus.VERSION),)
    if isinstance(error, e.RangeUnsatisfiable):
        return (("content-range", f"bytes */{error.facts['length']}"),)
    if isinstance(error, FileStoreError):
        return (("retry-after", "60"),)
    return ()


def _check_version(scope: Scope) -> None:
    if scope.headers.get("tus-resumable") != tus.VERSION:
        raise e.TusVersionWrong(version=tus.VERSION)


def _check_signed(scope: Scope) -> None:
    """The signature covers the query, and not these headers: so the query has to say the same."""
    told = parse_qs(scope.query_string, keep_blank_values=True)
    for name in tus.SIGNED:
        given = scope.headers.get_all(name)
        if given != told.get(name, []):
            raise e.UploadUnsigned(header=name)


def _resource_of(scope: Scope) -> str:
    if scope.method == "GET":
        found = parse_qs(scope.query_string).get("resource", [""])[0]
    else:
        found = tus.metadata(scope.headers.get("upload-metadata")).get("resource", "")
    if not found or len(found) > 200:
        raise ResourceNotFound(resource=found[:40])
    return found
