"""File exchange by running gateways: tus as its text says, ranges, quarantine, receipts, and who gets nothing."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.shelf import CODE, PURPOSE, Shelf, open_shelf, shelf_row, sql
from tests.gateway.stage import ITEM, Answer, Stage
from yiwang.vocabulary.crypto import SUITES
from yiwang.vocabulary.manifest import CHUNK, read_manifest

SMALL = "姓名,金额\n陈晨,1\n".encode()
SM3 = SUITES["sm2-sm3"].digest


@pytest.fixture(scope="module")
def shelf(stage: Stage) -> Shelf:
    return open_shelf(stage)


def sm3_base64(data: bytes) -> str:
    return base64.b64encode(SM3(data)).decode()


def test_the_server_says_what_it_speaks_without_a_signature(stage: Stage) -> None:
    answer = stage.http.request("OPTIONS", f"{stage.one.url}/v1/files")
    assert answer.status_code == 204
    assert answer.headers["tus-version"] == answer.headers["tus-resumable"] == "1.0.0"
    assert set(answer.headers["tus-extension"].split(",")) == {
        "creation", "checksum", "expiration", "termination", "concatenation"
    }  # fmt: skip
    assert "sha1" in answer.headers["tus-checksum-algorithm"], "the text demands it"


def test_a_small_file_goes_up_and_down_with_evidence_of_every_step(shelf: Shelf, stage: Stage) -> None:
    def listing() -> Answer:
        return shelf.send(
            "GET",
            "/v1/files",
            query="resource=306001003%2F77",
            key=stage.key,
            purpose=ITEM,
            grant=shelf.grant,
        )

    others = {one["id"] for one in listing().json["files"]}
    announced = shelf.announce(len(SMALL))
    assert announced.status == 201
    assert "upload-expires" in announced.response.headers
    stage.proves(announced, shelf.provider)
    path = announced.response.headers["location"]
    number = path.rpartition("/")[2]
    half = len(SMALL) // 2
    first = shelf.add(path, 0, SMALL[:half])
    assert (first.status, first.response.headers["upload-offset"]) == (204, str(half))
    assert shelf.offset(path) == half
    last = shelf.add(path, half, SMALL[half:])
    assert last.leaf["event"] == "file-arrived"
    assert shelf.state(path) == "ready"

    listed = listing()
    assert [one["id"] for one in listed.json["files"] if one["id"] not in others] == [number]
    assert listed.json["files"][0]["client"] is None, "who sent it is the provider's own affair"
    opened = shelf.get(f"{path}/manifest")
    stage.proves(opened)
    manifest = read_manifest(opened.response.content)
    assert manifest.chunks == (SM3(SMALL).hex(),)
    assert manifest.digest == SM3(SM3(SMALL)).hex()
    assert manifest.sha256 == hashlib.sha256(SMALL).hexdigest()
    assert (manifest.name, manifest.media) == ("年报.csv", "text/csv")
    content = shelf.get(path)
    assert content.response.content == SMALL
    assert content.leaf["event"] == "file-sent"
    assert content.leaf["detail"]["digest"] == manifest.digest
    assert "年报" not in content.receipt.leaf, "a name may be personal and stays out of evidence"
    assert (
        content.response.headers["content-disposition"]
        == "attachment; filename*=UTF-8''%E5%B9%B4%E6%8A%A5.csv"
    )
    received = shelf.send(
        "POST", f"{path}/receipt", body=b'{"digest":"%s"}' % str(manifest.digest).encode(), key=stage.key, purpose=ITEM,
        grant=shelf.grant,
    )  # fmt: skip
    stage.proves(received)
    rows = sql(
        stage,
        "SELECT consumer, sent, received_at IS NOT NULL, receipt FROM files_delivery WHERE file_id = %s",
        number,
    )
    assert rows[0][1:3] == (len(SMALL), True)
    assert rows[0][3] == f"gw1/{received.receipt.index}"


@pytest.mark.parametrize(
    ("what", "status", "code"),
    [
        ({"told": {"Upload-Offset": "0"}, "tus_resumable": "0.2.2"}, 412, "tus-version"),
        ({"told": {"Upload-Offset": "0"}, "content_type": "text/plain"}, 415, "upload-type"),
        ({"told": {"Upload-Offset": "3"}}, 409, "upload-offset"),
        ({"told": {"Upload-Offset": "-1"}}, 400, "upload-header"),
        ({"told": {}}, 400, "upload-header"),
        ({"told": {"Upload-Offset": "0"}, "unsigned": True}, 400, "upload-unsigned"),
        ({"told": {"Upload-Offset": "0"}, "body": b"x" * 11}, 413, "upload-piece-too-large"),
        ({"told": {"Upload-Offset": "0"}, "upload_checksum": "md5 AAAA"}, 400, "upload-header"),
        ({"told": {"Upload-Offset": "0"}, "upload_checksum": "sha1 !"}, 400, "upload-header"),
        ({"told": {"Upload-Offset": "0"}, "upload_checksum": "sm3 " + sm3_base64(b"other")}, 460, "upload-checksum"),
    ],
)  # fmt: skip
def test_a_piece_that_is_wrong_is_refused_and_leaves_the_offset(
    shelf: Shelf, what: dict[str, Any], status: int, code: str
) -> None:
    path = shelf.begun(10)
    given = {"content_type": "application/offset+octet-stream", "body": b"0123456789", **what}
    answer = shelf.send("PATCH", path, **given)
    assert (answer.status, answer.code) == (status, code)
    assert answer.response.headers["tus-resumable"] == "1.0.0"
    assert shelf.offset(path) == 0
    assert shelf.send("DELETE", path).status == 204


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sm3"])
def test_a_right_checksum_lets_a_piece_through(shelf: Shelf, algorithm: str) -> None:
    digest = SM3(SMALL) if algorithm == "sm3" else hashlib.new(algorithm, SMALL).digest()
    path = shelf.begun(len(SMALL))
    said = f"{algorithm} {base64.b64encode(digest).decode()}"
    assert shelf.add(path, 0, SMALL, upload_checksum=said).status == 204


@pytest.mark.parametrize(
    ("what", "status", "code"),
    [
        ({"length": 1 << 41}, 413, "upload-too-large"),
        ({"name": "../passwd"}, 422, "file-name"),
        ({"name": "a\u202efdp.exe"}, 422, "file-name"),
        ({"name": "a\nb.csv"}, 422, "file-name"),
        ({"name": "CON.txt"}, 422, "file-name"),
        ({"filetype": "text/csv; charset=gbk"}, 422, "file-media"),
        ({"digest": "md5:00"}, 400, "upload-header"),
        ({"resource": "306001003/12"}, 404, "files-not-offered"),
        ({"resource": "nothing/1"}, 404, "resource-not-found"),
        ({"concat": "final;/v1/files/F00000000000000000000000000", "final": True}, 404, "file-unknown"),
        ({"concat": "halves"}, 400, "upload-header"),
    ],
)  # fmt: skip
def test_an_upload_that_cannot_be_is_refused_with_evidence(
    shelf: Shelf, stage: Stage, what: dict[str, Any], status: int, code: str
) -> None:
    answer = shelf.announce(what.pop("length", 10), what.pop("name", "年报.csv"), **what)
    assert (answer.status, answer.code) == (status, code)
    stage.proves(answer, shelf.provider)
    assert answer.leaf["kind"] == "refusal"


def test_an_upload_without_length_or_with_a_changed_header_is_refused(shelf: Shelf) -> None:
    assert shelf.announce(0, final=True).code == "upload-header"
    path = shelf.begun(10)
    signed = shelf.stage.sign(
        path, b"0123456789", key=shelf.provider, method="PATCH", query="upload-offset=0", purpose=PURPOSE
    )
    changed = shelf.stage.send(
        signed, Tus_Resumable="1.0.0", Upload_Offset="5", Content_Type="application/offset+octet-stream"
    )
    assert changed.code == "upload-unsigned", "what was altered on the way is not what was signed"
    other = shelf.stage.send(
        signed,
        body=b"9876543210",
        Tus_Resumable="1.0.0",
        Upload_Offset="0",
        Content_Type="application/offset+octet-stream",
    )
    assert (other.status, other.code) == (460, "upload-checksum")


def test_a_replayed_request_is_refused(shelf: Shelf) -> None:
    path = shelf.begun(10)
    signed = shelf.stage.sign(
        path, b"01234", key=shelf.provider, method="PATCH", query="upload-offset=0", purpose=PURPOSE
    )
    more: dict[str, Any] = {
        "Tus_Resumable": "1.0.0",
        "Upload_Offset": "0",
        "Content_Type": "application/offset+octet-stream",
    }
    assert shelf.stage.send(signed, **more).status == 204
    assert shelf.stage.send(signed, **more).code == "nonce-replayed"
    assert shelf.offset(path) == 5


def test_strangers_and_those_without_a_grant_by_file_learn_nothing(shelf: Shelf, stage: Stage) -> None:
    path = shelf.delivered(SMALL)
    for answer in (
        shelf.send("GET", path, key=stage.stranger, purpose=ITEM),
        shelf.send("GET", f"{path}/manifest", key=stage.stranger, purpose=ITEM),
        shelf.get(path, key=stage.stranger),
        shelf.get("/v1/files/F00000000000000000000000000"),
    ):
        assert (answer.status, answer.code) == (404, "file-unknown")
    assert shelf.send("HEAD", path, key=stage.stranger, purpose=ITEM).status == 404
    assert shelf.send("PATCH", path, key=stage.stranger, told={"Upload-Offset": "0"}).status == 404
    only_query = stage.grant(
        resource=CODE, modes=("query",), fields=(), predicates=(), required=(), claims=()
    )
    assert shelf.get(path, grant=only_query.id).code == "mode-not-granted"
    revoked = stage.grant(
        resource=CODE, modes=("file",), fields=(), predicates=(), required=(), state="revoked"
    )
    assert shelf.get(path, grant=revoked.id).code == "grant-revoked"
    assert (
        shelf.send("GET", path, key=stage.key, purpose="item:other", grant=shelf.grant).code
        == "purpose-not-allowed"
    )


def test_a_receiver_can_neither_add_nor_take_back_nor_upload(shelf: Shelf, stage: Stage) -> None:
    path = shelf.delivered(SMALL)
    more: dict[str, Any] = {"key": stage.key, "purpose": ITEM, "grant": shelf.grant}
    assert shelf.send("DELETE", path, **more).code == "files-not-provider"
    assert shelf.add(path, 0, b"x", **more).code == "files-not-provider"
    assert shelf.announce(10, **more).code == "files-not-provider"
    assert shelf.announce(10, key=stage.stranger).code == "resource-not-found"


def test_ranges_conditions_and_heads_are_answered_as_http_says(shelf: Shelf, stage: Stage) -> None:
    content = os.urandom(CHUNK + 1000)
    path = shelf.delivered(content, "b.bin")
    head = shelf.send("HEAD", path, key=stage.key, purpose=ITEM, grant=shelf.grant)
    tag = head.response.headers["etag"]
    assert head.response.headers["content-length"] == str(len(content))
    assert head.response.content == b""
    for value, first, last in (
        ("bytes=0-0", 0, 0), ("bytes=5-", 5, len(content) - 1), ("bytes=-7", len(content) - 7, len(content) - 1),
        (f"bytes={CHUNK - 3}-{CHUNK + 3}", CHUNK - 3, CHUNK + 3), ("bytes=9-99999999999", 9, len(content) - 1),
    ):  # fmt: skip
        answer = shelf.get(path, Range=value)
        assert answer.status == 206, value
        assert answer.response.headers["content-range"] == f"bytes {first}-{last}/{len(content)}"
        assert answer.response.content == content[first : last + 1]
        assert answer.leaf["detail"]["first"] == first
    past = shelf.get(path, Range=f"bytes={len(content)}-")
    assert (past.status, past.response.headers["content-range"]) == (416, f"bytes */{len(content)}")
    for passed_over in ("bytes=0-1,5-6", "lines=1-2", "bytes=9-5"):
        assert shelf.get(path, Range=passed_over).status == 200
    assert shelf.get(path, Range="bytes=0-1", If_Range=tag).status == 206
    assert shelf.get(path, Range="bytes=0-1", If_Range='"other"').status == 200
    assert shelf.get(path, If_None_Match=tag).status == 304
    assert shelf.get(path, If_Match='"other"').status == 412


def test_what_is_found_keeps_a_file_from_everyone_and_is_told_to_its_sender(shelf: Shelf) -> None:
    path = shelf.begun(4, "report.pdf")
    shelf.add(path, 0, b"MZ\x90\x00")
    assert shelf.state(path) == "refused"
    assert shelf.send("HEAD", path).response.headers["yw-file-finding"] == "media application/x-executable"
    assert shelf.get(path).code == "file-refused"
    wrong = shelf.begun(len(SMALL), digest="sha256:" + "0" * 64)
    shelf.add(wrong, 0, SMALL)
    assert shelf.state(wrong) == "refused"
    right = shelf.begun(len(SMALL), digest="sha256:" + hashlib.sha256(SMALL).hexdigest())
    shelf.add(right, 0, SMALL)
    assert shelf.state(right) == "ready"


def test_parts_are_joined_and_each_but_the_last_ends_with_a_chunk(shelf: Shelf) -> None:
    one, two = os.urandom(CHUNK), os.urandom(99)
    paths = [shelf.begun(len(part), "part", concat="partial") for part in (one, two)]
    assert (
        shelf.announce(0, "whole.bin", concat=f"final;{' '.join(paths)}", final=True).code == "upload-concat"
    )
    for path, part in zip(paths, (one, two), strict=True):
        assert shelf.add(path, 0, part).status == 204
    assert shelf.get(paths[0]).code == "file-unknown", "a part is no file"
    turned = shelf.announce(0, "whole.bin", concat=f"final;{paths[1]} {paths[0]}", final=True)
    assert turned.code == "upload-concat"
    whole = shelf.begun(0, "whole.bin", concat=f"final;{' '.join(paths)}", final=True)
    assert shelf.state(whole) == "ready"
    assert shelf.get(whole).response.content == one + two
    assert shelf.send("HEAD", paths[0]).status == 410, "it became part of the whole"


def test_an_upload_ends_by_its_time_or_its_sender(shelf: Shelf, stage: Stage) -> None:
    given_up = shelf.begun(10)
    shelf.add(given_up, 0, b"01234")
    assert shelf.send("DELETE", given_up).status == 204
    assert shelf.add(given_up, 5, b"56789").code == "file-gone"
    assert shelf.send("DELETE", given_up).code == "file-gone"
    expired = shelf.begun(10)
    sql(
        stage,
        "UPDATE files_file SET expires_at = now() - interval '1 s' WHERE id = %s",
        expired.rpartition("/")[2],
    )
    assert shelf.add(expired, 0, b"01234").status == 410
    assert shelf.send("HEAD", expired).status == 410
    done = shelf.delivered(SMALL)
    assert shelf.add(done, len(SMALL), b"").code == "upload-complete"


def test_equal_chunks_are_stored_once_and_counted(shelf: Shelf, stage: Stage) -> None:
    content = os.urandom(500)
    digest = SM3(content).hex()
    paths = [shelf.delivered(content, "d.bin") for _ in range(2)]
    assert sql(stage, "SELECT refs FROM files_chunk WHERE digest = %s", digest) == [(2,)]
    shelf.send("DELETE", paths[0])
    assert sql(stage, "SELECT refs FROM files_chunk WHERE digest = %s", digest) == [(1,)]
    assert shelf.get(paths[1]).response.content == content


def test_a_resource_takes_only_its_kinds_and_sizes(shelf: Shelf, stage: Stage) -> None:
    try:
        shelf_row(stage, largest=100, media='["text/csv"]')
        assert shelf.announce(101).code == "upload-too-large"
        assert shelf.announce(10, "a.pdf").code == "file-media"
        assert shelf.announce(10).status == 201
    finally:
        shelf_row(stage, largest=1 << 40, media="[]")


def test_an_empty_file_and_pieces_that_cross_a_chunk_arrive_whole(shelf: Shelf) -> None:
    empty = shelf.begun(0, "empty.txt")
    assert shelf.state(empty) == "ready"
    assert shelf.get(empty).response.content == b""
    content = os.urandom(2 * CHUNK + 77)
    path = shelf.begun(len(content), "b.bin")
    at = 0
    for size in (1000, CHUNK, CHUNK - 1500, 577):
        assert (
            shelf.add(path, at, content[at : at + size], to=shelf.stage.two if at == 1000 else None).status
            == 204
        )
        at += size
    assert at == len(content)
    assert shelf.state(path) == "ready"
    assert shelf.get(path, to=shelf.stage.two).response.content == content


def test_a_full_disk_is_told_and_nothing_half_written_stays(
    stage: Stage, shelf: Shelf, tmp_path: Path
) -> None:
    landing = stage.node.node.folder / "files" / "landing"
    before = set(landing.iterdir())
    free = os.statvfs(landing)
    much = free.f_bavail * free.f_frsize + (1 << 30)
    answer = shelf.announce(much, "big.bin")
    assert (answer.status, answer.code) == (507, "files-disk-full")
    assert answer.response.headers["retry-after"]
    assert set(landing.iterdir()) == before
