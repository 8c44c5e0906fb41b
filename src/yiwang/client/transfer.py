"""Whole files up and down from the command line or a program: chunk by chunk, resumed where they broke off.

    with Client("http://127.0.0.1:8001", key="k.pem", trust="trust.json") as client:
        sent = upload(client, "年报.zip", to="306001003/12")
        got = download(client, sent.id, "downloads", purpose="item:000111004000")

Memory holds four chunks (16 MiB) at most whatever the file's length; digests are computed beside the sending.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable
from concurrent import futures
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import httpx

from yiwang.client.blocking import Client
from yiwang.client.errors import GatewayRefused
from yiwang.client.evidence import Evidence
from yiwang.client.file_errors import (
    ChunkBroken,
    DownloadStuck,
    LocalFileChanged,
    LocalFileExists,
    LocalFileUnusable,
)
from yiwang.client.files import Files
from yiwang.vocabulary.crypto import SUITES, Suite
from yiwang.vocabulary.file_names import safe_name
from yiwang.vocabulary.manifest import CHUNK, Listed, Manifest

Progress = Callable[[int, int], None]
"""Told bytes done and bytes in all."""
AGAIN: Final = frozenset({"upload-offset", "upload-busy", "upload-checksum"})
"""Refusals after which the offset is asked for and the upload goes on."""
UNDER_WAY: Final = 2
"""Pieces that travel at a time."""
ATTEMPTS: Final = 8
"""Times without progress after which a transfer is given up."""
POLL_SECONDS, LONGEST_POLL = 0.05, 2.0


@dataclass(frozen=True)
class Uploaded:
    """A file that arrived. `sha256` is that of the whole once it was checked (`state` ready)."""

    id: str
    length: int
    state: str
    sha256: str | None
    finding: str | None
    resumed_at: int


@dataclass(frozen=True)
class Downloaded:
    """A file that was fetched. `evidence` proves what the node said it is made of, `receipt` that it was confirmed."""

    path: Path
    manifest: Manifest
    evidence: Evidence
    receipt: Evidence
    resumed_at: int


def upload(
    client: Client,
    path: str | Path,
    *,
    to: str,
    name: str | None = None,
    media: str | None = None,
    progress: Progress | None = None,
    wait: float = 60.0,
) -> Uploaded:
    """Deliver a file to a resource of one's own agency; an upload of it that broke off is gone on with.

    Args:
        to: code of the resource.
        name: under which it is delivered; its own name when None.
        media: its media type; by its name's ending when None.
        wait: seconds to wait for the check of the node; the result says how it stands then.

    Raises:
        LocalFileUnusable, LocalFileChanged: the file here.
        GatewayRefused, GatewayUnreachable: as for every call; what has arrived is kept.
    """
    file = Path(path)
    try:
        with file.open("rb") as content:
            return _Upload(client, file, content, to, name or file.name, media, progress).run(wait)
    except OSError as problem:
        raise LocalFileUnusable(path=str(file), reason=problem.strerror or str(problem)) from problem


def download(
    client: Client,
    file: str,
    folder: str | Path,
    *,
    purpose: str,
    grant: str | None = None,
    progress: Progress | None = None,
) -> Downloaded:
    """Fetch a file into a folder and confirm it; a download of it that broke off is gone on with.

    Every chunk is compared with the manifest before it counts. The file appears under its name when it is whole.

    Raises:
        LocalFileExists, LocalFileUnusable: the folder here.
        ChunkBroken: what came is not what the manifest says.
        DownloadStuck, GatewayRefused, GatewayUnreachable: what has arrived is kept.
    """
    place = Path(folder)
    files = Files(client)
    manifest, evidence = files.manifest(file, purpose=purpose, grant=grant)
    target = place / safe_name(manifest.name, manifest.file)
    if target.exists():
        raise LocalFileExists(path=str(target))
    part = place / f".{manifest.file}.part"
    try:
        place.mkdir(parents=True, exist_ok=True)
        with part.open("r+b" if part.exists() else "w+b") as into:
            fetched = _Download(files, manifest, into, purpose, grant, progress)
            begun = fetched.run()
            into.flush()
            os.fsync(into.fileno())
        if target.exists():
            raise LocalFileExists(path=str(target))
        part.rename(target)
    except OSError as problem:
        raise LocalFileUnusable(path=str(target), reason=problem.strerror or str(problem)) from problem
    receipt = files.confirm(manifest, purpose=purpose, grant=grant)
    return Downloaded(target, manifest, evidence, receipt, begun)


class _Upload:
    def __init__(
        self, client: Client, path: Path, content: BinaryIO, code: str, name: str, media: str | None,
        progress: Progress | None,
    ) -> None:  # fmt: skip
        self._files = Files(client)
        self._path = path
        self._content = content
        self._code = code
        self._name = name
        self._media = media
        self._progress = progress
        facts = os.fstat(content.fileno())
        self._length = facts.st_size
        self._mark = str(facts.st_mtime_ns)
        self._suite = client.suite

    def run(self, wait: float) -> Uploaded:
        number, begun = self._begin()
        with ThreadPoolExecutor(1, thread_name_prefix="digest") as aside:
            self._send(number, begun, aside)
        ends = time.monotonic() + wait
        standing = self._files.standing(number)
        pause = POLL_SECONDS
        while standing.state == "checking" and time.monotonic() < ends:
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_POLL)
            standing = self._files.standing(number)
        return Uploaded(number, self._length, standing.state, standing.sha256, standing.finding, begun)

    def _begin(self) -> tuple[str, int]:
        for one in self._files.list(self._code):
            if self._is_begun(one):
                return one.id, self._files.standing(one.id).offset
        made = self._files.announce(self._code, self._name, self._length, media=self._media, mark=self._mark)
        return made, 0

    def _is_begun(self, one: Listed) -> bool:
        """Whether an unfinished upload is of this very file: name, length, time of change, and its last whole chunk."""
        if (one.name, one.length, one.mark, one.state) != (self._name, self._length, self._mark, "arriving"):
            return False
        if one.uploaded < CHUNK or one.hash != self._suite.hash_name:
            return True
        manifest = self._files.arrived(one.id)
        last = one.uploaded // CHUNK - 1
        data = self._read(last * CHUNK)
        return manifest.chunks[last] == self._suite.digest(data).hex()

    def _send(self, number: str, offset: int, aside: ThreadPoolExecutor) -> None:
        """Keep two pieces under way, each read and digested while the ones before travel."""
        tries, ahead = 0, offset
        coming = self._ahead(aside, ahead)
        sent: deque[Future[int]] = deque()
        self._tell(offset)
        with ThreadPoolExecutor(UNDER_WAY, thread_name_prefix="upload") as sending:
            while offset < self._length:
                while len(sent) < UNDER_WAY and ahead < self._length:
                    data, digest = coming.result()
                    sent.append(sending.submit(self._files.append, number, ahead, data, digest=digest))
                    ahead += len(data)
                    coming = self._ahead(aside, ahead)
                try:
                    offset = sent.popleft().result()
                    tries = 0
                except GatewayRefused as refused:
                    tries += 1
                    if refused.code not in AGAIN or tries > ATTEMPTS:
                        raise
                    futures.wait(sent)
                    sent.clear()
                    time.sleep(min(0.05 * 2**tries, 5.0))
                    offset = ahead = self._files.standing(number).offset
                    coming = self._ahead(aside, ahead)
                self._tell(offset)
        facts = os.fstat(self._content.fileno())
        if (facts.st_size, str(facts.st_mtime_ns)) != (self._length, self._mark):
            self._files.withdraw(number)
            raise LocalFileChanged(path=str(self._path))

    def _ahead(self, aside: ThreadPoolExecutor, offset: int) -> Future[tuple[bytes, bytes]]:
        """Read and digest the next piece while the one before is on its way."""
        return aside.submit(self._piece, offset)

    def _piece(self, offset: int) -> tuple[bytes, bytes]:
        if offset >= self._length:
            return b"", b""
        data = self._read(offset)
        return data, self._suite.digest(data)

    def _read(self, offset: int) -> bytes:
        size = min(CHUNK - offset % CHUNK, self._length - offset)
        data = os.pread(self._content.fileno(), size, offset)
        if len(data) != size:
            raise LocalFileChanged(path=str(self._path))
        return data

    def _tell(self, done: int) -> None:
        if self._progress is not None:
            self._progress(done, self._length)


class _Download:
    def __init__(
        self, files: Files, manifest: Manifest, into: BinaryIO, purpose: str, grant: str | None,
        progress: Progress | None,
    ) -> None:  # fmt: skip
        self._files = files
        self._manifest = manifest
        self._into = into
        self._purpose = purpose
        self._grant = grant
        self._progress = progress
        self._suite: Suite = next(one for one in SUITES.values() if one.hash_name == manifest.hash)
        self._done = 0

    def run(self) -> int:
        """Fetch what is missing; returns where it began."""
        begun = self._done = self._intact()
        self._tell()
        tries, reason = 0, ""
        with ThreadPoolExecutor(1, thread_name_prefix="digest") as aside:
            while self._done < self._manifest.length:
                before = self._done
                try:
                    self._fetch(aside)
                except httpx.HTTPError as problem:
                    reason = type(problem).__name__
                    tries = 0 if self._done > before else tries + 1
                    if tries > ATTEMPTS:
                        raise DownloadStuck(
                            file=self._manifest.file, reason=reason, done=self._done
                        ) from problem
                    time.sleep(min(0.2 * 2**tries, 10.0))
        self._into.truncate(self._manifest.length)
        return begun

    def _intact(self) -> int:
        """How much of an earlier attempt is as the manifest says: whole chunks only."""
        at = 0
        for digest, size in zip(self._manifest.chunks, self._manifest.sizes(), strict=True):
            data = os.pread(self._into.fileno(), size, at)
            if len(data) != size or self._suite.digest(data).hex() != digest:
                break
            at += size
        return at

    def _fetch(self, aside: ThreadPoolExecutor) -> None:
        """Take chunks from one answer; each is digested while the next one comes."""
        checking: Future[None] | None = None
        arrived = self._done
        with self._files.content(
            self._manifest, self._done, purpose=self._purpose, grant=self._grant
        ) as pieces:
            held = bytearray()
            for piece in pieces:
                held += piece
                size = min(CHUNK, self._manifest.length - arrived)
                while len(held) >= size > 0:
                    chunk = bytes(held[:size])
                    del held[:size]
                    if checking is not None:
                        checking.result()
                    checking = aside.submit(self._keep, arrived, chunk)
                    arrived += size
                    size = min(CHUNK, self._manifest.length - arrived)
        if checking is not None:
            checking.result()

    def _keep(self, at: int, chunk: bytes) -> None:
        number = at // CHUNK
        if self._suite.digest(chunk).hex() != self._manifest.chunks[number]:
            raise ChunkBroken(file=self._manifest.file, chunk=number)
        os.pwrite(self._into.fileno(), chunk, at)
        self._done = at + len(chunk)
        self._tell()

    def _tell(self) -> None:
        if self._progress is not None:
            self._progress(self._done, self._manifest.length)
