"""The folder of chunks: written whole or not at all, whatever happens in between."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.dataplane.filestore.errors import StoreFull, StoreTrouble
from yiwang.dataplane.filestore.store import FileStore, landing_name
from yiwang.vocabulary.crypto import SUITES

SUITE = SUITES["sm2-sm3"]


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path, SUITE, reserve=0)


def digest(data: bytes) -> str:
    return SUITE.digest(data).hex()


def everything(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def test_a_chunk_is_kept_once_and_read_in_parts(store: FileStore, tmp_path: Path) -> None:
    store.put(digest(b"hello"), b"hello")
    store.put(digest(b"hello"), b"hello")
    assert store.read(digest(b"hello"), 1, 3) == b"ell"
    assert store.whole(digest(b"hello"), 5) == b"hello"
    assert len(everything(tmp_path)) == 1
    store.remove(digest(b"hello"))
    store.remove(digest(b"hello"))
    assert everything(tmp_path) == set()
    with pytest.raises(FileNotFoundError):
        store.read(digest(b"hello"))


def test_a_flipped_bit_or_a_lost_end_is_noticed(store: FileStore, tmp_path: Path) -> None:
    name = digest(b"hello")
    store.put(name, b"hello")
    path = next(tmp_path.rglob(name))
    for damaged in (b"hellp", b"hell"):
        path.write_bytes(damaged)
        assert store.whole(name, 5) is None


@pytest.mark.parametrize(
    ("number", "kind"), [(errno.ENOSPC, StoreFull), (errno.EDQUOT, StoreFull), (errno.EIO, StoreTrouble)]
)
def test_a_write_that_fails_half_way_leaves_nothing(
    store: FileStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[Exception]
) -> None:
    real = os.pwrite

    def half(file: int, data: bytes, at: int) -> int:
        if at:
            raise OSError(number, os.strerror(number))
        return real(file, data[:2], at)

    monkeypatch.setattr(os, "pwrite", half)
    with pytest.raises(kind):
        store.put(digest(b"hello"), b"hello")
    assert everything(tmp_path) == set()
    monkeypatch.undo()
    store.put(digest(b"hello"), b"hello")
    assert store.whole(digest(b"hello"), 5) == b"hello"


def test_no_room_is_told_before_anything_is_taken(tmp_path: Path) -> None:
    store = FileStore(tmp_path, SUITE, reserve=1 << 60)
    with pytest.raises(StoreFull):
        store.check_room(1)


@given(st.lists(st.tuples(st.binary(min_size=1, max_size=9), st.booleans()), max_size=12))
def test_what_was_acknowledged_survives_attempts_that_broke_off(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[bytes, bool]]
) -> None:
    """Each step writes at the acknowledged offset; where it breaks off afterwards, the offset stays and the next one writes over it."""
    store = FileStore(tmp_path_factory.mktemp("s"), SUITE, reserve=0)
    place, known = landing_name("F1", 0), b""
    for data, acknowledged in steps:
        store.land(place, len(known), data)
        if acknowledged:
            known += data
        assert store.landed(place, len(known)) == known
    store.drop(place)
    assert store.landed(place, 1) is None


def test_each_chunk_of_an_upload_lands_in_a_place_of_its_own() -> None:
    assert landing_name("F1", (4 << 20) - 1) == "F1.0"
    assert landing_name("F1", 4 << 20) == "F1.1"


def test_what_a_killed_process_left_is_swept_when_it_is_old(store: FileStore, tmp_path: Path) -> None:
    half, landed = tmp_path / "landing" / ".abc", tmp_path / "landing" / "F1.0"
    half.write_bytes(b"x")
    landed.write_bytes(b"x")
    os.utime(half, (0, 0))
    assert store.strays(100.0) == 1
    assert everything(tmp_path) == {"landing/F1.0"}
    os.utime(landed, (0, 0))
    assert store.strays(8 * 86_400.0) == 1
