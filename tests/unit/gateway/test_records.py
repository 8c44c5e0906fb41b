"""Records of countersigned calls are compared away from the event loop, and as they are compared in it."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yiwang.gateway.verification import packets, records
from yiwang.gateway.verification.pool import Verifiers
from yiwang.vocabulary.crypto import SUITES
from yiwang.vocabulary.sessions import Entry, record_of
from yiwang.vocabulary.sessions.record import in_order

_digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
_calls = st.builds(Entry, _digests, st.integers(0, 2**62), _digests)
_lost = st.builds(Entry, _digests)


@given(st.lists(_calls, max_size=12), st.lists(_lost, max_size=4))
def test_entries_come_out_as_they_went_in(calls: list[Entry], lost: list[Entry]) -> None:
    entries = in_order([*calls, *lost])
    assert records.unpacked(records.packed(entries)) == entries


def _entries(count: int) -> list[Entry]:
    calls = [Entry(f"{number:064x}", number, f"{number + 7:064x}") for number in range(count)]
    return [*calls, Entry("f" * 64)]


@settings(max_examples=2)
@given(st.sampled_from(sorted(SUITES)))
def test_a_process_finds_the_record_right_and_any_other_wrong(name: str) -> None:
    suite = SUITES[name]

    async def judged() -> None:
        verifiers = Verifiers(1)
        await verifiers.start()
        try:
            entries = _entries(400)
            root = bytes.fromhex(record_of(suite, entries))
            assert await verifiers.compare(suite, entries, root, "session 1")
            for other in (_entries(399), [*entries[:-1], Entry("e" * 64)], entries[:-1]):
                assert not await verifiers.compare(suite, other, root, "session 2")
            assert not await verifiers.compare(suite, entries, bytes(32), "session 3")
        finally:
            await verifiers.stop()

    asyncio.run(judged())


@pytest.mark.parametrize("count", [1000, 2000], ids=["the most that may be open", "more than a packet holds"])
def test_long_records_are_judged_too(count: int) -> None:
    suite, entries = SUITES["ed25519"], _entries(count)
    root = bytes.fromhex(record_of(suite, entries))
    assert (len(records.packed(entries)) > packets.LONGEST) is (count == 2000)

    async def judged() -> list[bool]:
        verifiers = Verifiers(1)
        await verifiers.start()
        try:
            return [await verifiers.compare(suite, entries, one, "session") for one in (root, bytes(32))]
        finally:
            await verifiers.stop()

    assert asyncio.run(judged()) == [True, False]
