"""What may not be stored is dropped alone: its batch goes on without it, and nothing of it stays."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.journal.cases import GRANT, Database, answer, charge, writing
from yiwang.blocks.journal.domain.errors import (
    AttemptsExhausted,
    ClientChanged,
    CommitRefused,
    GrantChanged,
    LeaseLost,
    LogTaken,
    NonceReplayed,
    QuotaExhausted,
    RequestBeforeFloor,
    SubjectsExhausted,
)
from yiwang.blocks.journal.domain.prepared import Prepared
from yiwang.gateway.evidence.writer import EvidenceWriter
from yiwang.vocabulary.evidence import Receipt

pytestmark = pytest.mark.anyio


async def all_of(writer: EvidenceWriter, prepared: list[Prepared]) -> list[Receipt | BaseException]:
    return await asyncio.gather(*(writer.commit(one) for one in prepared), return_exceptions=True)


def kinds(results: list[Receipt | BaseException]) -> list[type]:
    return [type(one) for one in results]


async def test_a_nonce_is_taken_once_at_one_gateway_and_at_the_other(
    database: Database, tmp_path: Path, keys: Path
) -> None:
    database.compile()
    async with (
        writing(database, tmp_path, keys) as first,
        writing(database, tmp_path, keys, log="gw2") as second,
    ):
        assert kinds(await all_of(first, [answer(nonce="n"), answer(nonce="n"), answer()])) == [
            Receipt, NonceReplayed, Receipt,
        ]  # fmt: skip
        assert kinds(await all_of(second, [answer(), answer(nonce="n"), answer()])) == [
            Receipt, NonceReplayed, Receipt,
        ]  # fmt: skip
        assert kinds(await all_of(second, [answer(nonce="n"), answer()])) == [NonceReplayed, Receipt]
    assert database.number("SELECT count(*) FROM journal_leaf") == 5
    assert database.number("SELECT count(*) FROM journal_idempotency") == 5


@pytest.mark.parametrize(("state", "epoch"), [("revoked", 2), ("active", 2), ("suspended", 1)])
async def test_a_changed_grant_refuses_what_was_decided_by_the_old_one(
    database: Database, tmp_path: Path, keys: Path, state: str, epoch: int
) -> None:
    database.compile()
    async with writing(database, tmp_path, keys) as writer:
        await writer.commit(answer())
        database.run("UPDATE exchange_compiled_grant SET state = %s, epoch = %s", state, epoch)
        refused, kept = await all_of(writer, [answer(), answer(epoch=None)])
        assert isinstance(refused, GrantChanged)
        assert refused.facts == {"grant": GRANT, "state": state, "epoch": epoch}
        assert isinstance(kept, Receipt)
        database.run("DELETE FROM identity_compiled_client")
        (gone,) = await all_of(writer, [answer()])
    assert isinstance(gone, ClientChanged)
    assert gone.facts["state"] == "absent"


async def test_the_last_unit_of_a_quota_goes_to_one_of_two_gateways(
    database: Database, tmp_path: Path, keys: Path
) -> None:
    database.compile()
    async with (
        writing(database, tmp_path, keys) as first,
        writing(database, tmp_path, keys, log="gw2") as second,
    ):
        ask = [
            all_of(writer, [answer(charged=charge(key=f"{name}-{n}", calls=7)) for n in range(5)])
            for writer, name in ((first, "a"), (second, "b"))
        ]
        results = [one for part in await asyncio.gather(*ask) for one in part]
        assert sorted(kind.__name__ for kind in kinds(results)) == ["QuotaExhausted"] * 3 + ["Receipt"] * 7
        assert kinds(await all_of(first, [answer(charged=charge(key="a-0", calls=7))])) == [Receipt]
        assert kinds(await all_of(first, [answer(charged=charge(key="new", calls=7))])) == [QuotaExhausted]
        assert kinds(await all_of(first, [answer(charged=charge(key="new", calls=8))])) == [Receipt]
    assert database.number("SELECT calls FROM journal_usage") == 8


async def test_a_repeated_call_leaves_a_leaf_and_costs_one_unit(
    database: Database, tmp_path: Path, keys: Path
) -> None:
    database.compile()
    async with writing(database, tmp_path, keys) as writer:
        await all_of(writer, [answer(charged=charge(key="same")) for _ in range(4)])
        await writer.commit(answer(charged=charge(key="same")))
        await writer.commit(answer(charged=charge(key=None)))
    assert database.number("SELECT calls FROM journal_usage") == 2
    assert database.number("SELECT count(*) FROM journal_leaf") == 6


async def test_subjects_are_counted_once_a_day_and_attempts_each_time(
    database: Database, tmp_path: Path, keys: Path
) -> None:
    database.compile()

    def verify(*subjects: str) -> Prepared:
        return answer(charged=charge(subjects=subjects, subjects_limit=3, attempt=True, attempts=2))

    async with writing(database, tmp_path, keys) as writer:
        assert kinds(await all_of(writer, [verify("x"), verify("x"), verify("x"), verify("y")])) == [
            Receipt, Receipt, AttemptsExhausted, Receipt,
        ]  # fmt: skip
        assert kinds(await all_of(writer, [verify("x")])) == [AttemptsExhausted]
        assert kinds(await all_of(writer, [verify("z"), verify("w"), verify("y")])) == [
            Receipt, SubjectsExhausted, Receipt,
        ]  # fmt: skip
        listed = answer(charged=charge(subjects=("x", "y", "v"), subjects_limit=3))
        assert kinds(await all_of(writer, [listed])) == [SubjectsExhausted]
        plain = answer(charged=charge(subjects=("x", "y"), subjects_limit=3))
        assert kinds(await all_of(writer, [plain])) == [Receipt]
    assert database.number("SELECT subjects FROM journal_usage") == 3
    assert database.run("SELECT attempts FROM journal_usage_subject ORDER BY 1") == [(1,), (2,), (2,)]


async def test_no_stored_row_holds_a_subject_as_it_is(database: Database, tmp_path: Path, keys: Path) -> None:
    database.compile()
    async with writing(database, tmp_path, keys) as writer:
        await writer.commit(answer(charged=charge(subjects=("290101199001010015",))))
    for table in ("journal_usage_subject", "journal_leaf", "journal_usage"):
        assert "290101199001010015" not in str(database.run(f"SELECT t::text FROM {table} t"))


async def test_a_second_writer_on_a_log_is_refused(database: Database, tmp_path: Path, keys: Path) -> None:
    async with writing(database, tmp_path, keys):
        with pytest.raises(LogTaken):
            async with writing(database, tmp_path, keys, patience=0.1):
                pass


async def test_a_writer_whose_term_is_over_cannot_commit(
    database: Database, tmp_path: Path, keys: Path
) -> None:
    database.compile()
    async with writing(database, tmp_path, keys) as writer:
        await writer.commit(answer())
        database.run("UPDATE journal_lease SET term = term + 1")
        assert kinds(await all_of(writer, [answer(), answer()])) == [LeaseLost, LeaseLost]
        assert database.number("SELECT count(*) FROM journal_leaf") == 1


async def test_requests_signed_before_the_floor_are_refused(
    database: Database, tmp_path: Path, keys: Path
) -> None:
    database.compile()
    async with writing(database, tmp_path, keys) as writer:
        database.run("UPDATE journal_log SET not_before = 2000000000")
        early, late = await all_of(writer, [answer(created=1999999999), answer(created=2000000000)])
    assert isinstance(early, RequestBeforeFloor)
    assert isinstance(late, Receipt)


async def test_an_item_that_cannot_be_encoded_harms_nobody(
    database: Database, tmp_path: Path, keys: Path
) -> None:
    database.compile()
    bad = Prepared(kind="event", request_id="evt-1", status=0, event="x", purpose="\ud800")
    async with writing(database, tmp_path, keys) as writer:
        results = await all_of(writer, [answer(), bad, answer()])
    assert kinds(results) == [Receipt, UnicodeEncodeError, Receipt]
    assert not isinstance(results[1], CommitRefused)
