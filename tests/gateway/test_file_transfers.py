"""Whole files by the client: resumed after a kill, refused when a bit is flipped, cut off when a grant ends."""

from __future__ import annotations

import hashlib
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.gateway.shelf import CODE, Shelf, open_shelf
from tests.gateway.stage import ITEM, Stage
from yiwang.client import Client, GatewayRefused
from yiwang.client.file_errors import ChunkBroken
from yiwang.client.files import Files
from yiwang.client.transfer import download, upload
from yiwang.vocabulary.crypto import SUITES
from yiwang.vocabulary.manifest import CHUNK

SM3 = SUITES["sm2-sm3"].digest


@pytest.fixture(scope="module")
def shelf(stage: Stage) -> Shelf:
    return open_shelf(stage)


def caller(stage: Stage, key: Any) -> Client:
    return Client(stage.one.url, key, node="lanzhou")


def test_a_killed_gateway_loses_nothing_that_it_acknowledged(
    stage: Stage, shelf: Shelf, tmp_path: Path
) -> None:
    content = os.urandom(3 * CHUNK + 1234)
    file = tmp_path / "long.bin"
    file.write_bytes(content)
    third = stage.node.gateway("gw3")
    third.wait()
    stamps: list[int] = []

    def kill_in_the_middle(done: int, length: int) -> None:
        stamps.append(done)
        if CHUNK <= done < length and third.process.poll() is None:
            os.kill(third.process.pid, signal.SIGKILL)
            third.process.wait()

    impatient = Client(third.url, shelf.provider, node="lanzhou")
    impatient.options = type(impatient.options)(retries=0)
    with pytest.raises(Exception, match="gateway-unreachable"), impatient as client:
        upload(client, file, to=CODE, progress=kill_in_the_middle)
    with caller(stage, shelf.provider) as client:
        sent = upload(client, file, to=CODE)
    assert sent.resumed_at >= max(stamps), "an acknowledged offset is true"
    assert (sent.state, sent.sha256) == ("ready", hashlib.sha256(content).hexdigest())


def test_a_download_goes_on_where_it_broke_off_and_refuses_a_flipped_bit(
    stage: Stage, shelf: Shelf, tmp_path: Path
) -> None:
    content = os.urandom(2 * CHUNK + 99)
    number = shelf.delivered(content, "long.bin").rpartition("/")[2]
    (tmp_path / f".{number}.part").write_bytes(content[:CHUNK] + b"damaged")
    with caller(stage, stage.key) as client:
        got = download(client, number, tmp_path, purpose=ITEM, grant=shelf.grant)
        assert (got.resumed_at, got.path.read_bytes()) == (CHUNK, content)
        assert got.receipt.leaf.event == "file-received"
        digest = SM3(content[CHUNK : 2 * CHUNK]).hex()
        chunk = stage.node.node.folder / "files" / "chunks" / "sm3" / digest[:2] / digest
        flipped = bytearray(chunk.read_bytes())
        flipped[7] ^= 1
        chunk.write_bytes(flipped)
        with pytest.raises(ChunkBroken):
            download(client, number, tmp_path / "again", purpose=ITEM, grant=shelf.grant)
        assert not (tmp_path / "again" / "long.bin").exists()


def test_a_grant_that_ends_cuts_a_download_off(stage: Stage, shelf: Shelf) -> None:
    content = os.urandom(6 * CHUNK)
    path = shelf.delivered(content, "long.bin")
    grant = stage.grant(resource=CODE, modes=("file",), fields=(), predicates=(), required=(), claims=())
    signed = stage.sign(path, b"", method="GET", grant=grant.id)
    with stage.http.stream("GET", stage.one.url + path, headers=signed.http_headers()) as response:
        pieces = response.iter_raw(1 << 16)
        got = len(next(pieces))
        stage.publish(grant, state="revoked")
        with pytest.raises(httpx.RemoteProtocolError):
            got += sum(map(len, pieces))
    assert got < len(content)


def test_the_client_lists_withdraws_and_is_told_no(stage: Stage, shelf: Shelf, tmp_path: Path) -> None:
    file = tmp_path / "note.txt"
    file.write_text("一网", encoding="utf-8")
    with caller(stage, shelf.provider) as client:
        sent = upload(client, file, to=CODE)
        assert any(one.id == sent.id and one.state == "ready" for one in Files(client).list(CODE))
        Files(client).withdraw(sent.id)
    with caller(stage, stage.key) as client, pytest.raises(GatewayRefused) as refused:
        download(client, sent.id, tmp_path / "in", purpose=ITEM, grant=shelf.grant)
    assert refused.value.code == "file-gone"


def test_two_pieces_under_way_are_stored_in_their_order_and_a_failed_one_takes_the_next_with_it(
    stage: Stage, shelf: Shelf
) -> None:
    content = os.urandom(2 * CHUNK)
    path = shelf.begun(len(content), "b.bin")
    with ThreadPoolExecutor(2) as both:
        second = both.submit(shelf.add, path, CHUNK, content[CHUNK:])
        first = both.submit(shelf.add, path, 0, content[:CHUNK])
        assert {first.result().status, second.result().status} <= {204, 409}
    if (
        shelf.offset(path) == CHUNK
    ):  # the second came too early on a busy machine: it was refused, and nothing is lost
        assert shelf.add(path, CHUNK, content[CHUNK:]).status == 204
    assert shelf.state(path) == "ready"
    assert shelf.get(path).response.content == content

    path = shelf.begun(len(content), "b.bin")
    wrong = "sm3 " + "A" * 43 + "="
    with ThreadPoolExecutor(2) as both:
        first = both.submit(shelf.add, path, 0, content[:CHUNK], upload_checksum=wrong)
        second = both.submit(shelf.add, path, CHUNK, content[CHUNK:])
        assert (first.result().status, second.result().status) == (460, 409)
    assert shelf.offset(path) == 0
