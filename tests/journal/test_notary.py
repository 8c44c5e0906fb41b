"""The notary turns the outbox into leaves of the office log, once each, and keeps what is derived up to date."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.journal.cases import CONSUMER, GRANT, KID, PROVIDER, Database, answer, charge, writing
from yiwang.blocks.journal.domain.acks import Acknowledgement, ack_text
from yiwang.blocks.journal.domain.outbox import Entry, entry_of
from yiwang.gateway.evidence.notary import Notary
from yiwang.gateway.evidence.reading import EvidenceReader
from yiwang.gateway.evidence.signing import KeySigner
from yiwang.vocabulary.crypto import FileKeyProvider, generate, suite
from yiwang.vocabulary.evidence import parse_head, parse_leaf
from yiwang.vocabulary.merkle import leaf_hash, verify_consistency, verify_inclusion

pytestmark = pytest.mark.anyio


def notary_of(database: Database, folder: Path, keys: Path) -> Notary:
    provider = FileKeyProvider(keys, create=True)
    return Notary(
        database.url, node="lanzhou", signer=KeySigner(provider.signing_key("evidence")), keys=provider,
        high_water=folder / "journal",
    )  # fmt: skip


async def until(database: Database, sql: str, expected: int) -> None:
    for _ in range(400):
        if database.number(sql) == expected:
            return
        await asyncio.sleep(0.02)
    assert database.number(sql) == expected


async def test_an_event_becomes_a_leaf_and_leaves_the_outbox(
    database: Database, tmp_path: Path, keys: Path
) -> None:
    notary = notary_of(database, tmp_path, keys)
    work = asyncio.create_task(notary.run())
    entries = [Entry(event="grant-issued", request_id=f"evt-{n}", grant=GRANT) for n in range(3)]
    for entry in entries:
        database.run("INSERT INTO journal_outbox (entry) VALUES (%s)", entry_of(entry))
    database.run("INSERT INTO journal_outbox (entry) VALUES ('no json')")
    database.run(
        "INSERT INTO journal_outbox (entry) VALUES (%s)", entry_of(Entry(event="", request_id="evt-9"))
    )
    database.run("SELECT pg_notify('yw_outbox', '')")
    await until(database, "SELECT count(*) FROM journal_leaf WHERE log = 'office'", 3)
    notary.stop()
    await work
    stayed = database.run("SELECT entry FROM journal_outbox ORDER BY id")
    assert stayed == [("no json",), (entry_of(Entry(event="", request_id="evt-9")),)]
    leaves = [parse_leaf(str(row[0])) for row in database.run("SELECT leaf FROM journal_leaf ORDER BY index")]
    assert [(leaf.event, leaf.request_id, leaf.kind) for leaf in leaves] == [
        ("grant-issued", f"evt-{n}", "event") for n in range(3)
    ]


async def test_proofs_from_stored_nodes_hold_for_every_part_of_the_tree(
    database: Database, tmp_path: Path, keys: Path
) -> None:
    database.compile()
    sizes = []
    async with writing(database, tmp_path, keys) as writer:
        for _ in range(6):
            await asyncio.gather(*(writer.commit(answer(charged=charge())) for _ in range(150)))
            sizes.append(writer.size)
    reader = EvidenceReader(database.url)
    await reader.start()
    used = suite("sm2-sm3")
    try:
        for _ in range(2):  # without stored nodes, then with them
            for index in (0, 255, 256, 511, 767, 768, 899):
                receipt = await reader.receipt("gw1", index)
                assert receipt is not None
                head = parse_head(receipt.head)
                assert head.size == 900
                assert verify_inclusion(
                    used, leaf_hash(used, receipt.leaf.encode()), index, 900,
                    proof=[bytes.fromhex(part) for part in receipt.proof], root=bytes.fromhex(head.root),
                )  # fmt: skip
            for size in sizes:
                found = await reader.consistency("gw1", size)
                assert found is not None
                first, second = parse_head(found.first.head), parse_head(found.second.head)
                assert verify_consistency(
                    used, first.size, second.size, old_root=bytes.fromhex(first.root),
                    new_root=bytes.fromhex(second.root), proof=[bytes.fromhex(part) for part in found.proof],
                )  # fmt: skip
            notary = notary_of(database, tmp_path, keys)
            work = asyncio.create_task(notary.run())
            await until(database, "SELECT coalesce(max(noded), 0) FROM journal_watermark", 768)
            await until(database, "SELECT coalesce(max(rolled), 0) FROM journal_watermark", 900)
            notary.stop()
            await work
        assert database.number("SELECT count(*) FROM journal_node") == 4
        assert await reader.receipt("gw1", 900) is None
        assert await reader.consistency("gw1", 17) is None
        assert [parse_head(one.head).size for one in await reader.heads()] == [900]
    finally:
        await reader.stop()
    assert database.run("SELECT consumer, provider, grant_id, calls, rows FROM journal_rollup") == [
        (CONSUMER, PROVIDER, GRANT, 900, 900)
    ]
    assert database.number("SELECT indexes[100] FROM journal_recent WHERE scope = 'grant'") == 899


async def test_an_acknowledgement_counts_only_when_it_is_true(
    database: Database, tmp_path: Path, keys: Path
) -> None:
    database.compile()
    async with writing(database, tmp_path, keys) as writer:
        receipts = [await writer.commit(answer(charged=charge())) for _ in range(3)]
    key, used = generate("sm2-sm3"), suite("sm2-sm3")
    hashes = [leaf_hash(used, receipt.leaf.encode()).hex() for receipt in receipts]

    def ack(index: int, digest: str, *, over: int | None = None) -> Acknowledgement:
        signature = key.sign(ack_text("gw1", index if over is None else over, digest)).hex()
        return Acknowledgement("gw1", index, digest, signature)

    reader = EvidenceReader(database.url)
    await reader.start()
    try:
        given = [ack(0, hashes[0]), ack(1, hashes[0]), ack(2, hashes[2], over=1), ack(9, hashes[2])]
        assert await reader.acknowledge("lan-minzheng-1", key.public, given) == 1
        assert await reader.acknowledge("another", key.public, [ack(1, hashes[1])]) == 0
        assert await reader.acknowledge("lan-minzheng-1", key.public, given) == 1
        found = await reader.by_request(parse_leaf(receipts[1].leaf).request_id)
    finally:
        await reader.stop()
    assert [(one.log, one.index, one.leaf.key) for one in found] == [("gw1", 1, KID)]
    assert database.run("SELECT index, client, kid FROM journal_ack") == [(0, "lan-minzheng-1", key.kid)]
