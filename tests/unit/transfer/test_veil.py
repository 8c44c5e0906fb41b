"""What a spool writes instead of values: sealed, bound to its place, and of no use to another key."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.dataplane.transfer.capture import veil
from yiwang.dataplane.transfer.capture.errors import CaptureSpoolDamaged
from yiwang.dataplane.transfer.capture.spool import Spool, Transaction
from yiwang.dataplane.transfer.capture.veil import Clear, Sealed
from yiwang.dataplane.transfer.sqlite import SQLite
from yiwang.vocabulary.crypto import SealBroken

KEY = bytes(range(16))
SECRET = "王小明".encode()


def filled(folder: Path, key: bytes = KEY) -> None:
    """Two transactions of two messages, and one key that was delivered."""
    with Spool.opened(folder, Sealed(key)) as spool:
        spool.begin_at("slot", 100)
        with spool.taking() as taking:
            for final in (110, 130):
                for part in (b"a", b"b"):
                    taking.message(final, SECRET + part + b"%d" % final)
                taking.commit(Transaction(final, final + 10, final, 2))
        spool.remember([("B000001",)])


def change(folder: Path, statement: str) -> None:
    database = SQLite.open(folder / "spool.sqlite", write=True)
    try:
        with database.transaction():
            database.execute(statement)
    finally:
        database.close()


@given(st.binary(max_size=2000), st.sampled_from([16, 32]), st.text(max_size=20))
def test_a_value_comes_back_from_its_own_place_alone(value: bytes, size: int, place: str) -> None:
    sealed = Sealed(bytes(size))
    covered = sealed.cover(value, place)
    assert sealed.uncover(covered, place) == value
    with pytest.raises(SealBroken):
        sealed.uncover(covered, place + "x")
    with pytest.raises(SealBroken):
        Sealed(b"x" * size).uncover(covered, place)
    if len(value) > 15:
        assert value not in covered


def test_a_long_value_is_sealed_in_pieces_none_of_which_can_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(veil, "_PIECE", 100)
    sealed = Sealed(KEY)
    value = bytes(range(250))
    covered = sealed.cover(value, "1/0")
    assert sealed.uncover(covered, "1/0") == value
    first = 4 + int.from_bytes(covered[:4], "big")
    for cut in (
        covered[first:],
        covered[:first] + covered[-8:],
        covered[:-1],
        covered[:first] + covered,
        b"",
        b"x" * 9,
    ):
        with pytest.raises(SealBroken):
            sealed.uncover(cut, "1/0")


def test_digests_of_keys_cannot_be_made_without_the_key() -> None:
    assert Sealed(KEY).mark(b"B1") == Sealed(KEY).mark(b"B1")
    assert len({Sealed(KEY).mark(b"B1"), Sealed(bytes(16)).mark(b"B1"), Clear().mark(b"B1")}) == 3
    assert Sealed(KEY).name != Sealed(bytes(16)).name
    assert KEY.hex() not in Sealed(KEY).name


def test_the_file_holds_nothing_in_the_clear_and_everything_for_its_key(tmp_path: Path) -> None:
    filled(tmp_path)
    assert SECRET not in (tmp_path / "spool.sqlite").read_bytes()
    with Spool.opened(tmp_path, Sealed(KEY)) as spool:
        first, second = spool.waiting(0)
        assert list(spool.messages(first)) == [SECRET + b"a110", SECRET + b"b110"]
        assert list(spool.messages(second)) == [SECRET + b"a130", SECRET + b"b130"]
        assert spool.known([("B000001",), ("B000002",)]) == {("B000001",)}


@pytest.mark.parametrize("other", [Clear(), Sealed(b"another key....."), None])
def test_another_veil_finds_it_empty_so_that_the_table_is_compared(
    tmp_path: Path, other: Clear | Sealed | None
) -> None:
    filled(tmp_path)
    with Spool.opened(tmp_path, other) as spool:
        assert (spool.fact("slot"), spool.reached, spool.begun, spool.waiting(0)) == ("", 0, 0, [])
        assert spool.known([("B000001",)]) == set()


def test_a_file_of_before_in_the_clear_is_not_taken_over(tmp_path: Path) -> None:
    with Spool.opened(tmp_path) as spool:
        spool.begin_at("slot", 100)
        with spool.taking() as taking:
            taking.message(110, SECRET)
            taking.commit(Transaction(110, 120, 1, 1))
    with Spool.opened(tmp_path, Sealed(KEY)) as spool:
        assert (spool.fact("slot"), spool.waiting(0)) == ("", [])
    assert SECRET not in (tmp_path / "spool.sqlite").read_bytes()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE message SET final = CASE final WHEN 110 THEN 130 ELSE 110 END",
        "UPDATE message SET data = (SELECT data FROM message WHERE number = 2) WHERE number = 1",
        "UPDATE message SET data = x'00'",
        "DELETE FROM message WHERE number = 1",
    ],
)
def test_what_was_altered_or_moved_is_not_applied(tmp_path: Path, statement: str) -> None:
    filled(tmp_path)
    change(tmp_path, statement)
    with Spool.opened(tmp_path, Sealed(KEY)) as spool:
        first = spool.waiting(0)[0]
        with pytest.raises(CaptureSpoolDamaged) as told:
            list(spool.messages(first))
    assert str(told.value.facts["file"]).endswith("spool.sqlite")
