"""Files of the nation, fetched by the city through its own gateway: whole, resumed, refused, and never changed unnoticed."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from tests.gateway.cascade_stage import CITY, NATION, NODES, PROVINCE
from tests.gateway.library import ADDRESS, BARE, FILES, OTHER, Library
from tests.gateway.line import Cut
from tests.gateway.stage import CONSUMER, ITEM
from yiwang.client import Client, GatewayRefused
from yiwang.client.files import Files
from yiwang.client.transfer import download
from yiwang.vocabulary.crypto import generate
from yiwang.vocabulary.manifest import CHUNK, Manifest

CONTENT = os.urandom(3 * CHUNK + 1234)


@pytest.fixture(scope="module")
def file(library: Library, tmp_path_factory: pytest.TempPathFactory) -> str:
    return library.delivered(tmp_path_factory.mktemp("original"), CONTENT)


@pytest.fixture
def city(library: Library) -> Iterator[Client]:
    with library.at_city() as made:
        yield made


def taken(city: Client, manifest: Manifest, grant: str, into: bytearray, **span: int) -> None:
    """Take what comes, until it breaks off."""
    first = span.pop("first", 0)
    with Files(city).content(manifest, first, purpose=ITEM, grant=grant, **span) as pieces:
        for piece in pieces:
            into += piece


def events(library: Library, node: str, grant: str) -> list[str]:
    return [str(one.get("event") or one.get("code")) for one in library.cascade.leaves(node, grant)]


def test_a_city_lists_fetches_and_confirms_a_national_file_and_every_node_holds_the_evidence(
    library: Library, file: str, city: Client, tmp_path: Path
) -> None:
    grant = library.grant()
    (listed,) = [one for one in Files(city).list(ADDRESS, purpose=ITEM, grant=grant) if one.id == file]
    assert (listed.length, listed.sha256) == (len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    got = download(city, file, tmp_path, purpose=ITEM, grant=grant)
    assert got.path.read_bytes() == CONTENT
    assert (got.receipt.leaf.event, got.receipt.leaf.resource) == ("file-received", ADDRESS)
    for name, code in ((NATION, FILES), (PROVINCE, ADDRESS), (CITY, ADDRESS)):
        leaves = [one for one in library.cascade.leaves(name, grant) if one["event"] != "files-listed"]
        wanted = ["file-opened", *["file-sent"] * 4, "file-received"]
        assert [one["event"] for one in leaves] == wanted, name
        assert {one["resource"] for one in leaves} == {code}
        assert {one["consumer"] for one in leaves} == {CONSUMER}
        sent = [(one["detail"]["first"], one["detail"]["last"]) for one in leaves[1:5]]
        assert sent == [(at, min(at + CHUNK, len(CONTENT)) - 1) for at in range(0, len(CONTENT), CHUNK)]
        above = {CITY: PROVINCE, PROVINCE: NATION, NATION: None}[name]
        assert {up["node"] for one in leaves for up in one.get("upstream", [])} == (
            {above} if above else set()
        )
        assert all(one.get("upstream") or name == NATION for one in leaves)
        assert "long.bin" not in str(leaves)
    assert library.deliveries(grant) == [(file.partition("@")[0], len(CONTENT), True)]
    assert library.cascade.calls(grant) == 1, "a file costs one call a day, however it is fetched"
    assert library.cascade.damages() == []


def test_a_range_is_answered_as_of_a_file_of_this_node(library: Library, file: str, city: Client) -> None:
    grant = library.grant()
    manifest, _ = Files(city).manifest(file, purpose=ITEM, grant=grant)
    first, last = CHUNK - 3, 2 * CHUNK + 5
    with Files(city).content(manifest, first, last=last, purpose=ITEM, grant=grant) as pieces:
        assert b"".join(pieces) == CONTENT[first : last + 1]
    with (
        pytest.raises(GatewayRefused) as refused,
        Files(city).content(manifest, len(CONTENT), purpose=ITEM, grant=grant),
    ):
        pass
    assert (refused.value.status, refused.value.code) == (416, "range-unsatisfiable")


def test_an_empty_file_arrives_too(library: Library, city: Client, tmp_path: Path) -> None:
    (tmp_path / "from").mkdir()
    empty = library.delivered(tmp_path / "from", b"", "empty.bin")
    got = download(city, empty, tmp_path, purpose=ITEM, grant=library.grant())
    assert got.path.read_bytes() == b""


@pytest.mark.parametrize("place", [NATION, PROVINCE])
def test_a_line_that_is_cut_in_the_middle_is_waited_for_or_gone_on_from(
    library: Library, file: str, city: Client, tmp_path: Path, place: str
) -> None:
    grant, chunks = library.grant(), 0

    def dies(message: bytes) -> bytes:
        nonlocal chunks
        chunks += len(message) > CHUNK
        if chunks >= 2:
            raise Cut(message[: len(message) // 2])
        return message

    manifest, _ = Files(city).manifest(file, purpose=ITEM, grant=grant)
    got = bytearray()
    with library.cascade.lines[place].changing(answer=dies), pytest.raises(httpx.RemoteProtocolError):
        taken(city, manifest, grant, got)
    assert got == CONTENT[: len(got)]
    assert CHUNK <= len(got) < len(CONTENT)
    assert "peer-silent" in events(library, CITY, grant)
    (tmp_path / f".{file}.part").write_bytes(got)
    whole = download(city, file, tmp_path, purpose=ITEM, grant=grant)
    assert whole.resumed_at >= CHUNK
    assert whole.path.read_bytes() == CONTENT
    assert library.cascade.calls(grant) == 1
    assert library.cascade.damages() == []


def test_a_short_cut_is_not_noticed_by_the_receiver(
    library: Library, file: str, city: Client, tmp_path: Path
) -> None:
    grant, cuts = library.grant(), 0

    def once(message: bytes) -> bytes:
        nonlocal cuts
        if len(message) > CHUNK and not cuts:
            cuts += 1
            raise Cut(message[:1000])
        return message

    with library.cascade.lines[NATION].changing(answer=once):
        got = download(city, file, tmp_path, purpose=ITEM, grant=grant)
    assert (cuts, got.path.read_bytes()) == (1, CONTENT)


@pytest.mark.parametrize("place", [NATION, PROVINCE])
def test_a_flipped_bit_on_the_way_gets_no_further_than_the_next_node(
    library: Library, file: str, city: Client, place: str
) -> None:
    grant = library.grant()
    manifest, _ = Files(city).manifest(file, purpose=ITEM, grant=grant)

    def flip(message: bytes) -> bytes:
        if len(message) < CHUNK:
            return message
        changed = bytearray(message)
        changed[-1000] ^= 4
        return bytes(changed)

    with (
        library.cascade.lines[place].changing(answer=flip),
        pytest.raises(GatewayRefused) as refused,
        Files(city).content(manifest, 0, purpose=ITEM, grant=grant),
    ):
        pass
    assert refused.value.code == "peer-unproven"
    seen = PROVINCE if place == NATION else CITY
    assert library.cascade.leaves(seen)[-1]["code"] == "peer-unproven"
    assert "file-sent" not in events(library, CITY, grant)


def test_a_chunk_that_is_damaged_on_the_owners_disk_is_refused_by_the_city(
    library: Library, city: Client, tmp_path: Path
) -> None:
    grant = library.grant()
    (tmp_path / "from").mkdir()
    rotten = library.delivered(tmp_path / "from", os.urandom(CHUNK + 5), "rotten.bin")
    manifest, _ = Files(city).manifest(rotten, purpose=ITEM, grant=grant)
    digest = manifest.chunks[1]
    stored = library.cascade.nodes[NATION].node.folder / "files" / "chunks" / "sm3" / digest[:2] / digest
    flipped = bytearray(stored.read_bytes())
    flipped[0] ^= 1
    stored.write_bytes(flipped)
    with (
        pytest.raises(httpx.RemoteProtocolError),
        Files(city).content(manifest, 0, purpose=ITEM, grant=grant) as pieces,
    ):
        assert len(b"".join(pieces)) <= CHUNK
    assert events(library, CITY, grant)[-1] == "file-damaged"


@pytest.mark.parametrize("place", NODES)
def test_a_grant_that_is_revoked_in_the_middle_stops_the_transfer_and_says_so(
    library: Library, file: str, city: Client, place: str
) -> None:
    grant, chunks = library.grant(), 0

    def revoked_after_two(message: bytes) -> bytes:
        nonlocal chunks
        chunks += len(message) > CHUNK
        if chunks == 2:
            chunks += 1
            library.ends(grant, at=place)
        return message

    manifest, _ = Files(city).manifest(file, purpose=ITEM, grant=grant)
    got = bytearray()
    line = library.cascade.lines[PROVINCE]
    with line.changing(answer=revoked_after_two), pytest.raises(httpx.RemoteProtocolError):
        taken(city, manifest, grant, got)
    assert CHUNK <= len(got) < len(CONTENT)
    with pytest.raises(GatewayRefused) as refused:
        taken(city, manifest, grant, got, first=len(got))
    assert refused.value.code == "grant-revoked"


@pytest.mark.parametrize("place", [PROVINCE, CITY])
def test_a_lease_that_runs_out_in_the_middle_stops_the_transfer_and_says_so(
    library: Library, file: str, city: Client, place: str
) -> None:
    grant, chunks, got = library.grant(), 0, bytearray()
    manifest, _ = Files(city).manifest(file, purpose=ITEM, grant=grant)

    def silence_after_two(message: bytes) -> bytes:
        nonlocal chunks
        chunks += len(message) > CHUNK
        if chunks == 2:
            library.cascade.lease(place, -1)
            time.sleep(2)  # as long as the owner is not heard of
        return message

    line = library.cascade.lines[PROVINCE]
    try:
        with line.changing(answer=silence_after_two), pytest.raises(httpx.RemoteProtocolError):
            taken(city, manifest, grant, got)
        assert CHUNK <= len(got) < len(CONTENT)
        with pytest.raises(GatewayRefused) as refused:
            taken(city, manifest, grant, got, first=len(got))
        assert refused.value.code == "lease-over"
    finally:
        library.leased(grant)


def test_nobody_else_gets_a_file_and_nobody_learns_that_it_is_there(
    library: Library, file: str, city: Client
) -> None:
    grant = library.grant()
    with library.at_city(generate("sm2-sm3")) as stranger, pytest.raises(GatewayRefused) as refused:
        Files(stranger).manifest(file, purpose=ITEM)
    assert refused.value.code == "key-unknown"
    rows = library.cascade.grant()
    for asked in (file, file[:-8] + "0" + f"@{NATION}"):
        with pytest.raises(GatewayRefused) as refused:
            Files(city).manifest(asked, purpose=ITEM, grant=rows)
        assert refused.value.code == "mode-not-granted"
    other = library.cascade.grant(**(BARE | {"resource": OTHER}))
    missing = file.replace(file[1], "1", 1) if file[1] != "1" else file.replace(file[1], "2", 1)
    for number, asked in ((other, file), (grant, missing), (other, missing)):
        with pytest.raises(GatewayRefused) as refused:
            Files(city).manifest(asked, purpose=ITEM, grant=number)
        assert refused.value.code == "file-unknown"
    with pytest.raises(GatewayRefused) as refused:
        Files(city).manifest("not-an-id@nation", purpose=ITEM, grant=grant)
    assert refused.value.code == "file-unknown"
    with pytest.raises(GatewayRefused) as refused:
        Files(city).manifest(file, purpose="item:000000000000", grant=grant)
    assert refused.value.code == "purpose-not-allowed"
    for code, said in ((ADDRESS, "files-not-provider"), (f"100000001/999@{NATION}", "resource-not-found")):
        with pytest.raises(GatewayRefused) as refused:
            Files(city).announce(code, "mine.bin", 4)
        assert refused.value.code == said, "a grant to fetch lets nobody put files there"


def test_a_receipt_with_another_digest_is_refused(library: Library, file: str, city: Client) -> None:
    grant = library.grant()
    manifest, _ = Files(city).manifest(file, purpose=ITEM, grant=grant)
    wrong = msgspec.structs.replace(manifest, digest="0" * 64)
    with pytest.raises(GatewayRefused) as refused:
        Files(city).confirm(wrong, purpose=ITEM, grant=grant)
    assert refused.value.code == "receipt-digest"
    assert library.deliveries(grant)[0][2] is False
