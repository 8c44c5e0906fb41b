"""The check of a file in quarantine, with a store on disk, a fake scanner behind a socket, and no database."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest

from yiwang.dataplane.filestore.store import FileStore
from yiwang.gateway.files.checking import Checker, Outcome
from yiwang.gateway.files.rows import FileRow, Place
from yiwang.gateway.files.running import RunningDigests
from yiwang.gateway.files.scanning import Scanner, ScannerUnavailable
from yiwang.vocabulary.crypto import SUITES
from yiwang.vocabulary.manifest import CHUNK

T = TypeVar("T")
SUITE = SUITES["sm2-sm3"]
NOW = datetime(2026, 11, 28, tzinfo=UTC)


class Daemon:
    """ClamAV's daemon as far as INSTREAM goes: finds `EVIL`; says `answer` where that is set."""

    def __init__(self, answer: str | None = None) -> None:
        self.answer = answer
        self.seen = b""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readexactly(10) == b"zINSTREAM\0"
        while size := int.from_bytes(await reader.readexactly(4), "big"):
            assert size <= 1 << 20
            self.seen += await reader.readexactly(size)
        found = "stream: Test.Evil-1 FOUND" if b"EVIL" in self.seen else "stream: OK"
        writer.write((self.answer or found).encode() + b"\0")
        await writer.drain()
        writer.close()


async def pieces(*data: bytes) -> AsyncIterator[bytes]:
    for one in data:
        yield one


def with_daemon(tmp_path: Path, daemon: Daemon, do: Callable[[Scanner], Awaitable[T]]) -> T:
    async def run() -> T:
        server = await asyncio.start_unix_server(daemon.serve, tmp_path / "clamd")
        async with server:
            return await do(Scanner(f"unix:{tmp_path / 'clamd'}", seconds=30))

    return asyncio.run(run())


def test_the_scanner_is_given_everything_and_its_verdict_is_read(tmp_path: Path) -> None:
    daemon = Daemon()
    long = b"x" * ((1 << 20) + 5)
    assert with_daemon(tmp_path, daemon, lambda one: one.verdict(pieces(b"a", long))) is None
    assert daemon.seen == b"a" + long
    assert with_daemon(tmp_path, Daemon(), lambda one: one.verdict(pieces(b"E", b"VIL"))) == "Test.Evil-1"


@pytest.mark.parametrize(
    "answer", ["INSTREAM size limit exceeded. ERROR", "stream: OK ", "", "stream:  FOUND"]
)
def test_no_clear_verdict_is_no_verdict(tmp_path: Path, answer: str) -> None:
    if answer == "stream: OK ":
        assert with_daemon(tmp_path, Daemon(answer), lambda one: one.verdict(pieces(b"a"))) is None
        return
    with pytest.raises(ScannerUnavailable):
        with_daemon(tmp_path, Daemon(answer or "?"), lambda one: one.verdict(pieces(b"a")))


def test_a_scanner_that_is_not_there_or_nowhere_is_told(tmp_path: Path) -> None:
    with pytest.raises(ScannerUnavailable):
        asyncio.run(Scanner(f"unix:{tmp_path / 'nothing'}").verdict(pieces(b"a")))
    for address in ("unix:relative", "tcp:host", "tcp::1x", "http://host", ""):
        with pytest.raises(ValueError, match=r".*"):
            Scanner(address)


class Uploads:
    """The running digests and the clock, as far as a check needs them."""

    def __init__(self, executor: ThreadPoolExecutor) -> None:
        self.running = RunningDigests(executor)
        self.hash_name = "sm3"

    def now(self) -> datetime:
        return NOW


class Ledger:
    async def keep_claim(self, number: str, now: datetime) -> None:
        """Nobody else is there."""


def file_row(length: int, media: str = "application/octet-stream", declared: str = "") -> FileRow:
    return FileRow(
        id="F1", resource="r", provider="p", client="c", name="n", media=media, length=length, uploaded=length, hash="sm3",
        declared=declared, mark="", part=False, digest="", sha256="", state="checking", finding="", finding_text="", ended="",
        created_at=NOW, expires_at=NOW, ready_at=None,
    )  # fmt: skip


def checked(
    store: FileStore, content: bytes, *, fed: bool = False, scanner: Scanner | None = None, **more: Any
) -> Outcome:
    """Store a content, then check it; `fed`: its digest ran along."""
    chunks = [content[at : at + CHUNK] for at in range(0, len(content), CHUNK)]
    places = tuple(Place(SUITE.digest(one).hex(), len(one)) for one in chunks)
    for place, chunk in zip(places, chunks, strict=True):
        store.put(place.digest, chunk)
    more.pop("damage", lambda _: None)(places)

    async def run() -> Outcome:
        with ThreadPoolExecutor(2) as executor:
            uploads: Any = Uploads(executor)
            ledger: Any = Ledger()
            writer: Any = None
            checker = Checker(ledger, store, uploads, writer, executor, scanner)
            if fed:
                for at, chunk in enumerate(chunks):
                    await uploads.running.feed("F1", at * CHUNK, [chunk])
            return await checker.check(file_row(len(content), **more), places)

    return asyncio.run(run())


def good(content: bytes) -> Outcome:
    chunks = [content[at : at + CHUNK] for at in range(0, len(content), CHUNK)]
    digest = SUITE.digest(b"".join(map(SUITE.digest, chunks))).hex()
    return Outcome(digest, hashlib.sha256(content).hexdigest())


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files", SUITE, reserve=0)


@pytest.mark.parametrize("fed", [True, False])
def test_a_good_file_gets_the_digest_of_its_whole(store: FileStore, fed: bool) -> None:
    content = bytes(range(256)) * (CHUNK // 200)
    assert checked(store, content, fed=fed) == good(content)


def test_each_thing_that_is_wrong_is_its_own_finding(store: FileStore) -> None:
    right = hashlib.sha256(b"%PDF-1.7").hexdigest()
    assert checked(store, b"%PDF-1.7", media="application/pdf", declared=right) == good(b"%PDF-1.7")
    assert checked(store, b"%PDF-1.7", media="application/pdf", declared="0" * 64).finding == "digest"
    assert checked(store, b"%PDF-1.7", media="image/png").finding == "media"

    def flip(places: tuple[Place, ...]) -> None:
        path = next((store.path(places[0].digest).parent).rglob(places[0].digest))
        path.write_bytes(b"%PDF-1.8")

    assert checked(store, b"%PDF-1.7", damage=flip).finding == "damaged"


def test_what_the_scanner_finds_is_the_finding(store: FileStore, tmp_path: Path) -> None:
    async def run() -> Outcome:
        place = Place(SUITE.digest(b"EVIL").hex(), 4)
        store.put(place.digest, b"EVIL")
        server = await asyncio.start_unix_server(Daemon().serve, tmp_path / "clamd")
        async with server:
            with ThreadPoolExecutor(2) as executor:
                uploads: Any = Uploads(executor)
                ledger: Any = Ledger()
                writer: Any = None
                scanner = Scanner(f"unix:{tmp_path / 'clamd'}", seconds=30)
                checker = Checker(ledger, store, uploads, writer, executor, scanner)
                return await checker.check(file_row(4), (place,))

    outcome = asyncio.run(run())
    assert (outcome.finding, outcome.text) == ("malware", "Test.Evil-1")
