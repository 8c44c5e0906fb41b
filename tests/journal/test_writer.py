"""The writer stores what it is given, all of it or nothing of it, and gives receipts that verify."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psutil
import pytest

from tests.journal.cases import GRANT, Database, answer, charge, period_key, person, writing
from yiwang.blocks.journal.domain.errors import JournalUnavailable
from yiwang.blocks.journal.domain.prepared import Prepared
from yiwang.blocks.journal.domain.subjects import subject_token
from yiwang.gateway.evidence.signing import NodeSigner
from yiwang.vocabulary.crypto import FileKeyProvider, suite
from yiwang.vocabulary.evidence import parse_head, parse_leaf, subject_commitment
from yiwang.vocabulary.merkle import leaf_hash, verify_inclusion

pytestmark = pytest.mark.anyio


async def test_a_receipt_proves_its_leaf_in_the_signed_tree(
    database: Database, tmp_path: Path, keys: Path
) -> None:
    database.compile()
    async with writing(database, tmp_path, keys) as writer:
        receipts = await asyncio.gather(*(writer.commit(answer(subjects=(person(1),))) for _ in range(20)))
    used, public = suite("sm2-sm3"), FileKeyProvider(keys).signing_key("evidence").public
    for receipt in receipts:
        head = parse_head(receipt.head)
        assert public.verify(receipt.head.encode(), bytes.fromhex(receipt.signature))
        proof = [bytes.fromhex(part) for part in receipt.proof]
        hashed = leaf_hash(used, receipt.leaf.encode())
        assert verify_inclusion(
            used, hashed, receipt.index, head.size, proof=proof, root=bytes.fromhex(head.root)
        )
        assert parse_leaf(receipt.leaf).grant == GRANT
    assert [row[0] for row in database.run("SELECT leaf FROM journal_leaf ORDER BY index")] == [
        receipt.leaf for receipt in sorted(receipts, key=lambda r: r.index)
    ]
    assert database.number("SELECT calls FROM journal_usage") == 20
    assert database.number("SELECT count(*) FROM journal_nonce") == 20
    assert database.number("SELECT count(*) FROM journal_subject") == 20


async def test_a_restarted_writer_continues_the_same_tree(
    database: Database, tmp_path: Path, keys: Path
) -> None:
    database.compile()
    for _ in range(3):
        async with writing(database, tmp_path, keys) as writer:
            for _ in range(3):
                await writer.commit(answer(charged=charge()))
    assert writer.size == 9
    assert database.number("SELECT term FROM journal_lease") == 3


async def test_texts_of_a_batch_are_stored_as_they_are(
    database: Database, tmp_path: Path, keys: Path
) -> None:
    database.compile()
    odd = ['a"b', "back\\slash", "{curly},comma", "two\nlines", "NULL", " space ", "数据"]
    async with writing(database, tmp_path, keys) as writer:
        receipts = await asyncio.gather(
            *(
                writer.commit(
                    Prepared(
                        kind="event", event="grant-issued", request_id=text, status=200, detail={"said": text}
                    )
                )
                for text in odd
            ),
            *(
                writer.commit(
                    answer(subjects=(person(2 * at), person(2 * at + 1)), charged=charge(key=f"k{at}"))
                )
                for at in range(5)
            ),
        )
    stored = database.run("SELECT request_id, leaf, leaf_hash FROM journal_leaf ORDER BY index")
    assert [row[0] for row in stored[: len(odd)]] == odd
    assert [row[1] for row in stored] == [receipt.leaf for receipt in sorted(receipts, key=lambda r: r.index)]
    assert [row[2] for row in stored] == [leaf_hash(suite("sm2-sm3"), str(row[1]).encode()) for row in stored]
    for index, token, salt, period in database.run("SELECT index, token, salt, period FROM journal_subject"):
        leaf = parse_leaf(next(r.leaf for r in receipts if r.index == index))
        assert isinstance(salt, bytes)
        named = [
            who
            for who in (person(number) for number in range(10))
            if subject_token(period_key(str(period)), who.kind, who.value) == token
        ]
        assert len(named) == 1
        assert (
            subject_commitment(suite("sm2-sm3"), salt, named[0].resource, named[0].field, named[0].value)
            in leaf.subjects
        )
    assert database.number("SELECT count(*) FROM journal_subject") == 10


@pytest.mark.parametrize(("name", "children"), [("ed25519", 0), ("sm2-sm3", 1)])
async def test_a_node_signs_in_a_process_where_a_signature_is_dear(
    tmp_path: Path, name: str, children: int
) -> None:
    kept = tmp_path / "keys"
    key = FileKeyProvider(kept, create=True, suite_name=name).signing_key("evidence")
    before = {child.pid for child in psutil.Process().children()}
    signer = NodeSigner(kept)
    await signer.start()
    try:
        assert (signer.kid, signer.suite) == (key.kid, name)
        assert key.public.verify(b"head", await signer.sign(b"head"))
        assert len({child.pid for child in psutil.Process().children()} - before) == children
    finally:
        await signer.stop()


async def test_a_node_without_an_evidence_key_says_so(tmp_path: Path) -> None:
    with pytest.raises(JournalUnavailable):
        await NodeSigner(tmp_path / "absent").start()
