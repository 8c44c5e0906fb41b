"""The writer stores what it is given, all of it or nothing of it, and gives receipts that verify."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.journal.cases import GRANT, Database, answer, charge, person, writing
from yiwang.vocabulary.crypto import FileKeyProvider, suite
from yiwang.vocabulary.evidence import parse_head, parse_leaf
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
