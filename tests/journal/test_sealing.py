"""Heads of sessions' batches carry a code until a signature follows: soon, and before anybody is given one."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.journal.cases import Database, answer, charge, head_key, writing
from tests.journal.test_notary import until
from yiwang.blocks.journal.domain.audit.kept import Witness
from yiwang.blocks.journal.domain.audit.report import Report
from yiwang.blocks.journal.domain.coding import CODE_BYTES, HeadCoder, is_code
from yiwang.blocks.journal.domain.errors import JournalDamaged
from yiwang.blocks.journal.store.auditing import audit_database
from yiwang.gateway.evidence.reading import EvidenceReader
from yiwang.gateway.evidence.sealing import SEAL_LEAVES
from yiwang.gateway.evidence.writer import LARGEST_BATCH, EvidenceWriter
from yiwang.vocabulary.crypto import FileKeyProvider, suite
from yiwang.vocabulary.evidence import Receipt, SignedHead, parse_head, trust_of, verify_head
from yiwang.vocabulary.evidence.errors import EvidenceError
from yiwang.vocabulary.merkle import leaf_hash, verify_inclusion

pytestmark = pytest.mark.anyio
LAST = "SELECT head, signature FROM journal_head ORDER BY size DESC LIMIT 1"
UNSIGNED = f"SELECT count(*) FROM journal_head WHERE octet_length(signature) = {CODE_BYTES}"
LAST_IS_SIGNED = (
    f"SELECT (octet_length(signature) <> {CODE_BYTES})::int FROM journal_head ORDER BY size DESC LIMIT 1"
)


def last_head(database: Database) -> SignedHead:
    ((text, signature),) = database.run(LAST)
    assert isinstance(signature, bytes)
    return SignedHead(str(text), signature.hex())


def is_signed(head: SignedHead, keys: Path) -> bool:
    trust = trust_of("lanzhou", FileKeyProvider(keys).describe("evidence"))
    return verify_head(parse_head(head.head), head.signature, trust) == []


async def calls(writer: EvidenceWriter, count: int, *, proving: bool = False) -> list[Receipt]:
    prepared = [replace(answer(charged=charge(calls=10**6)), proving=proving) for _ in range(count)]
    return await asyncio.gather(*map(writer.commit, prepared))


def take_signature_back(database: Database) -> SignedHead:
    """As a node leaves it that is killed before the signature follows."""
    head = last_head(database)
    code = HeadCoder(head_key).code(head.head.encode(), parse_head(head.head).suite)
    database.run("UPDATE journal_head SET signature = %s WHERE size = %s", code, parse_head(head.head).size)
    return SignedHead(head.head, code.hex())


async def test_a_signature_follows_by_itself_and_is_that_of_the_same_head(
    database: Database, tmp_path: Path, keys: Path
) -> None:
    database.compile()
    async with writing(database, tmp_path, keys, coded=True) as writer:
        await calls(writer, 1, proving=True)
        receipts = await calls(writer, 20)
        assert database.number(UNSIGNED) >= 1, "the batch was stored without a signature"
        for receipt in receipts:
            given = SignedHead(receipt.head, receipt.signature)
            assert is_signed(given, keys), "nobody is given a code"
            assert parse_head(given.head).size == 1, "the newest that is signed, though it covers less"
        text = last_head(database).head
        await until(database, LAST_IS_SIGNED, 1)
        assert last_head(database).head == text
        assert is_signed(last_head(database), keys)
    assert [one.kind for one in audited(database, keys).damages] == []


async def test_whoever_asks_for_heads_or_proofs_is_given_signed_ones_that_cover_what_was_answered(
    database: Database, tmp_path: Path, keys: Path
) -> None:
    database.compile()
    async with writing(database, tmp_path, keys, coded=True) as writer:
        reader = EvidenceReader(database.url, sealed=writer.seal)
        await reader.start()
        try:
            await calls(writer, 1, proving=True)
            for _ in range(3):
                (receipt,) = await calls(writer, 1)
                (head,) = await reader.heads()
                assert parse_head(head.head).size > receipt.index
                assert is_signed(head, keys)
                (receipt,) = await calls(writer, 1)
                found = await reader.receipt("gw1", receipt.index)
                assert found is not None
                assert is_signed(SignedHead(found.head, found.signature), keys)
                signed = parse_head(found.head)
                assert verify_inclusion(
                    suite("sm2-sm3"), leaf_hash(suite("sm2-sm3"), found.leaf.encode()), found.index, signed.size,
                    proof=[bytes.fromhex(part) for part in found.proof], root=bytes.fromhex(signed.root),
                )  # fmt: skip
                await calls(writer, 1)
                grown = await reader.consistency("gw1", signed.size)
                assert grown is not None
                assert parse_head(grown.second.head).size > signed.size
            take_signature_back(database)
            assert await reader.head("gw1", writer.size) is None, "a code is no head for others"
        finally:
            await reader.stop()


async def test_a_batch_that_hands_out_a_proof_is_signed_before_it_is_stored(
    database: Database, tmp_path: Path, keys: Path
) -> None:
    database.compile()
    async with writing(database, tmp_path, keys, coded=True) as writer:
        await calls(writer, 1, proving=True)
        await calls(writer, 3)
        mixed = await asyncio.gather(calls(writer, 2), calls(writer, 2, proving=True))
        for receipt in mixed[1]:
            assert is_signed(SignedHead(receipt.head, receipt.signature), keys)
            assert parse_head(receipt.head).size > receipt.index


async def test_no_more_than_so_many_leaves_wait_and_none_when_the_writer_stops(
    database: Database, tmp_path: Path, keys: Path
) -> None:
    database.compile()
    async with writing(database, tmp_path, keys, coded=True) as writer:
        await calls(writer, 1, proving=True)
        for _ in range(60):
            await calls(writer, 16)
        await calls(writer, 5)
    assert is_signed(last_head(database), keys)
    sizes = [
        int(str(row[0]))
        for row in database.run(
            f"SELECT size FROM journal_head WHERE octet_length(signature) <> {CODE_BYTES} ORDER BY size"
        )
    ]
    gaps = [later - earlier for earlier, later in itertools.pairwise(sizes)]
    assert max(gaps) <= SEAL_LEAVES + 2 * LARGEST_BATCH
    assert database.number(UNSIGNED) > 0
    assert audited(database, keys).damages == []


async def test_what_a_killed_writer_left_unsigned_is_signed_by_the_next(
    database: Database, tmp_path: Path, keys: Path
) -> None:
    database.compile()
    async with writing(database, tmp_path, keys, coded=True) as writer:
        await calls(writer, 3, proving=True)
    take_signature_back(database)
    async with writing(database, tmp_path, keys, coded=True):
        await until(database, LAST_IS_SIGNED, 1)
    assert is_signed(last_head(database), keys)
    take_signature_back(database)
    async with writing(database, tmp_path, keys, coded=True) as writer:
        (receipt,) = await calls(writer, 1)  # the first batch is signed, whatever it is
    assert receipt.index == 3
    assert audited(database, keys).damages == []


async def test_a_key_that_was_replaced_meanwhile_signs_the_next_head(
    database: Database, tmp_path: Path
) -> None:
    database.compile()
    folder = tmp_path / "keys"
    provider = FileKeyProvider(folder, create=True)
    provider.signing_key("evidence")
    async with writing(database, tmp_path, folder, coded=True) as writer:
        await calls(writer, 2, proving=True)
    left = take_signature_back(database)
    provider.rotate("evidence")
    async with writing(database, tmp_path, folder, coded=True) as writer:
        await calls(writer, 1)
        assert parse_head(last_head(database).head).key == writer.kid != parse_head(left.head).key
    assert is_signed(last_head(database), folder)
    assert audited(database, folder).damages == []


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param("UPDATE journal_head SET signature = decode(repeat('00', 32), 'hex')", id="code"),
        pytest.param("UPDATE journal_leaf SET leaf_hash = decode(repeat('00', 32), 'hex')", id="leaf"),
        pytest.param("DELETE FROM journal_head WHERE size = (SELECT max(size) FROM journal_head)", id="head"),
        pytest.param("UPDATE journal_head SET head = replace(head, '\"size\":', '\"size\": ')", id="text"),
    ],
)
async def test_what_was_changed_before_the_signature_followed_is_noticed(
    database: Database, tmp_path: Path, keys: Path, harm: str
) -> None:
    database.compile()
    async with writing(database, tmp_path, keys, coded=True) as writer:
        await calls(writer, 3, proving=True)
    take_signature_back(database)
    database.run(harm)
    with pytest.raises((JournalDamaged, EvidenceError)):
        async with writing(database, tmp_path, keys, coded=True):
            pass
    assert audited(database, keys).damages != []


async def test_a_writer_without_the_key_of_the_codes_does_not_go_on_upon_one(
    database: Database, tmp_path: Path, keys: Path
) -> None:
    database.compile()
    async with writing(database, tmp_path, keys, coded=True) as writer:
        await calls(writer, 1, proving=True)
    take_signature_back(database)
    with pytest.raises(JournalDamaged, match="not signed"):
        async with writing(database, tmp_path, keys):
            pass


async def test_a_writer_whose_term_is_over_signs_nothing_more(
    database: Database, tmp_path: Path, keys: Path
) -> None:
    database.compile()
    async with writing(database, tmp_path, keys, coded=True) as writer:
        await calls(writer, 1, proving=True)
        database.run("UPDATE journal_lease SET term = term + 7")
        await asyncio.sleep(0.05)
        take_signature_back(database)
        writer._sealing.resume(writer._sealing.signed, last_head(database))
        writer._wake.set()
        await until(database, "SELECT (term > 8)::int FROM journal_lease", 1)  # it has taken the log anew
        await until(database, LAST_IS_SIGNED, 1)
    assert audited(database, keys).damages == []


def audited(
    database: Database, keys: Path, *, coder: HeadCoder | None = None, high_water: SignedHead | None = None
) -> Report:
    trust = trust_of("lanzhou", FileKeyProvider(keys).describe("evidence"))
    witnesses = [Witness("the high-water file", high_water)] if high_water else []
    (report,) = audit_database(database.url, trust, witnesses, coder=coder or HeadCoder(head_key))
    return report


async def test_the_audit_tells_codes_of_the_node_from_made_up_ones(
    database: Database, tmp_path: Path, keys: Path
) -> None:
    database.compile()
    async with writing(database, tmp_path, keys, coded=True) as writer:
        await calls(writer, 1, proving=True)
        await calls(writer, 2, proving=True)
    kept = take_signature_back(database)
    trust = trust_of("lanzhou", FileKeyProvider(keys).describe("evidence"))

    def found(report: Report) -> list[str]:
        return [one.kind for one in [*report.damages, *report.notes]]

    assert found(audited(database, keys)) == ["head-not-signed-yet"]
    assert found(audited(database, keys, high_water=kept)) == ["head-not-signed-yet"]
    # without the key: for a moment nothing can be said, later a head that nobody signed is damage
    (report,) = audit_database(database.url, trust, [])
    assert found(report) == ["head-not-signed-yet"]
    (report,) = audit_database(database.url, trust, [], clock=lambda: 4e9)
    assert found(report) == ["leaves-beyond-head"]
    (report,) = audit_database(database.url, trust, [Witness("somebody", kept)])
    assert "retained-head-unusable" in found(report), "a code proves nothing to others"
    other = HeadCoder(lambda: b"another node's!!")
    assert found(audited(database, keys, coder=other)) == ["head-forged", "leaves-beyond-head"]
    # the last leaves and their head gone: what was kept outside of the database tells
    database.run("DELETE FROM journal_leaf WHERE index > 0")
    database.run("DELETE FROM journal_head WHERE size > 1")
    assert found(audited(database, keys)) == []
    assert found(audited(database, keys, high_water=kept)) == ["log-shortened"]
    assert is_code(kept.signature)
