"""Uploads over a store on disk and a ledger in memory: whatever breaks off, the acknowledged offset stays true."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, Literal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.gateway.test_file_checks import SUITE, file_row
from yiwang.blocks.files.domain.errors import ChecksumWrong, FilesError, OffsetWrong
from yiwang.dataplane.filestore.store import FileStore, landing_name
from yiwang.gateway.errors import BodyTooSlow
from yiwang.gateway.files.bodies import Pieces
from yiwang.gateway.files.lines import Lines
from yiwang.gateway.files.rows import FileRow, Place
from yiwang.gateway.files.uploads import Uploads

Fate = Literal["whole", "cut", "changed", "misplaced", "failed"]


class Ledger:
    """One upload; what a transaction writes counts when it is over."""

    def __init__(self, length: int) -> None:
        self.row = msgspec.structs.replace(file_row(length), uploaded=0, state="arriving")
        self.places: dict[int, Place] = {}
        self.fail = False

    @asynccontextmanager
    async def adding(self, _number: str) -> AsyncIterator[Ledger]:
        before = (self.row, dict(self.places))
        try:
            yield self
            if self.fail:
                raise OSError("the database went away at the commit")
        except BaseException:
            self.row, self.places = before
            raise

    @property
    def file(self) -> FileRow:
        return self.row

    async def hold(self, place: int, chunk: Place, _hash: str) -> bool:
        self.places[place] = chunk
        return False

    async def move(self, uploaded: int, _expires: object) -> None:
        self.row = msgspec.structs.replace(self.row, uploaded=uploaded)

    async def arrived(self, _now: object) -> None:
        self.row = msgspec.structs.replace(self.row, state="checking")


class Body:
    """A body in pieces of seven bytes that may break off."""

    def __init__(self, data: bytes, *, cut: bool = False) -> None:
        self.parts = [data[at : at + 7] for at in range(0, len(data), 7)]
        self.cut = cut

    def __aiter__(self) -> Body:
        return self

    async def __anext__(self) -> bytes:
        await asyncio.sleep(0)
        if self.cut and len(self.parts) <= 1:
            raise asyncio.CancelledError
        if not self.parts:
            raise StopAsyncIteration
        return self.parts.pop(0)


def asked(data: bytes, offset: int) -> tuple[Any, Any]:
    """The proven call and its headers."""
    request = SimpleNamespace(suite=SUITE, content_digest=SUITE.digest(data))
    headers = {"content-type": "application/offset+octet-stream", "upload-offset": str(offset)}
    return SimpleNamespace(request=request), headers.get


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    for room in ("gateway.files.uploads", "dataplane.filestore.store", "gateway.files.bodies"):
        monkeypatch.setattr(f"yiwang.{room}.CHUNK", 16)


def arrived(store: FileStore, ledger: Ledger) -> bytes:
    """What a reader would find up to the acknowledged offset."""
    offset = ledger.row.uploaded
    content = b"".join(store.read(ledger.places[number].digest) for number in sorted(ledger.places))
    if len(content) < offset:
        content += store.landed(landing_name("F1", offset - 1), offset - len(content)) or b""
    return content[:offset]


@settings(max_examples=25, deadline=None)
@given(
    st.binary(min_size=1, max_size=70),
    st.lists(
        st.tuples(st.integers(1, 16), st.sampled_from(("whole", "cut", "changed", "misplaced", "failed"))),
        max_size=14,
    ),
)
def test_an_acknowledged_offset_is_true_whatever_breaks_off(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, steps: list[tuple[int, Fate]]
) -> None:
    folder = tmp_path_factory.mktemp("files")
    store, ledger = FileStore(folder, SUITE, reserve=0), Ledger(len(content))

    async def run() -> None:
        with ThreadPoolExecutor(2) as executor:
            uploads = Uploads(ledger, store, SUITE, executor, lambda: 1.7e9)  # type: ignore[arg-type]
            known = 0
            for size, fate in [*steps, *[(16, "whole")] * 6]:
                if known == len(content):
                    break
                data = content[known : known + size]
                proven, get = asked(data, known + (1 if fate == "misplaced" else 0))
                sent = bytes([data[0] ^ 1]) + data[1:] if fate == "changed" else data
                ledger.fail = fate == "failed"
                body: Any = Body(sent, cut=fate == "cut")
                try:
                    after, _ = await uploads.add(proven, ledger.row, body, get)
                    assert fate == "whole"
                    known = after.uploaded
                except (FilesError, OSError, asyncio.CancelledError):
                    assert fate != "whole"
                assert ledger.row.uploaded == known
                assert arrived(store, ledger) == content[:known]
            assert known == len(content)
            assert ledger.row.state == "checking"

    asyncio.run(run())
    assert [path for path in (folder / "landing").iterdir() if path.name.startswith(".")] == []


def test_a_piece_that_does_not_arrive_in_time_is_given_up() -> None:
    class Silent:
        def __aiter__(self) -> Silent:
            return self

        async def __anext__(self) -> bytes:
            await asyncio.sleep(60)
            return b""

    async def run() -> None:
        silent: Any = Silent()
        await Pieces(seconds=0.01).read(silent, None, 10)

    with pytest.raises(BodyTooSlow):
        asyncio.run(run())


def test_pieces_side_by_side_wait_for_each_other_and_fail_together() -> None:
    async def run() -> list[str]:
        said: list[str] = []
        lines = Lines()

        async def piece(given: int, *, fails: bool = False) -> None:
            with lines.piece("F1", 0, given) as line:
                try:
                    await line.expect(given)
                    await asyncio.sleep(0.01 if given == 0 else 0)
                    await line.turn(given)
                    if fails:
                        raise ChecksumWrong(header="Content-Digest")
                    line.move(given + 16)
                    said.append(f"{given} stored")
                except FilesError as error:
                    said.append(f"{given} {error.code}")

        await asyncio.gather(piece(16), piece(0))
        await asyncio.gather(piece(0, fails=True), piece(16))
        await piece(48 << 20)
        return said

    assert asyncio.run(run()) == [
        "0 stored", "16 stored", "0 upload-checksum", "16 upload-offset", f"{48 << 20} upload-offset"
    ]  # fmt: skip


def test_a_piece_that_nothing_leads_up_to_is_refused() -> None:
    async def run() -> None:
        with Lines().piece("F1", 0, 5) as line:
            await line.expect(5)

    with pytest.raises(OffsetWrong):
        asyncio.run(run())
