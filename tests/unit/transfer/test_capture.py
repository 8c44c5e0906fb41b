"""Reading a slot: the protocol, which transactions a snapshot holds, and folding many changes into one state."""

from __future__ import annotations

import contextlib
import struct
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.dataplane.transfer.capture import pgoutput as p
from yiwang.dataplane.transfer.capture.folding import Folder
from yiwang.dataplane.transfer.capture.preparing import slot_name
from yiwang.dataplane.transfer.capture.spool import Spool, Transaction
from yiwang.dataplane.transfer.capture.visibility import Snapshot, position, spelled
from yiwang.dataplane.transfer.shape import Column

U32 = st.integers(0, 2**32 - 1)
U64 = st.integers(0, 2**64 - 1)
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12)
ROWS = st.lists(
    st.none() | st.just(p.UNCHANGED) | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    max_size=9,
).map(tuple)
CHANGES = (
    st.builds(p.Insert, U32, ROWS)
    | st.builds(p.Update, U32, ROWS, st.none(), ROWS)
    | st.builds(p.Update, U32, st.none(), ROWS, ROWS)
    | st.builds(p.Update, U32, st.none(), st.none(), ROWS)
    | st.builds(p.Delete, U32, ROWS, st.booleans())
    | st.builds(p.Truncate, st.lists(U32, max_size=4).map(tuple))
)
MESSAGES = (
    CHANGES
    | st.builds(p.Begin, U64, st.integers(-(2**63), 2**63 - 1), U32)
    | st.builds(p.Commit, st.integers(-(2**63), 2**63 - 1), U64, U64)
    | st.builds(p.Relation, U32, NAMES, NAMES, st.sampled_from("dnfi"),
                st.lists(st.builds(p.Attribute, NAMES, U32, U32, st.booleans()), max_size=5).map(tuple))
)  # fmt: skip


def row(values: p.Tuple) -> bytes:
    parts = [struct.pack("!H", len(values))]
    for value in values:
        if isinstance(value, str):
            data = value.encode()
            parts.append(b"t" + struct.pack("!I", len(data)) + data)
        else:
            parts.append(b"n" if value is None else b"u")
    return b"".join(parts)


def encoded(message: p.Message) -> bytes:
    """As the server writes it, by the documentation's tables."""
    match message:
        case p.Begin(final, at, xid):
            return b"B" + struct.pack("!QqI", final, at, xid)
        case p.Commit(at, lsn, end):
            return b"C" + struct.pack("!BQQq", 0, lsn, end, at)
        case p.Relation(oid, schema, name, identity, columns):
            head = (
                b"R"
                + struct.pack("!I", oid)
                + schema.encode()
                + b"\0"
                + name.encode()
                + b"\0"
                + identity.encode()
            )
            told = [
                struct.pack("!B", c.keyed) + c.name.encode() + b"\0" + struct.pack("!II", c.type, c.modifier)
                for c in columns
            ]
            return head + struct.pack("!H", len(columns)) + b"".join(told)
        case p.Insert(relation, new):
            return b"I" + struct.pack("!I", relation) + b"N" + row(new)
        case p.Update(relation, key, old, new):
            before = b"K" + row(key) if key is not None else b"O" + row(old) if old is not None else b""
            return b"U" + struct.pack("!I", relation) + before + b"N" + row(new)
        case p.Delete(relation, old, whole):
            return b"D" + struct.pack("!I", relation) + (b"O" if whole else b"K") + row(old)
        case p.Truncate(relations):
            return (
                b"T"
                + struct.pack("!IB", len(relations), 1)
                + b"".join(struct.pack("!I", one) for one in relations)
            )
        case p.Aside():
            return b"O"


@given(MESSAGES)
def test_every_message_is_read_as_it_was_written(message: p.Message) -> None:
    assert p.decode(encoded(message)) == message


@given(MESSAGES, st.data())
def test_a_message_that_is_cut_off_or_longer_is_refused(message: p.Message, data: st.DataObject) -> None:
    whole = encoded(message)
    end = data.draw(st.integers(0, len(whole) - 1))
    for broken in (whole[:end], whole + b"x"):
        with pytest.raises(p.Garbled):
            p.decode(broken)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_message_or_are_refused(data: bytes) -> None:
    try:
        p.decode(data)
    except p.Garbled:
        return


@given(st.integers(0, 2**64 - 1))
def test_a_position_is_spelled_as_postgresql_does(lsn: int) -> None:
    assert position(spelled(lsn)) == lsn
    assert spelled(0x16B374D848) == "16/B374D848"


@given(st.integers(3, 2**62), st.integers(0, 2**20), st.data())
def test_a_snapshot_knows_its_transactions_across_the_turn_of_32_bits(
    low: int, width: int, data: st.DataObject
) -> None:
    high = low + width
    running = (
        frozenset(data.draw(st.lists(st.integers(low, max(low, high - 1)), max_size=4)))
        if width
        else frozenset()
    )
    snapshot = Snapshot.parse(f"{low}:{high}:{','.join(map(str, running))}")
    xid = max(3, data.draw(st.integers(high - 2**30, high + 2**30)))
    assert snapshot.holds(xid % 2**32) == (xid < high and xid not in running)


COLUMNS = (Column("id", "integer"), Column("v", "text"), Column("large", "text"))
KEYS = st.integers(1, 5)
STEPS = st.lists(
    st.tuples(st.just("insert"), KEYS, KEYS) | st.tuples(st.just("delete"), KEYS, KEYS) | st.tuples(st.just("truncate"), KEYS, KEYS)
    | st.tuples(st.just("update"), KEYS, KEYS) | st.tuples(st.just("move"), KEYS, KEYS),
    max_size=30,
)  # fmt: skip


@given(st.dictionaries(KEYS, st.just(("old", "large"))), STEPS, st.integers(1, 8))
def test_folded_changes_leave_the_rows_that_the_changes_one_by_one_leave(
    start: dict[int, tuple[str, str]], steps: list[tuple[str, int, int]], piece: int
) -> None:
    """Against a table in memory; `large` never travels with an update, and lies in the target's row before."""
    table: dict[int, tuple[str, str]] = dict(start)
    target: dict[Any, Any] = dict(start)
    folder = Folder(COLUMNS, ("id",), lambda key: key)
    folder.describe(
        p.Relation(7, "public", "t", "d", tuple(p.Attribute(c.name, 0, 0, c.name == "id") for c in COLUMNS))
    )

    def flush() -> None:
        folded = folder.taken()
        before = {} if folded.emptied else dict(target)
        if folded.emptied:
            target.clear()
        for key in folded.rows:
            target.pop(key[0], None)
        for key, draft in folded.rows.items():
            if draft is not None:
                _, v, large = draft.values
                target[key[0]] = (v, before[draft.origin[0]][1] if large is p.UNCHANGED else large)

    for number, (what, one, other) in enumerate(steps):
        text = f"{what}{number}"
        if what == "insert" and one not in table:
            table[one] = (text, f"large{number}")
            folder.add(p.Insert(7, (str(one), text, f"large{number}")))
        elif what == "delete" and one in table:
            del table[one]
            folder.add(p.Delete(7, (str(one), None, None), whole=False))
        elif what == "truncate" and one == 1:
            table.clear()
            folder.add(p.Truncate((7,)))
        elif what == "update" and one in table:
            table[one] = (text, table[one][1])
            folder.add(p.Update(7, None, None, (str(one), text, p.UNCHANGED)))
        elif what == "move" and one in table and other not in table:
            table[other] = (text, table.pop(one)[1])
            folder.add(p.Update(7, (str(one), None, None), None, (str(other), text, p.UNCHANGED)))
        if len(folder) >= piece:
            flush()
    flush()
    assert target == table


def test_values_come_as_the_driver_gives_them_and_columns_that_were_not_there_yet_are_null() -> None:
    columns = (
        Column("id", "integer"),
        Column("n", "decimal"),
        Column("ok", "boolean"),
        Column("raw", "binary"),
        Column("later", "text"),
    )
    folder = Folder(columns, ("id",), lambda key: key)
    told = [("raw", r"\x00ff"), ("gone", "x"), ("id", "5"), ("ok", "t"), ("n", "1.50")]
    folder.describe(
        p.Relation(7, "public", "t", "d", tuple(p.Attribute(name, 0, 0, name == "id") for name, _ in told))
    )
    folder.add(p.Insert(7, tuple(value for _, value in told)))
    draft = folder.taken().rows[(5,)]
    assert draft is not None
    assert draft.values == [5, Decimal("1.50"), True, b"\x00\xff", None]
    with pytest.raises(p.Garbled):
        folder.add(p.Insert(8, ("1",)))


def test_what_a_spool_was_given_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    with Spool.opened(tmp_path) as spool:
        spool.begin_at("slot", 100)
        with contextlib.suppress(KeyError), spool.taking() as taking:
            taking.message(110, b"a")
            taking.commit(Transaction(110, 120, 1, 1))
            raise KeyError
        assert (spool.waiting(0), spool.reached) == ([], 100)
        with spool.taking() as taking:
            for final in (110, 130):
                taking.message(final, b"a%d" % final)
                taking.commit(Transaction(final, final + 10, final, 1))
    assert (tmp_path / "spool.sqlite").stat().st_mode & 0o077 == 0
    with Spool.opened(tmp_path) as spool:
        first, second = spool.waiting(spool.begun)
        assert (first.final, second.final, spool.reached) == (110, 130, 140)
        assert list(spool.messages(second)) == [b"a130"]
        spool.forget(first.end)
        assert spool.waiting(0) == [second]
        assert b"a110" not in (tmp_path / "spool.sqlite").read_bytes()


@given(st.text(max_size=90))
def test_a_slot_has_a_name_that_postgresql_takes(job: str) -> None:
    name = slot_name(job)
    assert len(name) <= 63
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789_")
