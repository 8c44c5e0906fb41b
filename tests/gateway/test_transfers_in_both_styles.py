"""Whole files by both clients over running gateways: cut off on the line, killed, cancelled, and gone on with."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.gateway.line import Cut, Line
from tests.gateway.shelf import CODE, Shelf, open_shelf
from tests.gateway.stage import ITEM, Stage
from yiwang.client import AsyncClient, Client, GatewayRefused, GatewayUnreachable, Options
from yiwang.client.file_errors import ChunkBroken, LocalFileChanged, LocalFileExists, LocalFileUnusable
from yiwang.client.files import AsyncFiles
from yiwang.client.transfer import (
    Downloaded,
    Uploaded,
    download,
    download_async,
    upload,
    upload_async,
)
from yiwang.vocabulary.crypto import SUITES
from yiwang.vocabulary.manifest import CHUNK

SM3 = SUITES["sm2-sm3"].digest
IMPATIENT = Options(retries=0)


class Style(Protocol):
    def upload(self, url: str, key: Any, file: Path, options: Options | None = None, **more: Any) -> Uploaded:
        """Deliver to the shelf's resource."""

    def download(self, url: str, key: Any, file: str, folder: Path, grant: str) -> Downloaded:
        """Fetch for the item that was granted."""


class Blocking:
    def upload(self, url: str, key: Any, file: Path, options: Options | None = None, **more: Any) -> Uploaded:
        with Client(url, key, node="lanzhou", options=options) as client:
            return upload(client, file, to=CODE, **more)

    def download(self, url: str, key: Any, file: str, folder: Path, grant: str) -> Downloaded:
        with Client(url, key, node="lanzhou") as client:
            return download(client, file, folder, purpose=ITEM, grant=grant)


class Concurrent:
    def upload(self, url: str, key: Any, file: Path, options: Options | None = None, **more: Any) -> Uploaded:
        async def run() -> Uploaded:
            async with AsyncClient(url, key, node="lanzhou", options=options) as client:
                return await upload_async(client, file, to=CODE, **more)

        return asyncio.run(run())

    def download(self, url: str, key: Any, file: str, folder: Path, grant: str) -> Downloaded:
        async def run() -> Downloaded:
            async with AsyncClient(url, key, node="lanzhou") as client:
                return await download_async(client, file, folder, purpose=ITEM, grant=grant)

        return asyncio.run(run())


@pytest.fixture(scope="module")
def shelf(stage: Stage) -> Shelf:
    return open_shelf(stage)


@pytest.fixture(params=[Blocking(), Concurrent()], ids=["blocking", "concurrent"])
def style(request: pytest.FixtureRequest) -> Style:
    given: Style = request.param
    return given


@pytest.fixture
def line(stage: Stage) -> Iterator[Line]:
    line = Line(int(stage.one.url.rpartition(":")[2]))
    yield line
    line.close()


def written(folder: Path, length: int) -> tuple[Path, bytes]:
    content = os.urandom(length)
    file = folder / "long.bin"
    file.write_bytes(content)
    return file, content


@pytest.mark.parametrize("first", [Blocking(), Concurrent()], ids=["blocking", "concurrent"])
def test_an_upload_that_a_kill_broke_off_is_gone_on_with_in_either_style(
    stage: Stage, shelf: Shelf, tmp_path: Path, first: Style, style: Style
) -> None:
    file, content = written(tmp_path, 3 * CHUNK + 1234)
    third = stage.node.gateway("gw3")
    third.wait()
    told: list[int] = []

    def kill_in_the_middle(done: int, length: int) -> None:
        told.append(done)
        if CHUNK <= done < length and third.process.poll() is None:
            os.kill(third.process.pid, signal.SIGKILL)
            third.process.wait()

    with pytest.raises(GatewayUnreachable):
        first.upload(third.url, shelf.provider, file, IMPATIENT, progress=kill_in_the_middle)
    sent = style.upload(stage.one.url, shelf.provider, file)
    assert sent.resumed_at >= max(told) >= CHUNK, "an acknowledged offset is true"
    assert (sent.state, sent.sha256) == ("ready", hashlib.sha256(content).hexdigest())


def test_pieces_that_come_damaged_are_sent_again(
    shelf: Shelf, tmp_path: Path, style: Style, line: Line
) -> None:
    file, content = written(tmp_path, 3 * CHUNK)
    damaged: list[int] = []

    def flip(message: bytes) -> bytes:
        if message.startswith(b"PATCH") and len(damaged) < 2:
            damaged.append(len(message))
            return message[:-1] + bytes((message[-1] ^ 1,))
        return message

    with line.changing(request=flip):
        sent = style.upload(line.url, shelf.provider, file)
    assert len(damaged) == 2
    assert (sent.state, sent.sha256) == ("ready", hashlib.sha256(content).hexdigest())


def test_a_download_that_the_line_cuts_goes_on_from_the_last_whole_chunk(
    stage: Stage, shelf: Shelf, tmp_path: Path, style: Style, line: Line
) -> None:
    content = os.urandom(4 * CHUNK + 99)
    number = shelf.delivered(content, "long.bin").rpartition("/")[2]
    cuts = [CHUNK + 5000, 2 * CHUNK + 5000]

    def cut(message: bytes) -> bytes:
        if len(message) > CHUNK and cuts:
            raise Cut(message[: cuts.pop(0)])
        return message

    with line.changing(answer=cut):
        got = style.download(line.url, stage.key, number, tmp_path, shelf.grant)
    assert not cuts, "it was cut twice"
    begun = [
        int(found[1])
        for one in line.carried
        if one.startswith(f"GET /v1/files/{number} ".encode())
        and (found := re.search(rb"(?i)\r\nrange: bytes=(\d+)-", one)) is not None
    ]
    assert begun == [0, CHUNK, 3 * CHUNK]
    assert (got.path.name, got.path.read_bytes()) == ("long.bin", content)
    assert [one.name for one in tmp_path.iterdir()] == ["long.bin"], "no part of it stays beside it"
    assert got.receipt.leaf.event == "file-received"
    assert got.evidence.leaf.event != got.receipt.leaf.event


def test_an_earlier_attempt_counts_as_far_as_it_is_intact_and_a_flipped_bit_does_not(
    stage: Stage, shelf: Shelf, tmp_path: Path, style: Style
) -> None:
    content = os.urandom(2 * CHUNK + 99)
    number = shelf.delivered(content, "long.bin").rpartition("/")[2]
    (tmp_path / f".{number}.part").write_bytes(content[:CHUNK] + b"damaged")
    got = style.download(stage.one.url, stage.key, number, tmp_path, shelf.grant)
    assert (got.resumed_at, got.path.read_bytes()) == (CHUNK, content)
    with pytest.raises(LocalFileExists):
        style.download(stage.one.url, stage.key, number, tmp_path, shelf.grant)
    digest = SM3(content[CHUNK : 2 * CHUNK]).hex()
    chunk = stage.node.node.folder / "files" / "chunks" / "sm3" / digest[:2] / digest
    flipped = bytearray(chunk.read_bytes())
    flipped[7] ^= 1
    chunk.write_bytes(flipped)
    with pytest.raises(ChunkBroken):
        style.download(stage.one.url, stage.key, number, tmp_path / "again", shelf.grant)
    assert not (tmp_path / "again" / "long.bin").exists()


def test_a_file_that_changes_while_it_is_sent_is_not_delivered(
    shelf: Shelf, tmp_path: Path, style: Style, stage: Stage
) -> None:
    file, _ = written(tmp_path, 2 * CHUNK)

    def change(done: int, length: int) -> None:
        if done == CHUNK:
            os.truncate(file, CHUNK + 10)

    with pytest.raises(LocalFileChanged):
        style.upload(stage.one.url, shelf.provider, file, progress=change)


def test_an_empty_file_goes_both_ways(stage: Stage, shelf: Shelf, tmp_path: Path, style: Style) -> None:
    file, _ = written(tmp_path, 0)
    sent = style.upload(stage.one.url, shelf.provider, file)
    assert sent.state == "ready"
    got = style.download(stage.one.url, stage.key, sent.id, tmp_path / "in", shelf.grant)
    assert got.path.read_bytes() == b""


def test_strangers_and_folders_that_are_none_are_refused(
    stage: Stage, shelf: Shelf, tmp_path: Path, style: Style
) -> None:
    file, _ = written(tmp_path, 10)
    with pytest.raises(GatewayRefused) as refused:
        style.upload(stage.one.url, stage.stranger, file)
    assert refused.value.code == "resource-not-found"
    sent = style.upload(stage.one.url, shelf.provider, file)
    with pytest.raises(GatewayRefused) as refused:
        style.download(stage.one.url, stage.stranger, sent.id, tmp_path / "in", shelf.grant)
    assert refused.value.code == "file-unknown"
    assert not (tmp_path / "in").exists(), "nothing is made for what was refused"
    with pytest.raises(LocalFileUnusable):
        style.download(stage.one.url, stage.key, sent.id, file, shelf.grant)
    with pytest.raises(LocalFileUnusable):
        style.upload(stage.one.url, shelf.provider, tmp_path / "nothing")


def test_a_cancelled_upload_keeps_what_arrived_and_two_may_go_at_once(
    stage: Stage, shelf: Shelf, tmp_path: Path
) -> None:
    file, content = written(tmp_path, 4 * CHUNK)
    other = tmp_path / "other.bin"
    other.write_bytes(os.urandom(CHUNK + 7))

    async def run() -> tuple[int, Uploaded, Uploaded, list[str]]:
        reached = asyncio.Event()
        told: list[int] = []

        def tell(done: int, length: int) -> None:
            told.append(done)
            if done >= CHUNK:
                reached.set()

        async with AsyncClient(stage.one.url, shelf.provider, node="lanzhou") as client:
            broken = asyncio.create_task(upload_async(client, file, to=CODE, progress=tell))
            await reached.wait()
            broken.cancel()
            with pytest.raises(asyncio.CancelledError):
                await broken
            sent, beside = await asyncio.gather(
                upload_async(client, file, to=CODE), upload_async(client, other, to=CODE)
            )
            files = AsyncFiles(client)
            listed = [one.id async for one in files.list(CODE) if one.state == "ready"]
            await files.withdraw(beside.id)
        return max(told), sent, beside, listed

    done, sent, beside, listed = asyncio.run(run())
    assert sent.resumed_at >= done >= CHUNK
    assert (sent.state, sent.sha256) == ("ready", hashlib.sha256(content).hexdigest())
    assert {sent.id, beside.id} <= set(listed)
