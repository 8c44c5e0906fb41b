"""Files of other nodes: listed, opened, fetched and confirmed by this node's receivers through their own gateway.

Content travels chunk by chunk. Each chunk is asked of the next node by a signed call of its own, proven by its evidence
and by the file's manifest, and told by a leaf of this node before a byte of it leaves: so grant and lease are looked
at on every node before every chunk, and no node holds more than a few chunks.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qs, quote

import msgspec

from yiwang.blocks.files.domain import errors as e
from yiwang.blocks.files.domain import ranges, tus
from yiwang.gateway.authentication import Authenticated, Authentication, Scope
from yiwang.gateway.bodies import Incoming, decode
from yiwang.gateway.calls import JSON_TYPE, Calls, Committer, Content, Reply
from yiwang.gateway.cascade import errors as c
from yiwang.gateway.cascade.judging import Forwarded, Judge
from yiwang.gateway.cascade.onward import Came, Onward, Told, prepared, stopped
from yiwang.gateway.cascade.serving import patience
from yiwang.gateway.cascade.table import HeldTerms
from yiwang.gateway.digests import digest_of
from yiwang.gateway.errors import Busy, MethodNotAllowed, RouteUnknown
from yiwang.gateway.files import acts
from yiwang.gateway.nonces import NonceMemory
from yiwang.gateway.refusals import ResourceNotFound
from yiwang.gateway.routes import signed_path
from yiwang.vocabulary.crypto import SUITES
from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.evidence import Upstream
from yiwang.vocabulary.manifest import CHUNK, Manifest, ManifestBroken, read_manifest
from yiwang.vocabulary.problems import PROBLEM_TYPE

FILES: Final = "/v1/files"
STREAMS: Final = 16
"""Downloads from other nodes under way at a time; each holds two chunks."""
KNOWN: Final = 200_000
"""Chunks of the manifests that are kept in memory, all together."""
AGAIN: Final = (0.2, 1.0)
"""Seconds after which a chunk is asked for again where a node did not answer."""
_AGES_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Named(msgspec.Struct, frozen=True):
    """What a request is about: a resource of another node (`code`), or one of its files."""

    owner: str
    code: str = ""
    file: str = ""
    rest: str = ""


class _Receipt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    digest: str


_RECEIPTS: Final = msgspec.json.Decoder(_Receipt)


class Fetch(msgspec.Struct, frozen=True):
    """A receiver's right to files of one resource of another node, as far as this node judges it."""

    proven: Authenticated
    held: HeldTerms
    owner: str
    request_id: str
    started: int

    @property
    def code(self) -> str:
        """The resource as it is called here."""
        return f"{self.held.grant.resource}@{self.owner}"


class RoutedFiles:
    """Serves this node's receivers."""

    def __init__(
        self,
        authentication: Authentication,
        calls: Calls,
        writer: Committer,
        *,
        judge: Judge,
        onward: Onward,
    ) -> None:
        """`calls` puts refusals into evidence."""
        self._authentication = authentication
        self._calls = calls
        self._writer = writer
        self._judge = judge
        self._onward = onward
        self._nonces = NonceMemory()
        self._streams = 0
        self._known: OrderedDict[tuple[str, str, str], Manifest] = OrderedDict()
        """By owner, grant and file."""

    def named(self, scope: Scope) -> Named | None:
        """What of another node a request below `/v1/files` is about; None where it is about this one's own files."""
        parts = scope.path.removeprefix(FILES).split("/")[1:]
        if parts:
            file, _, owner = parts[0].partition("@")
            return Named(owner, file=file, rest="/".join(parts[1:])) if owner else None
        code = _resource_of(scope)
        own, _, owner = code.rpartition("@")
        return Named(owner, own) if self._judge.is_foreign(code) else None

    async def answer(self, scope: Scope, incoming: Incoming, named: Named, request_id: str) -> Reply:
        """Answer one request. Raises: what keeps the caller from being proven, and what is no request."""
        started = time.perf_counter_ns()
        reading = "POST" if named.rest == "receipt" else "GET"
        if named.rest not in ("", "manifest", "receipt"):
            raise RouteUnknown
        if scope.method != reading and not (named.code and scope.method == "POST"):
            raise MethodNotAllowed(allowed=reading)
        path = signed_path(scope.path)
        if scope.method == "POST" and named.code:
            proven = await self._authentication.authenticate_head(scope, path)
        else:
            proven = await self._authentication.authenticate(scope, incoming, path)
        self._nonces.take(proven.request)
        code = f"{named.code}@{named.owner}" if named.code else ""
        try:
            fetch = self._permitted(proven, named, request_id, started)
            code = fetch.code
            return await self._answer(scope, fetch, named)
        except YwError as refusal:
            return await self._calls.refuse(proven, None, code, refusal, request_id, started)

    def _permitted(self, proven: Authenticated, named: Named, request_id: str, started: int) -> Fetch:
        """Raises: Refusal, FileUnknown, NotTheProvider."""
        if named.code and proven.request.method == "POST":
            self._judge.holds(proven, named.code, named.owner)
            raise e.NotTheProvider(
                resource=f"{named.code}@{named.owner}"
            )  # no grant lets anybody put files there
        if named.code:
            held = self._judge.permitted(proven, named.code, named.owner, "file")
        else:
            if not tus.is_file_id(named.file):
                raise e.FileUnknown(file=named.file[:40])
            try:
                held = self._judge.granted(proven, named.owner, "file")
            except ResourceNotFound:
                raise e.FileUnknown(file=named.file) from None
        return Fetch(proven, held, named.owner, request_id, started)

    async def _answer(self, scope: Scope, fetch: Fetch, named: Named) -> Reply:
        if named.code:
            before = parse_qs(scope.query_string).get("before", [""])[0]
            return await self._passed(fetch, acts.ListFiles(before[:64]))
        if named.rest == "manifest":
            came = await self._asked(fetch, acts.OpenFile(named.file))
            if not came.refused:
                self._keep(fetch, named.file, came)
            return await self._told(fetch, came)
        if named.rest == "receipt":
            given = decode(_RECEIPTS, fetch.proven.body)
            return await self._passed(fetch, acts.ConfirmFile(named.file, given.digest))
        return await self._content(scope, fetch, named.file)

    async def _passed(self, fetch: Fetch, act: acts.Act) -> Reply:
        return await self._told(fetch, await self._asked(fetch, act))

    async def _told(self, fetch: Fetch, came: Came) -> Reply:
        """The answer as it came, after this node's leaf of it."""
        header = await self._commit(fetch, came, (came.upstream,), bound=True)
        kind = PROBLEM_TYPE if came.refused else JSON_TYPE
        return Reply(came.answer.status, came.answer.body, kind, fetch.request_id, header)

    async def _content(self, scope: Scope, fetch: Fetch, file: str) -> Reply:
        manifest, before = self._known.get((fetch.owner, fetch.held.grant.id, file)), tuple[Upstream, ...]()
        if manifest is None:
            came = await self._asked(fetch, acts.OpenFile(file))
            if came.refused:
                return await self._told(fetch, came)
            manifest, before = self._keep(fetch, file, came), (came.upstream,)
        get, tag = scope.headers.get, ranges.etag(manifest.hash, manifest.digest or "")
        headers = _headers(manifest, tag)
        if not ranges.is_expected(get("if-match"), tag):
            return Reply(412, b"", headers=headers)
        if ranges.is_unchanged(get("if-none-match"), tag):
            return Reply(304, b"", headers=headers)
        span = ranges.span_of(
            get("range"), get("if-range"), length=manifest.length, tag=tag, modified=_AGES_AGO
        )
        status, whole = (200, ranges.Span(0, manifest.length - 1)) if span is None else (206, span)
        if span is not None:
            headers = (*headers, ("content-range", f"bytes {span.first}-{span.last}/{manifest.length}"))
        if self._streams >= STREAMS:
            raise Busy(retry_after=1)
        if whole.size < 1:  # an empty file has no chunk whose evidence could stand for it
            came = await self._asked(fetch, acts.OpenFile(file))
            header = await self._commit(fetch, came, (*before, came.upstream), bound=False)
            return Reply(status, b"", manifest.media, fetch.request_id, header, headers)
        first = await self._chunk(fetch, manifest, whole.first // CHUNK)
        if first.refused:
            return await self._told(fetch, first)
        header = await self._commit(fetch, first, (*before, first.upstream), bound=False)
        pieces = self._stream(fetch, manifest, whole, first.answer.body)
        return Reply(
            status, b"", manifest.media, fetch.request_id, header, headers, Content(whole.size, pieces)
        )

    async def _stream(
        self, fetch: Fetch, manifest: Manifest, span: ranges.Span, chunk: bytes
    ) -> AsyncGenerator[bytes, None]:
        """The bytes of a span, of which the first chunk has come; the next one is asked for while one is sent."""
        self._streams += 1
        ahead: asyncio.Task[Came] | None = None
        try:
            number, last = span.first // CHUNK, span.last // CHUNK
            while True:
                if number < last:
                    ahead = asyncio.create_task(self._chunk(fetch, manifest, number + 1))
                start = number * CHUNK
                yield chunk[max(span.first - start, 0) : span.last + 1 - start]
                if ahead is None:
                    return
                came, ahead, number = await ahead, None, number + 1
                await self._commit(fetch, came, (came.upstream,), bound=False, once=False)
                if came.refused:
                    raise ConnectionResetError(came.leaf.code)
                chunk = came.answer.body
        except (
            YwError
        ) as problem:  # what has left cannot be taken back: the line is cut, and the log says why
            await self._writer.commit(
                stopped(fetch.proven, fetch.held, problem, fetch.request_id, fetch.code)
            )
            raise
        finally:
            self._streams -= 1
            if ahead is not None:
                ahead.cancel()
                with suppress(asyncio.CancelledError, YwError):
                    await ahead

    async def _chunk(self, fetch: Fetch, manifest: Manifest, number: int) -> Came:
        """A chunk, compared with the manifest. Raises: YwError."""
        file = manifest.file.partition("@")[0]
        came = await self._tried(fetch, acts.TakeChunk(file, number))
        if came.refused:
            return came
        suite = next(one for one in SUITES.values() if one.hash_name == manifest.hash)
        if await digest_of(suite, came.answer.body) != manifest.chunks[number]:
            raise e.ChunkDamaged(file=manifest.file, chunk=number)
        return came

    async def _tried(self, fetch: Fetch, act: acts.TakeChunk) -> Came:
        """As `_asked`; where a node on the way does not answer, again after a moment. Raises: YwError."""
        for seconds in AGAIN:
            with suppress(c.PeerSilent):
                came = await self._asked(fetch, act)
                if came.leaf.code != c.PeerSilent.code:
                    return came
            await asyncio.sleep(seconds)
        return await self._asked(fetch, act)

    async def _asked(self, fetch: Fetch, act: acts.Act) -> Came:
        """The proven answer of the owner to an act, or the refusal on the way. Raises: YwError."""
        self._judge.still(fetch.held, fetch.owner)
        client = fetch.proven.caller.client
        forwarded = Forwarded(
            body=acts.encoded(act), client=client.id, code=fetch.held.grant.resource, consumer=client.agency,
            owner=fetch.owner, way=(self._judge.node,),
        )  # fmt: skip
        came = await self._onward.ask(
            fetch.proven, fetch.held, forwarded, "file", seconds=patience(forwarded)
        )
        if not came.refused and came.leaf.event != acts.EVENTS[type(act)]:
            raise c.PeerUnproven(peer=fetch.held.terms.via, reason="event")
        return came

    async def _commit(
        self, fetch: Fetch, came: Came, upstream: tuple[Upstream, ...], *, bound: bool, once: bool = True
    ) -> str:
        """Store this node's leaf; `bound`: the whole answer is the body that came."""
        suite = SUITES[self._writer.suite]
        response = await digest_of(suite, came.answer.body) if bound or came.refused else None
        told = Told(
            code=fetch.code, request_id=fetch.request_id, started=fetch.started, response=response,
            upstream=upstream, once=once,
        )  # fmt: skip
        receipt = await self._writer.commit(prepared(fetch.proven, fetch.held, came.leaf, told))
        return receipt.header()

    def _keep(self, fetch: Fetch, file: str, came: Came) -> Manifest:
        """The manifest that came, kept for the calls that follow. Raises: PeerUnproven."""
        try:
            manifest = read_manifest(came.answer.body)
        except ManifestBroken as problem:
            raise c.PeerUnproven(peer=fetch.held.terms.via, reason=problem.code) from problem
        if manifest.file != f"{file}@{fetch.owner}" or manifest.digest is None:
            raise c.PeerUnproven(peer=fetch.held.terms.via, reason="file")
        self._known[fetch.owner, fetch.held.grant.id, file] = manifest
        while len(self._known) > 1 and sum(len(one.chunks) for one in self._known.values()) > KNOWN:
            self._known.popitem(last=False)
        return manifest


def _resource_of(scope: Scope) -> str:
    """The resource that a list or an upload names; "" where what names it cannot be read."""
    if scope.method == "GET":
        return parse_qs(scope.query_string).get("resource", [""])[0]
    with suppress(e.UploadHeaderWrong):
        return tus.metadata(scope.headers.get("upload-metadata")).get("resource", "")
    return ""


def _headers(manifest: Manifest, tag: str) -> tuple[tuple[str, str], ...]:
    name = quote(manifest.name, safe="")
    return (
        ("accept-ranges", "bytes"),
        ("etag", tag),
        ("content-disposition", f"attachment; filename*=UTF-8''{name}"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
    )
